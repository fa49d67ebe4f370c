"""Tệp báo cáo: one report as a file to download, for pages, programs and the command line alike."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from gateway.domain.report_period import Period
from gateway.reports import long_table, to_docx, to_xlsx
from gateway.services.reporting import Reporting
from gateway.web.spreadsheet import to_csv


class FileKind(StrEnum):
    """Word / bảng tính / CSV."""

    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"

    @property
    def mime(self) -> str:
        """What browsers call it."""
        return _MIMES[self]


_MIMES: Mapping[FileKind, str] = MappingProxyType(
    {
        FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        FileKind.CSV: "text/csv; charset=utf-8",
    }
)


@dataclass(frozen=True, kw_only=True)
class ReportFile:
    """The file, and what to call it."""

    name: str
    kind: FileKind
    body: bytes


async def write_report(kind: FileKind, reporting: Reporting, period: Period, *, ward: str, timezone: str) -> ReportFile:
    """Draw ``period`` up and write it. The layout runs on a thread of its own: a year takes a second."""
    report, categories = await reporting.draw_up(period), await reporting.categories()
    heard = (await reporting.lines(period, "heard")).plays if kind is FileKind.XLSX else ()

    def write() -> bytes:
        match kind:
            case FileKind.DOCX:
                return to_docx(report, categories, ward=ward, today=reporting.today)
            case FileKind.XLSX:
                return to_xlsx(report, categories, heard, ward=ward, zone=ZoneInfo(timezone))
            case FileKind.CSV:
                return to_csv(*long_table(report, categories))

    name = f"bao-cao-truyen-thanh-{period.first:%Y%m%d}-{period.last:%Y%m%d}.{kind}"
    return ReportFile(name=name, kind=kind, body=await asyncio.to_thread(write))
