"""Việc cần xem trước khi duyệt (domain.md, row 55): source, personal data, words that may be misread, length. Pure.

A check that fails stops nothing by itself; what must stop an approval stops it in :meth:`Bulletin.approve` and before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.model import Source
from gateway.domain.bulletin import Bulletin
from gateway.domain.personal_data import Personal, find_personal_data
from gateway.domain.spoken import Question

_CHARS_A_SECOND = 14
"""How fast a text is read out before anybody has rendered it: 20,000 characters take about 24 minutes."""
_NAMED = 8


class CheckState(StrEnum):
    """Đạt / cần xem / không đạt."""

    OK = "ok"
    LOOK = "look"
    """A person should look; it may be right as it is."""
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the list. ``details`` are pieces of the text, for a page to point at."""

    code: str
    state: CheckState
    vi: str
    en: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """The list for one bulletin at one revision."""

    revision: int
    checks: tuple[Check, ...]
    personal: tuple[Personal, ...]

    @property
    def clean(self) -> bool:
        """Whether there is nothing to look at."""
        return all(check.state is CheckState.OK for check in self.checks)


def checklist(
    bulletin: Bulletin, unsure: Sequence[Question], *, audio_says_this: bool, slot_ms: int | None = None
) -> Checklist:
    """Return what an approver should look at. ``slot_ms``: how long the airtime it is meant for leaves for it."""
    personal = find_personal_data(bulletin.content.text)
    checks = (
        _source(bulletin),
        _personal(personal),
        _readings(unsure),
        _audio(bulletin, audio_says_this=audio_says_this),
        *_stood_in(bulletin),
        *([] if slot_ms is None else [_length(bulletin, slot_ms)]),
    )
    return Checklist(revision=bulletin.revision, checks=checks, personal=personal)


def _source(bulletin: Bulletin) -> Check:
    content = bulletin.content
    if content.source_name.strip():
        words = f"Nguồn tin: {content.source_name.strip()}", f"Source: {content.source_name.strip()}"
        return Check(code="source", state=CheckState.OK, vi=words[0], en=words[1])
    if content.source is Source.WARD:
        vi, en = "Tin của phường, chưa ghi bộ phận cung cấp", "The ward's own, without the office it comes from"
        return Check(code="source", state=CheckState.LOOK, vi=vi, en=en)
    vi, en = "Tin của nơi khác mà chưa ghi nguồn", "From elsewhere, and no source is named"
    return Check(code="source", state=CheckState.WRONG, vi=vi, en=en)


def _personal(found: Sequence[Personal]) -> Check:
    if not found:
        vi, en = "Không thấy dữ liệu cá nhân", "No personal data found"
        return Check(code="personal_data", state=CheckState.OK, vi=vi, en=en)
    kinds = list(dict.fromkeys(each.kind for each in found))
    return Check(
        code="personal_data",
        state=CheckState.LOOK,
        vi="Có thể có dữ liệu cá nhân: " + ", ".join(kind.words[0] for kind in kinds),
        en="May hold personal data: " + ", ".join(kind.words[1] for kind in kinds),
        details=tuple(each.text for each in found),
    )


def _readings(unsure: Sequence[Question]) -> Check:
    if not unsure:
        vi, en = "Mọi từ đều rõ cách đọc", "Every word is read for sure"
        return Check(code="readings", state=CheckState.OK, vi=vi, en=en)
    tokens = tuple(dict.fromkeys(each.token for each in unsure))
    return Check(
        code="readings",
        state=CheckState.WRONG,
        vi=f"Còn {len(unsure)} chỗ chưa rõ cách đọc",
        en=f"{len(unsure)} places may be misread",
        details=tokens[:_NAMED],
    )


def _audio(bulletin: Bulletin, *, audio_says_this: bool) -> Check:
    if bulletin.audio is None:
        return Check(code="audio", state=CheckState.WRONG, vi="Chưa có âm thanh", en="There is no audio yet")
    if not audio_says_this:
        vi, en = "Âm thanh không đúng lời đọc hiện tại, hãy tạo lại", "The audio says other words than are shown"
        return Check(code="audio", state=CheckState.WRONG, vi=vi, en=en)
    if bulletin.audio.recorded:
        vi, en = "Ghi âm: hãy nghe xem có đúng nội dung không", "A recording: listen whether it says the text"
        return Check(code="audio", state=CheckState.LOOK, vi=vi, en=en)
    return Check(code="audio", state=CheckState.OK, vi="Âm thanh đúng lời đọc", en="The audio says what is shown")


def _stood_in(bulletin: Bulletin) -> list[Check]:
    """Another voice than was asked for is never passed over: whoever approves knows who speaks."""
    if bulletin.audio is None or not bulletin.audio.stood_in:
        return []
    en = f"Another voice stood in ({', '.join(bulletin.audio.voices)}): {bulletin.audio.stood_in}"
    return [Check(code="voice", state=CheckState.LOOK, vi=bulletin.audio.stood_in, en=en)]


def _length(bulletin: Bulletin, slot_ms: int) -> Check:
    estimated = bulletin.audio is None
    length_ms = (
        round(len(bulletin.content.text) * 1000 / _CHARS_A_SECOND)
        if bulletin.audio is None
        else bulletin.audio.duration_ms
    )
    about = ("khoảng ", "about ") if estimated else ("", "")
    fits = length_ms <= slot_ms
    return Check(
        code="length",
        state=CheckState.OK if fits else CheckState.WRONG,
        vi=f"Dài {about[0]}{_minutes(length_ms)}, khung giờ còn {_minutes(slot_ms)}",
        en=f"{about[1]}{_minutes(length_ms)} long, the slot leaves {_minutes(slot_ms)}",
    )


def _minutes(ms: int) -> str:
    return f"{ms // 60_000}:{ms % 60_000 // 1000:02}"
