"""Từ điển của phường: versions, used at once, and followed by whatever is still to be heard."""

import pytest

from devices.clock import instant
from devices.model import ZoneId
from gateway.domain.bulletin import Bulletin, State
from gateway.domain.device import Camera, CameraId
from gateway.domain.errors import BadInput, NotAllowed, NotFound, StoreFailed
from gateway.domain.lexicon import WardEntry
from gateway.domain.plan import Status
from gateway.domain.targets import Zone
from gateway.main.wording import wording_of
from gateway.ports.records import AuditNote
from tests.gateway.services.world import ADMIN, AUTHOR, VIEWER, World, open_world
from tts.text.reading import SOUTHERN

TEXT = "Trạm y tế phường mời bà con đến khám."
ENTRY = WardEntry(surface="trạm y tế", reading="trạm xá")


async def state(world: World, bulletin: Bulletin) -> Bulletin:
    return await world.editorial.get(bulletin.id)


async def test_an_entry_is_used_at_once_and_every_version_of_it_is_kept(world: World) -> None:
    desk = world.wording.lexicon
    await desk.put(ENTRY, by=AUTHOR)
    assert "trạm xá phường" in world.editorial.spoken(TEXT).spoken.lower()
    await desk.put(WardEntry(surface="Trạm Y Tế", reading="trạm khám"), by=AUTHOR)
    assert "trạm khám phường" in world.editorial.spoken(TEXT).spoken.lower()
    assert [each.reading for each in await desk.book.entries()] == ["trạm khám"]
    await desk.remove(ENTRY, by=AUTHOR)
    assert "trạm y tế phường" in world.editorial.spoken(TEXT).spoken.lower()
    assert [(each.n, each.reading) for each in await desk.book.history()] == [
        (3, None),
        (2, "trạm khám"),
        (1, "trạm xá"),
    ]
    actions = [line.note.action for line in await world.store.audit.lines(limit=1_000)]
    assert actions[-3:] == ["lexicon.put", "lexicon.put", "lexicon.remove"]
    with pytest.raises(NotFound):
        await desk.remove(ENTRY, by=AUTHOR)
    with pytest.raises(NotAllowed):
        await desk.put(ENTRY, by=VIEWER)


async def test_the_same_entry_again_is_no_change(world: World) -> None:
    desk = world.wording.lexicon
    await desk.put(ENTRY, by=AUTHOR)
    again = await desk.put(ENTRY, by=AUTHOR)
    assert (again.written.version, again.written.put) == (1, 0)


@pytest.mark.parametrize("reading", ["", "   ", "trạm 2", "trạm\tcs\tx", "a" * 300, "(trạm)"])
async def test_what_is_no_reading_is_refused_and_changes_nothing(world: World, reading: str) -> None:
    with pytest.raises(BadInput):
        await world.wording.lexicon.put(WardEntry(surface="trạm", reading=reading), by=AUTHOR)
    assert await world.wording.lexicon.book.version() == 0


async def test_an_approval_of_audio_that_is_read_otherwise_by_now_is_void_and_leaves_the_air(world: World) -> None:
    changed = await world.approved(TEXT)
    same = await world.approved("Kính thưa bà con.")
    await world.programme(changed.id)
    await world.scheduled()
    await world.settle()
    assert {each.status for each in world.planner.coming} == {Status.WILL_AIR}
    followed = await world.wording.lexicon.put(ENTRY, by=AUTHOR)
    assert followed.read_otherwise == (changed.id,)
    now = await state(world, changed)
    assert (now.state, now.audio, now.approval) == (State.DRAFT, None, None)
    assert await state(world, same) == same
    assert world.standing("respeak:") == [f"respeak:{changed.id}"]
    line = next(
        line.note
        for line in await world.store.audit.lines(limit=1_000)
        if line.note.action == "bulletin.read_otherwise"
    )
    assert (line.subject, line.actor, line.detail["voided"]) == (changed.id, "system", "pho-chu-tich")
    await world.settle()
    assert {each.status for each in world.planner.coming} == {Status.NOT_READY}
    await world.approve(await world.editorial.submit(changed.id, by=AUTHOR))
    await world.wording.respeak.look()
    assert world.standing("respeak:") == []


async def test_what_waits_for_approval_is_taken_back_and_a_draft_only_loses_its_audio(world: World) -> None:
    from gateway.domain.bulletin import Content
    from gateway.domain.ids import CategoryId

    content = Content(title="Khám bệnh", category=CategoryId("y-te"), text=TEXT)
    waiting = await world.editorial.create(content, by=AUTHOR)
    await world.editorial.submit(waiting.id, by=AUTHOR)
    draft = await world.editorial.create(content, by=AUTHOR)
    await world.editorial.render(draft.id, by=AUTHOR)
    taken = (await world.wording.lexicon.put(ENTRY, by=AUTHOR)).read_otherwise
    assert set(taken) == {waiting.id, draft.id}
    assert {(await state(world, each)).state for each in (waiting, draft)} == {State.DRAFT}
    assert {(await state(world, each)).audio for each in (waiting, draft)} == {None}
    assert world.standing("respeak:") == [f"respeak:{waiting.id}"]


async def test_a_withdrawn_or_expired_bulletin_is_left_alone(world: World) -> None:
    from datetime import timedelta

    from tests.gateway.services.world import APPROVER, WEDNESDAY_EVENING

    withdrawn = await world.approved(TEXT)
    await world.editorial.withdraw(withdrawn.id, reason="hoãn", by=APPROVER)
    old = await world.approved(TEXT, valid_until=WEDNESDAY_EVENING + timedelta(hours=1))
    await world.at(WEDNESDAY_EVENING + timedelta(hours=2))
    assert (await world.wording.lexicon.put(ENTRY, by=AUTHOR)).read_otherwise == ()
    assert (await state(world, old)).state is State.APPROVED


async def test_a_change_made_beside_a_running_gateway_is_followed(world: World) -> None:
    changed = await world.approved(TEXT)
    await world.store.lexicon.write([ENTRY], (), note=world.note("lexicon.put"))
    assert await world.wording.lexicon.look() == (changed.id,)
    assert await world.wording.lexicon.look() == ()


async def test_a_power_cut_between_an_entry_and_what_follows_from_it_is_made_good_at_the_next_start(tmp_path) -> None:
    async with open_world(tmp_path, "kp1-01") as world:
        changed = await world.approved(TEXT)
        await world.wording.lexicon.put(WardEntry(surface="bà con", reading="bà con"), by=AUTHOR)
        await world.store.lexicon.write([ENTRY], (), note=world.note("lexicon.put"))  # and the power goes
    async with open_world(tmp_path, clock=world.clock) as world:
        assert (await state(world, changed)).state is State.DRAFT
        assert world.standing("respeak:") == [f"respeak:{changed.id}"]


async def test_a_bulletin_that_was_heard_and_is_in_no_programme_stays_as_it_was(world: World) -> None:
    from dataclasses import replace

    from devices.clock import instant
    from devices.model import ClusterId, OccurrenceId, Outcome, Proof
    from gateway.ports.records import PlannedPlay

    old, repeated = await world.approved(TEXT), await world.approved(TEXT + " Xin cảm ơn.")
    now = instant(world.clock.now_ms())
    play = PlannedPlay(
        occ=OccurrenceId("phat-1@2026-10-07T17:30:00+07:00"),
        cluster=ClusterId("kp1-01"),
        schedule=None,
        title="Khám bệnh",
        priority="routine",
        start_at=now,
        duration_ms=60_000,
        bulletins=(old.id,),
        assets=(world.asset_of(old),),
        outcome=Outcome.PLAYED,
        proof=Proof.NONE,
    )
    await world.store.proofs.promise(
        [play, replace(play, occ=OccurrenceId("phat-2@2026-10-07T17:30:00+07:00"), bulletins=(repeated.id,))]
    )
    await world.programme(repeated.id)
    assert (await world.wording.lexicon.put(ENTRY, by=AUTHOR)).read_otherwise == (repeated.id,)
    assert (await state(world, old)).state is State.APPROVED


async def test_a_store_that_fails_midway_is_followed_to_the_end_by_the_next_look(world: World) -> None:
    changed = await world.approved(TEXT)
    await world.store.lexicon.write([ENTRY], (), note=world.note("lexicon.put"))
    world.wording.lexicon._values = Refusing(world.store.values)
    with pytest.raises(StoreFailed):
        await world.wording.lexicon.look()
    world.wording.lexicon._values = world.store.values
    assert await world.wording.lexicon.look() == ()
    assert (await state(world, changed)).state is State.DRAFT


class Refusing:
    """A store of values on a full disk: it can be read."""

    def __init__(self, values: object) -> None:
        self._values = values

    async def get(self, name: str) -> object:
        return await self._values.get(name)

    async def set(self, name: str, value: object, *, note: object) -> None:
        raise StoreFailed("Ổ đĩa đầy.", "The disk is full.")


async def test_names_of_the_wards_places_are_known(world: World) -> None:
    text = "Mời bà con thôn Krông Bách họp."
    assert "Krông" in world.editorial.spoken(text).unknown
    await world.inventory.save_zone(Zone(id=ZoneId("krong"), name="Thôn Krông Bách TDQX 3"), by=ADMIN)
    await world.wording.lexicon.look()
    assert world.editorial.spoken(text).unknown == ()
    assert await world.wording.lexicon.places() == ("Krông",)
    await world.wording.lexicon.put(WardEntry(surface="Krông", reading="cơ rông"), by=AUTHOR)
    assert "cơ rông" in world.editorial.spoken(text).spoken


async def test_where_a_camera_hangs_is_a_place_of_the_ward_too(world: World) -> None:
    text = "Ngập sâu tại ngã ba Ploong."
    assert "Ploong" in world.editorial.spoken(text).unknown
    camera = Camera(id=CameraId("cam-1"), place="Ngã ba Ploong, cột 3", zone=ZoneId("kp1"))
    note = AuditNote(actor="admin", action="camera.save", subject="cam-1", at=instant(world.clock.now_ms()))
    await world.store.cameras.save([camera], secrets={}, note=note)
    await world.wording.lexicon.look()
    assert world.editorial.spoken(text).unknown == ()
    await world.store.cameras.remove(camera.id, note=note)
    await world.wording.lexicon.look()
    assert "Ploong" in world.editorial.spoken(text).unknown


async def test_a_ward_that_turns_to_the_other_reading_is_followed_as_a_word_is(world: World) -> None:
    bulletin = await world.approved("Thu 2.500 đồng.")
    world.studio.read_by(SOUTHERN)
    south = wording_of(
        world.store,
        speech=world.studio,
        alarms=world.alarms,
        changed=lambda _: None,
        bus=world.bus,
        clock=world.clock,
        region="south",
    )
    await south.lexicon.load()
    taken = await state(world, bulletin)
    assert (taken.state, taken.audio, taken.approval) == (State.DRAFT, None, None)
    assert "ngàn" in world.editorial.spoken(taken.content.text).spoken
    alarm = world.alarms.standing[f"respeak:{bulletin.id}"]
    assert "giọng vùng của đài" in alarm.text_vi, "not the name of a setting"
    assert "the region it speaks for" in alarm.text_en


async def test_an_entry_for_some_capitals_holds_beside_one_for_any(world: World) -> None:
    desk = world.wording.lexicon
    await desk.put(WardEntry(surface="XQZT", reading="xung kích", flags="cs"), by=AUTHOR)
    await desk.put(WardEntry(surface="xqzt", reading="xanh quanh trường"), by=AUTHOR)
    assert "xung kích" in world.editorial.spoken("Đội XQZT họp.").spoken
    assert "xanh quanh trường" in world.editorial.spoken("Đội Xqzt họp.").spoken


async def test_a_pattern_in_a_file_is_kept_used_and_written_out_again(world: World) -> None:
    desk = world.wording.lexicon
    await desk.import_("XQ-([0-9])\txe quét \\1\tre cs\n", by=AUTHOR)
    assert "xe quét" in world.editorial.spoken("Xe XQ-3 đến.").spoken
    assert "XQ-([0-9])\txe quét \\1\tcs re" in await desk.book.export()
    assert (await desk.import_("(a+)+b\tx\tre\n", by=AUTHOR)).written.bad


async def test_a_file_is_imported_whole_or_not_at_all_with_every_bad_row_named(world: World) -> None:
    desk = world.wording.lexicon
    text = "# của phường\nXQZT\txung kích\tcs\n\nhỏng\n\tabc\nABC\ta 1\nKTX\tký túc xá\tcs zz\n"
    refused = (await desk.import_(text, by=AUTHOR)).written
    assert [row.line for row in refused.bad] == [4, 5, 6, 7]
    assert all(f"dòng {row.line}" in row.why for row in refused.bad)
    assert (refused.put, refused.version) == (0, 0)
    taken = (await desk.import_(text, by=AUTHOR, skip_bad=True)).written
    assert (taken.put, len(taken.bad)) == (1, 4)
    assert (await desk.import_("KTX\tký túc xá\tcs\n", by=AUTHOR, replace=True)).written.removed == 1
    assert await desk.book.export() == "# từ\tcách đọc\tcờ (cs = phân biệt hoa thường)\nKTX\tký túc xá\tcs\n"
    again = (await desk.import_(await desk.book.export(), by=AUTHOR, replace=True)).written
    assert (again.put, again.removed, again.bad) == (0, 0, ())
    with pytest.raises(BadInput):
        await desk.import_("a\tb\n" * 5_001, by=AUTHOR)
