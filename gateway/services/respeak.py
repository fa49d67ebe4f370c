"""Đọc lại: after the lexicon changed, what is still to be heard and is read otherwise by now is taken back.

Its audio goes, and the approval that named that audio; whoever wrote it has it spoken and approved again.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from devices.clock import Clock, instant
from gateway.domain.bulletin import Bulletin, State
from gateway.domain.errors import Stale
from gateway.domain.ids import BulletinId
from gateway.domain.reasons import Pair
from gateway.ports.records import PlannedPlay, Severity
from gateway.ports.speech import Speech
from gateway.ports.store import Bulletins, Programmes, Proofs
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.bulletin_book import BulletinBook
from gateway.services.questions import hash_of
from tts.errors import SpeechError
from tts.text.lexicon import Lexicon

logger = logging.getLogger(__name__)

ALARM = "respeak:"
_REMEMBERED = timedelta(days=400)
_TRIES = 3
_JUDGED = (State.SUBMITTED, State.APPROVED)


class Respeak:
    """Finds those bulletins, and follows each until it is right again."""

    def __init__(
        self,
        *,
        book: BulletinBook,
        bulletins: Bulletins,
        programmes: Programmes,
        proofs: Proofs,
        speech: Speech,
        alarms: AlarmDesk,
        clock: Clock,
    ) -> None:
        self._book = book
        self._bulletins = bulletins
        self._programmes = programmes
        self._proofs = proofs
        self._speech = speech
        self._alarms = alarms
        self._clock = clock

    async def follow(self, why: Pair) -> tuple[BulletinId, ...]:
        """Take back what is read otherwise by now; return which. ``why`` goes into the audit log and the alarm.

        Raises:
            StoreFailed: what was not taken back yet is found again by the next call.
        """
        taken = [each.id for each in await self._to_take_back() if await self._take_back(each, why)]
        if taken:
            logger.info("%d bulletins are to be spoken again: %s", len(taken), why[1])
        return tuple(taken)

    async def would(self, by: Lexicon) -> tuple[Bulletin, ...]:
        """Thử trước: return what :meth:`follow` would take back if ``by`` were read by. Changes nothing.

        Raises:
            StoreFailed
        """
        return tuple(await self._to_take_back(by))

    async def _to_take_back(self, by: Lexicon | None = None) -> list[Bulletin]:
        now = instant(self._clock.now_ms())
        known = [each for each in await self._bulletins.all() if _may_be_heard(each, now)]
        other = [each for each in known if await self._differs(each, by)]
        heard_for_good = await self._heard_for_good({each.id for each in other}) if other else set()
        return [each for each in other if each.id not in heard_for_good]

    async def look(self) -> None:
        """End the alarm of each bulletin that is right again, or will not be heard.

        Raises:
            StoreFailed
        """
        for key in [key for key in self._alarms.standing if key.startswith(ALARM)]:
            found = await self._bulletins.get(BulletinId(key.removeprefix(ALARM)))
            if found is None or found.state in (State.APPROVED, State.WITHDRAWN):
                await self._alarms.clear(key)

    async def _differs(self, bulletin: Bulletin, by: Lexicon | None = None) -> bool:
        try:
            said = await asyncio.to_thread(self._speech.normalise, bulletin.content.text, by)
        except SpeechError:
            return True  # what cannot be read any more is not what was approved
        return bulletin.audio is not None and bulletin.audio.spoken_sha256 != hash_of(said)

    async def _heard_for_good(self, among: set[BulletinId]) -> set[BulletinId]:
        """Return which were heard already and are in no programme: they stay in the drawer as they were."""
        named = {each for programme in await self._programmes.all() for each in programme.bulletins}
        loose = among - named
        if not loose:
            return set()
        now = instant(self._clock.now_ms())
        plays = await self._proofs.plays(since=now - _REMEMBERED, until=now + _REMEMBERED)
        over = [play for play in plays if play.outcome is not None and play.outcome.heard]
        due = [play for play in plays if play.outcome is None and not play.cancelled]
        return (loose & _named_in(over)) - _named_in(due)

    async def _take_back(self, bulletin: Bulletin, why: Pair) -> bool:
        for _ in range(_TRIES):
            if bulletin.audio is None or bulletin.audio.recorded:
                return False
            try:
                await self._book.save(
                    bulletin.read_otherwise(),
                    bulletin,
                    "bulletin.read_otherwise",
                    "system",
                    why=why[0],
                    voided=bulletin.approval.by if bulletin.approval else None,
                    asset=bulletin.audio.asset,
                )
            except Stale:
                bulletin = await self._book.get(bulletin.id)
                if not await self._differs(bulletin):
                    return False
                continue
            if bulletin.state in _JUDGED:
                await self._tell(bulletin, why)
            return True
        raise Stale("Bản tin đang được sửa liên tục.", f"Bulletin {bulletin.id} keeps changing.")

    async def _tell(self, bulletin: Bulletin, why: Pair) -> None:
        await self._alarms.raise_(
            f"{ALARM}{bulletin.id}",
            Severity.WARNING,
            f"Bản tin “{bulletin.title}” phải tạo lại giọng đọc và duyệt lại: cách đọc đã đổi ({why[0]}).",
            f"Bulletin “{bulletin.title}” must be rendered and approved again: it is read otherwise ({why[1]}).",
        )


def _named_in(plays: Iterable[PlannedPlay]) -> set[BulletinId]:
    return {BulletinId(name) for play in plays for name in play.bulletins}


def _may_be_heard(bulletin: Bulletin, now: datetime) -> bool:
    if bulletin.audio is None or bulletin.audio.recorded or bulletin.state is State.WITHDRAWN:
        return False
    until = bulletin.content.valid_until
    return until is None or until > now
