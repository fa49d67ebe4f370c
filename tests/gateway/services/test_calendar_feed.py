"""Liên kết lịch: a secret of one person, shown once, void when it is replaced or its owner is gone."""

from dataclasses import replace

import pytest

from gateway.domain.errors import NotFound
from gateway.domain.people import Role, User
from gateway.ports.records import User as Kept
from gateway.services.calendar_feed import CalendarFeed
from tests.gateway.services.world import World, person

READER = person("nguoi-xem-lich", Role.VIEWER)


async def feed_of(world: World, who: User = READER) -> CalendarFeed:
    await save(world, who)
    return CalendarFeed(
        values=world.store.values, accounts=world.store.accounts, programming=world.programming, clock=world.clock
    )


async def save(world: World, who: User) -> None:
    row = Kept(id=who.id, name=who.name, display_name=who.name, roles=who.roles, active=who.active, password_hash="-")
    await world.store.accounts.save_user(row, note=world.note("user.create"))


async def test_a_new_link_ends_the_old_one(world: World) -> None:
    feed = await feed_of(world)
    assert not await feed.has_link(READER)
    first = await feed.new_link(by=READER)
    assert await feed.behind(first) == []
    second = await feed.new_link(by=READER)
    with pytest.raises(NotFound):
        await feed.behind(first)
    assert await feed.behind(second) == []
    await feed.end_link(by=READER)
    with pytest.raises(NotFound):
        await feed.behind(second)


async def test_nobody_reads_with_the_link_of_a_closed_account_or_a_made_up_one(world: World) -> None:
    feed = await feed_of(world)
    link = await feed.new_link(by=READER)
    await save(world, replace(READER, active=False))
    for secret in (link, "", "đoán", "x" * 500):
        with pytest.raises(NotFound):
            await feed.behind(secret)


async def test_what_is_kept_does_not_open_it(world: World) -> None:
    feed = await feed_of(world)
    link = await feed.new_link(by=READER)
    kept = await world.store.values.get("calendar.links")
    assert kept is not None
    assert link not in str(kept)
    with pytest.raises(NotFound):
        await feed.behind(kept[READER.id])
