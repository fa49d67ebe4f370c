"""Ổ đĩa đầy: whoever must warn or silence the ward does not wait for a disk."""

from typing import Any

import pytest

from devices.wire.commands import Emergency
from devices.wire.reports import AckState, Activity
from gateway.domain.errors import NotAllowed, StoreFailed
from gateway.domain.targets import EVERYWHERE
from gateway.ports.records import CommandState, Severity
from gateway.services.emergency_message import Message
from tests.gateway.services.fakes import PIN
from tests.gateway.services.world import OPERATOR, World

FIRE = Message(text="Cháy lớn ở khu phố 3, bà con sơ tán ngay.")


class FullDisk:
    """The store of a full disk: what is there can be read, and nothing can be written until there is room."""

    WRITES = frozenset(
        {"set", "add", "promise", "settle", "keep", "next_seq", "record_commands", "answer_commands", "raise_", "clear"}
    )

    def __init__(self, real: Any) -> None:
        self._real = real
        self.full = True

    def __getattr__(self, name: str) -> Any:
        return self._refuse if self.full and name in self.WRITES else getattr(self._real, name)

    async def _refuse(self, *_: object, **__: object) -> None:
        raise StoreFailed("Ổ đĩa đầy.", "The disk is full.")


def fill(world: World) -> list[FullDisk]:
    """Put the same full disk under everything that an emergency writes."""
    disks = []
    for service, names in (
        (world.emergency, ("_audit",)),
        (world.emergency_watch, ("_values",)),
        (world.library, ("_audio",)),
        (world.promises, ("_proofs",)),
        (world.log, ("_issues",)),
        (world.alarms, ("_alarms",)),
        (world.intake, ("_proofs",)),
    ):
        for name in names:
            disk = FullDisk(getattr(service, name))
            setattr(service, name, disk)
            disks.append(disk)
    return disks


async def test_a_full_disk_does_not_keep_anybody_from_warning_the_ward_and_the_log_has_it_when_there_is_room(
    world: World,
) -> None:
    poles = await world.poles()
    disks = fill(world)
    for _ in range(7):
        active = await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    assert [sent.typ for sent in world.voice.sent] == ["emergency"] * 7
    alarm = world.alarms.standing["unkept"]
    assert alarm.severity is Severity.CRITICAL
    for pole in poles:
        pole.doing = {"activity": Activity.PLAYING, "occ": active.em}
        await pole.beat()
        pole.began(active.em)
        await pole.tell()
        await pole.ack(active.jti, "emergency", AckState.DONE)
    for _ in range(5):
        await world.clock.advance(2)
        await world.promises.look()
        await world.watchman.look()
        for failing in (world.intake.flush, world.log.look):
            with pytest.raises(StoreFailed):
                await failing()
    assert not world.standing("rogue")
    assert list(await world.log.history(since=world.local(1, 0))) == []
    for disk in disks:
        disk.full = False
    await world.intake.flush()
    await world.log.look()
    await world.promises.look()
    await world.emergency_watch.look()
    assert world.standing("unkept") == []
    rows = [row for row in await world.log.history(since=world.local(1, 0)) if row.jti == active.jti]
    assert {(row.cluster, row.state) for row in rows} == {(pole.id, CommandState.DONE) for pole in poles}
    play = await world.play(active.em, "kp1-01")
    assert (play.unplanned, play.started_at is not None) == (False, True)
    assert [line.note.action for line in await world.store.audit.lines(limit=500)].count("emergency.start") == 7
    kept = await world.store.values.get("emergency.active")
    assert len(kept or []) == 7
    assert not world.standing("rogue")


async def test_an_emergency_can_be_ended_on_a_full_disk(world: World) -> None:
    active = await world.emergency.start(FIRE, EVERYWHERE, pin=PIN, by=OPERATOR)
    disks = fill(world)
    await world.emergency.end(active.em, pin=PIN, by=OPERATOR)
    assert [sent.typ for sent in world.voice.sent] == ["emergency", "emergency_end"]
    assert world.emergency_watch.active == ()
    for disk in disks:
        disk.full = False
    await world.log.look()
    await world.emergency_watch.look()
    await world.promises.look()
    assert world.standing() == []
    actions = [line.note.action for line in await world.store.audit.lines(limit=500)]
    assert "emergency.end" in actions


async def test_a_wrong_pin_is_a_wrong_pin_on_a_full_disk_too(world: World) -> None:
    fill(world)
    with pytest.raises(NotAllowed):
        await world.emergency.start(FIRE, EVERYWHERE, pin="0000", by=OPERATOR)
    assert world.voice.sent == []


async def test_the_library_cannot_be_read_and_the_siren_goes_all_the_same(world: World) -> None:
    bulletin = await world.approved()

    class Dead:
        async def get(self, _: object) -> None:
            raise StoreFailed("Không đọc được cơ sở dữ liệu.", "The database cannot be read.")

    world.emergency._bulletins = Dead()  # type: ignore[assignment]
    await world.emergency.start(Message(bulletin=bulletin.id, siren=False), EVERYWHERE, pin=PIN, by=OPERATOR)
    body = world.voice.sent[-1].body
    assert isinstance(body, Emergency)
    assert (body.items, body.siren) == ((), True)
