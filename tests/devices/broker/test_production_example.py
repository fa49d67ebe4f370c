"""configs/mosquitto as its README says to use it: mutual TLS, the certificate's name is the account."""

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.agent.identity import Identity
from devices.agent.run import main
from devices.agent.wiring import broker_link
from devices.broker.config import mosquitto_acl
from devices.broker.probe import answers
from devices.errors import LinkRefused
from devices.link import MAX_PACKET_BYTES, BrokerAddress, TlsFiles
from devices.model import ClusterId, SiteId
from devices.seal import SigningKey
from devices.wire.documents import KeyRole
from devices.wire.topics import Topics, Up
from tests.brokers import require_mosquitto
from tests.devices.links import Ear, running, talker, until

EXAMPLE = Path(__file__).parents[3] / "configs" / "mosquitto"
SITE = SiteId("ten-phuong")
TOPICS = Topics(SITE)
POLE, STOLEN = ClusterId("kp3-02"), ClusterId("kp3-03")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        if os.environ.get("CI"):
            pytest.fail("openssl is not installed, and CI must prove the certificates' recipe")
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificates")
    for arguments in (
        ["authority"],
        ["broker", "localhost", "127.0.0.1"],
        ["client", "gateway"],
        ["client", POLE],
        ["client", STOLEN],
        ["revoke", STOLEN],
    ):
        made = certificates_sh(folder, *arguments)
        assert made.returncode == 0, made.stderr
    return folder


def certificates_sh(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [EXAMPLE / "certificates.sh", *arguments],
        env={**os.environ, "CERTIFICATES": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@asynccontextmanager
async def production_broker(folder: Path, certificates: Path) -> AsyncIterator[int]:
    require_mosquitto()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    conf = (EXAMPLE / "mosquitto.conf").read_text(encoding="utf-8")
    conf = conf.replace("listener 8883", f"listener {port} 127.0.0.1")
    conf = conf.replace("/etc/mosquitto/loa/certificates", str(certificates))
    conf = conf.replace("/etc/mosquitto/loa/acl", str(EXAMPLE / "acl"))
    conf = conf.replace("/var/lib/mosquitto/", f"{folder}/")
    (folder / "mosquitto.conf").write_text(f"{conf}\nuser {getpass.getuser()}\n", encoding="utf-8")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    with (folder / "log").open("wb") as log:
        broker = await asyncio.create_subprocess_exec(
            program, "-c", str(folder / "mosquitto.conf"), stdout=log, stderr=log
        )
    try:
        yield port
    finally:
        assert broker.returncode is None, (folder / "log").read_text()
        broker.terminate()
        await broker.wait()


def tls(certificates: Path, name: str) -> TlsFiles:
    return TlsFiles(certificates / "ca.pem", certificates / f"{name}.pem", certificates / f"{name}.key")


async def test_a_cluster_with_its_certificate_may_do_its_part_and_no_more(tmp_path: Path, certificates: Path) -> None:
    async with production_broker(tmp_path, certificates) as port:
        gateway = Ear(BrokerAddress("127.0.0.1", port, tls=tls(certificates, "gateway")), "gw", f"loa/v1/{SITE}/#")
        pole = Ear(BrokerAddress("localhost", port, tls=tls(certificates, POLE)), "any-id", TOPICS.command(POLE), "#")
        async with running(gateway.link, pole.link):
            await pole.link.publish(TOPICS.up(POLE, Up.STATE), b"online")
            await gateway.until_heard(b"online")
            for topic in (TOPICS.up(STOLEN, Up.STATE), TOPICS.command(POLE), TOPICS.emergency):
                with pytest.raises(LinkRefused):
                    await pole.link.publish(topic, b"forged")
            big = b"x" * (MAX_PACKET_BYTES - 200)  # many TLS records
            await gateway.link.publish(TOPICS.command(STOLEN), b"not yours")
            await asyncio.gather(*(gateway.link.publish(TOPICS.command(POLE), b"%d" % n + big) for n in range(9)))
            await pole.until_heard(*(b"%d" % n + big for n in range(9)))
        assert b"forged" not in gateway.payloads()
        assert b"not yours" not in pole.payloads()


async def test_a_pole_is_let_in_by_the_certificate_it_was_started_with(tmp_path: Path, certificates: Path) -> None:
    root = SigningKey.generate("root-1", KeyRole.ROOT)
    key = SigningKey.generate(POLE, KeyRole.DEVICE)

    async def nothing(_message: object = None) -> None:
        """Hear nothing."""

    async with production_broker(tmp_path, certificates) as port:
        identity = Identity(
            site=SITE,
            cluster=POLE,
            zones=(),
            root=root.entry,
            keys="",
            key=key,
            broker_host="localhost",
            broker_port=port,
            broker_tls=True,
        )
        link = broker_link(identity, files=tls(certificates, POLE))(
            client_id=POLE, subscriptions=(), will=lambda: None, on_up=nothing, on_message=nothing
        )
        gateway = Ear(
            BrokerAddress("127.0.0.1", port, tls=tls(certificates, "gateway")), "gw", TOPICS.up(POLE, Up.STATE)
        )
        async with running(gateway.link, link):
            await link.publish(TOPICS.up(POLE, Up.STATE), b"here")
            await gateway.until_heard(b"here")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("kp3-02.pem", None), "đi cùng nhau"),
        ((None, "kp3-02.key"), "đi cùng nhau"),
        (("kp3-02.pem", "gateway.key"), "không dùng được chứng thư"),
        (("nowhere.pem", "kp3-02.key"), "nowhere.pem"),
    ],
)
def test_certificates_that_cannot_be_used_are_said_before_anything_is_asked(
    tmp_path: Path,
    certificates: Path,
    capsys: pytest.CaptureFixture[str],
    given: tuple[str | None, str | None],
    words: str,
) -> None:
    options = ["--data", str(tmp_path), "--ca", str(certificates / "ca.pem")]
    for option, name in zip(("--certificate", "--key"), given, strict=True):
        options += [option, str(certificates / name)] if name else []
    assert main(options) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("who", ["nobody", "a stranger", "a stolen cluster"])
async def test_whoever_has_no_valid_certificate_does_not_get_in(
    tmp_path: Path, certificates: Path, tmp_path_factory: pytest.TempPathFactory, who: str
) -> None:
    files = TlsFiles(certificates / "ca.pem")
    if who == "a stolen cluster":
        files = tls(certificates, STOLEN)
    elif who == "a stranger":
        strange = tmp_path_factory.mktemp("strange")
        for arguments in (["authority"], ["client", POLE]):
            assert certificates_sh(strange, *arguments).returncode == 0
        files = TlsFiles(certificates / "ca.pem", strange / f"{POLE}.pem", strange / f"{POLE}.key")
    async with production_broker(tmp_path, certificates) as port:
        good = talker(BrokerAddress("127.0.0.1", port, tls=tls(certificates, POLE)), POLE)
        async with running(good):
            link = talker(BrokerAddress("127.0.0.1", port, tls=files), "x")
            async with running(link, until_up=False):
                await until(lambda: link.why_down not in {"not started", "Connection refused"})
                await asyncio.sleep(0.3)
                assert link.connects == 0
            assert good.connects == 1


async def test_a_broker_the_authority_did_not_sign_is_not_trusted(
    tmp_path: Path, certificates: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    strange = tmp_path_factory.mktemp("strange")
    assert certificates_sh(strange, "authority").returncode == 0
    ours = tls(certificates, POLE)
    async with production_broker(tmp_path, certificates) as port:
        good = talker(BrokerAddress("127.0.0.1", port, tls=ours), POLE)
        address = BrokerAddress("127.0.0.1", port, tls=TlsFiles(strange / "ca.pem", ours.certificate, ours.key))
        link = talker(address, "x")
        async with running(good), running(link, until_up=False):
            await until(lambda: "certificate verify failed" in link.why_down, link.why_down)


async def test_a_broker_is_not_mistaken_for_another_of_the_same_authority(tmp_path: Path, certificates: Path) -> None:
    async with production_broker(tmp_path, certificates) as port:
        good = talker(BrokerAddress("127.0.0.1", port, tls=tls(certificates, POLE)), POLE)
        link = talker(BrokerAddress("127.0.0.2", port, tls=tls(certificates, POLE)), "x")
        async with running(good), running(link, until_up=False):
            await until(lambda: link.why_down != "not started")
            assert not link.is_up


def test_the_access_list_is_the_one_the_contract_gives() -> None:
    example = (EXAMPLE / "acl").read_text(encoding="utf-8")
    rules = "".join(line for line in example.splitlines(keepends=True) if not line.startswith("#"))
    assert rules == mosquitto_acl(SITE, gateway="gateway")


def test_the_largest_packet_is_the_one_the_link_knows() -> None:
    assert f"max_packet_size {MAX_PACKET_BYTES}\n" in (EXAMPLE / "mosquitto.conf").read_text(encoding="utf-8")


def test_an_authority_is_never_replaced_by_accident(certificates: Path) -> None:
    before = (certificates / "ca.key").read_bytes()
    assert certificates_sh(certificates, "authority").returncode == 1
    assert (certificates / "ca.key").read_bytes() == before


@pytest.mark.parametrize("name", ["", "broker", "ca", "../x", "KP3", "a b", "#"])
def test_a_name_that_is_no_cluster_gets_no_certificate(certificates: Path, name: str) -> None:
    assert certificates_sh(certificates, "client", name).returncode == 2


def test_keys_are_for_their_owner_only(certificates: Path) -> None:
    assert {each.name for each in certificates.glob("*.key") if each.stat().st_mode & 0o077} == set()


async def test_a_tls_listener_does_not_answer_a_plain_question(tmp_path: Path, certificates: Path) -> None:
    async with production_broker(tmp_path, certificates) as port:
        good = talker(BrokerAddress("127.0.0.1", port, tls=tls(certificates, POLE)), POLE)
        async with running(good):
            assert not await answers("127.0.0.1", port)
