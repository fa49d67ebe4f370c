"""Server-sent events over a real socket: live, resumed, for the right eyes, and gone with the session."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from gateway.domain.people import Permission, Role
from gateway.services.bus import RING
from gateway.services.events import AlarmCleared, Event
from gateway.web.api.events import MOST_OF_ONE
from gateway.web.services import WebOptions
from tests.gateway.services.people import WHY, boss
from tests.gateway.web.server import online, serving
from tests.gateway.web.world import World, open_world


@dataclass(frozen=True, kw_only=True)
class ForAuditors(Event):
    kind: ClassVar[str] = "for_auditors"
    needs: ClassVar[Permission] = Permission.READ_AUDIT
    what: str


@dataclass
class Got:
    id: str
    event: str
    data: dict[str, object]


class Stream:
    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def hello(self) -> None:
        """Wait until the server listens."""
        async for line in self._lines:
            if line == "":
                return

    async def next(self) -> Got:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line == "" and "event" in fields:
                return Got(fields.get("id", ""), fields["event"], json.loads(fields["data"]))
            name, _, value = line.partition(": ")
            if name and not line.startswith(":"):
                fields[name] = value
        raise EOFError

    async def rest(self) -> list[Got]:
        found = []
        try:
            while True:
                found.append(await self.next())
        except EOFError:
            return found


@asynccontextmanager
async def watching(client: httpx.AsyncClient, last: str | None = None) -> AsyncIterator[Stream]:
    headers = {} if last is None else {"last-event-id": last}
    async with client.stream("GET", "/api/v1/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"
        stream = Stream(response)
        await stream.hello()
        yield stream


def tell(world: World, *keys: str) -> None:
    for key in keys:
        world.services.bus.publish(AlarmCleared(key=key))


async def test_what_happens_is_told_with_growing_ids(world: World) -> None:
    async with (
        serving(world.app) as base,
        online(world, base, Role.VIEWER) as browser,
        watching(browser.client) as stream,
    ):
        tell(world, "một", "hai")
        first, second = await stream.next(), await stream.next()
    assert (first.event, first.data["key"], second.data["key"]) == ("alarm_cleared", "một", "hai")
    assert int(second.id) == int(first.id) + 1
    assert first.data["at_ms"] == world.clock.now_ms()


async def test_a_phone_that_was_away_gets_exactly_what_it_missed(world: World) -> None:
    async with serving(world.app) as base, online(world, base, Role.VIEWER) as browser:
        async with watching(browser.client) as stream:
            tell(world, "một", "hai")
            seen = await stream.next()
        tell(world, "ba")
        async with watching(browser.client, last=seen.id) as stream:
            tell(world, "bốn")
            got = [(await stream.next()).data["key"] for _ in range(3)]
    assert got == ["hai", "ba", "bốn"]


@pytest.mark.parametrize("last", ["0", "nonsense", "-5", "9" * 39, "١٢٣"])
async def test_a_phone_that_was_away_too_long_is_told_to_read_again(world: World, last: str) -> None:
    async with (
        serving(world.app) as base,
        online(world, base, Role.VIEWER) as browser,
        browser.client.stream("GET", f"/api/v1/events?after={last}") as response,
    ):
        got = await Stream(response).next()
    assert got.event == "missed"


async def test_when_the_ring_went_round_it_says_so(world: World) -> None:
    async with serving(world.app) as base, online(world, base, Role.VIEWER) as browser:
        async with watching(browser.client) as stream:
            tell(world, "một")
            seen = await stream.next()
        tell(world, *map(str, range(RING + 1)))
        async with watching(browser.client, last=seen.id) as stream:
            assert (await stream.next()).event == "missed"
            tell(world, "mới")
            assert (await stream.next()).data["key"] == "mới"


async def test_everyone_sees_only_what_their_role_may(world: World) -> None:
    async with (
        serving(world.app) as base,
        online(world, base, Role.VIEWER) as viewer,
        online(world, base, Role.ADMIN) as admin,
        watching(viewer.client) as theirs,
        watching(admin.client) as ours,
    ):
        world.services.bus.publish(ForAuditors(what="ai xem nhật ký"))
        tell(world, "mọi người")
        assert (await theirs.next()).event == "alarm_cleared"
        assert (await ours.next()).event == "for_auditors"


async def test_a_stream_ends_with_its_session(tmp_path: Path) -> None:
    async with (
        open_world(tmp_path, options=WebOptions(check_session_s=0.05)) as world,
        serving(world.app) as base,
        online(world, base, Role.VIEWER) as browser,
        watching(browser.client) as stream,
    ):
        user = await world.store.accounts.by_name("viewer")
        assert user is not None
        await world.door.person("boss", Role.ADMIN)
        await world.services.accounts.change(boss(), user.id, active=False, reason=WHY)
        assert [got.event for got in await stream.rest()] == ["signed_out"]


async def test_nothing_is_told_after_an_account_was_closed_or_its_rights_taken(world: World) -> None:
    async with (
        serving(world.app) as base,
        online(world, base, Role.VIEWER) as viewer,
        online(world, base, Role.ADMIN) as auditor,
        watching(viewer.client) as theirs,
        watching(auditor.client) as ours,
    ):
        await world.door.person("boss", Role.ADMIN)
        tell(world, "trước đó")
        assert [(await stream.next()).event for stream in (theirs, ours)] == ["alarm_cleared"] * 2
        viewer_row, auditor_row = [await world.store.accounts.by_name(name) for name in ("viewer", "admin")]
        assert viewer_row is not None
        assert auditor_row is not None
        # both are told long before either stream would have asked by itself
        await world.services.accounts.change(boss(), auditor_row.id, roles=frozenset({Role.VIEWER}), reason=WHY)
        world.services.bus.publish(ForAuditors(what="mật"))
        tell(world, "sau đó")
        assert [(await stream.next()).event for stream in (theirs, ours)] == ["alarm_cleared"] * 2
        await world.services.accounts.change(boss(), viewer_row.id, active=False, reason=WHY)
        tell(world, "sau nữa")
        assert (await theirs.next()).event == "signed_out"


async def test_a_closed_browser_leaves_its_seat(world: World) -> None:
    async with serving(world.app) as base, online(world, base, Role.VIEWER) as browser:
        for _ in range(5):
            async with watching(browser.client):
                pass
        async with watching(browser.client) as stream:
            tell(world, "còn đây")
            await stream.next()
        while world.app.state.streams:  # the server notices on its own; a leak would hang here until the time-out
            tell(world, "ai còn nghe")
            await asyncio.sleep(0.01)


async def test_one_person_cannot_take_everybodys_places(tmp_path: Path) -> None:
    async with (
        open_world(tmp_path) as world,
        serving(world.app) as base,
        online(world, base, Role.VIEWER) as greedy,
        online(world, base, Role.OPERATOR) as other,
        AsyncExitStack() as screens,
    ):
        for _ in range(MOST_OF_ONE):
            await screens.enter_async_context(watching(greedy.client))
        assert (await greedy.get("/api/v1/events")).status_code == 429
        await screens.enter_async_context(watching(other.client))


async def test_too_many_screens_are_refused_not_served_badly(tmp_path: Path) -> None:
    async with (
        open_world(tmp_path, options=WebOptions(most_streams=1)) as world,
        serving(world.app) as base,
        online(world, base, Role.VIEWER) as browser,
        watching(browser.client),
    ):
        answer = await browser.get("/api/v1/events")
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
