"""Phát ngay, khẩn cấp, IM LẶNG: who may, what holds, and what is known of it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from devices.clock import ManualClock, epoch_ms
from devices.errors import LinkDown
from devices.model import Outcome, Priority, Proof, ZoneId
from devices.wire.commands import Emergency, Play
from devices.wire.reports import AckState, Activity, ClockState
from gateway.domain.bulletin import Content
from gateway.domain.errors import BadInput, NotAllowed, NotFound, PolicyRefusal, StoreFailed, TryLater, WrongState
from gateway.domain.ids import BulletinId, CategoryId
from gateway.domain.targets import EVERYWHERE, Targets
from gateway.ports.records import CommandState
from gateway.services.emergency_message import Message
from gateway.services.events import EmergencyChanged
from tests.gateway.services.conftest import CLUSTERS
from tests.gateway.services.fakes import PIN, FakeClusters
from tests.gateway.services.pole import Pole
from tests.gateway.services.world import (
    ADMIN,
    APPROVER,
    AUTHOR,
    OPERATOR,
    RULES,
    TECHNICIAN,
    VIEWER,
    WEDNESDAY_EVENING,
    World,
    open_world,
)
from tts.errors import SpeechError

FIRE = Message(text="Cháy lớn ở khu phố 1, bà con sơ tán theo hướng dẫn.")


# -- phát ngay -------------------------------------------------------------------------------------------------------


async def test_an_approved_bulletin_goes_on_the_air_now_and_is_owed_by_every_cluster(world: World) -> None:
    bulletin = await world.approved()
    ordered = await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    [sent] = world.broker.sent
    assert isinstance(sent.body, Play)
    assert sent.body.entry.start_at_ms >= world.clock.now_ms() + 3_000
    assert [item.role for item in sent.body.entry.items] == ["chime", "bulletin"]
    assert {asset.id for asset in sent.body.assets} == {item.asset for item in sent.body.entry.items}
    for name in CLUSTERS:
        assert (await world.play(ordered.occ, name)).schedule is None


async def test_what_plays_now_is_no_strange_voice(world: World) -> None:
    bulletin = await world.approved()
    [pole] = await world.poles("kp1-01")
    ordered = await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    await world.clock.advance(6)
    pole.doing = {"activity": Activity.PLAYING, "occ": ordered.occ}
    for _ in range(3):
        await pole.birth()
        await world.watch()
        await world.clock.advance(3)
    assert world.standing("rogue:") == []
    pole.began(ordered.occ)
    await world.clock.advance(55)
    pole.ended(ordered.occ)
    await pole.tell()
    await world.watch()
    assert (await world.play(ordered.occ, "kp1-01")).outcome is Outcome.PLAYED


async def test_a_new_plan_does_not_cancel_what_plays_now(world: World) -> None:
    bulletin = await world.approved()
    ordered = await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    await world.programme(bulletin.id)
    await world.scheduled()
    await world.settle()
    assert not (await world.play(ordered.occ, "kp1-01")).cancelled


async def test_nothing_unapproved_goes_on_the_air(world: World) -> None:
    content = Content(title="Nháp", category=CategoryId("x"), text="Chưa ai duyệt.")
    draft = await world.editorial.create(content, by=AUTHOR)
    with pytest.raises(BadInput):
        await world.now.play_bulletins([draft.id], EVERYWHERE, by=OPERATOR)
    with pytest.raises(BadInput):
        await world.now.play_bulletins([BulletinId("nobody-knows-it")], EVERYWHERE, by=OPERATOR)
    assert world.broker.sent == []


async def test_nothing_goes_on_the_air_at_a_quarter_past_three(world: World) -> None:
    bulletin = await world.approved()
    await world.at(world.local(8, 3, 15))
    with pytest.raises(PolicyRefusal):
        await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    assert world.broker.sent == []
    assert list(await world.store.proofs.plays(since=world.local(1, 0), until=world.local(30, 0))) == []


async def test_one_session_too_many_is_refused_now_too(world: World) -> None:
    bulletin = await world.on_the_air()
    await world.rulebook.adopt({**RULES, "version": 2, "sessions_per_day": 2}, by=APPROVER)
    await world.at(world.local(8, 12))
    with pytest.raises(PolicyRefusal):
        await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    await world.at(world.local(9, 12))
    await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)


async def test_what_would_run_into_a_planned_programme_airs_only_when_somebody_says_so(world: World) -> None:
    bulletin = await world.on_the_air()
    await world.at(world.local(8, 17, 29, 50))
    with pytest.raises(WrongState, match=r"17:30") as refused:
        await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    assert refused.value.code == "meets_planned"
    assert [sent for sent in world.broker.sent if isinstance(sent.body, Play)] == []
    await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR, anyway=True)
    await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR, priority=Priority.PRIORITY)
    await world.at(world.local(8, 17, 20))
    await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    assert len([sent for sent in world.broker.sent if isinstance(sent.body, Play)]) == 3


async def test_a_play_that_a_cluster_refused_ends_as_refused_there(world: World) -> None:
    bulletin = await world.approved()
    [pole] = await world.poles("kp1-01")
    ordered = await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    await pole.ack(ordered.rows[0].jti, "play", AckState.REJECTED, why="quiet_hours")
    await world.settle()
    play = await world.play(ordered.occ, "kp1-01")
    assert (play.outcome, play.why) == (Outcome.REFUSED, "quiet_hours")
    assert (await world.play(ordered.occ, "kp1-02")).outcome is None


async def test_a_play_that_never_left_ends_as_skipped(world: World) -> None:
    bulletin = await world.approved()
    world.broker.up = False
    ordered = await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    await world.settle()
    assert (await world.play(ordered.occ, "kp1-01")).outcome is Outcome.SKIPPED


async def test_only_an_operator_puts_something_on_the_air_now(world: World) -> None:
    bulletin = await world.approved()
    for somebody in (VIEWER, AUTHOR, APPROVER, TECHNICIAN, ADMIN):
        with pytest.raises(NotAllowed):
            await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=somebody)
    assert world.broker.sent == []


# -- khẩn cấp --------------------------------------------------------------------------------------------------------


async def repeats(world: World, seconds: float) -> None:
    for _ in range(round(seconds * 4)):
        await world.clock.advance(0.25)
        await world.emergency_watch.look()


async def test_an_emergency_is_sent_at_once_and_owed_by_everyone_meant(world: World) -> None:
    active = await world.emergency.start(FIRE, Targets(zones=frozenset({ZoneId("kp1")})), pin=PIN, by=OPERATOR)
    [sent] = world.voice.sent
    assert isinstance(sent.body, Emergency)
    assert (sent.typ, sent.body.zones, sent.body.drill) == ("emergency", ("kp1",), False)
    assert sent.body.start_at_ms - world.clock.now_ms() <= 1_000
    assert sent.exp_ms == sent.body.end_by_ms
    assert active.clusters == {"kp1-01", "kp1-02"}
    assert (await world.play(active.em, "kp1-01")).priority == "emergency"
    assert world.standing("emergency:") == [f"emergency:{active.em}"]


async def test_an_emergency_is_repeated_every_two_seconds_for_twenty_with_one_name(world: World) -> None:
    await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    await repeats(world, 60)
    jti = world.voice.sent[0].jti
    assert set(world.voice.repeated) == {(jti, None)}
    assert 9 <= len(world.voice.repeated) <= 10


async def test_an_emergency_that_every_cluster_says_it_sounds_is_not_repeated(world: World) -> None:
    poles = await world.poles("kp1-01", "kp1-02")
    active = await world.emergency.start(FIRE, Targets(zones=frozenset({ZoneId("kp1")})), pin=PIN, by=OPERATOR)
    for pole in poles:
        await pole.beat(activity=Activity.PLAYING, occ=active.em)
    await repeats(world, 6)
    assert world.voice.repeated == []
    await poles[0].beat(activity=Activity.IDLE, occ=None)
    await repeats(world, 0.25)
    assert len(world.voice.repeated) == 1


async def test_an_end_is_repeated_only_while_somebody_still_sounds_or_is_away(world: World) -> None:
    poles = await world.poles("kp1-01", "kp1-02")
    active = await world.emergency.start(FIRE, Targets(zones=frozenset({ZoneId("kp1")})), pin=PIN, by=OPERATOR)
    await world.emergency.end(active.em, pin=PIN, by=OPERATOR)
    await poles[0].beat(activity=Activity.PLAYING, occ=active.em)
    await repeats(world, 5)
    assert len(world.voice.repeated) == 2
    await poles[0].beat(activity=Activity.IDLE, occ=None)
    await repeats(world, 5)
    assert len(world.voice.repeated) == 2


async def test_a_cluster_that_comes_online_while_it_is_active_is_told(world: World) -> None:
    pole = world.pole("kp1-01")
    await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    await repeats(world, 60)
    world.voice.repeated.clear()
    await pole.connect()
    await world.settle()
    assert world.voice.repeated == [(world.voice.sent[0].jti, "kp1-01")]


async def test_a_cluster_that_was_not_meant_is_not_told(world: World) -> None:
    pole = world.pole("kp2-01")
    await world.emergency.start(FIRE, Targets(zones=frozenset({ZoneId("kp1")})), pin=PIN, by=OPERATOR)
    await pole.connect()
    await world.settle()
    assert world.voice.repeated == []


async def test_how_many_sound_it_is_what_they_say(world: World) -> None:
    poles = await world.poles()
    active = await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    assert world.emergency_watch.report(active.em).sounding == frozenset()
    seen = world.bus.last_id
    for pole in poles[:2]:
        pole.doing = {"activity": Activity.PLAYING, "occ": active.em}
        await pole.birth()
    poles[2].clock_state = ClockState(src="none", trusted=False)
    await poles[2].birth()
    await world.settle()
    report = world.emergency_watch.report(active.em)
    assert report.sounding == {"kp1-01", "kp1-02"}
    assert report.clock_unsynced == {"kp2-01"}
    counts = [e.event.sounding for e in world.bus._since(seen) if isinstance(e.event, EmergencyChanged)]
    assert counts == [2]


async def test_a_cluster_that_learns_the_time_during_an_emergency_is_told_of_it(world: World) -> None:
    [pole] = await world.poles("kp1-01")
    active = await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    await repeats(world, 30)
    pole.clock_state = ClockState(src="none", trusted=False)
    await pole.birth()
    await world.settle()
    world.voice.repeated.clear()
    pole.clock_state = ClockState(src="ntp", trusted=True)
    await pole.beat()
    await world.settle()
    assert world.voice.repeated == [(active.jti, "kp1-01")]


async def test_an_emergency_refused_at_first_and_obeyed_later_is_what_the_journal_says(world: World) -> None:
    [pole] = await world.poles("kp1-01")
    active = await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    await pole.ack(active.jti, "emergency", AckState.REJECTED, why="clock_unsynced")
    await world.settle()
    refused = await world.store.proofs.play(active.em, pole.id)
    assert refused is not None
    assert (refused.outcome, refused.why) == (Outcome.REFUSED, "clock_unsynced")
    pole.began(active.em)
    await pole.tell()
    await world.settle()
    pole.ended(active.em)
    await pole.tell()
    await world.settle()
    heard = await world.store.proofs.play(active.em, pole.id)
    assert heard is not None
    assert (heard.outcome, heard.proof, heard.heard_ms) == (Outcome.PLAYED, Proof.AMPLIFIER, 64_000)
    await pole.ack(active.jti, "emergency", AckState.REJECTED, why="expired")
    await world.settle()
    assert await world.store.proofs.play(active.em, pole.id) == heard


async def test_a_wrong_pin_sends_nothing_and_is_on_the_record(world: World) -> None:
    with pytest.raises(NotAllowed, match="PIN"):
        await world.emergency.start(FIRE, EVERYWHERE, pin="0000", by=OPERATOR)
    assert world.voice.sent == []
    assert world.emergency_watch.active == ()
    assert world.standing("emergency:") == []
    actions = [line.note.action for line in await world.store.audit.lines(limit=500)]
    assert "emergency.wrong_pin" in actions
    await world.log.look()
    rows = await world.log.history(since=world.local(1, 0))
    assert {(row.state, row.why) for row in rows} == {(CommandState.NOT_SENT, "wrong_pin")}
    assert list(await world.store.proofs.plays(since=world.local(1, 0), until=world.local(30, 0))) == []


async def test_guessing_the_pin_takes_longer_and_longer(world: World) -> None:
    for _ in range(5):
        with pytest.raises(NotAllowed):
            await world.emergency.start(FIRE, EVERYWHERE, pin="0000", by=OPERATOR)
    with pytest.raises(TryLater):
        await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    await world.clock.advance(121)
    await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)


async def test_whoever_guesses_the_pin_keeps_nobody_else_from_warning_the_ward(world: World) -> None:
    for _ in range(6):
        with pytest.raises((NotAllowed, TryLater)):
            await world.emergency.start(FIRE, EVERYWHERE, pin="0000", by=OPERATOR)
    await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=APPROVER)


async def test_an_emergency_sounds_at_night_and_a_drill_does_not(world: World) -> None:
    await world.at(world.local(8, 3, 15))
    with pytest.raises(PolicyRefusal):
        await world.emergency.start(Message(text="Diễn tập.", drill=True), EVERYWHERE, pin=PIN, by=OPERATOR)
    await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    assert [sent.typ for sent in world.voice.sent] == ["emergency"]


async def test_when_the_engine_fails_the_siren_goes_all_the_same(world: World) -> None:
    world.studio.broken = SpeechError("espeak chết")
    await world.emergency.start(Message(text="Vỡ đê!", siren=False), EVERYWHERE, pin=PIN, by=OPERATOR)
    body = world.voice.sent[0].body
    assert isinstance(body, Emergency)
    assert (body.items, body.siren, body.text) == ((), True, "Vỡ đê!")


async def test_an_emergency_is_spoken_ahead_of_the_bulletins_that_wait(world: World) -> None:
    world.studio.slow_s = 60  # for whoever stands in the queue; an emergency may wait eight seconds
    await world.emergency.start(Message(text="Vỡ đê!"), EVERYWHERE, pin=PIN, by=OPERATOR)
    body = world.voice.sent[0].body
    assert isinstance(body, Emergency)
    assert world.studio.spoken == ["Vỡ đê!"]
    assert body.items


async def test_an_approved_bulletin_may_be_the_message_and_an_unapproved_one_not(world: World) -> None:
    bulletin = await world.approved()
    await world.emergency.start(Message(bulletin=bulletin.id), EVERYWHERE, pin=PIN, by=OPERATOR)
    body = world.voice.sent[0].body
    assert isinstance(body, Emergency)
    assert [item.asset for item in body.items] == [world.asset_of(bulletin)]
    await world.editorial.withdraw(bulletin.id, reason="sai", by=APPROVER)
    with pytest.raises(BadInput):
        await world.emergency.start(Message(bulletin=bulletin.id), EVERYWHERE, pin=PIN, by=OPERATOR)


async def test_a_message_of_nothing_is_refused(world: World) -> None:
    with pytest.raises(BadInput):
        Message(siren=False)
    with pytest.raises(BadInput):
        Message(lasts=timedelta(hours=2))


async def test_only_the_right_people_send_an_emergency(world: World) -> None:
    for somebody in (VIEWER, AUTHOR, TECHNICIAN, ADMIN):
        with pytest.raises(NotAllowed):
            await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=somebody)
    assert world.voice.sent == []


async def test_the_end_is_repeated_and_told_to_those_who_come_back(world: World) -> None:
    [pole] = await world.poles("kp1-01")
    active = await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    await repeats(world, 5)
    world.voice.repeated.clear()
    await world.emergency.end(active.em, pin=PIN, by=APPROVER, why="đã dập tắt")
    end = world.voice.sent[1]
    assert end.typ == "emergency_end"
    await repeats(world, 30)
    assert set(world.voice.repeated) == {(end.jti, None)}
    world.voice.repeated.clear()
    await world.clock.advance(90)
    world.monitor.look()
    await pole.connect()
    await world.settle()
    assert world.voice.repeated == [(end.jti, "kp1-01")]
    assert world.standing("emergency:") == []
    with pytest.raises(NotFound):
        await world.emergency.end(active.em, pin=PIN, by=APPROVER)


async def test_an_emergency_ends_by_itself_at_its_limit(world: World) -> None:
    active = await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    await world.clock.advance(601)
    await world.settle()
    assert world.emergency_watch.active == ()
    assert world.standing("emergency:") == []
    with pytest.raises(NotFound):
        world.emergency_watch.report(active.em)


async def test_an_emergency_outlives_a_restart_of_the_gateway(tmp_path: Path) -> None:
    clock, broker = ManualClock(epoch_ms(WEDNESDAY_EVENING)), FakeClusters()
    async with open_world(tmp_path, *CLUSTERS, clock=clock, broker=broker) as world:
        active = await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
        jti = world.voice.sent[0].jti
    async with open_world(tmp_path, clock=clock, broker=broker) as again:
        assert [each.em for each in again.emergency_watch.active] == [active.em]
        pole = again.pole("kp2-01")
        await pole.connect()
        await again.settle()
        assert again.voice.repeated == [(jti, "kp2-01")]
        await again.emergency.end(active.em, pin=PIN, by=OPERATOR)


async def test_without_a_broker_the_operator_is_told_that_nothing_sounds(world: World) -> None:
    world.broker.up = False
    with pytest.raises(LinkDown):
        await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    assert world.emergency_watch.active == ()
    world.broker.up = True
    await repeats(world, 30)
    assert world.voice.repeated == []


async def test_a_cluster_that_sounds_an_emergency_is_no_strange_voice(world: World) -> None:
    [pole] = await world.poles("kp1-01")
    active = await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    pole.doing = {"activity": Activity.PLAYING, "occ": active.em}
    for _ in range(4):
        await pole.birth()
        await world.watch()
        await world.clock.advance(2)
    assert world.standing("rogue:") == []


# -- IM LẶNG ---------------------------------------------------------------------------------------------------------


async def obey(world: World, poles: list[Pole]) -> None:
    silent = world.broker.retained["silence", None]["body"]["silent"]
    for pole in poles:
        pole.doing = {"silent": silent, "activity": Activity.SILENCED if silent else Activity.IDLE}
        await pole.birth()


async def test_the_kill_switch_is_a_retained_order_and_who_obeys_is_what_they_say(world: World) -> None:
    poles = await world.poles()
    report = await world.silence.engage(by=TECHNICIAN, reason="phát nhầm nhạc")
    assert world.broker.retained["silence", None]["body"]["silent"] is True
    assert (report.agree, report.delivered, report.kept) == (frozenset(), True, True)
    await obey(world, poles[:2])
    assert world.silence.report().agree == {"kp1-01", "kp1-02"}
    assert world.silence.report().differ == {"kp2-01"}


async def test_while_silent_nothing_is_ordered_not_even_an_emergency(world: World) -> None:
    bulletin = await world.approved()
    await world.silence.engage(by=OPERATOR, reason="thử")
    with pytest.raises(WrongState):
        await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    with pytest.raises(WrongState):
        await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    await world.silence.rearm(by=OPERATOR, reason="xong")
    await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)


async def test_silence_outlives_a_restart_and_only_a_person_ends_it(tmp_path: Path) -> None:
    clock, broker = ManualClock(epoch_ms(WEDNESDAY_EVENING)), FakeClusters()
    async with open_world(tmp_path, *CLUSTERS, clock=clock, broker=broker) as world:
        await world.silence.engage(by=OPERATOR, reason="thử")
    broker.retained.clear()
    async with open_world(tmp_path, clock=clock, broker=broker) as again:
        await again.settle()
        assert again.silence.state.silent
        assert broker.retained["silence", None]["body"]["silent"] is True
        first = broker.retained["silence", None]["seq"]
        await again.silence.rearm(by=OPERATOR, reason="xong")
        assert broker.retained["silence", None]["body"]["silent"] is False
        assert broker.retained["silence", None]["seq"] > first
        with pytest.raises(WrongState):
            await again.silence.rearm(by=OPERATOR, reason="lần nữa")


async def test_a_switch_that_was_kept_and_never_sent_is_sent_at_the_next_start(tmp_path: Path) -> None:
    clock, broker = ManualClock(epoch_ms(WEDNESDAY_EVENING)), FakeClusters()
    async with open_world(tmp_path, *CLUSTERS, clock=clock, broker=broker) as world:
        mark = {"by": "truc-ban", "at": WEDNESDAY_EVENING.isoformat(), "reason": "mất điện đúng lúc bấm"}
        await world.store.values.set("silence", {"silent": True, "revision": 1, "mark": mark}, note=None)
    async with open_world(tmp_path, clock=clock, broker=broker) as again:
        await again.settle()
        assert broker.retained["silence", None]["body"]["silent"] is True


async def test_with_the_broker_away_silence_waits_and_says_so(world: World) -> None:
    world.broker.up = False
    report = await world.silence.engage(by=OPERATOR, reason="thử")
    assert not report.delivered
    world.broker.up = True
    await world.reception.on_up()
    await world.settle()
    assert world.broker.retained["silence", None]["body"]["silent"] is True
    assert world.silence.report().delivered


async def test_a_full_disk_does_not_keep_anybody_from_silencing_the_ward(world: World) -> None:
    class Full:
        def __init__(self, real: object) -> None:
            self.real = real

        async def set(self, name: str, value: object, *, note: object) -> None:
            raise StoreFailed("Ổ đĩa đầy.", "The disk is full.")

    world.silence._values = Full(world.store.values)  # type: ignore[assignment]
    report = await world.silence.engage(by=OPERATOR, reason="thử")
    assert (report.state.silent, report.kept) == (True, False)
    assert world.broker.retained["silence", None]["body"]["silent"] is True
    world.silence._values = world.store.values
    await world.silence.rearm(by=OPERATOR, reason="xong")
    assert world.broker.retained["silence", None]["body"]["silent"] is False


async def test_clusters_that_do_not_fall_silent_are_named(world: World) -> None:
    poles = await world.poles()
    await world.silence.engage(by=OPERATOR, reason="thử")
    await obey(world, poles[:2])
    task = asyncio.create_task(world.silence.run())
    for _ in range(8):
        await world.clock.advance(2, settle_s=0.02)
    assert world.standing("silence-differs") == ["silence-differs"]
    assert "kp2-01" in world.alarms.standing["silence-differs"].text_vi
    await obey(world, poles)
    for _ in range(100):
        await world.clock.advance(2, settle_s=0.02)
        if world.standing("silence-differs") == []:
            break
    assert world.standing("silence-differs") == []
    task.cancel()


async def test_who_may_not_silence_may_not(world: World) -> None:
    for somebody in (VIEWER, AUTHOR, ADMIN):
        with pytest.raises(NotAllowed):
            await world.silence.engage(by=somebody, reason="thử")
    with pytest.raises(BadInput):
        await world.silence.engage(by=OPERATOR, reason=" ")
    assert ("silence", None) not in world.broker.retained
