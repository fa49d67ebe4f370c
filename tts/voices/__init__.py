"""Giọng thả vào: the folder of Piper voices, what is known of each, and how one is taken in."""
