"""Mẫu bản tin thường ngày: title and text, with blanks in square brackets that must be filled in before it is heard."""

from collections.abc import Mapping
from types import MappingProxyType

TEMPLATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "moi-hop": (
            "Mời họp khu phố",
            (
                "Kính mời bà con [khu phố] đến họp lúc [giờ] ngày [ngày] tại [địa điểm].\n"
                "Nội dung: [nội dung]. Đề nghị mỗi hộ cử một người đại diện, đến đúng giờ."
            ),
        ),
        "cat-dien": (
            "Thông báo cắt điện",
            (
                "Điện lực thông báo cắt điện từ [giờ] đến [giờ] ngày [ngày] tại [khu vực].\n"
                "Lý do: [lý do]. Bà con chủ động tắt các thiết bị điện và thu xếp công việc."
            ),
        ),
        "tiem-chung": (
            "Tiêm chủng cho trẻ",
            (
                "Trạm y tế phường tổ chức tiêm chủng cho trẻ lúc [giờ] ngày [ngày] tại [địa điểm].\n"
                "Phụ huynh mang theo sổ tiêm chủng của trẻ và đến đúng giờ."
            ),
        ),
        "ve-sinh": (
            "Tổng vệ sinh môi trường",
            (
                "Phường phát động tổng vệ sinh lúc [giờ] ngày [ngày].\n"
                "Mời bà con [khu phố] mang theo dụng cụ, tập trung tại [địa điểm] để dọn vệ sinh, khơi thông cống rãnh."
            ),
        ),
        "thu-phi": (
            "Nhắc nộp thuế, phí",
            (
                "Ủy ban nhân dân phường nhắc các hộ chưa nộp [khoản thu] nộp trước ngày [ngày] tại [địa điểm].\n"
                "Bà con cần hỏi thêm liên hệ [bộ phận] trong giờ hành chính."
            ),
        ),
        "nghia-vu": (
            "Khám tuyển nghĩa vụ quân sự",
            (
                "Công dân có lệnh gọi khám nghĩa vụ quân sự có mặt lúc [giờ] ngày [ngày] tại [địa điểm].\n"
                "Mang theo lệnh gọi và căn cước công dân. Đề nghị gia đình nhắc con em chấp hành đúng quy định."
            ),
        ),
        "an-ninh": (
            "An ninh trật tự trong tuần",
            (
                "Kính thưa bà con, tuần qua trên địa bàn phường xảy ra [sự việc].\n"
                "Công an phường đề nghị bà con [việc cần làm]. Khi phát hiện nghi vấn, báo ngay cho Công an phường."
            ),
        ),
        "tra-loi": (
            "Trả lời phản ánh của người dân",
            (
                "Ủy ban nhân dân phường trả lời phản ánh của bà con [khu phố] về [việc phản ánh].\n"
                "Kết quả: [kết quả]. Cảm ơn bà con đã phản ánh."
            ),
        ),
    }
)
