"""Báo cáo as a Word file, laid out as offices do (Nghị định 30/2020/NĐ-CP, phụ lục I: A4, Times New Roman, margins)."""

import io
from collections.abc import Mapping, Sequence
from datetime import date

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from gateway.domain.category import Category
from gateway.domain.ids import CategoryId
from gateway.domain.report import Report
from gateway.reports.numbers import decimal, whole
from gateway.reports.sentences import sentences
from gateway.reports.tables import Cell, Table, tables

_FONT = "Times New Roman"
_TEXT, _SMALL, _TITLE = Pt(13), Pt(11), Pt(14)
_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
_CHAPTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("II. SỐ LIỆU CHUNG, SO VỚI KỲ TRƯỚC", ("summary",)),
    ("III. THEO CHUYÊN MỤC, NGUỒN TIN VÀ MỨC ƯU TIÊN", ("category", "source", "origin", "priority")),
    ("IV. THEO KHU PHỐ", ("zone",)),
    ("V. CHƯA PHÁT ĐƯỢC VÀ NGUYÊN NHÂN", ("missed",)),
    ("VI. THIẾT BỊ HIỆN CÓ", ("stock",)),
)


def to_docx(report: Report, categories: Mapping[CategoryId, Category], *, ward: str, today: date) -> bytes:
    """Write it; ``today`` is the date under which it is signed."""
    paper = Document()
    _page(paper)
    _letterhead(paper, ward, today)
    _line(paper, "BÁO CÁO", bold=True, size=_TITLE, centre=True)
    _line(paper, f"Kết quả hoạt động truyền thanh {report.period.name[0]}", bold=True, centre=True, after=12)
    _line(paper, "I. KẾT QUẢ", bold=True)
    for sentence in sentences(report, categories):
        _line(paper, f"- {sentence.vi}")
    found = {table.key: table for table in tables(report, categories)}
    for title, keys in _CHAPTERS:
        _line(paper, title, bold=True, before=12)
        for key in keys:
            table = found[key]
            if not table.rows:
                _line(paper, "Không có.")
                continue
            if len(keys) > 1:
                _line(paper, f"{table.title[0]}:", italic=True)
            _table(paper, table)
    _line(
        paper,
        "Ghi chú: một lượt phát là một bản tin trong một buổi phát, được ít nhất một cụm loa chứng minh đã phát đủ."
        " Lượt không có bằng chứng được nêu riêng và không tính vào số nào khác.",
        italic=True,
        size=_SMALL,
        before=12,
    )
    _signature(paper)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _page(paper: Paper) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    style = paper.styles["Normal"]
    style.font.name, style.font.size = _FONT, _TEXT
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)


def _letterhead(paper: Paper, ward: str, today: date) -> None:
    table = paper.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    _write(left.paragraphs[0], "ỦY BAN NHÂN DÂN", size=_SMALL, centre=True)
    _write(left.add_paragraph(), ward.upper(), bold=True, size=_SMALL, centre=True)
    _write(left.add_paragraph(), "Số:       /BC-UBND", size=_SMALL, centre=True)
    _write(right.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, size=_SMALL, centre=True)
    _write(right.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", bold=True, size=_SMALL, centre=True)
    said = f"{ward}, ngày {today:%d} tháng {today:%m} năm {today.year}"
    _write(right.add_paragraph(), said, italic=True, size=_SMALL, centre=True)
    _line(paper, "")


def _signature(paper: Paper) -> None:
    table = paper.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    _write(left.paragraphs[0], "Nơi nhận:", bold=True, italic=True, size=_SMALL)
    for each in ("- Như trên;", "- Lưu: VT."):
        _write(left.add_paragraph(), each, size=_SMALL)
    _write(right.paragraphs[0], "TM. ỦY BAN NHÂN DÂN", bold=True, centre=True)
    _write(right.add_paragraph(), "(Ký, ghi rõ họ tên, đóng dấu)", italic=True, size=_SMALL, centre=True)


def _table(paper: Paper, table: Table) -> None:
    made = paper.add_table(rows=1, cols=len(table.header), style="Table Grid")
    _row(made.rows[0].cells, [pair[0] for pair in table.header], bold=True)
    for row in table.rows:
        _row(made.add_row().cells, [_said(cell) for cell in row])
    paper.add_paragraph()


def _row(cells: Sequence[object], texts: Sequence[str], *, bold: bool = False) -> None:
    for column, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        _write(cell.paragraphs[0], text, bold=bold, size=_SMALL, centre=bold or column > 0)  # type: ignore[attr-defined]


def _said(cell: Cell) -> str:
    match cell:
        case None:
            return "–"
        case int():
            return whole(cell)
        case float():
            return decimal(cell)
        case str():
            return cell


def _line(paper: Paper, text: str, *, before: int = 0, after: int = 4, **style: object) -> Paragraph:
    line = paper.add_paragraph()
    line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(before), Pt(after)
    _write(line, text, **style)  # type: ignore[arg-type]
    return line


def _write(
    line: Paragraph,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    size: Pt = _TEXT,
    centre: bool = False,
) -> None:
    run = line.add_run(text.translate(_NOT_IN_XML))
    run.bold, run.italic, run.font.size = bold, italic, size
    if centre:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
