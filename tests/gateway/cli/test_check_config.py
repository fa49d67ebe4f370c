"""``loa check-config``: a voice that nobody has is named with its setting, all of them at once."""

from pathlib import Path

import pytest

from gateway.cli.parser import main
from tests.tts.engines.tiny_piper import write_voice


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "loa.toml"
    file.write_text('[speech]\nvoice = "piper:gone"\nsecond_voice = "espeak:nobody"\nfallback = ["vi", "vi+Gone"]\n')
    return file


def test_every_voice_that_is_not_there_is_named_with_its_setting(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-config", "--config", str(config), "--data", str(tmp_path / "data")]) == 1
    said = capsys.readouterr().err
    assert "3 lỗi" in said
    for path, name in (
        ("speech.voice", "piper:gone"),
        ("speech.second_voice", "espeak:nobody"),
        ("speech.fallback", "espeak:vi+Gone"),
    ):
        assert f"{path}: không có giọng “{name}”" in said
    assert "espeak:vi”" not in said
    assert not (tmp_path / "data").exists(), "a look changes nothing"


def test_voices_that_are_there_are_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = write_voice(tmp_path / "data" / "voices")
    config = tmp_path / "loa.toml"
    config.write_text(f'[speech]\nengine = "piper"\nvoice = "{model.stem}"\nfallback = ["vi"]\n')
    assert main(["check-config", "--config", str(config), "--data", str(tmp_path / "data")]) == 0
    assert "dùng được" in capsys.readouterr().out
