"""``loa agent``: the program on the pole, from the command line. Enrols on its first start, then runs for ever."""

import argparse
import asyncio
import contextlib
import gc
import logging
import signal
import ssl
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path

import httpx

from devices.agent.disk import Disk
from devices.agent.enrol import enrol
from devices.agent.identity import Identity, load_identity, save_identity
from devices.agent.linux import BoardFile, LinuxBoard
from devices.agent.wiring import broker_link, linux_agent, sole_use
from devices.errors import DeviceError, EnrolmentFailed
from devices.link import TlsFiles
from devices.seal.enrolment import read_code

logger = logging.getLogger(__name__)

FIRMWARE = "0.1.0"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="thư mục của cụm loa / its folder")
    parser.add_argument(
        "--gateway", metavar="URL", help="trung tâm, chỉ khi ghi danh / the gateway, for enrolment only"
    )
    parser.add_argument("--code", metavar="CODE", help="mã ghi danh 20 ký tự / the one-time enrolment code")
    parser.add_argument(
        "--sink",
        default="alsa:default",
        metavar="SINK",
        help="alsa:DEVICE, null, file:PATH (mặc định / default: %(default)s)",
    )
    parser.add_argument("--name", metavar="MODEL", help="kiểu máy / what this board is (default: board.toml)")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="chứng thư gốc của phường / the ward's authority, PEM")
    parser.add_argument(
        "--certificate",
        type=Path,
        metavar="FILE",
        help="chứng thư của cụm, khi broker đòi / this pole's, for a broker that asks",
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="khóa của chứng thư đó / the certificate's key, PEM")
    parser.add_argument("--verbose", action="store_true", help="nói nhiều hơn / say more")


def run_agent(args: argparse.Namespace) -> int:
    """Run until stopped; return the exit code."""
    logging.basicConfig(
        level=logging.DEBUG if args.verbose else logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        asyncio.run(_run(args))
    except (DeviceError, OSError) as error:
        print(f"loa agent: {error}", file=sys.stderr)  # noqa: T201 - this is what the technician reads
        return 1
    return 0


async def _run(args: argparse.Namespace) -> None:
    folder: Path = args.data
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # noqa: ASYNC240 - nothing runs yet
    wiring = BoardFile.read(folder / "board.toml")
    if args.name:
        wiring = wiring.model_copy(update={"model": args.name})
    files = _tls_files(args)
    with sole_use(folder):
        async with httpx.AsyncClient(verify=_trust(args.ca)) as http:
            identity = await _identity(args, folder, http, wiring.model)
            agent = linux_agent(
                identity=identity,
                board=LinuxBoard(folder, wiring),
                sink=args.sink,
                folder=folder,
                http=http,
                link=broker_link(identity, files=files),
            )
            logger.info("cụm %s của %s, âm thanh ra %s", identity.cluster, identity.site, args.sink)
            gc.collect()
            gc.freeze()  # what was loaded stays: looking it through again would make a small board late
            await _until_stopped(agent.run())


def _tls_files(args: argparse.Namespace) -> TlsFiles:
    """Return what the broker's TLS needs, looked at now: a pole that only fails to connect does not say which file."""
    if (args.certificate is None) != (args.key is None):
        raise DeviceError("--certificate và --key đi cùng nhau / --certificate and --key come together")
    files = TlsFiles(ca=args.ca, certificate=args.certificate, key=args.key)
    try:
        files.context()
    except OSError as error:
        named = ", ".join(str(each) for each in (files.ca, files.certificate, files.key) if each is not None)
        raise DeviceError(f"không dùng được chứng thư / these cannot be used: {named} ({error})") from error
    return files


def _trust(ca: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)


async def _identity(args: argparse.Namespace, folder: Path, http: httpx.AsyncClient, model: str) -> Identity:
    known = load_identity(folder)
    if known is not None:
        if args.code:
            raise EnrolmentFailed(
                f"{folder} đã là cụm {known.cluster}; ghi danh lại thì dùng thư mục mới / "
                "this folder is enrolled; to enrol again use a new one"
            )
        return known
    if not (args.code and args.gateway):
        raise EnrolmentFailed(
            "cụm loa chưa ghi danh: cần --gateway URL và --code MÃ (lệnh “loa enrol” ở trung tâm cho mã) / "
            "not enrolled yet: give --gateway and --code"
        )
    enrolled = await enrol(http, args.gateway, read_code(args.code), model=model, firmware=FIRMWARE)
    save_identity(enrolled.identity, enrolled.grant, folder, Disk())
    logger.info("đã ghi danh: cụm %s của %s", enrolled.identity.cluster, enrolled.identity.site)
    return enrolled.identity


async def _until_stopped(life: Coroutine[None, None, None]) -> None:
    """Run ``life`` until SIGTERM or SIGINT; then let it say goodbye."""
    running = asyncio.ensure_future(life)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running


def main(argv: Sequence[str] | None = None) -> int:
    """Run the agent with ``argv``: the entry of an install that has nothing of the gateway."""
    parser = argparse.ArgumentParser(
        prog="loa agent", description="chương trình trên cụm loa / the program on the pole"
    )
    add_options(parser)
    return run_agent(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
