"""What goes over a link: messages, the will, and what to listen to."""

from collections.abc import Callable
from dataclasses import dataclass, field


def _nothing_to_acknowledge() -> None:
    """Stand in for the receipt of a QoS 0 message, or of one made by hand."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it arrived. The same one may arrive again, with or without ``dup``: QoS 1 promises no better.

    Two are equal when they say the same on the same topic, whichever delivery they came with.
    ``retain`` is true only for what the broker had kept from before the subscription.
    """

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    dup: bool = field(default=False, compare=False)
    receipt: Callable[[], None] = field(default=_nothing_to_acknowledge, repr=False, compare=False)

    def ack(self) -> None:
        """Tell the broker it need not send this again. Only the first call counts, and only in time."""
        self.receipt()


@dataclass(frozen=True, slots=True)
class Will:
    """Di chúc: what the broker publishes when this connection ends without a goodbye.

    ``delay_s`` keeps it back until the client has been away that long (MQTT 5 only; on 3.1.1 it goes at once).
    """

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = True
    delay_s: int = 0


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic filter, ``+`` and ``#`` included, and the best quality of service wanted (0 or 1)."""

    topic: str
    qos: int = 1
