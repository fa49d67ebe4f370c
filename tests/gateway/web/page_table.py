"""Every page and who may open it. A page that is not here fails a test; a line here is tried as every role."""

import re
from dataclasses import dataclass

from gateway.domain.people import Permission


@dataclass(frozen=True)
class Page:
    """``permissions``: any one of them opens it; none: whoever is signed in."""

    path: str
    permissions: frozenset[Permission] = frozenset({Permission.READ})

    @property
    def address(self) -> str:
        """With something in every place; what is not there answers 404 to those who may ask."""
        return re.sub(r"{[^}]*}", "x-1", self.path)

    @property
    def answers(self) -> set[int]:
        """What those who may open it get."""
        return {200, 303} | ({404} if "{" in self.path else set())


READ = frozenset({Permission.READ})
ANYBODY = frozenset[Permission]()
APPROVE = frozenset({Permission.APPROVE})

PAGES: tuple[Page, ...] = (
    Page("/home/now"),
    Page("/more"),
    Page("/alarms"),
    Page("/offline/today"),
    Page("/banners"),
    Page("/approvals", APPROVE),
    Page("/approvals/count", APPROVE),
    Page("/approvals/next", APPROVE),
    Page("/approvals/delegation", APPROVE),
    Page("/approvals/{bulletin}", APPROVE),
    Page("/board"),
    Page("/board/now"),
    Page("/board/{occ}"),
    Page("/board/{occ}/now"),
    Page("/board/{occ}/{cluster}"),
    Page("/silence", frozenset({Permission.KILL_SWITCH})),
    Page("/silence/now", frozenset({Permission.KILL_SWITCH})),
    Page("/me", ANYBODY),
    Page("/password", ANYBODY),
    Page("/me/factor", ANYBODY),
    Page("/step-up", ANYBODY),
    Page("/audit", frozenset({Permission.READ_AUDIT})),
    Page("/reports"),
    Page("/reports/lines"),
)

OPEN = {
    "/",
    "/status",
    "/status.css",
    "/sign-in",
    "/manifest.webmanifest",
    "/sw.js",
    "/static/{mark}/{name:path}",
    "/listen",
    "/listen/feed.xml",
    "/listen/audio/{name}",
    "/listen/{bulletin}",
}
"""What a stranger may fetch."""
MACHINES = ("/api/", "/a/", "/healthz")
