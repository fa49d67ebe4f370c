"""A mistyped name is told with the nearest one that there is, whether it is a variable or stands in the file."""

import re
from pathlib import Path

import pytest

from gateway.cli.parser import main
from gateway.setting_names import setting_names, unknown_variables, variable_of
from gateway.settings import BadSettings, Settings, load_settings

ROOT = Path(__file__).parents[2]
READ_BY_US = ("gateway", "devices", "simulators", "tts", "bench", "configs", "docs")
_VARIABLE = re.compile(r"\bLOA_[A-Z_]+[A-Z]\b")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "loa.toml"
    file.write_text("[http]\nport = 99999\n")
    return file


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("LOA_HTPP__PORT", "LOA_HTTP__PORT"),
        ("LOA_HTTP__PROT", "LOA_HTTP__PORT"),
        ("LOA_HTTP_PORT", "LOA_HTTP__PORT"),
        ("LOA_DTAA", "LOA_DATA"),
        ("loa_speech__pauses__sentence", "LOA_SPEECH__PAUSES__SENTENCE_MS"),
        ("LOA_CONFG", "LOA_CONFIG"),
    ],
)
def test_a_mistyped_variable_is_refused_with_the_nearest_name(
    name: str, nearest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "9000")
    with pytest.raises(BadSettings) as caught:
        load_settings()
    [(told, text)] = caught.value.problems
    assert told == name
    assert nearest in text


def test_a_variable_like_none_of_ours_is_told_without_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_XYZ_QWKV", "")
    with pytest.raises(BadSettings) as caught:
        load_settings()
    assert [path for path, _ in caught.value.problems] == ["LOA_XYZ_QWKV"]
    assert "gần nhất" not in caught.value.problems[0][1]


def test_variables_and_the_file_are_told_together(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_HTPP__PORT", "1")
    monkeypatch.setenv("LOA_BROKR__HOST", "x")
    monkeypatch.setenv("LOA_WARD", "{")
    with pytest.raises(BadSettings) as caught:
        load_settings(config)
    assert [path for path, _ in caught.value.problems] == ["LOA_BROKR__HOST", "LOA_HTPP__PORT", "LOA_", "http.port"]


@pytest.mark.parametrize(
    ("text", "path", "nearest"),
    [
        ("[htpp]\nport = 9000", "htpp", "http"),
        ('[http]\nhots = "x"', "http.hots", "http.host"),
        ("[speech.pauses]\nsentense_ms = 300", "speech.pauses.sentense_ms", "speech.pauses.sentence_ms"),
        ("port = 9000", "port", "http.port"),
    ],
)
def test_a_mistyped_key_of_the_file_is_refused_with_the_nearest_name(
    text: str, path: str, nearest: str, tmp_path: Path
) -> None:
    file = tmp_path / "loa.toml"
    file.write_text(text + "\n")
    with pytest.raises(BadSettings) as caught:
        load_settings(file)
    [(told, words)] = caught.value.problems
    assert told == path
    assert f"gần nhất là {nearest} /" in words


@pytest.mark.parametrize(
    "words",
    [["run"], ["check-config"], ["demo", "--once"]],
    ids=["run", "check-config", "demo"],
)
def test_no_program_starts_with_a_variable_that_nobody_reads(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOA_HTPP__PORT", "9000")
    monkeypatch.setenv("LOA_BROKR__PORT", "1")
    assert main(words) == 1
    said = capsys.readouterr().err
    assert "  LOA_BROKR__PORT: " in said
    assert "  LOA_HTPP__PORT: " in said
    assert "gần nhất là LOA_HTTP__PORT" in said
    assert not list(tmp_path.iterdir()), "nothing was begun"


def test_check_config_tells_variables_beside_the_mistakes_of_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOA_HTPP__PORT", "9000")
    assert main(["check-config", "--config", str(config)]) == 1
    said = capsys.readouterr().err
    assert "2 lỗi" in said
    assert "LOA_HTPP__PORT" in said
    assert "http.port: nhiều nhất" in said


def test_every_variable_that_we_read_or_write_about_is_known() -> None:
    named = {
        name
        for folder in READ_BY_US
        for file in (ROOT / folder).rglob("*")
        if file.suffix in {".py", ".md", ".toml", ".service", ".yaml"}
        for name in _VARIABLE.findall(file.read_text(encoding="utf-8"))
    } | set(_VARIABLE.findall((ROOT / "tests/web/phone.py").read_text(encoding="utf-8")))
    assert {"LOA_CONFIG", "LOA_BACKUP_PASSPHRASE", "LOA_BENCH_VOICES", "LOA_SHOTS"} <= named
    assert [name for name, _ in unknown_variables(named, Settings)] == ["LOA_HTPP__PORT"], "the example of a mistake"


def test_what_is_no_variable_of_ours_is_left_alone() -> None:
    assert unknown_variables(["PATH", "LOAD", "LOA", "XLOA_HTPP"], Settings) == []
    assert unknown_variables(map(variable_of, setting_names(Settings)), Settings) == []
