"""Bàn phát ngoài giờ: requests that wait for a second person, permits that stand, and an alarm as long as either does.

A permit opens the hours and nothing else: what is said is approved, planned, counted, as loud and as long as ever.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from secrets import token_hex
from zoneinfo import ZoneInfo

from devices.clock import Clock, instant
from gateway.domain.errors import NotFound, WrongState
from gateway.domain.out_of_hours import OutOfHours, ask, read_out_of_hours
from gateway.domain.people import Permission, expect
from gateway.ports.records import AuditNote, Severity
from gateway.ports.store import Values
from gateway.services.actor import Actor, may
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.rulebook import Rulebook
from gateway.services.second_person import SecondPerson
from gateway.services.supervisor import Beat, no_beat

_ASKED = "policy.out_of_hours"
_WAITING_AT_MOST = 20
LOOK_EVERY_S = 20.0
WAITS, STANDS = "out-of-hours-asked", "out-of-hours"


class OutOfHoursDesk:
    """Keeps what is asked for; what is granted is the rulebook's."""

    def __init__(
        self,
        *,
        values: Values,
        rulebook: Rulebook,
        alarms: AlarmDesk,
        clock: Clock,
        second_person: SecondPerson,
        reached: Callable[[], tuple[int, int]] = lambda: (0, 0),
    ) -> None:
        """``reached``: how many clusters hold the newest rules, of how many."""
        self._values = values
        self._rulebook = rulebook
        self._alarms = alarms
        self._clock = clock
        self._second_person = second_person
        self.reached = reached
        self._one_at_a_time = asyncio.Lock()

    async def run(self, beat: Beat = no_beat) -> None:
        """Say on the board what waits and what stands, until cancelled."""
        while True:
            beat()
            await self._tell()
            await self._clock.sleep(LOOK_EVERY_S)

    async def all(self) -> list[OutOfHours]:
        """Return what stands and what waits, the first hour first; what is over is in the audit log."""
        return sorted([*self._rulebook.permits, *await self._waiting()], key=lambda each: (each.start, each.id))

    async def ask(self, *, start: datetime, end: datetime, reason: str, by: Actor) -> OutOfHours:
        """Đề nghị phát ngoài giờ. It changes nothing until another person grants it. The same asked twice is one.

        Raises:
            NotAllowed: without the right to broadcast.
            BadInput: no reason, too long, over, or too far ahead.
            WrongState: too many wait already.
        """
        expect(by, Permission.BROADCAST_NOW)
        now = self._now()
        asked = ask(name=f"ng-{token_hex(4)}", start=start, end=end, reason=reason, by=by.id, now=now)
        async with self._one_at_a_time:
            waiting = await self._waiting()
            for known in (*self._rulebook.permits, *waiting):
                if (known.asked_by, known.start, known.end, known.reason) == (by.id, start, end, asked.reason):
                    return known  # a form that was sent twice: ending the one must not leave the other
            if len(waiting) >= _WAITING_AT_MOST:
                raise WrongState(
                    "Còn nhiều đề nghị phát ngoài giờ chưa được trả lời.", "Too many requests wait.", code="too_many"
                )
            await self._keep([*waiting, asked], self._note(by, "hours.ask", asked))
        await self._tell()
        return asked

    async def grant(self, name: str, *, by: Actor) -> OutOfHours:
        """Cho phép: the second person. Every pole learns it with the sealed rules.

        Raises:
            NotAllowed: without the right to adopt rules; whoever asked; or an account in the same hand.
            NotFound
            WrongState: it is granted or over, too many stand, or the root key is not at hand.
        """
        expect(by, Permission.ADOPT_POLICY)
        async with self._one_at_a_time:
            granted = (await self.get(name)).granted(by.id, self._now())
            await self._second_person.expect(granted.asked_by, by.id)
            await self._rulebook.permit(granted, by=by)
            # cut off here, the request is still kept; what stands is known by its name and hides it
            await self._keep(await self._waiting(), None)
        await self._tell()
        return granted

    async def end(self, name: str, *, by: Actor) -> None:
        """Rút lại or từ chối: one person is enough for less sound. What already sounds falls silent.

        Raises:
            NotAllowed: neither the right to broadcast nor to adopt rules.
            NotFound
            WrongState: it stands, and the root key that seals the rules without it is not at hand.
        """
        if not may(by, Permission.BROADCAST_NOW):
            expect(by, Permission.ADOPT_POLICY)
        async with self._one_at_a_time:
            found = await self.get(name)
            waiting = [each for each in await self._waiting() if each.id != name]
            if found.granted_by is None:
                await self._keep(waiting, self._note(by, "hours.end", found))
            else:
                await self._keep(waiting, None)  # a request cut off half-way must not come back when its permit goes
                await self._rulebook.withdraw(name, actor=by.id)
        await self._tell()

    async def get(self, name: str) -> OutOfHours:
        """Return a request that waits, or a permit that stands.

        Raises:
            NotFound
        """
        for each in await self.all():
            if each.id == name:
                return each
        raise NotFound("Không có đề nghị phát ngoài giờ này.", "There is no such request.")

    async def _waiting(self) -> list[OutOfHours]:
        kept = await self._values.get(_ASKED)
        found = map(read_out_of_hours, kept["asked"] if kept is not None else [])
        now, standing = self._now(), {each.id for each in self._rulebook.permits}
        return [each for each in found if not each.is_over(now) and each.id not in standing]

    async def _keep(self, waiting: list[OutOfHours], note: AuditNote | None) -> None:
        await self._values.set(_ASKED, {"asked": [each.to_json() for each in waiting]}, note=note)

    async def _tell(self) -> None:
        stands = self._rulebook.permits
        for key, some, vi, en in (
            (WAITS, await self._waiting(), "Chờ người thứ hai cho phép phát ngoài giờ", "Out of hours, asked for"),
            (STANDS, stands, "Được phép phát ngoài giờ", "Out of hours, granted"),
        ):
            if not some:
                await self._alarms.clear(key)
                continue
            said = "; ".join(map(self._in_words, some))
            await self._alarms.raise_(key, Severity.WARNING, f"{vi}: {said}.", f"{en}: {said}.")

    def _in_words(self, each: OutOfHours) -> str:
        zone = ZoneInfo(self._rulebook.rules.zone)
        start, end = each.start.astimezone(zone), each.end.astimezone(zone)
        until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%d/%m %H:%M}"
        return f"{start:%d/%m %H:%M}–{until} ({each.reason})"

    def _note(self, by: Actor, action: str, about: OutOfHours) -> AuditNote:
        return AuditNote(actor=by.id, action=action, subject=about.id, at=self._now(), detail=about.to_json())

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())
