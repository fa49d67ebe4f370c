"""Files of an office become text to be read out, and a file made to harm costs nothing but itself."""

import asyncio
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from gateway.domain.errors import BadInput, TryLater
from gateway.domain.paper import BlockKind, Paper, Reason
from gateway.domain.paper_reading import read_paper
from gateway.papers import PaperReader, child
from gateway.papers.legacy import _TCVN3_LETTERS
from tests.gateway.papers.documents import FACTS, NOTICE, PEOPLE, open_document, pdf, word, zipped

VNI_SAMPLE = "UÛy ban nhaân daân phöôøng môøi baø con ñeán nhaø vaên hoùa hoïp luùc baûy giôø toái"
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
PLAIN_SAMPLE = "Ủy ban nhân dân phường mời bà con đến nhà văn hóa họp lúc bảy giờ tối"


async def taken(data: bytes, folder: Path, reader: PaperReader | None = None) -> Paper:
    path = folder / "paper"
    path.write_bytes(data)
    return read_paper(await (reader or PaperReader()).read(path))


async def refused(data: bytes, folder: Path, reader: PaperReader | None = None) -> str:
    with pytest.raises(BadInput) as caught:
        await taken(data, folder, reader)
    return caught.value.problems[0].code


@pytest.mark.parametrize("made", [word(), open_document()], ids=["docx", "odt"])
async def test_an_office_document_is_left_with_what_is_read_out(tmp_path: Path, made: bytes) -> None:
    paper = await taken(made, tmp_path)
    assert paper.title == "Thông báo tiêm chủng mở rộng tháng 10 năm 2026"
    assert paper.paragraphs == NOTICE
    gone = {piece.reason for piece in paper.removed}
    assert {
        Reason.LETTERHEAD,
        Reason.NUMBER,
        Reason.DATE_LINE,
        Reason.TITLE,
        Reason.RECIPIENTS,
        Reason.SIGNATURE,
    } <= gone
    everything = "\n".join(piece.text for piece in paper.removed)
    for word_ in ("CỘNG HÒA", "Số: 45/TB-UBND", "Lưu: VT", "KT. CHỦ TỊCH", "(Đã ký)", "Trần Thị Bình"):
        assert word_ in everything


async def test_a_list_of_people_is_taken_off_and_a_table_of_facts_is_said(tmp_path: Path) -> None:
    paper = await taken(word(tables=[PEOPLE, FACTS]), tmp_path)
    assert any(piece.reason is Reason.TABLE and "Lê Thị Hoa" in piece.text for piece in paper.removed)
    assert paper.paragraphs[-2:] == (
        "Khu phố: Khu phố 1; Giờ cắt điện: từ 7h đến 9h.",
        "Khu phố: Khu phố 2; Giờ cắt điện: từ 9h đến 11h.",
    )
    assert "Hoa" not in paper.body


PAGES = [
    [
        "UBND PHƯỜNG TÂN THẠNH CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 12/TB-UBND Tân Thạnh, ngày 05 tháng 10 năm 2026",
        "THÔNG BÁO",
        "Về việc cắt điện",
        "Ủy ban nhân dân phường thông báo: do sửa chữa đường dây, điện lực sẽ ngừng cung",
        "cấp điện tại khu phố ba và khu phố bốn từ bảy giờ đến mười một giờ sáng thứ năm.",
        "Bà con chủ động bố trí công việc và khóa các thiết bị điện trước khi ra khỏi",
    ],
    [
        "2",
        "nhà.",
        "Nơi nhận: TM. ỦY BAN NHÂN DÂN",
        "- Như trên; CHỦ TỊCH",
        "- Lưu: VT.",
        "(Đã ký)",
        "Nguyễn Văn An",
    ],
]


async def test_the_broken_lines_of_a_pdf_are_sentences_again_over_a_page_too(tmp_path: Path) -> None:
    paper = await taken(pdf(PAGES), tmp_path)
    assert paper.paragraphs == (
        f"{PAGES[0][5]} {PAGES[0][6]}",
        "Bà con chủ động bố trí công việc và khóa các thiết bị điện trước khi ra khỏi nhà.",
    )
    assert paper.title == "Thông báo cắt điện"
    assert "Nguyễn Văn An" in paper.removed[-1].text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
async def test_plain_text_is_read_in_every_unicode(tmp_path: Path, encoding: str) -> None:
    assert (await taken("\n".join(NOTICE).encode(encoding), tmp_path)).paragraphs == NOTICE


async def test_letters_of_the_fonts_before_unicode_are_read_when_it_is_sure_which(tmp_path: Path) -> None:
    codes = {letter: code for code, letter in _TCVN3_LETTERS.items()}
    small = PLAIN_SAMPLE.lower()
    tcvn3 = bytes(codes.get(char, ord(char) & 0x7F) for char in small)
    assert (await taken(tcvn3, tmp_path)).body == small
    assert (await taken(VNI_SAMPLE.encode("cp1252"), tmp_path)).body == PLAIN_SAMPLE
    windows = b"".join(char.encode("cp1258", "ignore") or _parts(char) for char in PLAIN_SAMPLE)
    assert (await taken(windows, tmp_path)).body == PLAIN_SAMPLE
    old_font = zipped({"word/document.xml": WORD.format(f"<w:p><w:r><w:t>{VNI_SAMPLE}</w:t></w:r></w:p>").encode()})
    assert (await taken(old_font, tmp_path)).body == PLAIN_SAMPLE
    assert await refused(bytes(range(0x80, 0x100)) * 3, tmp_path) == "unknown_letters"


def _parts(char: str) -> bytes:
    whole = unicodedata.normalize("NFD", char)
    base = unicodedata.normalize("NFC", whole[:-1])
    if len(whole) == 3 and whole[1] == "\u0323":  # the dot below sorts before a hat
        base, whole = unicodedata.normalize("NFC", whole[0] + whole[2]), whole[0] + whole[2] + whole[1]
    return base.encode("cp1258") + whole[-1].encode("cp1258")


async def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    assert await refused(b"", tmp_path) == "empty"
    assert await refused(b"\xd0\xcf\x11\xe0" + b"x" * 600, tmp_path) == "old_word"
    assert await refused(b"{\\rtf1 abc}", tmp_path) == "rtf"
    assert await refused(b"\x89PNG\r\n\x1a\n" + b"\0" * 99, tmp_path) == "picture"
    assert await refused(b"MZ\x90\x00\x03" + bytes(range(256)), tmp_path) == "not_text"
    assert await refused(word()[:-2000], tmp_path) == "damaged"
    assert await refused(zipped({"hello.txt": b"x"}), tmp_path) == "damaged"
    assert await refused(pdf(PAGES)[:300], tmp_path) == "damaged"
    assert await refused(pdf([[]]), tmp_path) == "scanned"
    assert await refused(pdf([["a"]] * 61), tmp_path) == "too_much"
    assert await refused(("Kính thưa bà con. " * 1_200).encode(), tmp_path) == "too_long"
    assert await refused("Số: 12/TB-UBND".encode(), tmp_path) == "no_text"


async def test_a_pdf_with_a_password_is_refused_and_one_locked_against_printing_is_read(tmp_path: Path) -> None:
    for password, expected in (("bí mật", "locked"), ("", "")):
        plain, locked = tmp_path / "plain.pdf", tmp_path / "locked.pdf"
        plain.write_bytes(pdf(PAGES))
        writer = PdfWriter(clone_from=PdfReader(plain))
        writer.encrypt(user_password=password, owner_password="chủ", algorithm="AES-256")
        writer.write(locked)
        if expected:
            assert await refused(locked.read_bytes(), tmp_path) == expected
        else:
            assert "điện lực" in (await taken(locked.read_bytes(), tmp_path)).body


async def test_files_made_to_harm_are_refused(tmp_path: Path) -> None:
    bomb = zipped({"word/document.xml": b"\0" * 60_000_000})
    assert len(bomb) < 100_000
    assert await refused(bomb, tmp_path) == "too_much"
    many = zipped({f"x{number}": b"" for number in range(3_100)})
    assert await refused(many, tmp_path) == "too_much"
    laughs = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>'
    assert await refused(zipped({"word/document.xml": laughs}), tmp_path) == "damaged"
    outside = b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>'
    assert await refused(zipped({"word/document.xml": outside}), tmp_path) == "damaged"
    deep = WORD.format("<w:sdt>" * 3_000 + "</w:sdt>" * 3_000)
    assert await refused(zipped({"word/document.xml": deep.encode()}), tmp_path) == "too_much"
    wide = WORD.format("<w:p><w:r><w:t>bà con </w:t></w:r></w:p>" * 60_000)
    assert await refused(zipped({"word/document.xml": wide.encode()}), tmp_path) == "too_much"
    (tmp_path / "large").write_bytes(b"a" * (child.MOST_BYTES + 1))
    with pytest.raises(BadInput, match="10 MB"):
        await PaperReader().read(tmp_path / "large")


async def test_a_file_that_takes_too_long_is_given_up_and_its_process_ends(tmp_path: Path) -> None:
    assert await refused(word(), tmp_path, PaperReader(deadline_s=0.01)) == "too_slow"


async def test_a_crowd_of_files_is_asked_to_come_later_and_loses_no_seat(tmp_path: Path) -> None:
    reader = PaperReader()
    path = tmp_path / "paper"
    path.write_text("\n".join(NOTICE))
    answers = await asyncio.gather(*(reader.read(path) for _ in range(child.MOST_WAITING + 3)), return_exceptions=True)
    assert sum(isinstance(answer, TryLater) for answer in answers) == 3
    assert [block.text for block in await reader.read(path)] == list(NOTICE)


async def test_the_reading_process_may_not_write_a_file_nor_take_all_memory(tmp_path: Path) -> None:
    for harm in (f"open({str(tmp_path / 'x')!r}, 'wb', buffering=0).write(b'a' * 9)", "bytearray(2_000_000_000)"):
        program = f"from gateway.papers.reader import _limit_myself as l; l(); {harm}"
        done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=False)
        assert done.returncode != 0
    assert (tmp_path / "x").read_bytes() == b""


async def test_a_line_break_in_word_is_no_new_file_and_deleted_text_is_not_read(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>Họp lúc</w:t><w:tab/><w:t>bảy giờ.</w:t></w:r>"
        "<w:del><w:r><w:delText>Hoãn họp.</w:delText></w:r></w:del></w:p>"
    )
    made = zipped({"word/document.xml": WORD.format(body).encode()})
    (tmp_path / "x").write_bytes(made)
    blocks = await PaperReader().read(tmp_path / "x")
    assert [(block.kind, block.text) for block in blocks] == [(BlockKind.PARAGRAPH, "Họp lúc bảy giờ.")]
