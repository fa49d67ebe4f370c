"""Mất Internet, bộ đọc hỏng: an hour and a place that nobody spoke yet still sound on every pole, word after word."""

from pathlib import Path

import numpy as np

from devices.agent.sound.decoder import SoundFileDecoder
from devices.model import OccurrenceId, Outcome
from gateway.domain.people import Role
from gateway.domain.template import Blank, BlankKind, Kind, Template
from gateway.ports.records import StoredAudio
from gateway.services.emergency_message import Piece
from gateway.services.phrase_desk import GAP_MS, LONGEST_MS, SENTENCE_PAUSE_MS
from gateway.services.phrasebook import Phrasebook
from tests.gateway.web.work import API
from tests.onair.world import World

RATE = 48_000
ENVELOPE = RATE // 50
WATER = Template(
    id="a-nuoc-dang",
    name_vi="A: nước dâng",  # the first by name is spoken ahead first
    name_en="Rising water",
    kind=Kind.EMERGENCY,
    text="Khẩn cấp. Nước dâng tại {noi}. Rời nhà trước {gio}. Nơi đến: {den}.",
    blanks=(
        Blank(id="noi", label_vi="Nơi", label_en="Where", kind=BlankKind.PLACE),
        Blank(id="gio", label_vi="Giờ", label_en="Hour", kind=BlankKind.HOUR),
        Blank(id="den", label_vi="Nơi đến", label_en="Where to", kind=BlankKind.TEXT, optional=True),
    ),
)
SAID = (("Khẩn cấp.",), ("Nước dâng tại", "Khu phố 2"), ("Rời nhà trước", "17 giờ"))


async def test_with_speech_dead_a_new_hour_and_zone_sound_on_every_pole_word_after_word(tmp_path: Path) -> None:
    async with World(tmp_path, phrases=True, capture=True).open() as world:
        parts, book = world.gateway.parts, world.gateway.parts.phrases.book
        await parts.phrases.templates.put(WATER, by=world.staff[Role.TECHNICIAN])
        phrases = [phrase for sentence in SAID for phrase in sentence]
        await world.until(lambda: all(map(book.find, phrases)), "not spoken ahead")

        await world.gateway.studio.stop()
        await world.until(lambda: "phrasebook" in world.alarms, "nobody says that speech is dead")
        needed = {_piece(book, phrase)[0].asset for phrase in phrases}
        await world.until(lambda: parts.readiness.holding(needed) == set(world.clusters), "not held everywhere")

        async with world.browser(Role.OPERATOR) as operator:
            order = {"template": WATER.id, "targets": {"everywhere": True}, "pin": world.pin}
            blanks = {"noi": "kp2", "gio": "17:00"}
            shown = await operator.post(f"{API}/templates/{WATER.id}/preview", {"blanks": blanks})
            assert (shown.json()["ready"], shown.json()["held_by"]) == (True, len(world.clusters)), shown.text
            free = await world.during(
                operator.post(f"{API}/emergencies", order | {"blanks": blanks | {"den": "chùa làng"}})
            )
            assert free.status_code == 422
            assert [(p["code"], p["path"]) for p in free.json()["problems"]] == [("needs_speech", "blanks.den")]
            answer = await world.during(operator.post(f"{API}/emergencies", order | {"blanks": blanks}))
            assert answer.status_code == 202, answer.text
            assert answer.json()["text"] == "Khẩn cấp. Nước dâng tại Khu phố 2. Rời nhà trước 17 giờ."
            em = OccurrenceId(answer.json()["em"])

        plays = await world.settled(em)
        assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}
        once = await _expected(world, SAID)
        turned = await _expected(world, SAID[::-1])
        assert once.size / RATE * 1000 < LONGEST_MS
        gap = np.zeros(GAP_MS * RATE // 1000)
        for cluster in world.clusters:
            spans = [span for span in world.truth()[cluster] if span.tag == em]
            assert all(span.heard for span in spans)
            start_ms, end_ms = spans[0].start_root_ms, spans[-1].end_root_ms
            assert end_ms - start_ms <= 2 * once.size / RATE * 1000 + GAP_MS
            heard = world.poles[cluster].card.waveform(start_ms, (2 * once.size + gap.size) / RATE * 1000)
            assert _likeness(heard, np.concatenate([once, gap, once])) > 0.97
            assert _likeness(heard, np.concatenate([turned, gap, turned])) < 0.6, "any order would do"
        assert await world.lies() == []


def _piece(book: Phrasebook, phrase: str) -> tuple[StoredAudio, Piece]:
    piece = book.find(phrase)
    assert piece is not None
    assert piece.audio is not None
    return piece.audio, piece


async def _expected(world: World, said: tuple[tuple[str, ...], ...]) -> np.ndarray:
    """Cut the phrases out of their files and join them."""
    parts = world.gateway.parts
    joined: list[np.ndarray] = []
    for sentence in said:
        if joined:
            joined.append(np.zeros(SENTENCE_PAUSE_MS * RATE // 1000))
        for phrase in sentence:
            audio, piece = _piece(parts.phrases.book, phrase)
            _, path = await parts.library.file(audio.asset)
            whole = np.concatenate(list(SoundFileDecoder().blocks(path, rate=RATE, start_ms=piece.skip_ms)))
            joined.append(whole[: piece.dur_ms * RATE // 1000].astype(np.float64))
    return np.concatenate(joined)


def _likeness(heard: np.ndarray, expected: np.ndarray) -> float:
    """Compare how loud it was over time, 20 ms by 20 ms, wherever within a tenth of a second it fits best."""
    a, b = _loudness(heard), _loudness(expected)
    size = min(a.size, b.size) - 10
    best = [float(np.corrcoef(a[i : i + size - 5], b[j : j + size - 5])[0, 1]) for i in range(6) for j in range(6)]
    return max(best)


def _loudness(sound: np.ndarray) -> np.ndarray:
    whole = sound[: sound.size // ENVELOPE * ENVELOPE].astype(np.float64).reshape(-1, ENVELOPE)
    return np.sqrt(np.mean(np.square(whole), axis=1))
