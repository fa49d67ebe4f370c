"""``loa passwd NAME``: a new first password for somebody who cannot be helped otherwise, on the data folder itself."""

import argparse
import asyncio
from pathlib import Path

from devices.clock import SystemClock, instant
from gateway.cli.configured import settings_for
from gateway.cli.console import no_ward, say
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.main.people import build_people
from gateway.services.passwords import Passwords
from gateway.store.layout import database
from gateway.store.lock import only_gateway
from gateway.store.opening import open_store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("name", metavar="NAME", help="tên đăng nhập")
    parser.add_argument("--no-second-factor", action="store_true", help="bỏ luôn xác nhận hai lớp (mất cả điện thoại)")
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Give it; the gateway of this folder must not be running."""
    settings = settings_for(args.config, args.data)
    if not database(settings.data).exists():
        raise no_ward(settings.data)
    with explained():
        password = asyncio.run(_renew(settings.data, args.name, drop_factor=args.no_second_factor))
    say(f"Mật khẩu mới của {args.name}, phải đổi khi đăng nhập / new password, to be changed at sign-in:")
    say(f"  {password}")
    return 0


async def _renew(data: Path, name: str, *, drop_factor: bool) -> str:
    clock = SystemClock()
    with only_gateway(data), open_store(data, now=instant(clock.now_ms())) as store:
        return await build_people(store, clock, passwords=Passwords()).accounts.renew_offline(
            name, drop_factor=drop_factor
        )
