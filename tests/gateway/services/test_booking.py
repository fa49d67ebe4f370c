"""Đặt giờ phát cho một bản tin: the slot offered is free, a second wish takes the first one's place."""

from dataclasses import replace
from datetime import date, time

import pytest

from gateway.domain.airtime import Wish
from gateway.domain.bulletin import Bulletin, Content
from gateway.domain.errors import Clash as ClashError
from gateway.domain.errors import NotAllowed, PolicyRefusal
from gateway.domain.ids import CategoryId
from gateway.domain.plan import Status
from gateway.domain.targets import EVERYWHERE
from tests.gateway.services.world import APPROVER, AUTHOR, OPERATOR, World

THURSDAY = date(2026, 10, 8)


async def waiting(world: World, text: str = "Mời bà con họp tổ dân phố.") -> Bulletin:
    content = Content(title="Mời họp tổ", category=CategoryId("thong-tin"), text=text)
    made = await world.editorial.create(content, by=AUTHOR)
    return await world.editorial.submit(made.id, by=AUTHOR)


def wish(bulletin: Bulletin, at: time = time(6, 30), **changes: object) -> Wish:
    made = Wish(bulletin=bulletin.id, day=THURSDAY, at=at, targets=EVERYWHERE)
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_what_is_booked_airs_once_it_is_approved_and_is_named_at_once(world: World) -> None:
    bulletin = await waiting(world)
    made = await world.programming.book(wish(bulletin), bulletin, by=OPERATOR)
    (airtime,) = [b for b in await world.programming.forecast(7) if b.schedule == made.id]
    assert (airtime.status, airtime.local_start.time()) == (Status.NOT_READY, time(6, 30))
    assert bulletin.audio is not None
    await world.editorial.approve(
        bulletin.id, text_sha256=bulletin.text_sha256, asset=bulletin.audio.asset, by=APPROVER
    )
    (airtime,) = [b for b in await world.programming.forecast(7) if b.schedule == made.id]
    assert airtime.status is Status.WILL_AIR


async def test_a_second_wish_takes_the_place_of_the_first(world: World) -> None:
    bulletin = await waiting(world)
    await world.programming.book(wish(bulletin), bulletin, by=OPERATOR)
    await world.programming.book(wish(bulletin), bulletin, by=OPERATOR)
    made = await world.programming.book(wish(bulletin, time(6, 45)), bulletin, by=OPERATOR)
    mine = [each for each in await world.programming.schedules() if each.programme == made.programme]
    assert [each.times for each in mine] == [(time(6, 45),)]


async def test_a_refused_wish_leaves_nothing_behind(world: World) -> None:
    bulletin = await waiting(world)
    schedules, programmes = await world.programming.schedules(), await world.programming.programmes()
    with pytest.raises(PolicyRefusal):
        await world.programming.book(wish(bulletin, time(3, 15)), bulletin, by=OPERATOR)
    with pytest.raises(NotAllowed):
        await world.programming.book(wish(bulletin), bulletin, by=AUTHOR)
    assert await world.programming.schedules() == schedules
    assert await world.programming.programmes() == programmes


async def test_every_slot_offered_may_be_booked_as_it_is(world: World) -> None:
    first = await waiting(world)
    await world.programming.book(wish(first, time(5, 30)), first, by=OPERATOR)
    other = await waiting(world, "Thông báo cắt điện.")
    assert other.audio is not None
    with pytest.raises(ClashError):
        await world.programming.book(wish(other, time(5, 30)), other, by=OPERATOR)
    slots = await world.programming.free_slots(other, EVERYWHERE, duration_ms=other.audio.duration_ms)
    assert len(slots) == 4
    for slot in slots:
        chosen = wish(other, slot.start.time(), day=slot.start.date())
        made = await world.programming.book(chosen, other, by=OPERATOR)
        assert made.times == (slot.start.time(),)


async def test_the_preview_shows_the_whole_week_with_the_new_airtime_in_it(world: World) -> None:
    bulletin = await waiting(world)
    asked = wish(bulletin)
    candidate = await world.programming.wished(asked, bulletin)
    preview = await world.programming.preview(candidate, asked.programme(bulletin))
    preview.review.expect_allowed()
    assert candidate.id in {each.schedule for each in preview.coming}
    starts = [each.start for each in preview.coming]
    assert starts == sorted(starts)
    assert await world.programming.schedules() == []


async def test_a_skipped_date_can_be_taken_back(world: World) -> None:
    bulletin = await waiting(world)
    made = await world.programming.book(wish(bulletin, plays=3), bulletin, by=OPERATOR)
    await world.programming.skip_date(made.id, THURSDAY, by=OPERATOR)
    back = await world.programming.take_back_skip(made.id, THURSDAY, by=OPERATOR)
    assert back.exceptions == frozenset()


async def test_a_draft_sent_twice_from_a_phone_is_one_bulletin_as_it_was_sent_last(world: World) -> None:
    content = Content(title="Bão", category=CategoryId("thong-tin"), text="Bão số 6.")
    first = await world.editorial.create(content, by=AUTHOR, draft="a1")
    again = await world.editorial.create(content, by=AUTHOR, draft="a1")
    assert again == first
    longer = await world.editorial.create(replace(content, text="Bão số 6 vào đêm nay."), by=AUTHOR, draft="a1")
    assert (longer.id, longer.revision) == (first.id, first.revision + 1)
    other = await world.editorial.create(content, by=AUTHOR, draft="b2")
    assert other.id != first.id
    await world.editorial.submit(longer.id, by=AUTHOR)
    late = await world.editorial.create(content, by=AUTHOR, draft="a1")
    assert late.id not in {first.id, other.id}


async def test_bulletins_come_in_the_order_they_were_begun(world: World) -> None:
    made = []
    for n in range(6):
        content = Content(title=f"Tin {n}", category=CategoryId("thong-tin"), text=f"Tin số {n}.")
        made.append((await world.editorial.create(content, by=AUTHOR)).id)
    first = await world.editorial.get(made[0])
    await world.editorial.edit(first.id, replace(first.content, text="Sửa."), was_revision=1, by=AUTHOR)
    assert [each.id for each in await world.editorial.all()] == made
