"""Các bảng của báo cáo. The page, the Word file, the spreadsheet and the CSV all show these very cells."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gateway.domain.category import Category
from gateway.domain.ids import CategoryId
from gateway.domain.report import Group, Report, Stock, Tally
from gateway.reports.words import (
    ORIGINS,
    PRIORITIES,
    SOURCES,
    STOCK,
    Pair,
    category_words,
    miss_words,
)

Cell = str | int | float | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Headings and rows; numbers are numbers, percentages 0..100 to a tenth, ``None`` is not known."""

    key: str
    title: Pair
    header: tuple[Pair, ...]
    rows: tuple[tuple[Cell, ...], ...]
    what: tuple[str, ...] = ()
    """For each row, the number whose lines it opens; empty where there are none."""


_TALLY_HEADER: tuple[Pair, ...] = (
    ("Số bài", "Bulletins"),
    ("Số lượt phát", "Plays"),
    ("Thời lượng (phút)", "Minutes"),
)
_BEFORE: Pair = ("Số lượt kỳ trước", "Plays before")


def tables(report: Report, categories: Mapping[CategoryId, Category], *, english: bool = False) -> tuple[Table, ...]:
    """Return all of them, words in one language."""
    at = 1 if english else 0
    before = report.before
    return (
        _summary(report, at),
        _groups(
            "category",
            ("Theo chuyên mục", "By category"),
            ("Chuyên mục", "Category"),
            report.by_category,
            before.by_category if before else (),
            {group.key: category_words(group.key, categories)[at] for group in report.by_category},
        ),
        _groups(
            "source",
            ("Theo nguồn tin", "By source"),
            ("Nguồn", "Source"),
            report.by_source,
            before.by_source if before else (),
            {key: words[at] for key, words in SOURCES.items()},
        ),
        _groups(
            "origin",
            ("Tự sản xuất và phát lại", "Own and relayed"),
            ("Loại", "Kind"),
            report.by_origin,
            before.by_origin if before else (),
            {key: words[at] for key, words in ORIGINS.items()},
        ),
        _groups(
            "priority",
            ("Theo mức ưu tiên", "By priority"),
            ("Mức", "Priority"),
            report.by_priority,
            before.by_priority if before else (),
            {key: words[at] for key, words in PRIORITIES.items()},
        ),
        _zones(report),
        _missed(report, at),
        _stock(report, at),
    )


def long_table(report: Report, categories: Mapping[CategoryId, Category]) -> tuple[list[str], list[list[Cell]]]:
    """Return everything as one list for CSV: table, line, heading, value."""
    rows: list[list[Cell]] = [["Kỳ báo cáo", "", "", report.period.name[0]]]
    for table in tables(report, categories):
        headings = [pair[0] for pair in table.header[1:]]
        for row in table.rows:
            rows += [[table.title[0], row[0], heading, cell] for heading, cell in zip(headings, row[1:], strict=True)]
    return ["Bảng", "Mục", "Số liệu", "Giá trị"], rows


def tenth(percent: float | None) -> float | None:
    """Round a percentage as tables show it."""
    return None if percent is None else round(percent, 1)


def _missed_plays(report: Report) -> int:
    return sum(miss.plays for miss in report.missed)


_FIGURES: tuple[tuple[Pair, str, Callable[[Report], Cell]], ...] = (
    (("Bài đã viết và được duyệt", "Bulletins written and approved"), "written", lambda each: each.written),
    (("Bài đã phát", "Bulletins heard"), "heard", lambda each: each.total.bulletins),
    (("Lượt phát", "Plays"), "heard", lambda each: each.total.airings),
    (("Buổi phát", "Sessions"), "heard", lambda each: each.sessions),
    (("Thời lượng (phút)", "Minutes"), "heard", lambda each: each.total.minutes),
    (("Lượt trên cụm loa: theo kế hoạch", "Cluster plays: planned"), "owed", lambda each: each.owed),
    (("Lượt trên cụm loa: đã phát đủ", "Cluster plays: proven whole"), "heard", lambda each: each.heard),
    (("Lượt trên cụm loa: chưa phát được", "Cluster plays: missed"), "missed", _missed_plays),
    (
        ("Lượt trên cụm loa: không có bằng chứng (không tính)", "Cluster plays: unproven (not counted)"),
        "unproven",
        lambda each: each.unproven,
    ),
    (("Lượt trên cụm loa: đang chờ kết quả", "Cluster plays: waiting"), "waiting", lambda each: each.waiting),
    (("Tiếng lạ (không có trong kế hoạch)", "Sounds nobody planned"), "strange", lambda each: each.strange),
    (
        ("Tỷ lệ hộ được nghe ít nhất một lượt (%)", "Households reached at least once (%)"),
        "heard",
        lambda each: tenth(each.reach.percent),
    ),
    (
        ("Tỷ lệ hộ được nghe bình quân mỗi lượt (%)", "Households reached by a play (%)"),
        "heard",
        lambda each: tenth(each.mean_reach_percent),
    ),
    (("Tỷ lệ cụm loa hoạt động (%)", "Clusters working (%)"), "", lambda each: tenth(each.working.percent)),
)


def _summary(report: Report, at: int) -> Table:
    before = report.before
    return Table(
        key="summary",
        title=("Kết quả chung", "Summary"),
        header=(("Chỉ tiêu", "Figure"), ("Kỳ này", "This period"), ("Kỳ trước", "Before")),
        rows=tuple((words[at], figure(report), figure(before) if before else None) for words, _, figure in _FIGURES),
        what=tuple(what for _, what, _ in _FIGURES),
    )


def _groups(  # noqa: PLR0917 - a table in the order it is read
    key: str, title: Pair, first: Pair, groups: Iterable[Group], before: Iterable[Group], words: Mapping[str, str]
) -> Table:
    then = {group.key: group.tally.airings for group in before}
    known = list(groups)
    return Table(
        key=key,
        title=title,
        header=(first, *_TALLY_HEADER, _BEFORE),
        rows=tuple((words.get(group.key, group.key), *_cells(group.tally), then.get(group.key, 0)) for group in known),
        what=tuple(f"{key}:{group.key}" for group in known),
    )


def _cells(tally: Tally) -> tuple[int, int, float]:
    return tally.bulletins, tally.airings, tally.minutes


def _zones(report: Report) -> Table:
    then = {line.zone: line.tally.airings for line in report.before.by_zone} if report.before else {}
    return Table(
        key="zone",
        title=("Theo khu phố", "By neighbourhood"),
        header=(
            ("Khu phố", "Neighbourhood"),
            *_TALLY_HEADER,
            ("Số cụm loa", "Clusters"),
            ("Lượt cụm đã phát", "Cluster plays heard"),
            ("Lượt cụm theo kế hoạch", "Cluster plays planned"),
            ("Số hộ", "Households"),
            ("Hộ được nghe", "Reached"),
            ("Cụm hoạt động (%)", "Working (%)"),
            _BEFORE,
        ),
        rows=tuple(
            (
                line.name,
                *_cells(line.tally),
                line.clusters,
                line.heard,
                line.owed,
                line.reach.households,
                line.reach.reached,
                tenth(line.working.percent),
                then.get(line.zone, 0),
            )
            for line in report.by_zone
        ),
        what=tuple(f"zone:{line.zone}" for line in report.by_zone),
    )


def _missed(report: Report, at: int) -> Table:
    return Table(
        key="missed",
        title=("Chưa phát được và nguyên nhân", "Missed, and why"),
        header=(("Nguyên nhân", "Reason"), ("Số lượt trên cụm", "Cluster plays"), ("Số cụm loa", "Clusters")),
        rows=tuple((miss_words(miss.outcome, miss.why)[at], miss.plays, miss.clusters) for miss in report.missed),
        what=tuple(f"missed:{miss.outcome}:{miss.why}" for miss in report.missed),
    )


def _stock(report: Report, at: int) -> Table:
    return Table(
        key="stock",
        title=("Thiết bị hiện có", "Devices"),
        header=(("Thiết bị", "Device"), ("Số lượng", "Number")),
        rows=tuple((_stocked(each)[at], each.count) for each in report.stock),
    )


def _stocked(each: Stock) -> tuple[str, str]:
    if each.key == "camera_zone":
        return f"– trong số camera đó, ở {each.name}", f"– of these cameras, in {each.name}"
    return STOCK.get(each.key, (each.key, each.key))
