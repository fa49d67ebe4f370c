"""What ``loa simulate`` lets one say about cameras. Imports none of them: a pole has no library for cameras."""

import argparse
from pathlib import Path

from gateway.cli.console import Failed

MOST = 5_000
LAST_PORT = 65_535
SCENARIOS = ("usual", "storm", "cabinet", "flap", "dirty-week")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    group = parser.add_argument_group("camera mô phỏng / simulated cameras")
    group.add_argument("--cameras", type=int, metavar="N", help="bao nhiêu camera ONVIF, thay cho cụm loa")
    group.add_argument("--scenario", choices=SCENARIOS, help="chuyện gì xảy ra với chúng / what happens to them")
    group.add_argument(
        "--first-port",
        type=int,
        default=0,
        metavar="P",
        help="cổng HTTP đầu tiên, RTSP là cổng kế tiếp; bỏ trống: tự chọn",
    )
    group.add_argument(
        "--list", type=Path, metavar="FILE", help="ghi địa chỉ và mật khẩu của chúng ra CSV / write them to a CSV"
    )
    group.add_argument(
        "--discovery", metavar="ADDRESS", help="trả lời WS-Discovery ở địa chỉ này của máy, ví dụ 127.0.0.1"
    )


def check(args: argparse.Namespace) -> None:
    """Refuse what cannot be meant.

    Raises:
        Failed: with what to do.
    """
    if not 1 <= args.cameras <= MOST:
        raise Failed(f"--cameras từ 1 đến {MOST}")
    if args.clusters is not None or args.broker or args.gateway or args.codes is not None:
        raise Failed("--cameras chạy riêng, không cùng cụm loa / runs by itself, not with clusters")
    if args.first_port and not 1 <= args.first_port <= LAST_PORT + 1 - 2 * args.cameras:
        raise Failed(f"--first-port cần {2 * args.cameras} cổng liền nhau / needs that many ports in a row")
