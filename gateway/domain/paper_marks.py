"""Dấu hiệu nhận biết: how the parts of an official document look (Nghị định 30/2020/NĐ-CP, phụ lục I)."""

import re

_CAPITAL = "A-ZÀ-ÖØ-ÝĂĐĨŨƠƯẠ-Ỹ"
"""Ranges hold small letters of Ạ-Ỹ too: :func:`is_capitals` looks again."""
_ANY = re.IGNORECASE
_HOA = "h[oò][aà]"

NATION = re.compile(rf"c[oộ]ng {_HOA} x[aã] h[oộ]i ch[uủ] ngh[iĩ]a vi[eệ]t nam|đảng cộng sản việt nam", _ANY)
MOTTO = re.compile(r"độc lập\s*[-–—]\s*tự do\s*[-–—]\s*hạnh phúc", _ANY)
NUMBER = re.compile(r"^số\s*:\s*[\d\s./…_-]*[\w./&-]*\s*$|^số\s*:?\s*\d*\s*/[\w./&-]+\s*$", _ANY)
NUMBER_AND_MORE = re.compile(r"^số\s*:\s*[\d\s.…]*/?[\w./&-]*\s", _ANY)
_PLACE_AND_DATE = r"(?:(?:TP|TX)\. ?)?[^\d.;:!?]{2,60}, ?ngày\s*[\d.…_]*\s*tháng\s*[\d.…_]*\s*năm\s*[\d.…_]*\s*$"
DATE_LINE = re.compile(rf"\s{_PLACE_AND_DATE}", _ANY)
WHOLE_DATE_LINE = re.compile(rf"^{_PLACE_AND_DATE}", _ANY)
_OFFICES = (
    "[uủ][yỷ] ban|ubnd|ubmttq|mttq|hội đồng|hđnd|đảng [uủ][yỷ]|đảng bộ|công an|ban (?:chỉ|chấp|quản|đại|thường)|bch|bcđ"
    "|mặt trận|đoàn|hội|trạm|trường|trung tâm|phòng|sở|bộ|tỉnh|thành phố|tp\\.?|quận|huyện|thị xã|phường|xã|khu phố"
    "|tổ dân phố|thôn|văn phòng|chi bộ"
)
OFFICE = re.compile(rf"^(?:{_OFFICES})\b", _ANY)
ORNAMENT = re.compile(
    r"^(?:[-–—_=*~.·•\s]{2,}|[-*~\s]*o0?[oO]?o?[-*~\s]*|(?:trang\s*)?\d{1,3}(?:\s*/\s*\d{1,3})?)$", _ANY
)
SUBJECT = re.compile(r"^\(?(?:v/v|về việc)\s*:?\s+(?P<what>.+)$", _ANY)
KINDS = re.compile(
    r"^(?:thông báo|báo cáo|kế hoạch|giấy mời|thư mời|công điện|quyết định|chỉ thị|hướng dẫn|tờ trình|thông tri|thư ngỏ"
    r"|lời kêu gọi|phương án|chương trình|nghị quyết|bản tin|tin bài|kết luận|quy chế|quy định)$",
    _ANY,
)
TO_WHOM = re.compile(r"^kính gửi\s*:", _ANY)
FROM_HERE = re.compile(r"^(?:căn cứ|thực hiện|để |nhằm |kính thưa|kính gửi|[-+•*]|\d+[.)]|[ivx]+\.)", _ANY)
COPIES = re.compile(r"^nơi nhận\s*(?::|$)", _ANY)
SIGNED = re.compile(
    r"^(?:(?:TM|KT|TL|TUQ|T/M|K/T|Q)\s*\.?\s+[" + _CAPITAL + r"].*|(?:TM|KT|TL|TUQ)\.\s*[" + _CAPITAL + r"].*"
    r"|(?:PHÓ )?(?:CHỦ TỊCH|TRƯỞNG BAN|GIÁM ĐỐC|BÍ THƯ|CHỦ NHIỆM|HIỆU TRƯỞNG|TRƯỞNG PHÒNG|TRƯỞNG CÔNG AN)"
    r"|NGƯỜI (?:LẬP|VIẾT|BÁO CÁO|SOẠN).{0,20}|[\[(]?\s*(?:đã ký|Đã ký|ĐÃ KÝ|ký tên|Ký tên).{0,40})$"
)
SIGNED_WITHIN = re.compile(r"\s(?:TM|KT|TL|TUQ)\.\s*[" + _CAPITAL + r"]{2}")
_RANK = r"(?:(?:ThS|TS|BS|CN|KS|Thượng tá|Trung tá|Thiếu tá|Đại tá|Đại úy)\.?\s+)?"
NAME = re.compile(rf"^{_RANK}[{_CAPITAL}]\w*(?: [{_CAPITAL}]\w*){{1,5}}$")
COPY_LINE = re.compile(r"^(?:[-–+*•]|như (?:trên|điều)|lưu\s*:|lưu vt)", _ANY)
SECRET = re.compile(r"^\W*(?:tuyệt mật|tối mật|mật)\W*$", _ANY)
PEOPLE_HEADS = frozenset(
    ("họ và tên", "họ tên", "đơn vị", "chức vụ", "chức danh", "số điện thoại", "sđt", "điện thoại", "chữ ký", "ký nhận",
     "ký tên", "nơi nhận", "cơ quan", "địa chỉ", "năm sinh", "ngày sinh", "số cccd", "cccd", "thành phần")
)  # fmt: skip
NEW_PARAGRAPH = re.compile(
    r"^(?:[-–+•*●]\s|\d{1,2}(?:\.\d{1,2})*[.)]\s|[a-zđ][.)]\s|[IVX]{1,5}[.)]\s|Điều \d|Khoản \d)"
)


def is_capitals(line: str) -> bool:
    """Tell whether the letters of ``line`` are capitals (one small letter in ten is a typing error)."""
    letters = [char for char in line if char.isalpha()]
    return bool(letters) and sum(char.isupper() for char in letters) >= 0.9 * len(letters)
