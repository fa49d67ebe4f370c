"""What runs on both ends of two cables, each in a network of its own; see ``test_segments``."""
