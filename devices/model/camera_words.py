"""Lời cho từng nguyên nhân: what to call it and what to do about it, Vietnamese first."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from devices.model.camera_cause import Cause, Layer, Status


class Words(NamedTuple):
    """A cause for people: a few words, and what to do."""

    vi: str
    en: str
    advice_vi: str
    advice_en: str


LAYERS: Mapping[Layer, tuple[str, str]] = MappingProxyType(
    {
        Layer.TCP: ("Kết nối mạng", "network"),
        Layer.CLOCK: ("ONVIF và giờ", "ONVIF and clock"),
        Layer.LOGIN: ("Đăng nhập", "login"),
        Layer.STREAM: ("Luồng hình", "stream"),
        Layer.PICTURE: ("Hình ảnh", "picture"),
    }
)
STATUSES: Mapping[Status, tuple[str, str]] = MappingProxyType(
    {
        Status.OK: ("Tốt", "well"),
        Status.WARNING: ("Cần xem lại", "needs a look"),
        Status.CRITICAL: ("Hỏng", "broken"),
        Status.UNKNOWN: ("Chưa rõ", "unknown"),
    }
)
WORDS: Mapping[Cause, Words] = MappingProxyType(
    {
        Cause.OFFLINE: Words(
            "Mất điện hoặc mất mạng", "no power or no network",
            "Kiểm tra nguồn điện, dây mạng, bộ chia mạng trong tủ; thử ping từ trụ sở.",
            "Check power, cable and the switch in its cabinet; ping it from the office.",
        ),
        Cause.REFUSED: Words(
            "Có máy ở địa chỉ này nhưng cổng ONVIF đóng", "a machine is there, its ONVIF port is closed",
            "Camera đang khởi động, ONVIF bị tắt, sai cổng, hoặc máy khác đã lấy địa chỉ này.",
            "It is booting, ONVIF is switched off, the port is wrong, or another machine took the address.",
        ),
        Cause.NAME_UNKNOWN: Words(
            "Tên máy không dẫn đến đâu", "its host name leads nowhere",
            "Sửa tên trong danh mục hoặc dùng địa chỉ IP.", "Correct the name in the inventory, or use an IP address.",
        ),
        Cause.ADDRESS_REFUSED: Words(
            "Địa chỉ không được phép", "an address that is not allowed",
            "Dùng địa chỉ của chính camera trong mạng phường.", "Use the camera's own address in the ward's network.",
        ),
        Cause.SITE_LINK_DOWN: Words(
            "Mất cả tuyến: nhiều camera cùng lúc", "a whole line is down: many cameras at once",
            "Kiểm tra đường truyền, tủ mạng và điện của khu này trước; không cần xem từng camera.",
            "Check the line, the cabinet and the power of that area first, not every camera.",
        ),
        Cause.TLS_FAILED: Words(
            "Không lập được kết nối mã hóa", "no encrypted connection",
            "Kiểm tra HTTPS trên camera; có thể phải cập nhật phần mềm của nó.",
            "Check HTTPS on the camera; its firmware may need an update.",
        ),
        Cause.CERT_CHANGED: Words(
            "Chứng thư đã đổi", "another certificate than before",
            "Nếu vừa thay hoặc đặt lại camera thì chấp nhận chứng thư mới; nếu không, có thể có người chen giữa.",
            "Accept the new one if the camera was just replaced or reset; otherwise somebody may be in between.",
        ),
        Cause.NOT_ONVIF: Words(
            "Không phải camera ONVIF", "not an ONVIF camera",
            "Bật ONVIF trên camera, kiểm tra cổng; hoặc địa chỉ này là của thiết bị khác.",
            "Switch ONVIF on, check the port; or the address belongs to another device.",
        ),
        Cause.TIMEOUT: Words(
            "Nối được nhưng không trả lời", "connects and does not answer",
            "Camera treo: khởi động lại; nếu lặp lại, kiểm tra nguồn và phần mềm.",
            "It hangs: restart it; if it comes back, check its power supply and firmware.",
        ),
        Cause.SLOW: Words(
            "Trả lời chậm", "answers slowly",
            "Đường truyền nghẽn hoặc camera quá tải; xem số người đang mở hình.",
            "The line is full or the camera overloaded; see how many people watch it.",
        ),
        Cause.CONNECTION_LOST: Words(
            "Ngắt kết nối giữa chừng", "breaks the connection",
            "Mạng chập chờn hoặc camera lỗi; kiểm tra đầu nối, khởi động lại.",
            "A bad line or a faulty camera; check the plugs, restart it.",
        ),
        Cause.PROTOCOL_ERROR: Words(
            "Trả lời sai quy cách", "an answer that cannot be read",
            "Cập nhật phần mềm camera; báo nhà thầu.", "Update its firmware; tell the contractor.",
        ),
        Cause.SUSPICIOUS: Words(
            "Trả lời đáng ngờ", "a suspicious answer",
            "Tách thiết bị này khỏi mạng và kiểm tra: camera thường không trả lời như vậy.",
            "Take it off the network and examine it: cameras do not answer so by accident.",
        ),
        Cause.XADDR_MISMATCH: Words(
            "Camera khai địa chỉ của máy khác", "it names another host's address",
            "Không ảnh hưởng: hệ thống chỉ dùng địa chỉ đã ghi. Nên sửa cấu hình mạng của camera.",
            "No harm: only the enrolled address is used. Its network settings should be corrected.",
        ),
        Cause.CLOCK_DRIFT: Words(
            "Lệch giờ", "its clock is off",
            "Đặt máy chủ giờ (NTP) cho camera.", "Give the camera a time server (NTP).",
        ),
        Cause.CLOCK_WRONG: Words(
            "Sai giờ hơn một phút", "its clock is wrong by more than a minute",
            "Đặt lại giờ và máy chủ giờ (NTP); hình ghi đang mang giờ sai.",
            "Set its clock and a time server (NTP); recordings carry a wrong time.",
        ),
        Cause.CLOCK_INVALID: Words(
            "Đồng hồ không có ngày tháng đúng", "its clock has no sensible date",
            "Đặt giờ, NTP; pin nhớ giờ có thể đã hết.", "Set its clock and NTP; its battery may be empty.",
        ),
        Cause.CLOCK_UNKNOWN: Words(
            "Camera không cho biết giờ", "it does not say its time",
            "Xem giờ trên hình hoặc trên trang của camera.", "Look at the time in its picture or on its page.",
        ),
        Cause.NO_PASSWORD: Words(
            "Chưa có mật khẩu", "no password was given",
            "Nhập tài khoản của camera (mức User là đủ).", "Enter an account of the camera (level User suffices).",
        ),
        Cause.AUTH_FAILED: Words(
            "Sai mật khẩu", "wrong user or password",
            "Nhập lại tài khoản. Hệ thống ngừng thử để camera không bị khóa.",
            "Enter the account again. No more attempts are made, so that the camera does not lock.",
        ),
        Cause.AUTH_CLOCK: Words(
            "Đăng nhập bị từ chối, có thể do lệch giờ", "login refused, perhaps for its wrong clock",
            "Sửa giờ của camera trước, rồi mới xem đến mật khẩu.",
            "Correct its clock first, then think of the password.",
        ),
        Cause.AUTH_PAUSED: Words(
            "Tạm ngừng đăng nhập", "logging in is paused",
            "Mật khẩu đã bị từ chối; sửa mật khẩu thì thử lại ngay, không thì chờ đến giờ hẹn.",
            "The password was refused; editing it tries again at once, otherwise later.",
        ),
        Cause.LOCKED_OUT: Words(
            "Camera tự khóa đăng nhập", "the camera has locked logins",
            "Chờ hết giờ khóa; tìm xem máy nào khác đang thử mật khẩu sai.",
            "Wait until the lock ends; find who else tries wrong passwords.",
        ),
        Cause.NOT_ALLOWED: Words(
            "Tài khoản không đủ quyền", "the account may not do this",
            "Cho tài khoản mức User trở lên.", "Give the account level User or higher.",
        ),
        Cause.FACTORY_LOGIN: Words(
            "Mật khẩu mặc định, ai cũng biết", "a factory password that everybody knows",
            "Đổi mật khẩu trên camera, rồi nhập mật khẩu mới vào danh mục.",
            "Change the password on the camera, then enter the new one in the registry.",
        ),
        Cause.OPEN_LOGIN: Words(
            "Không cần mật khẩu cũng vào được", "it lets anybody in without a password",
            "Đổi mật khẩu và bật đăng nhập (ONVIF, web) trên camera, rồi nhập mật khẩu mới vào danh mục.",
            "Change the password and switch its login on (ONVIF, web), then enter the new one in the registry.",
        ),
        Cause.NO_VIDEO_SERVICE: Words(
            "Không có dịch vụ hình", "no video service",
            "Camera không khai luồng hình nào: kiểm tra cấu hình ONVIF, hồ sơ hình.",
            "It offers no stream: check its ONVIF settings and media profiles.",
        ),
        Cause.STREAM_AUTH: Words(
            "Luồng hình từ chối mật khẩu", "the stream refuses the password",
            "Kiểm tra quyền xem trực tiếp của tài khoản, kiểu xác thực RTSP (digest).",
            "Check the account's right to live video, and that RTSP uses digest.",
        ),
        Cause.STREAM_MISSING: Words(
            "Không có luồng hình ở địa chỉ camera khai", "no stream at the address it names",
            "Khởi động lại; kiểm tra hồ sơ hình.", "Restart it; check its media profiles.",
        ),
        Cause.STREAM_BUSY: Words(
            "Hết chỗ xem luồng hình", "the stream is full",
            "Giảm số máy đang xem hoặc ghi trực tiếp từ camera.", "Have fewer programs watch it directly.",
        ),
        Cause.STREAM_DOWN: Words(
            "Luồng hình hỏng", "the stream is down",
            "Kiểm tra cổng RTSP, khởi động lại camera.", "Check its RTSP port, restart the camera.",
        ),
        Cause.STREAM_CODEC: Words(
            "Luồng hình khác kiểu nén đã khai", "another codec than it says",
            "Kiểm tra cấu hình nén nếu đầu ghi không đọc được.", "Check the codec if a recorder cannot read it.",
        ),
        Cause.NO_SNAPSHOT: Words(
            "Camera không cho chụp ảnh", "it offers no snapshot",
            "Không kiểm tra được hình; người trực xem bằng mắt.", "Pictures cannot be checked; somebody has to look.",
        ),
        Cause.SNAPSHOT_AUTH: Words(
            "Ảnh chụp từ chối mật khẩu", "the snapshot refuses the password",
            "Kiểm tra quyền của tài khoản, kiểu xác thực web.", "Check the account's rights and web authentication.",
        ),
        Cause.SNAPSHOT_BAD: Words(
            "Ảnh chụp hỏng", "the snapshot is no picture",
            "Khởi động lại; cập nhật phần mềm camera.", "Restart it; update its firmware.",
        ),
        Cause.FROZEN: Words(
            "Đứng hình", "the picture is frozen",
            "Khởi động lại camera; xem trực tiếp để chắc chắn.", "Restart it; look at the live video to be sure.",
        ),
        Cause.BLACK: Words(
            "Tối đen", "black",
            "Kiểm tra nắp ống kính, đèn hồng ngoại, nguồn sáng.", "Check lens cap, infrared lamp and light.",
        ),
        Cause.OVEREXPOSED: Words(
            "Trắng xóa", "nearly white",
            "Kiểm tra hướng nắng, đèn chiếu vào ống kính, chế độ phơi sáng.",
            "Check sun or lamps into the lens, and its exposure.",
        ),
        Cause.COVERED: Words(
            "Bị che", "covered",
            "Đến xem tại chỗ: có vật che, mạng nhện, hoặc có người phá.",
            "Go and look: something hangs before it, cobwebs, or somebody did it.",
        ),
        Cause.BLURRED: Words(
            "Mờ", "blurred", "Lau kính, chỉnh nét.", "Wipe the glass, focus."
        ),
        Cause.MOVED: Words(
            "Lệch góc", "it looks elsewhere",
            "So với ảnh mẫu; chỉnh lại giá, hoặc bấm “lấy ảnh mẫu mới” nếu cố ý xoay.",
            "Compare with the reference; straighten it, or take a new baseline if it was meant.",
        ),
        Cause.VIEW_CHANGED: Words(
            "Khung hình khác hẳn: che hay lệch?", "quite another view: covered or moved?",
            "Mở hình trực tiếp xem; nếu đúng thì bấm “lấy ảnh mẫu mới”.",
            "Look at the live video; if it is right, take a new baseline.",
        ),
        Cause.REPLACED: Words(
            "Camera khác ở địa chỉ này", "another camera at this address",
            "Nếu đã thay thiết bị thì cập nhật danh mục; nếu không, kiểm tra trùng địa chỉ IP.",
            "Update the inventory if it was replaced; otherwise look for an address conflict.",
        ),
        Cause.DUPLICATE_IDENTITY: Words(
            "Trùng số máy với camera khác", "the same identity as another camera",
            "Một số hãng dùng chung số máy; hệ thống phân biệt theo mã của phường.",
            "Some makers repeat serial numbers; the ward's own code tells them apart.",
        ),
        Cause.FIRMWARE_CHANGED: Words(
            "Phần mềm camera đã đổi", "its firmware has changed",
            "Ghi vào sổ nếu chưa ai báo.", "Note it, if nobody announced it.",
        ),
        Cause.REBOOTED: Words(
            "Vừa khởi động lại", "it has rebooted",
            "Nếu lặp lại trong ngày, kiểm tra nguồn điện.", "If it happens again today, check its power.",
        ),
        Cause.UNSTABLE_POWER: Words(
            "Điện chập chờn: khởi động lại nhiều lần", "unstable power: many reboots",
            "Kiểm tra nguồn, bộ cấp PoE, dây và đầu nối.", "Check its supply, PoE, cable and plugs.",
        ),
        Cause.EVENTS_LOST: Words(
            "Mất kênh báo sự kiện", "its events have stopped",
            "Không cần làm gì: hệ thống chuyển sang hỏi định kỳ.", "Nothing to do: it is polled instead.",
        ),
    }
)  # fmt: skip
"""Every cause has its words; a test holds that."""
