"""The studio as the gateway uses it: real engines, real ffmpeg, real files."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import soundfile

from tests.tts.sounds import babble, pcm, write
from tts.cache import AudioCache
from tts.engines.espeak import DEFAULT_VOICE, EspeakEngine
from tts.engines.port import Engine
from tts.errors import (
    AudioTooShort,
    CacheError,
    EngineAnswer,
    EngineCrashed,
    EngineError,
    EngineUnavailable,
    NothingToSay,
    PauseOutOfRange,
    SpeedOutOfRange,
    StudioBusy,
    TextTooLong,
    UnknownChime,
    UnknownVoice,
)
from tts.master import measure
from tts.model import (
    HORN,
    INDOOR,
    Codec,
    EngineId,
    EngineStatus,
    Gender,
    LoudnessProfile,
    Pauses,
    Pcm,
    Quality,
    Region,
    Voice,
    VoiceId,
    voice_id,
)
from tts.speech import MAX_WAITING, Studio, local_studio
from tts.text.lexicon_file import national

TEXT = "UBND phường thông báo cắt điện từ 7h00 đến 11h00 ngày 15/8.\nĐề nghị bà con chủ động."


class CountingEngine:
    """Speaks babble, counts sentences, and does what a test tells it to."""

    id = EngineId("counting")
    online = False
    quality = Quality.BASIC
    version = "1"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails_at = ""
        self.mute_at = ""
        self.reason = ""

    def voices(self) -> tuple[Voice, ...]:
        return (
            Voice(
                id=voice_id(self.id, "one"),
                label="một",
                gender=Gender.MALE,
                region=Region.NORTH,
                engine=self.id,
                quality=self.quality,
                licence="none",
            ),
        )

    def available(self) -> EngineStatus:
        return EngineStatus(
            engine=self.id, available=not self.reason, online=False, quality=self.quality, reason=self.reason
        )

    def fingerprint(self, voice: VoiceId) -> str:
        return str(voice)

    def synth(self, sentence: str, voice: VoiceId, speed: float, deadline_s: float) -> Pcm:
        self.asked.append(sentence)
        if self.fails_at and self.fails_at in sentence:
            raise EngineCrashed(self.id, "hỏng")
        if self.mute_at and self.mute_at in sentence:
            return Pcm(bytes(48_000), 48_000)
        return pcm(babble(0.5, seed=len(sentence)))

    def close(self) -> None:
        """Nothing to let go of."""


VOICE = str(voice_id("counting", "one"))


def studio_of(folder: Path, *engines: Engine) -> Studio:
    return Studio(engines=engines, cache=AudioCache(folder), lexicon=national(), default_voice=VoiceId(VOICE))


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with local_studio(tmp_path / "audio") as running:
        yield running


@pytest.mark.parametrize("profile", [HORN, INDOOR], ids=lambda profile: profile.name)
async def test_a_bulletin_becomes_a_file_at_its_level(studio: Studio, profile: LoudnessProfile) -> None:
    made = await studio.speak(TEXT, profile=profile)
    assert made.path.stat().st_size == made.bytes
    assert made.mime == "audio/mpeg"
    assert 6000 < made.duration_ms < 15_000
    found = measure(made.path)
    assert found.integrated_lufs == pytest.approx(profile.integrated_lufs, abs=0.5)
    assert found.true_peak_dbtp <= profile.true_peak_max_dbtp
    about = soundfile.info(str(made.path))
    assert made.duration_ms == round(about.frames * 1000 / about.samplerate)


async def test_a_lost_folder_is_rendered_again_to_the_same_hash(studio: Studio, tmp_path: Path) -> None:
    made = await studio.speak(TEXT)
    async with local_studio(tmp_path / "another") as other:
        assert (await other.speak(TEXT)).sha256 == made.sha256, "an approval is bound to the hash"


async def test_the_same_request_is_rendered_once_and_every_sentence_said_once(tmp_path: Path) -> None:
    engine = CountingEngine()
    async with studio_of(tmp_path, engine) as studio:
        first = await studio.speak("Một câu. Hai câu.")
        assert await studio.speak("Một  câu.   Hai câu. ") == first
        assert engine.asked == ["Một câu.", "Hai câu."]
        faster = await studio.speak("Một câu. Hai câu.", speed=1.1)
        assert engine.asked[2:] == ["Một câu.", "Hai câu."], "another speed is other sound"
        indoors = await studio.speak("Một câu. Hai câu.", profile=INDOOR)
        slower = await studio.speak("Một câu.\nHai câu.")  # the pause is longer
        assert slower.duration_ms == pytest.approx(first.duration_ms + 450, abs=30)
        small = await studio.speak("Một câu. Hai câu.", codec=Codec.OPUS)
        await studio.speak("Ba câu. Hai câu.")
        assert engine.asked[4:] == ["Ba câu."], "a text with one sentence changed is one sentence's work"
    assert len({made.sha256 for made in (first, indoors, slower, small)}) == 4
    assert faster.voices == first.voices == (VOICE,)
    async with studio_of(tmp_path, engine) as studio:
        assert await studio.speak("Một câu. Hai câu.") == first
    assert len(engine.asked) == 5


async def test_only_spoken_text_reaches_an_engine(tmp_path: Path) -> None:
    engine = CountingEngine()
    async with studio_of(tmp_path, engine) as studio:
        await studio.speak("UBND thu 85%.\n***\nLúc 7h.")
    assert engine.asked == ["ủy ban nhân dân thu tám mươi lăm phần trăm.", "Lúc bảy giờ."]


async def test_one_sentence_that_fails_fails_the_bulletin_and_no_other_engine_is_asked(tmp_path: Path) -> None:
    broken, ready = CountingEngine(), EspeakEngine()
    broken.fails_at = "Hai"
    async with studio_of(tmp_path, broken, ready) as studio:
        with pytest.raises(EngineCrashed):
            await studio.speak("Một câu. Hai câu. Ba câu.")
        assert ready.worker_pid is None
        assert not list((tmp_path / "audio").iterdir())
        broken.fails_at = ""
        assert (await studio.speak("Một câu. Hai câu. Ba câu.")).bytes


async def test_a_sentence_nobody_would_hear_is_an_error_not_a_pause(tmp_path: Path) -> None:
    engine = CountingEngine()
    engine.mute_at = "Hai"
    async with studio_of(tmp_path, engine) as studio:
        with pytest.raises(EngineAnswer, match="Hai câu"):
            await studio.speak("Một câu. Hai câu.")


async def test_an_engine_that_is_not_there_says_why(tmp_path: Path) -> None:
    engine = CountingEngine()
    engine.reason = "chưa cài"
    async with studio_of(tmp_path, engine) as studio:
        with pytest.raises(EngineUnavailable, match="chưa cài"):
            await studio.speak("Một câu.")
        assert [status.available for status in await studio.engines()] == [False]


async def test_the_online_voice_is_off_unless_switched_on(studio: Studio) -> None:
    with pytest.raises(EngineUnavailable, match="tắt"):
        await studio.speak("Xin chào.", voice="gtts:vi")
    assert {status.engine: status.available for status in await studio.engines()} == {
        "espeak": True,
        "piper": False,
        "gtts": False,
    }


@pytest.mark.parametrize(
    ("text", "options", "error"),
    [
        ("Xin chào.", {"pauses": Pauses(sentence_ms=0)}, PauseOutOfRange),
        ("Xin chào.", {"pauses": Pauses(paragraph_ms=60_000)}, PauseOutOfRange),
        ("Xin chào.", {"second_voice": "nobody"}, UnknownVoice),
        ("", {}, NothingToSay),
        ("🎉 ***", {}, NothingToSay),
        ("chữ " * 20_000, {}, TextTooLong),
        ("Xin chào.", {"speed": 3.0}, SpeedOutOfRange),
        ("Xin chào.", {"voice": "espeak:vi-vn-x-central"}, UnknownVoice),
        ("Xin chào.", {"voice": "nobody"}, UnknownVoice),
    ],
)
async def test_a_bad_request_is_refused_with_its_reason(
    studio: Studio, text: str, options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await studio.speak(text, **options)  # type: ignore[arg-type]


async def test_voices_are_offered_the_default_first(studio: Studio) -> None:
    voices = studio.voices()
    assert voices[0].id == DEFAULT_VOICE
    assert {voice.engine for voice in voices} == {"espeak", "gtts"}
    assert all(voice.licence and voice.label for voice in voices)


async def test_chimes_recordings_and_programmes_are_mastered_alike(studio: Studio, tmp_path: Path) -> None:
    chimes = {priority: await studio.chime(priority) for priority in ("routine", "priority", "emergency")}
    assert len({chime.sha256 for chime in chimes.values()}) == 3
    voice = await studio.recorded(write(tmp_path / "ghi.wav", pcm(babble(2.0))))
    whole = await studio.programme([chimes["routine"], voice, chimes["routine"]], pause_ms=500)
    assert whole.duration_ms == pytest.approx(2 * chimes["routine"].duration_ms + voice.duration_ms + 1000, abs=100)
    for made in (*chimes.values(), voice, whole):
        assert made.loudness.integrated_lufs == pytest.approx(-16, abs=0.5)
        assert made.loudness.true_peak_dbtp <= -1.5
    assert await studio.programme([chimes["routine"], voice, chimes["routine"]], pause_ms=500) == whole
    with pytest.raises(UnknownChime):
        await studio.chime("loud")
    with pytest.raises(AudioTooShort):
        await studio.recorded(write(tmp_path / "short.wav", pcm(babble(0.5))))


async def test_rendering_is_politer_than_the_gateway(studio: Studio) -> None:
    await studio.engines()  # a status page may be the first to ask, from a thread that is not polite
    espeak = next(engine for engine in studio._engines.values() if isinstance(engine, EspeakEngine))
    assert espeak.worker_pid
    await studio.speak("Xin chào bà con.")
    assert os.getpriority(os.PRIO_PROCESS, espeak.worker_pid) > os.getpriority(os.PRIO_PROCESS, 0)


async def test_the_queue_is_bounded_and_what_was_accepted_is_done(tmp_path: Path) -> None:
    engine = CountingEngine()
    async with studio_of(tmp_path, engine) as studio:
        jobs = [asyncio.create_task(studio.speak("Một câu.")) for _ in range(MAX_WAITING + 1)]
        results = await asyncio.gather(*jobs, return_exceptions=True)
        assert [type(result) for result in results].count(StudioBusy) == 1
        assert len({result.sha256 for result in results if not isinstance(result, BaseException)}) == 1
        assert engine.asked == ["Một câu."]
        assert await studio.speak("Hai câu.")


async def test_a_caller_that_goes_away_does_not_waste_the_work(tmp_path: Path) -> None:
    engine = CountingEngine()
    async with studio_of(tmp_path, engine) as studio:
        job = asyncio.create_task(studio.speak("Một câu."))
        await asyncio.sleep(0)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        await studio.speak("Một câu.")
        assert engine.asked == ["Một câu."]


async def test_stopping_in_the_middle_leaves_nothing_half_made_and_no_process(tmp_path: Path) -> None:
    studio = local_studio(tmp_path)
    await studio.start()
    job = asyncio.create_task(studio.speak(" ".join(f"Xin chào bà con khu phố {n}." for n in range(300))))
    await asyncio.sleep(0.2)
    await studio.stop()
    with pytest.raises((StudioBusy, EngineError)):
        await job
    espeak = next(engine for engine in studio._engines.values() if isinstance(engine, EspeakEngine))
    assert espeak.worker_pid is None
    left = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert left <= {".pcm"}, "whole sentences may stay, for the next time"
    with pytest.raises(StudioBusy):
        await studio.speak("Xin chào.")


async def test_a_folder_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError):
        await local_studio(tmp_path / "file").start()


FULL_DISK = """
    import asyncio, pathlib, resource, sys
    from tts.errors import CacheFull
    from tts.speech import local_studio

    async def main():
        folder = pathlib.Path(sys.argv[1])
        async with local_studio(folder) as studio:
            await studio.engines()
            # a file may not grow past this: to a writer the same as a disk that is full
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
            try:
                await studio.speak("Xin chào bà con. Hôm nay trời đẹp.")
            except CacheFull as error:
                print(error)
            else:
                print("rendered")
            left = [path for path in folder.rglob("*") if path.is_file()]
            print(len(left))
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            print((await studio.speak("Xin chào bà con. Hôm nay trời đẹp.")).bytes)

    asyncio.run(main())
"""


@pytest.mark.parametrize("room_bytes", [0, 100, 10_000])
def test_a_full_disk_is_a_clear_error_and_nothing_is_half_written(tmp_path: Path, room_bytes: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK), str(tmp_path), str(room_bytes)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    message, left, made = done.stdout.splitlines()
    assert "Hết chỗ trên đĩa" in message
    assert left == "0"
    assert int(made) > 10_000
