"""Bắt bệnh cụm loa: what the last reports say is wrong, why it may be, and what to do first. Pure.

The limits are those of a 220 V supply (± 10 %) and of the boards that controllers are made of; they are for a person to
look, no rule hangs on them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from types import MappingProxyType

from gateway.services.presence import Live, Presence

LOW_V, HIGH_V = 198.0, 242.0
WARM_C, HOT_C = 70.0, 85.0
WEAK_DBM = -80
LITTLE_MB = 200
CLOCK_OFF_MS = 500.0

Limits = tuple[float, float]
_ANYTHING: Limits = (-inf, inf)


class Tone(StrEnum):
    """How a reading is to be taken."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "wait"
    """The cluster does not measure it, or did not say."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the self-check. ``key`` names its words (``check.KEY``)."""

    key: str
    tone: Tone
    value: str = ""
    """With its unit; the same in both languages."""


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """Một điều không ổn, and what to do about it."""

    code: str
    grave: bool
    vi: str
    en: str
    advice_vi: str
    advice_en: str


@dataclass(frozen=True, kw_only=True)
class Around:
    """What stands beside a cluster, as a hint at the cause."""

    neighbours: int = 0
    """Other enrolled clusters of its neighbourhood."""
    neighbours_lost: int = 0
    camera_answers: bool | None = None
    """Whether the camera on the same pole answers; ``None``: there is none, or nobody knows."""


def checks(live: Live) -> tuple[Check, ...]:
    """Return the self-check of a cluster by its own last word."""
    return (
        _check("power", None if live.on_battery is None else not live.on_battery, bad=Tone.WARN),
        _graded("volts", live.volts_ac, "{:.0f} V", (LOW_V, HIGH_V)),
        _graded("temperature", live.temp_c, "{:.0f} °C", (-inf, WARM_C), (-inf, HOT_C)),
        _graded("signal", live.rssi_dbm, "{:.0f} dBm", (WEAK_DBM, inf)),
        _clock(live),
        _plan(live),
        _graded("disk", live.free_mb, "{:.0f} MB", (LITTLE_MB, inf)),
        Check(key="faults", tone=Tone.BAD, value=", ".join(live.faults))
        if live.faults
        else Check(key="faults", tone=Tone.GOOD if live.heard_ms else Tone.UNKNOWN),
    )


def complaints(live: Live, around: Around) -> tuple[Complaint, ...]:
    """Return what is wrong, the gravest first; nothing for one that is well."""
    if live.presence is Presence.UNENROLLED:
        return (_NOT_ENROLLED,)
    if live.presence is Presence.LOST:
        return (_lost(live, around),)
    if live.presence is Presence.UNKNOWN:
        return ()
    found = [*_faults(live), *_readings(live)]
    return tuple(sorted(found, key=lambda each: not each.grave))


def _lost(live: Live, around: Around) -> Complaint:
    vi, en = "Không nghe thấy cụm này nữa.", "This cluster is not heard any more."
    if around.neighbours >= 1 and around.neighbours_lost == around.neighbours:
        why_vi = "Cả khu phố cùng mất: nhiều khả năng mất điện hoặc mất đường truyền của khu."
        why_en = "The whole neighbourhood is lost: power or its line, most likely."
        do_vi, do_en = "Gọi điện lực và nhà mạng trước khi lên cột.", "Call the power and network companies first."
    elif around.camera_answers:
        why_vi = "Camera cùng cột vẫn trả lời, nên cột còn điện và còn mạng."
        why_en = "The camera on the same pole answers: the pole has power and network."
        do_vi, do_en = "Kiểm tra bộ điều khiển và dây mạng của nó.", "Look at the controller and its cable."
    elif around.camera_answers is False:
        why_vi = "Camera cùng cột cũng mất: nguồn hoặc mạng của tủ."
        why_en = "The camera on the same pole is lost too: the cabinet's power or network."
        do_vi, do_en = "Kiểm tra aptomat, ổ cấp nguồn và bộ chia mạng trong tủ.", "Look at breaker, supply and switch."
    elif live.on_battery or (live.volts_ac is not None and live.volts_ac < LOW_V):
        why_vi, why_en = "Trước khi mất, cụm báo mất điện lưới.", "Before that it said that the mains were gone."
        do_vi, do_en = "Kiểm tra điện lưới và ắc quy.", "Look at the mains and the battery."
    elif live.rssi_dbm is not None and live.rssi_dbm < WEAK_DBM:
        why_vi, why_en = "Trước khi mất, sóng rất yếu.", "Before that its signal was very weak."
        do_vi, do_en = "Kiểm tra ăng-ten, SIM và vùng phủ sóng.", "Look at antenna, SIM and coverage."
    else:
        why_vi, why_en = "Chưa rõ vì sao.", "Nobody knows why yet."
        do_vi = "Kiểm tra nguồn, đường truyền rồi bộ điều khiển."
        do_en = "Look at power, line, then the controller."
    return Complaint(
        code="lost", grave=True, vi=f"{vi} {why_vi}", en=f"{en} {why_en}", advice_vi=do_vi, advice_en=do_en
    )


def _faults(live: Live) -> Iterator[Complaint]:
    for code in live.faults:
        vi, en, do_vi, do_en = _known_fault(code) or (
            f"Bộ điều khiển báo lỗi “{code}”.",
            f"The controller reports “{code}”.",
            "Khởi động lại; nếu còn, mở phiếu sửa chữa.",
            "Restart it; if it stays, open a repair.",
        )
        yield Complaint(code=code, grave=True, vi=vi, en=en, advice_vi=do_vi, advice_en=do_en)


def fault_in_words(code: str) -> tuple[str, str]:
    """Say the fault ``code`` of a pole as one sentence in Vietnamese and English, without the code."""
    vi, en, *_ = _known_fault(code) or ("Bộ điều khiển báo một lỗi lạ.", "The controller reports an unknown fault.")
    return vi, en


def _known_fault(code: str) -> tuple[str, str, str, str] | None:
    return _FAULTS.get("damaged" if code not in _FAULTS and code.endswith("_damaged") else code)


def _readings(live: Live) -> Iterator[Complaint]:
    for check in checks(live):
        if check.tone in (Tone.WARN, Tone.BAD) and check.key in _SAID:
            vi, en, do_vi, do_en = _SAID[check.key]
            value = f" ({check.value})" if check.value else ""
            yield Complaint(
                code=check.key,
                grave=check.tone is Tone.BAD,
                vi=f"{vi}{value}.",
                en=f"{en}{value}.",
                advice_vi=do_vi,
                advice_en=do_en,
            )


def _check(key: str, well: bool | None, *, bad: Tone) -> Check:
    if well is None:
        return Check(key=key, tone=Tone.UNKNOWN)
    return Check(key=key, tone=Tone.GOOD if well else bad)


def _graded(key: str, value: float | None, form: str, well: Limits, bearable: Limits = _ANYTHING) -> Check:
    if value is None:
        return Check(key=key, tone=Tone.UNKNOWN)
    tone = Tone.GOOD if well[0] <= value <= well[1] else Tone.WARN if bearable[0] <= value <= bearable[1] else Tone.BAD
    return Check(key=key, tone=tone, value=form.format(value))


def _clock(live: Live) -> Check:
    if live.clock is None:
        return Check(key="clock", tone=Tone.UNKNOWN)
    far = abs(live.clock.off_ms) > CLOCK_OFF_MS
    tone = Tone.BAD if not live.clock.trusted else Tone.WARN if far else Tone.GOOD
    return Check(key="clock", tone=tone, value=f"{round(live.clock.off_ms):+} ms")


def _plan(live: Live) -> Check:
    if live.plan is None:
        return Check(key="plan", tone=Tone.BAD if live.heard_ms else Tone.UNKNOWN)
    whole = live.plan.ready >= live.plan.total
    return Check(key="plan", tone=Tone.GOOD if whole else Tone.WARN, value=f"{live.plan.ready}/{live.plan.total}")


_NOT_ENROLLED = Complaint(
    code="unenrolled",
    grave=False,
    vi="Cụm này chưa ghi danh: gateway chưa tin và chưa gửi gì cho nó.",
    en="Not enrolled: the gateway neither believes it nor sends it anything.",
    advice_vi="Tạo mã ghi danh và nhập tại bộ điều khiển.",
    advice_en="Make an enrolment code and enter it at the controller.",
)
_FAULTS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "no_card": (
            "Không tìm thấy card âm thanh.",
            "No sound card is found.",
            "Tắt nguồn 10 giây rồi bật lại; nếu còn, thay bo.",
            "Power off for 10 s; if it stays, change the board.",
        ),
        "player_stuck": (
            "Bộ phát bị treo.",
            "The player hangs.",
            "Khởi động lại cụm loa.",
            "Restart the cluster.",
        ),
        "airing": (
            "Lần phát trước bị lỗi giữa chừng.",
            "The last play failed half way.",
            "Phát âm thử; nếu im, kiểm tra amply.",
            "Play a test tone; if it is silent, look at the amplifier.",
        ),
        "asset_missing": (
            "Thiếu tệp âm thanh đã xếp lịch.",
            "Audio that is scheduled is missing.",
            "Kiểm tra đường truyền: cụm tự tải lại.",
            "Look at the line: it fetches again by itself.",
        ),
        "disk_full": (
            "Bộ nhớ của cụm đã đầy.",
            "Its storage is full.",
            "Giảm dung lượng lưu trong cài đặt kỹ thuật, hoặc thay thẻ nhớ.",
            "Lower the cache in its settings, or change the card.",
        ),
        "disk": (
            "Bộ nhớ của cụm không ghi được.",
            "Its storage cannot be written.",
            "Thay thẻ nhớ sớm: thẻ thường hỏng dần.",
            "Change the card soon: cards die slowly.",
        ),
        "clock_disagrees": (
            "Đồng hồ của cụm không khớp với đài.",
            "Its clock disagrees with the gateway's.",
            "Xem phần đồng hồ; nếu còn, kiểm tra mạng và pin đồng hồ.",
            "Look at its clock; if it stays, check the network and the clock's battery.",
        ),
        "damaged": (
            "Một tệp cài đặt trên cụm bị hỏng; cụm đang xin lại.",
            "A document on it was damaged; it asks again.",
            "Chờ vài phút; nếu còn, thay thẻ nhớ.",
            "Wait some minutes; if it stays, change the card.",
        ),
    }
)
_SAID: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "power": (
            "Đang chạy bằng ắc quy",
            "It runs on its battery",
            "Kiểm tra điện lưới trước khi ắc quy cạn.",
            "Look at the mains before the battery is empty.",
        ),
        "volts": (
            "Điện áp ngoài mức 220 V ± 10 %",
            "The mains are outside 220 V ± 10 %",
            "Đo lại tại tủ; báo điện lực nếu kéo dài.",
            "Measure at the cabinet; tell the power company if it lasts.",
        ),
        "temperature": (
            "Bộ điều khiển nóng",
            "The controller is hot",
            "Kiểm tra quạt, khe thông gió và nắng chiếu.",
            "Look at the fan, the vents and the sun.",
        ),
        "signal": (
            "Sóng yếu",
            "The signal is weak",
            "Kiểm tra ăng-ten và hướng đặt.",
            "Look at the antenna and where it points.",
        ),
        "clock": (
            "Đồng hồ lệch",
            "Its clock is off",
            "Cụm tự chỉnh khi có mạng; nếu còn lệch, thay pin đồng hồ.",
            "It corrects itself with a network; if not, change its battery.",
        ),
        "plan": (
            "Chưa giữ đủ kế hoạch phát",
            "It does not hold the whole plan",
            "Chờ cụm tải xong; nếu lâu, kiểm tra đường truyền.",
            "Wait until it has fetched it; if it takes long, look at the line.",
        ),
        "disk": (
            "Bộ nhớ sắp đầy",
            "Its storage is nearly full",
            "Giảm dung lượng lưu trong cài đặt kỹ thuật.",
            "Lower the cache in its settings.",
        ),
    }
)
