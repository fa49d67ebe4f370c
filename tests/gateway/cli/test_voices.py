"""``loa voices`` and ``loa speak`` as an operator types them."""

import hashlib
import importlib.util
from pathlib import Path

import pytest
import soundfile

from gateway.cli.parser import main
from tests.tts.engines.tiny_piper import write_voice
from tts.master import measure

NAME = "vi_VN-hum-medium"
TEXT = "Một câu. Hai câu. Ba câu. Bốn câu. Năm câu. Sáu câu. Bảy câu."


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    return write_voice(tmp_path / "offered")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("LOA_CONFIG", raising=False)
    return str(tmp_path / "data")


def install(model: Path, data: str, *more: str) -> int:
    given = hashlib.sha256(model.read_bytes()).hexdigest()
    words = ["voices", "install", str(model), "--sha256", given, "--licence", "CC BY 4.0", "--data", data]
    return main([*words, *more])


def test_a_voice_is_installed_listed_shown_and_heard(
    offered: Path, data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(offered, data, "--attribution", "Nhóm thu âm", "--gender", "female", "--accept-voice-policy") == 0
    said = capsys.readouterr().out
    assert "CC BY 4.0" in said
    assert "Nhóm thu âm" in said
    assert "đọc thử / tried" in said
    assert main(["voices", "list", "--data", data]) == 0
    assert f"piper:{NAME}" in capsys.readouterr().out
    assert main(["voices", "show", NAME, "--data", data]) == 0
    assert hashlib.sha256(offered.read_bytes()).hexdigest() in capsys.readouterr().out
    out = tmp_path / "x.opus"
    voices = ["--engine", "piper", "--second-voice", "espeak:vi", "--profile", "indoor"]
    assert main(["speak", "--text", TEXT, *voices, "--data", data, "-o", str(out)]) == 0
    assert f"piper:{NAME}, espeak:vi" in capsys.readouterr().out
    assert soundfile.info(str(out)).subtype == "OPUS"
    assert measure(out).integrated_lufs == pytest.approx(-23, abs=0.5)


def test_without_the_flag_the_policy_is_shown_and_nothing_installed(
    offered: Path, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(offered, data, "--attribution", "A") == 1
    said = capsys.readouterr()
    assert "người có thật" in said.out
    assert "--accept-voice-policy" in said.err
    assert not Path(data, "voices").exists()


@pytest.mark.parametrize(("more", "why"), [((), "ghi công"), (("--attribution", "A", "--sha256", "0" * 64), "SHA")])
def test_a_refusal_says_why(
    offered: Path, data: str, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], why: str
) -> None:
    assert install(offered, data, "--accept-voice-policy", *more) == 1
    assert why in capsys.readouterr().err


def test_a_dropped_voice_is_shown_as_of_unknown_origin(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_voice(Path(data, "voices"))
    assert main(["voices", "show", f"piper:{NAME}", "--data", data]) == 0
    assert "chưa có lý lịch" in capsys.readouterr().out


def test_an_unknown_voice_is_an_error(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices", "show", "nobody", "--data", data]) == 1
    assert "nobody" in capsys.readouterr().err


def test_speaking_with_a_fallback_says_who_spoke_and_why(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.mp3"
    words = ["speak", "--text", "Xin chào.", "--voice", "piper:gone", "--data", data, "-o", str(out)]
    assert main(words) == 1
    assert not out.exists()
    assert main([*words, "--fallback", "vi"]) == 0
    assert "! Đã dùng giọng dự phòng espeak:vi vì giọng piper:gone không đọc được" in capsys.readouterr().out


def test_one_sentence_is_previewed_and_a_bulletin_framed(data: str, tmp_path: Path) -> None:
    lengths = []
    for more in (["--sentence", "2"], [], ["--priority", "emergency", "--station", "phường Tân Thạnh"]):
        out = tmp_path / "x.mp3"
        assert main(["speak", "--text", TEXT, *more, "--data", data, "-o", str(out)]) == 0
        lengths.append(soundfile.info(str(out)).duration)
    one, whole, framed = lengths
    assert one < whole / 3
    assert framed > 2 * whole


def test_the_engine_that_is_asked_for_must_have_a_voice(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert importlib.util.find_spec("piper"), "the tests run with the extra"
    for engine, why in (("piper", "loa voices install"), ("nobody", "no such engine")):
        assert main(["speak", "--text", "Xin chào.", "--engine", engine, "--data", data, "-o", "x.mp3"]) == 1
        assert why in capsys.readouterr().err
