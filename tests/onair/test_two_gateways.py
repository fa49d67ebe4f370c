"""Somebody copies the data of a gateway and runs both on one broker: one stands by, aloud, until it is alone."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.broker import BrokerKind
from gateway.domain.errors import WrongState
from gateway.domain.people import Role
from gateway.domain.targets import EVERYWHERE
from gateway.main.gateway import Gateway, open_gateway
from gateway.services.charge import ALARM
from gateway.services.emergency_message import Message
from gateway.services.passwords import Passwords
from gateway.settings import Settings, load_settings
from tests.brokers import require_mosquitto, running_broker
from tests.gateway.services.people import CHEAP
from tests.onair import office
from tests.onair.held import Held
from tests.onair.world import CLUSTERS, THURSDAY, World
from tests.ports import free_port


def settings_on(broker_url: str, data: Path) -> Settings:
    return load_settings(
        data=data,
        ward={"site": "phuong-thu", "name": "Phường thử", "timezone": "Asia/Ho_Chi_Minh", "policy": "default"},
        http={"host": "127.0.0.1", "port": free_port()},
        broker={"mode": "external", "url": broker_url},
        speech={"phrases": False},
    )


class Office(World):
    """A ward on somebody else's broker, and a second gateway over a copy of its data."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.url = url
        self.settings = settings_on(url, folder / "data")
        self._copy: Held[Gateway] | None = None
        self.copy: Gateway

    async def copy_data(self) -> None:
        """As a card is cloned: nothing is told to the copy."""
        await self.stop_gateway()
        await asyncio.to_thread(shutil.copytree, self.settings.data, self.folder / "copy")
        await self.start_gateway()

    async def start_copy(self) -> None:
        self._copy = Held(
            open_gateway(settings_on(self.url, self.folder / "copy"), self.clock, passwords=Passwords(CHEAP))
        )
        self.copy = await self._copy.opened()
        await self.until(lambda: self.copy.driver.connected, "the copy has no broker")

    async def stop_copy(self) -> None:
        held, self._copy = self._copy, None
        if held is not None:
            await held.close()


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Office]:
    require_mosquitto()
    with running_broker(tmp_path / "broker", BrokerKind.MOSQUITTO) as address:
        office_ = Office(tmp_path, f"mqtt://{address.host}:{address.port}")
        async with office_.open():
            try:
                yield office_
            finally:
                await office_.stop_copy()


async def test_the_copy_stands_by_says_so_orders_nothing_and_takes_over_when_it_is_alone(ward: Office) -> None:
    bulletin = await office.weekly_news(ward.gateway, ward.staff, first=THURSDAY.date())
    await ward.ready()
    await ward.copy_data()
    await ward.until(lambda: ward.gateway.parts.charge.leads, "nobody is in charge")
    await ward.start_copy()
    first, copy = ward.gateway.parts, ward.copy.parts
    await ward.until(lambda: ALARM in first.alarms.standing and ALARM in copy.alarms.standing, "nobody says so")
    assert (first.charge.leads, copy.charge.leads) == (True, False)
    assert "ĐANG ĐỨNG CHỜ" in copy.alarms.standing[ALARM].text_vi
    assert "ĐANG ĐIỀU KHIỂN" in first.alarms.standing[ALARM].text_vi
    for parts in (first, copy):  # both run on a machine of one name
        said = parts.alarms.standing[ALARM]
        for words in (str(ward.folder / "copy"), str(ward.settings.data), "127.0.0.1"):
            assert words in said.text_vi
            assert words in said.text_en
    assert not first.health.report().ok
    assert not copy.health.report().ok

    # Nobody throws anybody out, and who stands by gives no orders.
    await ward.pass_s(20)
    assert ward.gateway.driver.connected
    assert ward.copy.driver.connected
    operator = ward.staff[Role.OPERATOR]
    with pytest.raises(WrongState, match="stands by"):
        await copy.commands.stop(EVERYWHERE, by=operator)
    with pytest.raises(WrongState, match="stands by"):
        await copy.emergency.start(Message(text="Lũ về"), EVERYWHERE, pin=ward.pin, by=operator)
    with pytest.raises(WrongState, match="stands by"):
        await copy.broadcast_now.play_bulletins([bulletin.id], EVERYWHERE, by=operator)
    assert [row.jti for row in await ward.copy.store.issues.commands(since=THURSDAY)] == []
    await copy.readiness.look()
    assert set(copy.alarms.standing) == {ALARM}, "who stands by judges no play that it is not in charge of"

    # What was ordered on the other machine is no stranger's voice here.
    await first.broadcast_now.play_bulletins([bulletin.id], EVERYWHERE, by=operator)
    await ward.until(lambda: any(copy.monitor.get(c).playing for c in CLUSTERS), "nothing sounds")
    await ward.pass_s(10)
    await first.commands.stop(EVERYWHERE, by=operator)
    assert set(copy.alarms.standing) == {ALARM}

    # 05:30 comes: every pole plays once, and the books of who is in charge say so.
    occ = ward.next_occ
    plays = await ward.settled(occ)
    assert len(plays) == len(CLUSTERS)
    assert set((await ward.starts()).values()) == {1}
    assert await ward.lies() == []
    assert set(copy.alarms.standing) == {ALARM}

    # The first one is switched off: the copy takes over by itself, and poles take its plans.
    await ward.stop_gateway()
    await ward.until(lambda: copy.charge.leads, "the copy never took over")
    await ward.until(
        lambda: all(copy.plans.last(c) and copy.plans.accepted(c) == copy.plans.last(c).seq for c in CLUSTERS),  # type: ignore[union-attr] - asked just before
        "the poles do not take the plans of who took over",
    )
    assert ALARM not in copy.alarms.standing
    await copy.commands.stop(EVERYWHERE, by=operator)

    # The old one comes back: now it is the one that stands by.
    await ward.start_gateway()
    await ward.until(lambda: ALARM in ward.alarms, "the one that came back says nothing")
    assert (ward.gateway.parts.charge.leads, copy.charge.leads) == (False, True)


async def test_the_kill_switch_works_from_both(ward: Office) -> None:
    await ward.copy_data()
    await ward.start_copy()
    await ward.until(lambda: ALARM in ward.alarms, "nobody says so")
    operator = ward.staff[Role.OPERATOR]
    live = ward.gateway.parts.monitor.get

    for _ in range(2):
        await ward.copy.parts.silence.engage(by=operator, reason="loa hú")
        await ward.until(lambda: all(live(c).silent for c in CLUSTERS), "the copy could not silence the ward")
        said = ward.copy.parts.silences.newest_seq
        await ward.until(lambda: ward.gateway.parts.charge.risen_to >= said, "who is in charge was not told")  # noqa: B023
        await ward.gateway.parts.silence.engage(by=operator, reason="nhìn thấy")
        await ward.gateway.parts.silence.rearm(by=operator, reason="xong")
        await ward.until(lambda: not any(live(c).silent for c in CLUSTERS), "the ward could not be freed again")
