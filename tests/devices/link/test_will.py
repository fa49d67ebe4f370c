"""Birth and will: who is told what, when a pole comes, goes, dies, or is taken for another."""

import asyncio
import os
import signal
from itertools import repeat
from pathlib import Path

from devices.broker import BrokerChild, BrokerKind
from devices.link import BrokerAddress
from devices.model import SiteId
from tests.brokers import require_mosquitto
from tests.devices.links import Ear, Pole, never_again, running, until


async def retained(address: BrokerAddress, site: SiteId) -> list[bytes]:
    """What a newcomer is told."""
    ear = Ear(address, f"{site}-newcomer", f"{site}/state")
    async with running(ear.link):
        await until(lambda: ear.heard)
    return ear.payloads()


async def test_a_power_cut_lets_the_will_speak_and_it_names_the_session_that_ended(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    watch, pole = Ear(any_broker, f"{site}-watch", f"{site}/#"), Pole(any_broker, site)
    async with running(watch.link), running(pole.link):
        await watch.until_heard(b"online 1")
        pole.link.die()
        await watch.until_heard(b"offline 1")
    assert watch.payloads() == [b"online 1", b"offline 1"]
    assert await retained(any_broker, site) == [b"offline 1"]


async def test_run_ends_when_the_link_dies(any_broker: BrokerAddress, site: SiteId) -> None:
    pole = Pole(any_broker, site)
    task = asyncio.create_task(pole.link.run())
    await pole.link.wait_up()
    pole.link.die()
    async with asyncio.timeout(5):
        await task
    assert not pole.link.is_up


async def test_a_goodbye_silences_the_will(any_broker: BrokerAddress, site: SiteId) -> None:
    watch, pole = Ear(any_broker, f"{site}-watch", f"{site}/#"), Pole(any_broker, site)
    async with running(watch.link):
        async with running(pole.link):
            pass
        await asyncio.sleep(0.3)
        assert watch.payloads() == [b"online 1"]


async def test_each_connection_has_a_birth_and_a_will_of_its_own(any_broker: BrokerAddress, site: SiteId) -> None:
    watch, pole = Ear(any_broker, f"{site}-watch", f"{site}/#"), Pole(any_broker, site)
    async with running(watch.link), running(pole.link):
        pole.link.drop()
        await watch.until_heard(b"online 2")
        pole.link.drop()
        await watch.until_heard(b"online 3")
        await watch.until_heard(b"offline 2")
    births = [each for each in watch.payloads() if each.startswith(b"online")]
    assert births == [b"online 1", b"online 2", b"online 3"]


async def test_no_flap_when_the_pole_is_back_within_the_delay_of_its_will(
    mosquitto_broker: BrokerAddress, site: SiteId
) -> None:
    watch = Ear(mosquitto_broker, f"{site}-watch", f"{site}/#")
    pole = Pole(mosquitto_broker, site, delay_s=2, clean_start=False)
    async with running(watch.link), running(pole.link):
        pole.link.drop()
        await watch.until_heard(b"online 2")
        await asyncio.sleep(3.2)
        assert watch.payloads() == [b"online 1", b"online 2"]
        assert await retained(mosquitto_broker, site) == [b"online 2"]


async def test_the_delayed_will_speaks_when_the_pole_stays_away(mosquitto_broker: BrokerAddress, site: SiteId) -> None:
    watch = Ear(mosquitto_broker, f"{site}-watch", f"{site}/#")
    pole = Pole(mosquitto_broker, site, delay_s=1, clean_start=False)
    async with running(watch.link), running(pole.link):
        await watch.until_heard(b"online 1")
        pole.link.die()
        await asyncio.sleep(0.3)
        assert watch.payloads() == [b"online 1"]
        await watch.until_heard(b"offline 1")


async def test_after_a_takeover_the_old_will_cannot_be_mistaken_for_the_new_session(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    """Two programs with one id: the will of the first, if it speaks, names a session that is not the present one."""
    watch = Ear(any_broker, f"{site}-watch", f"{site}/#")
    first = Pole(any_broker, site, name="first-", waits=never_again)
    second = Pole(any_broker, site, name="second-")
    async with running(watch.link), running(first.link):
        await watch.until_heard(b"online first-1")
        async with running(second.link):
            await watch.until_heard(b"online second-1")
            await until(lambda: not first.link.is_up)
            await asyncio.sleep(0.3)
            assert second.link.is_up
            # rumqttd speaks the newcomer's will in place of the old one's, but before the birth, which corrects it
            after_birth = watch.payloads()[watch.payloads().index(b"online second-1") :]
            assert b"offline second-1" not in after_birth


async def test_a_broker_killed_and_restarted_hears_every_birth_again(tmp_path: Path, site: SiteId) -> None:
    require_mosquitto()
    await births_after_a_kill(tmp_path, site, BrokerKind.MOSQUITTO)


async def test_the_broker_from_the_wheel_killed_and_restarted_hears_every_birth_again(
    tmp_path: Path, site: SiteId
) -> None:
    await births_after_a_kill(tmp_path, site, BrokerKind.IOTCORE)


async def births_after_a_kill(folder: Path, site: SiteId, kind: BrokerKind) -> None:
    async with BrokerChild(folder, site=site, kind=kind, port=0, restart_waits=lambda: repeat(0.1)) as broker:
        watch, pole = Ear(broker.address, f"{site}-watch", f"{site}/#"), Pole(broker.address, site, delay_s=5)
        async with running(watch.link, pole.link):
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGKILL)
            await until(lambda: watch.link.connects >= 2 and pole.link.connects >= 2)
            await until(lambda: watch.link.is_up and pole.link.is_up)
            await until(lambda: watch.payloads()[-1:] == [f"online {pole.sid}".encode()])
            assert await retained(broker.address, site) == [f"online {pole.sid}".encode()]
