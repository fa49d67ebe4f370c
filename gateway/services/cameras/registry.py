"""Danh mục camera: who has which camera where; passwords go in and never come out, except through its own door."""

import logging
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from devices.clock import Clock, instant
from devices.model import ClusterId
from gateway.domain.camera_login import factory_login
from gateway.domain.camera_sheet import CameraRows, read_cameras
from gateway.domain.device import Camera, CameraId, Owner, Particulars, camera_problems, particulars_problems
from gateway.domain.errors import BadInput, NotFound, Problem, Stale
from gateway.domain.identity import doubles, marks_of
from gateway.domain.people import Permission, expect
from gateway.domain.targets import Registry
from gateway.ports.cameras import Cameras, Door, Surveyed
from gateway.ports.records import AuditNote
from gateway.ports.store import Vault
from gateway.services.actor import Actor
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged

logger = logging.getLogger(__name__)

LONGEST_PASSWORD = 128
MOST_CAMERAS = 20_000


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did, or with ``dry_run`` would do."""

    rows: CameraRows
    new: int
    changed: int
    same: int
    weak: tuple[CameraId, ...]
    """Those of its rows whose login everybody knows."""


class CameraRegistry:
    """In memory what the poller and the screens ask; every change is kept first."""

    def __init__(
        self,
        *,
        cameras: Cameras,
        vault: Vault,
        ward: Callable[[], Registry],
        allow_local: bool,
        bus: Bus,
        clock: Clock,
    ) -> None:
        """``ward``: the neighbourhoods and clusters as they are now. ``allow_local``: cameras on this machine."""
        self._store = cameras
        self._vault = vault
        self._ward = ward
        self._allow_local = allow_local
        self._bus = bus
        self._clock = clock
        self._cameras: dict[CameraId, Camera] = {}
        self._sealed: Mapping[CameraId, str] = {}
        self._particulars: Mapping[ClusterId, Particulars] = {}
        self._factory: frozenset[CameraId] = frozenset()
        self._shared: frozenset[str] = frozenset()
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` told after every change."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Read everything again: at the start, and when somebody changed it beside the running gateway."""
        self._cameras = {camera.id: camera for camera in await self._store.all()}
        self._sealed = await self._store.secrets()
        self._particulars = await self._store.particulars()
        self._factory = frozenset(
            name for name, camera in self._cameras.items() if factory_login(camera, self._password(name) or "")
        )
        self._shared = doubles(self._cameras.values())
        for listener in self._listeners:
            listener()

    # -- asking ------------------------------------------------------------------------------------------------------

    @property
    def cameras(self) -> Mapping[CameraId, Camera]:
        """Every camera, by its code."""
        return self._cameras

    @property
    def particulars(self) -> Mapping[ClusterId, Particulars]:
        """What is on the boxes of loudspeakers, where it was written down."""
        return self._particulars

    @property
    def ward(self) -> Registry:
        """The neighbourhoods and clusters they stand among."""
        return self._ward()

    def get(self, name: CameraId) -> Camera:
        """Return one.

        Raises:
            NotFound
        """
        if name not in self._cameras:
            raise NotFound(f"Không có camera “{name}”.", f"No camera “{name}”.")
        return self._cameras[name]

    def has_password(self, name: CameraId) -> bool:
        """Tell whether a password is kept; what it is, nobody is told."""
        return name in self._sealed

    def has_factory_password(self, name: CameraId) -> bool:
        """Tell whether the login is one that everybody knows: a factory one, or a user without a password."""
        return name in self._factory

    def shared_marks(self, name: CameraId) -> tuple[str, ...]:
        """Return the UUID, MAC or serial of a camera that another carries too: they prove nothing."""
        marks = marks_of(self.get(name))
        return tuple(sorted(self._shared & {marks.uuid, marks.mac, marks.serial}))

    def counts(self) -> dict[tuple[Owner, str], int]:
        """Return how many cameras there are by owner and neighbourhood."""
        return dict(Counter((camera.owner, str(camera.zone)) for camera in self._cameras.values()))

    def door(self, name: CameraId) -> Door:
        """Return how to get at a camera: for the poller, and for nobody's screen.

        Raises:
            NotFound
            StoreFailed: its password does not open; the key is another one.
        """
        camera = self.get(name)
        sealed = self._sealed.get(name, "")
        return Door(
            host=camera.host,
            port=camera.port,
            tls=camera.tls,
            fingerprint=camera.fingerprint,
            user=camera.user,
            password=self._password(name) or "",
            credential=zlib.crc32(f"{camera.user}/{sealed}".encode()),
        )

    # -- changing ----------------------------------------------------------------------------------------------------

    async def save(
        self, camera: Camera, *, by: Actor, password: str | None = None, was: Camera | None = None, new: bool = False
    ) -> Camera:
        """Keep a camera; ``password``: a new one, empty to take it away, ``None`` to leave it.

        ``was``: what the person saw; ``new``: there must be none of this code yet.

        Raises:
            NotAllowed: without the right to keep devices.
            BadInput: every field that is wrong.
            Stale: it is not what the person saw, or it is there already.
        """
        expect(by, Permission.KEEP_DEVICES)
        before = self._cameras.get(camera.id)
        if (was is not None and before != was) or (new and before is not None):
            raise Stale(
                "Có người khác vừa thay đổi camera này. Hãy tải lại.",
                "Somebody else changed this camera meanwhile. Load it again.",
            )
        problems = [*camera_problems(camera, self._ward(), allow_local=self._allow_local), *_bad_password(password)]
        if before is None and len(self._cameras) >= MOST_CAMERAS:
            problems.append(Problem(code="too_many", vi="quá nhiều camera", en="too many cameras"))
        if problems:
            raise BadInput(problems)
        secrets = {} if password is None else {camera.id: self._seal(camera.id, password)}
        changed = _changed(before, camera) + (["password"] if secrets else [])
        note = self._note("camera.save", camera.id, by, {"changed": changed})
        await self._store.save([camera], secrets=secrets, note=note)
        await self._tell(camera.id)
        return camera

    async def remove(self, name: CameraId, *, by: Actor) -> None:
        """Take a camera out of the registry, with its password, its health and its history.

        Raises:
            NotAllowed, NotFound
        """
        expect(by, Permission.KEEP_DEVICES)
        camera = self.get(name)
        await self._store.remove(name, note=self._note("camera.remove", name, by, {"place": camera.place}))
        await self._tell(name)

    async def save_particulars(self, cluster: ClusterId, known: Particulars, *, by: Actor) -> None:
        """Keep what is on a loudspeaker's box.

        Raises:
            NotAllowed, NotFound
            BadInput: dates or positions that cannot be.
        """
        expect(by, Permission.KEEP_DEVICES)
        if cluster not in self._ward().clusters:
            raise NotFound(f"Không có cụm loa “{cluster}”.", f"No cluster “{cluster}”.")
        if problems := particulars_problems(known):
            raise BadInput(problems)
        note = self._note("device.save", cluster, by, {})
        await self._store.save_ward([], [], {cluster: known}, note=note)
        await self._tell(cluster)

    async def import_(self, table: Sequence[Sequence[str]], *, by: Actor, dry_run: bool = False) -> Imported:
        """Take in a table: good rows are kept together, every bad row is told, and again it changes nothing.

        Raises:
            NotAllowed: without the right to keep devices.
            BadInput: the table as a whole cannot be read.
        """
        expect(by, Permission.KEEP_DEVICES)
        rows = read_cameras(table, self._cameras, self._ward(), allow_local=self._allow_local)
        new = [camera for camera in rows.cameras if camera.id not in self._cameras]
        if len(self._cameras) + len(new) > MOST_CAMERAS:
            raise BadInput([Problem(code="too_many", vi="quá nhiều camera", en="too many cameras", path="file")])
        changed = [camera for camera in rows.cameras if self._cameras.get(camera.id, camera) != camera]
        fresh = {name: text for name, text in rows.passwords.items() if self._password(name) != text}
        same = len(rows.cameras) - len(new) - len(changed)
        if not dry_run and (new or changed or fresh):
            detail: dict[str, object] = {
                "new": len(new),
                "changed": len(changed),
                "passwords": len(fresh),
                "bad": len(rows.bad),
            }
            await self._store.save(
                [*new, *changed],
                secrets={name: self._seal(name, text) for name, text in fresh.items()},
                note=self._note("camera.import", "cameras", by, detail),
            )
            await self._tell("import")
        weak = tuple(
            camera.id
            for camera in rows.cameras
            if factory_login(camera, rows.passwords.get(camera.id) or self._password(camera.id) or "")
        )
        return Imported(rows=rows, new=len(new), changed=len(changed), same=same, weak=weak)

    async def move(self, name: CameraId, *, host: str, port: int, by: Actor) -> Camera:
        """Accept that a camera has another address now. Its certificate must be accepted again.

        Raises:
            NotAllowed, NotFound, BadInput
        """
        return await self.save(replace(self.get(name), host=host, port=port, fingerprint=""), by=by)

    async def learn(self, name: CameraId, found: Surveyed) -> bool:
        """Write into the registry what it did not know and the camera says; never over what a person wrote.

        Raises:
            StoreFailed
        """
        camera = self._cameras.get(name)
        if camera is None:  # removed while it was asked
            return False
        marks = found.marks.normal
        said = {
            "maker": found.marks.maker,
            "model": found.marks.model,
            "serial": found.marks.serial,
            "mac": marks.mac,
            "uuid": marks.uuid,
            "firmware": found.firmware,
            "profile": found.profile,
        }
        news = {key: text for key, text in said.items() if text and not getattr(camera, key)}
        fuller = replace(camera, **news)  # type: ignore[arg-type]  # names of text fields
        if not news or camera_problems(fuller, self._ward(), allow_local=self._allow_local):
            return False
        at = self._now()
        note = AuditNote(actor="system", action="camera.learn", subject=name, at=at, detail={"learnt": sorted(news)})
        await self._store.save([fuller], secrets={}, note=note)
        await self._tell(name)
        return True

    async def _tell(self, name: str) -> None:
        await self.load()
        self._bus.publish(ContentChanged(what="camera", id=name))

    def _seal(self, name: CameraId, password: str) -> str:
        return self._vault.seal(password, owner=_owner(name)) if password else ""

    def _password(self, name: CameraId) -> str | None:
        sealed = self._sealed.get(name)
        return None if sealed is None else self._vault.open(sealed, owner=_owner(name))

    def _note(self, action: str, subject: str, by: Actor, detail: dict[str, object]) -> AuditNote:
        return AuditNote(actor=by.id, action=action, subject=subject, at=self._now(), detail=detail)

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())


def _owner(name: CameraId) -> str:
    """Bind a sealed password to its camera: moved to another row it does not open."""
    return f"camera:{name}"


def _bad_password(password: str | None) -> list[Problem]:
    if password and (len(password) > LONGEST_PASSWORD or any(ord(char) < ord(" ") for char in password)):
        vi, en = "mật khẩu quá dài hoặc có ký tự điều khiển", "too long, or holds control characters"
        return [Problem(code="invalid", vi=vi, en=en, path="password")]
    return []


def _changed(before: Camera | None, after: Camera) -> list[str]:
    """Name the fields that are different; never what is in them."""
    if before is None:
        return ["new"]
    return [name for name in vars(after) if getattr(before, name) != getattr(after, name)]
