"""Thu nhật ký: nothing is acknowledged that is not kept, nothing kept that does not join, and every play ends once."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from devices.clock import ManualClock, epoch_ms, instant
from devices.model import Outcome, Proof
from devices.wire.reports import Activity
from gateway.domain.errors import NotAllowed, NotFound, StoreFailed
from gateway.ports.records import JournalBatch
from gateway.services.events import PlayBegan, PlayEnded
from gateway.services.evidence import noted
from tests.gateway.services.conftest import CLUSTERS
from tests.gateway.services.fakes import FakeClusters
from tests.gateway.services.pole import Pole, proof
from tests.gateway.services.world import ADMIN, AUTHOR, FIRST, SECOND, WEDNESDAY_EVENING, World, open_world

NAME = "kp1-01"
THURSDAY_MORNING_MS = epoch_ms(WEDNESDAY_EVENING) + 34_200_000


async def aired(world: World) -> Pole:
    """A pole that has just heard the first airtime to its end."""
    await world.on_the_air()
    [pole] = await world.poles(NAME)
    await world.at(world.local(8, 5, 30))
    pole.began(FIRST)
    await world.clock.advance(64)
    pole.ended(FIRST)
    await pole.birth()
    return pole


async def test_a_play_that_was_heard_ends_as_played_with_its_evidence(world: World) -> None:
    pole = await aired(world)
    await pole.tell()
    await world.settle()
    play = await world.play(FIRST, NAME)
    assert (play.outcome, play.proof, play.heard_ms) == (Outcome.PLAYED, Proof.AMPLIFIER, 64_000)
    assert play.start_error_ms == 2.5
    assert play.started_at == world.local(8, 5, 30)
    assert play.journal_n == 2
    assert world.broker.acked == [(pole.id, 2)]
    assert world.intake.head(pole.id) == 2


async def test_a_start_is_noted_before_the_end_is_known(world: World) -> None:
    pole = await aired(world)
    seen = world.bus.last_id
    await pole.tell(1)
    await world.settle()
    play = await world.play(FIRST, NAME)
    assert (play.outcome, play.started_at) == (None, world.local(8, 5, 30))
    assert [type(item.event) for item in world.bus._since(seen)].count(PlayBegan) == 1
    await pole.tell(2)
    await world.settle()
    assert [type(item.event) for item in world.bus._since(seen)].count(PlayEnded) == 1


async def test_a_play_that_began_late_and_was_cut_off_began_when_its_cluster_says(world: World) -> None:
    pole = await aired(world)
    await world.at(world.local(8, 17, 30))
    late_ms = world.clock.now_ms() + 1_500
    pole.write("started", SECOND, want_ms=late_ms - 1_500, start_ms=late_ms)
    pole.write("finished", SECOND, want_ms=late_ms - 1_500, result=Outcome.PARTIAL, why="power")
    await pole.tell()
    await world.settle()
    play = await world.play(SECOND, NAME)
    assert (play.outcome, play.started_at) == (Outcome.PARTIAL, instant(late_ms))


async def test_only_what_has_no_gap_before_it_is_acknowledged(world: World) -> None:
    pole = await aired(world)
    pole.began(SECOND)
    await pole.tell(1, 3)
    await world.settle()
    assert world.broker.acked == [(pole.id, 1)]
    assert world.broker.resyncs == [(pole.id, 2)]
    await pole.tell(2)
    await world.settle()
    assert world.broker.acked[-1] == (pole.id, 3)


async def test_a_gap_is_asked_for_again_but_not_all_the_time(world: World) -> None:
    pole = await aired(world)
    await pole.tell(2)
    for _ in range(9):
        await world.intake.flush()
        await world.clock.advance(1)
    assert world.broker.resyncs == [(pole.id, 1)]
    await world.clock.advance(2)
    await world.intake.flush()
    assert len(world.broker.resyncs) == 2


async def test_entries_that_come_twice_and_in_any_order_prove_what_they_prove_once(world: World) -> None:
    pole = await aired(world)
    for occ, hour in ((SECOND, world.local(8, 17, 30)), ("lich-1@2026-10-10T05:30:00+07:00", world.local(10, 5, 30))):
        await world.at(hour)
        pole.began(occ)
        await world.clock.advance(64)
        pole.ended(occ)
    dice = random.Random(7)
    numbers = [1, 2, 3, 4, 5, 6] * 3
    dice.shuffle(numbers)
    for n in numbers:
        await pole.tell(n)
        if dice.random() < 0.5:
            await world.intake.flush()
    await world.intake.flush()
    assert world.intake.head(pole.id) == 6
    assert world.broker.acked[-1] == (pole.id, 6)
    assert all(upto <= 6 for _, upto in world.broker.acked)
    for occ in (FIRST, SECOND, "lich-1@2026-10-10T05:30:00+07:00"):
        assert (await world.play(occ, NAME)).outcome is Outcome.PLAYED


async def test_an_acknowledgement_that_got_lost_is_given_again(world: World) -> None:
    pole = await aired(world)
    world.broker.up = False
    await pole.tell()
    await world.intake.flush()
    assert world.broker.acked == []
    world.broker.up = True
    await pole.tell()
    await world.intake.flush()
    assert world.broker.acked == [(pole.id, 2)]


async def test_a_heartbeat_that_knows_of_no_acknowledgement_is_answered_with_one(world: World) -> None:
    pole = await aired(world)
    await pole.tell()
    await world.intake.flush()
    world.broker.acked.clear()
    await world.clock.advance(30)
    await pole.beat()
    await world.intake.flush()
    assert world.broker.acked == [(pole.id, 2)]


async def test_a_broken_chain_is_an_alarm_and_is_not_acknowledged(world: World) -> None:
    pole = await aired(world)
    await pole.tell()
    await world.settle()
    pole.began(SECOND)
    pole.write("finished", SECOND, prev="ab" * 32, **proof(world.clock.now_ms()))
    world.broker.acked.clear()
    await pole.tell(3, 4)
    await world.settle()
    assert world.broker.acked == [(pole.id, 3)]
    assert world.standing("chain:") == [f"chain:{NAME}"]
    assert (await world.play(SECOND, NAME)).outcome is None
    for _ in range(3):
        await pole.tell(4)
        await world.settle()
    assert world.intake.head(pole.id) == 3
    assert len([line for line in await world.store.audit.lines(limit=500) if "broken" in line.note.action]) == 1


async def test_two_boards_under_one_identity_are_found_out(world: World) -> None:
    pole = await aired(world)
    await pole.tell()
    await world.settle()
    await pole.tell()  # the acknowledgement got lost: the same lines again are nothing strange
    await world.settle()
    assert world.standing("journal-fork:") == []
    copy = world.pole(NAME)
    copy.began(SECOND)
    copy.ended(SECOND)
    await copy.tell()
    await world.settle()
    assert world.standing("journal-fork:") == [f"journal-fork:{NAME}"]
    assert world.intake.head(pole.id) == 2
    assert (await world.play(SECOND, NAME)).outcome is None


async def test_behind_a_broken_link_it_goes_on_only_when_a_person_says_so(world: World) -> None:
    pole = await aired(world)
    await pole.tell()
    pole.write("finished", SECOND, prev="ab" * 32, **proof(world.clock.now_ms()))
    await pole.tell(3)
    await world.settle()
    with pytest.raises(NotAllowed):
        await world.intake.accept_break(pole.id, by=AUTHOR)
    await world.intake.accept_break(pole.id, by=ADMIN)
    await pole.tell(3)
    await world.settle()
    assert world.intake.head(pole.id) == 3
    assert world.standing("chain:") == []
    with pytest.raises(NotFound):
        await world.intake.accept_break(pole.id, by=ADMIN)


async def test_a_cluster_that_says_it_lost_its_card_is_believed_and_shown(world: World) -> None:
    pole = await aired(world)
    await pole.tell()
    await world.settle()
    pole.write("started", SECOND, prev="0" * 64)
    await pole.tell(3)
    await world.settle()
    assert world.intake.head(pole.id) == 3
    assert world.standing("journal-lost:") == [f"journal-lost:{NAME}"]


async def test_what_stands_for_a_lost_line_is_kept_and_is_no_play(world: World) -> None:
    pole = await aired(world)
    await pole.tell()
    pole.write("finished", "journal:lost-3", result=Outcome.FAILED, why="journal_damaged")
    pole.write("started", SECOND, prev="cd" * 32)
    await pole.tell()
    await world.settle()
    assert world.intake.head(pole.id) == 4
    assert world.standing("journal-lost:") == [f"journal-lost:{NAME}"]
    assert world.standing("rogue:") == []


async def test_a_pole_with_a_new_card_is_told_where_we_are(world: World) -> None:
    pole = await aired(world)
    await pole.tell()
    await world.settle()
    world.broker.acked.clear()
    fresh = world.pole(NAME)
    fresh.boot, fresh.session = 9, 1
    await fresh.birth()
    await world.settle()
    assert world.broker.acked == [(pole.id, 2)]


async def test_entries_lost_with_our_own_data_are_left_out_loudly_and_not_for_ever(world: World) -> None:
    """The gateway was restored from a backup older than what it had acknowledged."""
    pole = await aired(world)
    for n in range(3, 9):
        pole.began(f"lich-1@x{n}")
    pole.acked = 6
    await pole.birth()
    for _ in range(5):
        await pole.tell(7, 8)
        await world.settle()
        await world.clock.advance(11)
    assert world.intake.head(pole.id) == 8
    assert world.standing("journal-gap:") == [f"journal-gap:{NAME}"]


async def test_entries_the_pole_still_owes_are_waited_for(world: World) -> None:
    pole = await aired(world)
    await pole.birth()
    for _ in range(6):
        await pole.tell(2)
        await world.settle()
        await world.clock.advance(11)
    assert world.intake.head(pole.id) == 0
    assert world.standing("journal-gap:") == [f"journal-gap:{NAME}"]
    await pole.tell(1)
    await world.settle()
    assert world.intake.head(pole.id) == 2
    assert world.standing("journal-gap:") == []


async def test_a_play_nobody_ordered_is_written_down_and_is_an_alarm(world: World) -> None:
    pole = await aired(world)
    pole.began("stranger@2026-10-08T03:15:00+07:00")
    pole.ended("stranger@2026-10-08T03:15:00+07:00")
    await pole.tell()
    await world.settle()
    play = await world.play("stranger@2026-10-08T03:15:00+07:00", NAME)
    assert play.unplanned
    assert play.outcome is Outcome.PLAYED
    assert world.standing("rogue:") == [f"rogue:{NAME}"]


async def test_a_cancelled_play_that_was_heard_all_the_same_is_an_alarm(world: World) -> None:
    bulletin = await world.on_the_air()
    [pole] = await world.poles(NAME)
    await world.editorial.withdraw(bulletin.id, reason="sai", by=AUTHOR)
    await world.settle()
    await world.at(world.local(8, 5, 31, 4))
    pole.began(FIRST)
    pole.ended(FIRST)
    await pole.tell()
    await world.settle()
    play = await world.play(FIRST, NAME)
    assert (play.cancelled, play.outcome) == (True, Outcome.PLAYED)
    assert world.standing("withdrawn:") == [f"withdrawn:{NAME}"]


async def test_a_second_word_on_an_end_changes_nothing(world: World) -> None:
    pole = await aired(world)
    await pole.tell()
    await world.settle()
    told = await world.play(FIRST, NAME)
    seen = world.bus.last_id
    again = pole.ended(FIRST, Outcome.FAILED, why="second thoughts")
    assert noted(told, again, at=world.local(9, 0)) == told
    await pole.tell()
    await world.settle()
    assert await world.play(FIRST, NAME) == told
    assert [e for e in world.bus._since(seen) if isinstance(e.event, PlayEnded)] == []


@pytest.mark.parametrize(
    ("changes", "outcome", "strength"),
    [
        ({}, Outcome.PLAYED, Proof.AMPLIFIER),
        ({"amp": None}, Outcome.PLAYED, Proof.DEVICE),
        ({"mic": {"rms_dbfs": -31.0, "corr": 0.7}}, Outcome.PLAYED, Proof.MICROPHONE),
        ({"mic": {"rms_dbfs": -31.0, "corr": 0.05}}, Outcome.SILENT, Proof.NONE),
        ({"amp": {"on": False}}, Outcome.SILENT, Proof.NONE),
        ({"level": {"rms_dbfs": -90.0, "peak_dbfs": -80.0}}, Outcome.SILENT, Proof.NONE),
        ({"level": None}, Outcome.UNPROVEN, Proof.NONE),
        ({"frames": None}, Outcome.UNPROVEN, Proof.NONE),
        ({"frames": {"want": 3_072_000, "out": 1_000_000, "rate": 48_000}}, Outcome.PARTIAL, Proof.AMPLIFIER),
        ({"frames": {"want": 3_072_000, "out": 3_071_400, "rate": 48_000}}, Outcome.PLAYED, Proof.AMPLIFIER),
        (proof(THURSDAY_MORNING_MS + 2_000, length_ms=2_000), Outcome.PARTIAL, Proof.AMPLIFIER),
        ({"assets": (f"sha256:{'ab' * 32}",)}, Outcome.PARTIAL, Proof.AMPLIFIER),
        ({"result": None}, Outcome.UNPROVEN, Proof.NONE),
        ({"result": Outcome.SILENT, "why": "muted"}, Outcome.SILENT, Proof.NONE),
        ({"result": Outcome.INTERRUPTED, "by": "person"}, Outcome.INTERRUPTED, Proof.AMPLIFIER),
        ({"result": Outcome.MISSED, "why": "power", "frames": None, "level": None}, Outcome.MISSED, Proof.NONE),
    ],
)
async def test_a_claim_counts_for_what_its_figures_bear_out(
    world: World, changes: dict[str, object], outcome: Outcome, strength: Proof
) -> None:
    pole = await aired(world)
    entry = {**proof(world.clock.now_ms()), **changes}
    del pole.diary[-1]
    pole.write("finished", FIRST, **entry)
    await pole.tell()
    await world.settle()
    play = await world.play(FIRST, NAME)
    assert (play.outcome, play.proof) == (outcome, strength)


async def test_a_play_that_nobody_could_hear_is_an_alarm_until_one_is_heard(world: World) -> None:
    pole = await aired(world)
    del pole.diary[-1]
    pole.ended(FIRST, Outcome.SILENT, why="muted")
    await pole.tell()
    await world.settle()
    assert world.standing("air:") == [f"air:{NAME}"]
    await world.at(world.local(8, 17, 30))
    pole.began(SECOND)
    await world.clock.advance(64)
    pole.ended(SECOND)
    await pole.tell()
    await world.settle()
    assert world.standing("air:") == []


async def test_a_play_without_a_word_is_unproven_after_five_minutes_online(world: World) -> None:
    pole = await aired(world)
    await world.clock.advance(290)
    await pole.beat()
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is None
    await world.clock.advance(20)
    await pole.beat()
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is Outcome.UNPROVEN
    assert world.standing("unproven:") == [f"unproven:{NAME}"]
    assert world.standing("unproven:kp1-02") == []


async def test_the_truth_replaces_unproven_and_nothing_replaces_the_truth(world: World) -> None:
    pole = await aired(world)
    await world.clock.advance(400)
    await pole.beat()
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is Outcome.UNPROVEN
    await pole.tell()
    await world.settle()
    assert (await world.play(FIRST, NAME)).outcome is Outcome.PLAYED
    assert world.standing("unproven:") == []
    pole.ended(FIRST, Outcome.FAILED, why="second thoughts")
    await pole.tell()
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is Outcome.PLAYED


async def test_a_cluster_that_is_away_keeps_its_play_open_for_a_day(world: World) -> None:
    await world.on_the_air()
    await world.at(world.local(8, 23))
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is None
    await world.at(world.local(9, 5, 32))
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is Outcome.UNPROVEN


async def test_a_pole_that_comes_and_goes_becomes_unproven_all_the_same(world: World) -> None:
    pole = await aired(world)
    for _ in range(30):  # a minute there, two minutes away: never five minutes at once
        for _ in range(2):
            await world.clock.advance(30)
            await pole.beat()
            await world.watch()
        await pole.dies()
        for _ in range(4):
            await world.clock.advance(30)
            await world.watch()
        assert not world.monitor.get(pole.id).online
        await pole.connect()
        if (await world.play(FIRST, NAME)).outcome is not None:
            break
    assert (await world.play(FIRST, NAME)).outcome is Outcome.UNPROVEN
    assert world.standing("unproven:") == [f"unproven:{NAME}"]


async def test_a_pole_that_is_back_for_a_moment_is_not_unproven_at_once(world: World) -> None:
    pole = await aired(world)
    await pole.dies()
    for _ in range(60):
        await world.clock.advance(30)
        await world.watch()
    await pole.connect()
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is None


async def test_a_cluster_that_comes_back_gets_five_minutes_to_report(world: World) -> None:
    pole = await aired(world)
    await world.clock.advance(3_600)
    await world.watch()
    await pole.connect()
    await world.clock.advance(60)
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is None
    await pole.tell()
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is Outcome.PLAYED


async def test_a_play_that_still_sounds_is_not_swept(world: World) -> None:
    pole = await aired(world)
    pole.doing = {"activity": Activity.PLAYING, "occ": FIRST}
    for _ in range(20):
        await world.clock.advance(30)
        await pole.beat()
    await world.watch()
    assert (await world.play(FIRST, NAME)).outcome is None


class FailsOnce:
    """A store of proofs whose disk is full for one write."""

    def __init__(self, real: object) -> None:
        self.real = real
        self.left = 1

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    async def keep(self, batches: list[JournalBatch]) -> None:
        if self.left:
            self.left -= 1
            raise StoreFailed("Ổ đĩa đầy.", "The disk is full.")
        await self.real.keep(batches)  # type: ignore[attr-defined]


async def test_a_full_disk_acknowledges_nothing_and_loses_nothing(world: World) -> None:
    pole = await aired(world)
    world.intake._proofs = FailsOnce(world.store.proofs)  # type: ignore[assignment]
    await pole.tell()
    with pytest.raises(StoreFailed):
        await world.intake.flush()
    assert world.broker.acked == []
    await world.intake.flush()
    assert world.broker.acked == [(pole.id, 2)]
    assert (await world.play(FIRST, NAME)).outcome is Outcome.PLAYED


async def test_a_restarted_gateway_goes_on_behind_the_last_entry_it_kept(tmp_path: Path) -> None:
    clock, broker = ManualClock(epoch_ms(WEDNESDAY_EVENING)), FakeClusters()
    async with open_world(tmp_path, *CLUSTERS, clock=clock, broker=broker) as world:
        pole = await aired(world)
        await pole.tell(1)
        await world.settle()
    broker.acked.clear()
    async with open_world(tmp_path, clock=clock, broker=broker) as again:
        pole.ear = again.reception
        await pole.connect()
        await pole.tell(1, 2)
        await again.settle()
        assert broker.acked == [(pole.id, 2)]
        assert (await again.play(FIRST, NAME)).outcome is Outcome.PLAYED


async def test_every_planned_play_of_a_stormy_week_ends_in_exactly_one_outcome(world: World) -> None:
    """Drops, doubles and reorder on the way; absences; the ledger has exactly what the poles wrote."""
    await world.on_the_air()
    poles = await world.poles()
    dice = random.Random(20261008)
    truth: dict[tuple[str, str], Outcome] = {}
    occs = [entry["occ"] for entry in world.broker.plan(poles[0].id)["entries"]][:4]
    starts = [world.local(8, 5, 30), world.local(8, 17, 30), world.local(10, 5, 30), world.local(10, 17, 30)]
    for occ, start in zip(occs, starts, strict=True):
        await world.at(start + timedelta(seconds=64))
        for pole in poles:
            result = dice.choice([Outcome.PLAYED, Outcome.PARTIAL, Outcome.MISSED, Outcome.SILENT])
            if dice.random() < 0.9:
                pole.began(occ)
                pole.ended(occ, result)
                truth[occ, pole.id] = result
            await pole.beat()
        for _ in range(6):
            for pole in poles:
                numbers = [n for n in range(1, len(pole.diary) + 1) if dice.random() < 0.7]
                dice.shuffle(numbers)
                await pole.tell(*(numbers + numbers[:2]))
            await world.clock.advance(11)
            await world.intake.flush()
    for pole in poles:
        await pole.tell()
        await pole.tell(*range(1, len(pole.diary) + 1))
    await world.at(world.local(12, 6))
    for pole in poles:
        await pole.beat()
    await world.watch()
    stored = await world.store.proofs.plays(since=world.local(8, 0), until=world.local(11, 0))
    assert len(stored) == 4 * len(poles)
    for play in stored:
        assert play.outcome is truth.get((play.occ, play.cluster), Outcome.UNPROVEN)
