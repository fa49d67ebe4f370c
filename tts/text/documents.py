"""Rules for what an office quotes: document numbers, addresses on the web, telephone numbers."""

import re

from tts.model import DoubtKind
from tts.text.numbers import DIGITS, digits, integer
from tts.text.reading import DocumentStyle
from tts.text.rule import Context, Read, Rule
from tts.text.syllables import bare, is_syllable, spell, split_bare

CODES = {
    "NĐ": "nghị định", "CP": "chính phủ", "QĐ": "quyết định", "TTg": "thủ tướng", "KH": "kế hoạch", "NQ": "nghị quyết",
    "TT": "thông tư", "TTLT": "thông tư liên tịch", "CT": "chỉ thị", "CTr": "chương trình", "CTR": "chương trình",
    "TTr": "tờ trình", "TTR": "tờ trình", "BC": "báo cáo", "TB": "thông báo", "HD": "hướng dẫn", "CV": "công văn",
    "GM": "giấy mời", "KL": "kết luận", "ĐA": "đề án", "PA": "phương án", "QC": "quy chế", "BB": "biên bản",
    "TM": "thư mời",
    "QyĐ": "quy định", "QyC": "quy chế", "CĐ": "công điện", "TU": "tỉnh ủy", "ĐU": "đảng ủy", "ĐUK": "đảng ủy khối",
    "HU": "huyện ủy", "QU": "quận ủy", "TW": "trung ương", "QH": "quốc hội", "UBTVQH": "ủy ban thường vụ quốc hội",
    "VPCP": "văn phòng chính phủ", "BTTTT": "bộ thông tin và truyền thông", "BNV": "bộ nội vụ", "BTC": "bộ tài chính",
    "BYT": "bộ y tế", "BGDĐT": "bộ giáo dục và đào tạo", "BCA": "bộ công an", "BQP": "bộ quốc phòng",
    "BTP": "bộ tư pháp",
    "BXD": "bộ xây dựng", "BCT": "bộ công thương", "BKHCN": "bộ khoa học và công nghệ",
    "STTTT": "sở thông tin và truyền thông",
    "SYT": "sở y tế", "SNV": "sở nội vụ", "STC": "sở tài chính", "VP": "văn phòng", "CA": "công an",
    "CAP": "công an phường",
    "BCĐ": "ban chỉ đạo", "BTV": "ban thường vụ", "BVHTTDL": "bộ văn hóa thể thao và du lịch",
    "BTNMT": "bộ tài nguyên và môi trường",
    "BVĐ": "ban vận động", "BTGTW": "ban tuyên giáo trung ương", "BTGTU": "ban tuyên giáo tỉnh ủy",
    "SGDĐT": "sở giáo dục và đào tạo", "GDTrH": "giáo dục trung học",
    "GDTH": "giáo dục tiểu học", "GDMN": "giáo dục mầm non",
    "BTT": "ban thường trực", "BTGDVTW": "ban tuyên giáo và dân vận trung ương",
    "NC": "nội chính", "VX": "văn xã",
    "KGVX": "khoa giáo văn xã", "KTTH": "kinh tế tổng hợp", "TH": "tổng hợp", "KT": "kinh tế",
    "VHXH": "văn hóa xã hội", "KTHT": "kinh tế hạ tầng", "TNMT": "tài nguyên và môi trường",
    "VHTT": "văn hóa thông tin", "MTTQ": "mặt trận tổ quốc", "HĐBC": "hội đồng bầu cử", "UBBC": "ủy ban bầu cử",
    "HĐNVQS": "hội đồng nghĩa vụ quân sự", "PL": "phụ lục", "QT": "quy trình", "ĐTN": "đoàn thanh niên",
    "HCCB": "hội cựu chiến binh", "HND": "hội nông dân", "HLHPN": "hội liên hiệp phụ nữ",
    "BNNMT": "bộ nông nghiệp và môi trường", "BNNPTNT": "bộ nông nghiệp và phát triển nông thôn",
    "BLĐTBXH": "bộ lao động thương binh và xã hội", "SVHTTDL": "sở văn hóa thể thao và du lịch",
    "NHNN": "ngân hàng nhà nước", "BHXH": "bảo hiểm xã hội",
    "TANDTC": "tòa án nhân dân tối cao", "VKSNDTC": "viện kiểm sát nhân dân tối cao", "L": "luật",
    "GP": "giấy phép", "GCN": "giấy chứng nhận", "GUQ": "giấy ủy quyền", "GXN": "giấy xác nhận",
    "TTYT": "trung tâm y tế",
    "LĐ": "liên đoàn", "HĐ": "hợp đồng", "TBKL": "thông báo kết luận", "CTMT": "công tác mặt trận",
}  # fmt: skip
"""Ký hiệu văn bản: what stands between the dashes of a document number. Only here do two letters mean so much."""

_CODE = "[A-ZĐ][A-ZĐa-zy&]{0,9}[0-9]{0,2}"
_DOCUMENT = re.compile(
    rf"(?<![\w/])(?<![0-9][.,])(?P<number>[0-9]{{1,5}}[a-zA-Z]?)(?: ?/ ?(?P<year>(?:19|20)[0-9]{{2}}))?"
    rf"(?P<sep> ?[/-] ?| (?=[A-ZĐ][A-Za-zĐđ]{{1,6}}/[A-ZĐ]{{2}}))(?P<codes>{_CODE}(?: ?[-/] ?{_CODE}){{0,3}})(?!\w)"
)
_DOCUMENT_CUES = ("tuần", "ttlt", "liên tịch", "tịch số", "pháp lệnh", "công điện", "tờ trình", "kết luận", "quy định",
                  "quyết", "nghị định",
                  "thông tư", "tt", "nđ", "chỉ thị", "quyết định", "qđ", "nghị quyết", "nq", "công văn",
                  "luật", "ct",
                  "kế hoạch", "kh", "thông báo", "hướng dẫn", "định số", "tư số", "thị số", "quyết số", "văn số",
                  "hoạch số",
                  "luật số", "báo số", "trình số", "đề án", "đề án số", "lệnh số", "mời số", "chí số", "số",
                  "bản tin số")  # fmt: skip
_URL = re.compile(
    r"(?<![\w@.])(?:(?P<scheme>https?)://)?(?P<host>(?:[A-Za-z0-9-]{1,40}\.){1,6}(?:vn|com|net|org|info|edu|gov|io|asia|ly|me|gl))"
    r"(?P<path>(?:/(?:[A-Za-z0-9_~%+-]|[.](?=[A-Za-z0-9])){0,60}){0,8})(?P<query>\?[A-Za-z0-9_=&%.+-]{1,80}(?<![.=&]))?(?![\w@])"
)
_QUERY_SIGNS = {"?": "", "&": "và", "=": "bằng"}
_MAIL = re.compile(r"(?<![\w.+-])([A-Za-z0-9._+-]{1,64})@((?:[A-Za-z0-9-]{1,40}\.){1,6}[A-Za-z]{2,10})(?!\w)")
_PHONE = re.compile(
    r"(?<![\w.,+])(?<![^0-9 ]/)(?:\(?(?P<intl>\+84)\)?[ .-]?[1-9]|84-[1-9]|\(0[0-9]{2,4}\)|0[0-9])"
    r"(?:[ .-]?[0-9]){7,9}(?!\w|[.,-]?[0-9]|/(?! ?[(+]?[0-9]))"
)
_HOTLINE = re.compile(r"(?<![\w.,/])1[89]00(?:[ .-]?[0-9]){4,6}(?![\w/]|[.,][0-9])")
_SHORT_NUMBER = re.compile(r"(?<![\w.,/])[1-9][0-9]{2,4}(?![\w/%]|[.,-]?[0-9])")
_CALL_CUES = ("gọi", "gọi số", "gọi ngay", "ngay số", "tổng đài", "dây nóng", "hotline", "cấp cứu", "cứu hỏa",
              "cảnh sát",
              "điện thoại", "nội bộ", "máy lẻ", "số lẻ", "nhánh",
              "báo cháy", "liên hệ", "đầu số", "gọi đến", "gọi tới", "bấm", "quay số",
              "bấm số", "khẩn cấp", "đường dây", "alô", "a lô", "máy trực", "số máy")  # fmt: skip
_MESSAGE_CUES = ("qua số", "đến số", "tới số", "vào số", "số máy", "gửi số")
_MESSAGE = re.compile(r"(?:soạn|nhắn tin|tin nhắn)[^.;]{0,30}(?:gửi|đến|tới) $", re.IGNORECASE)
_LISTED_NUMBERS = re.compile(r"[ (](?:1(?:1[1-5]|022|08[018]|800|900)(?:,| -| và| hoặc| hay|;) ){1,5}$")
_EMERGENCY_NUMBERS = ("111", "112", "113", "114", "115")
_AFTER_A_CALL = ("tìm", "báo", "hoặc", "và", "để", "khi", "nếu", "là", "trực")
_CALLED = re.compile("(?:[Gg]ọi|[Tt]ổng đài|[Dd]ây nóng|[Hh]otline|[Đđ]iện thoại|[Ss]ố máy)[^.;!?]{0,120}$")
"""Earlier in the same clause somebody was told to call: "Gọi 113 khi có trộm, 114 khi có cháy"."""
_HOW_MANY = ("có", "tổng", "tổng số", "gồm", "hơn", "gần", "khoảng", "được", "còn", "cho", "trong", "đạt")
_PHONE_GROUPS = {9: (3, 3, 3), 10: (4, 3, 3), 11: (4, 3, 4)}


_BODIES = {"P": "phòng", "S": "sở", "B": "bộ", "TT": "trung tâm", "HU": "huyện ủy", "BQL": "ban quản lý"}
_SHORTEST_REST = 3  # of two letters ("STP") too many mean something else


def _composed(letters: str, context: Context) -> str | None:
    """Read "PKTHTĐT" and "SKHĐT": the kind of body, then what it looks after."""
    for kind, said in _BODIES.items():
        rest = letters.removeprefix(kind)
        if _SHORTEST_REST <= len(rest) < len(letters):
            known = CODES.get(rest) or context.lexicon.get(rest)
            if known:
                return f"{said} {known}"
    return None


def code_words(code: str, context: Context) -> tuple[str, bool]:
    """Read one part of a document number; the flag tells whether it is known."""
    letters = code.rstrip("0123456789")
    term = code[len(letters) :]
    known = CODES.get(letters) or context.lexicon.get(letters) or _composed(letters, context)
    said = known or spell(letters)
    return (f"{said} {integer(int(term), context.reading)}" if term else said), known is not None


def _document(found: re.Match[str], context: Context) -> Read | None:
    codes = re.split(" ?[-/] ?", found["codes"])
    parts = [code_words(code, context) for code in codes]
    if codes[0] == "QĐ" and " quy định " in f" {context.words_before(found.start(), 4)} ":
        parts[0] = ("quy định", True)
    known = [ok for _, ok in parts]
    dashed = "-" in found["sep"]
    lone = len(codes) == 1
    if (dashed and lone) or not any(known) or (lone and found["year"] is None and not known[0]):
        return None  # "10 - Trường", "5/A": not a document
    if any(not ok and not code.isupper() for code, ok in zip(codes, known, strict=True)):
        return None
    words = [said for said, _ in parts]
    said = f"{_numeral(found['number'], context)}"
    if found["year"]:
        said += f" năm {integer(int(found['year']), context.reading)}"
    if (
        context.reading.documents is DocumentStyle.SHORT
        and f" {words[0]} " in f" {context.words_before(found.start(), 5)} "
    ):
        words = words[1:]
        if words and context.word_after(found.end()) != "của":
            words[0] = "của " + words[0]
    said = " ".join([said, *words])
    if all(known):
        return Read(said)
    strange = ", ".join(code for code, ok in zip(codes, known, strict=True) if not ok)
    return Read(said, DoubtKind.ACRONYM, f"Ký hiệu văn bản chưa có trong từ điển: {strange}.")


def _numbered_of_year(found: re.Match[str], context: Context) -> str | None:
    """Read "Thông tư 12/2022": without the cue it would be December 2022."""
    if not context.cued(found.start(), _DOCUMENT_CUES):
        return None
    number, year = (integer(int(part), context.reading) for part in found.groups())
    return f"{number} năm {year}"


def _bare_codes(found: re.Match[str], context: Context) -> str | None:
    """Read "QĐ-TTg" standing alone, when every part is a known code."""
    codes = found[0].split("-")
    if context.lexicon.get(found[0]) or not all(code in CODES or context.lexicon.get(code) for code in codes):
        return None
    return " ".join(code_words(code, context)[0] for code in codes) if codes[0] in CODES else None


_SURE_KINDS = ("QĐ", "NQ", "NĐ", "TTr", "TTLT", "CT")
_DOCUMENT_LIKE = re.compile(r" (?:số:? )?[0-9]{1,5}(?: ?[/-] ?(?:[0-9A-ZĐ])| của| ngày|$|[.,;)])")


def _kind(found: re.Match[str], context: Context) -> str | None:
    """Read "NQ 57" and "TT 39/2020": the kind of a document before its number."""
    if found[0] == "TB" and context.cued(found.start(), ("điểm", "giá", "mức", "nhiệt độ", "học lực")):
        return None  # trung bình
    numbered = context.text.startswith(" số", found.end())
    if found[0] in _SURE_KINDS or numbered or _DOCUMENT_LIKE.match(context.text, found.end()):
        return CODES[found[0]]
    return None


def _numeral(text: str, context: Context) -> str:
    letters = text.lstrip("0123456789")
    said = integer(int(text.removesuffix(letters) if letters else text), context.reading)
    return f"{said} {spell(letters)}" if letters else said


def _label(label: str, context: Context) -> str:
    """Read one part of an address: listed, Vietnamese without marks, or spelled out."""
    pieces = re.findall("[A-Za-z]+|[0-9]+", label)
    said = []
    for piece in pieces:
        if piece.isdigit():
            said.append(digits(piece))
        else:
            said.append(context.lexicon.get(piece) or _latin(piece))
    return " ".join(said)


def _latin(piece: str) -> str:
    low = bare(piece)
    return (
        low if is_syllable(low) else split_bare(low) or (low if any(vowel in low for vowel in "aeiou") else spell(low))
    )


def _host(host: str, context: Context) -> str:
    return " chấm ".join(_label(label, context) for label in host.split("."))


def _url(found: re.Match[str], context: Context) -> str:
    said = _host(found["host"], context)
    for part in filter(None, found["path"].split("/")):
        said += f" gạch chéo {_host(part, context)}"
    if found["query"]:
        said += " dấu hỏi"
        for sign, part in re.findall("([?&=])([^?&=]*)", found["query"]):
            said += f" {_QUERY_SIGNS[sign]} {_host(part, context)}"
    return " ".join(said.split())


def _mail(found: re.Match[str], context: Context) -> str:
    return f"{_host(found[1], context)} a còng {_host(found[2], context)}"


def _grouped(written: str) -> str:
    groups = re.findall("[0-9]+", written)
    if len(groups) == 1 and len(groups[0]) in _PHONE_GROUPS:
        number, groups = groups[0], []
        for size in _PHONE_GROUPS[len(number)]:
            groups.append(number[:size])
            number = number[size:]
    return ", ".join(digits(group) for group in groups)


def _phone(found: re.Match[str], context: Context) -> str | None:
    plus = "cộng " if found["intl"] else ""
    if found[0].isdigit() and len(found[0]) not in _PHONE_GROUPS:
        return None
    if "." in found[0] and " " not in found[0] and context.cued(found.start(), ("tiền", "kinh phí", "thu")):
        return None
    return plus + _grouped(found[0])


_SERVICE = re.compile(r"(?<![\w.,/])\(?0[0-9]{2,3}\)?[ .-]?10(?:22|8[018])(?![\w/]|[.,-]?[0-9])")
"""Behind an area code: "0236.1022"."""
_OF_SEVEN = re.compile(r"(?<![\w.,/])[2-9][ .]?[0-9]{3}[ .][0-9]{3,4}(?![\w/]|[.,-]?[0-9])")
_TELEPHONE = re.compile(r"(?:[Đđ]iện thoại(?: bàn)?|ĐT|[Gg]ọi|[Mm]áy|[Ff]ax)(?: số)?:? $")


def _of_seven(found: re.Match[str], context: Context) -> str | None:
    """Read "điện thoại: 3.847.123", without its area code."""
    return _grouped(found[0]) if _TELEPHONE.search(context.text, 0, found.start()) else None


_MASKED = re.compile(r"(?<![\w.,/+])0[0-9]{2,3}(?=[ .-]?[0-9 .-]*[xX*])(?:[ .-]?(?:[0-9]{2,4}|[xX*]{2,4})){1,3}(?!\w)")


def _masked(found: re.Match[str], _: Context) -> str:
    """Read "0914.xxx.678", a number partly hidden."""
    groups = re.findall("[0-9]+|[xX*]+", found[0])
    return ", ".join(digits(group) if group.isdigit() else " ".join(["ích"] * len(group)) for group in groups)


def _short_number(found: re.Match[str], context: Context) -> str | None:
    head = _LISTED_NUMBERS.search(context.text, 0, found.start())
    start = head.start() + 1 if head else found.start()
    called = context.cued(start, _CALL_CUES)
    if not called and len(found[0]) > 3:  # noqa: PLR2004 - hotlines of four figures and more need a telling cue
        called = context.cued(start, _MESSAGE_CUES) or _MESSAGE.search(context.text, 0, found.start()) is not None
    listed = found[0] in _EMERGENCY_NUMBERS and context.cued(start, ("số", "hoặc", "và", "máy", "máy trực"))
    after = context.word_after(found.end())
    listed = listed and after in ("", *_AFTER_A_CALL)
    if found[0] in _EMERGENCY_NUMBERS and not called and not listed:
        counted = after and after not in _AFTER_A_CALL
        listed = (
            not counted
            and _CALLED.search(context.text, 0, found.start()) is not None
            and not context.cued(found.start(), _HOW_MANY)
        )
    return " ".join(DIGITS[int(char)] for char in found[0]) if called or listed else None


_STANDARD = re.compile(
    r"(?<!\w)([QT])CVN[ -]?([0-9]{1,5})(?:-([0-9]{1,2}))?(?: ?: ?((?:19|20)[0-9]{2}))?(?: ?/ ?([A-ZĐ]{2,8}))?(?!\w)"
)


def _standard(found: re.Match[str], context: Context) -> str:
    """Read "QCVN 01-1:2018/BYT"."""
    said = f"{'quy' if found[1] == 'Q' else 'tiêu'} chuẩn việt nam "
    said += digits(found[2]) if found[2].startswith("0") else integer(int(found[2]), context.reading)
    said += f" gạch ngang {integer(int(found[3]), context.reading)}" if found[3] else ""
    said += f" năm {integer(int(found[4]), context.reading)}" if found[4] else ""
    return said + (f" {code_words(found[5], context)[0]}" if found[5] else "")


RULES = (
    Rule("standard", _STANDARD, _standard),
    Rule("email", _MAIL, _mail, "@"),
    Rule("web-address", _URL, _url, "."),
    Rule("document-number", _DOCUMENT, _document),
    Rule("document-number", re.compile(r"(?<![\w/])([0-9]{1,5})/((?:19|20)[0-9]{2})(?![\w/])"), _numbered_of_year, "/"),
    Rule("document-number", re.compile(rf"(?<![\w/-]){_CODE}(?:-{_CODE}){{1,3}}(?![\w/-])"), _bare_codes),
    Rule(
        "document-number",
        re.compile(r"(?<![\w/.-])(?:QĐ|NQ|NĐ|TTr|TTLT|TT|CT|KH|TB|CV|HD|KL|BC|CĐ|GM|QC|PA|QyĐ)(?= (?:số:? )?[0-9])"),
        _kind,
    ),
    Rule(
        "phone",
        re.compile(r"(?<![\w.,/])1(?:1[1-5]|022)(?: ?[/-] ?1(?:1[1-5]|022)){1,5}(?![\w/]|[.,-]?[0-9])"),
        lambda found, _: ", ".join(digits(part) for part in re.split(" ?[/-] ?", found[0])),
    ),
    Rule("phone", _SERVICE, lambda found, _: _grouped(found[0])),
    Rule("phone", _MASKED, _masked),
    Rule("phone", _PHONE, _phone),
    Rule("phone", _OF_SEVEN, _of_seven),
    Rule("serial", re.compile(r"(?<=[ .][A-ZĐ]{2} )[0-9]{6,8}(?![\w/]|[.,-][0-9])"), lambda found, _: digits(found[0])),
    Rule("phone", _HOTLINE, lambda found, _: _grouped(found[0])),
    Rule("phone", _SHORT_NUMBER, _short_number),
)
