"""Forty seconds: every emergency that ships, spoken by the real engine, with its blanks as long as they may be."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from gateway.domain.filled import EVERYWHERE, Filled, fill
from gateway.domain.template import BlankKind, Kind, Template
from gateway.domain.template_row import example_on
from gateway.main.phrases import shipped_templates
from gateway.services.phrase_desk import GAP_MS, LONGEST_MS, SENTENCE_PAUSE_MS
from gateway.services.phrasebook import SPEED
from tts.phrases import Cut
from tts.speech import local_studio

TODAY = date(2026, 10, 7)
LONG = "trường tiểu học của khu phố bên kia cầu, cạnh chợ cũ và trạm y tế, gần bến xe phía đông của phường"
WORST = {BlankKind.HOUR: "23:55", BlankKind.DATE: "2027-03-25", BlankKind.PLACE: "xa"}
EMERGENCIES = tuple(each for each in shipped_templates().values() if each.kind is Kind.EMERGENCY)


def example(template: Template) -> Filled:
    return fill(template, example_on(template, TODAY), places={}, today=TODAY)


def longest(template: Template) -> Filled:
    values = {
        blank.id: LONG[: blank.most].strip() if blank.kind is BlankKind.TEXT else WORST.get(blank.kind, "17")
        for blank in template.blanks
    }
    return fill(template, values, places={"xa": "Khu phố Bình An Đông"}, today=TODAY, drill=True)


def phrases(filled: Filled) -> Iterator[str]:
    return (phrase for sentence in filled.sentences for said in sentence for phrase in said.phrases)


async def test_every_emergency_is_said_within_forty_seconds_and_its_example_twice(tmp_path: Path) -> None:
    all_filled = [make(template) for template in EMERGENCIES for make in (example, longest)]
    texts = list(dict.fromkeys(phrase for filled in all_filled for phrase in phrases(filled)))
    async with local_studio(tmp_path) as studio:
        sheet = await studio.phrases(texts, speed=SPEED)
    cuts: dict[str, Cut] = dict(zip(texts, sheet.cuts, strict=True))

    def lasts_ms(filled: Filled) -> int:
        return sum(cuts[each].dur_ms for each in phrases(filled)) + SENTENCE_PAUSE_MS * (len(filled.sentences) - 1)

    once = {template.id: lasts_ms(longest(template)) for template in EMERGENCIES}
    twice = {template.id: 2 * lasts_ms(example(template)) + GAP_MS for template in EMERGENCIES}
    assert {name: ms for name, ms in once.items() if ms > LONGEST_MS} == {}
    assert {name: ms for name, ms in twice.items() if ms > LONGEST_MS} == {}
    assert min(once.values()) > 8_000, "nothing so short that nobody has turned their head"
    assert {example(template).values.get("noi") for template in EMERGENCIES} == {EVERYWHERE}
