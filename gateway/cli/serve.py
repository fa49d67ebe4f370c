"""``loa run``: the ward's gateway, until it is told to stop."""

import argparse
import asyncio
import gc
import logging
import resource
import signal

from devices.clock import SystemClock
from gateway.cli.configured import settings_for
from gateway.cli.console import say
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options, version
from gateway.main.founding import Secrets
from gateway.main.gateway import open_gateway
from gateway.settings import Settings

logger = logging.getLogger(__name__)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_settings_options(parser)
    parser.add_argument("--verbose", action="store_true", help="ghi nhật ký chi tiết")


def run(args: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM."""
    level = logging.DEBUG if args.verbose else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("httpx", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    allow_every_file()
    with explained():
        asyncio.run(_serve(settings_for(args.config, args.data)))
    return 0


def allow_every_file() -> None:
    """Raise the soft limit on open files to the hard one: phones, poles that fetch audio and the store share it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError) as error:
        logger.warning("only %d open files are allowed here: %s", soft, error)


async def _serve(settings: Settings) -> None:
    async with open_gateway(settings, SystemClock(), version=version()) as gateway:
        _show(gateway.secrets)
        say(f"{settings.ward.name}: {gateway.url} (dữ liệu / data: {settings.data})")
        if not gateway.broker.has_accounts and gateway.broker.child is not None:
            say("Broker không có tài khoản: cài mosquitto thì tốt hơn / the broker has no accounts: install mosquitto")
        gc.collect()
        gc.freeze()  # what was loaded stays: looking it through again would hold up an emergency for 70 ms
        await until_stopped()
    say("Đã dừng / stopped")


def _show(secrets: Secrets) -> None:
    if secrets.admin_password is not None:
        say("Ghi lại ngay, không xem lại được / write these down now, they are not shown again:")
        say(f"  đăng nhập / sign in:   admin   {secrets.admin_password}")
    if secrets.emergency_pin is not None:
        say(f"  mã PIN khẩn cấp / emergency PIN:   {secrets.emergency_pin}")


async def until_stopped() -> None:
    """Wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
