"""What was sent: numbers only grow, promises are kept or cancelled, only a cluster moves a command on."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from devices.model import ClusterId, Outcome
from gateway.domain.errors import Stale
from gateway.ports.records import CommandState, PlannedPlay
from gateway.store.opening import Store, open_store
from tests.gateway.store.rows import KP1, KP2, NOW, command, document, later, note, play


async def _play(store: Store, occ: str, cluster: ClusterId = KP1) -> PlannedPlay:
    found = await store.proofs.play(play(occ).occ, cluster)
    assert found is not None
    return found


async def test_numbers_only_grow_and_are_never_given_twice(folder: Path) -> None:
    with open_store(folder, now=NOW) as store:
        assert await store.issues.epoch() == 1
        given = await asyncio.gather(*(store.issues.next_seq() for _ in range(30)))
        assert sorted(given) == list(range(1, 31))
        assert await store.issues.next_seq(100) == 31
    with open_store(folder, now=NOW) as store:
        assert await store.issues.next_seq() == 131
        with pytest.raises(ValueError, match="reserve"):
            await store.issues.next_seq(0)


async def test_the_newest_document_of_each_cluster_is_kept_as_sent(store: Store) -> None:
    await store.issues.issue([(document(1), []), (document(2, KP2), [])])
    await store.issues.issue([(document(3), [])])
    await store.issues.issue([(document(4, None, kind="silence"), []), (document(5, kind="config"), [])])
    assert await store.issues.latest("plan") == [document(3), document(2, KP2)]
    assert await store.issues.latest("silence") == [document(4, None, kind="silence")]
    assert await store.issues.latest("config") == [document(5, kind="config")]
    assert await store.issues.latest("other") == []


async def test_an_older_document_never_replaces_a_newer_one_and_takes_its_batch_with_it(store: Store) -> None:
    await store.issues.issue([(document(5, epoch=2), [])])
    for older in (document(5, epoch=2), document(4, epoch=2), document(99, epoch=1)):
        with pytest.raises(Stale):
            await store.issues.issue([(document(9, KP2), [play("x", KP2)]), (older, [])])
    assert await store.issues.latest("plan") == [document(5, epoch=2)]
    assert await store.proofs.play(play("x").occ, KP2) is None
    await store.issues.issue([(document(1, epoch=3), [])])
    assert await store.issues.latest("plan") == [document(1, epoch=3)]


async def test_what_a_cluster_holds_is_noted_and_never_goes_back(store: Store) -> None:
    await store.issues.issue([(document(3), []), (document(4, KP2), [])])
    await store.issues.accepted([("plan", KP1, 3), ("plan", KP1, 2)])
    assert [found.accepted_seq for found in await store.issues.latest("plan")] == [3, None]
    await store.issues.issue([(document(7), [])])
    assert (await store.issues.latest("plan"))[0].accepted_seq == 3


async def test_a_plan_promises_its_plays(store: Store) -> None:
    first, second = play("a"), play("b", start_at=later(days=2))
    await store.issues.issue([(document(1), [first, second])])
    assert await store.proofs.plays(since=NOW, until=later(days=30)) == [first, second]


async def test_a_new_plan_cancels_what_it_no_longer_holds_but_never_what_has_begun_or_ended(store: Store) -> None:
    names = ("kept", "dropped", "begun", "ended", "past")
    plays = {name: play(name) for name in names} | {"past": play("past", start_at=later(seconds=-5))}
    await store.issues.issue([(document(1, issued_at=later(hours=-1)), list(plays.values()))])
    other, adhoc = play("dropped", KP2), play("phat-ngay", schedule=None)
    await store.issues.issue([(document(2, KP2), [other])])
    await store.proofs.promise([adhoc])
    begun = replace(plays["begun"], started_at=later(minutes=30))
    ended = replace(plays["ended"], outcome=Outcome.PLAYED, settled_at=NOW)
    await store.proofs.settle([begun, ended])

    await store.issues.issue([(document(3), [plays["kept"]])])

    assert await _play(store, "kept") == plays["kept"]
    assert await _play(store, "dropped") == replace(plays["dropped"], cancelled=True)
    assert await _play(store, "begun") == begun
    assert await _play(store, "ended") == ended
    assert await _play(store, "past") == plays["past"]
    assert await _play(store, "dropped", KP2) == other
    assert await _play(store, "phat-ngay") == adhoc


async def test_a_play_that_comes_back_is_cancelled_no_longer(store: Store) -> None:
    await store.issues.issue([(document(1), [play("a")])])
    await store.issues.issue([(document(2), [])])
    assert (await _play(store, "a")).cancelled
    await store.issues.issue([(document(3), [play("a", title="Bản sửa", duration_ms=1_000)])])
    assert await _play(store, "a") == play("a", title="Bản sửa", duration_ms=1_000)


async def test_a_play_that_has_begun_keeps_the_description_it_airs_under(store: Store) -> None:
    await store.issues.issue([(document(1), [play("a")])])
    begun = replace(play("a"), started_at=later(minutes=30))
    await store.proofs.settle([begun])
    await store.issues.issue([(document(2), [play("a", title="Bản sửa")])])
    assert await _play(store, "a") == begun


async def test_the_same_plan_again_changes_no_play(store: Store) -> None:
    await store.issues.issue([(document(1), [play("a")])])
    await store.issues.issue([(document(2), [play("a")])])
    assert await store.proofs.plays(since=NOW, until=later(days=1)) == [play("a")]


async def test_a_plan_for_one_cluster_cannot_promise_for_another(store: Store) -> None:
    with pytest.raises(ValueError, match="another cluster"):
        await store.issues.issue([(document(1, KP1), [play("a", KP2)])])
    with pytest.raises(ValueError, match="promises no plays"):
        await store.issues.issue([(document(1, KP1, kind="config"), [play("a")])])
    assert await store.issues.latest("plan") == []
    assert await store.issues.latest("config") == []


async def test_a_thousand_plans_of_two_weeks_are_kept_in_one_go(store: Store) -> None:
    batch = [
        (
            document(n, ClusterId(f"kp-{n}")),
            [play(f"lich-1@{k}", ClusterId(f"kp-{n}"), start_at=later(hours=12 * k)) for k in range(28)],
        )
        for n in range(1, 1001)
    ]
    await store.issues.issue(batch)
    assert sum((await store.proofs.counts(since=NOW, until=later(days=15))).values()) == 28_000


async def test_commands_come_back_newest_first(store: Store) -> None:
    old, new = command("jti-1"), command("jti-2", sent_at=later(seconds=5), state=CommandState.NOT_SENT)
    await store.issues.record_commands([old, new], note=note())
    await store.issues.record_commands([command("jti-0", sent_at=later(days=-1))], note=None)
    assert await store.issues.commands(since=NOW) == [new, old]
    assert await store.issues.commands(since=NOW, limit=1) == [new]


SAID = [CommandState.RECEIVED, CommandState.ACCEPTED, CommandState.DONE, CommandState.REJECTED]


@pytest.mark.parametrize(
    ("answers", "stands"),
    [
        ([CommandState.RECEIVED, CommandState.ACCEPTED, CommandState.DONE], CommandState.DONE),
        ([CommandState.DONE, CommandState.ACCEPTED, CommandState.RECEIVED, CommandState.SENT], CommandState.DONE),
        ([CommandState.DONE, CommandState.REJECTED], CommandState.DONE),
        ([CommandState.REJECTED, CommandState.DONE], CommandState.REJECTED),
        *([([CommandState.NO_ANSWER, said], said) for said in SAID]),
        *([([CommandState.NOT_SENT, said], said) for said in SAID]),
        *([([said, CommandState.NO_ANSWER], said) for said in SAID]),
        ([CommandState.NO_ANSWER, CommandState.SENT], CommandState.NO_ANSWER),
        ([CommandState.NOT_SENT, CommandState.NO_ANSWER], CommandState.NOT_SENT),
    ],
)
async def test_what_the_cluster_said_never_gives_way_to_less(
    store: Store, answers: list[CommandState], stands: CommandState
) -> None:
    await store.issues.record_commands([command()], note=None)
    for n, state in enumerate(answers):
        await store.issues.answer_commands([("jti-1", KP1, state, f"why-{state}", later(seconds=n))])
    (row,) = await store.issues.commands(since=NOW)
    assert row == command(state=stands, why=f"why-{stands}", answered_at=later(seconds=answers.index(stands)))


async def test_an_answer_moves_only_the_cluster_that_gave_it(store: Store) -> None:
    await store.issues.record_commands([command(cluster=KP1), command(cluster=KP2)], note=None)
    await store.issues.answer_commands([("jti-1", KP2, CommandState.DONE, "", NOW)])
    states = {row.cluster: row.state for row in await store.issues.commands(since=NOW)}
    assert states == {KP1: CommandState.SENT, KP2: CommandState.DONE}


async def test_an_answer_to_nothing_is_logged_and_spoils_no_other(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await store.issues.record_commands([command()], note=None)
    with caplog.at_level(logging.WARNING):
        await store.issues.answer_commands(
            [("unknown", KP1, CommandState.DONE, "", NOW), ("jti-1", KP1, CommandState.DONE, "", NOW)]
        )
    assert "unknown" in caplog.text
    assert (await store.issues.commands(since=NOW))[0].state is CommandState.DONE
