"""A real ward for browsers: the real gateway on a real port, simulated poles, everybody hired, one weekly bulletin.

Its clock runs as fast as the world from Thursday 04:45, so the 05:30 airtime is ahead and does not come while a test
looks. All tests of a session share it: what a test changes for everybody, it changes back.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from devices.clock import ShiftedClock, epoch_ms
from devices.model import ClusterId
from gateway.domain.ids import ProgrammeId
from gateway.domain.people import Role
from gateway.domain.programme import BulletinItem, Programme
from gateway.main.gateway import Gateway, open_gateway
from gateway.ports.records import User
from gateway.services.passwords import Passwords
from gateway.services.sessions import SignIn
from gateway.settings import Cameras, Public
from simulators.ward import SimulatedWard
from tests.gateway.services.people import CHEAP
from tests.onair import office
from tests.onair.office import Staff
from tests.onair.world import ZONE, settings_for

CLUSTERS = ("kp1-01", "kp1-02", "kp2-01")
NAME = "Phường Tân Thạnh"
START = datetime(2026, 10, 8, 4, 45, tzinfo=ZONE)
"""A Thursday."""


@dataclass
class Ward:
    """The running ward."""

    gateway: Gateway
    poles: SimulatedWard
    clock: ShiftedClock
    staff: Staff
    tokens: dict[Role, str] = field(default_factory=dict)
    """A session cookie of each role, so that not every test signs in."""

    @property
    def url(self) -> str:
        return self.gateway.url

    async def until(self, true, what: str = "", *, patience_s: float = 20) -> None:
        """Wait until ``true()``."""
        try:
            async with asyncio.timeout(patience_s):
                while not true():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(what or "it never became true") from None

    async def open_again(self) -> None:
        """See to it that the kill switch is off, and that every pole has said so: the next test has the ward too."""
        silence = self.gateway.parts.silence
        if silence.state.silent:
            await silence.rearm(by=self.staff[Role.OPERATOR], reason="hết thử")
        await self.until(lambda: not silence.report().differ, "a pole is still silent")

    async def token(self, role: Role) -> str:
        """Return a session cookie of somebody in ``role``."""
        if role not in self.tokens:
            name, password = self.staff.passwords[role]
            signed_in = await self.gateway.people.sessions.sign_in(
                SignIn(name=name, password=password, address="127.0.0.1", user_agent="Chrome trên Android")
            )
            self.tokens[role] = signed_in.token
        return self.tokens[role]

    async def hire(self, name: str, display_name: str, *roles: Role, changed: bool = True) -> tuple[User, str]:
        """Add somebody; return the account and its password, which is theirs already unless ``changed`` is false."""
        user, first = await self.gateway.people.accounts.create(
            self.staff[Role.ADMIN], name=name, display_name=display_name, roles=frozenset(roles)
        )
        return user, (await self._changed(name, first) if changed else first)

    async def settle_in(self) -> None:
        """Let everybody choose a password of their own."""
        for role, (name, first) in list(self.staff.passwords.items()):
            self.staff.passwords[role] = name, await self._changed(name, first)

    async def _changed(self, name: str, first: str) -> str:
        sessions, mine = self.gateway.people.sessions, f"rieng-{first}"
        entered = await sessions.sign_in(SignIn(name=name, password=first, address="127.0.0.1"))
        await sessions.change_password(entered, old=first, new=mine)
        await sessions.sign_out(entered)
        return mine


@contextlib.asynccontextmanager
async def open_ward(
    folder: Path, clusters: Iterable[str] = CLUSTERS, *, start: datetime = START, text: str = office.SHORT
) -> AsyncIterator[Ward]:
    """Found a ward in ``folder`` and keep it running, from ``start``; ``text`` is what airs at 05:30."""
    clock = ShiftedClock(epoch_ms(start))
    settings = settings_for(folder, timezone="Asia/Ho_Chi_Minh", broker="auto", policy="default")
    changes = {
        "ward": settings.ward.model_copy(update={"name": NAME}),
        "public": Public(enabled=True),
        "cameras": Cameras(allow_local=True),  # simulated ones answer on this machine
    }
    settings = settings.model_copy(update=changes)
    names = tuple(map(ClusterId, clusters))
    async with open_gateway(settings, clock, version="test", passwords=Passwords(CHEAP)) as gateway:
        staff = await office.hire(gateway)
        viewer, password = await gateway.people.accounts.create(
            staff[Role.ADMIN], name="xem", display_name="Người xem", roles=frozenset({Role.VIEWER})
        )
        staff.users[Role.VIEWER], staff.passwords[Role.VIEWER] = viewer, ("xem", password)
        await office.survey(gateway, staff, names)
        await _news(gateway, staff, text)
        poles = SimulatedWard(
            names, clock=clock, folder=folder / "poles", seed=7, gateway_url=gateway.url, spread_s=0.1
        )
        await poles.enrol({each: (await gateway.enrolment.offer(staff[Role.TECHNICIAN], each)).code for each in names})
        ward = Ward(gateway, poles, clock, staff)
        await ward.settle_in()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(poles.run(), name="simulated ward")
            try:
                await ward.until(lambda: _ready(gateway) == len(names), "the poles are not ready")
                yield ward
            finally:
                running.cancel()


async def _news(gateway: Gateway, staff: Staff, text: str) -> None:
    """One bulletin, approved, every Thursday and Saturday at 05:30 and 17:30."""
    bulletin = await office.approved(gateway, staff, text)
    made = Programme(id=ProgrammeId("ban-tin"), title="Bản tin sáng", items=(BulletinItem(bulletin=bulletin.id),))
    await gateway.parts.programming.save_programme(made, by=staff[Role.OPERATOR])
    times = office.MORNING, time(17, 30)
    await office.schedule(gateway, staff, office.weekly("ban-tin", made.id, *times, first=date(2026, 10, 8)))


def _ready(gateway: Gateway) -> int:
    coming = gateway.parts.readiness.coming()
    return len(coming[0].ready) if coming else 0
