"""Mẫu bản tin: texts with typed blanks, for the hour when nobody has time to write. Pure.

An emergency one is a row of short sentences, and whatever goes into its blanks is made of phrases that can be spoken
ahead. Only free text cannot, so free text stands in a sentence of its own that the message makes sense without.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from devices.model import is_slug
from gateway.domain.errors import BadInput, Problem

DRILL = "Đây là diễn tập."
"""domain.md row 32: said first and last, whatever the template says, so that whoever hears half of it knows."""
MOST_BLANKS, MOST_TEXT, MOST_NAME = 12, 3_000, 80
MOST_FREE = 200
"""Longest free text of any template; an emergency one keeps to 120: that is some twelve seconds."""
MOST_FREE_EMERGENCY = 120
MOST_WORDS_EMERGENCY = 66
"""domain.md row 10: at most 40 s. The default voice says a hundred syllables a minute when slow, pauses counted."""
_BLANK = re.compile(r"\{([a-z0-9_]+)\}")
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")


class Kind(StrEnum):
    """Khẩn cấp / thường ngày."""

    EMERGENCY = "emergency"
    EVERYDAY = "everyday"


class BlankKind(StrEnum):
    """Giờ, ngày, nơi, số, chữ tự do."""

    HOUR = "hour"
    DATE = "date"
    PLACE = "place"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Blank:
    """Chỗ trống. ``most``: the longest text, or the largest number; ``optional``: left empty, its sentence goes."""

    id: str
    label_vi: str
    label_en: str
    kind: BlankKind
    optional: bool = False
    most: int = 80


@dataclass(frozen=True, kw_only=True)
class Template:
    """Mẫu. ``{blank}`` stands for a blank; sentences end with ``.``, ``!``, ``?`` or a line.

    Raises:
        BadInput: every mistake, with its field.
    """

    id: str
    name_vi: str
    name_en: str
    kind: Kind
    text: str
    blanks: tuple[Blank, ...] = ()
    example: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    drill: bool = False
    """Always sent as a drill."""

    def __post_init__(self) -> None:
        problems = [*_wrong_about_names(self), *_wrong_about_blanks(self)]
        if self.kind is Kind.EMERGENCY:
            problems += _wrong_about_emergency(self)
        if problems:
            raise BadInput(problems)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The text, sentence by sentence."""
        return tuple(part.strip() for part in _SENTENCES.split(self.text.strip()) if part.strip())

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """Everything it may say that stands in no blank, each stretch once: what is spoken ahead."""
        own = (stretch for sentence in self.sentences for stretch in stretches(sentence) if stretch)
        return tuple(dict.fromkeys([*own, DRILL]))

    def blank(self, name: str) -> Blank:
        """Return the blank ``name``; the caller knows that there is one."""
        return next(blank for blank in self.blanks if blank.id == name)


def blanks_in(text: str) -> tuple[str, ...]:
    """Return the names of the blanks in ``text``, each once."""
    return tuple(dict.fromkeys(_BLANK.findall(text)))


def stretches(sentence: str) -> tuple[str, ...]:
    """Return the fixed parts before, between and after the blanks of ``sentence``; "" where nothing is said."""
    return tuple(_said(part) for part in _BLANK.sub("\0", sentence).split("\0"))


def _said(part: str) -> str:
    text = part.strip().lstrip(",;:.!?)”\"' ").strip()
    return text if any(char.isalnum() for char in text) else ""


def _wrong_about_names(template: Template) -> Iterable[Problem]:
    if not is_slug(template.id):
        yield _bad("id", "mã chỉ gồm chữ thường, số và gạch nối", "lower-case letters, digits and dashes")
    if not 0 < len(template.name_vi.strip()) <= MOST_NAME or len(template.name_en) > MOST_NAME:
        yield _bad("name_vi", f"cần tên, tối đa {MOST_NAME} ký tự", f"a name of at most {MOST_NAME} characters")
    if not template.sentences or len(template.text) > MOST_TEXT:
        yield _bad("text", f"cần nội dung, tối đa {MOST_TEXT} ký tự", f"a text of at most {MOST_TEXT} characters")
    if set("{}") & set(_BLANK.sub("", template.text)):
        yield _bad("text", "dấu { } chỉ dùng cho chỗ trống, ví dụ {gio}", "braces only around blanks, e.g. {gio}")
    if template.drill and template.kind is not Kind.EMERGENCY:
        yield _bad("drill", "chỉ mẫu khẩn cấp mới có diễn tập", "only emergencies are drilled")


def _wrong_about_blanks(template: Template) -> Iterable[Problem]:
    names = [blank.id for blank in template.blanks]
    used = blanks_in(template.text)
    for name in dict.fromkeys(names):
        if not _ID.fullmatch(name) or names.count(name) > 1:
            yield _bad(f"blanks.{name}", "mã chỗ trống sai hoặc trùng", "a blank id of its own, like gio")
        if name not in used:
            yield _bad(f"blanks.{name}", "chỗ trống này không có trong nội dung", "the text to use this blank")
    for name in used:
        if name not in names:
            yield _bad(f"blanks.{name}", "nội dung dùng chỗ trống chưa khai báo", "this blank to be declared")
    if len(names) > MOST_BLANKS:
        yield _bad("blanks", f"tối đa {MOST_BLANKS} chỗ trống", f"at most {MOST_BLANKS} blanks")
    for blank in template.blanks:
        yield from _wrong_about_blank(blank)


def _wrong_about_blank(blank: Blank) -> Iterable[Problem]:
    if not blank.label_vi.strip():
        yield _bad(f"blanks.{blank.id}", "chỗ trống cần tên gọi", "a label")
    if blank.kind in (BlankKind.TEXT, BlankKind.PLACE) and not 1 <= blank.most <= MOST_FREE:
        yield _bad(f"blanks.{blank.id}", f"dài tối đa {MOST_FREE} ký tự", f"at most {MOST_FREE} characters")
    if blank.kind is BlankKind.NUMBER and not 0 <= blank.most <= 10**9:
        yield _bad(f"blanks.{blank.id}", "số lớn nhất không hợp lệ", "a largest number up to a billion")


def _wrong_about_emergency(template: Template) -> Iterable[Problem]:
    free = {blank.id for blank in template.blanks if blank.kind is BlankKind.TEXT}
    must = {blank.id for blank in template.blanks if not blank.optional}
    for blank in template.blanks:
        if blank.id not in free:
            continue
        around = [sentence for sentence in template.sentences if blank.id in blanks_in(sentence)]
        if not blank.optional or any(must & set(blanks_in(sentence)) for sentence in around):
            yield _bad(
                f"blanks.{blank.id}",
                "chữ tự do phải để trống được và đứng trong câu riêng: khi không có giọng đọc, câu ấy được bỏ",
                "free text to be optional and in a sentence of its own: with no speech that sentence is left out",
            )
        if blank.most > MOST_FREE_EMERGENCY:
            yield _bad(
                f"blanks.{blank.id}",
                f"mẫu khẩn cấp: tối đa {MOST_FREE_EMERGENCY} ký tự",
                f"at most {MOST_FREE_EMERGENCY} characters in an emergency",
            )
    if not any(not set(blanks_in(sentence)) - must for sentence in template.sentences):
        yield _bad("text", "cần ít nhất một câu luôn được đọc", "one sentence that is always said")
    words = len(_BLANK.sub("một hai ba", template.text).split()) + 2 * len(DRILL.split())
    if words > MOST_WORDS_EMERGENCY:
        yield _bad(
            "text",
            f"mẫu khẩn cấp phải đọc xong trong 40 giây: tối đa {MOST_WORDS_EMERGENCY} tiếng, đang có {words}",
            f"an emergency is said within 40 s: at most {MOST_WORDS_EMERGENCY} syllables, not {words}",
        )


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)
