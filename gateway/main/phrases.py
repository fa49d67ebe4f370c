"""Templates and phrases: read what ships, and build the services around it."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources

from devices.clock import Clock, instant
from gateway.domain.template import Kind, Template
from gateway.domain.template_row import read_template
from gateway.ports.speech import Speech
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.bus import Bus
from gateway.services.emergency_watch import EmergencyWatch
from gateway.services.fleet import Fleet
from gateway.services.library import Library
from gateway.services.monitor import Monitor
from gateway.services.phrase_desk import PhraseDesk
from gateway.services.phrasebook import Phrasebook
from gateway.services.planner import Planner
from gateway.services.templates import TemplateBook
from gateway.store.opening import Store

QUIET = timedelta(minutes=2)
"""Before and while anything airs nothing is spoken ahead."""


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """Each by its name."""

    templates: TemplateBook
    book: Phrasebook
    desk: PhraseDesk

    async def load(self) -> None:
        """Read what is kept, before plans are made."""
        await self.templates.load()
        await self.book.load()


def build_phrases(
    store: Store,
    *,
    speech: Speech,
    library: Library,
    fleet: Fleet,
    quiet: Callable[[], bool],
    changed: Callable[[str], None],
    alarms: AlarmDesk,
    bus: Bus,
    clock: Clock,
    zone: str,
    enabled: bool = True,
) -> Phrases:
    """Build them."""
    templates = TemplateBook(
        shipped=shipped_templates(), kept=store.templates, fleet=fleet, bus=bus, clock=clock, zone=zone
    )
    book = Phrasebook(
        speech=speech,
        library=library,
        templates=templates,
        values=store.values,
        changed=changed,
        quiet=quiet,
        alarms=alarms,
        clock=clock,
        enabled=enabled,
    )
    desk = PhraseDesk(book=templates, phrases=book, speech=speech, library=library)
    return Phrases(templates=templates, book=book, desk=desk)


def shipped_templates() -> Mapping[str, Template]:
    """Read the templates that ship with the product, by id."""
    folder = resources.files("gateway") / "templates_vi"
    found: dict[str, Template] = {}
    for kind in Kind:
        rows = tomllib.loads((folder / f"{kind}.toml").read_text("utf-8"))["template"]
        found |= {row["id"]: read_template(row, kind=kind) for row in rows}
    return found


def nothing_airs(monitor: Monitor, planner: Planner, emergencies: EmergencyWatch, clock: Clock) -> bool:
    """Tell whether it is quiet: nobody plays, and nothing is due."""
    if emergencies.active or any(live.playing for live in monitor.all().values()):
        return False
    now = instant(clock.now_ms())
    return not any(one.start - QUIET <= now < one.end for one in planner.coming)
