"""Việc đang xảy ra, as server-sent events: resumed by ``Last-Event-ID``, each person sees what their role may."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from gateway.domain.errors import NotSignedIn, TryLater
from gateway.domain.people import Permission, permissions_of
from gateway.services.bus import Numbered
from gateway.services.sessions import Current
from gateway.web.auth import SESSION_COOKIE, May
from gateway.web.services import Has, Services

router = APIRouter(prefix="/events", tags=["events"])

Seat = tuple[str, object]
"""Whose screen, and which."""

Reader = Annotated[Current, Depends(May(Permission.READ))]

HEARTBEAT_S = 15
MOST_OF_ONE = 12
"""Screens of one person: a phone, an office and some forgotten tabs. Nobody alone may take everybody's places."""
_RETRY_MS = 3_000
_NEVER = 0  # an id no event has, so the listener is told that it missed some


@router.get("", responses={200: {"content": {"text/event-stream": {}}}}, response_class=Response)
async def stream_events(
    current: Reader,
    request: Request,
    services: Has,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
    after: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Luồng sự kiện. ``event: missed`` means: too much happened while you were away, read everything again."""
    streams: set[Seat] = request.app.state.streams
    mine = sum(1 for owner, _ in streams if owner == current.user.id)
    if len(streams) >= services.options.most_streams or mine >= MOST_OF_ONE:
        raise TryLater("Quá nhiều màn hình đang mở.", "Too many screens are open.", retry_after_s=30)
    token = request.cookies.get(SESSION_COOKIE, "")
    source = _events(services, token, _number(last_event_id or after), streams, (current.user.id, object()))
    return EventSourceResponse(source, ping=HEARTBEAT_S)


def _number(text: str | None) -> int | None:
    """Read where the listener stopped; what is no number of ours is an event long gone."""
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdecimal() else _NEVER


async def _events(
    services: Services, token: str, after: int | None, streams: set[Seat], seat: Seat
) -> AsyncIterator[ServerSentEvent]:
    streams.add(seat)
    heard = services.bus.listen(after)
    waiting: asyncio.Task[Numbered] | None = None
    try:
        checked_at, changes = _now_s(), services.sessions.changes
        current = await services.sessions.who(token)
        # A first line at once: the browser knows it is connected, and from where to go on.
        yield ServerSentEvent(comment="loaphuong", retry=_RETRY_MS)
        while True:
            if waiting is None:
                waiting = asyncio.create_task(_next(heard), name="events for a screen")
            done, _ = await asyncio.wait({waiting}, timeout=services.options.check_session_s)
            if changes != services.sessions.changes or _now_s() - checked_at >= services.options.check_session_s:
                checked_at, changes = _now_s(), services.sessions.changes
                current = await services.sessions.who(token)
            if not done:
                continue
            item, waiting = waiting.result(), None
            if item.event.needs in permissions_of(current.actor):
                yield ServerSentEvent(
                    id=str(item.id),
                    event=item.event.kind,
                    data=json.dumps({"at_ms": item.at_ms, **item.event.data()}, ensure_ascii=False),
                )
    except NotSignedIn:
        yield ServerSentEvent(event="signed_out", data="{}")
    finally:
        streams.discard(seat)
        if waiting is not None:
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def _next(heard: AsyncIterator[Numbered]) -> Numbered:
    return await anext(heard)
