"""``loa demo``: the demo ward on the air, on a clock that starts on a Thursday at 05:29."""

import argparse
import asyncio
import contextlib
import logging
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from devices.clock import ManualClock, ShiftedClock, epoch_ms, instant
from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say, say_error, say_json
from gateway.cli.failures import explained
from gateway.cli.parser import version
from gateway.cli.serve import until_stopped
from gateway.demo import content
from gateway.demo.cameras import living_cameras
from gateway.demo.evening import Crew, prepare
from gateway.demo.morning import Row, enrol, proven, wait_outcomes, wait_ready
from gateway.demo.past import give_past
from gateway.domain.errors import StoreFailed
from gateway.domain.people import Role
from gateway.main.gateway import open_gateway
from gateway.settings import Settings
from gateway.store.lock import only_gateway
from simulators.ward import SimulatedWard

Say = Callable[[str], None]
WAKE = time(5, 29)
ONCE_WAKE = time(5, 29, 15)
"""``--once`` is for machines that wait: still 05:29, and enough time for slow ones to fetch the audio."""
AT_ONCE, EACH_MORE = 20, timedelta(milliseconds=500)
"""So many poles come on in time at that hour; for every one more the ward wakes so much earlier."""
EVENING_BEFORE = time(20, 0)
ACCOUNTS = "tai-khoan-mau.txt"
"""In a data folder of its own the demo keeps its accounts; a real ward's are shown once and kept nowhere."""
MARK = ".loa-demo"
"""A folder with this file in it may be thrown away by ``--fresh``; no other ever is."""
SEED = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="thư mục dữ liệu (bỏ trống: thư mục tạm)")
    parser.add_argument("--fresh", action="store_true", help="bỏ dữ liệu mẫu cũ trong DIR, làm lại từ đầu")
    parser.add_argument("--once", action="store_true", help="phát lần đầu rồi dừng, dùng thư mục tạm")
    parser.add_argument("--json", action="store_true", help="in kết quả là một danh sách JSON")
    parser.add_argument("--clusters", type=int, default=20, metavar="N", help="số cụm loa mô phỏng")
    parser.add_argument("--host", default="127.0.0.1", help="địa chỉ HTTP")
    parser.add_argument("--port", type=int, metavar="P", help="cổng HTTP (bỏ trống: 8080, hoặc cổng trống khi --once)")
    parser.add_argument("--broker", type=int, default=0, metavar="P", help="cổng của broker (bỏ trống: cổng trống)")


def run(args: argparse.Namespace) -> int:
    """Run it; 0 only when the first airtime was proven on every cluster."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    tell: Say = say_error if args.json else say
    port: int = args.port or (_free_port() if args.once else 8080)
    _free(args.host, port, "PORT")
    _free("127.0.0.1", args.broker, "BROKER")
    with explained(), _folder(args) as data:
        settings = settings_for(
            None,
            data,
            ward={"site": content.SITE, "name": content.WARD_NAME},
            http={"host": args.host, "port": port},
            broker={"port": args.broker},
            cameras={"allow_local": True},
        )
        return asyncio.run(_stoppable(settings, args, tell))


async def _stoppable(settings: Settings, args: argparse.Namespace, tell: Say) -> int:
    """Run it; SIGTERM ends it as Ctrl-C does, from the first second on: in order, and with no child left behind."""
    this = asyncio.current_task()
    if this is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    try:
        return await _demo(settings, args, tell)
    except asyncio.CancelledError:
        tell("Đã dừng trước lần phát đầu tiên / stopped before the first airtime")
        return 130


async def _demo(settings: Settings, args: argparse.Namespace, tell: Say) -> int:
    zone = ZoneInfo(settings.ward.timezone)
    thursday = _next_thursday(datetime.now(zone))
    tell(f"{content.WARD_NAME}: lập phường tối thứ tư {thursday - timedelta(days=1):%d/%m/%Y}")
    evening = ManualClock(epoch_ms(datetime.combine(thursday - timedelta(days=1), EVENING_BEFORE, zone)))
    async with open_gateway(settings, evening, version=version()) as gateway:
        crew = await prepare(gateway, clusters=args.clusters, say=tell)
        if not args.once:
            until_ms = epoch_ms(wake(thursday.date(), args.clusters).replace(tzinfo=zone))
            now_ms = evening.now_ms()
            await give_past(gateway.store, args.clusters, seed=SEED, until_ms=until_ms, now_ms=now_ms, zone=zone)
            tell("  30 ngày số đo mô phỏng cho biểu đồ, không có lượt phát nào / simulated readings, no broadcasts")
        accounts = _accounts(crew, gateway.secrets.emergency_pin)
        if args.data is not None:
            (settings.data / ACCOUNTS).touch(mode=0o600)
            (settings.data / ACCOUNTS).write_text("\n".join(accounts) + "\n", "utf-8")

    woken = wake(thursday.date(), args.clusters, once=args.once).replace(tzinfo=zone)
    clock = ShiftedClock(epoch_ms(woken))
    async with open_gateway(settings, clock, version=version()) as gateway:
        local = instant(clock.now_ms()).astimezone(zone)
        tell(f"Sáng thứ năm {local:%d/%m/%Y %H:%M:%S}. Mở trên trình duyệt / open in a browser: {gateway.url}")
        if not args.once:
            tell("Đăng nhập với vai trò nào cũng được / sign in as anybody:")
            for line in accounts:
                tell(f"  {line}")
        poles = SimulatedWard(
            [cluster.id for cluster in content.clusters(args.clusters)],
            clock=clock,
            folder=settings.data / "poles",
            seed=SEED,
            spread_s=2.0,
            gateway_url=gateway.url,
        )
        await enrol(gateway, poles, crew[Role.TECHNICIAN])
        async with _alive(poles), contextlib.AsyncExitStack() as cameras:
            broadcast = await wait_ready(gateway, tell)
            if not args.once:  # whoever waits for the first airtime only has no time for cameras
                park = await cameras.enter_async_context(living_cameras(gateway, crew[Role.TECHNICIAN], clock))
                tell(f"  {len(park)} camera mô phỏng, vài cái đang hỏng, với 30 ngày số đo mô phỏng")
                tell(f"  {len(park)} simulated cameras, some in trouble, with 30 days of simulated readings")
            left_s = (epoch_ms(broadcast.start) - clock.now_ms()) / 1000
            tell(
                f"“{broadcast.title}” phát lúc {broadcast.local_start:%H:%M} trên {len(broadcast.airs_on)} cụm,"
                f" còn {left_s:.0f} giây…"
            )
            rows = await wait_outcomes(gateway, broadcast)
            if args.json:
                say_json([row.as_json(zone) for row in rows])
            else:
                _tell_rows(rows, zone, tell)
            if not args.once:
                tell("Tuần mới tiếp tục theo đồng hồ của phường. Ctrl-C để dừng / to stop.")
                await until_stopped()
                tell("Đã dừng / stopped")
        return 0 if proven(rows) else 1


def wake(thursday: date, clusters: int, *, once: bool = False) -> datetime:
    """Return when the ward wakes, without its zone: early enough for ``clusters`` to be ready by 05:30."""
    return datetime.combine(thursday, ONCE_WAKE if once else WAKE) - max(0, clusters - AT_ONCE) * EACH_MORE


@contextlib.asynccontextmanager
async def _alive(poles: SimulatedWard) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        running = group.create_task(poles.run(), name="simulated ward")
        try:
            yield
        finally:
            running.cancel()


def _accounts(crew: Crew, pin: str | None) -> list[str]:
    """Say who there is, one line a role."""
    lines = [f"{user.name:<9} {crew.passwords[user.name]}   {user.display_name}" for user in crew.users.values()]
    return [*lines, f"mã PIN khẩn cấp / emergency PIN: {pin}"]


def _tell_rows(rows: list[Row], zone: ZoneInfo, tell: Say) -> None:
    tell(f"{'cụm':<9} {'bắt đầu':<13} {'lệch ms':>8} {'dài s':>6} {'LUFS':>6}  kết quả  bằng chứng")
    for row in rows:
        started = f"{row.started_at.astimezone(zone):%H:%M:%S.%f}"[:-3] if row.started_at else "-"
        error = f"{row.error_ms:+.2f}" if row.error_ms is not None else "-"
        outcome = row.outcome.value if row.outcome else "chưa rõ"
        line = f"{row.cluster:<9} {started:<13} {error:>8} {row.duration_ms / 1000:>6.1f} {row.lufs:>6.1f}"
        tell(f"{line}  {outcome:<8} {row.proof}")
    tell(f"{sum(row.outcome is not None and row.outcome.heard for row in rows)}/{len(rows)} cụm có bằng chứng đã phát")


def _next_thursday(now: datetime) -> datetime:
    ahead = (content.THURSDAY - now.weekday()) % 7
    return datetime.combine((now + timedelta(days=ahead)).date(), time(0))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _free(host: str, port: int, name: str) -> None:
    """Fail in words when the port is taken, before anything is thrown away or written."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        raise Failed(
            f"Không mở được {host}:{port} ({error.strerror}). Chọn cổng khác, ví dụ: make run {name}={port + 1}\n"
            f"{host}:{port} cannot be opened. Choose another port, e.g.: make run {name}={port + 1}"
        ) from error


@contextlib.contextmanager
def _folder(args: argparse.Namespace) -> Iterator[Path]:
    if args.data is None or args.once:
        with tempfile.TemporaryDirectory(prefix="loa-demo-", ignore_cleanup_errors=True) as temporary:
            yield Path(temporary)
        return
    data: Path = args.data
    if data.exists() and any(data.iterdir()):
        if not args.fresh:
            raise Failed(f"{data} đã có dữ liệu; thêm --fresh để làm lại / not empty; add --fresh to start over")
        if not (data / MARK).exists():
            raise Failed(f"{data} không phải dữ liệu mẫu, không xóa / is not demo data; it is left alone")
        try:
            with only_gateway(data):
                shutil.rmtree(data)
        except StoreFailed as error:
            raise Failed(
                f"Một phường mẫu đang chạy trên {data}. Dừng nó (Ctrl-C), hoặc: make run DATA={data}-2 PORT=8081\n"
                f"A demo is running on {data}. Stop it (Ctrl-C), or: make run DATA={data}-2 PORT=8081"
            ) from error
    data.mkdir(parents=True, exist_ok=True, mode=0o700)  # keys and password hashes, though of a demo
    (data / MARK).touch()
    yield data
