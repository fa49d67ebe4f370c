"""Kết quả: what became of one planned play on one cluster. Only the cluster says so; ``UNPROVEN`` is the gateway's."""

from enum import StrEnum


class Outcome(StrEnum):
    """How one occurrence ended on one cluster. Every planned play ends in exactly one of these."""

    PLAYED = "played"
    """Every frame went out, at an audible level, and amplifier or microphone agree where the model has them."""
    PARTIAL = "played_partial"
    """Part of it was heard: a late join, a power cut, an override that did not resume."""
    SILENT = "played_silent"
    """The frames went out and nobody could hear them: muted, amplifier off, an empty file, a null sink."""
    INTERRUPTED = "interrupted"
    """Stopped by a person, an emergency or the kill switch; ``by`` says which."""
    SKIPPED = "skipped"
    """Not started on purpose, e.g. a higher priority held the slot; ``why`` says it."""
    MISSED = "missed"
    """The cluster was off or its clock not trusted at the hour; written on boot for slots it slept through."""
    FAILED = "failed"
    """It tried and could not: missing audio, no sound card."""
    REFUSED = "refused"
    """Policy said no: quiet hours, kill switch, maintenance."""
    UNPROVEN = "unproven"
    """The gateway's own row: the end has passed, the cluster is or was online, and no word came. Raises an alarm."""

    @property
    def heard(self) -> bool:
        """Whether this counts as a play (lượt phát): only what people could hear, whole."""
        return self is Outcome.PLAYED


class Proof(StrEnum):
    """Mức bằng chứng, domain.md row 26: how strong the evidence of a play is."""

    NONE = "none"
    DEVICE = "device"
    """The cluster says the frames went out audibly."""
    AMPLIFIER = "amplifier"
    """The amplifier drew current meanwhile."""
    MICROPHONE = "microphone"
    """A microphone heard it."""
