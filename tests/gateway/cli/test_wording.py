"""``loa text`` and ``loa lexicon``: the same rules at the terminal."""

import json
from pathlib import Path

import pytest

from gateway.cli.parser import main
from gateway.store.opening import open_store
from tests.gateway.papers.documents import NOTICE, word
from tests.gateway.store.rows import NOW


@pytest.fixture
def data(tmp_path: Path) -> str:
    with open_store(tmp_path / "data", now=NOW):
        return str(tmp_path / "data")


def test_a_file_is_shown_as_it_would_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cong-van.docx"
    path.write_bytes(word())
    assert main(["text", str(path), "--all"]) == 0
    shown = capsys.readouterr().out
    assert "\n".join(NOTICE) in shown
    assert "[chữ ký]" in shown
    assert main(["text", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["body"] == "\n".join(NOTICE)
    (tmp_path / "x").write_bytes(b"{\\rtf1}")
    assert main(["text", str(tmp_path / "x")]) == 1
    assert ".docx" in capsys.readouterr().err
    assert main(["text", str(tmp_path / "none")]) == 1


def test_the_lexicon_is_kept_from_the_terminal(data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lexicon", "add", "KTX", "ký túc xá", "--case-sensitive", "--data", data]) == 0
    assert main(["lexicon", "add", "KTX", "ca 3", "--data", data]) == 1
    capsys.readouterr()
    assert main(["lexicon", "list", "--data", data]) == 0
    assert capsys.readouterr().out == "KTX\tký túc xá\tcs\n"
    file = tmp_path / "tu-dien.tsv"
    file.write_text("TDQX\tđội xung kích\tcs\nhỏng\n")
    assert main(["lexicon", "import", str(file), "--data", data]) == 1
    assert "dòng 2" in capsys.readouterr().err
    assert main(["lexicon", "import", str(file), "--skip-bad", "--data", data]) == 0
    assert main(["lexicon", "remove", "KTX", "--case-sensitive", "--data", data]) == 0
    assert main(["lexicon", "remove", "KTX", "--case-sensitive", "--data", data]) == 1
    assert main(["lexicon", "export", str(file), "--data", data]) == 0
    assert file.read_text().splitlines()[1:] == ["TDQX\tđội xung kích\tcs"]
    capsys.readouterr()
    assert main(["lexicon", "history", "KTX", "--data", data]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "(bỏ)" in first
    assert "ký túc xá" in second
    assert "system" in second
    assert main(["lexicon", "list", "--json", "--data", data]) == 0
    assert json.loads(capsys.readouterr().out)[0]["surface"] == "TDQX"


def test_a_mistyped_folder_becomes_no_empty_ward(tmp_path: Path) -> None:
    assert main(["lexicon", "list", "--data", str(tmp_path / "nothing")]) == 1
    assert not (tmp_path / "nothing").exists()
