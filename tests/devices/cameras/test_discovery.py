"""Searching: by multicast, by asking single addresses, and by a sweep of what was entered; and nobody is believed."""

import asyncio
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.cameras.addresses import Policy
from devices.cameras.discovery import multicast, unicast
from devices.cameras.driver import CameraDriver
from devices.cameras.matches import read_matches
from devices.cameras.sweep import A_SECOND, _Steps, addresses, private, sweep
from devices.clock import ManualClock, SystemClock
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.discovery import Discovery
from simulators.cameras.faults import Fault
from simulators.cameras.probe import Speaker
from simulators.cameras.spec import make_spec
from tests.devices.cameras.conftest import Broken

CLOCK = SystemClock()


async def test_cameras_are_found_by_multicast_on_ipv4(broken: Broken) -> None:
    camera = await broken()
    async with Discovery([camera], port=0, interfaces=["127.0.0.1"]) as responder:
        (found,) = await multicast(CLOCK, seconds=1.2, interfaces=["lo"], port=responder.port)
    assert (found.host, found.port, found.path) == ("127.0.0.1", camera.port, "/onvif/device_service")
    assert (found.uuid, found.by, found.instance) == (str(camera.spec.uuid), "multicast", 1)
    assert (found.name, found.xaddr_mismatch) == (camera.spec.maker, False)
    assert responder.heard >= 3


async def test_single_addresses_are_asked_behind_routers(broken: Broken) -> None:
    camera = await broken()
    async with Discovery([camera], port=0) as responder:
        hosts = ["127.0.0.1", "127.0.0.77", "khong-co.invalid"]
        found = await unicast(CLOCK, hosts, seconds=1.0, port=responder.port)
    assert [(each.host, each.by) for each in found] == [("127.0.0.1", "unicast")]


async def test_ipv6_is_asked_too() -> None:
    async with (
        SimulatedCamera(make_spec("cam-6"), [Fault.IPV6_ONLY]) as camera,
        Discovery([camera], port=0) as responder,
    ):
        (found,) = await unicast(CLOCK, ["::1"], seconds=1.0, port=responder.port)
    assert (found.host, found.port, found.uuid) == ("::1", camera.port, str(camera.spec.uuid))


async def test_where_a_camera_is_its_packets_say_and_not_its_words(broken: Broken) -> None:
    camera = await broken(Fault.XADDR_FOREIGN)
    async with Discovery([camera], port=0) as responder:
        (found,) = await unicast(CLOCK, ["127.0.0.1"], seconds=1.0, port=responder.port)
    assert (found.host, found.xaddr_mismatch) == ("127.0.0.1", True)
    assert found.said == (f"http://{camera.state.elsewhere}/onvif/device_service",)


async def test_a_sweep_finds_onvif_and_only_that(broken: Broken) -> None:
    cameras = [await broken(), await broken(Fault.TIME_NEEDS_LOGIN)]
    other = await broken(Fault.LOGIN_PAGE)
    ports = [each.port for each in cameras]
    policy = Policy(allow_local=True)
    for port in ports:
        (found,) = await sweep(["127.0.0.1", "127.0.0.99"], CLOCK, policy=policy, ports=[port])
        assert (found.host, found.port, found.by) == ("127.0.0.1", port, "sweep")
    assert await sweep(["127.0.0.1"], CLOCK, policy=policy, ports=[other.port]) == ()
    assert await sweep(["127.0.0.1"], CLOCK, policy=Policy(), ports=ports) == (), "this machine is no camera"


async def test_a_sweep_begins_so_many_connections_a_second_and_no_more() -> None:
    """A steady clock that only sleeps move: what the steps ask for is what passes."""
    clock = ManualClock(0)
    steps = _Steps(clock, A_SECOND)
    running = asyncio.gather(*(steps.step() for _ in range(A_SECOND + 1)))
    await asyncio.sleep(0)
    await clock.advance(0.99)
    assert not running.done()
    await clock.advance(0.02)
    await asyncio.wait_for(running, 5)


def test_only_private_networks_are_swept_by_name() -> None:
    assert private(["192.168.1.0/30", "127.0.0.1"]) == ("192.168.1.1", "192.168.1.2", "127.0.0.1")
    for public in ("8.8.8.8", "192.168.1.1-192.169.0.1", "2001:4860::/127", "100.64.0.0/30"):
        with pytest.raises(ValueError, match=r"private|large"):
            private([public])


async def test_many_addresses_are_asked_in_bursts_and_all_of_them(broken: Broken) -> None:
    camera = await broken()
    async with Discovery([camera], port=0, interfaces=["127.0.0.1"]) as responder:
        hosts = [*addresses(["127.0.9.1-127.0.9.200"]), "127.0.0.1"]
        (found,) = await unicast(CLOCK, hosts, seconds=1.0, port=responder.port)
    assert (found.host, found.by) == ("127.0.0.1", "unicast")


async def test_the_driver_shows_each_camera_once_and_not_this_machine(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    async with Discovery([camera], port=0, interfaces=["127.0.0.1"]) as responder:
        found, strict = await asyncio.gather(
            driver.discover(seconds=1.0, interfaces=["lo"], hosts=["127.0.0.1"], port=responder.port),
            CameraDriver().discover(seconds=1.0, interfaces=["lo"], hosts=["127.0.0.1"], port=responder.port),
        )
    assert [each.uuid for each in found] == [str(camera.spec.uuid)]
    assert strict == ()


def packet(xaddrs: str, scopes: str = "", uuid: str = f"urn:uuid:{UUID(int=7)}") -> bytes:
    d, a = "http://schemas.xmlsoap.org/ws/2005/04/discovery", "http://schemas.xmlsoap.org/ws/2004/08/addressing"
    return (
        f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:d="{d}" xmlns:a="{a}"><e:Header/>'
        f"<e:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>{uuid}</a:Address>"
        f"</a:EndpointReference><d:Types>dn:X</d:Types><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{xaddrs}</d:XAddrs>"
        "</d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
    ).encode()


def test_of_several_addresses_its_own_is_taken() -> None:
    said = "http://192.168.1.64/onvif/x http://10.0.0.5:8080/onvif/y https://10.0.0.5/onvif/z"
    (found,) = read_matches(packet(said), "10.0.0.5", by="multicast")
    assert (found.host, found.port, found.path, found.tls) == ("10.0.0.5", 8080, "/onvif/y", False)
    (other,) = read_matches(packet("not an address"), "10.0.0.5", by="multicast")
    assert (other.host, other.port, other.xaddr_mismatch) == ("10.0.0.5", 80, True)


def test_names_are_read_from_scopes_and_cleaned() -> None:
    scopes = "onvif://www.onvif.org/name/Dahua%0AX onvif://www.onvif.org/hardware/IPC-HFW"
    (found,) = read_matches(packet("", scopes), "10.0.0.5", by="multicast")
    assert (found.name, found.model) == ("Dahua X", "IPC-HFW")


def test_a_hello_is_read_as_well() -> None:
    camera = SimulatedCamera(make_spec("cam-chao"))
    (found,) = read_matches(Speaker(camera.state).hello(), "127.0.0.1", by="hello")
    assert (found.uuid, found.instance) == (str(camera.spec.uuid), 1)


@given(st.one_of(st.binary(max_size=500), st.text(max_size=200).map(lambda text: packet("x", text))))
def test_whatever_comes_nothing_is_raised_and_the_host_is_the_senders(data: bytes) -> None:
    assert all(each.host == "10.0.0.5" for each in read_matches(data, "10.0.0.5", by="multicast"))


def test_bombs_and_floods_are_dropped() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + packet("http://10.0.0.5/&b;")
    assert read_matches(bomb, "10.0.0.5", by="multicast") == ()
    assert read_matches(packet("x" * 70_000), "10.0.0.5", by="multicast") == ()
