"""Dữ liệu cá nhân trong bản tin: what an approver should look at before the whole ward hears it. Hints, no more. Pure.

Nghị định 13/2023/NĐ-CP, điều 2: names with birth dates, identity numbers, private telephones and addresses are personal
data. A rule here may miss some and may point at what is meant to be public: a person decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class PersonalKind(StrEnum):
    """Loại dữ liệu."""

    PHONE = "phone"
    IDENTITY_NUMBER = "identity_number"
    ACCOUNT_NUMBER = "account_number"
    EMAIL = "email"
    NAME_AND_BIRTH = "name_and_birth"
    HOME_ADDRESS = "home_address"

    @property
    def words(self) -> tuple[str, str]:
        """For people, Vietnamese and English."""
        return _WORDS[self]


_WORDS = {
    PersonalKind.PHONE: ("số điện thoại riêng", "a private telephone number"),
    PersonalKind.IDENTITY_NUMBER: ("số CCCD, CMND, hộ chiếu", "an identity number"),
    PersonalKind.ACCOUNT_NUMBER: ("số tài khoản, thẻ", "an account number"),
    PersonalKind.EMAIL: ("thư điện tử", "an e-mail address"),
    PersonalKind.NAME_AND_BIRTH: ("họ tên kèm ngày, năm sinh", "a name with a date of birth"),
    PersonalKind.HOME_ADDRESS: ("địa chỉ nhà riêng", "a private address"),
}


@dataclass(frozen=True, kw_only=True)
class Personal:
    """One place in the text."""

    kind: PersonalKind
    start: int
    end: int
    text: str


_UP = "A-ZÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
_WORD = rf"[{_UP}][^\W\d_]{{0,9}}"
_NAME = rf"{_WORD}(?:[ ]{_WORD}){{1,5}}"
_BIRTH = (
    r"(?:sinh(?: ngày| năm)?|SN|S/N|s\.n\.?|ngày sinh|năm sinh)[ :]{0,3}"
    r"(?:ngày )?\d{1,4}(?:[ ]?[-/.][ ]?\d{1,4}){0,2}"
)
_NOT_DIGIT_BEFORE, _NOT_DIGIT_AFTER = r"(?<![\d.,/])", r"(?![\d/]|[.,]\d)"
_GAP = r"[ .\-]?"
_PHONE = re.compile(rf"{_NOT_DIGIT_BEFORE}(?:\+84|84|0){_GAP}(?:\(0\))?[1-9](?:{_GAP}\d){{7,9}}{_NOT_DIGIT_AFTER}")
_IDENTITY = re.compile(
    r"(?:CCCD|CMND|CMTND|căn cước(?: công dân)?|chứng minh(?: nhân dân)?|định danh(?: cá nhân)?|hộ chiếu)"
    rf"[^\d\n]{{0,25}}(?P<number>[A-Z]?\d(?:{_GAP}\d){{7,11}}){_NOT_DIGIT_AFTER}",
    re.IGNORECASE,
)
_TWELVE = re.compile(rf"{_NOT_DIGIT_BEFORE}(?P<number>0\d{{2}}(?:{_GAP}\d{{3}}){{3}}){_NOT_DIGIT_AFTER}")
_ACCOUNT = re.compile(
    rf"(?:tài khoản|số tk|stk|số thẻ|thẻ bhyt|mã số bhxh|bảo hiểm y tế số)[^\d\n]{{0,30}}"
    rf"(?P<number>[A-Z]{{0,2}}\d(?:{_GAP}\d){{5,18}}){_NOT_DIGIT_AFTER}",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_NAME_AND_BIRTH = re.compile(rf"{_NAME}[^.;\n]{{0,30}}?[ ,(]{{1,3}}(?:{_BIRTH}|(?:19|20)\d\d\))")
_LIVES = (
    r"(?:trú tại|thường trú(?: tại)?|tạm trú(?: tại)?|ngụ tại|cư ngụ|hiện ở|nhà ở|nhà số|sống tại|chỗ ở|HKTT|hộ khẩu)"
)
_HOUSE = re.compile(rf"{_LIVES}[ :]{{0,3}}(?P<where>[^.;\n]{{3,120}})", re.IGNORECASE)
_HOUSE_NUMBER = re.compile(
    rf"\b(?:ông|bà|anh|chị|em|cháu|hộ|gia đình)[ ](?:ông |bà |anh |chị )?{_NAME}[^.;\n]{{0,40}}?"
    rf"(?P<where>(?:số nhà|nhà số|số)[ ]\d[\w/]{{0,12}}[^.;\n]{{0,60}})"
)
_PUBLIC_CUE = re.compile(
    r"đường dây nóng|hotline|tổng đài|trực ban|trực chỉ huy|trạm y tế|công an phường|UBND phường|cứu hộ|cứu nạn",
    re.IGNORECASE,
)
_NUMBERS = (
    (PersonalKind.IDENTITY_NUMBER, _IDENTITY, "number"),
    (PersonalKind.ACCOUNT_NUMBER, _ACCOUNT, "number"),
    (PersonalKind.IDENTITY_NUMBER, _TWELVE, "number"),
)
_CUE_CHARS = 60
_SHORTEST_PHONE = 10


def find_personal_data(text: str) -> tuple[Personal, ...]:
    """Return what looks like personal data, in order; no two places overlap.

    Hotlines and numbers introduced as an office's are left out: 113, 1022, 1900 numbers, "đường dây nóng: ...".
    """
    found: list[Personal] = []
    taken = bytearray(len(text))
    for kind, start, end in _candidates(text):
        if any(taken[start:end]):
            continue
        taken[start:end] = b"\x01" * (end - start)
        found.append(Personal(kind=kind, start=start, end=end, text=text[start:end]))
    return tuple(sorted(found, key=lambda each: each.start))


def _candidates(text: str) -> Iterator[tuple[PersonalKind, int, int]]:
    """Yield places, the surest kinds first."""
    for kind, pattern, group in _NUMBERS:
        for match in pattern.finditer(text):
            yield kind, *match.span(group)
    for match in _EMAIL.finditer(text):
        if not match[0].lower().endswith(".gov.vn"):
            yield PersonalKind.EMAIL, *match.span()
    for match in _PHONE.finditer(text):
        if _private(match, text):
            yield PersonalKind.PHONE, *match.span()
    for match in _NAME_AND_BIRTH.finditer(text):
        yield PersonalKind.NAME_AND_BIRTH, *match.span()
    yield from _homes(text)


def _homes(text: str) -> Iterator[tuple[PersonalKind, int, int]]:
    for pattern in (_HOUSE, _HOUSE_NUMBER):
        for match in pattern.finditer(text):
            if any(char.isdigit() for char in match["where"]):
                yield PersonalKind.HOME_ADDRESS, *_trimmed(text, *match.span("where"))


def _private(phone: re.Match[str], text: str) -> bool:
    """Tell whether a number is not introduced as a hotline's or an office's, in its own sentence."""
    before = text[max(0, phone.start() - _CUE_CHARS) : phone.start()]
    digits = sum(char.isdigit() for char in phone[0])
    return digits >= _SHORTEST_PHONE and _PUBLIC_CUE.search(before[before.rfind(". ") + 1 :]) is None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and text[end - 1] in " ,":
        end -= 1
    return start, end
