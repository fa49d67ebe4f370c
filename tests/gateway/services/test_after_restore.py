"""What a pole claims moves nothing; what the root key sealed does; and a person is told which step is theirs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from devices.clock import instant
from devices.errors import SealBroken
from devices.model import AirRules, Permit
from devices.seal import SigningKey, Trust, seal_body
from devices.wire.base import Wire
from devices.wire.documents import KeyList, KeyRole
from devices.wire.rules import document_of
from gateway.services.after_restore import UNPROVEN_AFTER_S, AfterRestore, Authority
from tests.gateway.services.pole import Pole
from tests.gateway.services.world import World

SITE = "phuong-thu"


class Office:
    """The ward, its root key, and how often its keys were made anew."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.root = SigningKey.generate("root", KeyRole.ROOT)
        self.version = 1
        self.root_at_hand = True
        self.renewed: list[int] = []
        self.service = AfterRestore(
            monitor=world.monitor,
            fleet=world.fleet,
            rulebook=world.rulebook,
            keys=Authority(
                site=SITE,
                root=lambda: Trust.of([self.root.entry]),
                version=lambda: self.version,
                renew=self._renew,
            ),
            alarms=world.alarms,
            clock=world.clock,
        )

    async def _renew(self, proven: KeyList) -> str:
        if not self.root_at_hand:
            raise SealBroken("no_root")
        self.version = proven.version + 1
        self.renewed.append(self.version)
        return f"gw-{self.version}"

    def seal(self, body: Wire, typ: str, *, key: SigningKey | None = None, site: str = SITE) -> str:
        return seal_body(key or self.root, typ, body, iss=site, aud=f"all:{site}", iat_ms=1).decode()

    async def hear(self, pole: Pole, **said: Any) -> None:
        await pole.connect()
        await pole.say(pole.born().model_copy(update=said))
        await self.service.look()

    async def wait(self, *poles: Pole) -> None:
        for _ in range(int(UNPROVEN_AFTER_S // 30) + 1):
            await self.world.clock.advance(30)
            for pole in poles:
                await pole.beat()
            await self.service.look()


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def newer(office: Office, version: int, **more: Any) -> AirRules:
    return replace(office.world.rulebook.rules, version=version, max_percent=40, **more)


def listed(version: int, site: str = SITE) -> KeyList:
    return KeyList(site=site, version=version, keys=())


async def test_a_stolen_pole_that_claims_an_enormous_version_burns_none_and_is_named(office: Office) -> None:
    [thief, *_] = await office.world.poles()
    before = office.world.rulebook.rules
    await office.hear(thief, policy_version=2**53, keys_version=2**53)
    await office.wait(thief)
    assert (office.world.rulebook.rules, office.renewed) == (before, [])
    alarm = office.world.alarms.standing[f"claims-newer:{thief.id}"]
    assert "thu hồi" in alarm.text_vi
    assert str(2**53) not in alarm.text_vi
    await office.hear(thief, policy_version=before.version, keys_version=1)
    assert f"claims-newer:{thief.id}" not in office.world.alarms.standing


async def test_what_another_key_sealed_or_another_ward_or_as_something_else_moves_nothing(office: Office) -> None:
    [thief, *_] = await office.world.poles()
    before = office.world.rulebook.rules
    forger = SigningKey("root", KeyRole.ROOT, SigningKey.generate("root", KeyRole.ROOT).private)
    open_always = document_of(newer(office, before.version + 1))
    for policy in (
        office.seal(open_always, "policy", key=forger),
        office.seal(open_always, "policy", site="phuong-khac"),
        office.seal(listed(9), "keys"),
        "không phải con dấu",
    ):
        await office.hear(thief, policy_version=before.version + 1, newer_policy=policy)
    for keys in (
        office.seal(listed(9), "keys", key=forger),
        office.seal(listed(9, "phuong-khac"), "keys"),
        office.seal(open_always, "policy"),
    ):
        await office.hear(thief, keys_version=9, newer_keys=keys)
    assert (office.world.rulebook.rules, office.renewed) == (before, [])


async def test_of_two_poles_the_newer_seal_holds_with_its_permits_and_an_older_one_changes_nothing(
    office: Office,
) -> None:
    first, second, *_ = await office.world.poles()
    version = office.world.rulebook.rules.version
    start = instant(office.world.clock.now_ms()) + timedelta(hours=1)
    permit = Permit(start=start, end=start + timedelta(hours=1))
    newest = newer(office, version + 2, permits=(permit,), permits_rev=7)
    old = office.seal(document_of(newer(office, version + 1)), "policy")
    await office.hear(first, policy_version=version + 1, newer_policy=old)
    assert office.world.rulebook.rules.version == version + 1
    sealed = office.seal(document_of(newest), "policy")
    await office.hear(second, policy_version=version + 2, permits_rev=7, newer_policy=sealed)
    assert (office.world.rulebook.rules, office.world.rulebook.sealed) == (newest, sealed)
    assert [each.permit for each in office.world.rulebook.permits] == [permit]
    await office.hear(first, policy_version=version + 1, newer_policy=old)
    assert office.world.rulebook.rules == newest
    assert "policy-taken-back" in office.world.alarms.standing


async def test_without_the_root_key_one_alarm_stands_and_with_it_the_keys_are_renewed_once(office: Office) -> None:
    first, second, *_ = await office.world.poles()
    office.root_at_hand = False
    sealed = office.seal(listed(5), "keys")
    for pole in (first, second):
        await office.hear(pole, keys_version=5, newer_keys=sealed)
    assert "root.pem" in office.world.alarms.standing["keys-behind"].text_vi
    office.root_at_hand = True
    for _ in range(3):
        await office.service.look()
    assert office.renewed == [6]
    assert "keys-behind" not in office.world.alarms.standing


async def test_a_pole_that_cannot_show_its_seal_is_named_with_the_version_to_adopt(office: Office) -> None:
    [pole, *_] = await office.world.poles()
    version = office.world.rulebook.rules.version
    await office.hear(pole, policy_version=version + 3, keys_version=1)
    assert f"claims-newer:{pole.id}" not in office.world.alarms.standing
    await office.wait(pole)
    assert f"phiên bản từ {version + 4}" in office.world.alarms.standing[f"claims-newer:{pole.id}"].text_vi


async def test_one_document_that_cannot_be_used_stops_neither_an_older_one_nor_the_keys(office: Office) -> None:
    first, second, third = await office.world.poles()
    version = office.world.rulebook.rules.version
    odd = office.seal(
        document_of(newer(office, version + 5, windows=())), "policy"
    )  # poles take it, no pack is like it
    await office.hear(first, policy_version=version + 5, newer_policy=odd)
    alarm = office.world.alarms.standing["policy-unusable"]
    assert f"phiên bản từ {version + 6}" in alarm.text_vi
    assert office.world.rulebook.rules.version == version
    good = newer(office, version + 1)
    await office.hear(second, policy_version=version + 1, newer_policy=office.seal(document_of(good), "policy"))
    assert office.world.rulebook.rules == good
    await office.hear(third, keys_version=5, newer_keys=office.seal(listed(5), "keys"))
    assert office.renewed == [6]
    await office.wait(first, second, third)
    assert f"claims-newer:{first.id}" in office.world.alarms.standing, "and what nobody can take back is told as ever"
    await office.hear(first, policy_version=version + 1, newer_policy=None)
    assert "policy-unusable" not in office.world.alarms.standing
