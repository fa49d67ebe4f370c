"""Cảnh báo."""

WORDS = {
    "alarms.title": ("Cảnh báo", "Alarms"),
    "alarms.cameras": ("Cảnh báo của camera", "Alerts of the cameras"),
    "alarms.standing": ("Đang có", "Standing"),
    "alarms.past": ("Đã qua", "Over"),
    "alarms.none": ("Không có cảnh báo nào", "No alarm stands"),
    "alarms.none.do": ("Mọi thứ máy kiểm tra được đều ổn.", "Everything the machine can check is well."),
    "alarms.since": ("Từ {at}", "Since {at}"),
    "alarms.times": ("{n} lần", "{n} times"),
    "alarms.seen": ("Đã có người nhận, {at}", "Taken on, {at}"),
    "alarms.unseen": ("Chưa ai nhận", "Nobody has taken it on"),
    "alarms.see": ("Tôi nhận việc này", "I take it on"),
    "alarms.close": ("Đã xử lý xong", "It is dealt with"),
    "alarms.saw": ("Đã ghi là bạn nhận việc này.", "Noted: you have taken it on."),
    "alarms.closed": ("Đã đóng cảnh báo.", "The alarm is closed."),
    "alarms.hours": ("Xem đề nghị", "See the request"),
    "alarms.own_rights": ("Xem ai và vì sao", "See who and why"),
    "alarms.over": ("Hết lúc {at}", "Over at {at}"),
    "alarms.past.none": ("Chưa có cảnh báo nào đã qua.", "None is over yet."),
}  # fmt: skip
