"""``loa normalize`` as an operator types it, and the shape a program reads."""

import json
from pathlib import Path

import pytest

from gateway.cli.parser import main


def test_the_shape_of_the_json_is_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = tmp_path / "bản tin.txt"
    paper.write_text("UBND họp lúc 7h. TT hôm nay mở router QWX 19 15.", encoding="utf-8")
    assert main(["normalize", str(paper), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert list(first) == ["sentence", "spoken", "changes", "unknown", "ambiguous", "doubts"]
    assert first["spoken"] == "ủy ban nhân dân họp lúc bảy giờ."
    assert first["changes"][0] == {
        "start": 0, "end": 4, "written": "UBND", "spoken": "ủy ban nhân dân", "rule": "lexicon",
    }  # fmt: skip
    assert (first["unknown"], first["ambiguous"]) == ([], [])
    assert second["unknown"] == ["router", "QWX"]
    assert second["ambiguous"] == ["TT", "19"]
    asked = {doubt["token"]: doubt for doubt in second["doubts"]}
    assert asked["TT"]["kind"] == "ambiguous"
    assert "trung tâm" in asked["TT"]["choices"]


def test_the_region_and_the_wards_list_change_the_reading(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = tmp_path / "ward.tsv"
    words.write_text("UBND\tủy ban ta\tcs\nhỏng\n", encoding="utf-8")
    assert main(["normalize", "--text", "UBND có 1.005 hộ", "--region", "south", "--lexicon", str(words)]) == 0
    told = capsys.readouterr()
    assert "→ ủy ban ta có một ngàn không trăm lẻ năm hộ." in told.out
    assert "dòng 2" in told.err


def test_a_list_that_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["normalize", "--text", "UBND", "--lexicon", str(tmp_path / "none.tsv")]) == 1
    assert "từ điển" in capsys.readouterr().err
