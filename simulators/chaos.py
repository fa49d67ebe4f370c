"""Đường truyền tệ: a proxy between poles and broker that loses, doubles, overtakes, delays, cuts and goes dark.

It reads MQTT, so that what it does to a message is what bad networks and restarted brokers do to one, and never a
torn packet: a copy comes with a new packet id and without the DUP flag, and its acknowledgement is swallowed.
"""

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field

from devices.agent.waiting import Bell
from devices.link import BrokerAddress
from simulators.board import RootTime
from simulators.faults import FaultKind, Faults
from simulators.packets import Kind, client_id, copy_with_id, kind, packet_id, qos, read_packet

logger = logging.getLogger(__name__)

HELD_BACK_S = 0.5
"""A message that is to be overtaken waits no longer than this for another."""
_CUT_PER_DROP = 0.02
_HIGHEST_ID = 65_535
_MOST_WAITING = 1_000


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What happens to the messages of one client, in both directions; shares from 0 to 1 of all of them."""

    drop: float = 0.0
    """QoS 0 messages that are lost. TCP loses no others."""
    cut: float = 0.0
    """Messages at which the connection breaks; the message is lost with it."""
    duplicate: float = 0.0
    """Messages that come twice."""
    reorder: float = 0.0
    """Messages overtaken by the next one."""
    delay_ms: int = 0
    """Everything arrives so much later, in order."""


CALM = Trouble()


def trouble_of(faults: Faults, root: RootTime) -> Trouble:
    """Return what a pole's faults do to its line now."""
    now_ms = root.utc_ms()

    def share(which: FaultKind) -> float:
        fault = faults.active(which, now_ms)
        return fault.amount / 100 if fault is not None else 0.0

    drop = share(FaultKind.DROP)
    return Trouble(
        drop=drop, cut=drop * _CUT_PER_DROP, duplicate=share(FaultKind.DUPLICATE), reorder=share(FaultKind.REORDER)
    )


class ChaosProxy:
    """Stands before ``broker`` on a loopback port while :meth:`open` is entered. Plain TCP only.

    ``trouble`` is asked for each message with the client's id; set it anew at any time. The dice are seeded for each
    client, its how-manieth connection, and direction.
    """

    def __init__(
        self, broker: BrokerAddress, *, seed: int | str = 0, trouble: Callable[[str], Trouble] = lambda _client: CALM
    ) -> None:
        if broker.tls is not None:
            raise ValueError("a proxy cannot read what TLS hides")
        self.trouble = trouble
        self.happened: Counter[str] = Counter()
        """``dropped``, ``duplicated``, ``reordered``, ``cut``, ``swallowed``, ``passed``: how many."""
        self._broker = broker
        self._seed = seed
        self._address: BrokerAddress | None = None
        self._dark: Callable[[str], bool] = lambda _client: False
        self._light = Bell()
        self._connections: Counter[str] = Counter()
        self._lines: dict[asyncio.Task[None], _Line] = {}

    @property
    def address(self) -> BrokerAddress:
        """Where clients are to connect."""
        if self._address is None:
            raise RuntimeError("the proxy is not open")
        return self._address

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["ChaosProxy"]:
        """Serve until left; then every connection through it breaks."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        self._address = BrokerAddress(host, port, self._broker.username, self._broker.password)
        try:
            yield self
        finally:
            server.close()
            for serving in self._lines:
                serving.cancel()
            await asyncio.gather(*self._lines, return_exceptions=True)

    def partition(self, clients: Collection[str] | None = None) -> None:
        """Go dark for these clients, or for all: nothing passes, nothing breaks, until :meth:`heal`."""
        chosen = None if clients is None else frozenset(clients)
        self._dark = lambda client: chosen is None or client in chosen

    def heal(self) -> None:
        """Let everything pass again; what waited arrives now."""
        self._dark = lambda _client: False
        self._light.ring()

    def cut(self, client: str | None = None) -> None:
        """Break the connections of ``client``, or all, at once."""
        for line in self._lines.values():
            if client in {None, line.client}:
                line.cut()

    async def passable(self, client: str) -> None:
        """Wait while it is dark for ``client``."""
        while True:
            rung = self._light.next
            if not self._dark(client):
                return
            await rung.wait()

    def dice(self, client: str, direction: str) -> random.Random:
        return random.Random(f"chaos/{self._seed}/{client}/{self._connections[client]}/{direction}")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("served outside a task")
        line = self._lines[task] = _Line(self, writer)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
                first = await read_packet(reader)
                line.client = client_id(first) if kind(first) == Kind.CONNECT else ""
                self._connections[line.client] += 1
                await self.passable(line.client)
                inner_reader, line.inner = await asyncio.open_connection(self._broker.host, self._broker.port)
                line.inner.write(first)
                await line.carry(reader, inner_reader)
        except ValueError:
            logger.warning("%s does not speak MQTT", line.client or "somebody")
        finally:
            line.cut()
            del self._lines[task]


class _Line:
    """One client's connection, both ways."""

    def __init__(self, proxy: ChaosProxy, outer: asyncio.StreamWriter) -> None:
        self.client = ""
        self.proxy = proxy
        self.outer = outer
        self.inner: asyncio.StreamWriter | None = None

    def cut(self) -> None:
        for writer in (self.outer, self.inner):
            if writer is not None:
                writer.transport.abort()

    async def carry(self, outer: asyncio.StreamReader, inner: asyncio.StreamReader) -> None:
        """Carry packets until either end closes, or the trouble cuts the line."""
        if self.inner is None:
            raise RuntimeError("there is no broker behind this line")
        up = _Way(self, outer, self.inner, "up")
        down = _Way(self, inner, self.outer, "down")
        up.back, down.back = down, up
        parts = [asyncio.ensure_future(part) for way in (up, down) for part in (way.take(), way.give())]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in parts:
                part.cancel()
            ends = await asyncio.gather(*parts, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception) and not isinstance(end, OSError):
                raise end


@dataclass(eq=False)
class _Way:
    """One direction of one line."""

    line: _Line
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    direction: str
    copies: set[int] = field(default_factory=set)
    """Packet ids of copies whose acknowledgement is on its way back, and must not arrive."""

    def __post_init__(self) -> None:
        self.back = self
        self._dice = self.line.proxy.dice(self.line.client, self.direction)
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_MOST_WAITING)
        self._held: bytes | None = None
        self._unacked: dict[int, bytes | None] = {}
        """Ids in the order they were sent, with their answers: those must arrive in that order, overtaken or not."""

    async def take(self) -> None:
        """Read packets and decide what becomes of each, until the sender closes."""
        while True:
            wait_s = HELD_BACK_S if self._held is not None else None
            reading = asyncio.ensure_future(read_packet(self.reader))
            try:
                await asyncio.wait([reading], timeout=wait_s)
                if not reading.done():
                    await self._let_go()
                packet = await reading
            except (asyncio.IncompleteReadError, OSError):
                await self._last_words()
                return
            finally:
                reading.cancel()
            if kind(packet) == Kind.DISCONNECT:
                await self._let_go()
            if not await self._meddle(packet):
                return

    async def give(self) -> None:
        """Write what was decided, each at its time, while the way is not dark."""
        loop = asyncio.get_running_loop()
        while True:
            due, packet = await self._queue.get()
            await asyncio.sleep(due - loop.time())
            await self.line.proxy.passable(self.line.client)
            self.writer.write(packet)
            await self.writer.drain()
            self._queue.task_done()

    async def _last_words(self) -> None:
        """The sender is gone: what it said before still arrives, and nobody learns of its end in the dark."""
        await self._let_go()
        await self._queue.join()
        await self.line.proxy.passable(self.line.client)

    async def _meddle(self, packet: bytes) -> bool:
        """Decide about one packet; ``False``: the line is cut."""
        happened = self.line.proxy.happened
        if kind(packet) == Kind.PUBACK:
            for answer in self.back.answers(packet):
                await self._put(answer)
            return True
        if kind(packet) != Kind.PUBLISH:
            await self._put(packet)
            return True
        trouble = self.line.proxy.trouble(self.line.client)
        # always four throws: changing one share does not change what the others decide
        cut, lost, twice, late = (
            self._dice.random() < share for share in (trouble.cut, trouble.drop, trouble.duplicate, trouble.reorder)
        )
        if cut or (qos(packet) and packet_id(packet) in self.copies):
            happened["cut"] += 1
            return False
        if lost and not qos(packet):
            happened["dropped"] += 1
            return True
        happened["passed"] += 1
        await self._pass(packet, twice=twice, late=late)
        return True

    def answers(self, puback: bytes) -> list[bytes]:
        """Return what the sender of this way may hear now that ``puback`` came: its own ids, in its own order."""
        number = packet_id(puback)
        if number in self.copies:
            self.copies.discard(number)
            self.line.proxy.happened["swallowed"] += 1
            return []
        if number not in self._unacked:
            return [puback]
        self._unacked[number] = puback
        ready: list[bytes] = []
        for sent, answer in list(self._unacked.items()):
            if answer is None:
                break
            ready.append(answer)
            del self._unacked[sent]
        return ready

    async def _pass(self, packet: bytes, *, twice: bool, late: bool) -> None:
        if qos(packet) == 1:
            self._unacked[packet_id(packet)] = None
        if late and self._held is None:
            self._held = packet
            self.line.proxy.happened["reordered"] += 1
        else:
            await self._put(packet)
            await self._let_go()
        if twice:
            self.line.proxy.happened["duplicated"] += 1
            await self._put(self._copy(packet))

    def _copy(self, packet: bytes) -> bytes:
        if qos(packet) != 1:
            return packet
        number = next(n for n in range(_HIGHEST_ID, 0, -1) if n not in self.copies and n not in self._unacked)
        self.copies.add(number)
        return copy_with_id(packet, number)

    async def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            await self._put(held)

    async def _put(self, packet: bytes) -> None:
        delay_s = self.line.proxy.trouble(self.line.client).delay_ms / 1000
        await self._queue.put((asyncio.get_running_loop().time() + delay_s, packet))
