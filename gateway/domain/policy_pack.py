"""Gói quy chế: one version of a ward's air rules as a document that people write and the root key signs.

Read from what a TOML or JSON file holds (a plain dict); every mistake is told at once, with its place. Unknown keys
are mistakes: a misspelt ``sesions_per_day`` must not become no limit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, TypeVar

from devices.model import AirRules, Ceiling, Window
from gateway.domain.errors import BadInput, Problem
from gateway.domain.local_time import is_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_PERCENT = 100
_MISSING = object()

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PolicyPack:
    """Gói quy chế: the rules, and where they come from."""

    rules: AirRules
    title_vi: str
    title_en: str
    source: str
    """The decision the numbers are from, or that there is none; shown to people."""
    valid_from: date

    def to_document(self) -> dict[str, Any]:
        """Return the pack as plain JSON values; :func:`parse_policy` reads it back as it is."""
        rules = self.rules
        document: dict[str, Any] = {
            "name": rules.name,
            "version": rules.version,
            "title_vi": self.title_vi,
            "title_en": self.title_en,
            "source": self.source,
            "valid_from": self.valid_from.isoformat(),
            "zone": rules.zone,
            "weekdays": [WEEKDAYS[day] for day in sorted(rules.weekdays)],
            "windows": [{"start": _clock(w.start), "end": _clock(w.end)} for w in rules.windows],
            "max_percent": rules.max_percent,
            "emergency_min_percent": rules.emergency_min_percent,
            "ceilings": [
                {"start": _clock(c.start), "end": _clock(c.end), "max_percent": c.max_percent} for c in rules.ceilings
            ],
        }
        limits = {
            "sessions_per_day": rules.sessions_per_day,
            "session_max_s": rules.session_max_s,
            "music_allowed_from": rules.music_allowed_from and _clock(rules.music_allowed_from),
        }
        return document | {name: limit for name, limit in limits.items() if limit is not None}


def parse_policy(document: Mapping[str, Any]) -> PolicyPack:
    """Read a pack.

    Raises:
        BadInput: every mistake, with its path.
    """
    read = _Reader(document, path="")
    name, version = read.take("name", _text), read.take("version", _count)
    titles = read.take("title_vi", _text), read.take("title_en", _text)
    source, valid_from = read.take("source", _text), read.take("valid_from", _date)
    zone = read.take("zone", _zone)
    weekdays = read.take("weekdays", _weekdays)
    windows = read.each("windows", _window, required=True)
    ceilings = read.each("ceilings", _ceiling, required=False)
    max_percent = read.take("max_percent", _percent)
    emergency = read.take("emergency_min_percent", _percent)
    sessions = read.take("sessions_per_day", _count, default=None)
    session_max = read.take("session_max_s", _count, default=None)
    music = read.take("music_allowed_from", _time, default=None)
    read.no_more()
    if read.problems:
        raise BadInput(read.problems)
    rules = AirRules(
        name=name,
        version=version,
        zone=zone,
        windows=windows,
        weekdays=weekdays,
        sessions_per_day=sessions,
        session_max_s=session_max,
        music_allowed_from=music,
        max_percent=max_percent,
        ceilings=ceilings,
        emergency_min_percent=emergency,
    )
    return PolicyPack(rules=rules, title_vi=titles[0], title_en=titles[1], source=source, valid_from=valid_from)


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """What a value should have been, in two languages."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en


class _Reader:
    """Takes the values of one table, and remembers what is wrong instead of stopping at the first."""

    def __init__(self, table: Mapping[str, Any], path: str) -> None:
        self.problems: list[Problem] = []
        self._left = dict(table)
        self._path = path

    def take(self, key: str, parse: Callable[[Any], T], default: Any = _MISSING) -> T:
        """Return the parsed value; after a mistake some placeholder, which nobody uses once there are problems."""
        value = self._left.pop(key, default)
        if value is _MISSING:
            self._wrong(key, _Wrong("thiếu", "is missing"))
            return default  # type: ignore[no-any-return]
        if value is default:
            return value  # type: ignore[no-any-return]
        try:
            return parse(value)
        except _Wrong as wrong:
            self._wrong(key, wrong)
            return default  # type: ignore[no-any-return]

    def each(self, key: str, parse: Callable[["_Reader"], T | None], *, required: bool) -> tuple[T, ...]:
        """Return the parsed rows of a list of tables."""
        rows = self._left.pop(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            self._wrong(key, _Wrong("cần một danh sách các mục", "needs a list of tables"))
            return ()
        if required and not rows:
            self._wrong(key, _Wrong("cần ít nhất một mục", "needs at least one"))
        found: list[T] = []
        for index, row in enumerate(rows):
            reader = _Reader(row, path=f"{self._path}{key}.{index}.")
            try:
                row_read = parse(reader)
                if row_read is not None:
                    found.append(row_read)
            except _Wrong as wrong:
                reader._wrong("", wrong)
            reader.no_more()
            self.problems += reader.problems
        return tuple(found)

    def no_more(self) -> None:
        """Tell of every key that nobody asked for."""
        for key in sorted(self._left):
            self._wrong(key, _Wrong("không có mục này", "is not known"))

    def _wrong(self, key: str, wrong: _Wrong) -> None:
        path = f"{self._path}{key}".rstrip(".")
        vi, en = f"{path}: {wrong.vi}", f"{path} {wrong.en}"
        self.problems.append(Problem(code="invalid", vi=vi, en=en, path=path))


def _edges(read: _Reader) -> tuple[time, time]:
    start, end = read.take("start", _time), read.take("end", _time)
    if not read.problems and start >= end:
        raise _Wrong("giờ đầu phải trước giờ cuối; qua nửa đêm thì viết hai khung", "must begin before it ends")
    return start, end


def _window(read: _Reader) -> Window | None:
    start, end = _edges(read)
    return None if read.problems else Window(start=start, end=end)


def _ceiling(read: _Reader) -> Ceiling | None:
    max_percent = read.take("max_percent", _percent)
    start, end = _edges(read)
    return None if read.problems else Ceiling(start=start, end=end, max_percent=max_percent)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("cần một dòng chữ", "needs a text")
    return value


def _count(value: Any) -> int:
    if not _is_int(value) or value < 1:
        raise _Wrong("cần một số nguyên từ 1", "needs a whole number from 1")
    return int(value)


def _percent(value: Any) -> int:
    if not _is_int(value) or not 0 <= value <= _FULL_PERCENT:
        raise _Wrong("cần một số nguyên từ 0 đến 100", "needs a whole number from 0 to 100")
    return int(value)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _zone(value: Any) -> str:
    if not isinstance(value, str) or not is_zone(value):
        raise _Wrong("không có múi giờ này", "needs an IANA time zone")
    return value


def _weekdays(value: Any) -> frozenset[int]:
    if not isinstance(value, list) or not value or not set(map(str, value)) <= set(WEEKDAYS):
        raise _Wrong(f"cần các thứ trong {', '.join(WEEKDAYS)}", f"needs days out of {', '.join(WEEKDAYS)}")
    return frozenset(WEEKDAYS.index(day) for day in value)


def _time(value: Any) -> time:
    try:
        at = value if isinstance(value, time) else time.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Wrong("cần giờ dạng 05:30", "needs a time like 05:30") from None
    if at.tzinfo is not None or at.second or at.microsecond:
        raise _Wrong("cần giờ địa phương chẵn phút", "needs a local time in whole minutes")
    return at


def _date(value: Any) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Wrong("cần ngày dạng 2026-01-01", "needs a date like 2026-01-01") from None


def _clock(at: time) -> str:
    return at.isoformat(timespec="minutes")
