"""Which MQTT to speak: 5 where the broker can, 3.1.1 where it cannot. Learnt by asking, then remembered."""

from enum import IntEnum

# One hang-up before an answer is a broker being killed; two in a row are a broker that cannot read the question.
HANG_UPS_BEFORE_SWITCHING = 2


class Protocol(IntEnum):
    """The two versions of MQTT this product speaks, by the number that goes over the wire."""

    V311 = 4
    V5 = 5


class Dialect:
    """The version to try next with one broker.

    What the broker said is remembered. What was only guessed from its silence is asked again after each connection.
    """

    def __init__(self, preferred: Protocol = Protocol.V5) -> None:
        self._preferred = preferred
        self._protocol = preferred
        self._hang_ups = 0
        self._guessed = False

    @property
    def protocol(self) -> Protocol:
        """The version to use for the next attempt."""
        return self._protocol

    def understood(self) -> None:
        """Note that the broker answered in this version, whatever it answered."""
        self._hang_ups = 0

    def refused(self) -> None:
        """Note that the broker said it does not speak this version: try the other."""
        self._switch(guessed=False)

    def hung_up(self) -> None:
        """Note that the broker closed without answering, as brokers do that cannot parse the other version."""
        self._hang_ups += 1
        if self._hang_ups >= HANG_UPS_BEFORE_SWITCHING:
            self._switch(guessed=True)

    def ended(self) -> None:
        """Note that a connection in this version is over."""
        if self._guessed and self._protocol is not self._preferred:
            self._protocol = self._preferred
            self._hang_ups = HANG_UPS_BEFORE_SWITCHING - 1  # one more is enough

    def _switch(self, *, guessed: bool) -> None:
        self._guessed = guessed
        self._hang_ups = 0
        self._protocol = Protocol.V311 if self._protocol is Protocol.V5 else Protocol.V5
