"""Đơn vị đo, tiền tệ: tables of what stands behind a number, and how it is said."""

import re

UNITS = {
    "km/h": "ki lô mét một giờ", "km": "ki lô mét", "m": "mét", "dm": "đề xi mét", "cm": "xen ti mét",
    "mm": "mi li mét",
    "km2": "ki lô mét vuông", "km²": "ki lô mét vuông", "m2": "mét vuông", "m²": "mét vuông", "cm2": "xen ti mét vuông",
    "m3": "mét khối", "m³": "mét khối", "ha": "héc ta", "kg": "ki lô gam", "g": "gam", "mg": "mi li gam",
    "µg": "mi crô gam", "l": "lít", "L": "lít", "ml": "mi li lít", "mL": "mi li lít", "W": "oát", "kW": "ki lô oát",
    "KW": "ki lô oát", "MW": "mê ga oát", "kWh": "ki lô oát giờ", "KWh": "ki lô oát giờ", "kwh": "ki lô oát giờ",
    "V": "vôn", "kV": "ki lô vôn", "KV": "ki lô vôn", "A": "am pe", "mA": "mi li am pe", "Hz": "héc",
    "kHz": "ki lô héc", "KHz": "ki lô héc", "MHz": "mê ga héc", "Mhz": "mê ga héc", "GHz": "gi ga héc",
    "dB": "đề xi ben", "°C": "độ xê", "ºC": "độ xê", "oC": "độ xê", "℃": "độ xê", "°": "độ", "º": "độ",
    "GB": "gi ga bai", "MB": "mê ga bai", "TB": "tê ra bai", "KB": "ki lô bai", "Mbps": "mê ga bít một giây",
    "Gbps": "gi ga bít một giây", "Mb/s": "mê ga bít một giây", "h": "giờ", "s": "giây",
    "kg/ha": "ki lô gam một héc ta",
    "m/s": "mét một giây", "mmHg": "mi li mét thủy ngân", "kcal": "ki lô ca lo", "Pa": "pa xcan",
    "hPa": "héc tô pa xcan",
    "CV": "mã lực", "HP": "mã lực", "'": "phút", "’": "phút", "′": "phút", "%": "phần trăm", "‰": "phần nghìn",
    "k": "nghìn", "K": "nghìn", "tr": "triệu", "p": "phút", "ph": "phút", "T": "tấn", "Wp": "oát pích",
    "kWp": "ki lô oát pích", "mg/l": "mi li gam trên lít", "mmol/L": "mi li mon trên lít",
    "mmol/l": "mi li mon trên lít", "mg/dL": "mi li gam trên đề xi lít", "inch": "in", "lux": "lúc", "BTU": "bê tê u",
    "mWh": "mi li oát giờ", "MWh": "mê ga oát giờ", "kVA": "ki lô vôn am pe", "KVA": "ki lô vôn am pe",
    "cc": "xê xê", "MP": "mê ga pích xeo",
    "dBA": "đề xi ben a", "km/giờ": "ki lô mét một giờ", "Kg": "ki lô gam", "KG": "ki lô gam",
    "Km": "ki lô mét", "Ha": "héc ta", "ml/": "mi li lít trên",
    "W/m2": "oát một mét vuông", "W/m²": "oát một mét vuông", "mm2": "mi li mét vuông", "mm²": "mi li mét vuông",
    "cm²": "xen ti mét vuông", "cm3": "xen ti mét khối", "cm³": "xen ti mét khối", "dm2": "đề xi mét vuông",
    "dm3": "đề xi mét khối", "km3": "ki lô mét khối", "mSv": "mi li xi vớt", "IU": "i u", "mAh": "mi li am pe giờ",
    "Ah": "am pe giờ", "Gb/s": "gi ga bít một giây",
}  # fmt: skip
CLOSE_ONLY = {"p", "ph", "T", "V", "A", "W", "k", "K", "L", "h", "s", "g", "tr", "'", "’", "′", "TB", "CV"}
"""Written apart from its number, one of these is more likely a letter or an abbreviation."""
_WEAK = {unit: name for unit, name in UNITS.items() if len(unit) > 1 and unit.isalnum() and unit[0].islower()}
ALONE = sorted(set(_WEAK) - {"oC", "tr", "ha", "mm", "dm"}, key=len, reverse=True)

MONEY = {"đ": "đồng", "₫": "đồng", "VNĐ": "đồng", "VND": "đồng", "vnđ": "đồng", "Đ": "đồng", "USD": "đô la Mỹ",
         "usd": "đô la Mỹ", "$": "đô la", "EUR": "ơ rô", "€": "ơ rô", "trđ": "triệu đồng",
         "tr.đ": "triệu đồng", "tr đ": "triệu đồng", "trđồng": "triệu đồng",
         "tr.đồng": "triệu đồng"}  # fmt: skip

PER = (
    "ngày|đêm|tuần|tháng|quý|năm|giờ|phút|giây|người|hộ|lần|buổi|suất|em|cháu|nhân khẩu|khẩu|thôn|xã|phường|ha|sào"
    "|m2|m²|m3|m³|kg|km|con|lượt|đợt|học sinh|trường|lớp|đơn vị|cụm|tổ|khối phố|khu phố|bài|vé|xe|chiếc|cái|gia đình"
    "|hội viên|thửa|vụ|lượng|chỉ|chục|quả|bộ|mớ|bó|tấn|tạ|yến|cân|lít|chai|bao|hộp|thùng|gói|bình|cây|nhà|ca|mẫu"
    "|kWh|KWh|kwh|MB|GB"
)
PER_SHORT = {
    "HS": "học sinh", "hs": "học sinh", "SV": "sinh viên", "ng": "người", "thg": "tháng", "l": "lít", "s": "giây",
    "h": "giờ", "USD": "đô la Mỹ", "m": "mét", "k": "khẩu", "HV": "học viên", "ĐV": "đơn vị", "CN": "công nhân",
    "g": "gam", "ml": "mi li lít", "km2": "ki lô mét vuông", "km²": "ki lô mét vuông",
}  # fmt: skip
"""What an amount may be reckoned by; longer and shortened forms."""

SIGNS = {
    ">=": "không dưới ", "=>": "không dưới ", "<=": "không quá ", "=<": "không quá ", ">": "trên ", "<": "dưới ",
    "≥": "không dưới ", "≤": "không quá ", "~": "khoảng ", "≈": "khoảng ", "±": "cộng trừ ", "+": "cộng ",
    "-": "âm ", "−": "âm ",
}  # fmt: skip
"""Before a figure."""


def alternatives(words: dict[str, str]) -> str:
    """Return the pattern of any of ``words``, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
