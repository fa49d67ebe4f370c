"""Giọng đọc on the form: which there are, what is usual here, and how fast. Beside it: who speaks in a bulletin."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.bulletin import ONE_VOICE, AudioRef
from gateway.web.pages.bulletin_form import Typed
from gateway.web.pages.door import Visit

SPEEDS = (0.8, 0.9, 1.0, 1.1, 1.2)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What may be chosen."""

    known: tuple[tuple[str, str], ...]
    """Each voice with its name for people."""
    usual: str
    second: str
    """The second voice usual here, by its name for people; empty: none."""
    second_id: str

    def is_gone(self, voice: str) -> bool:
        """Tell whether a voice was chosen that is not there any more: it is shown, not exchanged in silence."""
        return voice not in {"", ONE_VOICE, *(name for name, _ in self.known)}

    def heard_second(self, form: Typed) -> str:
        """Return the second voice of the form as it stands; empty: one voice reads all of it."""
        if form.second_voice:
            return "" if form.second_voice == ONE_VOICE else form.second_voice
        return "" if form.voice else self.second_id

    def speeds(self, now: float, t: Callable[..., str]) -> list[tuple[str, str]]:
        """Return the speeds in words; one between them is kept as it is."""
        return [
            (str(speed), t(f"voice.speed.{speed}") if speed in SPEEDS else t("voice.speed.other", speed=speed))
            for speed in sorted({*SPEEDS, now})
        ]


def choices(visit: Visit) -> Choices:
    """Look them up."""
    editorial = visit.screen.services.editorial
    known = [(str(each.id), each.label) for each in editorial.voices()]
    names, usual = dict(known), editorial.usual
    first = names.get(usual.voice, usual.voice) or (known[0][1] if known else "")
    return Choices(
        known=tuple(known), usual=first, second=names.get(usual.second, usual.second), second_id=usual.second
    )


def speakers(visit: Visit, audio: AudioRef | None) -> str:
    """Return who really speaks, by their names for people; empty: nobody, or a person."""
    if audio is None or audio.recorded:
        return ""
    names = {str(each.id): each.label for each in visit.screen.services.editorial.voices()}
    return ", ".join(names.get(each, each) for each in audio.voices or (audio.voice or audio.engine,))
