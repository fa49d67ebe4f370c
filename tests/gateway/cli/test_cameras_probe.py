"""``loa cameras probe`` and ``discover``: what a technician at the office types, and what comes of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.discovery import Discovery
from simulators.cameras.faults import Fault
from simulators.cameras.spec import make_spec

PASSWORD = "Mat-Khau/dai 2026"
KEYS = ("name", "ok", "ms", "cause", "detail")


@pytest.fixture
async def camera() -> AsyncIterator[SimulatedCamera]:
    async with SimulatedCamera(make_spec("cam-lenh", password=PASSWORD)) as made:
        yield made


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\nsecond line\n")
    return path


async def loa(*words: object) -> int:
    return await asyncio.to_thread(main, ["cameras", *map(str, words)])


async def probe(camera: SimulatedCamera, secret: Path, *more: object) -> int:
    return await loa("probe", camera.host, "--port", camera.port, "--user", "admin", "--password-file", secret, *more)


async def test_a_camera_that_is_well_is_told_whole_and_exits_0(
    camera: SimulatedCamera, secret: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await probe(camera, secret, "--json") == 0
    text = capsys.readouterr()
    said: dict[str, Any] = json.loads(text.out)
    assert said["status"] == "ok"
    assert [each["name"] for each in said["layers"]] == ["tcp", "clock", "login", "stream", "picture"]
    assert all(set(KEYS) <= set(each) and each["ok"] is True for each in said["layers"])
    assert said["device"]["serial"] == camera.spec.serial
    assert (said["device"]["mac"], said["device"]["uuid"]) == (camera.spec.mac.lower(), str(camera.spec.uuid))
    assert not [each.action for each in camera.requests if each.is_write]
    assert abs(said["clock_offset_s"]) < 2
    assert [each["name"] for each in said["profiles"]] == ["mainStream", "subStream"]
    assert said["stream_uri"] == f"rtsp://127.0.0.1:{camera.rtsp_port}/live/profile_2"
    assert PASSWORD not in text.out + text.err


async def test_a_factory_password_is_said_with_what_to_do_and_is_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    word = "hik12345"
    secret = tmp_path / "password"
    secret.write_text(word)
    async with SimulatedCamera(make_spec("cam-yeu", password=word)) as camera:
        assert await probe(camera, secret, "--json") == 1
        text = capsys.readouterr().out
        said = json.loads(text)
        assert said["status"] == "warning"
        assert [each["ok"] for each in said["layers"]] == [True] * 5, "the picture comes"
        (note,) = said["notes"]
        assert note["cause"] == said["cause"] == "factory_login"
        assert "Đổi mật khẩu" in note["advice_vi"]
        await probe(camera, secret, "--no-picture")
        told = capsys.readouterr().out
        assert "! Mật khẩu mặc định, ai cũng biết: Đổi mật khẩu" in told
        assert not any(each.is_wrong_login for each in camera.requests)
        assert word not in text + told
        await camera.break_(Fault.OPEN_TO_ALL)
        assert await loa("probe", camera.host, "--port", camera.port, "--no-picture", "--json") == 1
        assert [each["cause"] for each in json.loads(capsys.readouterr().out)["notes"]] == ["open_login"]


WRONG = {
    Fault.WRONG_PASSWORD: ("login", "auth_failed", "Sai mật khẩu"),
    Fault.CLOCK_MINUS_1H: ("clock", "clock_wrong", "Sai giờ"),
    Fault.STREAM_404: ("stream", "stream_missing", "Không có luồng hình"),
    Fault.BLACK: ("picture", "black", "Tối đen"),
    Fault.OVEREXPOSED: ("picture", "overexposed", "Trắng xóa"),
    Fault.LOGIN_PAGE: ("clock", "not_onvif", "Không phải camera ONVIF"),
    Fault.REFUSE: ("tcp", "refused", "cổng ONVIF đóng"),
}


@pytest.mark.parametrize("fault", WRONG)
async def test_what_is_wrong_is_said_with_what_to_do_and_exits_1(
    fault: Fault, camera: SimulatedCamera, secret: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layer, cause, words = WRONG[fault]
    await camera.break_(fault)
    assert await probe(camera, secret, "--json") == 1
    said = json.loads(capsys.readouterr().out)
    bad = next(each for each in said["layers"] if each["name"] == layer)
    assert (bad["ok"], bad["cause"]) == (False, cause)
    assert words in bad["words"]["vi"]
    assert bad["words"]["advice_vi"]
    assert said["status"] in {"warning", "critical"}
    assert await probe(camera, secret) == 1
    assert words in capsys.readouterr().out


async def test_a_camera_that_does_not_tell_its_marks_is_none_the_worse(
    camera: SimulatedCamera, secret: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await camera.break_(Fault.NO_GET_SERVICES, Fault.NO_HOSTNAME)
    assert await probe(camera, secret, "--no-picture", "--json") == 0
    assert json.loads(capsys.readouterr().out)["device"]["mac"] == camera.spec.mac.lower()
    assert await probe(camera, secret, "--no-picture") == 0
    assert f"MAC {camera.spec.mac.lower()}" in capsys.readouterr().out
    camera.requests.clear()
    await camera.break_(Fault.WRONG_PASSWORD)
    assert await probe(camera, secret, "--no-picture", "--json") == 1
    assert json.loads(capsys.readouterr().out)["device"] is None
    wrong = [each for each in camera.requests if each.action == "GetNetworkInterfaces"]
    assert not wrong, "who is refused asks for nothing more"


@pytest.mark.slow
async def test_a_frozen_picture_is_seen_though_its_clock_ticks(
    camera: SimulatedCamera, secret: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await camera.break_(Fault.FROZEN_CLOCK_TICKS)
    assert await probe(camera, secret, "--json") == 1
    assert json.loads(capsys.readouterr().out)["layers"][4]["cause"] == "frozen"


async def test_a_street_that_changes_within_a_second_is_no_camera_that_was_turned(
    camera: SimulatedCamera, secret: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def turn() -> None:
        while not [each for each in camera.requests if each.service == "http"]:
            await asyncio.sleep(0.01)
        await camera.break_(Fault.MOVED)

    async with asyncio.TaskGroup() as group:
        group.create_task(turn())
        assert await probe(camera, secret, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["layers"][4]["cause"]) == ("ok", None)


async def test_without_a_picture_none_is_taken(
    camera: SimulatedCamera, secret: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await probe(camera, secret, "--no-picture", "--json") == 0
    assert json.loads(capsys.readouterr().out)["layers"][4]["ok"] is None
    assert not [each for each in camera.requests if each.service == "http"]


@pytest.mark.parametrize(
    "words",
    [
        ["127.0.0.1", "--port", "0"],
        ["127.0.0.1", "--port", "65536"],
        ["http://127.0.0.1/"],
        ["127.0.0.1:80"],
        ["127.0.0.1", "--password-file", "/nowhere"],
        ["127.0.0.1", "--user", "u", "--password-file", "/nowhere"],
        ["127.0.0.1", "--fingerprint", "zz"],
    ],
    ids=str,
)
async def test_a_command_that_makes_no_sense_exits_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert await loa("probe", *words) == 2
    said = capsys.readouterr()
    assert said.err
    assert not said.out


async def test_a_password_is_not_taken_from_the_command_line() -> None:
    with pytest.raises(SystemExit) as caught:
        await loa("probe", "127.0.0.1", "--user", "u", "--password", "x")
    assert caught.value.code == 2


async def test_discover_lists_what_answers_and_exits_1_when_nothing_does(
    camera: SimulatedCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Discovery([camera], port=0) as responder:
        words = ("--interface", "lo", "--seconds", 1, "--range", "127.0.0.1", "--udp-port", responder.port)
        assert await loa("discover", *words, "--json") == 0
        (found,) = json.loads(capsys.readouterr().out)
        assert (found["host"], found["port"], found["uuid"]) == ("127.0.0.1", camera.port, str(camera.spec.uuid))
        assert await loa("discover", *words) == 0
        assert f"http://127.0.0.1:{camera.port}/onvif/device_service" in capsys.readouterr().out
    assert await loa("discover", "--interface", "lo", "--seconds", 1, "--udp-port", responder.port, "--json") == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == []
    assert "Không thấy camera nào; thử --range" in said.err, "a list that is empty is said in words, beside the list"


async def test_a_subnet_is_swept_where_nothing_answers_a_question(
    camera: SimulatedCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--interface", "lo", "--seconds", 1, "--subnet", "127.0.0.0/30", "--udp-port", 9, "--port", camera.port)
    assert await loa("discover", *words, "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["host"], found["port"], found["by"]) == ("127.0.0.1", camera.port, "sweep")


@pytest.mark.parametrize(
    "words",
    [
        ["--range", "10.0.0.0/8"],
        ["--range", "x"],
        ["--seconds", "0"],
        ["--sweep"],
        ["--subnet", "8.8.8.0/30"],
        ["--port", "0"],
        ["--interface", "khong-co"],
    ],
    ids=str,
)
async def test_a_search_without_bounds_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert await loa("discover", *words) == 2
    assert capsys.readouterr().err
