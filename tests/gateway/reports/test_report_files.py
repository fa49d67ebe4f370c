"""Word, spreadsheet and CSV say the same numbers, and those are the numbers of the plays themselves."""

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from openpyxl import load_workbook

from devices.model import AssetId, ClusterId, OccurrenceId, Outcome, Proof
from gateway.domain.category import Category
from gateway.domain.ids import BulletinId, CategoryId
from gateway.domain.report import Report, draw_up, lines_behind
from gateway.domain.report_facts import Facts
from gateway.domain.report_period import Period
from gateway.reports import long_table, sentences, tables, to_docx, to_xlsx
from gateway.reports.numbers import decimal, percent, whole
from gateway.web.spreadsheet import to_csv
from tests.gateway.domain.test_report import DIGITAL, SECURITY, Row, bulletin, registry

START = datetime(2026, 10, 7, 22, 30, tzinfo=UTC)
HALF = Period(first=date(2026, 7, 1), last=date(2026, 12, 31))
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CATEGORIES = {
    SECURITY: Category(id=SECURITY, label_vi="An ninh trật tự", label_en="Public order"),
    DIGITAL: Category(id=DIGITAL, label_vi="=Chuyển đổi số", label_en="Digital"),
}
OUTCOMES = (Outcome.PLAYED, Outcome.PLAYED, Outcome.MISSED, Outcome.PLAYED, Outcome.UNPROVEN, Outcome.SILENT)


def plays() -> list[Row]:
    """Nine airtimes on three clusters, good and bad in turn."""
    made = []
    for n in range(9):
        names = ("b1",) if n % 3 else ("b1", "b2")
        for m, cluster in enumerate(("kp1-01", "kp1-02", "kp2-01")):
            outcome = OUTCOMES[(n * 3 + m) % len(OUTCOMES)]
            made.append(
                Row(
                    occ=OccurrenceId(f"sang@{n}"),
                    cluster=ClusterId(cluster),
                    title="=HYPERLINK(1)",
                    start_at=START + timedelta(days=n),
                    bulletins=names,
                    assets=tuple(AssetId(name) for name in names),
                    outcome=outcome,
                    proof=Proof.DEVICE if outcome is Outcome.PLAYED else Proof.NONE,
                    why="power" if outcome is Outcome.MISSED else "",
                    heard_ms=(90_500 + 1_000 * m) if outcome is Outcome.PLAYED else 0,
                )
            )
    return made


@pytest.fixture
def facts() -> Facts:
    known = {
        BulletinId("b1"): bulletin("b1", SECURITY),
        BulletinId("b2"): bulletin("b2", DIGITAL),
    }
    return Facts(
        plays=plays(),
        bulletins=known,
        lengths_ms={},
        categories=CATEGORIES,
        registry=registry(),
        begun=frozenset(known),
        approved=frozenset(known),
    )


@pytest.fixture
def report(facts: Facts) -> Report:
    return draw_up(facts, HALF, upto=START, before=draw_up(replace(facts, plays=plays()[:3]), HALF, upto=START))


def recount(rows: list[Row]) -> tuple[int, float, int]:
    """Count plays, minutes and households from the rows, by hand and by other code."""
    heard = defaultdict(list)
    for row in rows:
        if row.outcome is Outcome.PLAYED and row.proof is not Proof.NONE:
            heard[row.occ].append(row)
    airings = sum(len(set(same[0].bulletins)) for same in heard.values())
    minutes = sum(max(row.heard_ms for row in same) for same in heard.values()) / 60_000
    households = {"kp1-01": 150, "kp1-02": 250, "kp2-01": 200}
    reached = {row.cluster for same in heard.values() for row in same}
    return airings, round(minutes, 1), sum(households[each] for each in reached)


def docx_tables(data: bytes) -> dict[str, dict[str, list[str]]]:
    found = {}
    for table in Document(io.BytesIO(data)).tables[1:-1]:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        found[rows[0][0]] = {row[0]: row[1:] for row in rows[1:]}
    return found


def test_page_word_spreadsheet_and_csv_agree_with_the_plays_themselves(facts: Facts, report: Report) -> None:
    airings, minutes, reached = recount(plays())
    assert airings > 5
    shown = {table.key: {row[0]: row[1:] for row in table.rows} for table in tables(report, CATEGORIES)}
    assert shown["summary"]["Lượt phát"][0] == airings
    assert shown["summary"]["Thời lượng (phút)"][0] == minutes
    assert shown["summary"]["Tỷ lệ hộ được nghe ít nhất một lượt (%)"][0] == round(100 * reached / 1000, 1)

    word = docx_tables(to_docx(report, CATEGORIES, ward="Phường Tân Thạnh", today=date(2026, 12, 31)))
    assert word["Chỉ tiêu"]["Lượt phát"][0] == whole(airings)
    assert word["Chỉ tiêu"]["Thời lượng (phút)"][0] == decimal(minutes)

    heard = lines_behind(facts, "heard") or []
    book = load_workbook(io.BytesIO(to_xlsx(report, CATEGORIES, heard, ward="Phường Tân Thạnh", zone=ZONE)))
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    text = to_csv(*long_table(report, CATEGORIES)).decode("utf-8-sig")
    listed = {(row[0], row[1], row[2]): row[3] for row in csv.reader(io.StringIO(text))}
    assert listed["Kết quả chung", "Lượt phát", "Kỳ này"] == str(airings)
    for table in tables(report, CATEGORIES):
        sheet = sheets[table.title[0]]
        assert [tuple(row) for row in sheet[1:]] == [tuple(row) for row in table.rows]
        for row in table.rows:
            for (heading, _), cell in zip(table.header[1:], row[1:], strict=True):
                name = row[0] if not str(row[0]).startswith("=") else f"'{row[0]}"
                assert listed[table.title[0], name, heading] == ("" if cell is None else str(cell))
        if table.rows:
            in_word = word[table.header[0][0]]
            assert [list(cells) for cells in in_word.values()] == [
                ["–" if cell is None else whole(cell) if isinstance(cell, int) else decimal(cell) for cell in row[1:]]
                for row in table.rows
            ]
    assert len(sheets["Các lượt đã phát"]) - 1 == report.heard == len(heard)
    assert sheets["Các lượt đã phát"][1][0].isoformat() == "2026-10-08T05:30:00"


def test_no_cell_of_the_spreadsheet_is_a_formula(facts: Facts, report: Report) -> None:
    heard = lines_behind(facts, "heard") or []
    book = load_workbook(io.BytesIO(to_xlsx(report, CATEGORIES, heard, ward="=1+1", zone=ZONE)))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert book["Các lượt đã phát"]["C2"].value == "=HYPERLINK(1)"


def test_the_sentence_of_the_wards_own_reports(facts: Facts) -> None:
    """Viết 6 bài, phát 18 lượt, 85 %."""
    names = [f"b{n}" for n in range(6)]
    known = {BulletinId(name): bulletin(name, DIGITAL) for name in names}
    rows = [
        Row(
            occ=OccurrenceId(f"{name}@{n}"),
            cluster=ClusterId(cluster),
            bulletins=(name,),
            assets=(AssetId(name),),
            heard_ms=300_000,
        )
        for name in names
        for n in range(3)
        for cluster in ("kp1-01", "kp1-02", "kp2-01")
    ]
    whole_ward = replace(
        facts, plays=rows, bulletins=known, begun=frozenset(known), approved=frozenset(known), registry=registry()
    )
    said = {each.key: each.vi for each in sentences(draw_up(whole_ward, HALF, upto=START), CATEGORIES)}
    assert said["plays"] == (
        "Viết 6 bài tuyên truyền, phát 18 lượt trên hệ thống truyền thanh trong 18 buổi, tổng thời lượng 90 phút."
    )
    assert said["reach"].startswith(
        "Đạt tỷ lệ 60% trên tổng số hộ dân được nghe tuyên truyền trên hệ thống loa truyền thanh"
    )
    assert said["category:chuyen-doi-so"] == "Chuyên mục =Chuyển đổi số: 6 bài, phát 18 lượt."
    assert "4 cụm loa trên 2/3 khu phố" in said["clusters"]
    assert "tỷ lệ hoạt động" not in said["clusters"], "nobody watched: nothing is made up"


def test_the_word_file_is_laid_out_as_an_office_does_and_says_every_sentence(report: Report) -> None:
    paper = Document(io.BytesIO(to_docx(report, CATEGORIES, ward="Phường\x00 Tân Thạnh", today=date(2026, 12, 31))))
    text = "\n".join(line.text for line in paper.paragraphs)
    assert "Kết quả hoạt động truyền thanh 6 tháng cuối năm 2026" in text
    for sentence in sentences(report, CATEGORIES):
        assert f"- {sentence.vi}" in text
    head = " ".join(cell.text for cell in paper.tables[0].rows[0].cells)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head
    assert "ngày 31 tháng 12 năm 2026" in head
    section = paper.sections[0]
    assert (round(section.page_width.mm), round(section.left_margin.mm)) == (210, 30)


def test_an_empty_period_is_a_report_too(facts: Facts) -> None:
    nothing = replace(facts, plays=[], begun=frozenset(), approved=frozenset())
    empty = draw_up(nothing, HALF, upto=START)
    assert to_docx(empty, CATEGORIES, ward="Phường", today=date(2026, 7, 1))
    assert to_xlsx(empty, CATEGORIES, [], ward="Phường", zone=ZONE)
    assert sentences(empty, CATEGORIES)[0].vi.startswith("Viết 0 bài tuyên truyền, phát 0 lượt")


@pytest.mark.parametrize(
    ("number", "said"),
    [(None, "–"), (85.0, "85%"), (85.54, "85,5%"), (99.97, "99,9%"), (100, "100%"), (0.01, "0,1%"), (0, "0%")],
)
def test_only_all_is_a_hundred_and_only_nothing_is_none(number: float | None, said: str) -> None:
    assert percent(number) == said


def test_numbers_are_written_as_vietnamese_reports_do() -> None:
    assert (whole(1652), decimal(1652.5), decimal(3.0)) == ("1.652", "1.652,5", "3")


def test_a_category_that_is_gone_keeps_its_name_in_the_tables(report: Report) -> None:
    known = {table.key: table for table in tables(report, {})}
    assert [row[0] for row in known["category"].rows] == [CategoryId("an-ninh-trat-tu"), CategoryId("chuyen-doi-so")]
