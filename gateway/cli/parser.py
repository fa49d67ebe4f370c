"""What ``loa`` understands: one line per subcommand, and where its code is."""

import argparse
import importlib
import importlib.metadata
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfoNotFoundError

from gateway.cli.console import Failed, say_error

SIGPIPE = 141
"""As a shell shows a program that wrote to somebody who was gone, such as ``head``."""


class Verb(NamedTuple):
    """A subcommand: ``module.add(parser)`` declares its options, ``module.run(args)`` does it."""

    name: str
    module: str
    summary: str


VERBS = (
    Verb("run", "gateway.cli.serve", "chạy đài của phường / run the ward's gateway"),
    Verb("demo", "gateway.cli.demo", "phường mẫu đang phát sóng / a demo ward on the air"),
    Verb("agent", "gateway.cli.pole", "chương trình trên cụm loa / the program on the pole"),
    Verb("simulate", "gateway.cli.simulate", "cụm loa mô phỏng / simulated clusters"),
    Verb("speak", "gateway.cli.speak", "đọc văn bản thành âm thanh / text to speech"),
    Verb("voices", "gateway.cli.voices", "giọng đọc: có gì, nhận thêm / voices: list, show, install"),
    Verb("text", "gateway.cli.text", "phần được đọc của một tệp / what of an office's file is read out"),
    Verb("lexicon", "gateway.cli.lexicon", "từ điển phát âm của phường / the ward's lexicon"),
    Verb("normalize", "gateway.cli.normalize", "văn bản như sẽ đọc / text as it will be spoken"),
    Verb("plan", "gateway.cli.plan", "sắp tới phát gì / what will air"),
    Verb("clusters", "gateway.cli.clusters", "danh mục cụm loa: xem, nhập, xuất / clusters: list, import, export"),
    Verb("cameras", "gateway.cli.cameras", "camera: danh mục, tìm, kiểm tra / cameras: list, import, discover, probe"),
    Verb("report", "gateway.cli.report", "báo cáo của một kỳ / the report of a period"),
    Verb("check-config", "gateway.cli.check_config", "kiểm tra cài đặt / check the settings"),
    Verb("audit", "gateway.cli.audit", "kiểm tra nhật ký / verify the audit log"),
    Verb("backup", "gateway.cli.backup", "sao lưu / back up"),
    Verb("restore", "gateway.cli.restore", "phục hồi / restore a backup"),
    Verb("passwd", "gateway.cli.passwd", "cấp lại mật khẩu đã mất / a new password for a lost one"),
    Verb("enrol", "gateway.cli.enrol", "mã ghi danh cho cụm loa / a one-time code for a cluster"),
)


def version() -> str:
    """Return the installed version."""
    return importlib.metadata.version("loaphuong")


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``loa``."""
    words = list(sys.argv[1:] if argv is None else argv)
    verb = next((verb for verb in VERBS if words and verb.name == words[0]), None)
    if verb is None:
        return _overview(words)
    try:
        module = importlib.import_module(verb.module)
    except ZoneInfoNotFoundError:
        say_error("Máy này không có dữ liệu múi giờ, nên không biết giờ phát. Hãy cài gói tzdata rồi chạy lại.")
        say_error("This machine has no time-zone data and cannot know the hour. Install tzdata and try again.")
        return 1
    parser = argparse.ArgumentParser(prog=f"loa {verb.name}", description=verb.summary)
    module.add(parser)
    run: Callable[[argparse.Namespace], int] = module.run
    try:
        return run(parser.parse_args(words[1:]))
    except Failed as error:
        say_error(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        with Path(os.devnull).open("wb") as nowhere:  # what is still buffered would fail once more at the end
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return SIGPIPE


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    """Give a subcommand ``--config`` and ``--data``."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="tệp cài đặt TOML (hoặc LOA_CONFIG)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="thư mục dữ liệu của phường")


def _overview(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="loa",
        description="Loa Phường: đài truyền thanh phường, đúng giờ trên mọi cụm loa, và chứng minh được.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {verb.name:<13} {verb.summary}" for verb in VERBS),
    )
    parser.add_argument("--version", action="version", version=f"loa {version()}")
    parser.add_argument("command", choices=[verb.name for verb in VERBS], metavar="COMMAND")
    if not words:
        parser.print_help()
        return 2
    parser.parse_args(words)
    return 2
