"""A lexicon that changes while the studio runs is read by from the next request on."""

from pathlib import Path

from tts.speech import local_studio
from tts.text.layers import over_national
from tts.text.lexicon import Entry

TEXT = "Bà con đến XQZT nhé."


async def test_a_changed_lexicon_is_heard_in_the_next_rendering_and_the_old_one_is_not_made_again(
    tmp_path: Path,
) -> None:
    async with local_studio(tmp_path) as studio:
        before = await studio.speak(TEXT)
        studio.use_lexicon(over_national([Entry(surface="XQZT", reading="xung kích", case_sensitive=True)]))
        assert "xung kích" in studio.normalise(TEXT).spoken
        after = await studio.speak(TEXT)
        assert after.sha256 != before.sha256
        heard = await studio.preview(TEXT, 0)
        assert heard.duration_ms > 0
        studio.use_lexicon(over_national([]))
        assert (await studio.speak(TEXT)).sha256 == before.sha256


def test_what_a_ward_says_otherwise_wins_over_the_national_list() -> None:
    assert over_national([]).get("UBND") == "ủy ban nhân dân"
    own = [Entry(surface="UBND", reading="ủy ban", case_sensitive=True)]
    assert over_national(own).get("UBND") == "ủy ban"
    assert over_national(own).get("HĐND") == "hội đồng nhân dân"
