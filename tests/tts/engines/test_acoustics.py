"""Can the machine's Vietnamese be told apart by ear: tones by pitch, length by the syllable. No one has to listen."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from tests.tts.acoustics import Pitches, glide, pitches
from tts.assemble import trim
from tts.engines.espeak import DEFAULT_VOICE, EspeakEngine
from tts.model import Pcm, Region, VoiceId

NORTHERN = [voice.id for voice in EspeakEngine().voices() if voice.region is Region.NORTH]
TONES = {"ngang": "ma", "huyền": "mà", "sắc": "má", "hỏi": "mả", "ngã": "mã", "nặng": "mạ"}


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakEngine]:
    engine = EspeakEngine()
    yield engine
    engine.close()


def say(espeak: EspeakEngine, text: str, voice: VoiceId = DEFAULT_VOICE, speed: float = 1.0) -> Pcm:
    return trim(espeak.synth(text, voice, speed, 30.0))


@pytest.mark.parametrize("voice", NORTHERN)
def test_the_six_tones_go_the_way_they_should(espeak: EspeakEngine, voice: VoiceId) -> None:
    said = {tone: say(espeak, f"{word}.", voice) for tone, word in TONES.items()}
    way = {tone: glide(sound) for tone, sound in said.items()}
    height = {tone: float(np.mean(pitches(sound))) for tone, sound in said.items()}
    assert abs(way["ngang"]) < 2, "ngang is level"
    assert height["huyền"] < height["ngang"] - 1.5, "huyền is low"
    assert way["huyền"] < 0, "and falls"
    assert way["sắc"] > 3, "sắc rises"
    assert way["nặng"] < -1, "nặng drops"
    track = pitches(said["hỏi"])
    assert np.min(track) < min(track[0], track[-1]) - 0.5, "hỏi dips and comes back"
    assert height["ngã"] > height["ngang"] + 1, "ngã is high"
    assert way["ngã"] > 0.5, "and ends higher"


def shape(sound: Pcm) -> Pitches:
    track = pitches(sound)
    return np.interp(np.linspace(0, 1, 12), np.linspace(0, 1, len(track)), track)


def test_no_two_tones_of_the_default_voice_sound_alike(espeak: EspeakEngine) -> None:
    shapes = {tone: shape(say(espeak, f"{word}.")) for tone, word in TONES.items()}
    for one, other in itertools.combinations(shapes, 2):
        apart = float(np.sqrt(np.mean(np.square(shapes[one] - shapes[other]))))
        assert apart > 1.0, f"{one} and {other} are {apart:.1f} semitones apart"


SENTENCES = [
    "ủy ban nhân dân phường thông báo.",
    "mời bà con đến nhà văn hóa khu phố ba lúc bảy giờ tối thứ năm.",
    "đề nghị các hộ dân dọn dẹp vệ sinh trước nhà.",
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("speed", [0.8, 1.0, 1.2])
def test_a_syllable_takes_as_long_as_an_announcer_gives_it(espeak: EspeakEngine, sentence: str, speed: float) -> None:
    for voice in espeak.voices():
        per_syllable_ms = say(espeak, sentence, voice.id, speed).duration_ms * speed / len(sentence.split())
        assert 200 < per_syllable_ms < 420, voice.id


def test_the_voices_of_women_and_men_differ_in_pitch(espeak: EspeakEngine) -> None:
    woman, man = (
        float(np.median(pitches(say(espeak, SENTENCES[0], VoiceId(f"espeak:{v}"))))) for v in ("vi+Annie", "vi")
    )
    assert woman > man + 4


def test_the_meter_of_pitch_hears_what_is_known() -> None:
    seconds = np.arange(22_050) / 22_050
    rising = 150 * 2 ** (seconds * 6 / 12)  # six semitones in a second
    wave = sum(np.sin(2 * np.pi * np.cumsum(rising) / 22_050 * n) / n for n in range(1, 8))
    sound = Pcm((wave / np.max(np.abs(wave)) * 20_000).astype("<i2").tobytes(), 22_050)
    assert glide(sound) == pytest.approx(4.8, abs=0.4)  # from the middle of the first fifth to that of the last
    assert np.median(pitches(sound)) == pytest.approx(12 * np.log2(150 / 100) + 3, abs=0.3)
