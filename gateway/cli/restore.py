"""``loa restore``: a ward from its backup. What is there already is moved aside, never deleted."""

import argparse
import os
from pathlib import Path

from devices.clock import SystemClock, instant
from gateway.cli.backup import PASSPHRASE
from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.store.backup import restore


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("archive", type=Path, metavar="FILE", help="tệp sao lưu")
    add_settings_options(parser)
    parser.add_argument("--force", action="store_true", help="thư mục đang có dữ liệu: dời sang bên rồi phục hồi")


def run(args: argparse.Namespace) -> int:
    """Restore it."""
    settings = settings_for(args.config, args.data)
    if not args.archive.is_file():
        raise Failed(f"không có tệp sao lưu {args.archive} / there is no such backup")
    with explained():
        moved = restore(
            args.archive,
            settings.data,
            now=instant(SystemClock().now_ms()),
            passphrase=os.environ.get(PASSPHRASE),
            force=args.force,
        )
    say(f"đã phục hồi vào {settings.data} / restored")
    if moved is not None:
        say(f"dữ liệu trước đó ở {moved} / what was there before")
    return 0
