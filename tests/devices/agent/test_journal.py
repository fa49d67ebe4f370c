"""The diary of a pole: numbered without a gap, chained, kept until acknowledged, whole after power cuts."""

import hashlib
import json

import pytest

from devices.agent.journal import KEPT_AFTER_ACK, NO_HASH, RESERVE_BYTES, Journal
from devices.errors import DiskFailed
from devices.model import Outcome, Priority
from devices.seal import SigningKey, Trust, unseal
from devices.wire.documents import KeyRole
from devices.wire.reports import ClockState, JournalEntry
from tests.devices.agent.disks import CutDisk, FullDisk, PowerCut, QuickDisk

KEY = SigningKey.generate("kp3-02", KeyRole.DEVICE)
T = 1_791_412_200_000


def draft(occ="sch-1@x", typ="started", **more):
    values = {"sid": "s1", "at_ms": T, "want_ms": T, "clock": ClockState(src="ntp", trusted=True)}
    if typ == "finished":
        values["result"] = Outcome.PLAYED
    return JournalEntry(n=1, prev=NO_HASH, typ=typ, occ=occ, **{**values, **more})


def opened(tmp_path, disk=None, *, expected=False):
    journal = Journal(disk or QuickDisk(), tmp_path, KEY, iss="cluster:kp3-02", aud="gateway:site-a")
    journal.load(expected=expected)
    return journal


def bodies(journal, from_n=None):
    trust = Trust.of([KEY.entry])
    return [unseal(line.sealed, trust, max_bytes=10**6).envelope.body for line in journal.pending(from_n)]


async def filled(tmp_path, count, disk=None):
    journal = opened(tmp_path, disk)
    for number in range(count):
        await journal.write(draft(f"occ-{number}"))
    return journal


async def test_entries_are_numbered_without_a_gap_and_chained_by_the_hash_of_the_sealed_bytes(tmp_path):
    journal = await filled(tmp_path, 5)
    lines = journal.pending()
    assert [body["n"] for body in bodies(journal)] == [1, 2, 3, 4, 5]
    hashes = [NO_HASH, *(hashlib.sha256(line.sealed).hexdigest() for line in lines)]
    assert [body["prev"] for body in bodies(journal)] == hashes[:-1]


async def test_after_a_restart_the_same_bytes_are_pending_and_the_chain_goes_on(tmp_path):
    before = (await filled(tmp_path, 3)).pending()
    again = opened(tmp_path, expected=True)
    assert again.pending() == before
    assert not again.damaged
    await again.write(draft("next"))
    assert bodies(again)[-1]["prev"] == before[-1].hash


async def test_acknowledgement_frees_only_what_is_contiguous_and_never_goes_back(tmp_path):
    journal = await filled(tmp_path, 5)
    await journal.ack(3)
    assert [line.n for line in journal.pending()] == [4, 5]
    await journal.ack(2)
    assert [line.n for line in journal.pending()] == [4, 5]


async def test_what_was_acknowledged_can_be_asked_for_again(tmp_path):
    journal = await filled(tmp_path, 5)
    await journal.ack(5)
    assert [line.n for line in journal.pending(2)] == [2, 3, 4, 5]


async def test_old_acknowledged_entries_leave_the_disk_and_what_they_said_is_remembered(tmp_path):
    journal = await filled(tmp_path, KEPT_AFTER_ACK + 150)
    size = (tmp_path / "journal.jsonl").stat().st_size
    await journal.ack(KEPT_AFTER_ACK + 120)
    assert (tmp_path / "journal.jsonl").stat().st_size < size * 0.8
    again = opened(tmp_path, expected=True)
    assert again.memory.get("occ-0").started
    assert again.head == KEPT_AFTER_ACK + 150
    assert next(line.n for line in again.pending()) == KEPT_AFTER_ACK + 121


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
async def test_a_line_torn_by_a_power_cut_is_set_aside_and_the_rest_stands(tmp_path, kept):
    await filled(tmp_path, 3)
    path = tmp_path / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:-1][:kept])
    again = opened(tmp_path, expected=True)
    assert [line.n for line in again.pending()] == [1, 2]
    if kept:
        assert (tmp_path / "journal.jsonl.torn").read_bytes() == lines[-1][:-1][:kept]
    await again.write(draft("next"))
    assert [line.n for line in opened(tmp_path, expected=True).pending()] == [1, 2, 3]


async def test_a_damaged_line_in_the_middle_costs_only_itself_and_keeps_its_number(tmp_path):
    journal = await filled(tmp_path, 4)
    before = journal.pending()
    path = tmp_path / "journal.jsonl"
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(before[1].sealed) + 200] ^= 1
    path.write_bytes(bytes(damaged))
    again = opened(tmp_path, expected=True)
    assert again.damaged
    assert [line.n for line in again.pending()] == [1, 2, 3, 4]
    assert [again.pending()[at] == before[at] for at in range(4)] == [True, False, True, True]
    assert bodies(again)[1]["why"] == "journal_damaged"
    assert all(again.memory.get(f"occ-{number}") for number in (0, 2, 3))
    assert not opened(tmp_path, expected=True).damaged


async def test_a_journal_that_is_gone_is_said_and_not_taken_for_a_new_pole(tmp_path):
    await filled(tmp_path, 3)
    (tmp_path / "journal.jsonl").unlink()
    assert opened(tmp_path, expected=True).damaged


async def test_a_lost_journal_goes_on_after_the_number_the_gateway_names(tmp_path):
    journal = await filled(tmp_path, 2)
    await journal.ack(500)
    assert [body["n"] for body in bodies(journal)] == [501, 502]
    assert [body["occ"] for body in bodies(journal)] == ["occ-0", "occ-1"]
    assert [line.n for line in opened(tmp_path, expected=True).pending()] == [501, 502]


async def test_garbage_instead_of_a_journal_is_never_fatal(tmp_path):
    (tmp_path / "journal.jsonl").write_bytes(b"\x00\xff" * 300 + b"\n{}\n")
    journal = opened(tmp_path, expected=True)
    assert journal.damaged
    await journal.write(draft("new"))
    assert [line.n for line in journal.pending()] == [1]


async def test_on_a_full_disk_nothing_may_start_but_what_began_can_still_be_ended(tmp_path):
    disk = FullDisk()
    journal = opened(tmp_path, disk)
    await journal.start(draft("one"))
    disk.room = 0
    with pytest.raises(DiskFailed) as refused:
        await journal.start(draft("two"))
    assert refused.value.full
    assert journal.memory.get("two") is None
    disk.room = RESERVE_BYTES  # what deleting the reserve gives back
    (tmp_path / "journal.reserve").unlink(missing_ok=True)
    assert await journal.write(draft("one", "finished")) == 2
    assert [line.n for line in opened(tmp_path, expected=True).pending()] == [1, 2]


async def test_the_reserve_is_spent_on_last_words_only_and_filled_again_when_there_is_room(tmp_path):
    class Card(FullDisk):
        """Deleting the reserve makes room, as it does on a real card."""

        def _write(self, handle, data):
            if not (tmp_path / "journal.reserve").exists() and not self.given_back and self.room == 0:
                self.given_back, self.room = True, RESERVE_BYTES
            super()._write(handle, data)

        given_back = True

    disk = Card()
    journal = opened(tmp_path, disk)
    await journal.start(draft("one"))
    disk.room, disk.given_back = 0, False
    assert await journal.write(draft("one", "finished")) == 2
    assert not (tmp_path / "journal.reserve").exists()
    with pytest.raises(DiskFailed):
        await journal.start(draft("two"))
    disk.room = 10**9
    await journal.start(draft("two"))
    assert (tmp_path / "journal.reserve").stat().st_size == RESERVE_BYTES


@pytest.mark.parametrize("at", range(1, 12))
async def test_power_cut_in_any_write_loses_at_most_the_entry_that_was_being_written(tmp_path, at):
    returned = []
    try:
        journal = opened(tmp_path, CutDisk(at))
        for number in range(4):
            await journal.start(draft(f"occ-{number}"))
            returned.append(f"occ-{number}")
            await journal.ack(number)
    except PowerCut:
        pass
    again = opened(tmp_path)
    found = [body["occ"] for body in bodies(again, 1)]
    assert found[: len(returned)] == returned
    assert len(found) <= len(returned) + 1


async def test_a_write_survives_the_cancelling_of_whoever_asked_for_it(tmp_path):
    import asyncio

    from devices.agent.disk import Disk

    journal = opened(tmp_path, Disk())
    writing = asyncio.create_task(journal.write(draft("kept")))
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await journal.write(draft("next"))
    assert [body["n"] for body in bodies(journal)] == [1, 2]
    assert [line.n for line in opened(tmp_path).pending()] == [1, 2]


async def test_sessions_of_a_day_are_counted_without_emergencies_and_survive_restarts(tmp_path):
    journal = opened(tmp_path)
    await journal.start(draft("a", priority=Priority.ROUTINE))
    await journal.start(draft("b", priority=Priority.EMERGENCY))
    await journal.write(draft("c", "finished", result=Outcome.MISSED))
    assert journal.memory.sessions(lambda want_ms: want_ms == T) == 1
    assert opened(tmp_path).memory.sessions(lambda want_ms: want_ms == T) == 1


def test_the_first_line_is_plain_json_that_a_person_can_read(tmp_path):
    opened(tmp_path)
    assert json.loads((tmp_path / "journal.jsonl").read_bytes().splitlines()[0])["base"] == 0
