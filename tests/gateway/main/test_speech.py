"""A whole gateway as the ward set its voices: what ``[speech]`` says is what speaks."""

from pathlib import Path

from devices.clock import SystemClock
from gateway.domain.bulletin import Content
from gateway.domain.people import Role
from gateway.main.gateway import open_gateway
from gateway.speech_settings import Pauses, Speech
from tests.onair import office
from tests.onair.world import settings_for
from tests.tts.engines.tiny_piper import write_voice

LONG = "Giá 2.500 đồng. Hai câu. Ba câu.\nBốn câu. Năm câu. Sáu câu.\nBảy câu. Tám câu."
HUM = "piper:vi_VN-hum-medium"


async def test_the_wards_voices_speed_pauses_and_region_reach_the_sound(tmp_path: Path) -> None:
    speech = {
        "voice": HUM,
        "second_voice": "espeak:vi",
        "fallback": ("vi",),
        "speed": 0.8,
        "pauses": Pauses(sentence_ms=1500, paragraph_ms=3000),
        "region": "south",
        "phrases": False,
    }
    usual = settings_for(tmp_path, timezone="Asia/Ho_Chi_Minh", broker="auto", policy="default")
    settings = usual.model_copy(update={"speech": Speech.model_validate(speech)})
    voice = write_voice(settings.data / "voices")
    async with open_gateway(settings, SystemClock()) as gateway:
        staff = await office.hire(gateway)
        desk, author = gateway.parts.editorial, staff[Role.AUTHOR]
        draft = await desk.create(Content(title="Giá", category=office.GENERAL, text=LONG, speed=0.8), by=author)
        assert "ngàn" in desk.spoken(LONG).spoken
        two = (await desk.render(draft.id, by=author)).audio
        assert two is not None
        assert (two.voices, two.stood_in) == ((HUM, "espeak:vi"), "")
        assert two.duration_ms > 5 * 1500 + 2 * 3000, "the pauses of the ward"
        for file in voice.parent.iterdir():
            file.unlink()
        changed = Content(title="Giá", category=office.GENERAL, text=f"{LONG} Chín câu.", speed=0.8)
        now = await desk.get(draft.id)
        await desk.edit(draft.id, changed, was_revision=now.revision, by=author)
        rough = (await desk.render(draft.id, by=author)).audio
        assert rough is not None
        assert rough.voices == ("espeak:vi",), "all of it, not only what the lost voice would have said"
        assert rough.stood_in.startswith(f"Đã dùng giọng dự phòng espeak:vi vì giọng {HUM} không đọc được")
