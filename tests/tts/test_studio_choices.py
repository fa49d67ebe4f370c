"""Fallback, two voices, previews, framing, and a queue that keeps nobody waiting for one sentence."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.tts.engines.tiny_piper import write_voice
from tests.tts.sounds import babble, pcm, write
from tests.tts.test_speech import CountingEngine, studio_of
from tts.engines.espeak import DEFAULT_VOICE
from tts.errors import EngineCrashed, NothingToSay, UnknownChime, UnknownVoice
from tts.framing import Framing, usual
from tts.master import measure, read
from tts.model import Codec, EngineId, Pcm, VoiceId
from tts.speech import Studio, local_studio

LONG = "Một câu. Hai câu. Ba câu.\nBốn câu. Năm câu. Sáu câu.\nBảy câu. Tám câu."
HUM = "piper:vi_VN-hum-medium"


class OtherEngine(CountingEngine):
    """Another voice, much softer."""

    id = EngineId("other")

    def synth(self, sentence: str, voice: VoiceId, speed: float, deadline_s: float) -> Pcm:
        said = super().synth(sentence, voice, speed, deadline_s)
        return Pcm((np.frombuffer(said.data, dtype="<i2") // 12).astype("<i2").tobytes(), said.rate_hz)


class SlowEngine(CountingEngine):
    """Waits in every sentence until it is let go."""

    id = EngineId("slow")

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def synth(self, sentence: str, voice: VoiceId, speed: float, deadline_s: float) -> Pcm:
        assert self.go.wait(30)
        return super().synth(sentence, voice, speed, deadline_s)


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    write_voice(tmp_path / "voices")
    async with local_studio(tmp_path / "audio", voices=tmp_path / "voices") as running:
        yield running


async def test_a_dropped_voice_speaks_a_whole_bulletin_at_its_level(studio: Studio) -> None:
    made = await studio.speak(LONG, voice=HUM)
    assert (made.voices, made.engine, made.fallback_reason) == ((HUM,), "piper", "")
    assert measure(made.path).integrated_lufs == pytest.approx(-16, abs=0.5)
    assert await studio.speak(LONG, voice=HUM) == made


async def test_another_voice_is_taken_only_for_the_whole_and_says_so(tmp_path: Path) -> None:
    chosen, other = CountingEngine(), OtherEngine()
    chosen.fails_at = "Tám"
    async with studio_of(tmp_path, chosen, other) as studio:
        made = await studio.speak(LONG, voice="counting:one", fallback=["nobody", "other:one"])
        assert made.voices == ("other:one",)
        assert made.engine == "other"
        assert "counting:one" in made.fallback_reason
        assert "hỏng" in made.fallback_reason
        assert len(other.asked) == 8, "no sentence is left in the voice that failed"
        plain = await studio.speak(LONG, voice="other:one")
        assert (plain.sha256, plain.fallback_reason) == (made.sha256, "")


async def test_without_a_fallback_or_when_all_fail_the_error_is_the_chosen_ones(tmp_path: Path) -> None:
    chosen, other = CountingEngine(), OtherEngine()
    chosen.fails_at, other.reason = "Tám", "đang tắt"
    async with studio_of(tmp_path, chosen, other) as studio:
        with pytest.raises(EngineCrashed):
            await studio.speak(LONG, voice="counting:one")
        assert other.asked == []
        with pytest.raises(EngineCrashed):
            await studio.speak(LONG, voice="counting:one", fallback=["other:one"])
        with pytest.raises(UnknownVoice):
            await studio.speak(LONG, voice="gone:voice", fallback=["other:one"])


async def test_a_text_at_fault_is_not_tried_in_another_voice(tmp_path: Path) -> None:
    other = OtherEngine()
    async with studio_of(tmp_path, CountingEngine(), other) as studio:
        with pytest.raises(NothingToSay):
            await studio.speak("***", voice="counting:one", fallback=["other:one"])
    assert other.asked == []


async def test_two_voices_take_turns_in_a_long_text_and_are_equally_loud(tmp_path: Path) -> None:
    one, two = CountingEngine(), OtherEngine()
    async with studio_of(tmp_path, one, two) as studio:
        made = await studio.speak(LONG, voice="counting:one", second_voice="other:one")
        assert made.voices == ("counting:one", "other:one")
        assert one.asked == ["Một câu.", "Hai câu.", "Ba câu.", "Bảy câu.", "Tám câu."]
        assert two.asked == ["Bốn câu.", "Năm câu.", "Sáu câu."]
        short = await studio.speak("Một câu.", voice="counting:one", second_voice="other:one")
        assert short.voices == ("counting:one",)
        samples = np.frombuffer(read(made.path).data, dtype="<i2").astype(float)
    third = len(samples) // 3
    first, middle = (np.sqrt(np.mean(np.square(part))) for part in (samples[:third], samples[third : 2 * third]))
    assert 20 * np.log10(middle / first) == pytest.approx(0, abs=3)


async def test_one_sentence_is_heard_in_its_own_voice_and_not_said_twice(tmp_path: Path) -> None:
    one, two = CountingEngine(), OtherEngine()
    async with studio_of(tmp_path, one, two) as studio:
        heard = await studio.preview(LONG, 3, voice="counting:one", second_voice="other:one")
        assert (heard.voices, one.asked, two.asked) == (("other:one",), [], ["Bốn câu."])
        assert heard.duration_ms == pytest.approx(1000, abs=60)
        await studio.speak(LONG, voice="counting:one", second_voice="other:one")
        assert two.asked == ["Bốn câu.", "Năm câu.", "Sáu câu."]
        for place in (-1, 8):
            with pytest.raises(NothingToSay):
                await studio.preview(LONG, place, voice="counting:one")


async def test_a_preview_and_an_emergency_do_not_wait_behind_the_queue(tmp_path: Path) -> None:
    slow, quick = SlowEngine(), CountingEngine()
    async with studio_of(tmp_path, slow, quick) as studio:
        queued = [asyncio.create_task(studio.speak(f"Bản tin {n}.", voice="slow:one")) for n in range(20)]
        async with asyncio.timeout(30):
            assert (await studio.preview("Nghe thử.", 0, voice="counting:one")).bytes
            assert (await studio.speak("Bão vào.", voice="counting:one", urgent=True)).bytes
        assert not any(task.done() for task in queued)
        slow.go.set()
        assert len({made.sha256 for made in await asyncio.gather(*queued)}) > 1


async def test_a_bulletin_is_framed_by_its_priority(studio: Studio) -> None:
    text = "Bão đang vào bờ."
    once = await studio.speak(text)
    framed = {
        priority: await studio.compose(text, usual(priority, "phường Tân Thạnh"))
        for priority in ("routine", "priority", "emergency")
    }
    assert len({made.sha256 for made in framed.values()}) == 3
    twice = await studio.compose(text, Framing(priority="emergency", repeats=2))
    thrice = await studio.compose(text, Framing(priority="emergency", repeats=3))
    assert thrice.duration_ms - twice.duration_ms == pytest.approx(once.duration_ms + 900, abs=60)
    for made in (*framed.values(), thrice):
        assert made.loudness.integrated_lufs == pytest.approx(-16, abs=0.5)
        assert made.loudness.true_peak_dbtp <= -1.5
        assert made.voices == (DEFAULT_VOICE,)
    with pytest.raises(UnknownChime):
        await studio.compose(text, Framing(priority="loud"))
    with pytest.raises(UnknownChime):
        usual("loud", "phường")


def test_an_emergency_is_said_twice_and_ends_with_what_to_do() -> None:
    assert (usual("emergency", "phường").repeats, usual("emergency", "phường").sign_off) == (2, "")
    assert usual("routine", "phường Tân Thạnh").opening == "Đây là đài truyền thanh phường Tân Thạnh."
    with pytest.raises(ValueError, match="repeats"):
        Framing(repeats=4)


async def test_a_fallback_speaks_the_frame_too(tmp_path: Path) -> None:
    chosen, other = CountingEngine(), OtherEngine()
    chosen.fails_at = "cảm ơn"
    async with studio_of(tmp_path, chosen, other) as studio:
        made = await studio.compose(
            "Một câu.", usual("routine", "phường"), voice="counting:one", fallback=["other:one"]
        )
        assert made.voices == ("other:one",)
        assert made.fallback_reason


async def test_opus_is_kept_beside_mp3(studio: Studio) -> None:
    small = await studio.speak(LONG, codec=Codec.OPUS)
    assert (small.mime, small.path.suffix) == ("audio/ogg", ".opus")
    assert await studio.speak(LONG, codec=Codec.OPUS) == small
    assert (await studio.chime("routine", codec=Codec.OPUS)).mime == "audio/ogg"


async def test_a_recording_comes_with_its_report_also_from_the_cache(studio: Studio, tmp_path: Path) -> None:
    speech = np.concatenate([np.zeros(96_000), babble(2.0), np.zeros(48_000)])
    path = write(tmp_path / "ghi.m4a", pcm(speech))
    made = await studio.recorded(path)
    assert made.recording is not None
    assert made.recording.cut_start_ms == pytest.approx(1850, abs=150)
    assert made.duration_ms == pytest.approx(made.recording.kept_ms, abs=60)
    assert made.voices == ()
    assert await studio.recorded(path) == made
