"""``loa backup``: the whole ward in one file, while it runs."""

import argparse
import os
from datetime import datetime
from pathlib import Path

from devices.clock import SystemClock, instant
from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, no_ward, say
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.store import layout
from gateway.store.backup import backup

PASSPHRASE = "LOA_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_settings_options(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="tệp sao lưu (mặc định: loa-NGÀY-GIỜ.tar)")


def run(args: argparse.Namespace) -> int:
    """Write it. Encrypted when ``LOA_BACKUP_PASSPHRASE`` is set."""
    settings = settings_for(args.config, args.data)
    if not layout.database(settings.data).exists():
        raise no_ward(settings.data)
    now = instant(SystemClock().now_ms())
    to: Path = args.output or Path(_name(now))
    if not to.absolute().parent.is_dir():
        raise Failed(f"không có thư mục {to.absolute().parent}; USB đã cắm chưa? / there is no such folder")
    passphrase = os.environ.get(PASSPHRASE)
    with explained():
        manifest = backup(settings.data, to, now=now, passphrase=passphrase)
    kept = "đã mã hóa / encrypted" if passphrase else f"CHƯA mã hóa, đặt {PASSPHRASE} để mã hóa / not encrypted"
    say(f"{to}: {len(manifest.files)} tệp / files, {kept}")
    if not passphrase:
        say("!!! TỆP NÀY CHỨA KHÓA CỦA ĐÀI, không mã hóa: ai có nó điều khiển được loa của phường. Cất như cất khóa.")
        say("!!! THIS FILE HOLDS THE WARD'S KEYS, in the clear: whoever has it can command the loudspeakers.")
    for rotten in manifest.rotten:
        say(f"  tệp hỏng, đã sao lưu như vậy / damaged, kept as it is: {rotten}")
    return 0


def _name(now: datetime) -> str:
    return f"loa-{now.astimezone():%Y%m%d-%H%M%S}.tar"
