"""Việc làm bên cạnh: what the command line did in the data folder holds in the running gateway within seconds."""

from dataclasses import replace
from pathlib import Path

import pytest

from devices.clock import ManualClock, instant
from devices.clusters import Keyring, create_keyring, load_keyring
from devices.model import ClusterId, SiteId
from gateway.main.beside import LOOK_EVERY_S, Beside
from gateway.ports.records import AuditNote, ClusterIdentity
from gateway.store.opening import Store, open_store

NOW_MS = 1_791_400_000_000
NOTE = AuditNote(actor="system", action="enrol.done", subject="test", at=instant(NOW_MS))
POLE = ClusterIdentity(
    cluster=ClusterId("kp1-01"), kid="dev-1", public_key="k" * 43, broker_password_hash="", enrolled_at=instant(NOW_MS)
)


class Office:
    """The data folder, and what the gateway was told of it."""

    def __init__(self, store: Store, keys: Path) -> None:
        self.store, self.keys = store, keys
        self.rolls = 0
        self.rings: list[Keyring] = []
        self.beside = Beside(
            enrolments=store.enrolments,
            keys=keys,
            version=create_keyring(keys, SiteId("phuong"), pin="12345678", now_ms=NOW_MS).version,
            roll_changed=self._roll,
            keys_changed=self._ring,
            clock=ManualClock(NOW_MS),
        )

    async def _ring(self, ring: Keyring) -> None:
        self.rings.append(ring)

    async def _roll(self) -> None:
        self.rolls += 1


@pytest.fixture
def office(tmp_path: Path):  # type: ignore[no-untyped-def]
    with open_store(tmp_path / "data", now=instant(NOW_MS)) as store:
        yield Office(store, tmp_path / "keys")


async def test_a_pole_revoked_beside_the_gateway_is_followed_once(office: Office) -> None:
    await office.store.enrolments.save_identity(POLE, note=NOTE)
    await office.beside.load()
    await office.beside.look()
    assert office.rolls == 0
    await office.store.enrolments.save_identity(replace(POLE, revoked_at=instant(NOW_MS)), note=NOTE)
    await office.beside.look()
    await office.beside.look()
    assert (office.rolls, LOOK_EVERY_S <= 10) == (1, True)


async def test_a_new_gateway_key_is_used_without_a_restart(office: Office) -> None:
    await office.beside.load()
    await office.beside.look()
    assert office.rings == []
    load_keyring(office.keys).rotate_gateway(now_ms=NOW_MS)
    await office.beside.look()
    await office.beside.look()
    assert [ring.gateway().kid for ring in office.rings] == ["gw-2"]


async def test_what_could_not_be_followed_is_tried_again(office: Office) -> None:
    await office.beside.load()
    await office.store.enrolments.save_identity(POLE, note=NOTE)
    working, office.beside._roll_changed = office.beside._roll_changed, _fails
    with pytest.raises(OSError, match="broker"):
        await office.beside.look()
    office.beside._roll_changed = working
    await office.beside.look()
    assert office.rolls == 1


async def _fails() -> None:
    raise OSError("the broker's account file cannot be written")
