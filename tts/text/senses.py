"""Viết tắt nhiều nghĩa: abbreviations whose meaning only the words around them tell.

Each has its senses in rank order. The first whose surroundings fit is read; when none fits the letters are spelled
out and the operator is asked, with the senses as choices. Nothing here is ever guessed by frequency.
"""

import re
from dataclasses import dataclass

from tts.model import DoubtKind
from tts.text.rule import Context, Read, Rule
from tts.text.syllables import LETTERS, UPPER, spell

_AFTER = re.compile(r"[.,:;]?[ &/-]{0,3}(\w+)")
_UNITS_OF_PLACE = ("phường", "xã", "tỉnh", "tp", "thành", "quận", "huyện", "thị", "khu", "thôn", "địa")
_OFFICES = ("ubnd", "hđnd", "ubmttq", "mttq", "hội", "đảng", "quốc", "đoàn", "công", "thường", "xã", "phường", "nước")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sense:
    """``reading`` when any of the given surroundings is there."""

    reading: str
    after: tuple[str, ...] = ()
    """First word that follows, in lower case."""
    before: tuple[str, ...] = ()
    """Last one to three words before."""
    named: bool = False
    """Followed by a dot and a capitalised name: "P. Tân Thạnh"."""
    person: bool = False
    """Followed by a capitalised name, without a dot: "BS Hùng"."""
    numbered: bool = False
    """Followed by a number or by "số"."""


_CROPS = ("giống", "giống lúa", "lúa", "lúa giống")
_TITLES = ("ông", "bà", "đồng chí", "đ c", "phó", "các", "anh", "chị")
_SENSES: dict[str, tuple[_Sense, ...]] = {
    "TT": (
        _Sense(reading="trung tâm", after=("y", "ytế", "văn", "dịch", "hành", "phục", "giáo", "học", "dạy", "bảo",
                                           "thương", "hội", "thể", "phát", "vh", "gdtx", "vhtt", "tdtt", "chính",
                                           "htcđ", "gdnn", "dvnn", "dvvl", "dvđg", "qlkt", "pvhcc", "đào", "kiểm",
                                           "khuyến", "anh", "ngoại", "nuôi", "lưu", "điều", "kỹ", "đăng", "tư",
                                           "huấn")),
        _Sense(reading="thông tư", numbered=True, before=("theo", "căn cứ", "quy định tại")),
        _Sense(reading="trật tự", after=("atgt", "atxh", "đô", "xây", "giao", "xã", "công")),
        _Sense(reading="thông tin", after=("tuyên", "truyền", "cơ", "tt"), before=("văn hóa", "sở", "phòng văn hóa")),
        _Sense(reading="thường trực", before=("bí thư", "phó bí thư", "chủ tịch", "đồng chí"), after=("hđnd", "đảng",
               "ubmttq", "thành", "tỉnh", "huyện", "ban", "đu")),
        _Sense(reading="thị trấn", named=True),
    ),
    "CT": (
        _Sense(reading="xê tê", before=("cao tốc", "đường cao tốc", "tuyến cao tốc", "mẫu", "tờ khai")),
        _Sense(reading="chỉ thị", numbered=True),
        _Sense(reading="công ty", after=("tnhh", "cp", "cổ", "xây", "điện", "cấp", "thủy", "môi")),
        _Sense(reading="chủ tịch", after=(*_OFFICES, "ủy"), before=_TITLES),
        _Sense(reading="chương trình", after=("mtqg", "mục", "phát", "hành", "truyền"), before=("xem", "các")),
    ),
    "ĐT": (
        _Sense(reading="đê tê", before=_CROPS),
        _Sense(reading="điện thoại", before=("số", "di động", "gọi", "liên hệ", "hệ", "qua"),
               after=("di", "liên", "zalo", "fax")),
        _Sense(reading="đào tạo", before=("giáo dục", "gd", "giáo dục và"), after=("nghề", "nguồn", "bồi")),
        _Sense(reading="đô thị", before=("khu", "trật tự", "quản lý")),
        _Sense(reading="đường tỉnh"),
    ),
    "CN": (
        _Sense(reading="chủ nhật", before=("nghỉ", "sáng", "chiều", "tối", "ngày", "t7", "thứ bảy", "trưa", "hoặc",
                                           "đêm", "bảy", "thứ 7", "7", "t6", "t2", "cả", "thứ 2", "thứ hai",
                                           "vào", "trừ", "mỗi",
                                           "các", "hôm", "đến", "lịch"),
               after=("hằng", "hàng", "đầu", "cuối", "tuần", "này", "tới", "ngày")),
        _Sense(reading="chi nhánh", after=("ngân", "vnpt", "viettel", "điện", "văn", "đất")),
        _Sense(reading="cử nhân", after=("luật", "kinh", "sư", "kế", "hành", "y")),
        _Sense(reading="công nghiệp", before=("khu", "cụm", "nông nghiệp")),
        _Sense(reading="công nghệ", before=("khoa học", "kh", "khoa học và")),
    ),
    "TV": (_Sense(reading="tử vong", before=("ca", "trường hợp", "người", "bị"), after=("do", "vì")),
           _Sense(reading="thành viên", before=("các", "tổng số"), after=("bcđ", "ban", "tổ", "clb", "htx")),
           _Sense(reading="ti vi", before=("trên", "xem", "mua", "qua", "kênh", "đài", "chiếc", "bộ", "màn hình", "cáp",
                                           "và", "máy", "báo", "bán", "hình", "bật", "tắt"),
                  after=("màn", "thông", "led", "samsung", "sony", "lg", "cũ", "hỏng"), numbered=True)),
    "ĐC": (_Sense(reading="đồng chí", before=("các", "mời", "gồm"), after=("bí", "phó", "trưởng", "chủ", "nguyễn")),
           _Sense(reading="địa chỉ", before=("tại", "theo"), numbered=True)),
    "GĐ": (_Sense(reading="giám đốc", before=("phó", "ông", "bà", "ban", "p", "tổng"),
                  after=("sở", "công", "cty", "trung", "bệnh", "htx", "điện")),
           _Sense(reading="gia đình", before=("các", "hộ", "mỗi", "những", "thăm"), after=("văn", "chính", "có", "vh")),
           _Sense(reading="giai đoạn", numbered=True, before=("trong",))),
    "HT": (_Sense(reading="hè thu", before=("vụ", "lúa")),
           _Sense(reading="hiệu trưởng", before=("thầy", "cô", "phó", "p")),
           _Sense(reading="hội trường", before=("tại", "đ đ", "điểm", "địa điểm", "ở"),
                  after=("ubnd", "nhà", "tầng", "phường", "lớn", "trung", "đảng")),
           _Sense(reading="hỗ trợ", after=("người", "hộ", "kinh", "pháp", "vay"))),
    "LH": (_Sense(reading="liên hiệp", before=("hội", "bch"), after=("phụ", "thanh", "các", "hợp")),
           _Sense(reading="liên hệ", numbered=True, before=("tiết", "cần", "xin", "vui lòng", "đề nghị"),
                  after=("tổng", "đc", "đ", "ubnd", "trực", "ban", "ông", "bà", "anh", "chị", "sđt", "qua", "trạm",
                         "tyt", "cap"))),
    "LS": (_Sense(reading="lãi suất", before=("vay", "vay vốn", "với"), numbered=True),
           _Sense(reading="liệt sĩ", before=("thương binh", "gia đình", "mộ", "thân nhân", "con"), after=("và",))),
    "NV": (_Sense(reading="nhiệm vụ", before=("triển khai", "thực hiện", "các"),
                  after=("quý", "trọng", "chính", "năm")),
           _Sense(reading="nhân viên", before=("cán bộ", "gv", "tuyển"), after=("y", "bán", "văn", "bảo"))),
    "QS": (_Sense(reading="quân sự", before=("chỉ huy", "bch", "ban", "trợ lý", "lệnh", "chỉ huy trưởng"),
                  after=("phường", "xã", "địa", "quốc")),),
    "BP": (_Sense(reading="bộ phận", after=("tiếp", "tn", "một", "1", "trả", "kế"), before=("các", "từng")),
           _Sense(reading="biên phòng", before=("đồn", "bộ đội", "lực lượng"))),
    "TC": (_Sense(reading="tài chính", before=("phòng", "sở", "bộ", "chi cục"), after=("kh", "kế", "ngân")),
           _Sense(reading="tiêu chí", numbered=True, before=("các", "đạt", "bộ")),
           _Sense(reading="tổ chức", before=("ban", "hội nghị"), after=("cán", "đảng", "chính"))),
    "DL": (_Sense(reading="du lịch", before=("thể thao", "thể thao và", "khu", "tt", "vh tt", "và"), after=("sinh",)),
           _Sense(reading="dương lịch", before=("tết", "ngày"))),
    "DO": (_Sense(reading="đê ô", before=("dầu", "diesel", "nhiên liệu"), numbered=True),),
    "CA": (_Sense(reading="công an", after=(*_UNITS_OF_PLACE, "nhân", "kp", "viên", "p", "q", "tx", "h", "x", "tt",
                                           "kv"),
                  before=("lực lượng", "đồn")),
           _Sense(reading="ca", after=("sáng", "chiều", "tối", "đêm", "trực", "nhạc"))),
    "TH": (_Sense(reading="tiểu học", before=("trường", "cấp", "bậc", "giáo dục"), after=("cs", "thcs", "và")),
           _Sense(reading="trường hợp", before=("1", "2", "3", "các", "số", "những", "mọi"), after=("mắc", "vi",
                 "tử"))),
    "MN": (_Sense(reading="mầm non", before=("trường", "giáo dục", "lớp", "bậc", "cấp"), after=("tư", "công", "và")),
           _Sense(reading="miền Nam", before=("vùng", "giải phóng"))),
    "MG": (_Sense(reading="mẫu giáo", before=("trường", "lớp")),),
    "KD": (_Sense(reading="kinh doanh", before=("cơ sở", "hộ", "sx", "đăng ký", "giấy phép"), after=("hàng", "dịch")),),
    "VC": (_Sense(reading="viên chức", before=("cb cc", "cc", "công chức"), after=("và", "người", "nlđ")),),
    "HA": (_Sense(reading="huyết áp", before=("đo", "chỉ số"), after=("cao", "tối", "tâm"), numbered=True),),
    "HS": (_Sense(reading="học sinh", before=("em", "các em", "trường", "lượt", "toàn thể", "phụ huynh", "cháu"),
                  after=("đỗ", "được", "của", "trường", "mới", "lớp",
                         "sv", "sinh", "tiểu", "giỏi", "nghỉ", "đến", "thcs", "thpt", "th", "nghèo", "gv")),
           _Sense(reading="hồ sơ", before=("nộp", "bộ", "nhận", "thu", "phát", "bán",
                                          "tiếp nhận", "giải quyết", "thành phần", "thủ tục"),
                  after=("đăng", "xin", "đất", "gồm", "vay"))),
    "ĐK": (_Sense(reading="điều kiện", before=("đủ", "đủ các", "có", "đảm bảo", "bảo đảm", "hội đủ"),
                  after=("cần", "để")),
           _Sense(reading="đăng ký", before=("hạn", "phiếu", "đơn", "ngày", "mẫu"),
                  after=("kinh", "tạm", "thường", "khai", "kết", "dự", "tham", "xe", "nvqs", "qua"))),
    "LV": (_Sense(reading="làm việc", before=("ngày", "giờ", "thời gian", "lịch"), after=("với",)),),
    "DV": (_Sense(reading="dịch vụ", before=("htx", "tm", "sx", "kd", "thương mại", "sản xuất", "kinh doanh", "phí",
                                             "cơ sở"), after=("nn", "công", "nông", "vận", "du", "ăn", "lưu")),),
    "PN": (_Sense(reading="phụ nữ", before=("hội", "chi hội", "tổ", "cán bộ", "hội viên", "câu lạc bộ", "clb",
                                           "chị em"),
                  after=("phường", "kp", "khu", "xã", "việt", "nghèo")),
           _Sense(reading="pháp nhân", before=("tư cách",))),
    "ND": (_Sense(reading="nông dân", before=("hội", "chi hội", "hội viên", "cán bộ"), after=("sản", "việt")),
           _Sense(reading="nhân dân", before=("hội đồng", "ban", "ủy ban", "toàn"), after=("tổ", "kp", "khu", "thôn"))),
    "YT": (_Sense(reading="y tế", before=("trạm", "cán bộ", "nhân viên", "phòng", "bảo hiểm", "khai báo")),
           ),
    "HC": (_Sense(reading="hành chính", before=("giờ", "giờ làm việc", "cải cách", "thủ tục", "văn phòng", "phạt")),
           _Sense(reading="huy chương", before=("đạt", "giành"), after=("vàng", "bạc", "đồng"))),
    "XD": (_Sense(reading="xây dựng", before=("sở", "phòng", "bộ", "trật tự", "giấy phép", "cấp phép", "công ty",
                                              "công trình", "phép"),
                  after=("nông", "ntm", "nhà", "cơ", "công", "đảng")),),
    "CP": (_Sense(reading="cổ phần", before=("công ty", "cty"), after=("môi", "đầu", "xây", "cấp", "điện", "dược")),
           _Sense(reading="chính phủ", before=("nghị quyết", "nghị định", "của"))),
    "HU": (_Sense(reading="huyện ủy", before=("của", "thường vụ", "btv", "nghị quyết"),
                  after=("viên", "ubnd", "hđnd")),),
    "BS": (_Sense(reading="bác sĩ", named=True, person=True, before=("ths", "ts", "các", "đội ngũ"),
                  after=("ck", "cki", "ckii", "chuyên", "đa", "thú", "trực", "khám", "gia")),
           _Sense(reading="bổ sung", before=("sửa đổi", "đổi", "cần", "tuyển"))),
    "TS": (_Sense(reading="tiến sĩ", named=True, person=True, before=("pgs", "gs", "ths"), after=("bs", "khoa")),
           _Sense(reading="tài sản", after=("thế", "công", "riêng", "chung"), before=("kê khai", "thẩm định")),
           _Sense(reading="tổng số", numbered=True)),
    "KT": (_Sense(reading="ký thay", named=True),
           _Sense(reading="kinh tế", after=("xh", "xã", "số", "nông", "ht"), before=("phát triển", "phòng", "sở")),
           _Sense(reading="kiểm tra", before=("đoàn", "tổ", "công tác"), after=("giám", "gs", "đột")),
           _Sense(reading="kỹ thuật", before=("khoa học", "cán bộ"), after=("viên", "nuôi", "trồng"))),
    "TM": (_Sense(reading="thay mặt", named=True),
           _Sense(reading="thương mại", after=("dv", "dịch", "điện", "và"), before=("tnhh", "cổ phần", "cp"))),
    "TL": (_Sense(reading="thừa lệnh", named=True),
           _Sense(reading="tài liệu", before=("các", "kèm", "nhận", "phát"), after=("tuyên",)),
           _Sense(reading="tỉnh lộ")),
    "KH": (_Sense(reading="kế hoạch", numbered=True, after=("ubnd", "số", "năm", "tháng", "phát"),
                  before=("thực hiện", "theo", "ban hành", "xây dựng", "triển khai")),
           _Sense(reading="khuyến học", before=("hội", "chi hội", "quỹ", "ban")),
           _Sense(reading="khoa học", after=("cn", "công", "kt", "kỹ", "và"), before=("nghiên cứu",)),
           _Sense(reading="khách hàng", before=("quý", "chăm sóc", "phục vụ"))),
    "BC": (_Sense(reading="báo cáo", numbered=True, after=("kết", "tổng", "sơ", "tài", "ubnd", "đảng"),
                  before=("gửi", "để", "theo", "nộp")),
           _Sense(reading="bưu chính", after=("vt", "viễn", "công"))),
    "TB": (_Sense(reading="trung bình", before=("điểm", "giá", "mức", "nhiệt độ", "số", "học lực", "loại")),
           _Sense(reading="thông báo", numbered=True, after=("của", "về", "ubnd", "mời")),
           _Sense(reading="thương binh", before=("gia đình", "cựu"), after=("liệt", "ls")),
           _Sense(reading="trung bình", before=("hộ",))),
    "CĐ": (_Sense(reading="công điện", numbered=True),
           _Sense(reading="cao đẳng", before=("trường", "đh", "đại học"), after=("nghề", "y", "sư", "đh")),
           _Sense(reading="công đoàn", after=("cơ", "phường", "viên", "cs"), before=("tổ chức", "cán bộ"))),
    "ĐH": (_Sense(reading="đại học", before=("trường", "thi", "bậc", "học"),
                  after=("quốc", "bách", "y", "kinh", "sư", "đà", "cần", "huế", "cđ", "nông")),
           _Sense(reading="đại hội", after=("đảng", "chi", "đại", "lần", "đoàn", "hội", "đbtq"), before=("mừng",)),
           _Sense(reading="đường huyện")),
    "HĐ": (_Sense(reading="hợp đồng", after=("lđ", "lao", "số", "mua", "thuê", "tín"), before=("ký", "theo")),
           _Sense(reading="hội đồng", after=("nvqs", "nghĩa", "nhân", "thi", "tuyển", "bầu", "pháp", "đền")),
           _Sense(reading="hoạt động", after=("văn", "của", "thể", "tình", "hè"), before=("các", "kế hoạch"))),
    "ĐB": (_Sense(reading="đại biểu", after=("hđnd", "quốc", "qh", "dự"), before=("các", "vị", "quý")),
           _Sense(reading="đồng bằng", after=("sông", "bắc", "nam")),
           _Sense(reading="đặc biệt", before=("chất độc", "cấp", "loại", "giải"))),
    "NH": (_Sense(reading="năm học", numbered=True),
           _Sense(reading="ngân hàng", after=("nn", "nhà", "csxh", "nông", "chính", "tmcp", "công", "ngoại"))),
    "VP": (_Sense(reading="văn phòng", after=(*_OFFICES, "đăng", "chính", "hđ", "thống"), before=("chánh", "phó")),
           _Sense(reading="vi phạm", before=("xử lý", "hành vi", "trường hợp"), after=("hành", "pháp"))),
    "BV": (_Sense(reading="bệnh viện", after=("đa", "đk", "phụ", "nhi", "mắt", "chợ", "tw", "tỉnh", "huyện", "quân",
                                             "y", "bạch", "thành", "c", "trung", "ung", "đà", "quảng", "răng",
                                             "da", "tai", "sản", "tâm", "lao", "thống", "việt", "hữu"),
                  before=("tại", "đến", "nhập")),
           _Sense(reading="bảo vệ", after=("môi", "rừng", "tổ", "dân", "trẻ"), before=("tổ", "ban", "lực lượng"))),
    "TK": (_Sense(reading="tài khoản", after=("số", "ngân"), before=("số", "chủ", "qua", "vào"), numbered=True),
           _Sense(reading="thống kê", before=("chi cục", "cán bộ", "công tác"))),
    "PC": (_Sense(reading="phòng chống", after=("tt", "thiên", "lụt", "dịch", "cháy", "bão", "ma", "tội", "tham", "hạn",
                                               "bạo", "đuối")),
           _Sense(reading="pê xê", before=("máy", "laptop", "điện thoại")),
           _Sense(reading="máy tính", before=("trên",))),
    "LĐ": (_Sense(reading="lao động", after=("tbxh", "nông", "việc", "nữ", "sản", "phổ"), before=("người", "sở")),
           _Sense(reading="lãnh đạo", after=(*_OFFICES, "địa", "cb"), before=("các đồng chí", "mời", "các đ c"))),
    "GD": (_Sense(reading="giáo dục", after=("đt", "và", "đào", "mầm", "tiểu", "pháp", "quốc"),
                  before=("phòng", "sở", "bộ", "ngành")),
           _Sense(reading="giao dịch", before=("điểm", "phòng", "mã", "ngày"), after=("ngân", "điện"))),
    "CV": (_Sense(reading="xê vê", before=("cáp", "dây", "dây cáp", "dây điện", "cáp điện")),
           _Sense(reading="công văn", numbered=True, before=("theo", "thực hiện", "ban hành"), after=("của",)),
           _Sense(reading="chuyên viên", before=("các", "chị", "anh"), after=("phòng", "sở"))),
    "QH": (_Sense(reading="quốc hội", before=("đại biểu", "kỳ họp", "đb", "khóa", "luật")),
           _Sense(reading="quy hoạch", after=("sử", "chi", "đất", "xây", "chung", "phân"),
                  before=("bản đồ", "điều chỉnh", "sở"))),
    "HD": (_Sense(reading="hướng dẫn", numbered=True, after=("thực", "của", "về"), before=("theo",)),
           _Sense(reading="hợp đồng")),
    "NN": (_Sense(reading="nhà nước", before=("quản lý", "ngân sách", "cơ quan", "cán bộ")),
           _Sense(reading="nông nghiệp", before=("sở", "hợp tác xã", "phòng", "đất"), after=("công", "nt", "và",
                 "mt"))),
    "MT": (_Sense(reading="môi trường", before=("vệ sinh", "bảo vệ", "tài nguyên", "tn", "nn"), after=("đô", "sống")),
           _Sense(reading="mặt trận", after=("tổ", "tq", "phường", "xã"), before=("ban công tác", "công tác"))),
    "VH": (_Sense(reading="văn hóa", before=("nhà", "phòng", "sở", "gia đình", "ngành"), after=("tt", "xh", "văn",
          "thể")),
           _Sense(reading="vận hành")),
    "XH": (_Sense(reading="xã hội", before=("tb", "thương binh", "kt", "kinh tế", "vh", "văn hóa", "an sinh",
          "bảo hiểm", "hưu trí", "trợ giúp", "bảo trợ", "nhà ở", "tệ nạn")),
           _Sense(reading="xuất hiện")),
    "DT": (_Sense(reading="diện tích", numbered=True, after=("thu", "đất", "xây", "sàn", "sử")),
           _Sense(reading="dân tộc", after=("thiểu", "tộc")),
           _Sense(reading="di tích", before=("khu",), after=("lịch",))),
    "SL": (_Sense(reading="số lượng", numbered=True), _Sense(reading="sản lượng", after=("lúa", "khai"))),
    "TN": (_Sense(reading="thanh niên", before=("đoàn", "hội"), after=("tình", "xung", "phường", "nhập")),
           _Sense(reading="tốt nghiệp", before=("thi", "bằng", "đỗ", "xét"), after=("thpt", "thcs")),
           _Sense(reading="tài nguyên", after=("mt", "và", "nước"))),
    "CQ": (_Sense(reading="chính quyền", after=("địa", "điện", "số", "cơ"), before=("đảng", "xây dựng")),
           _Sense(reading="cơ quan", after=("đơn", "đv", "chức", "nhà"), before=("các",))),
    "TƯ": (_Sense(reading="trung ương", before=("ban chấp hành", "bch", "hội nghị", "ủy viên", "các ban", "cấp", "từ"),
                  after=("đoàn", "đảng", "đến", "hội", "khóa", "mttq")),),
    "TU": (_Sense(reading="tỉnh ủy", before=("nghị quyết", "của", "ban thường vụ")), _Sense(reading="thành ủy")),
    "GS": (_Sense(reading="giáo sư", named=True, person=True, after=("ts", "viện"), before=("các", "pgs")),
           _Sense(reading="giám sát", before=("kiểm tra", "kt", "hoạt động", "đoàn", "ban", "tổ"), after=("cộng",
                 "đầu"))),
    "ĐV": (_Sense(reading="đảng viên", after=("mới", "trẻ", "dự", "chính", "được"), before=("kết nạp", "cán bộ", "cb")),
           _Sense(reading="đoàn viên", after=("tn", "thanh", "công")),
           _Sense(reading="đơn vị", before=("cq", "cơ quan", "các cơ quan"), after=("sự", "trực"))),
    "CC": (_Sense(reading="công chức", before=("cb", "cán bộ"), after=("vc", "viên", "phường", "xã", "địa", "tư")),
           _Sense(reading="căn cước", before=("thẻ", "cấp", "làm", "đổi", "số", "cấp đổi", "cấp lại", "ảnh"),
                  after=("điện", "gắn", "cho", "đcs")),
           _Sense(reading="chung cư", before=("khu", "tòa", "căn hộ"))),
    "CB": (_Sense(reading="cán bộ", after=("cc", "ccvc", "công", "lãnh", "y", "phường", "xã", "hưu", "phụ", "đoàn",
          "gv"),
                  before=("các", "đội ngũ", "tổ chức", "toàn thể", "đ c")),
           _Sense(reading="chế biến", before=("sản xuất", "sx", "cơ sở"))),
    "ĐN": (_Sense(reading="đà nẵng", before=("tp", "thành phố", "phố")), _Sense(reading="đồng nai", before=("tỉnh",))),
    "HN": (_Sense(reading="hà nội", before=("tp", "thành phố", "phố", "tại")),
           _Sense(reading="hội nghị", numbered=True, after=("sơ", "tổng", "tập", "triển"))),
    "PGD": (_Sense(reading="phòng giao dịch", after=("nhcsxh", "ngân", "số")),
            _Sense(reading="phòng giáo dục", after=("đt", "đào", "và"))),
    "NCC": (_Sense(reading="người có công", after=("cách", "cm", "với"), before=("gia đình", "chính sách", "thăm",
          "hộ")),
            _Sense(reading="nhà cung cấp", before=("các",))),
    "CTMT": (_Sense(reading="công tác mặt trận", before=("ban", "trưởng ban", "cán bộ"),
                    after=("kp", "khu", "thôn", "tổ")),
             _Sense(reading="chương trình mục tiêu", before=("vốn", "các", "thuộc"), after=("quốc",))),
    "TTND": (_Sense(reading="thanh tra nhân dân", before=("ban", "trưởng ban", "hoạt động"), after=("phường", "xã")),
             _Sense(reading="thầy thuốc nhân dân", before=("danh hiệu", "bác sĩ", "phong tặng"))),
    "HCV": (_Sense(reading="huy chương vàng", before=("giành", "đạt", "đoạt", "tấm", "chiếc", "1", "2", "3", "4", "5",
                                                      "6", "7", "8", "9"), after=("môn", "nội", "toàn", "cấp", "cho")),
            _Sense(reading="hát xê vê", before=("viêm gan", "virus", "vi rút", "nhiễm", "xét nghiệm"))),
    "HĐH": (_Sense(reading="hiện đại hóa", before=("cnh", "công nghiệp hóa")),
            _Sense(reading="hệ điều hành", after=("windows", "android", "ios"))),
    "P": (
        _Sense(reading="phòng", after=("tư", "vhtt", "văn", "nội", "kinh", "tài", "lđtbxh", "gd", "giáo", "y", "quản",
                                       "khám", "họp", "làm", "cháy", "vh", "kt", "ktht", "tnmt", "hành")),
        _Sense(reading="phường", named=True),
    ),
    "H": (_Sense(reading="huyện", named=True),),
    "T": (_Sense(reading="tỉnh", named=True),),
    "X": (_Sense(reading="xã", named=True),),
    "Đ": (_Sense(reading="đường", named=True),),
    "Q": (_Sense(reading="quận", named=True),),
}  # fmt: skip
_STOPS = ".;!?"
"""Over a comma the words before still tell: "thứ bảy, CN"."""
_PERSON = re.compile(f"\\.? [{UPPER}][{LETTERS}]{{1,6}}(?!\\w)")
_DATE_NEXT = re.compile(r",? ?\(?[0-9]{1,2}[/.-][0-9]{1,2}")
_CLOCK_LAST = re.compile("[0-9] ?[hg](?:[0-9]{2})?[ ,]+$")
_MAJOR = {"CHỦ", "GIÁM", "TRƯỞNG", "BAN", "ỦY", "UBND", "BÍ", "ĐẢNG"}
"""After "Q." these make it "quyền" (acting): "Q. CHỦ TỊCH"."""


_ANY = re.compile("")
_SPECIAL = (
    ("LH", _ANY, re.compile(r":| 0| \("), "liên hệ"),
    ("ĐC", _ANY, re.compile(":"), "địa chỉ"),
    ("CN", _ANY, _DATE_NEXT, "chủ nhật"),
    ("CN", _CLOCK_LAST, _ANY, "chủ nhật"),
    ("HS", re.compile("% $"), _ANY, "học sinh"),
    ("DL", re.compile("[0-9]/[0-9]{1,2} $"), _ANY, "dương lịch"),
)
"""What stands just before and just behind an abbreviation that no word decides."""


def _is_named(token: str, found: re.Match[str], context: Context) -> bool:
    """Tell whether a dot and a capitalised name follow, and no name stands before ("bà Lê Thị P. Trú tại...")."""
    rest = context.text[found.end() : found.end() + 3].lstrip()
    if not (token.endswith(".") and rest[:1].isupper()):
        return False
    before = re.search(r"(\w+) ?$", context.text[max(0, found.start() - 12) : found.start()])
    return len(token) > 2 or before is None or not (before[1][0].isupper() and before[1][1:].islower())  # noqa: PLR2004


def _fits(sense: _Sense, found: re.Match[str], context: Context, after: str) -> bool:
    if sense.numbered and (after[:1].isdigit() or after == "số"):
        return True
    if after in sense.after or (sense.before and context.cued(found.start(), sense.before, _STOPS)):
        return True
    if sense.person and _PERSON.match(context.text, found.end()):
        return True
    return sense.named and _is_named(found[0], found, context)


def _special(letters: str, found: re.Match[str], context: Context, after: str) -> str | None:
    """Return what a sense cannot say: "ĐT:" before a number, "Q. CHỦ TỊCH"."""
    if (
        letters == "ĐT"
        and not context.cued(found.start(), _CROPS)
        and re.match(r"\.?: ?|\.? ?[01(+]", context.text[found.end() - (found[0][-1] == ".") :])
    ):
        return "điện thoại"
    for token, before, behind, reading in _SPECIAL:
        if (
            token == letters
            and before.search(context.text, 0, found.start())
            and behind.match(context.text, found.end())
        ):
            return reading
    return "quyền" if letters == "Q" and found[0].endswith(".") and after in _MAJOR else None


def _sense(found: re.Match[str], context: Context) -> Read | None:
    letters = found[0].rstrip(".")
    following = _AFTER.match(context.text, found.end())
    after = following[1] if following else ""
    decided = context.lexicon.get(letters) or _special(letters, found, context, after)  # the ward's word comes first
    if decided is not None:
        return Read(decided)
    if context.in_capitals(found.start(), found.end()) and letters in ("CA", "TƯ", "TU"):
        return None  # a word of a heading: "TƯ PHÁP"
    senses = _SENSES[letters]
    for sense in senses:
        if _fits(sense, found, context, after.lower()):
            return Read(sense.reading)
    if len(letters) == 1:
        return None  # an initial, a letter in a list
    choices = tuple(sense.reading for sense in senses)
    note = f"“{letters}” là {' hay '.join(choices)}? Hãy viết đầy đủ hoặc thêm vào từ điển."
    return Read(spell(letters), DoubtKind.AMBIGUOUS, note, choices)


_TOKENS = "|".join(sorted(_SENSES, key=len, reverse=True))
RULES = (Rule("abbreviation-in-context", re.compile(rf"(?<![\w.])(?:{_TOKENS})(?!\w)\.?"), _sense),)
