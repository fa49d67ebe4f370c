"""Ports for servers that tests start, stop and start again."""

import random
import socket

_LOWEST, _HIGHEST = 10_240, 32_000
"""Below those that Linux gives to connections on their way out: one of them would sit on a port between two starts."""
_dice = random.SystemRandom()


def free_port() -> int:
    """Return a port of 127.0.0.1 where nobody listens, and that no other test is likely to draw."""
    while True:
        port = _dice.randint(_LOWEST, _HIGHEST)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
