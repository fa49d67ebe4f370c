"""Một lần xem: the layers of one camera from the bottom up, until one is in the way of the next."""

from dataclasses import dataclass, replace

from devices.cameras import readings
from devices.cameras.addresses import Policy, http_uri, resolve, rtsp_uri
from devices.cameras.clockwork import ClockReading, clock_result, read_clock
from devices.cameras.eyes import Eyes
from devices.cameras.judge import Fault, Verdict
from devices.cameras.limits import Limits
from devices.cameras.line import Line
from devices.cameras.login import WHO, Attempt, Login, accepted, refused
from devices.cameras.media import Offer, offered
from devices.cameras.picture import View, view
from devices.cameras.rtsp import describe
from devices.cameras.soap import DEVICE
from devices.cameras.veil import unveiled, veiled_words
from devices.clock import Clock, instant
from devices.errors import CameraTrouble
from devices.model.camera import (
    AuthKind,
    BootSign,
    Cause,
    Depth,
    DeviceInfo,
    Door,
    Layer,
    LayerResult,
    Memory,
    Sighting,
)
from devices.model.camera_cause import LOGIN_REFUSED, SEVERITY, Severity
from devices.model.camera_logins import is_factory_login

_NOT_THERE = frozenset({Fault.NO_NAME, Fault.REFUSED, Fault.NO_WAY, Fault.CONNECT_TIMEOUT})
_TIME = (DEVICE, "GetSystemDateAndTime")
_JUMP_BACK_S = 60.0
_MS = 1_000


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is wanted of a look besides its depth."""

    night: bool = False
    """Darkness is to be expected: it takes longer until black is a fault."""
    thumbnail: bool = False
    enrolling: bool = False
    """A person is there: the camera may ask for the password in clear for its snapshots, once."""
    patience: int | None = None
    """So many pictures in a row make a fault; None: as the table of thresholds says."""


class Look:
    """One look at one camera. Use it once."""

    def __init__(
        self, door: Door, memory: Memory, *, limits: Limits, clock: Clock, policy: Policy, eyes: Eyes, wish: Wish
    ) -> None:
        self._door = door
        self._limits = limits
        self._clock = clock
        self._policy = policy
        self._eyes = eyes
        self._wish = wish
        self._layers = {layer: LayerResult(layer=layer, ok=None) for layer in Layer}
        self._notes: list[Cause] = []
        self._signs: list[BootSign] = []
        self._device: DeviceInfo | None = None
        self._reading: ClockReading | None = None
        self._kind: AuthKind | None = None
        self._view: View | None = None
        self._address = ""
        if memory.credential != door.credential:
            memory = replace(memory.forgive(), credential=door.credential, asked_openly_ms=0)
        self._memory = memory
        self._before = memory

    async def take(self, depth: Depth) -> Sighting:
        """Look. Nothing is raised, whatever the camera does."""
        at_ms = self._clock.now_ms()
        try:
            self._address = await resolve(self._door.host, self._policy, timeout_s=self._limits.connect_s)
        except CameraTrouble as trouble:
            self._is(Layer.TCP, cause=Cause(trouble.cause), detail=trouble.detail)
            return self._sighting(at_ms, depth)
        pinned = self._door.fingerprint or self._memory.fingerprint
        async with Line(self._door, self._address, self._limits, self._clock, fingerprint=pinned) as line:
            login = Login(line, self._memory, self._limits, self._clock)
            if await self._clock_layer(line, login) and await self._login_layer(login) and depth >= Depth.FULL:
                await self._ask_openly(line, login)
                line.begin()
                await self._stream_layer(login)
                if depth >= Depth.PICTURE:
                    line.begin()
                    await self._picture_layer(line)
            if self._door.tls and not self._door.fingerprint:
                self._memory = replace(self._memory, fingerprint=line.fingerprint)
            return replace(self._sighting(at_ms, depth), fingerprint=line.fingerprint)

    # -- TCP and clock -----------------------------------------------------------------------------------------------

    async def _clock_layer(self, line: Line, login: Login) -> bool:
        """Look at the two lowest layers; tell whether to go on."""
        seen, verdict = await login.call_as(AuthKind.NONE, *_TIME)
        if seen.fault in _NOT_THERE and line.connect_ms is None:
            self._is(Layer.TCP, cause=verdict.cause, detail=verdict.detail, ms=seen.ms)
            return False
        self._is(Layer.TCP, ms=line.connect_ms)
        answer_ms = max(0, seen.ms - (line.connect_ms or 0))
        try:
            self._read_clock(read_clock(seen, verdict, self._clock.now_ms(), answer_ms), login)
        except CameraTrouble as trouble:
            self._is(Layer.CLOCK, cause=Cause(trouble.cause), detail=trouble.detail, ms=answer_ms)
            return True  # its words make no sense; who it is may
        if verdict.cause is not None and verdict.cause not in LOGIN_REFUSED | {Cause.NOT_ALLOWED}:
            self._is(Layer.CLOCK, cause=verdict.cause, detail=verdict.detail, ms=answer_ms)
            return False
        self._set_clock(answer_ms)
        return True

    def _read_clock(self, reading: ClockReading, login: Login) -> None:
        self._reading = reading
        before = self._before.clock_offset_s
        if reading.offset_s is not None:
            login.offset_s = reading.offset_s
            if (
                before is not None
                and reading.offset_s < before - _JUMP_BACK_S
                and BootSign.CLOCK_BACK not in self._signs
            ):
                self._signs.append(BootSign.CLOCK_BACK)
            self._memory = replace(self._memory, clock_offset_s=reading.offset_s)

    def _set_clock(self, ms: int) -> None:
        if self._reading is not None:
            self._layers[Layer.CLOCK] = self._slow(clock_result(self._reading, ms, self._limits))

    # -- login -------------------------------------------------------------------------------------------------------

    async def _login_layer(self, login: Login) -> bool:
        memory, now_ms = self._memory, self._clock.now_ms()
        if now_ms < memory.paused_until_ms:
            until = f"{instant(memory.paused_until_ms):%H:%M} UTC"
            cause = Cause(memory.refusal) if memory.refusal else Cause.AUTH_PAUSED
            self._is(Layer.LOGIN, cause=cause, detail=f"không thử lại trước {until} / not tried again before {until}")
            return False
        attempt = await login.sign_in()
        verdict = attempt.verdict
        if attempt.kind is None:
            self._refused(attempt, now_ms)
            return False
        self._kind = attempt.kind
        self._memory = accepted(memory, attempt.kind)
        if memory.auth is None and attempt.kind is not AuthKind.NONE:  # then it was asked without one first
            self._memory = replace(self._memory, asked_openly_ms=now_ms, lets_anybody_in=False)
        if verdict.cause is not None:
            self._is(Layer.LOGIN, cause=verdict.cause, detail=verdict.detail, ms=attempt.ms)
            return False
        if verdict.content is None:
            self._is(Layer.LOGIN, cause=Cause.PROTOCOL_ERROR, detail=verdict.detail, ms=attempt.ms)
            return False
        try:
            self._meet(readings.device_info(verdict.content))
        except CameraTrouble as trouble:
            self._is(Layer.LOGIN, cause=Cause(trouble.cause), detail=trouble.detail, ms=attempt.ms)
            return False
        self._layers[Layer.LOGIN] = self._slow(LayerResult(layer=Layer.LOGIN, ok=True, ms=attempt.ms))
        await self._clock_with_login(login)
        return True

    def _refused(self, attempt: Attempt, now_ms: int) -> None:
        verdict = attempt.verdict
        if verdict.cause is Cause.TIMEOUT and self._layers[Layer.CLOCK].cause is Cause.SLOW:
            # it is slow, and the time was over before its turn came: that is no other fault
            self._layers[Layer.LOGIN] = LayerResult(
                layer=Layer.LOGIN, ok=None, ms=attempt.ms, detail="hết giờ / no time left"
            )
            return
        self._memory = refused(self._memory, attempt, now_ms, self._limits)
        self._is(Layer.LOGIN, cause=verdict.cause or Cause.AUTH_FAILED, detail=verdict.detail, ms=attempt.ms)

    async def _clock_with_login(self, login: Login) -> None:
        """Ask again for the time, where a camera wants a login for that too."""
        if self._reading is None or self._reading.told or self._kind is AuthKind.NONE:
            return
        seen, verdict = await login.call(*_TIME)
        if not verdict.ok:
            return
        try:
            self._read_clock(read_clock(seen, verdict, self._clock.now_ms(), seen.ms), login)
        except CameraTrouble as trouble:
            self._is(Layer.CLOCK, cause=Cause(trouble.cause), detail=trouble.detail, ms=seen.ms)
            return
        self._set_clock(seen.ms)

    async def _ask_openly(self, line: Line, login: Login) -> None:
        """Ask once a day, without a password, whether it wants one. That is no login, and so no wrong one.

        One that wanted none is asked at every such look: whoever shut it is to see that it is shut.
        """
        memory, now_ms = self._memory, self._clock.now_ms()
        asked = now_ms < memory.asked_openly_ms + _MS * self._limits.openly_s
        if self._kind is AuthKind.NONE or (asked and not memory.lets_anybody_in):
            return
        if line.left_s < self._limits.deadline_s / 2:
            return  # it is slow: what is left is for itself
        _, verdict = await login.call_as(AuthKind.NONE, *WHO)
        self._memory = replace(memory, asked_openly_ms=now_ms, lets_anybody_in=verdict.ok)

    def _note_weak_login(self) -> None:
        """Say so where anybody gets in. What is held against the list is the login that was given and was taken."""
        if self._layers[Layer.LOGIN].ok is not True or self._kind is None:
            return
        if self._kind is AuthKind.NONE or self._memory.lets_anybody_in:
            self._notes.append(Cause.OPEN_LOGIN)
        door, device = self._door, self._device or DeviceInfo()
        if self._kind is not AuthKind.NONE and is_factory_login(
            door.user, door.password.reveal(), (device.model, device.serial, device.mac)
        ):
            self._notes.append(Cause.FACTORY_LOGIN)

    def _meet(self, device: DeviceInfo) -> None:
        """Compare who it is with who it was. Whoever took its place is not remembered: a person has to say so."""
        self._device = device
        known = self._memory.device
        if known is None:
            self._memory = replace(self._memory, device=device)
        elif (known.serial, known.model) != (device.serial, device.model):
            self._notes.append(Cause.REPLACED)
        elif known.firmware != device.firmware:
            self._notes.append(Cause.FIRMWARE_CHANGED)
            self._memory = replace(self._memory, device=replace(known, firmware=device.firmware))

    # -- stream and picture ------------------------------------------------------------------------------------------

    async def _stream_layer(self, login: Login) -> None:
        now_ms = self._clock.now_ms()
        if now_ms >= self._memory.media_since_ms + _MS * self._limits.media_s or not self._memory.stream_path:
            offer = await self._offer(login, now_ms)
            self._memory = offer.memory
            self._notes += [note for note in offer.notes if note is not Cause.XADDR_MISMATCH]
            if offer.cause is not None:
                self._memory = replace(self._memory, media_since_ms=0)
                self._is(Layer.STREAM, cause=offer.cause, detail=offer.detail)
                return
        if self._memory.xaddr_mismatch:
            self._notes.append(Cause.XADDR_MISMATCH)
        path = unveiled(self._memory.stream_path, self._door)
        port = self._memory.stream_port
        found = await describe(self._door, self._address, port, path, limits=self._limits, clock=self._clock)
        cause = found.cause
        if cause is not None and cause is not Cause.STREAM_BUSY:
            self._memory = replace(self._memory, media_since_ms=0)  # it may have moved its streams
        elif cause is None and found.codec and self._memory.codec and found.codec != self._memory.codec:
            cause = Cause.STREAM_CODEC
        detail = f"{found.detail} {found.codec}".strip()
        self._is(Layer.STREAM, cause=cause, detail=detail, ms=found.ms)

    async def _offer(self, login: Login, now_ms: int) -> Offer:
        """Ask what it offers; of one that says who it is to anybody, and no more, with the password then."""
        offer = await offered(login, self._door, self._memory, now_ms)
        if not offer.refused or self._kind is not AuthKind.NONE or not self._door.password:
            return offer
        login.kind = way = login.way_with_password
        again = await offered(login, self._door, self._memory, now_ms)
        if again.refused:
            verdict = Verdict(cause=Cause.AUTH_FAILED, detail=again.detail)
            attempt = Attempt(kind=None, verdict=verdict, ms=0, wrong=1)
            memory = refused(again.memory, attempt, now_ms, self._limits)
            return replace(again, cause=Cause.AUTH_FAILED, memory=memory)
        self._kind = way
        return replace(again, memory=replace(accepted(again.memory, way), lets_anybody_in=True, asked_openly_ms=now_ms))

    async def _picture_layer(self, line: Line) -> None:
        self._view = await view(line, self._eyes, self._memory, self._wish, now_ms=self._clock.now_ms())
        self._memory = self._view.memory
        self._is(Layer.PICTURE, cause=self._view.cause, detail=self._view.detail, ms=self._view.ms)
        if not self._view.measured:
            self._layers[Layer.PICTURE] = replace(self._layers[Layer.PICTURE], ok=None)

    # -- what comes of it --------------------------------------------------------------------------------------------

    def _is(self, layer: Layer, *, cause: Cause | None = None, detail: str = "", ms: int | None = None) -> None:
        ok: bool | None = cause is None or SEVERITY[cause] < Severity.WARNING
        if cause in {Cause.NO_SNAPSHOT, Cause.CLOCK_UNKNOWN}:
            ok = None
        self._layers[layer] = LayerResult(
            layer=layer, ok=ok, ms=ms, cause=cause, detail=veiled_words(detail, self._door)
        )

    def _slow(self, result: LayerResult) -> LayerResult:
        if result.ok and result.ms is not None and result.ms > _MS * self._limits.slow_s:
            return replace(result, ok=False, cause=Cause.SLOW, detail=f"{result.ms / _MS:.1f} s")
        return result

    def _sighting(self, at_ms: int, depth: Depth) -> Sighting:
        memory, door, found = self._memory, self._door, self._view
        self._note_weak_login()
        return Sighting(
            at_ms=at_ms,
            depth=depth,
            layers=tuple(self._layers[layer] for layer in Layer),
            device=self._device,
            clock_offset_s=self._reading.offset_s if self._reading is not None else None,
            profiles=memory.profiles,
            stream_uri=rtsp_uri(door, memory.stream_port, memory.stream_path) if memory.stream_path else None,
            snapshot_uri=http_uri(door, memory.snapshot_port, memory.snapshot_path) if memory.snapshot_path else None,
            notes=tuple(dict.fromkeys(self._notes)),
            boot_signs=tuple(self._signs),
            metrics=found.metrics if found is not None else None,
            thumbnail=found.thumbnail if found is not None else None,
            auth=self._kind,
            memory=memory,
        )
