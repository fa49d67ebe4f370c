"""Chọn nội dung khẩn cấp: what the form offers, and what a choice comes to."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form

from devices.model import AssetId, ZoneId, asset_id
from gateway.domain.errors import NotAllowed, PolicyRefusal, TryLater, WrongState
from gateway.domain.ids import BulletinId
from gateway.domain.targets import EVERYWHERE, Targets, Zone
from gateway.services.emergency_checked import HEAR_AGAIN, Checked, same
from gateway.services.emergency_message import Message, as_drill
from gateway.services.fleet import Fleet
from gateway.web.errors import status_of
from gateway.web.pages.door import Visit
from gateway.web.types import Id, LongText

MOST_WORDS = 1_000
_READY = 12
_BULLETIN, _AUDIO = "bulletin:", "audio:"
_WHAT = r"^(own|siren|bulletin:[\w.:@+-]{1,150}|audio:[0-9a-f]{64})$"


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A bulletin or recording that is approved: it can go out as it is."""

    value: str
    title: str
    asset: AssetId


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What somebody filled in."""

    what: str = "own"
    more: str = ""
    zones: tuple[ZoneId, ...] = ()
    siren: bool = True
    drill: bool = False
    heard: str = ""
    """The name of what was heard, and its mark; see :mod:`gateway.services.emergency_checked`."""
    mark: str = ""

    @property
    def targets(self) -> Targets:
        """Toàn phường, unless single zones are named."""
        return Targets(zones=frozenset(self.zones)) if self.zones else EVERYWHERE

    @property
    def ready(self) -> bool:
        """Whether it is a clip that is there already."""
        return self.what.startswith((_BULLETIN, _AUDIO))

    @property
    def text(self) -> str:
        """The words, in Vietnamese whatever language the screen speaks: people at the poles hear them."""
        words = " ".join(self.more.split())
        if not words or self.ready or self.what == "siren":
            return ""
        return as_drill(words) if self.drill else words

    def message(self) -> Message:
        """Return what is sent.

        Raises:
            BadInput
        """
        bulletin = BulletinId(self.what.removeprefix(_BULLETIN)) if self.what.startswith(_BULLETIN) else None
        return Message(
            bulletin=bulletin,
            recording=asset_id(self.what.removeprefix(_AUDIO)) if self.what.startswith(_AUDIO) else None,
            text=self.text,
            siren=self.siren or self.what == "siren",
            drill=self.drill,
        )


def choice(  # noqa: PLR0917 - the fields of one form
    what: Annotated[str, Form(pattern=_WHAT)] = "own",
    more: Annotated[LongText, Form(max_length=MOST_WORDS)] = "",
    zone: Annotated[list[Id] | None, Form(max_length=200)] = None,
    siren: Annotated[bool, Form()] = False,
    drill: Annotated[bool, Form()] = False,
    heard: Annotated[str, Form(pattern="^([0-9a-f]{24})?$")] = "",
    mark: Annotated[str, Form(pattern="^([0-9a-f]{64})?$")] = "",
) -> Choice:
    """Take the form in."""
    zones = tuple(ZoneId(each) for each in zone or [])
    return Choice(what=what, more=more, zones=zones, siren=siren, drill=drill, heard=heard, mark=mark)


Chosen = Annotated[Choice, Depends(choice)]


@dataclass(frozen=True, kw_only=True)
class Unsent:
    """Nothing went out: what is to be heard (again), and why."""

    checked: Checked
    status: int
    wrong_pin: str = ""
    trouble: str = ""


async def send(visit: Visit, chosen: Choice, message: Callable[[], Awaitable[Message]], *, pin: str) -> Unsent | None:
    """Send what was heard; what is not what was heard is shown to be heard again.

    ``message`` makes it anew when what was heard is forgotten, or is not what it was.

    Raises:
        NotFound, BadInput: it cannot be made any more.
    """
    desk, t = visit.screen.services.emergency, visit.screen.t
    if desk.sounding(chosen.heard, by=visit.actor):
        return None  # tapped or sent again by a phone that got no answer: the ward hears it once
    checked = desk.heard(chosen.heard, by=visit.actor)
    if checked is None:
        checked = await desk.check(await message(), chosen.targets, by=visit.actor)
    if not same(chosen.mark, checked):
        return Unsent(checked=checked, status=409, trouble=t("em.hear.again"))
    try:
        await desk.send(checked, pin=pin, by=visit.actor, tap=chosen.heard)
    except (NotAllowed, TryLater) as error:  # a wrong PIN is a mistake in a form, not a page one may not open
        status = 422 if isinstance(error, NotAllowed) else status_of(error)
        return Unsent(checked=checked, status=status, wrong_pin=t.pair(error.vi, error.en))
    except WrongState as error:
        if error.code == HEAR_AGAIN:
            checked = await desk.check(await message(), chosen.targets, by=visit.actor)
        return Unsent(checked=checked, status=status_of(error), trouble=t.pair(error.vi, error.en))
    except PolicyRefusal as error:
        return Unsent(checked=checked, status=status_of(error), trouble=t.pair(error.vi, error.en))
    return None


def zones_of(fleet: Fleet) -> list[tuple[Zone, int]]:
    """Return the ward's zones by name, and how many clusters each has."""
    zones = sorted(fleet.registry.zones.values(), key=lambda each: each.name)
    return [(zone, len(fleet.in_zone(zone.id))) for zone in zones]


async def ready_made(visit: Visit) -> Sequence[Ready]:
    """Return what is approved and may be heard now, the newest first."""
    services, now = visit.screen.services, visit.screen.now
    bulletins = [each for each in await services.editorial.all() if each.airable(now) is None]
    found = [
        Ready(value=f"{_BULLETIN}{each.id}", title=each.title, asset=each.audio.asset)
        for each in reversed(bulletins)
        if each.audio is not None
    ]
    recordings = sorted(await services.library.all(), key=lambda audio: audio.made_at, reverse=True)
    found += [
        Ready(value=f"{_AUDIO}{each.asset.removeprefix('sha256:')}", title=each.title, asset=each.asset)
        for each in recordings
        if each.release is not None and not each.music
    ]
    return found[:_READY]
