"""Phường mẫu: a ward to try everything on. Bulletins from real ward reports, simulated clusters, a clock of its own."""
