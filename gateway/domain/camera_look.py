"""Một lần nhìn camera: what one look found, layer by layer, in the gateway's own words. Pure.

The driver's findings are turned into this at the border, so that no rule here knows SOAP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devices.model.camera import Layer
from gateway.domain.identity import Marks


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One layer of one look."""

    layer: Layer
    ok: bool | None
    """``None``: not looked at, or nobody can tell."""
    ms: float | None = None
    cause: str = ""
    """Stable slug of the driver; empty when well."""
    vi: str = ""
    en: str = ""
    advice_vi: str = ""
    advice_en: str = ""
    grave: bool = True
    """Whether it keeps the picture away; otherwise it is worth a look."""
    detail: str = ""
    """For the technician; no password is ever in it."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one look found."""

    at_ms: int
    findings: tuple[Finding, ...]
    marks: Marks = field(default_factory=Marks)
    """What it says of itself; empty where it was not asked."""
    firmware: str = ""
    clock_offset_s: float | None = None
    rebooted: bool = False
    open_login: bool | None = None
    """It says who it is to anybody, without a password; ``None``: nobody got that far."""
    memory: Mapping[str, Any] = field(default_factory=dict)
    """What the driver wants back at the next look: JSON, and no secret."""
    thumbnail: bytes | None = field(default=None, repr=False)
    """A blurred JPEG, only of a camera whose pictures are on."""
    not_before_ms: int | None = None
    """The camera locked us out, or the login is known to be wrong: do not sign in before this."""

    def finding(self, layer: Layer) -> Finding | None:
        """Return what was found of ``layer``."""
        return next((each for each in self.findings if each.layer is layer), None)


def unanswered(at_ms: int, *, vi: str, en: str, cause: str, memory: Mapping[str, Any]) -> Look:
    """Return a look that found nobody, or that never came back."""
    return Look(
        at_ms=at_ms,
        findings=(Finding(layer=Layer.TCP, ok=False, cause=cause, vi=vi, en=en),),
        memory=memory,
    )
