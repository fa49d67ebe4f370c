"""Đang phát: the live board, what people may do to a broadcast, and what was proven afterwards."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from devices.model import ClusterId, OccurrenceId
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission
from gateway.domain.plan import Status
from gateway.domain.targets import EVERYWHERE, Targets
from gateway.ports.records import CommandRow
from gateway.services.board import Board
from gateway.services.strips import Strip
from gateway.web.pages.board_zones import board_zones
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone, Undo
from gateway.web.types import Id, Slug

router = APIRouter(prefix="/board")

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Controller = Annotated[Visit, Depends(Door(Permission.CONTROL_AIR))]
Stopper = Annotated[Visit, Depends(Door(Permission.CONTROL_AIR, hurried=True))]
Percent = Annotated[int | None, Form(ge=0, le=100)]
VOLUMES = (30, 45, 60, 75, 85)
_NAMED = 30
"""So many of those that somebody should look at stand open; the rest is in its neighbourhood."""
_UNFOLDED = 24
"""With more clusters than this, neighbourhoods are folded: the buttons and the counts are what is looked for."""
_UNANSWERED_NAMED = 6


@router.get("")
async def board_page(visit: Reader) -> Response:
    """Show everything that is on the air; go straight to it when it is one."""
    boards = await visit.screen.services.board.on_air()
    if len(boards) == 1 and not _strangers(visit, boards):
        return visit.go(_path(boards[0].occ))
    return visit.show("board.html", **await _overview(visit, boards))


@router.get("/now")
async def board_now(visit: Reader) -> Response:
    """Return the part of it that changes, for htmx."""
    return visit.show("board_list.html", **await _overview(visit, await visit.screen.services.board.on_air()))


@router.post("/stop")
async def stop_all(visit: Stopper) -> Response:
    """Dừng tất cả, whatever sounds."""
    rows = await visit.screen.services.commands.stop(EVERYWHERE, by=visit.actor)
    return visit.go("/board", _ordered("board.stopped", rows))


@router.get("/{occ}")
async def broadcast_page(visit: Reader, occ: Id) -> Response:
    """Show one broadcast, cluster by cluster."""
    return visit.show("broadcast.html", **await _known(visit, occ))


@router.get("/{occ}/now")
async def broadcast_now(visit: Reader, occ: Id) -> Response:
    """Return the part of it that changes, for htmx."""
    return visit.show("broadcast_news.html", **await _known(visit, occ))


@router.get("/{occ}/{cluster}")
async def strip_page(visit: Reader, occ: Id, cluster: Slug) -> Response:
    """Show one cluster of it: its state, its proof, and where the proof is written."""
    services = visit.screen.services
    board = await services.board.of(OccurrenceId(occ))
    strip = next((each for each in board.strips if each.cluster == cluster), None)
    if strip is None:
        raise NotFound("Cụm này không có trong lượt phát.", "This cluster is not in the broadcast.")
    n = strip.play.journal_n
    sealed = None if n is None else await services.proofs.sealed(strip.cluster, n)
    return visit.show(
        "strip.html",
        board=board,
        strip=strip,
        sha256="" if sealed is None else hashlib.sha256(sealed).hexdigest(),
        seal="" if sealed is None else sealed.decode("ascii", "replace"),
        volumes=VOLUMES,
        here=_path(board.occ, strip.cluster),
    )


@router.post("/{occ}/stop")
async def stop(visit: Stopper, occ: Id) -> Response:
    """Dừng lượt này, everywhere."""
    board = await visit.screen.services.board.of(OccurrenceId(occ))
    rows = await visit.screen.services.commands.stop(_all(visit, board.clusters), by=visit.actor, occ=board.occ)
    return visit.go(_path(board.occ), _ordered("board.stopped", rows))


@router.post("/{occ}/pause")
async def pause(visit: Controller, occ: Id) -> Response:
    """Tạm dừng, where it sounds; can be taken back."""
    board = await _sounding(visit, occ)
    rows = await visit.screen.services.commands.pause(_all(visit, board.sounding), by=visit.actor)
    said = replace(_ordered("board.paused", rows), undo=Undo(_path(board.occ, "resume")))
    return visit.go(_path(board.occ), said)


@router.post("/{occ}/resume")
async def resume(visit: Controller, occ: Id) -> Response:
    """Phát tiếp."""
    board = await _sounding(visit, occ)
    rows = await visit.screen.services.commands.resume(_all(visit, board.sounding), by=visit.actor)
    return visit.go(_path(board.occ), _ordered("board.resumed", rows))


@router.post("/{occ}/next")
async def next_item(visit: Controller, occ: Id) -> Response:
    """Bản tin tiếp."""
    board = await _sounding(visit, occ)
    rows = await visit.screen.services.commands.next(_all(visit, board.sounding), by=visit.actor)
    return visit.go(_path(board.occ), _ordered("board.skipped", rows))


@router.post("/{occ}/volume")
async def volume(visit: Controller, occ: Id, percent: Percent = None) -> Response:
    """Âm lượng, where it sounds; empty puts the plan's own back."""
    board = await _sounding(visit, occ)
    return visit.go(_path(board.occ), await _set_volume(visit, board.sounding, percent, _path(board.occ)))


@router.post("/{occ}/{cluster}/stop")
async def stop_one(visit: Stopper, occ: Id, cluster: Slug) -> Response:
    """Dừng cụm này."""
    one = frozenset({ClusterId(cluster)})
    rows = await visit.screen.services.commands.stop(Targets(clusters=one), by=visit.actor, occ=OccurrenceId(occ))
    return visit.go(_path(occ, cluster), _ordered("board.stopped", rows))


@router.post("/{occ}/{cluster}/volume")
async def volume_of_one(visit: Controller, occ: Id, cluster: Slug, percent: Percent = None) -> Response:
    """Âm lượng of this cluster alone."""
    here = _path(occ, cluster)
    return visit.go(here, await _set_volume(visit, {ClusterId(cluster)}, percent, here))


async def _set_volume(visit: Visit, clusters: Iterable[ClusterId], percent: int | None, here: str) -> Flash:
    rows = await visit.screen.services.commands.volume(_all(visit, frozenset(clusters)), percent, by=visit.actor)
    if percent is None:
        return _ordered("board.volume.back", rows)
    said = _ordered("board.volume.done", rows)
    return replace(said, values={**said.values, "percent": str(percent)}, undo=Undo(f"{here}/volume"))


async def _overview(visit: Visit, boards: Sequence[Board]) -> dict[str, Any]:
    services = visit.screen.services
    later = (b for b in services.planner.coming if b.status is Status.WILL_AIR and b.end > visit.screen.now)
    return {
        "boards": boards,
        "paths": {board.occ: _path(board.occ) for board in boards},
        "past": [(each, _path(each.occ)) for each in await services.board.past()],
        "coming": next(later, None),
        "strangers": _strangers(visit, boards),
    }


async def _known(visit: Visit, occ: str) -> dict[str, Any]:
    services = visit.screen.services
    board = await services.board.of(OccurrenceId(occ))
    orders = await services.board.orders(board.clusters)
    others = board.wrong[_NAMED:] + board.right
    many = len(others) > _UNFOLDED
    return {
        "board": board,
        "here": _path(board.occ),
        "orders": [(each, services.fleet.names(each.unanswered, at_most=_UNANSWERED_NAMED)) for each in orders[:3]],
        "wrong": board.wrong[:_NAMED],
        "looked_for": services.fleet.names((each.cluster for each in board.wrong), at_most=_UNANSWERED_NAMED),
        "others": () if many else others,
        "zones": board_zones(others, services.fleet.registry) if many else (),
        "volumes": VOLUMES,
        "emergency": _is_emergency(visit, board.strips),
    }


def _is_emergency(visit: Visit, strips: Sequence[Strip]) -> bool:
    active = {each.em for each in visit.screen.services.emergency_watch.active}
    return bool(strips) and strips[0].play.occ in active


async def _sounding(visit: Visit, occ: str) -> Board:
    board = await visit.screen.services.board.of(OccurrenceId(occ))
    if not board.sounding:
        raise NotFound(*visit.screen.kit.catalogue["board.nobody"], code="nobody_plays")
    return board


def _all(visit: Visit, clusters: frozenset[ClusterId]) -> Targets:
    """Say "everybody" when everybody is meant: one message instead of a thousand."""
    return EVERYWHERE if clusters >= visit.screen.services.fleet.enrolled else Targets(clusters=clusters)


def _strangers(visit: Visit, boards: Sequence[Board]) -> str:
    found = visit.screen.services.board.strangers(boards)
    return visit.screen.services.fleet.names(found, at_most=8) if found else ""


def _ordered(key: str, rows: Sequence[CommandRow]) -> Flash:
    return Flash(key, Tone.GOOD, {"n": str(len(rows))})


def _path(*parts: str) -> str:
    return "/".join(("/board", *(quote(part, safe="@:") for part in parts)))
