"""One-time codes and the identities they become, with the pole's side of the exchange played for real."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.clock import ManualClock, instant
from devices.model import ClusterId, ZoneId
from devices.seal import SigningKey
from devices.seal.enrolment import Code, Grant, Request, open_grant, read_code, wrap_request
from devices.wire.documents import KeyRole
from gateway.domain.errors import BadInput, NotAllowed, NotFound, TryLater
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role, User
from gateway.domain.targets import Cluster, ClusterKind, Zone
from gateway.ports.records import AuditNote
from gateway.services.enrolment import CODE_LIFE, Enrolment, Terms
from gateway.store.opening import Store, open_store
from tests.gateway.services.people import START_MS

POLE = ClusterId("kp3-02")
TECHNICIAN = User(id=UserId("u-tech"), name="Kỹ thuật", roles=frozenset({Role.TECHNICIAN}))
ROOT = SigningKey.generate("root", KeyRole.ROOT)


class Office:
    """The gateway's side, and what followed from it."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store = store
        self.clock = clock
        self.changes = 0
        self.enrolment = Enrolment(
            store=store.enrolments,
            inventory=store.inventory,
            audit=store.audit,
            clock=clock,
            terms=self._terms,
            hash_password=lambda password: f"hashed:{password}",
            on_change=self._changed,
        )

    def _terms(self) -> Terms:
        return Terms(
            site="tan-thanh",
            root=ROOT.entry,
            keys="sealed-key-list",
            broker_host="192.0.2.1",
            broker_port=1883,
            asset_base="http://192.0.2.1:8080/a/",
        )

    async def _changed(self) -> None:
        self.changes += 1

    async def open(self) -> "Office":
        note = AuditNote(actor="system", action="seed", subject="ward", at=instant(START_MS))
        await self.store.inventory.save_zone(Zone(id=ZoneId("kp3"), name="Khu phố 3"), note=note)
        for name, kind in ((POLE, ClusterKind.IP), (ClusterId("kp3-fm"), ClusterKind.FM)):
            row = Cluster(id=name, name=f"Cụm {name}", zone=ZoneId("kp3"), kind=kind)
            await self.store.inventory.save_cluster(row, note=note)
        return self

    async def code(self) -> Code:
        return read_code((await self.enrolment.offer(TECHNICIAN, POLE)).code)

    async def ask(self, code: Code, pole: SigningKey, *, address: str = "192.0.2.50") -> Grant:
        """Do what the program on the pole does."""
        request = wrap_request(code, Request(pub=pole.public, model="hs-30w", fw="1.0"))
        return open_grant(code, await self.enrolment.enrol(code.name, request, address=address))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path, now=instant(START_MS)) as opened:
        yield opened


@pytest.fixture
async def office(store: Store) -> Office:
    return await Office(store, ManualClock(START_MS)).open()


def pole() -> SigningKey:
    return SigningKey.generate(POLE, KeyRole.DEVICE)


async def test_a_pole_with_the_code_learns_who_it_is_and_whom_to_believe(office: Office) -> None:
    key = pole()
    grant = await office.ask(await office.code(), key)
    assert (grant.site, grant.cluster, grant.zones) == ("tan-thanh", POLE, ("kp3",))
    assert (grant.root, grant.kid, grant.username) == (ROOT.entry, f"dev-{POLE}-1", POLE)
    assert grant.now_ms == START_MS
    (identity,) = await office.enrolment.identities(TECHNICIAN)
    assert (identity.public_key, identity.kid) == (key.public, grant.kid)
    assert identity.broker_password_hash == f"hashed:{grant.password}"
    assert office.changes == 1


async def test_a_code_is_good_for_one_pole_even_when_two_ask_at_once(office: Office) -> None:
    code = await office.code()
    answers = await asyncio.gather(*(office.ask(code, pole()) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, Grant) for answer in answers) == 1
    assert sum(isinstance(answer, NotAllowed) for answer in answers) == 4
    assert len(await office.enrolment.identities(TECHNICIAN)) == 1


async def test_a_code_is_too_old_after_a_day(office: Office) -> None:
    code = await office.code()
    await office.clock.advance(CODE_LIFE.total_seconds())
    with pytest.raises(NotAllowed):
        await office.ask(code, pole())


async def test_every_wrong_code_sounds_the_same_and_is_counted(office: Office) -> None:
    good = await office.code()
    spent = await office.code()
    await office.ask(spent, pole())
    wrong = [Code("ZZZZ", good.secret), Code(good.name, "0" * 16), spent]
    words = set()
    for code in wrong:
        with pytest.raises(NotAllowed) as refused:
            await office.ask(code, pole())
        words.add((refused.value.vi, refused.value.code))
    assert len(words) == 1
    assert office.enrolment.refused == len(wrong)
    refusals = [line for line in await office.store.audit.lines() if line.note.action == "enrol.refused"]
    assert len(refusals) == len(wrong)
    await office.ask(good, pole(), address="192.0.2.51")  # guessing at it did not spend it


@pytest.mark.parametrize("request_text", ["", "không phải base64", "A" * 5000, "\x00", "====", "AAAA"])
async def test_rubbish_is_refused_like_a_wrong_code(office: Office, request_text: str) -> None:
    code = await office.code()
    with pytest.raises(NotAllowed):
        await office.enrolment.enrol(code.name, request_text, address="192.0.2.50")
    assert not await office.enrolment.identities(TECHNICIAN)


async def test_a_guesser_must_wait_and_the_technician_elsewhere_need_not(office: Office) -> None:
    code = await office.code()
    for _ in range(10):
        with pytest.raises(NotAllowed):
            await office.enrolment.enrol("ZZZZ", "x", address="192.0.2.66")
    with pytest.raises(TryLater):
        await office.enrolment.enrol("ZZZZ", "x", address="192.0.2.66")
    await office.ask(code, pole(), address="192.0.2.50")


async def test_enrolling_again_replaces_the_identity(office: Office) -> None:
    await office.ask(await office.code(), pole())
    second = pole()
    grant = await office.ask(await office.code(), second)
    standing = [each for each in await office.enrolment.identities(TECHNICIAN) if each.revoked_at is None]
    assert [(each.kid, each.public_key) for each in standing] == [(f"dev-{POLE}-2", second.public)]
    assert grant.kid == f"dev-{POLE}-2"


async def test_a_revoked_cluster_has_no_identity_and_the_world_is_told(office: Office) -> None:
    await office.ask(await office.code(), pole())
    await office.enrolment.revoke(TECHNICIAN, POLE, why="mất trộm")
    assert all(each.revoked_at is not None for each in await office.enrolment.identities(TECHNICIAN))
    assert office.changes == 2
    with pytest.raises(NotFound):
        await office.enrolment.revoke(TECHNICIAN, POLE)


async def test_only_who_may_enrol_makes_codes_and_revokes(office: Office) -> None:
    for role in Role:
        person = User(id=UserId("u-x"), name="x", roles=frozenset({role}))
        if Permission.ENROL in role.permissions:
            await office.enrolment.offer(person, POLE)
            continue
        with pytest.raises(NotAllowed):
            await office.enrolment.offer(person, POLE)
        with pytest.raises(NotAllowed):
            await office.enrolment.revoke(person, POLE)
        with pytest.raises(NotAllowed):
            await office.enrolment.identities(person)


async def test_a_code_is_for_a_cluster_that_exists_and_can_be_controlled(office: Office) -> None:
    with pytest.raises(NotFound):
        await office.enrolment.offer(TECHNICIAN, ClusterId("kp9-99"))
    with pytest.raises(BadInput):
        await office.enrolment.offer(TECHNICIAN, ClusterId("kp3-fm"))


async def test_neither_code_nor_password_is_left_behind(office: Office, tmp_path: Path) -> None:
    code = await office.code()
    grant = await office.ask(code, pole())
    assert (await office.store.enrolments.find_offer(code.name)).secret == ""  # type: ignore[union-attr]
    notes = repr([line.note for line in await office.store.audit.lines()])
    assert code.secret not in notes
    assert (grant.password or "?") not in notes
    assert code.text not in repr(await office.enrolment.offer(TECHNICIAN, POLE))
