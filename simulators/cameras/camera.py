"""One simulated camera: its ports, its services behind its login, and what is wrong with it, changeable at any time."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from types import TracebackType
from typing import Self

from devices.clock import Clock, SystemClock
from simulators.cameras import spoil
from simulators.cameras.auth import Verdict
from simulators.cameras.certificate import server_context
from simulators.cameras.connection import Floor
from simulators.cameras.device import OPERATIONS
from simulators.cameras.endpoint import Door, Endpoint
from simulators.cameras.events import EVENTS, Events
from simulators.cameras.faults import NETWORK, Fault
from simulators.cameras.journal import Seen
from simulators.cameras.login import Login, fault_answer
from simulators.cameras.media import MEDIA, MEDIA2
from simulators.cameras.message import Answer, Request, Way
from simulators.cameras.pictures import Gallery
from simulators.cameras.rtsp import Rtsp
from simulators.cameras.shot import Lens
from simulators.cameras.soap import Call, CallFault, NotSoap, envelope, not_supported, read_call
from simulators.cameras.spec import CameraSpec, Level
from simulators.cameras.state import DEVICE_PATH, ELSEWHERE, EVENTS_PATH, SNAPSHOT_PATH, CameraState, Operation


class Life(StrEnum):
    """What a camera's watchers are told."""

    BOOTED = "booted"
    LEAVING = "leaving"
    """In good order; a power cut says nothing."""
    MOVED = "moved"


MOST_SEEN = 2_000
"""Requests a camera remembers."""


class SimulatedCamera:
    """Serves ONVIF, snapshots and RTSP on loopback while entered. ``clock`` is true time.

    ``faults`` may be given at the start and changed at any time with :meth:`break_` and :meth:`mend`. ``elsewhere`` is
    where its lies lead (``HOST:PORT``): give the address of a trap to see whether anybody follows.
    """

    def __init__(
        self,
        spec: CameraSpec,
        faults: Iterable[Fault] = (),
        *,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        rtsp_port: int = 0,
        gallery: Gallery | None = None,
        elsewhere: str = ELSEWHERE,
        remembers: int = MOST_SEEN,
    ) -> None:
        self.spec = spec
        self.state = CameraState(spec, clock or SystemClock(), set(faults), host=host, elsewhere=elsewhere)
        self.requests: deque[Seen] = deque(maxlen=remembers)
        """What it was asked, oldest first; the last ``remembers`` of them."""
        self._clock = self.state.clock
        self._login = Login(self.state)
        self._lens = Lens(self.state, gallery or Gallery())
        self._rtsp = Rtsp(self.state, self._login.gate)
        self.events = Events(self.state)
        self.watchers: list[Callable[[SimulatedCamera, Life], None]] = []
        """Told about boots and moves."""
        floor = Floor(
            self._http,
            one_at_a_time=lambda: Fault.ONE_CONNECTION in self.state,
            deaf=lambda: Fault.RESET in self.state,
        )
        self._web = Endpoint(floor, host, port)
        self._streams = Endpoint(Floor(self._rtsp_answer, deaf=lambda: Fault.RESET in self.state), host, rtsp_port)
        self._host = host
        self._powered = True

    # -- where it is -------------------------------------------------------------------------------------------------

    @property
    def host(self) -> str:
        return self.state.host

    @property
    def port(self) -> int:
        """Its HTTP port; the same for as long as it lives, whatever listens there."""
        return self.state.http_port

    @property
    def rtsp_port(self) -> int:
        return self.state.rtsp_port

    @property
    def url(self) -> str:
        """The true address of its device service."""
        return f"http{'s' if self.state.tls else ''}://{self.state.authority}{DEVICE_PATH}"

    @property
    def faults(self) -> frozenset[Fault]:
        return frozenset(self.state.faults)

    @property
    def powered(self) -> bool:
        return self._powered

    @property
    def connections(self) -> int:
        """How many connections to its HTTP port are open now."""
        return len(self._web.floor.open)

    @property
    def accepted(self) -> int:
        """How many connections its HTTP port has accepted."""
        return self._web.floor.accepted

    # -- life --------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: a port is taken.
        """
        try:
            # ports are taken even where nobody is to listen, so that its address is known
            await self._web.set(Door.OPEN)
            await self._streams.set(Door.OPEN)
            self.state.http_port, self.state.rtsp_port = self._web.port, self._streams.port
            await self._listen()
        except OSError:
            await self._shut()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._shut()

    async def break_(self, *faults: Fault) -> None:
        """Let these faults begin; those that hold already go on."""
        await self._change(self.state.faults | set(faults))

    async def mend(self, *faults: Fault) -> None:
        """End these faults, or all."""
        await self._change(self.state.faults - set(faults) if faults else set())

    async def power_off(self) -> None:
        """Mất điện: nothing listens, every connection breaks."""
        self._powered = False
        await self._listen()

    async def power_on(self) -> None:
        """Có điện: it boots; locks, nonces and subscriptions are gone."""
        self._powered = True
        self.state.boots += 1
        self.state.body.boot(lost=Fault.CLOCK_LOST_AT_BOOT in self.state)
        self._login.forget()
        self.events.forget()
        await self._listen()
        self._tell(Life.BOOTED)

    async def reboot(self) -> None:
        """Off and on, in good order."""
        self._tell(Life.LEAVING)
        await self.power_off()
        await self.power_on()

    async def move(self, host: str) -> None:
        """Give it another address, as DHCP does; it keeps its ports.

        Raises:
            OSError: a port is taken there.
        """
        self._host = host
        await self._listen()
        self._tell(Life.MOVED)

    def _tell(self, life: Life) -> None:
        for watcher in self.watchers:
            watcher(self, life)

    async def _change(self, faults: set[Fault]) -> None:
        changed = faults ^ self.state.faults
        self.state.faults.clear()
        self.state.faults.update(faults)
        if changed & NETWORK:
            await self._listen()

    async def _listen(self) -> None:
        """Make the ports behave as power and faults demand."""
        state = self.state
        state.host = "::1" if Fault.IPV6_ONLY in state else self._host
        door = Door.HOLE if Fault.SYN_DROP in state else Door.OPEN
        if Fault.REFUSE in state or not self._powered:
            door = Door.SHUT
        tls = server_context(state) if state.tls and door is Door.OPEN else None
        await self._web.set(door, tls=tls, host=state.host)
        streams = Door.SHUT if Fault.STREAM_REFUSE in state and door is Door.OPEN else door
        await self._streams.set(streams, host=state.host)

    async def _shut(self) -> None:
        await self._web.close()
        await self._streams.close()

    # -- HTTP --------------------------------------------------------------------------------------------------------

    def _http(self, request: Request) -> Answer | Awaitable[Answer]:
        if request.path.startswith(SNAPSHOT_PATH):
            answer: Answer | Awaitable[Answer] = self._snapshot(request)
        elif not request.path.startswith("/onvif/") or self._is_missing(request.path):
            answer = Answer(status=404, body=b"<html><body>404 Not Found</body></html>", kind="text/html")
        elif request.method != "POST":
            answer = Answer(status=405, headers=(("Allow", "POST"),))
        else:
            answer = self._soap(request)
        if isinstance(answer, Answer):
            return self._spoiled(answer)
        return self._spoiled_later(answer)

    def _is_missing(self, path: str) -> bool:
        return Fault.EVENTS_404 in self.state and path.startswith(EVENTS_PATH)

    def _spoiled(self, answer: Answer) -> Answer:
        if not self.state.faults:
            return answer
        return spoil.spoil(answer, self.state.faults, elsewhere=self.state.elsewhere)

    async def _spoiled_later(self, answer: Awaitable[Answer]) -> Answer:
        return self._spoiled(await answer)

    def _snapshot(self, request: Request) -> Answer:
        verdict, kind = self._login.judge_http(request)
        if request.method not in {"GET", "HEAD"}:
            answer = Answer(status=405)
        elif verdict.level < Level.USER or Fault.SNAPSHOT_401 in self.state:
            answer = Answer(status=401, headers=(self._login.gate.challenge(stale=verdict.stale),))
        elif Fault.NO_SNAPSHOT in self.state:
            answer = Answer(status=404)
        else:
            answer = self._lens.answer()
        self._note(request, ("http", f"{request.method} {request.path}"), (verdict, kind), answer.status)
        return answer

    def _soap(self, request: Request) -> Answer | Awaitable[Answer]:
        try:
            call = read_call(request.body)
        except NotSoap as error:
            return fault_answer(CallFault(f"not understood: {error}", "Sender", "ter:WellFormed"))
        verdict, kind = self._login.judge(request, call)
        try:
            operation = self._operation(request, call)
        except CallFault as fault:
            self._note(request, ("soap", call.action), (verdict, kind), fault.status)
            return fault_answer(fault)
        needed = operation.level
        if Fault.TIME_NEEDS_LOGIN in self.state:
            needed = max(needed, Level.USER)
        if Fault.INFO_OPEN_TO_ALL in self.state and call.action == "GetDeviceInformation":
            needed = Level.ANONYMOUS
        if needed > Level.ANONYMOUS:
            refused = self._login.refused(verdict, kind, needed)
            if refused is not None:
                self._note(request, ("soap", call.action), (verdict, kind), refused.status)
                return refused
        if call.action == "PullMessages":
            self._note(request, ("soap", call.action), (verdict, kind), 200)
            return self._pull(request, call)
        answer = self._run(operation, request, call)
        self._note(request, ("soap", call.action), (verdict, kind), answer.status)
        return answer

    def _operation(self, request: Request, call: Call) -> Operation:
        """Return what is asked for; any service answers at any ONVIF path, as most cameras do."""
        key = (call.namespace, call.action)
        found = OPERATIONS.get(key)
        if found is None and self.state.has_media:
            found = MEDIA.get(key)
        if found is None and self.state.has_media2:
            found = MEDIA2.get(key)
        if found is None and self.state.spec.events and request.path.startswith(EVENTS_PATH):
            found = EVENTS.get(key)
        if found is None:
            raise not_supported(call.action)
        return found

    def _run(self, operation: Operation, request: Request, call: Call) -> Answer:
        try:
            if call.namespace.endswith(("/events/wsdl", "/b-2")):
                return Answer(body=self.events.answer(call, request.path))
            return Answer(body=envelope(operation.run(self.state, call, request.connection)))
        except CallFault as fault:
            return fault_answer(fault)

    async def _pull(self, request: Request, call: Call) -> Answer:
        if Fault.EVENTS_PULL_CLOSES in self.state:
            return Answer(way=Way.CLOSE)
        try:
            return Answer(body=await self.events.pull(call, request.path))
        except CallFault as fault:
            return fault_answer(fault)

    # -- RTSP and the journal ----------------------------------------------------------------------------------------

    def _rtsp_answer(self, request: Request) -> Answer:
        answer, verdict = self._rtsp(request)
        given = request.headers.get("authorization", "")
        kind = given.partition(" ")[0].lower() if given else "none"
        self._note(request, ("rtsp", request.method), (verdict, kind), answer.status)
        return answer

    def _note(self, request: Request, asked: tuple[str, str], who: tuple[Verdict, str], status: int) -> None:
        (service, action), (verdict, kind) = asked, who
        self.requests.append(
            Seen(
                at_ms=self._clock.now_ms(),
                service=service,
                action=action,
                auth=kind,
                user=verdict.user,
                right=verdict.level > Level.ANONYMOUS,
                why=verdict.why,
                status=status,
                peer=request.peer,
                connection=request.connection,
            )
        )
