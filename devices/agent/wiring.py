"""Nối dây: a real pole from real parts, and the real connection of any pole, simulated ones included."""

import fcntl
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from devices.agent.agent import Agent, LinkMaker
from devices.agent.identity import Identity
from devices.agent.linux import LinuxBoard
from devices.agent.sound.cards import open_card
from devices.agent.sound.decoder import SoundFileDecoder
from devices.agent.sound.player import CardPlayer
from devices.agent.timebase import Timebase
from devices.errors import DeviceError
from devices.link import BrokerAddress, Link, Message, Subscription, TlsFiles, Will

KEEPALIVE_S = 30
SESSION_S = 600
"""How long the broker keeps a session for a pole that went away: commands are over by then anyway."""


def broker_link(identity: Identity, *, files: TlsFiles | None = None) -> LinkMaker:
    """Return what connects a pole to the broker its enrolment named.

    ``files``: the ward's own certificate authority and, for a broker that asks for one, this pole's certificate.
    """
    address = BrokerAddress(
        host=identity.broker_host,
        port=identity.broker_port,
        username=identity.username,
        password=identity.password,
        tls=(files or TlsFiles()) if identity.broker_tls else None,
    )

    def make(
        *,
        client_id: str,
        subscriptions: Iterable[Subscription],
        will: Callable[[], Will | None],
        on_up: Callable[[], Awaitable[None]],
        on_message: Callable[[Message], Awaitable[None]],
    ) -> Link:
        return Link(
            address,
            client_id=client_id,
            subscriptions=subscriptions,
            will=will,
            on_up=on_up,
            on_message=on_message,
            keepalive_s=KEEPALIVE_S,
            clean_start=False,
            session_expiry_s=SESSION_S,
        )

    return make


def linux_agent(
    *, identity: Identity, board: LinuxBoard, sink: str, folder: Path, http: httpx.AsyncClient, link: LinkMaker
) -> Agent:
    """Build the agent of a real board that plays on ``sink`` (``alsa:DEVICE``, ``null``, ``file:PATH``).

    Raises:
        CardFailed: the sink's name means nothing here.
    """
    decoder = SoundFileDecoder()
    timebase = Timebase(board.clock, board.ntp)
    player = CardPlayer(
        open_card(sink, board.clock), decoder, board.clock, amp=board.amp, mic=board.mic, pace=timebase.pace
    )
    return Agent(
        identity=identity,
        board=board,
        player=player,
        decoder=decoder,
        timebase=timebase,
        folder=folder,
        link=link,
        http=http,
    )


@contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for this process alone: two agents on one journal would start everything twice.

    Raises:
        DeviceError: another process has it.
    """
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DeviceError(
                f"{folder}: chương trình đã chạy ở đây rồi / an agent is already running on this folder"
            ) from error
        yield
    finally:
        os.close(handle)
