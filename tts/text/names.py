"""Rules for abbreviations: the lexicon, those that mean several things, codes like KP4 and QL1A, Roman numerals."""

import re
from collections.abc import Callable

from tts.model import DoubtKind
from tts.text import senses
from tts.text.calendar import month
from tts.text.lexicon import Lexicon
from tts.text.numbers import digits, integer, number, roman
from tts.text.rule import Context, Read, Rule
from tts.text.syllables import UPPER, is_word, spell

_PLACES = {
    "KP": "khu phố", "TDP": "tổ dân phố", "QL": "quốc lộ", "ĐT": "đường tỉnh", "TL": "tỉnh lộ", "HL": "hương lộ",
    "ĐH": "đường huyện", "DT": "đường tỉnh", "KV": "khu vực", "Q": "quận", "Km": "ki lô mét", "km": "ki lô mét",
    "KM": "ki lô mét",
    "K": "ca", "P": "phường", "ĐX": "đường xã", "BĐ": "báo động",
}  # fmt: skip
_WARNINGS = 3  # báo động 1 to 3 of a river
_ROOM_FROM = 100  # "P.101" is a room, "P.12" a ward
_THINGS = re.compile(
    r"(?:trạm|trụ|tòa|lô|cột|ga|(?<![Mm]ở )cửa|máy|biến áp|TBA|mương|kênh)(?: T[0-9]{1,2}(?:,|;|-| và)){0,6} ?$"
)
_NUMBERING = re.compile(r"[/)] ?|\.[0-9]")
_LAST_WEEKDAY, _LAST_MONTH = 7, 12
_TEN = 10
_MAX_WHOLE = 3
_ROMAN_CUES = (
    "khóa", "khoá", "chương", "quý", "thứ", "kỷ", "mục", "phần", "điều", "khoản", "kỳ", "lần", "đợt", "cấp", "hạng",
    "loại", "bậc",
    "nhiệm kỳ", "đoạn", "vòng", "số", "tuýp", "mẫu", "quân khu", "trạm", "đội", "pha", "bước", "mốc",
    "vùng", "hội", "lớp", "lục", "nhóm", "tập", "học kỳ", "bảng", "tổ", "khu",
)  # fmt: skip


def _place(found: re.Match[str], context: Context) -> str | None:
    prefix, value, tail = found["prefix"], found["number"], found["tail"]
    name = _PLACES[prefix]
    if prefix == "ĐT" and context.cued(found.start(), ("giống", "lúa")):
        return None  # "giống ĐT 100": no road
    if (prefix in ("P", "Q") and not found["dot"]) or (prefix == "BĐ" and int(value) > _WARNINGS):
        return None
    if prefix == "P" and int(value) >= _ROOM_FROM:
        name, said = "phòng", digits(value)
    else:
        said = integer(int(value), context.reading) if len(value) <= _MAX_WHOLE else digits(value)
    if found["more"]:
        if prefix.upper() in ("KM", "K", "BĐ"):
            return None  # "Km1,5": a decimal
        said += "".join(f", {integer(int(each), context.reading)}" for each in found["more"][1:].split(","))
    if context.cued(found.start(), ("đường",)):
        name = name.removeprefix("đường ")  # "tuyến đường ĐX.02"
    return " ".join([name, said, *([spell(tail)] if tail else [])])


def _weekday_or_month(found: re.Match[str], context: Context) -> str | None:
    value, year = int(found[1]), found[2]
    if _THINGS.search(context.text, 0, found.start()):
        return None  # "trạm T1": a name
    if year or value > _LAST_WEEKDAY or value == 1:
        if value > _LAST_MONTH:
            return None
        tail = f" năm {integer(int(year), context.reading)}" if year else ""
        return f"tháng {month(value, context)}{tail}"
    return f"thứ {'tư' if value == 4 else integer(value, context.reading)}"  # noqa: PLR2004


def _mixed(found: re.Match[str], context: Context) -> Read:
    """Read letters and digits stuck together: H5N1, 3G, 12A. Two letters or more in front should be in the lexicon."""
    said, strange = [], False
    for piece in re.findall(r"[0-9]+|[^\W\d_]+", found[0]):
        if piece.isdigit():
            whole = len(piece) <= _MAX_WHOLE and (len(piece) == 1 or piece[0] != "0")  # "khối A00"
            said.append(integer(int(piece), context.reading) if whole else digits(piece))
            continue
        known = context.lexicon.get(piece)
        strange = strange or (known is None and len(piece) > 1)
        said.append(known or spell(piece))
    return Read(" ".join(said), *((DoubtKind.ACRONYM, "Chưa có trong từ điển.") if strange else ()))


def _quarter(found: re.Match[str], context: Context) -> str | None:
    value = roman(found[1])
    return None if value is None else f"quý {integer(value, context.reading)}"


def _roman(found: re.Match[str], context: Context) -> str | None:
    value = roman(found["numeral"])
    if value is None:
        return None
    if len(found["numeral"]) == 1 and value > _TEN:
        return None  # "hạng C", "D. TỔ CHỨC": a letter, not a hundred
    numbering = found["dot"] or _NUMBERING.match(context.text, found.end())
    at_start = numbering and context.text[: found.start()].strip() == ""
    if context.cued(found.start(), ("thứ",)) and value in (1, 4):
        return "nhất" if value == 1 else "tư"
    plain = len(found["numeral"]) > 1 and set(found["numeral"]) <= set("IVX")
    if at_start or plain or context.cued(found.start(), _ROMAN_CUES):
        return integer(value, context.reading) + (found["dot"] or "")
    return None


_PEOPLE = ("tên", "tên là", "ông", "bà", "anh", "chị", "em", "cháu", "cụ", "bé", "đối tượng", "nạn nhân", "họ tên")


def _dotted(found: re.Match[str], context: Context) -> Read | None:
    """Read "T.Ư" and "U.B.N.D" like the same letters without dots; initials of a person letter by letter."""
    letters = found[0].replace(".", "")
    if context.cued(found.start(), _PEOPLE):
        return Read(spell(letters))  # "tên N.V.H" is nobody's house
    known = context.lexicon.get(letters) or context.lexicon.get(found[0].rstrip("."))
    return Read(known or spell(letters))


def _lookup(found: re.Match[str], context: Context) -> str | None:
    token = found[0]
    if token.isupper() and is_word(token) and context.in_capitals(found.start(), found.end()):
        return None  # a word of a heading: "AI CŨNG CÓ QUYỀN"
    return context.lexicon.get(token)


def _captured(text: str, context: Context) -> str:
    """Read what a group of a ward's pattern found."""
    said = []
    for piece in re.findall(r"[0-9]+|[^\W\d_]+", text):
        if piece.isdigit():
            said.append(integer(int(piece), context.reading) if len(piece) <= _MAX_WHOLE else digits(piece))
        else:
            said.append(context.lexicon.get(piece) or (piece if is_word(piece) else spell(piece)))
    return " ".join(said)


def _by_pattern(reading: str) -> Callable[[re.Match[str], Context], str]:
    def read(found: re.Match[str], context: Context) -> str:
        said = re.sub(r"\\([1-9])", lambda group: f" {_captured(found[int(group[1])] or '', context)} ", reading)
        return " ".join(said.split())

    return read


def _capitals(found: re.Match[str], context: Context) -> Read | None:
    """Read capitals: a heading in words is read as words, anything else is spelled out and reported."""
    token = found[0]
    known = context.lexicon.get(token) or context.lexicon.get(token.rstrip("."))
    if known:
        return Read(known)
    if is_word(token) and (not token.isascii() or context.in_capitals(found.start(), found.end())):
        return Read(token.lower())
    if is_word(token) and len(token) > 2:  # noqa: PLR2004 - "cháy cấp CAO"; two letters are more often an abbreviation
        said, spelled = token.lower(), spell(token)
        return Read(said, DoubtKind.AMBIGUOUS, f"“{token}” là một từ hay chữ viết tắt?", (said, spelled))
    if _NAME_LIKE.fullmatch(token) and _STORM.search(context.text, 0, found.start()):
        return Read(
            token.lower(), DoubtKind.FOREIGN, "Tên riêng viết hoa, chưa có trong từ điển."
        )  # a storm: "KALMAEGI"
    return Read(spell(token), DoubtKind.ACRONYM, "Chưa có trong từ điển: sẽ đọc từng chữ cái.")


_WINDS = {"Đ": "đông", "T": "tây", "N": "nam", "B": "bắc"}


def _wind(found: re.Match[str], _: Context) -> str:
    """Read "hướng TTB", "gió ĐB"."""
    return " ".join(_WINDS[letter] for letter in found[0])


def _quarter_of_year(found: re.Match[str], context: Context) -> str:
    """Read "Q1/2026"; "Q.1" alone is a district."""
    return f"quý {integer(int(found[1]), context.reading)} năm {integer(int(found[2]), context.reading)}"


def _slogan(found: re.Match[str], context: Context) -> str:
    """Read "quy tắc 5K": no money."""
    return f"{integer(int(found[1]), context.reading)} ca"


_STORM = re.compile(r"(?:[Bb]ão|BÃO)[^.;]{0,30}$")
_NAME_LIKE = re.compile("(?=[A-Z]{4,})(?:[BCDFGHJKLMNPQRSTVWXYZ]{0,2}[AEIOU]{1,2}){2,8}[BCDFGHJKLMNPQRSTVWXYZ]{0,2}")


def _alarm(found: re.Match[str], context: Context) -> str:
    """Read "BĐ III" of a river."""
    return f"báo động {integer(len(found[1]), context.reading)}"


def _graded(found: re.Match[str], context: Context) -> str:
    """Read "M6.3": one figure behind the dot belongs to the number."""
    return f"{context.lexicon.get(found[1]) or spell(found[1])} {number(found[2], context.reading)}"


def first_rules(lexicon: Lexicon) -> tuple[Rule, ...]:
    """Return the rules that come before all others: what a list says of figures, the rules for figures leave alone."""
    return (
        *(Rule("lexicon", pattern, _by_pattern(reading)) for pattern, reading in lexicon.patterns),
        Rule("lexicon", lexicon.figures, _lookup),
        Rule("abbreviation-in-context", re.compile(r"(?<!\w)[Đđ]/[Cc](?= ?: ?)"), lambda _, __: "địa chỉ"),
        Rule("road-or-place", re.compile(r"(?<!\w)BĐ ?(I{1,3})(?!\w)"), _alarm),
        Rule("letters-and-digits", re.compile(r"(?<![\w.])([A-Z]{1,3})([0-9]{1,2}\.[0-9])(?!\w|[.,-][0-9])"), _graded),
        Rule("quarter", re.compile(r"(?<![\w.])Q\.?([1-4]) ?[/-] ?(20[0-9]{2})(?![\w/])"), _quarter_of_year),
        Rule("slogan", re.compile(r"(?:(?<=tắc )|(?<=điệp )|(?<=hiện ))([2-6])K(?!\w)"), _slogan),
        Rule(
            "wind",
            re.compile(
                r"(?:(?<=hướng )|(?<=phía )|(?<=gió )|(?<=Gió )|(?<=Hướng )|(?<=Đông )|(?<=Tây ))"
                r"(?!BĐ|TB [0-9])[ĐTBN]{1,3}(?!\w)"
            ),
            _wind,
        ),
    )


def rules(lexicon: Lexicon) -> tuple[Rule, ...]:
    """Return the rules for abbreviations over this lexicon."""
    listed = lexicon.pattern
    return (
        Rule(
            "road-or-place",
            re.compile(
                rf"(?<![\w])(?P<prefix>{'|'.join(sorted(_PLACES, key=len, reverse=True))})(?P<dot>\.?) ?"
                r"(?P<number>[0-9]{1,4})(?P<tail>[A-Z]?)(?P<more>(?:,[0-9]{1,3}){0,8})(?!\w|[.,:][0-9]| ?[./-] ?[0-9])"
            ),
            _place,
        ),
        Rule("weekday", re.compile(r"(?<!\w)T\.?([1-9]|1[0-2])(?:/(20[0-9]{2}))?(?![\w/])"), _weekday_or_month),
        Rule("roman", re.compile(r"(?<![\w.])Q\.? ?(I{1,3}|IV)(?!\w)"), _quarter),
        Rule("lexicon", listed, _lookup),
        *senses.RULES,
        Rule("dotted-capitals", re.compile(rf"(?<![\w.])(?:[{UPPER}]\.){{1,6}}[{UPPER}](?![\w])\.?"), _dotted),
        Rule("roman", re.compile(r"(?<![\w.])(?P<numeral>[IVXLCDM]{1,8})(?!\w)(?P<dot>\.(?= ))?"), _roman),
        Rule("letters-and-digits", re.compile(r"(?<!\w)(?<![0-9][.,])(?:[A-ZĐ]{1,8}[0-9]{1,6}"
                                              r"(?:[A-ZĐ]{1,3}[0-9]{0,4}){0,3}"
                                              r"|[0-9]{1,6}[A-ZĐ]{1,3}[0-9]{0,4})(?!\w)"), _mixed),
        Rule("capitals", re.compile(rf"(?<![^\W\d_])(?![IVX]{{2,8}}(?!\w))[{UPPER}]{{2,40}}(?![^\W\d_])"), _capitals),
    )  # fmt: skip
