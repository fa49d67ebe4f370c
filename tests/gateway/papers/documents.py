"""Files as an office sends them, written by the libraries that others use, so that nothing of ours checks itself."""

import io
import zipfile
from collections.abc import Sequence

from docx import Document
from odf.opendocument import OpenDocumentText
from odf.table import Table, TableCell, TableRow
from odf.text import P

NOTICE = (
    "Thực hiện kế hoạch của thành phố, Ủy ban nhân dân phường thông báo lịch tiêm chủng tháng mười.",
    "Thời gian: từ 7 giờ 30 ngày 12 tháng 10 tại Trạm Y tế phường.",
    "Đề nghị bà con đưa trẻ đến đúng giờ.",
)
HEAD = (
    ("ỦY BAN NHÂN DÂN\nPHƯỜNG TÂN THẠNH\n-------", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"),
    ("Số: 45/TB-UBND", "Tân Thạnh, ngày 05 tháng 10 năm 2026"),
)
FOOT = (
    (
        "Nơi nhận:\n- Như trên;\n- Các khu phố;\n- Lưu: VT.",
        "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n(Đã ký)\nTrần Thị Bình",
    ),
)
PEOPLE = (("STT", "Họ và tên", "Đơn vị"), ("1", "Nguyễn Văn An", "Khu phố 1"), ("2", "Lê Thị Hoa", "Khu phố 2"))
FACTS = (("STT", "Khu phố", "Giờ cắt điện"), ("1", "Khu phố 1", "từ 7h đến 9h"), ("2", "Khu phố 2", "từ 9h đến 11h"))

_CID_FONT = (
    "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 500"
    " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
)
_FONT = "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>"
Rows = Sequence[Sequence[str]]


def word(*, tables: Sequence[Rows] = (), paragraphs: Sequence[str] = NOTICE) -> bytes:
    """Write a .docx as a ward office lays it out."""
    document = Document()
    _word_table(document, HEAD)
    document.add_paragraph("THÔNG BÁO")
    document.add_paragraph("Về việc tiêm chủng mở rộng tháng 10 năm 2026")
    for text in paragraphs:
        document.add_paragraph(text)
    for rows in (*tables, FOOT):
        _word_table(document, rows)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _word_table(document: Document, rows: Rows) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            first, *more = text.split("\n")
            cell.paragraphs[0].text = first
            for line in more:
                cell.add_paragraph(line)


def open_document(*, paragraphs: Sequence[str] = NOTICE) -> bytes:
    """Write an .odt."""
    document = OpenDocumentText()
    for rows, texts in ((HEAD, ("THÔNG BÁO", "Về việc tiêm chủng mở rộng tháng 10 năm 2026", *paragraphs)), (FOOT, ())):
        table = Table()
        for cells in rows:
            row = TableRow()
            for text in cells:
                cell = TableCell()
                for line in text.split("\n"):
                    cell.addElement(P(text=line))
                row.addElement(cell)
            table.addElement(row)
        document.text.addElement(table)
        for text in texts:
            document.text.addElement(P(text=text))
    written = io.BytesIO()
    document.write(written)
    return written.getvalue()


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """Write a PDF by hand: lines of text, in a font whose codes are mapped to Unicode as printers map them."""
    chars = sorted({char for lines in pages for line in lines for char in line})
    codes = {char: number for number, char in enumerate(chars, 1)}
    mapping = "\n".join(f"<{code:04x}> <{ord(char):04x}>" for char, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{mapping}\nendbfchar\nendcmap end end"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{6 + 2 * n} 0 R' for n in range(len(pages)))}] >>",
        _FONT,
        _CID_FONT,
        _stream(cmap),
    ]
    for number, lines in enumerate(pages):
        said = "\n".join(f"<{''.join(f'{codes[char]:04x}' for char in line)}> Tj 0 -14 Td" for line in lines)
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >>"
            f" /Contents {7 + 2 * number} 0 R >>"
        )
        objects.append(_stream(f"BT /F 12 Tf 50 800 Td\n{said}\nET"))
    written, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n"
    )
    return written + f"{end}startxref\n{len(written)}\n%%EOF\n".encode("latin-1")


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def zipped(parts: dict[str, bytes]) -> bytes:
    """Write a zip file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()
