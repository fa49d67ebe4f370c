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
KEEP = frozenset({Permission.KEEP_DEVICES})
ENROL = frozenset({Permission.ENROL})
WRITE = frozenset({Permission.WRITE_BULLETIN})
SCHEDULE = frozenset({Permission.SCHEDULE})
USERS = frozenset({Permission.MANAGE_USERS})

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
    Page("/recordings"),
    Page("/recordings/new", WRITE | SCHEDULE),
    Page("/recordings/{recording}"),
    Page("/devices"),
    Page("/devices/now"),
    Page("/devices/scan"),
    Page("/devices/labels", KEEP),
    Page("/devices/import", KEEP),
    Page("/devices/found", KEEP),
    Page("/devices/new/camera", KEEP),
    Page("/devices/new/cluster", ENROL),
    Page("/devices/{code}"),
    Page("/devices/{code}/now"),
    Page("/devices/{code}/edit", KEEP),
    Page("/devices/{code}/ticket", KEEP),
    Page("/devices/{code}/settings", frozenset({Permission.TECHNICIAN})),
    Page("/devices/{code}/enrol", ENROL),
    Page("/devices/{code}/enrol/now", ENROL),
    Page("/t/{code}"),
    Page("/tickets"),
    Page("/tickets/{number}"),
    Page("/alerts"),
    Page("/alerts/now"),
    Page("/board"),
    Page("/board/now"),
    Page("/board/{occ}"),
    Page("/board/{occ}/now"),
    Page("/board/{occ}/{cluster}"),
    Page("/emergency", frozenset({Permission.EMERGENCY})),
    Page("/emergency/templates/{name}", frozenset({Permission.EMERGENCY})),
    Page("/emergency/now", frozenset({Permission.EMERGENCY})),
    Page("/silence", frozenset({Permission.KILL_SWITCH})),
    Page("/silence/now", frozenset({Permission.KILL_SWITCH})),
    Page("/me", ANYBODY),
    Page("/password", ANYBODY),
    Page("/me/factor", ANYBODY),
    Page("/step-up", ANYBODY),
    Page("/audit", frozenset({Permission.READ_AUDIT})),
    Page("/policy"),
    Page("/policy/reached"),
    Page("/policy/change", frozenset({Permission.ADOPT_POLICY})),
    Page("/policy/proposal"),
    Page("/policy/out-of-hours/{request}", frozenset({Permission.ADOPT_POLICY})),
    Page("/users", USERS),
    Page("/users/new", USERS),
    Page("/users/{user}", USERS),
    Page("/users/{user}/roles", USERS),
    Page("/users/{user}/{deed}", USERS),
    Page("/bulletins"),
    Page("/bulletins/{bulletin}"),
    Page("/bulletins/new", WRITE),
    Page("/bulletins/templates", WRITE),
    Page("/bulletins/templates/{name}", WRITE),
    Page("/bulletins/paper", WRITE),
    Page("/bulletins/paper/file", WRITE),
    Page("/bulletins/{bulletin}/edit", WRITE),
    Page("/bulletins/{bulletin}/listen", WRITE),
    Page("/bulletins/{bulletin}/record", WRITE),
    Page("/bulletins/{bulletin}/air", WRITE | SCHEDULE),
    Page("/bulletins/{bulletin}/now", frozenset({Permission.BROADCAST_NOW})),
    Page("/schedule"),
    Page("/schedule/{schedule}"),
    Page("/schedule/new", SCHEDULE),
    Page("/schedule/{schedule}/edit", SCHEDULE),
    Page("/programmes/{programme}"),
    Page("/calendar"),
    Page("/lexicon"),
    Page("/audit/export.csv", frozenset({Permission.READ_AUDIT})),
    Page("/reports"),
    Page("/reports/lines"),
)

OPEN = {
    "/",
    "/lich.ics",
    "/status",
    "/status.css",
    "/sign-in",
    "/manifest.webmanifest",
    "/sw.js",
    "/static/{mark}/{name:path}",
    "/favicon.ico",
    "/listen",
    "/listen/feed.xml",
    "/listen/audio/{name}",
    "/listen/{bulletin}",
}
"""What a stranger may fetch."""
MACHINES = ("/api/", "/a/", "/healthz")
