"""Who is told that something changed, when teller and told are built in another order than they talk."""

from collections.abc import Callable


class Changes:
    """Call it with the reason; every listener is called with it."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> None:
        """Have ``listener`` told from now on."""
        self._listeners.append(listener)

    def __call__(self, why: str) -> None:
        for listener in self._listeners:
            listener(why)
