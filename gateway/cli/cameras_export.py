"""``loa cameras export FILE``: the registry as a sheet, which reads back to the same. Without passwords."""

import argparse
import asyncio
from pathlib import Path

from devices.model.camera import Cause
from gateway.cli import camera_registry, sheets
from gateway.cli.camera_registry import weak_logins
from gateway.cli.configured import settings_for
from gateway.cli.console import say
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.cli.ward import existing_store
from gateway.domain.camera_sheet import written
from gateway.domain.device import Camera, CameraId
from gateway.settings import Settings
from gateway.store.opening import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="tên kết thúc bằng .csv hoặc .xlsx")
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Write it; a file that is there is never overwritten."""
    settings = settings_for(args.config, args.data)
    with explained(), existing_store(settings) as store:
        cameras, weak = asyncio.run(_read(store, settings))
        sheets.write(args.file, *written(cameras, weak))
    say(f"{len(cameras)} camera -> {args.file}")
    return 0


async def _read(store: Store, settings: Settings) -> tuple[list[Camera], dict[CameraId, Cause]]:
    registry = await camera_registry.loaded(store, settings)
    watches = {watch.id: watch for watch in await store.camera_log.watches()}
    return list(registry.cameras.values()), weak_logins(registry, watches)
