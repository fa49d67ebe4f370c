"""The ward's keys: made once, kept from others' eyes, changed without silencing anybody."""

import stat

import pytest

from devices.clusters import create_keyring, load_keyring
from devices.errors import SealBroken
from devices.model import SiteId
from devices.seal import Trust, seal_body, unseal
from devices.wire.base import parse
from devices.wire.commands import EmergencyEnd, Stop
from devices.wire.documents import KeyList, LocalWindow, PolicyDocument

SITE = SiteId("tan-thanh")


@pytest.fixture
def ring(tmp_path):
    return create_keyring(tmp_path / "keys", SITE, pin="123456", now_ms=1)


def test_key_files_are_read_by_their_owner_only(ring):
    for path in ring.folder.glob("*.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_keys_are_never_overwritten(ring):
    with pytest.raises(FileExistsError):
        create_keyring(ring.folder, SITE, pin="000000", now_ms=2)
    assert load_keyring(ring.folder).entries == ring.entries


def test_the_emergency_key_opens_with_its_pin_and_no_other(ring):
    assert ring.emergency("123456").kid == "em-1"
    for wrong in ("123457", "", "1234567"):
        with pytest.raises(SealBroken, match="wrong_pin"):
            ring.emergency(wrong)


def test_a_changed_pin_replaces_the_old_one(ring):
    ring.change_pin("123456", "654321")
    assert ring.emergency("654321").kid == "em-1"
    with pytest.raises(SealBroken, match="wrong_pin"):
        ring.emergency("123456")


def test_after_a_rotation_old_and_new_gateway_keys_hold_and_the_root_announces_both(ring):
    old = ring.gateway()
    new_ring = ring.rotate_gateway(now_ms=5)
    new = new_ring.gateway()
    assert new.kid != old.kid
    listed = parse(KeyList, unseal(new_ring.sealed_list.encode(), Trust.of([ring.root]), max_bytes=9999).envelope.body)
    assert listed.version == 2
    trust = Trust.of(listed.keys)
    for key in (old, new):
        token = seal_body(key, "stop", Stop(), iss="gateway:x", aud="all:tan-thanh", iat_ms=1)
        assert unseal(token, trust, max_bytes=9999).kid == key.kid
    third = new_ring.rotate_gateway(now_ms=6)
    assert old.kid not in third.trust.keys, "the key before the last one is no longer believed"


def test_only_the_root_key_may_announce_keys_or_policies(ring):
    policy = PolicyDocument(
        name="p", version=1, zone="Asia/Ho_Chi_Minh", windows=(LocalWindow(start="05:00", end="21:00"),)
    )
    sealed = ring.seal_policy(policy, now_ms=3)
    assert unseal(sealed.encode(), Trust.of([ring.root]), max_bytes=9999).typ == "policy"
    with pytest.raises(SealBroken, match="key_not_allowed"):
        seal_body(ring.gateway(), "policy", policy, iss="gateway:x", aud="all:tan-thanh", iat_ms=1)


def test_the_gateway_key_cannot_send_an_emergency(ring):
    with pytest.raises(SealBroken, match="key_not_allowed"):
        seal_body(ring.gateway(), "emergency_end", EmergencyEnd(em="x"), iss="gateway:x", aud="all:x", iat_ms=1)


def test_a_damaged_index_is_said_not_guessed(ring):
    (ring.folder / "keys.json").write_text("{")
    with pytest.raises(SealBroken, match="bad_keyring"):
        load_keyring(ring.folder)
