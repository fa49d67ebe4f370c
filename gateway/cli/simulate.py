"""``loa simulate``: simulated clusters on a real broker, enrolled with a gateway or, without one, strangers to it.

With ``--cameras`` it runs cameras instead: see ``simulate_cameras``.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import re
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from devices.clock import SystemClock
from devices.errors import DeviceError
from devices.link import BrokerAddress, parse_url
from devices.model import ClusterId, is_slug
from gateway.cli import camera_options
from gateway.cli.console import Failed, say, say_json
from simulators.chaos import ChaosProxy
from simulators.faults import Faults, draw
from simulators.throwaway import names, throwaway
from simulators.ward import SimulatedWard

MOST = 5_000
REPORT_S = 10.0
FAULTS_AHEAD_S = 86_400
"""Without an end, faults are drawn for a day."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What ``--json`` prints at the end."""

    clusters: int
    connected: int
    most_connected: int
    up_s: float | None
    """Seconds until each had been connected; ``None``: some never were."""
    playing: int
    sounded: int
    """Plays that left a loudspeaker, test tones included."""
    boots: int
    crashes: int
    seconds: float


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--clusters", type=int, metavar="N", help="bao nhiêu cụm; với --codes: mặc định là tất cả")
    parser.add_argument("--broker", metavar="HOST:PORT", help="broker, hoặc mqtt://USER:PASSWORD@HOST:PORT")
    parser.add_argument("--gateway", metavar="URL", help="trung tâm để ghi danh / enrol at this gateway")
    parser.add_argument(
        "--codes", type=Path, metavar="FILE", help="mã ghi danh: JSON {cụm: mã}, hoặc mỗi dòng một cụm và mã"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="nơi giữ thẻ nhớ của các cụm; bỏ trống: tạm thời")
    camera_options.add(parser)
    parser.add_argument("--seed", default="0", metavar="S", help="cùng hạt giống thì cùng một phường")
    parser.add_argument("--faults", type=float, default=0.0, metavar="PER_HOUR", help="sự cố mỗi giờ trên mỗi cụm")
    parser.add_argument("--seconds", type=float, metavar="T", help="dừng sau T giây")
    parser.add_argument("--json", action="store_true", help="cuối cùng in một đối tượng JSON")
    parser.add_argument("--verbose", action="store_true", help="ghi nhật ký chi tiết")


def run(args: argparse.Namespace) -> int:
    """Run until told to stop, or for ``--seconds``; 0 when every cluster came up."""
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.CRITICAL,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        if args.cameras is not None:
            return _cameras(args)
        with _folder(args.data) as folder:
            report = asyncio.run(_simulate(args, folder, _quiet if args.json else say))
    except (DeviceError, OSError) as error:
        raise Failed(f"{error}") from error
    if args.json:
        say_json(asdict(report))
    return 0 if report.up_s is not None else 1


def _cameras(args: argparse.Namespace) -> int:
    from gateway.cli import simulate_cameras  # noqa: PLC0415 - a pole simulates clusters, and has no library for cameras

    camera_options.check(args)
    report = asyncio.run(simulate_cameras.simulate(args, _quiet if args.json else say, _told_to_stop))
    if args.json:
        say_json(asdict(report))
    else:
        for line in simulate_cameras.lines(report):
            say(line)
    return 0


async def _simulate(args: argparse.Namespace, folder: Path, tell: Callable[[str], None]) -> Report:
    codes = _codes(args.codes) if args.codes is not None else {}
    broker = _broker(args.broker) if args.broker else None
    clock = SystemClock()
    ward = SimulatedWard(
        _clusters(args, codes, folder),
        clock=clock,
        folder=folder,
        seed=args.seed,
        faults_for=_faults(args, clock.now_ms()),
        gateway_url=args.gateway,
    )
    if args.gateway:
        await ward.enrol(codes)
        if broker is not None:
            ward.connect_through(broker)
    elif broker is not None:
        ward.keep(throwaway(ward.strangers(), broker, now_ms=clock.now_ms()))
        if broker.tls is None:
            ward.connect_through(broker)
    async with _line(ward, broker, rough=args.faults > 0, tell=tell):
        running = asyncio.ensure_future(ward.run())
        watching = asyncio.ensure_future(_watch(ward, args.seconds, tell))
        try:
            await asyncio.wait([running, watching], return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            return await watching
        finally:
            for part in (watching, running):
                part.cancel()
            await asyncio.gather(watching, running, return_exceptions=True)


async def _watch(ward: SimulatedWard, seconds: float | None, tell: Callable[[str], None]) -> Report:
    """Tell how it goes until it is over."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    up_s: float | None = None
    most = 0
    told = began
    everybody = len(ward.clusters)
    missing = set(ward.clusters)
    with _told_to_stop() as stop:
        while not stop.is_set() and (seconds is None or loop.time() - began < seconds):
            most = max(most, ward.connected)
            missing -= {cluster for cluster, pole in ward.poles.items() if pole.is_up}
            if up_s is None and not missing:
                up_s = loop.time() - began
                tell(f"{everybody}/{everybody} cụm đã kết nối sau {up_s:.1f} giây / all are connected")
            if loop.time() - told >= REPORT_S:
                told = loop.time()
                tell(f"kết nối / connected {ward.connected}/{everybody}, đang phát / playing {ward.playing}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1 if up_s is None else 0.5):
                    await stop.wait()
    if up_s is None:
        down = min(missing)
        why = ward.poles[down].why_down if down in ward.poles else "chưa khởi động / not booted"
        tell(f"{everybody - len(missing)}/{everybody} cụm kết nối được / could connect: {down}: {why}")
    poles = ward.poles.values()
    return Report(
        clusters=everybody,
        connected=ward.connected,
        most_connected=most,
        up_s=None if up_s is None else round(up_s, 2),
        playing=ward.playing,
        sounded=sum(len({span.tag for span in spans}) for spans in ward.truth().values()),
        boots=sum(pole.boots for pole in poles),
        crashes=sum(len(pole.crashes) for pole in poles),
        seconds=round(loop.time() - began, 1),
    )


# -- what was asked for ----------------------------------------------------------------------------------------------


def _clusters(args: argparse.Namespace, codes: dict[ClusterId, str], folder: Path) -> list[ClusterId]:
    """Return whom to simulate: with a gateway those with a code or an identity, else ``sim-0001`` and so on."""
    if args.clusters is not None and not 1 <= args.clusters <= MOST:
        raise Failed(f"--clusters từ 1 đến {MOST}")
    if args.gateway:
        kept = (path.parent.name for path in folder.glob("*/identity.json"))
        known = sorted({*codes, *(ClusterId(name) for name in kept)})
        if not known:
            raise Failed("cần --codes FILE để ghi danh (lệnh “loa enrol” cho mã) / give --codes to enrol")
        if args.clusters is not None and args.clusters > len(known):
            raise Failed(f"chỉ có mã cho {len(known)} cụm / there are only {len(known)} codes")
        return known[: args.clusters]
    if args.codes is not None:
        raise Failed("--codes cần --gateway URL / needs --gateway")
    if not args.broker or args.clusters is None:
        raise Failed("cần --clusters N và --broker HOST:PORT, hoặc --gateway và --codes")
    return names(args.clusters)


def _broker(text: str) -> BrokerAddress:
    try:
        return parse_url(text if "://" in text else f"mqtt://{text}")
    except ValueError as error:
        raise Failed(f"--broker {text}: {error}") from error


def _codes(path: Path) -> dict[ClusterId, str]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"không đọc được {path} / cannot read: {error}") from error
    if text.lstrip().startswith("{"):
        try:
            pairs = list(json.loads(text).items())
        except ValueError as error:
            raise Failed(f"{path}: JSON hỏng / bad JSON: {error}") from error
    else:
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        pairs = [tuple(re.split(r"[\s:,=]+", line.strip(), maxsplit=1)) for line in lines]
    for pair in pairs:
        if len(pair) != 2 or not all(isinstance(part, str) for part in pair) or not is_slug(pair[0]):  # noqa: PLR2004
            raise Failed(f"{path}: không phải cụm và mã / not a cluster and its code: {pair}")
    return {ClusterId(cluster): code for cluster, code in pairs}


def _faults(args: argparse.Namespace, now_ms: int) -> Callable[[ClusterId], Faults]:
    if args.faults < 0:
        raise Failed("--faults không âm / not below 0")
    end_ms = now_ms + round((args.seconds or FAULTS_AHEAD_S) * 1_000)
    return lambda cluster: draw(args.seed, cluster, start_ms=now_ms, end_ms=end_ms, per_hour=args.faults)


# -- the surroundings ------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _line(
    ward: SimulatedWard, broker: BrokerAddress | None, *, rough: bool, tell: Callable[[str], None]
) -> AsyncIterator[None]:
    """Put a proxy on the line where faults are wanted."""
    who = next(iter(ward.poles.values())).identity
    target = broker or BrokerAddress(who.broker_host, who.broker_port)
    if not rough or who.broker_tls or target.tls is not None:
        if rough:
            tell("Đường truyền TLS: chỉ có sự cố trên cụm / faults of the line need a line without TLS")
        yield
        return
    async with ChaosProxy(target, trouble=ward.trouble).open() as proxy:
        ward.connect_through(proxy.address)
        yield


@contextlib.contextmanager
def _told_to_stop() -> Iterator[asyncio.Event]:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="loa-simulate-") as temporary:
        yield Path(temporary)


def _quiet(_line: str) -> None:
    """Keep the terminal for the one JSON object."""
