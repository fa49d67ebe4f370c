"""Giọng của phường: what speaks where a bulletin names nothing, and who stands in for a voice that gives no speech."""

from dataclasses import dataclass

from gateway.domain.bulletin import ONE_VOICE, Content


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who is to speak: the studio's words. ``None``: as the studio was built, or nobody."""

    voice: str | None
    second_voice: str | None
    fallback: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HouseVoice:
    """What the ward set once for every bulletin."""

    voice: str = ""
    """Empty: the studio's own."""
    second: str = ""
    """Takes turns with ``voice`` in a long text; a voice that a bulletin chose for itself speaks alone."""
    fallback: tuple[str, ...] = ()
    """In this order, each for a whole bulletin, before anybody approves it."""
    speed: float = 1.0

    def asked(self, content: Content) -> Asked:
        """Return who is to read ``content``."""
        chosen = content.voice or self.voice
        second = content.second_voice or ("" if content.voice else self.second)
        return Asked(
            voice=chosen or None,
            second_voice=None if second in ("", ONE_VOICE, chosen) else second,
            fallback=tuple(each for each in self.fallback if each != chosen),
        )


AS_BUILT = HouseVoice()
