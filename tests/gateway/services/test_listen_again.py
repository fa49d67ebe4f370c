"""Nghe lại: what strangers may hear, and what leaves it."""

import pytest

from devices.model import AssetId, Outcome
from gateway.domain.bulletin import Bulletin
from gateway.domain.errors import NotFound
from gateway.domain.ids import BulletinId
from gateway.main.reports import listening_of
from gateway.services.listen_again import ListenAgain
from tests.gateway.services.world import APPROVER, World

AIRTIME = "lich-1@2026-10-08T05:30:00+07:00"


def page(world: World, days: int = 30) -> ListenAgain:
    return listening_of(world.store, world.clock, days=days)


async def aired(world: World, result: Outcome = Outcome.PLAYED, text: str = "Kính thưa bà con.") -> Bulletin:
    bulletin = await world.approved(text)
    await world.programme(bulletin.id)
    await world.scheduled()
    await world.settle()
    poles = await world.poles()
    await world.at(world.local(8, 5, 31, 30))
    for pole in poles:
        await pole.beat()
        pole.ended(AIRTIME, result)
        await pole.tell()
    await world.intake.flush()
    return bulletin


async def offered(listening: ListenAgain) -> list[BulletinId]:
    return [each.id for each in (await listening.offer()).aired]


async def test_what_was_proven_heard_is_offered_with_its_file_and_its_zones(world: World) -> None:
    bulletin = await aired(world)
    offer = await page(world).offer()
    shown = offer.get(bulletin.id)
    assert (shown.title, shown.times, shown.zones) == ("An ninh trật tự", 1, ("kp1", "kp2"))
    assert shown.asset == world.asset_of(bulletin)
    assert shown.asset in offer.files
    with pytest.raises(NotFound):
        offer.get(BulletinId("x"))


@pytest.mark.parametrize("result", [Outcome.MISSED, Outcome.SILENT, Outcome.PARTIAL, Outcome.INTERRUPTED])
async def test_what_nobody_could_hear_whole_is_not_offered(world: World, result: Outcome) -> None:
    await aired(world, result)
    assert await offered(page(world)) == []


async def test_what_only_was_approved_is_not_offered(world: World) -> None:
    await world.on_the_air()
    assert await offered(page(world)) == []


async def test_what_is_withdrawn_or_edited_leaves_within_a_minute(world: World) -> None:
    bulletin = await aired(world)
    listening = page(world)
    assert await offered(listening) == [bulletin.id]
    await world.editorial.withdraw(bulletin.id, reason="nhầm", by=APPROVER)
    assert await offered(listening) == [bulletin.id], "looked up once a minute"
    await world.clock.advance(61)
    assert await offered(listening) == []


async def test_a_name_with_its_birthday_or_a_private_number_keeps_it_from_strangers(world: World) -> None:
    await aired(world, text="Bà con gặp anh Ba, số 0905 123 456, để nhận lại giấy tờ.")
    assert await offered(page(world)) == []


async def test_it_stays_as_many_days_as_the_ward_says(world: World) -> None:
    bulletin = await aired(world)
    await world.clock.advance(6 * 86_400)
    assert await offered(page(world, days=7)) == [bulletin.id]
    assert await offered(page(world, days=5)) == []


async def test_other_audio_than_was_approved_is_never_offered(world: World) -> None:
    from dataclasses import replace

    bulletin = await aired(world)
    assert bulletin.approval is not None
    kept = await world.store.bulletins.get(bulletin.id)
    assert kept is not None
    assert kept.audio is not None
    other = replace(kept, audio=replace(kept.audio, asset=AssetId("sha256:" + "0" * 64)), revision=kept.revision + 1)
    await world.store.bulletins.save(other, was_revision=kept.revision, note=world.note("bulletin.edit"))
    assert await offered(page(world)) == []
