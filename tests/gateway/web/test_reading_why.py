"""Vì sao đọc như vậy: every change of a sentence stands on the pages with its rule in plain words."""

import html
import json
from pathlib import Path

from gateway.domain.people import Role
from gateway.web.pages.reading_why import whys
from gateway.web.words.reading_rules import RULES
from tests.gateway.web.test_pages import page
from tests.gateway.web.work import API
from tests.gateway.web.world import World
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser

DATA = Path(__file__).parents[2] / "data"


def test_every_rule_that_reads_the_cases_and_the_reports_has_words_of_its_own() -> None:
    cases = json.loads((DATA / "normalization_cases.json").read_text("utf-8"))
    texts = [each["input"] for each in (cases["cases"] if isinstance(cases, dict) else cases)]
    more = (DATA / "normalization_more.txt").read_text("utf-8").splitlines()
    texts += [line for line in more if line.strip() and not line.startswith("#")]
    texts += [line for path in sorted((DATA / "reports").iterdir()) for line in path.read_text("utf-8").splitlines()]
    normaliser = Normaliser(national())
    used = {
        change.rule
        for text in texts
        if text.strip()
        for sentence in normaliser.normalise(text).sentences
        for change in sentence.changes
    }
    assert len(used) > 30
    assert used <= RULES


def test_a_sign_that_only_becomes_a_pause_is_not_told() -> None:
    (sentence,) = Normaliser(national()).normalise("Họp lúc 19h30 - tại KP3.").sentences
    assert [(each.written, each.rule) for each in whys(sentence)] == [("19h30", "time"), ("KP3", "road-or-place")]


async def test_author_and_approver_see_the_rule_of_each_change(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author, world.browser(Role.APPROVER) as approver:
        body = {"title": "Mời họp", "category": "chuyen-doi-so", "text": "Mời bà con họp lúc 19h30 ngày 24/11."}
        made = (await author.post(f"{API}/bulletins", body)).json()
        assert (await author.post(f"{API}/bulletins/{made['id']}/submit")).status_code == 200
        for who, path in ((author, f"/bulletins/{made['id']}/listen"), (approver, f"/approvals/{made['id']}")):
            shown = html.unescape((await page(who, path)).text)
            assert "“24/11” đọc là “hai mươi tư tháng mười một”: ngày tháng" in shown
            assert "“19h30” đọc là “mười chín giờ ba mươi phút”: giờ phút" in shown
