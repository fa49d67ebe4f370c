"""``loa cameras export FILE``: the registry as a sheet, which reads back to the same. Without passwords."""

import argparse
import asyncio
from pathlib import Path

from gateway.cli import sheets
from gateway.cli.configured import settings_for
from gateway.cli.console import say
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.cli.ward import existing_store
from gateway.domain.camera_sheet import written


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="tên kết thúc bằng .csv hoặc .xlsx")
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Write it; a file that is there is never overwritten."""
    with explained(), existing_store(settings_for(args.config, args.data)) as store:
        cameras = asyncio.run(store.cameras.all())
        sheets.write(args.file, *written(cameras))
    say(f"{len(cameras)} camera -> {args.file}")
    return 0
