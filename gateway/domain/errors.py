"""Every way the product says no. Knows no HTTP: ``web`` alone turns these into status codes.

GatewayError
├── BadInput        what was sent is not well formed; all mistakes at once
├── NotFound        no such thing
├── NotSignedIn     nobody is signed in, or the sign-in was refused
├── NotAllowed      this person may not
├── TryLater        too many tries or too busy; says how long to wait
├── WrongState      not from here
├── Stale           somebody changed it meanwhile
├── Clash           two airtimes want the same loudspeakers
├── PolicyRefusal   the ward's air rules say no
├── StoreFailed     it could not be kept or read: full disk, damaged file; nothing was changed
│   └── StoreTooNew   a newer version of the product wrote the file
└── ChainBroken     a chained log was altered, shortened or lengthened by hand
"""
# ruff: noqa: N818 -- the names are the product's words ("Clash", "Stale"); "Error" after each would add nothing.

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, in words a person can act on."""

    code: str
    """Stable slug, e.g. ``not_approved``; never shown, never translated."""
    vi: str
    en: str
    path: str = ""
    """Where, e.g. ``rule.weekdays``; empty when it is about the whole."""


class GatewayError(Exception):
    """A refusal of the product. ``vi`` and ``en`` are sentences for people; ``code`` is for programs."""

    code: str = "error"

    def __init__(self, vi: str, en: str, *, code: str | None = None) -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en
        self.code = code or type(self).code


class NotFound(GatewayError):
    """There is no such thing, or it is not for this person to know."""

    code = "not_found"


class NotSignedIn(GatewayError):
    """Nobody is signed in, or the name, the password or the session was refused."""

    code = "not_signed_in"


class NotAllowed(GatewayError):
    """The person is known and may not do this."""

    code = "not_allowed"


class TryLater(GatewayError):
    """Too many tries, or too busy just now. ``retry_after_s`` (whole seconds, at least 1) is when to come back."""

    code = "try_later"

    def __init__(self, vi: str, en: str, *, retry_after_s: float, code: str | None = None) -> None:
        super().__init__(vi, en, code=code)
        self.retry_after_s = max(1, math.ceil(retry_after_s))


class WrongState(GatewayError):
    """The thing is not in a state from which this can be done."""

    code = "wrong_state"


class Stale(GatewayError):
    """It was changed since it was read: what the person saw is not what is there now."""

    code = "stale"


class _Listed(GatewayError):
    """A refusal with its reasons, all of them."""

    def __init__(self, vi: str, en: str, problems: Iterable[Problem], *, code: str | None = None) -> None:
        self.problems = tuple(problems)
        super().__init__(_with(vi, [p.vi for p in self.problems]), _with(en, [p.en for p in self.problems]), code=code)


class BadInput(_Listed):
    """What was sent is not well formed. ``problems`` holds every mistake, each with its field path."""

    code = "bad_input"

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__("Dữ liệu chưa đúng", "The input is not right", problems)


class Clash(_Listed):
    """Lịch trùng nhau: airtimes overlap on a cluster and nobody decided which gives way."""

    code = "clash"

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__("Trùng giờ phát, cần quyết định", "Airtimes overlap and need a decision", problems)


class PolicyRefusal(_Listed):
    """Quy chế không cho phép: the air rules refuse. ``problems`` are the refusals."""

    code = "policy_refusal"

    def __init__(self, refusals: Iterable[Problem]) -> None:
        super().__init__("Quy chế phát thanh không cho phép", "The air rules do not allow it", refusals)

    @property
    def refusals(self) -> tuple[Problem, ...]:
        """Every rule that says no."""
        return self.problems


class StoreFailed(GatewayError):
    """Kho dữ liệu lỗi: full disk, damaged or locked file. What was asked for was not done, not even half of it."""

    code = "store_failed"


class StoreTooNew(StoreFailed):
    """The file was written by a newer version of the product. It is left exactly as it is."""

    code = "store_too_new"


class ChainBroken(GatewayError):
    """Chuỗi bị đứt: line ``n`` is the first that does not follow from the line before it."""

    code = "chain_broken"

    def __init__(self, vi: str, en: str, *, n: int, code: str | None = None) -> None:
        super().__init__(vi, en, code=code)
        self.n = n


def _with(lead: str, reasons: list[str]) -> str:
    return f"{lead}: {'; '.join(reasons)}" if reasons else f"{lead}."
