"""``loa cameras probe``: looks at one camera from the ground up, and says what is wrong and what to do about it.

Needs no registry and keeps nothing. The password comes from a file, never from the command line, where every process of
the machine could read it. Exit codes: 0 well, 1 something is wrong with the camera, 2 the command makes no sense.
"""

import argparse
import asyncio
import ipaddress
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from devices.cameras.driver import CameraDriver
from devices.cameras.look import Wish
from devices.cameras.thresholds import VIEW
from devices.clock import SystemClock
from devices.errors import DeviceError
from devices.model.camera import Cause, Depth, Door, Layer, LayerResult, Memory, Secret, Sighting, Status
from devices.model.camera_words import LAYERS, STATUSES, WORDS
from gateway.cli.console import say, say_error, say_json

_LAST_PORT = 65_535
_USAGE = 2
_SECOND_PICTURE_S, _THIRD_PICTURE_S = 1.0, 10.0
_HEX = re.compile(r"[0-9a-fA-F:]+")
_HASH_LENGTH = 64
_MARKS = {True: "✓", False: "✗", None: "–"}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.allow_abbrev = False  # or ``--password WORD`` would be taken for a file's name, and be told in an error
    parser.add_argument("host", metavar="HOST", help="địa chỉ IP hoặc tên của camera")
    parser.add_argument("--port", type=int, metavar="P", help="cổng ONVIF; mặc định 80, với --tls là 443")
    parser.add_argument("--tls", action="store_true", help="HTTPS")
    parser.add_argument("--fingerprint", default="", metavar="HEX", help="SHA-256 của chứng thư, nếu đã biết")
    parser.add_argument("--user", default="", metavar="U", help="tài khoản trên camera, mức User là đủ")
    parser.add_argument("--password-file", type=Path, metavar="F", help="tệp chứa mật khẩu ở dòng đầu")
    parser.add_argument("--no-picture", action="store_true", help="không chụp ảnh kiểm tra / take no picture")
    parser.add_argument("--json", action="store_true", help="in một đối tượng JSON")


def run(args: argparse.Namespace) -> int:
    """Look, and print what was seen."""
    door = _door(args)
    if isinstance(door, str):
        say_error(door)
        return _USAGE
    sighting = asyncio.run(_look(door, Depth.FULL if args.no_picture else Depth.PICTURE))
    if args.json:
        say_json(as_json(door, sighting))
    else:
        _print(door, sighting)
    return 0 if sighting.status is Status.OK else 1


async def _look(door: Door, depth: Depth) -> Sighting:
    """Look once; where there is a picture, often enough to see whether it stands still."""
    clock = SystemClock()
    wish = Wish(enrolling=True, patience=1)
    # whoever types an address at a terminal of this machine may mean this machine
    async with CameraDriver(clock, allow_local=True) as driver:
        sighting = await driver.look(door, Memory(), depth, wish=wish)
        for wait_s in (_SECOND_PICTURE_S, _THIRD_PICTURE_S):
            if sighting.metrics is None or sighting.cause in {Cause.BLACK, Cause.OVEREXPOSED}:
                break
            await clock.sleep(wait_s)
            later = await driver.look(door, sighting.memory, depth, wish=wish)
            if later.cause in VIEW:
                break  # seconds apart, and nobody said how it should look: something drove by, or it turns by itself
            sighting = later
            if sighting.cause is not Cause.FROZEN:
                break  # one that only keeps a picture for some seconds is given ten
        return await _identified(driver, door, sighting)


async def _identified(driver: CameraDriver, door: Door, sighting: Sighting) -> Sighting:
    """Fill in MAC and UUID, which no look asks for; a camera that does not tell them is none the worse."""
    if sighting.device is None or sighting.layer(Layer.LOGIN).ok is not True:
        return sighting
    try:
        found = await driver.survey(door, after=sighting)
    except DeviceError:
        return sighting
    return replace(sighting, device=replace(sighting.device, mac=found.device.mac, uuid=found.device.uuid))


def _door(args: argparse.Namespace) -> Door | str:
    """Return the door, or what is wrong with the command."""
    host = args.host.removeprefix("[").removesuffix("]")
    port = args.port if args.port is not None else 443 if args.tls else 80
    fingerprint = args.fingerprint.replace(":", "").lower()
    if "/" in host or not host or (":" in host and not _is_ip6(host)):
        return f"HOST là địa chỉ hoặc tên máy, cổng để ở --port / an address or a name, no URL: {args.host}"
    if not 1 <= port <= _LAST_PORT:
        return "--port từ 1 đến 65535"
    if fingerprint and not (_HEX.fullmatch(fingerprint) and len(fingerprint) == _HASH_LENGTH):
        return "--fingerprint cần 64 chữ số hex / needs 64 hex digits"
    password = ""
    if args.password_file is not None:
        if not args.user:
            return "--password-file cần --user / needs --user"
        try:
            password = args.password_file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            return f"không đọc được {args.password_file} / cannot read: {type(error).__name__}"
    return Door(host=host, port=port, tls=args.tls, fingerprint=fingerprint, user=args.user, password=Secret(password))


def _is_ip6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text.partition("%")[0]).version == 6  # noqa: PLR2004
    except ValueError:
        return False


def as_json(door: Door, sighting: Sighting) -> dict[str, Any]:
    """Return what ``--json`` prints. The first seven keys are held; more may come."""
    return {
        "status": sighting.status,
        "layers": [_layer(each) for each in sighting.layers],
        "device": asdict(sighting.device) if sighting.device is not None else None,
        "clock_offset_s": sighting.clock_offset_s,
        "profiles": [asdict(each) for each in sighting.profiles],
        "stream_uri": sighting.stream_uri,
        "snapshot_uri": sighting.snapshot_uri,
        "host": door.host,
        "port": door.port,
        "cause": sighting.cause,
        "notes": [_words(each) for each in sighting.notes],
        "auth": sighting.auth,
        "fingerprint": sighting.fingerprint or None,
    }


def _layer(result: LayerResult) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": result.layer,
        "ok": result.ok,
        "ms": result.ms,
        "cause": result.cause,
        "detail": result.detail,
    }
    return said | ({} if result.cause is None else {"words": _words(result.cause)})


def _words(cause: Cause) -> dict[str, str]:
    words = WORDS[cause]
    return {
        "cause": cause,
        "vi": words.vi,
        "en": words.en,
        "advice_vi": words.advice_vi,
        "advice_en": words.advice_en,
    }


def _print(door: Door, sighting: Sighting) -> None:
    """Say it to a person."""
    vi, en = STATUSES[sighting.status]
    say(f"{door.host}:{door.port}  {vi} / {en}")
    for result in sighting.layers:
        name = LAYERS[result.layer][0]
        took = f"{result.ms} ms" if result.ms is not None else ""
        say(f"  {_MARKS[result.ok]} {name:<14} {took:>8}  {result.detail}")
        if result.cause is not None:
            words = WORDS[result.cause]
            say(f"      {words.vi} / {words.en}\n      → {words.advice_vi}")
    for note in sighting.notes:
        say(f"  ! {WORDS[note].vi}: {WORDS[note].advice_vi}")
    if sighting.device is not None:
        device = sighting.device
        say(f"  {device.maker} {device.model}, phần mềm {device.firmware}, số máy {device.serial}")
        marks = [f"{name} {mark}" for name, mark in (("MAC", device.mac), ("UUID", device.uuid)) if mark]
        if marks:
            say(f"  {', '.join(marks)}")
    for profile in sighting.profiles:
        say(f"  {profile.name}: {profile.codec} {profile.width}x{profile.height}, {profile.fps:g} hình/giây")
    if sighting.stream_uri:
        say(f"  {sighting.stream_uri}")
