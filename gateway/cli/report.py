"""``loa report``: the report of a period, also beside a running gateway."""

import argparse
import asyncio
import sys
from datetime import date
from pathlib import Path

from pydantic_core import to_jsonable_python

from devices.clock import SystemClock
from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say, say_json
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.cli.ward import existing_store
from gateway.domain.report_period import Period, Span, period_of
from gateway.main.reports import reporting_of
from gateway.reports import sentences, tables
from gateway.services.reporting import Reporting
from gateway.settings import Settings
from gateway.web.report_files import FileKind, write_report

_JSON, _TEXT = "json", "text"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_settings_options(parser)
    parser.add_argument("--from", dest="first", type=_day, metavar="YYYY-MM-DD", help="ngày đầu kỳ")
    parser.add_argument("--to", dest="last", type=_day, metavar="YYYY-MM-DD", help="ngày cuối kỳ (mặc định hôm nay)")
    parser.add_argument(
        "--format",
        choices=[_TEXT, _JSON, *FileKind],
        default=_TEXT,
        help="mặc định: các câu của báo cáo (text)",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="tệp ghi ra (docx, xlsx, csv)")


def run(args: argparse.Namespace) -> int:
    """Print or write it; without dates, the half-year of today."""
    with explained():
        settings = settings_for(args.config, args.data)
        with existing_store(settings) as store:
            reporting = reporting_of(store, SystemClock(), zone=settings.ward.timezone)
            period = _period(args, reporting)
            if args.format in set(FileKind):
                return _write(FileKind(args.format), reporting, period, settings, args.output)
            report = asyncio.run(reporting.draw_up(period))
            categories = asyncio.run(reporting.categories())
    said = sentences(report, categories)
    if args.format == _JSON:
        say_json(
            to_jsonable_python(
                {"report": report, "sentences": said, "tables": tables(report, categories)}, fallback=str
            )
        )
        return 0
    say(f"Kết quả hoạt động truyền thanh {period.name[0]}")
    for sentence in said:
        say(f"- {sentence.vi}")
    return 0


def _period(args: argparse.Namespace, reporting: Reporting) -> Period:
    if args.first is None and args.last is None:
        return period_of(Span.HALF_YEAR, reporting.today)
    return Period(first=args.first or args.last, last=args.last or max(args.first, reporting.today))


def _write(kind: FileKind, reporting: Reporting, period: Period, settings: Settings, output: Path | None) -> int:
    file = asyncio.run(write_report(kind, reporting, period, ward=settings.ward.name, timezone=settings.ward.timezone))
    if output is None and kind is FileKind.CSV:
        sys.stdout.write(file.body.decode("utf-8-sig"))
        return 0
    path = output or Path(file.name)
    try:
        path.write_bytes(file.body)
    except OSError as error:
        raise Failed(f"không ghi được {path} / cannot write: {error}") from error
    say(f"đã ghi {path} / written")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}” không phải ngày YYYY-MM-DD / not a day") from error
