"""Cameras that behave: each answers, hangs, is gone or refuses; and a room of services over a real store."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.clock import ManualClock, instant
from devices.model import ClusterId, ZoneId
from devices.model.camera import Depth, Layer
from gateway.domain.camera_look import Finding, Look
from gateway.domain.device import Camera, CameraId
from gateway.domain.identity import Marks
from gateway.domain.ids import UserId
from gateway.domain.people import Role, User
from gateway.domain.targets import Cluster, Registry, Zone
from gateway.ports.cameras import Door, Found, Hint, Surveyed, Told
from gateway.ports.records import AuditNote
from gateway.services.bus import Bus
from gateway.services.cameras.room import CameraRoom, Kept, build_cameras
from gateway.services.cameras.turns import Pace
from gateway.store.opening import Store, open_store

ZONE = "Asia/Ho_Chi_Minh"
MORNING = 1_791_417_600_000
"""Thursday 8 October 2026, 07:00 in Vietnam."""
TECHNICIAN = User(id=UserId("ky-thuat"), name="ky-thuat", roles=frozenset({Role.TECHNICIAN}))
VIEWER = User(id=UserId("nguoi-xem"), name="nguoi-xem", roles=frozenset({Role.VIEWER}))


@dataclass
class Eyes:
    """Fits :class:`gateway.ports.cameras.CameraEyes`; what each camera does is set by its port."""

    clock: ManualClock
    does: dict[int, str] = field(default_factory=dict)
    """``offline``, ``hang``, ``slow``, ``auth_failed``, ``camera_replaced``, ``reboot``, ``bug``; else it is well."""
    pictures: dict[int, bytes] = field(default_factory=dict)
    answer_s: float = 0.05
    looks: list[tuple[float, int, Depth]] = field(default_factory=list)
    """When (seconds), which port, how deep."""
    doors: list[Door] = field(default_factory=list)
    in_flight: set[tuple[str, int]] = field(default_factory=set)
    most_in_flight: int = 0
    overlapped: bool = False
    network: list[Found] = field(default_factory=list)
    searches: int = 0
    says: dict[int, Surveyed] = field(default_factory=dict)
    surveyed: list[int] = field(default_factory=list)
    speaks: set[int] = field(default_factory=set)
    """Ports of cameras that offer events."""
    listeners: dict[int, Told] = field(default_factory=dict)
    heard_at: list[tuple[float, int]] = field(default_factory=list)
    """When (seconds) which port was listened to anew."""
    open_to_all: set[int] = field(default_factory=set)
    """Those that ask nobody for a password."""
    silenced: set[int] = field(default_factory=set)
    """Those that take a subscription and then say nothing at all."""

    async def look(self, door: Door, memory: Mapping[str, Any], depth: Depth) -> Look:
        address = (door.host, door.port)
        self.overlapped = self.overlapped or address in self.in_flight
        self.in_flight.add(address)
        self.most_in_flight = max(self.most_in_flight, len(self.in_flight))
        self.looks.append((self.clock.mono_ns() / 1e9, door.port, depth))
        self.doors.append(door)
        at_ms = self.clock.now_ms()
        try:
            return await self._look(door, memory, depth, at_ms)
        finally:
            self.in_flight.discard(address)

    async def _look(self, door: Door, memory: Mapping[str, Any], depth: Depth, at_ms: int) -> Look:
        what = self.does.get(door.port, "")
        if what == "bug":
            raise RuntimeError("our own code fell over")
        await self.clock.sleep({"hang": 1e6, "slow": 8.0, "offline": 3.0}.get(what, self.answer_s))
        tcp = Finding(layer=Layer.TCP, ok=what != "offline", ms=self.answer_s * 1000)
        if what == "offline":
            tcp = Finding(layer=Layer.TCP, ok=False, cause="offline", vi="Mất điện hoặc mất mạng", en="no power")
            return Look(at_ms=at_ms, findings=(tcp,), memory=memory)
        refused = what == "auth_failed"
        wrong = refused or what == "camera_replaced"
        login = Finding(
            layer=Layer.LOGIN,
            ok=not wrong,
            cause=what if wrong else "",
            vi="Sai mật khẩu" if refused else "",
            en="wrong password" if refused else "",
        )
        findings = [tcp, Finding(layer=Layer.CLOCK, ok=True), login]
        if depth >= Depth.FULL:
            findings.append(Finding(layer=Layer.STREAM, ok=True))
        return Look(
            at_ms=at_ms,
            findings=tuple(findings),
            memory={"looks": int(memory.get("looks", 0)) + 1}
            | ({"events_path": "/onvif/events"} if door.port in self.speaks else {}),
            rebooted=what == "reboot",
            open_login=False if refused else door.port in self.open_to_all,
            thumbnail=self.pictures.get(door.port) if depth is Depth.PICTURE else None,
        )

    async def survey(self, door: Door, memory: Mapping[str, Any]) -> Surveyed | None:
        self.surveyed.append(door.port)
        await self.clock.sleep(self.answer_s)
        return self.says.get(door.port)

    async def listen(self, door: Door, memory: Mapping[str, Any], *, told: Told) -> str:
        assert memory.get("events_path")
        self.heard_at.append((self.clock.mono_ns() / 1e9, door.port))
        self.listeners[door.port] = told
        try:
            while door.port in self.speaks:
                if door.port not in self.silenced:
                    told(Hint.PULSE)
                await self.clock.sleep(1.0)
        finally:
            del self.listeners[door.port]
        return "it stopped"

    async def search(self, *, seconds: float) -> Sequence[Found]:
        self.searches += 1
        await self.clock.sleep(seconds)
        return list(self.network)

    def times(self, port: int) -> list[float]:
        return [at for at, which, _ in self.looks if which == port]


@dataclass
class Ward:
    """A store, a clock, eyes, and the room."""

    store: Store
    clock: ManualClock
    eyes: Eyes
    bus: Bus
    room: CameraRoom
    registry: Registry

    async def have(self, cameras: Iterable[Camera]) -> None:
        note = AuditNote(actor="system", action="camera.import", subject="test", at=instant(self.clock.now_ms()))
        await self.store.cameras.save(list(cameras), secrets={}, note=note)
        await self.room.registry.load()

    def camera(self, number: int, **changes: Any) -> Camera:
        fields = {
            "id": CameraId(f"cam-{number:04}"),
            "place": f"Điểm {number}",
            "zone": ZoneId("kp1"),
            "host": f"192.0.2.{number % 250}",
            "port": number,
        }
        return Camera(**{**fields, **changes})

    def found(self, camera: Camera, *, host: str, **marks: str) -> Found:
        return Found(host=host, port=80, tls=False, marks=Marks(**marks), name=camera.place)


@asynccontextmanager
async def open_ward(
    folder: Path, *, pace: Pace | None = None, start_ms: int = MORNING, clock: ManualClock | None = None
) -> AsyncIterator[Ward]:
    clock = clock or ManualClock(start_ms)
    with open_store(folder, now=instant(clock.now_ms())) as store:
        zones = [Zone(id=ZoneId(f"kp{n}"), name=f"Khu phố {n}") for n in range(1, 6)]
        clusters = [Cluster(id=ClusterId("kp1-01"), name="Cụm chợ", zone=ZoneId("kp1"))]
        note = AuditNote(actor="system", action="seed", subject="test", at=instant(clock.now_ms()))
        await store.cameras.save_ward(zones, clusters, {}, note=note)
        registry = Registry.of(zones, clusters)
        eyes, bus = Eyes(clock), Bus(clock)
        kept = Kept(
            cameras=store.cameras,
            log=store.camera_log,
            alerts=store.camera_alerts,
            tickets=store.tickets,
            pictures=store.pictures,
            inventory=store.inventory,
            audit=store.audit,
            vault=store.vault,
        )

        async def follow() -> None:
            return

        room = build_cameras(
            kept, eyes=eyes, ward=lambda: registry, follow=follow, zone=ZONE, bus=bus, clock=clock, pace=pace
        )
        await room.load()
        yield Ward(store, clock, eyes, bus, room, registry)
