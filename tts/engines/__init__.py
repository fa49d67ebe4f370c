"""Engines: each turns one sentence into sound, behind one port, in a process of its own."""
