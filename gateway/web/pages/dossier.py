"""Hồ sơ duyệt: everything an approver looks at for one bulletin, gathered in one go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.bulletin import Bulletin, State
from gateway.domain.checklist import Checklist, checklist
from gateway.domain.errors import NotAllowed
from gateway.domain.ids import BulletinId
from gateway.domain.plan import Broadcast
from gateway.domain.programme import BulletinItem, Programme, ProgrammeItem
from gateway.ports.records import StoredAudio
from gateway.services.spoken_desk import Answered, AsSpoken
from gateway.web.pages.bulletin_voices import speakers
from gateway.web.pages.door import Visit
from gateway.web.pages.reading_why import Why, whys

_AIRTIMES = 3


@dataclass(frozen=True, kw_only=True)
class Line:
    """One sentence as written, as read where that differs, and what is in doubt about it."""

    written: str
    spoken: str
    """Empty when it is read as it is written."""
    whys: tuple[Why, ...]
    doubts: tuple[Answered, ...]
    ends_paragraph: bool


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A bulletin that waits, and when it would be heard."""

    bulletin: Bulletin
    airtimes: tuple[Broadcast, ...]


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """What the page shows."""

    bulletin: Bulletin
    author: str
    category: str
    judge: str
    """Who said the last word, if anybody has."""
    checks: Checklist
    lines: tuple[Line, ...]
    airtimes: tuple[Broadcast, ...]
    sound: StoredAudio | None
    """What was measured and found in what a person recorded for it."""
    others: int
    """How many more wait for this person."""
    own: bool
    speakers: str
    """Who really speaks in it, when a machine does."""
    needs_code: bool
    """A second factor is asked for before the button works."""

    @property
    def waits(self) -> bool:
        """Whether it is still to be judged."""
        return self.bulletin.state is State.SUBMITTED


async def gather(visit: Visit, bulletin: BulletinId) -> Dossier:
    """Look everything up.

    Raises:
        NotFound
        BadInput: the text cannot be read at all.
    """
    services = visit.screen.services
    shown = await services.wording.spoken.show(bulletin)
    found = shown.bulletin
    programmes = await services.programming.programmes()
    slot_ms = slot_for(found, programmes, await _lengths(visit), services.rulebook.rules.session_max_s)
    names = await services.accounts.names()
    category = next((each for each in await services.inventory.categories() if each.id == found.content.category), None)
    return Dossier(
        bulletin=found,
        author=names.get(found.author, found.author),
        category=visit.screen.t.pair(category.label_vi, category.label_en) if category else found.content.category,
        judge=names.get(found.approval.by if found.approval else found.remark.by if found.remark else found.author, ""),
        checks=checklist(found, shown.open, audio_says_this=shown.audio_says_this, slot_ms=slot_ms),
        lines=_lines(shown),
        airtimes=_airtimes(visit, found.id, programmes),
        sound=await services.library.get(found.audio.asset) if found.audio and found.audio.recorded else None,
        others=len([each for each in await waiting(visit) if each.bulletin.id != found.id]),
        own=visit.user.id in found.writers,
        speakers=speakers(visit, found.audio),
        needs_code=needs_code(visit),
    )


async def waiting(visit: Visit) -> list[Waiting]:
    """Return what this person may approve, the one that airs first first."""
    services = visit.screen.services
    submitted = await services.editorial.all(state=State.SUBMITTED)
    programmes = await services.programming.programmes()
    mine = [
        Waiting(bulletin=each, airtimes=_airtimes(visit, each.id, programmes))
        for each in submitted
        if visit.user.id not in each.writers
    ]
    far = visit.screen.now + timedelta(days=365)
    return sorted(mine, key=lambda each: each.airtimes[0].start if each.airtimes else far)


def needs_code(visit: Visit) -> bool:
    """Tell whether this session has to give a second factor before it may do what matters most."""
    try:
        visit.screen.services.second_factor.expect(visit)
    except NotAllowed:
        return True
    return False


def slot_for(
    bulletin: Bulletin, programmes: Iterable[Programme], lengths: Mapping[BulletinId, int], session_max_s: int | None
) -> int | None:
    """Return how many ms the fullest programme that names ``bulletin`` leaves for it under the longest session.

    ``None``: no programme names it, or the rules know no longest session.
    """
    if session_max_s is None:
        return None
    left = []
    for each in programmes:
        times = sum(_is(item, bulletin) for item in each.items)
        if times:
            rest_ms = sum(_length(item, lengths) for item in each.items if not _is(item, bulletin))
            left.append((session_max_s * 1000 // each.repeats - rest_ms) // times)
    return max(0, min(left)) if left else None


def _is(item: ProgrammeItem, bulletin: Bulletin) -> bool:
    return isinstance(item, BulletinItem) and item.bulletin == bulletin.id


def _length(item: ProgrammeItem, lengths: Mapping[BulletinId, int]) -> int:
    return lengths.get(item.bulletin, 0) if isinstance(item, BulletinItem) else item.duration_ms


async def _lengths(visit: Visit) -> dict[BulletinId, int]:
    known = await visit.screen.services.editorial.all()
    return {each.id: each.audio.duration_ms for each in known if each.audio is not None}


def _airtimes(visit: Visit, bulletin: BulletinId, programmes: Iterable[Programme]) -> tuple[Broadcast, ...]:
    """Return the next airtimes whose programme names it, whether or not they air as things stand."""
    naming = {each.id for each in programmes if bulletin in each.bulletins}
    coming = visit.screen.services.planner.coming
    return tuple(b for b in coming if b.programme in naming and b.end > visit.screen.now)[:_AIRTIMES]


def _lines(shown: AsSpoken) -> tuple[Line, ...]:
    return tuple(
        Line(
            written=sentence.written,
            spoken="" if _plain(sentence.written) == _plain(sentence.spoken) else sentence.spoken,
            whys=whys(sentence),
            doubts=tuple(each for each in shown.questions if each.question.sentence == place),
            ends_paragraph=sentence.ends_paragraph,
        )
        for place, sentence in enumerate(shown.text.sentences)
    )


def _plain(text: str) -> str:
    """Letters alone: how a sentence sounds does not hang on its commas."""
    return " ".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())
