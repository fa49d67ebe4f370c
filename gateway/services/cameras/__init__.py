"""Camera: the registry, the poller, what it saw, alerts and repairs. ``room`` builds them together."""
