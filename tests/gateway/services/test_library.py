"""What was found in a recording, and which voice stood in, stays with the file that people approve."""

from pathlib import Path

import numpy as np

from tests.gateway.services.world import World
from tests.tts.sounds import babble, pcm, write
from tts.speech import local_studio


async def test_the_report_of_a_recording_stays_with_the_file(world: World, tmp_path: Path) -> None:
    sound = pcm(np.concatenate([np.zeros(5 * 48_000), babble(2.0, peak=0.02)]))
    async with local_studio(tmp_path / "speech") as studio:
        mastered = await studio.recorded(write(tmp_path / "ghi.m4a", sound))
        kept = await world.library.keep(mastered, engine="recorded", actor="bien-tap", title="Ghi âm")
    assert kept.remarks[0].startswith("Ghi âm 7.0 giây, giữ 2.")
    assert any("rất nhỏ" in remark for remark in kept.remarks)
    assert any("Đã cắt" in remark for remark in kept.remarks)
    assert (await world.library.get(kept.asset)).remarks == kept.remarks


async def test_a_voice_that_stood_in_is_told_to_whoever_approves(world: World, tmp_path: Path) -> None:
    async with local_studio(tmp_path / "speech") as studio:
        mastered = await studio.speak("Xin chào bà con.", voice="piper:gone", fallback=["espeak:vi"])
        kept = await world.library.keep(mastered, engine=mastered.engine, actor="bien-tap")
        plain = await studio.speak("Một câu khác.", voice="espeak:vi")
    assert kept.engine == "espeak"
    assert "piper:gone" in kept.remarks[0]
    assert plain.remarks == ()
