"""``loa check-config``: what a start would refuse, or poles could not reach, is named with its setting, all at once."""

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


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ('[ward]\npolicy = "hanoi"', "ward.policy", "không có quy chế “hanoi”"),
        ('[broker]\nmode = "external"', "broker.url", "cần địa chỉ"),
        ('[broker]\nmode = "external"\nurl = "mqtts://b:8883"\nca = "gone.pem"', "broker", "gone.pem"),
        ('[broker]\nmode = "external"\nurl = "mqtts://b:8883"\nkey = "k.pem"', "broker.certificate", "đi cùng nhau"),
        ('[broker]\nhost = "0.0.0.0"', "broker.advertised_host", "192.168.1.10"),
        ('[http]\nhost = "0.0.0.0"', "http.public_url", "192.168.1.10"),
        ('[http]\npublic_url = "192.168.1.10"', "http.public_url", "http://"),
        ("[http]\nport = 99999", "http.port", "nhiều nhất là 65535"),
        ('[broker]\nmode = "externl"', "broker.mode", "một trong"),
        ('[ward]\nsite = "Phường 5"', "ward.site", "chữ thường"),
        ('[ward]\ntimezone = "Asia/Hanoi"', "ward.timezone", "múi giờ không có"),
    ],
)
def test_what_cannot_work_is_named_before_the_start(
    text: str, path: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "loa.toml"
    config.write_text(text + "\n")
    assert main(["check-config", "--config", str(config), "--data", str(tmp_path / "data")]) == 1
    said = capsys.readouterr().err
    assert "1 lỗi" in said
    assert f"  {path}: " in said
    assert words in said
    assert "Value error" not in said


def test_a_machine_that_listens_everywhere_and_says_where_it_is_is_fine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "loa.toml"
    config.write_text(
        '[http]\nhost = "0.0.0.0"\npublic_url = "http://192.168.1.10:8080"\n'
        '[broker]\nhost = "0.0.0.0"\nadvertised_host = "192.168.1.10"\n'
    )
    assert main(["check-config", "--config", str(config), "--data", str(tmp_path / "data")]) == 0
    assert "dùng được" in capsys.readouterr().out
