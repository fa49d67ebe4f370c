"""How a gateway tells others of the same ward that it runs, and hears of them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from devices.wire.documents import GatewayInstance


class Seen(Protocol):
    """Another run of a gateway of this ward."""

    @property
    def state(self) -> GatewayInstance: ...

    @property
    def since_ms(self) -> int: ...

    @property
    def alive(self) -> bool:
        """It was heard itself; otherwise it is only what the broker kept of it, and may be gone."""
        ...


class Instances(Protocol):
    """This run among the others."""

    @property
    def me(self) -> GatewayInstance: ...

    @property
    def settled(self) -> bool:
        """Whether everybody whom the broker knows was heard of on this connection."""
        ...

    def listen(self, changed: Callable[[], None]) -> None: ...

    def peers(self) -> Sequence[Seen]: ...

    async def tell(self, *, leads: bool, epoch: int, seq: int) -> None:
        """Say how this run stands.

        Raises:
            LinkError
        """
        ...

    async def forget_the_gone(self) -> None:
        """Have the broker forget those that are gone.

        Raises:
            LinkError
        """
        ...
