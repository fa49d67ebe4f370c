"""Simulated cameras can be found, say when they come and go, and lie about themselves when told to."""

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from simulators.cameras.discovery import GROUP, Discovery
from simulators.cameras.faults import Fault
from simulators.cameras.park import CameraPark, own_host
from simulators.cameras.ward import demo_cameras
from tests.simulators.cameras.probing import Listener, probe, resolve
from tests.simulators.cameras.test_peers import must_or_skip, run

SPECS = demo_cameras()[:3]
UUIDS = {str(spec.uuid) for spec in SPECS}
LOOPBACK = "127.0.0.1"


@contextlib.asynccontextmanager
async def asking() -> AsyncIterator[tuple[asyncio.DatagramTransport, Listener]]:
    loop = asyncio.get_running_loop()
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.setblocking(False)
    line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
    line.bind((LOOPBACK, 0))
    transport, listener = await loop.create_datagram_endpoint(Listener, sock=line)
    try:
        yield transport, listener
    finally:
        transport.close()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def overhearing(port: int) -> AsyncIterator[Listener]:
    """Listen in the multicast group, on loopback."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.setblocking(False)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.bind((GROUP, port))
    line.setsockopt(
        socket.IPPROTO_IP,
        socket.IP_ADD_MEMBERSHIP,
        struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(LOOPBACK)),
    )
    transport, listener = await asyncio.get_running_loop().create_datagram_endpoint(Listener, sock=line)
    try:
        yield listener
    finally:
        transport.close()
        await asyncio.sleep(0)


async def test_asked_directly_every_camera_answers_for_itself_from_its_own_address() -> None:
    async with CameraPark(SPECS, host_of=own_host) as park, Discovery(park, port=0) as found, asking() as (line, heard):
        for number, camera in enumerate(park):
            line.sendto(probe(), (camera.host, found.port))
            answers = await heard.until(lambda told, count=3 * (number + 1): len(told) >= count)
        assert {(answer.sender[0], answer.uuid, answer.of("XAddrs")) for answer in answers} == {
            (camera.host, str(camera.spec.uuid), camera.url) for camera in park
        }
        assert {answer.of("RelatesTo") for answer in answers} == {"urn:uuid:1"}


async def test_a_multicast_probe_finds_all_and_only_what_it_asks_for() -> None:
    async with CameraPark(SPECS) as park, Discovery(park, port=0, interfaces=[LOOPBACK]) as found:
        for question in (probe(), probe(types=""), probe(scopes="onvif://www.onvif.org/Profile")):
            async with asking() as (line, heard):
                line.sendto(question, (GROUP, found.port))
                answers = await heard.until(lambda told: len(told) >= 3)
                assert {answer.uuid for answer in answers} == UUIDS
        async with asking() as (line, heard):
            for question in (probe(types="x:Printer"), probe(scopes="onvif://www.onvif.org/Prof"), b"<not/>", b"\xff"):
                line.sendto(question, (GROUP, found.port))
            line.sendto(resolve(f"urn:uuid:{SPECS[1].uuid}"), (GROUP, found.port))
            await heard.until(bool)
            assert [(answer.action, answer.uuid) for answer in heard.heard] == [("ResolveMatches", str(SPECS[1].uuid))]


async def test_a_camera_without_power_or_off_the_net_does_not_answer() -> None:
    async with CameraPark(SPECS) as park, Discovery(park, port=0) as found, asking() as (line, heard):
        await park[SPECS[0].code].power_off()
        await park[SPECS[1].code].break_(Fault.SYN_DROP)
        line.sendto(probe(), (LOOPBACK, found.port))
        assert [answer.uuid for answer in await heard.until(bool)] == [str(SPECS[2].uuid)]


async def test_it_says_hello_and_bye_and_after_a_reboot_counts_on() -> None:
    async with CameraPark(SPECS[:1]) as park:
        async with Discovery(park, port=0) as first:
            port = first.port
        async with overhearing(port) as told:
            async with Discovery(park, port=port, interfaces=[LOOPBACK]):
                camera = park[SPECS[0].code]
                await camera.reboot()
                await camera.power_off()
                await camera.power_on()
                await camera.move("127.0.0.9")
            await told.until(lambda heard: len(heard) >= 6)
        assert [(one.action, one.boot) for one in told.heard] == [
            ("Hello", 1),
            ("Bye", 1),
            ("Hello", 2),
            ("Hello", 3),
            ("Hello", 3),
            ("Bye", 3),
        ]
        assert "127.0.0.9" in told.heard[4].of("XAddrs")
        assert [one.of("MetadataVersion") for one in told.heard[3:5]] == ["1", "2"]


async def test_identities_lie_as_they_are_told_to() -> None:
    async with CameraPark(SPECS) as park, Discovery(park, port=0) as found:

        async def names() -> list[str]:
            async with asking() as (line, heard):
                line.sendto(probe(), (LOOPBACK, found.port))
                return [answer.uuid for answer in await heard.until(lambda told: len(told) >= 3)]

        for camera in park:
            await camera.break_(Fault.SAME_UUID)
        assert len(set(await names())) == 1
        await park.mend()
        changing = park[SPECS[0].code]
        await changing.break_(Fault.UUID_AT_BOOT)
        before = set(await names())
        await changing.reboot()
        assert len(before - set(await names())) == 1


async def test_a_client_that_we_did_not_write_finds_them_over_multicast() -> None:
    """In a network of its own: WSDiscovery leaves loopback out, and no real network is to be troubled."""
    here = Path(__file__).parents[3]
    script = Path(__file__).parent / "peers" / "discovered.py"
    lay = (
        "ip link set lo up && ip link add v0 type veth peer name v1 && ip link set v1 up && ip link set v0 up"
        " && for n in 2 3 4; do ip addr add 10.77.0.$n/24 dev v0; done"
        " && ip -6 addr add fe80::77/64 dev v0 nodad && ip route add 224.0.0.0/4 dev v0"
    )
    try:
        trial = await asyncio.create_subprocess_exec("unshare", "-rn", "sh", "-c", lay, stderr=asyncio.subprocess.PIPE)
    except FileNotFoundError:
        must_or_skip("không có unshare (util-linux) / unshare is not installed")
    _, why = await trial.communicate()
    if trial.returncode:
        must_or_skip(f"không tạo được mạng riêng / cannot make a network namespace: {why.decode()}")
    go = f'{lay} && cd "$0" && PYTHONPATH=. exec "$1" "$2"'
    seen = await run("unshare", "-rn", "sh", "-c", go, here, sys.executable, script)
    assert seen["found"] == seen["true"], "two answer, the third has no open port"
    assert seen["printers"] == {}
    assert len(seen["over_6"]) == 2
    assert all(sender.startswith("fe80:") for sender in seen["over_6"])
