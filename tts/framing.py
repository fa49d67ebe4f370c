"""Khung bản tin: what stands around a text when it is made into one file. Pure."""

from dataclasses import dataclass

from tts.errors import UnknownChime

MAX_REPEATS = 3
_IDENT = {
    "routine": "Đây là đài truyền thanh {station}.",
    "priority": "Đài truyền thanh {station} có thông báo quan trọng.",
    "emergency": "Thông báo khẩn cấp của {station}.",
}
_REPEATS = {"routine": 1, "priority": 1, "emergency": 2}
_SIGN_OFF = {
    "routine": "Xin cảm ơn bà con đã lắng nghe.",
    "priority": "Xin cảm ơn bà con đã lắng nghe.",
    "emergency": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """The chime of ``priority``, who speaks (ident), an intro, the text ``repeats`` times, a sign-off; empty: left out.

    Raises:
        ValueError: ``repeats`` is not 1 to 3.
    """

    priority: str = "routine"
    ident: str = ""
    intro: str = ""
    sign_off: str = ""
    repeats: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.repeats <= MAX_REPEATS:
            raise ValueError(f"{self.repeats} repeats")

    @property
    def opening(self) -> str:
        """What is said between the chime and the text, a paragraph each."""
        return "\n".join(part for part in (self.ident.strip(), self.intro.strip()) if part)


def usual(priority: str, station: str) -> Framing:
    """Return the usual framing of ``routine``, ``priority`` or ``emergency`` for ``station`` ("phường Tân Thạnh").

    An emergency is said twice and ends with its own words, so that the last thing heard is what to do.

    Raises:
        UnknownChime: no such priority.
    """
    if priority not in _IDENT:
        raise UnknownChime(f"Không có nhạc hiệu cho mức “{priority}” (no such chime).")
    return Framing(
        priority=priority,
        ident=_IDENT[priority].format(station=station),
        sign_off=_SIGN_OFF[priority],
        repeats=_REPEATS[priority],
    )
