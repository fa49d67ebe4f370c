"""The first start of a ward: secrets once, keys for good, rules that ship."""

from pathlib import Path

import pytest

from devices.errors import SealBroken
from devices.model import SiteId
from gateway.domain.policy_pack import parse_policy
from gateway.main.founding import KEYS, found_keyring, read_pack
from gateway.settings import BadSettings

SITE = SiteId("tan-thanh")


def test_the_emergency_pin_is_shown_once(tmp_path: Path) -> None:
    ring, pin = found_keyring(tmp_path, SITE, now_ms=1)
    assert pin is not None
    assert pin.isdigit()
    assert ring.emergency(pin).kid == "em-1"
    again, shown_again = found_keyring(tmp_path, SITE, now_ms=2)
    assert shown_again is None
    assert again.entries == ring.entries


def test_keys_of_another_ward_are_not_used(tmp_path: Path) -> None:
    found_keyring(tmp_path, SITE, now_ms=1)
    with pytest.raises(BadSettings, match="tan-thanh"):
        found_keyring(tmp_path, SiteId("bac-son"), now_ms=2)


def test_damaged_keys_stop_the_start_and_stay(tmp_path: Path) -> None:
    found_keyring(tmp_path, SITE, now_ms=1)
    index = tmp_path / KEYS / "keys.json"
    index.write_text("{")
    with pytest.raises(SealBroken):
        found_keyring(tmp_path, SITE, now_ms=2)
    assert index.read_text() == "{"


@pytest.mark.parametrize("name", ["default", "ha-noi"])
def test_the_packs_that_ship_can_be_adopted_by_name(name: str) -> None:
    assert parse_policy(read_pack(name)).rules.version >= 1


def test_a_pack_of_ones_own_is_read_by_path(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('name = "mine"')
    assert read_pack(str(mine)) == {"name": "mine"}


@pytest.mark.parametrize("name", ["khong-co", "/khong/co.toml", "../default"])
def test_a_pack_that_does_not_exist_is_named_with_its_setting(name: str) -> None:
    with pytest.raises(BadSettings) as caught:
        read_pack(name)
    assert caught.value.problems[0][0] == "ward.policy"
