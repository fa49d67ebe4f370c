"""Who may do what on a managed Mosquitto: a cluster reads its orders, writes its reports, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from devices.broker import BrokerChild, BrokerKind, hash_password
from devices.broker.config import mosquitto_acl
from devices.errors import LinkRefused
from devices.link import BrokerAddress
from devices.model import ClusterId, SiteId, ZoneId
from devices.wire.topics import Topics, Up
from tests.brokers import require_mosquitto
from tests.devices.links import Ear, running, talker, until

SITE = SiteId("tan-thanh")
TOPICS = Topics(SITE)
MINE, OTHER = ClusterId("kp3-01"), ClusterId("kp3-02")


@asynccontextmanager
async def broker_with(folder: Path, *names: str) -> AsyncIterator[BrokerChild]:
    require_mosquitto()
    accounts = {name: hash_password(f"secret of {name}") for name in names}
    async with BrokerChild(folder, site=SITE, kind=BrokerKind.MOSQUITTO, port=0, accounts=accounts) as broker:
        yield broker


def account(broker: BrokerChild, name: str, password: str | None = None) -> BrokerAddress:
    return replace(broker.address, username=name, password=password or f"secret of {name}")


async def test_without_the_right_password_nobody_gets_in(tmp_path: Path) -> None:
    async with broker_with(tmp_path, "gateway", MINE) as broker:
        assert broker.enforces_accounts
        for address in (broker.address, account(broker, MINE, "guess"), account(broker, "nobody")):
            link = talker(address, "visitor")
            async with running(link, until_up=False):
                await until(lambda link=link: "refused" in link.why_down, link.why_down)
                assert not link.is_up


async def test_a_cluster_writes_its_own_reports(tmp_path: Path) -> None:
    async with broker_with(tmp_path, "gateway", MINE) as broker:
        gateway = Ear(account(broker, "gateway"), "gw", *TOPICS.gateway_filters())
        cluster = talker(account(broker, MINE), MINE)
        async with running(gateway.link, cluster):
            for kind in Up:
                await cluster.publish(TOPICS.up(MINE, kind), kind.encode())
            await gateway.until_heard(*(kind.encode() for kind in Up))


async def test_a_cluster_gives_no_orders_and_no_reports_of_others(tmp_path: Path) -> None:
    forbidden = [
        *(TOPICS.up(OTHER, kind) for kind in Up),
        TOPICS.command(MINE),
        TOPICS.command(OTHER),
        TOPICS.plan(MINE),
        TOPICS.config(MINE),
        TOPICS.zone_command(ZoneId("kp3")),
        TOPICS.all_command,
        TOPICS.emergency,
        TOPICS.silence,
        TOPICS.gateway_state,
        TOPICS.gateway_instance("forged"),
    ]
    async with broker_with(tmp_path, "gateway", MINE) as broker:
        gateway = Ear(account(broker, "gateway"), "gw", f"loa/v1/{SITE}/#")
        cluster = talker(account(broker, MINE), MINE)
        async with running(gateway.link, cluster):
            for topic in forbidden:
                with pytest.raises(LinkRefused):
                    await cluster.publish(topic, b"forged")
            await cluster.publish(TOPICS.up(MINE, Up.STATE), b"the last word")
            await gateway.until_heard(b"the last word")
        assert gateway.payloads() == [b"the last word"]


async def test_a_cluster_hears_its_own_orders_and_not_those_of_others(tmp_path: Path) -> None:
    async with broker_with(tmp_path, "gateway", MINE) as broker:
        mine = Ear(account(broker, MINE), MINE, *TOPICS.cluster_filters(MINE, (ZoneId("kp3"),)), "#")
        gateway = talker(account(broker, "gateway"), "gw")
        async with running(mine.link, gateway):
            for topic in (
                TOPICS.command(OTHER),
                TOPICS.plan(OTHER),
                TOPICS.config(OTHER),
                TOPICS.up(OTHER, Up.STATE),
                TOPICS.gateway_instance("a"),
            ):
                await gateway.publish(topic, b"not yours")
            heard = TOPICS.cluster_filters(MINE, (ZoneId("kp3"),))
            for topic in heard:
                await gateway.publish(topic, topic.encode())
            await mine.until_heard(*(topic.encode() for topic in heard))
        assert b"not yours" not in mine.payloads()


async def test_a_cluster_enrolled_later_gets_in_and_nobody_is_thrown_out(tmp_path: Path) -> None:
    async with broker_with(tmp_path, "gateway", MINE) as broker:
        gateway, mine, new = (talker(account(broker, name), name) for name in ("gateway", MINE, OTHER))
        async with running(gateway, mine), running(new, until_up=False):
            await until(lambda: "refused" in new.why_down)
            await broker.set_accounts({name: hash_password(f"secret of {name}") for name in ("gateway", MINE, OTHER)})
            async with asyncio.timeout(10):
                await new.wait_up()
            # the others may have been asked for their password again, and have it
            await until(lambda: gateway.is_up and mine.is_up)
            assert broker.restarts == 0


async def test_a_cluster_enrolled_while_the_broker_still_reads_of_the_one_before_gets_in_too(tmp_path: Path) -> None:
    crowd = dict.fromkeys((f"kp-{number}" for number in range(50_000)), hash_password("x"))
    everybody = {name: hash_password(f"secret of {name}") for name in ("gateway", MINE)}
    async with broker_with(tmp_path, "gateway") as broker:
        for wait_s in (0.03, 0.06, 0.09, 0.12):  # it looks up every tenth of a second, and then reads for a while
            await broker.set_accounts(crowd)
            await asyncio.sleep(wait_s)
            await broker.set_accounts(everybody)
            async with running(talker(account(broker, MINE), MINE)):
                assert broker.restarts == 0


async def test_a_cluster_that_is_removed_is_disconnected(tmp_path: Path) -> None:
    async with broker_with(tmp_path, "gateway", MINE) as broker:
        mine = talker(account(broker, MINE), MINE)
        async with running(mine):
            await broker.set_accounts({"gateway": hash_password("secret of gateway")})
            await until(lambda: "refused" in mine.why_down, mine.why_down)


async def test_an_open_broker_is_closed_by_its_first_accounts(tmp_path: Path) -> None:
    require_mosquitto()
    async with BrokerChild(tmp_path, site=SITE, kind=BrokerKind.MOSQUITTO, port=0) as broker:
        assert not broker.enforces_accounts
        stranger = talker(broker.address, "stranger")
        async with running(stranger):
            await broker.set_accounts({"gateway": hash_password("secret of gateway")})
            assert broker.enforces_accounts
            await until(lambda: "refused" in stranger.why_down, stranger.why_down)
            async with running(talker(account(broker, "gateway"), "gw")):
                pass


async def test_accounts_the_broker_could_not_read_change_nothing(tmp_path: Path) -> None:
    async with broker_with(tmp_path, "gateway") as broker:
        with pytest.raises(ValueError, match="account name"):
            await broker.set_accounts({"a:b": hash_password("x")})
        async with running(talker(account(broker, "gateway"), "gw")):
            pass


async def test_the_wheel_says_that_it_enforces_no_accounts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    accounts = {"gateway": hash_password("g")}
    async with BrokerChild(tmp_path, site=SITE, kind=BrokerKind.IOTCORE, port=0, accounts=accounts) as broker:
        assert not broker.enforces_accounts
    assert "knows no accounts" in caplog.text


def test_the_access_list_names_every_topic_of_the_contract() -> None:
    rules = mosquitto_acl(SITE, gateway="gateway").splitlines()
    everyone = rules[: rules.index("user gateway")]
    reads = {each.removeprefix("pattern read ") for each in everyone if each.startswith("pattern read ")}
    writes = {each.removeprefix("pattern write ") for each in everyone if each.startswith("pattern write ")}
    assert reads == set(TOPICS.cluster_filters(ClusterId("%u"), (ZoneId("+"),)))
    assert writes == {TOPICS.up(ClusterId("%u"), kind) for kind in Up}
    assert rules[rules.index("user gateway") :] == ["user gateway", f"topic readwrite loa/v1/{SITE}/#"]
