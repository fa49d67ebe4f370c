"""``loa agent`` as a technician starts it: enrols with a code, keeps its identity, and says what is wrong in words."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager

import httpx
import pytest

from devices.agent.disk import Disk
from devices.agent.enrol import enrol
from devices.agent.identity import load_identity, save_identity
from devices.agent.run import main
from devices.agent.wiring import sole_use
from devices.errors import DeviceError, EnrolmentFailed
from devices.seal import Trust, unseal
from devices.seal.enrolment import Grant, new_code, open_request, wrap_grant
from tests.devices.agent.pole import TLS
from tests.devices.agent.ward import Ward
from tests.devices.links import Ear, until


class Desk:
    """The gateway's enrolment over plain HTTP."""

    def __init__(self, ward, code, address, *, answer=None):
        self.ward, self.code, self.address, self.answer = ward, code, address, answer
        self.requests = []

    def grant(self, **more):
        values = {
            "site": self.ward.site,
            "cluster": "kp3-02",
            "kid": "dev-kp3-02-1",
            "zones": ("kp3",),
            "root": self.ward.root.entry,
            "keys": self.ward.key_list(),
            "broker_host": self.address.host,
            "broker_port": self.address.port,
            "asset_base": "http://127.0.0.1:9/a/",
            "now_ms": 0,
        }
        return Grant(**{**values, **more})

    @asynccontextmanager
    async def open(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(
            next(line for line in head.lower().splitlines() if line.startswith("content-length")).split(":")[1]
        )
        asked = json.loads(await reader.readexactly(length))
        status, body = self.answer or self._enrol(head, asked)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def _enrol(self, head, asked):
        assert head.startswith("POST /api/v1/enrol ")
        assert self.code.secret not in json.dumps(asked)
        if asked["name"] != self.code.name:
            return 403, {"detail": "mã không đúng"}
        self.requests.append(open_request(self.code, asked["request"]))
        return 200, {"grant": wrap_grant(self.code, self.grant())}


@pytest.fixture
async def http():
    async with httpx.AsyncClient(verify=TLS) as client:
        yield client


async def test_enrolment_gives_an_identity_that_is_kept(mosquitto_broker, tmp_path, http):
    desk = Desk(Ward(), new_code(), mosquitto_broker)
    async with desk.open() as url:
        enrolled = await enrol(http, url + "/", desk.code, model="rpi4", firmware="1")
    save_identity(enrolled.identity, enrolled.grant, tmp_path, Disk())
    kept = load_identity(tmp_path)
    assert kept.key.kid == "dev-kp3-02-1"
    assert kept.key.public == desk.requests[0].pub
    assert (kept.site, kept.cluster, kept.zones) == (desk.ward.site, "kp3-02", ("kp3",))
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("identity.json", "device.pem")} == {0o600}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((403, {"detail": "Mã ghi danh không dùng được."}), "Mã ghi danh không dùng được"),
        ((500, b"<html>"), "không phải là trung tâm"),
        ((200, {"grant": "AAAA"}), "không phải của trung tâm"),
        (
            (200, {"grant": wrap_grant(new_code(), Desk(Ward(), None, httpx.URL("http://h:1")).grant())}),
            "không phải của",
        ),
        ((200, ["x"]), "HTTP 200"),
    ],
)
async def test_whoever_cannot_answer_as_the_gateway_gets_no_pole(mosquitto_broker, http, answer, words):
    desk = Desk(Ward(), new_code(), mosquitto_broker, answer=answer)
    async with desk.open() as url:
        with pytest.raises(EnrolmentFailed, match=words):
            await enrol(http, url, desk.code, model="rpi4", firmware="1")


async def test_a_key_list_that_the_root_did_not_seal_is_refused(mosquitto_broker, http):
    desk = Desk(Ward(), new_code(), mosquitto_broker)
    desk.answer = 200, {"grant": wrap_grant(desk.code, desk.grant(keys=Ward().key_list()))}
    async with desk.open() as url:
        with pytest.raises(EnrolmentFailed, match="không phải của trung tâm"):
            await enrol(http, url, desk.code, model="rpi4", firmware="1")


def test_a_pole_without_identity_or_code_says_what_it_needs(tmp_path, capsys):
    assert main(["--data", str(tmp_path), "--sink", "null"]) == 1
    assert "chưa ghi danh" in capsys.readouterr().err


def test_a_gateway_that_is_not_there_is_said(tmp_path, capsys):
    code = new_code().text
    assert main(["--data", str(tmp_path), "--gateway", "http://127.0.0.1:1", "--code", code]) == 1
    assert "không gọi được trung tâm" in capsys.readouterr().err


def test_a_code_that_cannot_be_one_is_said_before_anything_is_asked(tmp_path, capsys):
    assert main(["--data", str(tmp_path), "--gateway", "http://127.0.0.1:1", "--code", "ABC"]) == 1
    assert "20 ký tự" in capsys.readouterr().err


def test_a_damaged_identity_is_said_and_kept(tmp_path, capsys):
    (tmp_path / "identity.json").write_text("{")
    assert main(["--data", str(tmp_path)]) == 1
    assert "bị hỏng" in capsys.readouterr().err
    assert (tmp_path / "identity.json").read_text() == "{"


def test_two_agents_cannot_share_a_folder(tmp_path):
    with sole_use(tmp_path), pytest.raises(DeviceError, match="đã chạy"), sole_use(tmp_path):
        pass


def test_the_pole_needs_nothing_of_the_gateway(tmp_path):
    words = (
        "import sys, devices.agent.run as run; run.main(['--data', sys.argv[1]]);"
        "bad = [m for m in sys.modules if m.split('.')[0] in"
        " {'gateway', 'tts', 'simulators', 'fastapi', 'sqlite_utils', 'dateutil', 'holidays', 'pydub'}];"
        "sys.exit(f'imported: {bad}' if bad else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", words, str(tmp_path)], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


async def test_started_from_the_shell_it_enrols_is_born_and_says_goodbye_on_sigterm(mosquitto_broker, site, tmp_path):
    ward = Ward(site)
    desk = Desk(ward, new_code(), mosquitto_broker)
    ear = Ear(mosquitto_broker, f"ear-{site}", ward.topics.up("kp3-02", "state"))
    listening = asyncio.ensure_future(ear.link.run())
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LOA_")}
    try:
        async with desk.open() as url:
            words = ["--data", str(tmp_path), "--sink", "null", "--gateway", url, "--code", desk.code.text.lower()]
            pole = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "devices.agent.run", *words, env=environment, stderr=asyncio.subprocess.PIPE
            )
            try:
                await until(lambda: ear.heard)
            finally:
                pole.send_signal(signal.SIGTERM)
                _, said = await asyncio.wait_for(pole.communicate(), 20)
        assert pole.returncode == 0, said.decode()
        trust = Trust.of([load_identity(tmp_path).key.entry])
        (birth,) = [unseal(message.payload, trust, max_bytes=10_000) for message in ear.heard]
        assert birth.typ == "birth"
        assert birth.envelope.body["boot"] == 1
        assert birth.envelope.iss == "cluster:kp3-02"
        assert birth.envelope.aud == f"gateway:{site}"
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
