"""``loa cameras list``: the registry as it is, with what was last seen; also beside a running gateway."""

import argparse
import asyncio
from collections.abc import Mapping

from devices.clock import SystemClock, instant
from devices.model.camera import Cause
from devices.model.camera_words import WORDS
from gateway.cli import camera_registry
from gateway.cli.configured import settings_for
from gateway.cli.console import say, say_json
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.cli.ward import existing_store
from gateway.domain.camera_watch import CameraWatch
from gateway.domain.device import Camera, CameraId, Owner
from gateway.settings import Settings
from gateway.store.opening import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_settings_options(parser)
    parser.add_argument("--zone", metavar="KP", help="chỉ một khu phố")
    parser.add_argument("--owner", choices=[owner.value for owner in Owner], help="chỉ một đơn vị sở hữu")
    parser.add_argument("--weak-login", action="store_true", help="chỉ camera có mật khẩu mặc định hoặc không có")
    parser.add_argument("--json", action="store_true", help="in một danh sách JSON")


def run(args: argparse.Namespace) -> int:
    """Print it; never a password."""
    settings = settings_for(args.config, args.data)
    with explained(), existing_store(settings) as store:
        cameras, watches, weak = asyncio.run(_read(store, settings))
    chosen = [
        each
        for each in cameras
        if args.zone in (None, each.zone)
        and args.owner in (None, each.owner.value)
        and (each.id in weak or not args.weak_login)
    ]
    now_ms = SystemClock().now_ms()
    if args.json:
        say_json([_row(each, watches.get(each.id), now_ms, weak) for each in chosen])
        return 0
    for each in chosen:
        row = _row(each, watches.get(each.id), now_ms, weak)
        mark = "  ! " + WORDS[weak[each.id]].vi if each.id in weak else ""
        line = f"{each.id:<20} {each.zone:<8} {each.owner.words[0]:<12} {each.host:<22} {row['health']:<8} {each.place}"
        say(line + mark)
    say(f"{len(chosen)} camera")
    return 0


async def _read(
    store: Store, settings: Settings
) -> tuple[list[Camera], dict[CameraId, CameraWatch], dict[CameraId, Cause]]:
    registry = await camera_registry.loaded(store, settings)
    watches = {watch.id: watch for watch in await store.camera_log.watches()}
    return list(registry.cameras.values()), watches, camera_registry.weak_logins(registry, watches)


def _row(camera: Camera, watch: CameraWatch | None, now_ms: int, weak: Mapping[CameraId, Cause]) -> dict[str, object]:
    known = watch or CameraWatch(id=camera.id)
    fault = known.fault
    return {
        "id": camera.id,
        "place": camera.place,
        "zone": camera.zone,
        "owner": camera.owner.value,
        "maker": camera.maker,
        "model": camera.model,
        "serial": camera.serial,
        "host": camera.host,
        "port": camera.port,
        "cabinet": camera.cabinet,
        "warranty_until": None if camera.warranty_until is None else camera.warranty_until.isoformat(),
        "health": known.at(now_ms).value,
        "cause": "" if fault is None else str(fault.cause),
        "weak_login": weak.get(camera.id),
        "checked_at": None if known.looked_ms is None else instant(known.looked_ms).isoformat(),
    }
