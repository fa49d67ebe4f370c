"""Every fault does what its line says: to the line, to HTTP, to the answer. What clients make of it is theirs."""

import ast
import asyncio
import contextlib
import inspect
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from lxml import etree

from devices.clock import SystemClock
from simulators.cameras import faults as faults_module
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.connection import Floor
from simulators.cameras.endpoint import Door, Endpoint
from simulators.cameras.faults import HARMLESS, Fault
from simulators.cameras.message import Answer
from simulators.cameras.pictures import Gallery
from simulators.cameras.spec import make_spec
from simulators.cameras.spoil import DEPTH, GZIP_INFLATES_TO, HUGE, spoil
from tests.simulators.cameras.asking import Said, ask, envelope, raw, right_token, token

INFO = "GetDeviceInformation"
STREAM = "<q:ProfileToken>profile_1</q:ProfileToken>"


@contextlib.asynccontextmanager
async def broken(gallery: Gallery, *faults: Fault) -> AsyncIterator[SimulatedCamera]:
    async with SimulatedCamera(make_spec("cam-hong", password="dung"), faults, gallery=gallery) as camera:
        yield camera


def parsed(said: Said) -> etree._Element:
    return etree.fromstring(said.body, etree.XMLParser(resolve_entities=False))


def test_every_fault_has_a_line_that_says_what_it_is() -> None:
    (kind,) = (
        node
        for node in ast.parse(inspect.getsource(faults_module)).body
        if isinstance(node, ast.ClassDef) and node.name == "Fault"
    )
    told = []
    for name, line in zip(kind.body, [*kind.body[1:], None], strict=True):
        if isinstance(name, ast.Assign):
            assert isinstance(line, ast.Expr), f"{ast.unparse(name)} says nothing about itself"
            assert isinstance(line.value, ast.Constant)
            told.append(line.value.value)
    assert len(told) == len(Fault) == len(set(told))
    assert set(Fault) > HARMLESS


def test_every_fault_stands_in_a_test() -> None:
    tests = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [fault for fault in Fault if f"Fault.{fault.name}" not in tests] == []


# -- network ---------------------------------------------------------------------------------------------------------


async def test_a_closed_port_refuses_and_opens_again_on_the_same_number(gallery: Gallery) -> None:
    async with broken(gallery, Fault.REFUSE) as camera:
        port = camera.port
        with pytest.raises(ConnectionRefusedError):
            await ask(camera, INFO)
        await camera.mend(Fault.REFUSE)
        assert camera.port == port
        assert (await ask(camera, "GetHostname")).status == 200


@pytest.mark.parametrize("fault", [Fault.SYN_DROP, Fault.HANG])
async def test_nothing_comes_from_a_hole_nor_from_a_camera_that_hangs(gallery: Gallery, fault: Fault) -> None:
    async with broken(gallery, fault) as camera:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await ask(camera, "GetSystemDateAndTime")
        assert camera.connections == (0 if fault is Fault.SYN_DROP else 1)
        await camera.mend()
        assert (await ask(camera, "GetSystemDateAndTime")).status == 200


async def test_a_reset_is_a_reset_and_no_orderly_end(gallery: Gallery) -> None:
    async with broken(gallery, Fault.RESET) as camera:
        with pytest.raises(ConnectionResetError):
            await ask(camera, INFO)


async def test_dripping_gives_a_byte_now_and_then_for_ever(gallery: Gallery) -> None:
    async with broken(gallery, Fault.DRIP) as camera:
        reader, writer = await asyncio.open_connection(camera.host, camera.port)
        body = envelope("tds", "GetHostname")
        writer.write(f"POST /onvif/device_service HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        got = await reader.read(100) + await reader.read(100)
        writer.close()
        await writer.wait_closed()
        assert got == b"HT"


@pytest.mark.parametrize(("fault", "delay_s"), [(Fault.SLOW_6S, 6.0), (Fault.SLOW_15S, 15.0)])
async def test_a_slow_camera_takes_its_time(gallery: Gallery, fault: Fault, delay_s: float) -> None:
    assert spoil(Answer(), {fault}, elsewhere="").delay_s == delay_s
    async with broken(gallery, fault) as camera:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await ask(camera, "GetHostname")
        assert camera.requests[-1].status == 200, "it would have answered"


async def test_a_delayed_answer_comes_whole(gallery: Gallery) -> None:
    late = Answer(body=b"xong", delay_s=0.2)
    floor = Floor(lambda _request: late)
    endpoint = Endpoint(floor, "127.0.0.1")
    await endpoint.set(Door.OPEN)
    began = time.monotonic()
    said = await raw("127.0.0.1", endpoint.port, "GET / HTTP/1.1\r\nConnection: close")
    assert said.body == b"xong"
    assert time.monotonic() - began >= 0.2
    await endpoint.close()


async def test_one_connection_at_a_time_makes_the_second_wait_for_the_first(gallery: Gallery) -> None:
    async with broken(gallery, Fault.ONE_CONNECTION) as camera:
        _, first = await asyncio.open_connection(camera.host, camera.port)
        second = asyncio.ensure_future(ask(camera, "GetHostname"))
        done, _ = await asyncio.wait([second], timeout=0.3)
        assert not done
        first.close()
        await first.wait_closed()
        assert (await second).status == 200


async def test_answers_may_end_with_the_connection_or_be_cut_in_a_chunk(gallery: Gallery) -> None:
    async with broken(gallery, Fault.NO_LENGTH) as camera:
        said = await ask(camera, "GetHostname")
        assert "content-length" not in said.headers
        assert parsed(said) is not None
    async with broken(gallery, Fault.CHUNKED_CUT) as camera:
        said = await ask(camera, "GetHostname")
        assert said.headers["transfer-encoding"] == "chunked"
        assert not said.body.endswith(b"0\r\n\r\n")


async def test_it_can_live_on_ipv6_alone(gallery: Gallery) -> None:
    async with broken(gallery, Fault.IPV6_ONLY) as camera:
        assert camera.url == f"http://[::1]:{camera.port}/onvif/device_service"
        assert "[::1]" in (await ask(camera, "GetCapabilities")).text("XAddr")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", camera.port)


async def test_certificates_are_its_own_or_expired_or_another(gallery: Gallery) -> None:
    async def shown(camera: SimulatedCamera) -> str:
        return await asyncio.to_thread(ssl.get_server_certificate, (camera.host, camera.port))

    async with broken(gallery, Fault.TLS_SELF_SIGNED) as camera:
        assert camera.url.startswith("https://")
        first = await shown(camera)
        await camera.reboot()
        assert await shown(camera) != ""
        key = _public_key(first)
        assert _public_key(await shown(camera)) == key, "its own key outlives a reboot"
        await camera.break_(Fault.TLS_CHANGED)
        assert _public_key(await shown(camera)) != key
    async with broken(gallery, Fault.TLS_EXPIRED) as camera:
        assert _ends(await shown(camera)) < time.time()
    async with broken(gallery, Fault.HTTP_XADDR_ON_TLS) as camera:
        reader, writer = await asyncio.open_connection(camera.host, camera.port, ssl=_trusting())
        body = envelope("tds", "GetCapabilities")
        writer.write(f"POST /onvif/device_service HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"Envelope>")
        writer.close()
        await writer.wait_closed()
        assert f"http://127.0.0.1:{camera.port}/".encode() in answer
        assert b"https://" not in answer


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _public_key(pem: str) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _ends(pem: str) -> float:
    from cryptography import x509

    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc.timestamp()


# -- HTTP, SOAP, logins ----------------------------------------------------------------------------------------------

WRONG = token("admin", "sai")


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        (Fault.AUTH_401_EMPTY, 401, b""),
        (Fault.AUTH_DIGEST_ONLY, 401, b"NotAuthorized"),
        (Fault.AUTH_400, 400, b"ter:NotAuthorized"),
        (Fault.AUTH_200, 200, b"ter:NotAuthorized"),
        (Fault.AUTH_500, 500, b"ter:NotAuthorized"),
        (Fault.AUTH_RECEIVER, 500, b"s:Receiver"),
        (Fault.LOCKED_OUT, 403, b"30 minutes"),
        (Fault.LOCKS_OUT, 401, b"4 attempt(s)"),
    ],
)
async def test_each_way_to_refuse_a_login(gallery: Gallery, fault: Fault, status: int, says: bytes) -> None:
    async with broken(gallery, fault) as camera:
        refused = await ask(camera, INFO, header=WRONG)
        assert refused.status == status
        assert says in refused.body
        assert ("www-authenticate" in refused.headers) is (fault in {Fault.AUTH_DIGEST_ONLY, Fault.LOCKS_OUT})
        right = await ask(camera, INFO, login=True)
        assert (right.status == 200) is (fault not in {Fault.AUTH_DIGEST_ONLY, Fault.LOCKED_OUT})


async def test_a_changed_password_refuses_the_old_one_everywhere(gallery: Gallery) -> None:
    async with broken(gallery, Fault.WRONG_PASSWORD) as camera:
        assert (await ask(camera, INFO, login=True)).status == 401
        assert camera.requests[-1].is_wrong_login
        assert (await ask(camera, "GetSystemDateAndTime")).status == 200


async def test_too_many_wrong_logins_really_lock_it_and_time_or_a_reboot_opens_it(gallery: Gallery) -> None:
    async with broken(gallery, Fault.LOCKS_OUT) as camera:
        for _ in range(5):
            assert (await ask(camera, INFO, header=token("admin", "sai"))).status == 401
        assert (await ask(camera, INFO, login=True)).status == 403, "even the right one"
        assert (await ask(camera, "GetSystemDateAndTime")).status == 200
        await camera.reboot()
        assert (await ask(camera, INFO, login=True)).status == 200


@pytest.mark.parametrize(
    ("fault", "status", "kind", "begins"),
    [
        (Fault.NOT_FOUND, 404, "text/html", b"<!DOCTYPE html>"),
        (Fault.LOGIN_PAGE, 200, "text/html", b"<!DOCTYPE html>"),
        (Fault.ERROR_TEXT, 500, "text/plain", b"Internal error"),
        (Fault.EMPTY_200, 200, "", b""),
        (Fault.EMPTY_BODY, 200, "application/soap+xml; charset=utf-8", b"<?xml"),
        (Fault.WRONG_TYPE, 200, "text/html", b"<?xml"),
        (Fault.SOAP_11, 200, "text/xml; charset=utf-8", b"<?xml"),
        (Fault.BROKEN_GZIP, 200, "application/soap+xml; charset=utf-8", b"<?xml"),
        (Fault.REDIRECT, 302, "", b""),
    ],
)
async def test_answers_that_are_none(gallery: Gallery, fault: Fault, status: int, kind: str, begins: bytes) -> None:
    async with broken(gallery, fault) as camera:
        said = await ask(camera, INFO, login=True)
        assert (said.status, said.headers.get("content-type", "")) == (status, kind)
        assert said.body.startswith(begins)
        if fault is Fault.BROKEN_GZIP:
            assert said.headers["content-encoding"] == "gzip"
        if fault is Fault.REDIRECT:
            assert camera.state.elsewhere in said.headers["location"]
        if fault is Fault.SOAP_11:
            assert parsed(said).tag == "{http://schemas.xmlsoap.org/soap/envelope/}Envelope"
        if fault is Fault.EMPTY_BODY:
            assert len(parsed(said)[0]) == 0


@pytest.mark.parametrize("fault", [Fault.CUT_IN_VALUE, Fault.CUT_IN_TAG, Fault.MALFORMED])
async def test_broken_xml_is_broken_and_its_length_is_right(gallery: Gallery, fault: Fault) -> None:
    async with broken(gallery, fault) as camera:
        said = await ask(camera, INFO, login=True)
        assert int(said.headers["content-length"]) == len(said.body)
        with pytest.raises(etree.XMLSyntaxError):
            parsed(said)
        last = said.body.rpartition(b"<")[2]
        if fault is Fault.CUT_IN_TAG:
            assert b">" not in last
        if fault is Fault.CUT_IN_VALUE:
            assert last.partition(b">")[2]


async def test_gbk_is_not_utf8(gallery: Gallery) -> None:
    async with broken(gallery, Fault.NOT_UTF8) as camera:
        said = await ask(camera, INFO, login=True)
        with pytest.raises(UnicodeDecodeError):
            said.body.decode()
        assert "海康威视" in said.body.decode("gbk", "replace")


async def test_elements_in_another_order_are_all_there(gallery: Gallery) -> None:
    async with broken(gallery, Fault.OUT_OF_ORDER) as camera:
        said = await ask(camera, INFO, login=True)
        assert said.body.index(b"SerialNumber") < said.body.index(b"Manufacturer")
        assert said.text("Manufacturer") == camera.spec.maker


async def test_words_stand_where_numbers_belong(gallery: Gallery) -> None:
    async with broken(gallery, Fault.WRONG_VALUES) as camera:
        said = await ask(camera, "GetProfiles", service="trt", login=True)
        assert not said.text("Width").isdigit()


# -- hostile ---------------------------------------------------------------------------------------------------------


async def test_an_entity_bomb_is_small_and_would_grow_without_end(gallery: Gallery) -> None:
    async with broken(gallery, Fault.ENTITY_BOMB) as camera:
        said = await ask(camera, INFO, login=True)
        assert len(said.body) < 10_000
        with pytest.raises(etree.XMLSyntaxError, match="amplification"):
            parsed(said)


async def test_an_external_entity_is_declared_and_used(gallery: Gallery) -> None:
    async with broken(gallery, Fault.XXE) as camera:
        said = await ask(camera, INFO, login=True)
        assert b'SYSTEM "file:///etc/hostname"' in said.body
        assert [node.text for node in parsed(said).iter(etree.Entity)] == ["&a11;"]


async def _all_of(camera: SimulatedCamera, *, most: int) -> tuple[bytes, int]:
    """Return the head and how many bytes followed, counting no further than ``most``."""
    reader, writer = await asyncio.open_connection(camera.host, camera.port)
    body = envelope("tds", INFO, header=right_token(camera))
    writer.write(f"POST /onvif/device_service HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    head = await reader.readuntil(b"\r\n\r\n")
    counted = 0
    async with asyncio.timeout(30):
        while counted < most and (part := await reader.read(1 << 20)):
            counted += len(part)
    writer.transport.abort()
    return head, counted


async def test_sixty_megabytes_in_one_element(gallery: Gallery) -> None:
    async with broken(gallery, Fault.HUGE_ELEMENT) as camera:
        head, counted = await _all_of(camera, most=HUGE)
        assert counted >= HUGE
        assert int(head.lower().partition(b"content-length: ")[2].split()[0]) > HUGE - 100_000


async def test_an_endless_answer_goes_on_while_somebody_reads_and_not_after(gallery: Gallery) -> None:
    async with broken(gallery, Fault.ENDLESS) as camera:
        head, counted = await _all_of(camera, most=5_000_000)
        assert counted >= 5_000_000
        assert b"content-length" not in head.lower()
        async with asyncio.timeout(5):
            while camera.connections:
                await asyncio.sleep(0.01)


async def test_a_small_gzip_unpacks_to_hundreds_of_megabytes(gallery: Gallery) -> None:
    import zlib

    async with broken(gallery, Fault.GZIP_BOMB) as camera:
        said = await ask(camera, INFO, login=True)
        assert said.headers["content-encoding"] == "gzip"
        assert len(said.body) < 500_000
        unpack = zlib.decompressobj(31)
        unpacked, rest = 0, said.body
        while rest:
            unpacked += len(unpack.decompress(rest, 1 << 22))
            rest = unpack.unconsumed_tail
        assert unpacked > GZIP_INFLATES_TO - (1 << 20)
        assert unpack.eof, "to the last byte a good gzip"


async def test_deep_is_deep(gallery: Gallery) -> None:
    async with broken(gallery, Fault.DEEP) as camera:
        said = await ask(camera, INFO, login=True)
        assert said.body.count(b"<a>") == said.body.count(b"</a>") == DEPTH


@pytest.mark.parametrize(
    ("fault", "where"),
    [
        (Fault.XADDR_FOREIGN, "http://127.0.0.7:99/onvif/"),
        (Fault.XADDR_LOOPBACK, "http://127.0.0.1:1/onvif/"),
        (Fault.XADDR_NO_PATH, "http://127.0.0.1:{port}"),
    ],
)
async def test_service_addresses_lie(gallery: Gallery, fault: Fault, where: str) -> None:
    spec = make_spec("c", password="dung")
    async with SimulatedCamera(spec, [fault], gallery=gallery, elsewhere="127.0.0.7:99") as camera:
        for action in ("GetCapabilities", "GetServices"):
            said = (await ask(camera, action)).text("XAddr")
            assert said.startswith(where.format(port=camera.port))
            assert said.count("/") == (2 if fault is Fault.XADDR_NO_PATH else 4)


@pytest.mark.parametrize(
    ("fault", "action", "uri"),
    [
        (Fault.STREAM_FOREIGN, "GetStreamUri", "rtsp://127.66.66.66:9/live/profile_1"),
        (Fault.STREAM_FILE, "GetStreamUri", "file:///etc/passwd"),
        (Fault.SNAPSHOT_FOREIGN, "GetSnapshotUri", "http://127.66.66.66:9/onvif/snapshot/profile_1"),
        (Fault.SNAPSHOT_METADATA, "GetSnapshotUri", "http://169.254.169.254/onvif/snapshot/profile_1"),
        (Fault.URI_EMPTY, "GetStreamUri", ""),
        (Fault.URI_EMPTY, "GetSnapshotUri", ""),
        (Fault.URI_NONE, "GetStreamUri", "None"),
    ],
)
async def test_streams_and_pictures_are_said_to_be_elsewhere(
    gallery: Gallery, fault: Fault, action: str, uri: str
) -> None:
    async with broken(gallery, fault) as camera:
        for service in ("trt", "tr2"):
            said = await ask(camera, action, service=service, inside=STREAM, login=True)
            assert said.text("Uri") == uri


async def test_a_name_may_be_a_script_and_a_formula(gallery: Gallery) -> None:
    async with broken(gallery, Fault.SCRIPT_IN_NAME) as camera:
        model = parsed(await ask(camera, INFO, login=True)).findtext(".//{*}Model")
        assert model is not None
        assert model.startswith("=")
        assert "<script>" in model


# -- clock -----------------------------------------------------------------------------------------------------------


async def _says(camera: SimulatedCamera) -> tuple[int, ...]:
    said = await ask(camera, "GetSystemDateAndTime")
    utc = parsed(said).find(".//{*}UTCDateTime")
    assert utc is not None
    names = ("Year", "Month", "Day", "Hour", "Minute", "Second")
    return tuple(int(utc.findtext(f".//{{*}}{name}") or -1) for name in names)


async def _offset_s(camera: SimulatedCamera) -> float:
    from datetime import UTC, datetime

    told = datetime(*(await _says(camera)), tzinfo=UTC)  # type: ignore[arg-type, misc]
    return told.timestamp() - SystemClock().now_ms() / 1000


@pytest.mark.parametrize(
    ("fault", "offset_s"),
    [
        (Fault.CLOCK_PLUS_30S, 30),
        (Fault.CLOCK_MINUS_30S, -30),
        (Fault.CLOCK_PLUS_1H, 3_600),
        (Fault.CLOCK_MINUS_1H, -3_600),
        (Fault.CLOCK_STRICT, -45),
    ],
)
async def test_a_wrong_clock_wants_tokens_of_its_own_time(gallery: Gallery, fault: Fault, offset_s: int) -> None:
    async with broken(gallery, fault) as camera:
        assert await _offset_s(camera) == pytest.approx(offset_s, abs=2)
        now_ms = SystemClock().now_ms()
        theirs = token("admin", "dung", at_ms=now_ms + offset_s * 1000)
        assert (await ask(camera, INFO, header=theirs)).status == 200
        ours = await ask(camera, INFO, header=token("admin", "dung", at_ms=now_ms))
        assert (ours.status == 200) is (abs(offset_s) == 30), "half a minute is forgiven, but not by the strict one"


async def test_1970_and_the_year_nought(gallery: Gallery) -> None:
    async with broken(gallery, Fault.CLOCK_1970) as camera:
        assert (await _says(camera))[0] == 1970
        assert (await ask(camera, INFO, header=token("admin", "dung", at_ms=1_000))).status == 200
        assert (await ask(camera, INFO, login=True)).status == 401
    async with broken(gallery, Fault.CLOCK_ZERO) as camera:
        assert await _says(camera) == (0, 0, 0, 0, 0, 0)


async def test_local_time_in_the_utc_field_misleads_who_believes_it(gallery: Gallery) -> None:
    async with broken(gallery, Fault.CLOCK_LOCAL_AS_UTC) as camera:
        assert await _offset_s(camera) == pytest.approx(7 * 3_600, abs=2)
        assert (await ask(camera, INFO, login=True)).status == 200
        believed = token("admin", "dung", at_ms=SystemClock().now_ms() + 7 * 3_600_000)
        assert (await ask(camera, INFO, header=believed)).status == 401


async def test_the_time_may_be_behind_the_login_missing_or_impossible(gallery: Gallery) -> None:
    async with broken(gallery, Fault.TIME_NEEDS_LOGIN) as camera:
        assert (await ask(camera, "GetSystemDateAndTime")).status == 401
        assert (await ask(camera, "GetSystemDateAndTime", login=True)).status == 200
    async with broken(gallery, Fault.TIME_WITHOUT_UTC) as camera:
        said = await ask(camera, "GetSystemDateAndTime")
        assert b"UTCDateTime" not in said.body
        assert b"LocalDateTime" in said.body
    async with broken(gallery, Fault.TIME_61_MINUTES) as camera:
        assert (await ask(camera, "GetSystemDateAndTime")).text("Minute") == "61"


# -- services --------------------------------------------------------------------------------------------------------

Check = Callable[[SimulatedCamera], Awaitable[bool]]


async def _no_media(camera: SimulatedCamera) -> bool:
    said = [(await ask(camera, "GetProfiles", service=service, login=True)).status for service in ("trt", "tr2")]
    return (
        said == [500, 500] and b">http://www.onvif.org/ver10/media/wsdl<" not in (await ask(camera, "GetServices")).body
    )


async def _media2_only(camera: SimulatedCamera) -> bool:
    said = [(await ask(camera, "GetProfiles", service=service, login=True)).status for service in ("trt", "tr2")]
    return said == [500, 200] and b"Media>" not in (await ask(camera, "GetCapabilities")).body


async def _no_services(camera: SimulatedCamera) -> bool:
    return [(await ask(camera, action)).status for action in ("GetServices", "GetCapabilities")] == [500, 200]


async def _no_hostname(camera: SimulatedCamera) -> bool:
    return (await ask(camera, "GetHostname")).status == 500


async def _no_snapshot(camera: SimulatedCamera) -> bool:
    return (await ask(camera, "GetSnapshotUri", service="trt", inside=STREAM, login=True)).status == 500


async def _no_profiles(camera: SimulatedCamera) -> bool:
    said = await ask(camera, "GetProfiles", service="trt", login=True)
    return said.status == 200 and b"token=" not in said.body


async def _bare_profile(camera: SimulatedCamera) -> bool:
    said = [await ask(camera, "GetProfiles", service=service, login=True) for service in ("trt", "tr2")]
    return all(b"token=" in each.body and b"Encoding" not in each.body for each in said)


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        (Fault.NO_MEDIA, _no_media),
        (Fault.MEDIA2_ONLY, _media2_only),
        (Fault.NO_GET_SERVICES, _no_services),
        (Fault.NO_HOSTNAME, _no_hostname),
        (Fault.NO_SNAPSHOT, _no_snapshot),
        (Fault.NO_PROFILES, _no_profiles),
        (Fault.PROFILE_WITHOUT_ENCODER, _bare_profile),
    ],
)
async def test_services_that_are_not_there(gallery: Gallery, fault: Fault, check: Check) -> None:
    async with broken(gallery) as camera:
        assert not await check(camera)
        await camera.break_(fault)
        assert await check(camera)


# -- identity --------------------------------------------------------------------------------------------------------


async def _who(camera: SimulatedCamera) -> tuple[str, ...]:
    said = await ask(camera, INFO, login=True)
    return tuple(said.text(name) for name in ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber"))


async def test_identities_change_as_told(gallery: Gallery) -> None:
    async with broken(gallery) as camera:
        maker, model, firmware, serial = await _who(camera)
        mac = (await ask(camera, "GetNetworkInterfaces", login=True)).text("HwAddress")
        await camera.break_(Fault.SAME_SERIAL)
        assert await _who(camera) == (maker, model, firmware, "123456")
        await camera.mend()
        await camera.break_(Fault.NEW_FIRMWARE)
        assert await _who(camera) == (maker, model, f"{firmware}.1", serial)
        await camera.mend()
        await camera.break_(Fault.REPLACED)
        other = await _who(camera)
        assert not set(other) & {maker, model, firmware, serial}
        assert (await ask(camera, "GetNetworkInterfaces", login=True)).text("HwAddress") != mac
        await camera.mend()
        assert await _who(camera) == (maker, model, firmware, serial)
        await camera.break_(Fault.IP_CONFLICT)
        assert {await _who(camera) for _ in range(4)} == {(maker, model, firmware, serial), other}


async def test_a_dead_battery_puts_it_back_to_1970_at_a_boot_until_somebody_sets_it(gallery: Gallery) -> None:
    async with broken(gallery, Fault.CLOCK_LOST_AT_BOOT) as camera:
        assert (await _says(camera))[0] > 2000
        await camera.reboot()
        assert (await _says(camera))[0] == 1970
        await camera.mend()
        assert (await _says(camera))[0] == 1970
        camera.state.body.set()
        assert (await _says(camera))[0] > 2000


async def test_two_faults_hold_at_once_and_end_one_by_one(gallery: Gallery) -> None:
    async with broken(gallery, Fault.CLOCK_PLUS_1H, Fault.WRONG_PASSWORD) as camera:
        assert await _offset_s(camera) == pytest.approx(3_600, abs=2)
        await camera.mend(Fault.CLOCK_PLUS_1H)
        assert camera.faults == {Fault.WRONG_PASSWORD}
        assert (await ask(camera, INFO, login=True)).status == 401
        assert (await raw(camera.host, camera.port, "GET / HTTP/1.1\r\nConnection: close")).status == 404
