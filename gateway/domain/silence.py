"""IM LẶNG and bảo trì: the two states in which loudspeakers do not do what the schedule says."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from devices.model import ClusterId
from gateway.domain.errors import BadInput, Problem, WrongState
from gateway.domain.ids import UserId

LONGEST_TEST_TONE = timedelta(seconds=10)
LOUDEST_TEST_TONE_PERCENT = 30
"""domain.md row 17: a repair once put a relay on the air at 03:15. Maintenance allows a short soft tone."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Who threw a switch, when, and why."""

    by: UserId
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"naive time: {self.at!r}")
        if not self.reason.strip():
            raise BadInput([Problem(code="invalid", vi="cần ghi lý do", en="needs a reason", path="reason")])


@dataclass(frozen=True, kw_only=True)
class SilenceState:
    """Nút im lặng toàn phường. It survives every restart: only a person ends it."""

    silent: bool = False
    mark: Mark | None = None
    """The last switch, either way."""
    revision: int = 0

    def engage(self, mark: Mark) -> Self:
        """Bật im lặng. Pressing it twice is no error: the second person must not be told no."""
        return replace(self, silent=True, mark=mark, revision=self.revision + 1)

    def rearm(self, mark: Mark) -> Self:
        """Cho phát trở lại.

        Raises:
            WrongState: it is not silent.
        """
        if not self.silent:
            raise WrongState("Phường đang không ở chế độ im lặng.", "The ward is not silent.", code="not_silent")
        return replace(self, silent=False, mark=mark, revision=self.revision + 1)


@dataclass(frozen=True, kw_only=True)
class Maintenance:
    """Chế độ bảo trì of one cluster. While in it, only a test tone may sound there."""

    cluster: ClusterId
    since: Mark | None = None
    """``None``: in service."""

    @property
    def active(self) -> bool:
        """Whether it is being worked on."""
        return self.since is not None

    def enter(self, mark: Mark) -> Self:
        """Vào bảo trì.

        Raises:
            WrongState: somebody is at work there already.
        """
        if self.since is not None:
            raise WrongState(
                f"Cụm “{self.cluster}” đang bảo trì.",
                f"Cluster “{self.cluster}” is in maintenance already.",
                code="in_maintenance",
            )
        return replace(self, since=mark)

    def leave(self) -> Self:
        """Ra khỏi bảo trì: the signed schedule holds again, never a default.

        Raises:
            WrongState: it was not in maintenance.
        """
        if self.since is None:
            raise WrongState(
                f"Cụm “{self.cluster}” không ở chế độ bảo trì.",
                f"Cluster “{self.cluster}” is not in maintenance.",
                code="not_in_maintenance",
            )
        return replace(self, since=None)
