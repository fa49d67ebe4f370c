"""``loa cameras discover``: who is there, by WS-Discovery on this network, and in ranges behind a router.

Nothing is entered into the registry. Exit codes, as those of grep: 0 something was found, 1 nothing, 2 the command
makes no sense.
"""

import argparse
import asyncio
import json
import socket
from dataclasses import asdict

from devices.cameras.discovery import PORT
from devices.cameras.driver import CameraDriver
from devices.cameras.sweep import PORTS, addresses, private
from devices.model.camera import Found
from gateway.cli.console import say, say_error

_USAGE = 2
_LONGEST_S = 60.0
_RANGE = "thử --range với dải địa chỉ của camera / no camera answered: try --range with their addresses"
_ELSEWHERE = "kiểm tra điện, dây mạng và dải địa chỉ / no camera answered: look at power, cables and the range"
_LAST_PORT = 65_535


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--seconds", type=float, default=4.0, metavar="S", help="nghe bao lâu (1 đến 60 giây)")
    parser.add_argument(
        "--interface",
        action="append",
        metavar="NAME",
        help="chỉ hỏi trên card mạng này, ví dụ eth0; dùng được nhiều lần",
    )
    parser.add_argument(
        "--range", action="append", default=[], metavar="R",
        help="hỏi từng địa chỉ của dải này, kể cả sau bộ định tuyến: 10.1.2.0/24 hoặc 10.1.2.3-40",
    )  # fmt: skip
    parser.add_argument(
        "--subnet", action="append", default=[], metavar="N",
        help="như --range cùng --sweep, chỉ với mạng nội bộ: 192.168.1.0/24",
    )  # fmt: skip
    parser.add_argument(
        "--port",
        type=int,
        action="append",
        metavar="P",
        help=f"cổng ONVIF để thử, thay cho {', '.join(map(str, PORTS))}",
    )
    parser.add_argument("--sweep", action="store_true", help="thử cả cổng ONVIF của từng địa chỉ trong --range")
    parser.add_argument("--udp-port", type=int, default=PORT, metavar="P", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="in một danh sách JSON")


def run(args: argparse.Namespace) -> int:
    """Search, and print what answered."""
    try:
        private(args.subnet)
        hosts = addresses([*args.range, *args.subnet])
    except ValueError as error:
        say_error(str(error))
        return _USAGE
    if not 1.0 <= args.seconds <= _LONGEST_S:
        say_error("--seconds từ 1 đến 60")
        return _USAGE
    if any(not 1 <= port <= _LAST_PORT for port in args.port or ()):
        say_error("--port từ 1 đến 65535")
        return _USAGE
    if args.sweep and not hosts:
        say_error("--sweep cần --range: chỉ quét dải được nhập / only ranges that were entered are swept")
        return _USAGE
    there = [name for _, name in socket.if_nameindex()]
    if any(name not in there for name in args.interface or ()):
        say_error(f"--interface: máy này có {', '.join(there)} / no such interface; there are those")
        return _USAGE
    found = asyncio.run(_search(args, hosts))
    if args.json:
        say(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=1))
    for each in found if not args.json else ():
        place = f"{'https' if each.tls else 'http'}://{each.host}:{each.port}{each.path}"
        say(f"  {place:<52} {each.name} {each.model}  {each.uuid}")
    if not found:
        say_error(f"Không thấy camera nào; {_ELSEWHERE if hosts else _RANGE}")
    return 0 if found else 1


async def _search(args: argparse.Namespace, hosts: tuple[str, ...]) -> tuple[Found, ...]:
    # whoever types a range at a terminal of this machine may mean this machine
    async with CameraDriver(allow_local=True) as driver:
        return await driver.discover(
            seconds=args.seconds,
            interfaces=args.interface,
            hosts=hosts,
            sweeping=args.sweep or bool(args.subnet),
            ports=args.port or PORTS,
            port=args.udp_port,
        )
