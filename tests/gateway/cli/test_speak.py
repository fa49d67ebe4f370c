"""``loa speak``: by the ward's settings where nothing is typed, and a wrong word is an error that says so."""

import json
from pathlib import Path

import pytest
import soundfile

from gateway.cli.parser import main
from tests.tts.engines.tiny_piper import write_voice

LONG = "Một câu. Hai câu. Ba câu.\nBốn câu. Năm câu. Sáu câu.\nBảy câu. Tám câu."
HUM = "piper:vi_VN-hum-medium"


@pytest.fixture
def data(tmp_path: Path) -> str:
    write_voice(tmp_path / "data" / "voices")
    return str(tmp_path / "data")


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "loa.toml"
    file.write_text(
        '[speech]\nvoice = "vi"\nsecond_voice = "vi+Annie"\nfallback = ["vi"]\nspeed = 1.2\nregion = "south"\n'
        "pauses = { sentence_ms = 100, paragraph_ms = 100 }\n"
    )
    return str(file)


def speak(capsys: pytest.CaptureFixture[str], out: Path, *words: str) -> tuple[int, str]:
    code = main(["speak", *words, "-o", str(out)])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_what_is_not_typed_is_as_the_ward_set_it(
    data: str, config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.mp3"
    code, said = speak(capsys, out, "--text", LONG, "--config", config, "--data", data)
    assert (code, said.strip().splitlines()[-1].split("giọng ")[1]) == (0, "espeak:vi, espeak:vi+Annie")
    quick = soundfile.info(str(out)).duration
    slow = ("--speed", "0.8", "--pause-ms", "900", "--second-voice", "none")
    code, said = speak(capsys, out, "--text", LONG, "--config", config, "--data", data, *slow)
    assert (code, said.strip().splitlines()[-1].split("giọng ")[1]) == (0, "espeak:vi")
    assert soundfile.info(str(out)).duration > 1.3 * quick


def test_a_voice_that_is_typed_brings_no_other_along(
    data: str, config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, where = tmp_path / "x.mp3", ("--config", config, "--data", data)
    code, said = speak(capsys, out, "--text", LONG, "--voice", HUM, *where)
    assert (code, said.strip().splitlines()[-1].split("giọng ")[1]) == (0, HUM)
    code, said = speak(capsys, out, "--text", LONG, "--voice", HUM, "--second-voice", "espeak:vi", *where)
    assert (code, said.strip().splitlines()[-1].split("giọng ")[1]) == (0, f"{HUM}, espeak:vi")
    assert speak(capsys, out, "--text", "Một câu.", "--voice", "piper:gone", *where)[0] == 1


def test_the_format_is_what_was_asked_or_what_the_ending_says(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, more, form in (("x.opus", (), "OGG"), ("x.mp3", (), "MP3"), ("x.tin", ("--format", "opus"), "OGG")):
        code, said = speak(capsys, tmp_path / name, "--text", "Xin chào bà con.", "--data", data, *more)
        assert code == 0, said
        assert soundfile.info(str(tmp_path / name)).format == form


@pytest.mark.parametrize(
    ("name", "words", "why"),
    [
        ("x.wav", (), "không rõ định dạng"),
        ("x", (), "không rõ định dạng"),
        ("x.mp3", ("--format", "opus"), "không rõ định dạng"),
        ("x.opus", ("--sentence", "1"), "chỉ có .mp3"),
        ("x.mp3", ("--speed", "1.3"), "Tốc độ 1.3"),
        ("x.mp3", ("--speed", "nan"), "Tốc độ nan"),
        ("x.mp3", ("--pause-ms", "5"), "Quãng nghỉ 5 ms"),
        ("x.mp3", ("--second-voice", "nobody"), "espeak:nobody"),
        ("x.mp3", ("--second-voice", "piper:gone"), "piper:gone"),
        ("x.mp3", ("--sentence", "9"), "câu"),
        ("gone/x.mp3", (), "không ghi được"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_why_and_writes_nothing(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, name: str, words: tuple[str, ...], why: str
) -> None:
    code, said = speak(capsys, tmp_path / name, "--text", LONG, "--data", data, *words)
    assert (code, why in said) == (1, True), said
    assert not (tmp_path / name).exists()


def test_the_voices_are_listed_for_programs_too(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices", "list", "--json", "--data", data]) == 0
    engines = {each["engine"]: each for each in json.loads(capsys.readouterr().out)}
    assert set(engines) == {"espeak", "piper", "gtts"}
    assert (engines["espeak"]["available"], engines["gtts"]["available"]) == (True, False)
    assert engines["gtts"]["reason"]
    hum = engines["piper"]["voices"][0]
    assert (hum["id"], hum["engine"], bool(hum["licence"])) == (HUM, "piper", True)
