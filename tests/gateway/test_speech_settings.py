"""Who reads: every wrong voice at once with its path, and nothing online unless it is allowed."""

from pathlib import Path

import pytest

from gateway.settings import BadSettings, load_settings
from tts.reader import MAX_PAUSE_MS, MIN_PAUSE_MS


def speech(tmp_path: Path, lines: str) -> Path:
    file = tmp_path / "loa.toml"
    file.write_text(f"[speech]\n{lines}\n")
    return file


def wrong(tmp_path: Path, lines: str) -> dict[str, str]:
    with pytest.raises(BadSettings) as caught:
        load_settings(speech(tmp_path, lines))
    return dict(caught.value.problems)


def test_a_name_alone_belongs_to_the_engine_and_a_stand_in_to_the_one_that_is_always_there(tmp_path: Path) -> None:
    lines = 'engine = "piper"\nvoice = "lan"\nsecond_voice = "minh"\nfallback = ["vi", "piper:hoa"]\nregion = "south"'
    found = load_settings(speech(tmp_path, lines)).speech
    assert found.named == (
        ("speech.voice", "piper:lan"),
        ("speech.second_voice", "piper:minh"),
        ("speech.fallback", "espeak:vi"),
        ("speech.fallback", "piper:hoa"),
    )
    assert found.region == "south"


def test_the_voice_names_the_engine_when_nothing_else_does(tmp_path: Path) -> None:
    found = load_settings(speech(tmp_path, 'voice = "piper:lan"\nsecond_voice = "minh"')).speech
    assert (found.voice_id, found.second_voice_id, found.fallback_ids) == ("piper:lan", "piper:minh", ())
    assert load_settings().speech.voice_id == "espeak:vi+Annie"


def test_every_wrong_value_is_told_at_once_with_its_path(tmp_path: Path) -> None:
    lines = (
        'voice = "cloud:lan"\nsecond_voice = "hai giọng"\nfallback = ["gtts:vi"]\nspeed = 1.3\nregion = "west"\n'
        "pauses = { sentence_ms = 50, paragraph_ms = 9000 }"
    )
    assert set(wrong(tmp_path, lines)) == {
        "speech.voice",
        "speech.second_voice",
        "speech.fallback",
        "speech.speed",
        "speech.region",
        "speech.pauses.sentence_ms",
        "speech.pauses.paragraph_ms",
    }


@pytest.mark.parametrize(
    ("lines", "path", "says"),
    [
        ('engine = "gtts"\nvoice = "vi"', "speech.engine", "speech.online"),
        ('voice = "gtts:vi"', "speech.voice", "speech.online"),
        ('engine = "piper"', "speech.voice", "cần tên"),
        ('engine = "espeak"\nvoice = "piper:lan"', "speech.voice", "không phải giọng của espeak"),
        ('voice = "piper:lan"\nsecond_voice = "lan"', "speech.second_voice", "trùng"),
        ('engine = "festival"', "speech.engine", "piper"),
        ('fallback = ["vi", ""]', "speech.fallback", "không phải tên giọng"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path: Path, lines: str, path: str, says: str) -> None:
    assert says in wrong(tmp_path, lines)[path]


def test_online_voices_may_be_set_where_they_are_allowed(tmp_path: Path) -> None:
    lines = 'online = true\nengine = "gtts"\nvoice = "vi"\nfallback = ["vi+Annie"]'
    found = load_settings(speech(tmp_path, lines)).speech
    assert (found.voice_id, found.fallback_ids) == ("gtts:vi", ("espeak:vi+Annie",))


@pytest.mark.parametrize("pause_ms", [MIN_PAUSE_MS, MAX_PAUSE_MS])
def test_the_longest_and_shortest_pauses_are_those_of_the_studio(tmp_path: Path, pause_ms: int) -> None:
    pauses = "pauses = {{ sentence_ms = {0}, paragraph_ms = {0} }}"
    assert load_settings(speech(tmp_path, pauses.format(pause_ms))).speech.pauses.sentence_ms == pause_ms
    outside = pause_ms - 1 if pause_ms == MIN_PAUSE_MS else pause_ms + 1
    assert "speech.pauses.sentence_ms" in wrong(tmp_path, pauses.format(outside))
