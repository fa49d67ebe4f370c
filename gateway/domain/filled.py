"""Mẫu đã điền: a template with its blanks filled in, as a text to read and as a row of phrases to say. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from devices.model import is_slug
from gateway.domain.errors import BadInput, Problem
from gateway.domain.template import DRILL, Blank, BlankKind, Template, blanks_in, stretches

EVERYWHERE = "ca-phuong"
"""Toàn phường, as a place."""
WEEKDAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
LARGEST_WORD = 99
_FURTHEST = timedelta(days=366)
_HOUR = re.compile(r"([01]?[0-9]|2[0-3])[:hg]([0-5][0-9])")
_NUMBER = re.compile(r"[0-9]{1,10}")
_CONTROL = re.compile(r"[\x00-\x1f{}]")


@dataclass(frozen=True, kw_only=True)
class Said:
    """One stretch of a sentence: the phrases it is spoken with, in order; ``blank``: which one it fills, if any."""

    text: str
    phrases: tuple[str, ...]
    blank: str | None = None
    free: bool = False
    """In no vocabulary: it must be spoken when it is needed."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """``sentences`` as stretches, ``written`` as text, one for one; ``left_out``: optional blanks nobody filled."""

    template: Template
    values: Mapping[str, str]
    written: tuple[str, ...]
    sentences: tuple[tuple[Said, ...], ...]
    left_out: tuple[str, ...]
    drill: bool

    @property
    def text(self) -> str:
        """The whole of it, to be shown and kept."""
        return " ".join(self.written)

    @property
    def free(self) -> tuple[str, ...]:
        """The blanks that hold what no phrase says, each once."""
        stretched = (said.blank for sentence in self.sentences for said in sentence if said.free)
        return tuple(dict.fromkeys(blank for blank in stretched if blank is not None))


def fill(
    template: Template, values: Mapping[str, str], *, places: Mapping[str, str], today: date, drill: bool = False
) -> Filled:
    """Fill ``template`` in. ``places``: names by id, of zones and clusters; ``today``: the ward's day.

    Raises:
        BadInput: every blank that is missing or wrong, and every name that is no blank, with ``blanks.<id>``.
    """
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    known = {blank.id for blank in template.blanks}
    problems = [
        _wrong(name, f"mẫu không có chỗ trống “{name}”", f"there is no blank “{name}”")
        for name in values.keys() - known
    ]
    found: dict[str, Said] = {}
    for blank in template.blanks:
        value = given.get(blank.id, "")
        if value:
            read = _read(blank, value, {EVERYWHERE: "toàn phường", **places}, today)
            if isinstance(read, Said):
                found[blank.id] = read
            else:
                problems.append(read)
        elif not blank.optional:
            vi, en = f"chưa điền “{blank.label_vi}”", f"“{blank.label_en or blank.label_vi}” is missing"
            problems.append(_wrong(blank.id, vi, en, code="missing"))
    if problems:
        raise BadInput(sorted(problems, key=lambda problem: problem.path))
    is_drill = drill or template.drill
    kept = [sentence for sentence in template.sentences if set(blanks_in(sentence)) <= found.keys()]
    around = [DRILL] if is_drill else []
    rows = [(sentence, _stretched(sentence, found)) for sentence in [*around, *kept, *around]]
    return Filled(
        template=template,
        values=MappingProxyType(given),
        written=tuple(_written(sentence, found) for sentence, _ in rows),
        sentences=tuple(row for _, row in rows if row),
        left_out=tuple(blank.id for blank in template.blanks if blank.id not in found),
        drill=is_drill,
    )


def vocabulary() -> Mapping[str, tuple[str, ...]]:
    """Return what every ward can say ahead, by page: hours, minutes, days, months and numbers."""
    return {
        "gio": tuple(f"{hour} giờ" for hour in range(24)),
        "phut": tuple(f"{minute} phút" for minute in range(1, 60)),
        "ngay": (
            *WEEKDAYS,
            *(f"ngày {day}" for day in range(1, 32)),
            *(f"tháng {month}" for month in range(1, 13)),
        ),
        "so": tuple(str(number) for number in range(LARGEST_WORD + 1)),
    }


def place_phrases(places: Mapping[str, str]) -> tuple[str, ...]:
    """Return how the ward's places are said, each once, the whole ward first."""
    return tuple(dict.fromkeys(["toàn phường", *(places[name] for name in sorted(places))]))


def _stretched(sentence: str, found: Mapping[str, Said]) -> tuple[Said, ...]:
    fixed = stretches(sentence)
    between = re.findall(r"\{([a-z0-9_]+)\}", sentence)
    row: list[Said] = []
    for number, stretch in enumerate(fixed):
        if stretch:
            row.append(Said(text=stretch, phrases=(stretch,)))
        if number < len(between):
            row.append(found[between[number]])
    return tuple(row)


def _written(sentence: str, found: Mapping[str, Said]) -> str:
    return re.sub(r"\{([a-z0-9_]+)\}", lambda match: found[match[1]].text, sentence)


def _read(blank: Blank, value: str, places: Mapping[str, str], today: date) -> Said | Problem:
    match blank.kind:
        case BlankKind.HOUR:
            return _hour(blank, value)
        case BlankKind.DATE:
            return _date(blank, value, today)
        case BlankKind.NUMBER:
            return _number(blank, value)
        case BlankKind.PLACE:
            return _place(blank, value, places)
        case BlankKind.TEXT:
            return _text(blank, value)


def _hour(blank: Blank, value: str) -> Said | Problem:
    read = _HOUR.fullmatch(value)
    if read is None:
        return _wrong(blank.id, f"“{blank.label_vi}” cần giờ như 05:30", "needs an hour like 05:30")
    hour, minute = int(read[1]), int(read[2])
    phrases = [f"{hour} giờ", *([f"{minute} phút"] if minute else [])]
    return _vocabulary(blank, phrases)


def _date(blank: Blank, value: str, today: date) -> Said | Problem:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return _wrong(blank.id, f"“{blank.label_vi}” cần ngày như 2026-10-08", "needs a date like 2026-10-08")
    if not today <= day <= today + _FURTHEST:
        vi = f"“{blank.label_vi}”: ngày {day:%d/%m/%Y} đã qua hoặc quá xa"
        return _wrong(blank.id, vi, f"{day} is past or too far away")
    return _vocabulary(blank, [WEEKDAYS[day.weekday()], f"ngày {day.day}", f"tháng {day.month}"])


def _number(blank: Blank, value: str) -> Said | Problem:
    if not _NUMBER.fullmatch(value) or int(value) > blank.most:
        vi = f"“{blank.label_vi}” cần số từ 0 đến {blank.most}"
        return _wrong(blank.id, vi, f"needs a number from 0 to {blank.most}")
    text = str(int(value))
    return Said(text=text, phrases=(text,), blank=blank.id, free=int(value) > LARGEST_WORD)


def _place(blank: Blank, value: str, places: Mapping[str, str]) -> Said | Problem:
    if value in places:
        return _vocabulary(blank, [places[value]])
    if is_slug(value):
        return _wrong(blank.id, f"“{blank.label_vi}”: không có nơi “{value}”", f"there is no place “{value}”")
    known = next((name for name in places.values() if name.casefold() == value.casefold()), None)
    return _vocabulary(blank, [known]) if known is not None else _text(blank, value)


def _text(blank: Blank, value: str) -> Said | Problem:
    if len(value) > blank.most:
        vi = f"“{blank.label_vi}” dài {len(value)} ký tự, tối đa {blank.most}"
        return _wrong(blank.id, vi, f"is {len(value)} characters long, at most {blank.most}", code="too_long")
    if _CONTROL.search(value):
        vi = f"“{blank.label_vi}” chỉ một dòng, không có dấu {{ }}"
        return _wrong(blank.id, vi, "holds a line break or a brace")
    text = value.rstrip(".!? ") or value
    return Said(text=text, phrases=(text,), blank=blank.id, free=True)


def _vocabulary(blank: Blank, phrases: Iterable[str]) -> Said:
    said = tuple(phrases)
    return Said(text=" ".join(said), phrases=said, blank=blank.id)


def _wrong(name: str, vi: str, en: str, *, code: str = "invalid") -> Problem:
    return Problem(
        code=code, vi=vi, en=en if en.startswith(("there", "“")) else f"“{name}” {en}", path=f"blanks.{name}"
    )
