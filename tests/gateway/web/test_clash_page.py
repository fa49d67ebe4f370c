"""Ưu tiên gặp ưu tiên, answered on the schedule page: which goes first, what becomes of the other, and who may say."""

import html
import re

import pytest

from gateway.domain.people import Role
from tests.gateway.web.test_pages import page, send
from tests.gateway.web.work import API, approved, programme, schedule
from tests.gateway.web.world import Browser, World


async def meeting(world: World, operator: Browser) -> tuple[str, str]:
    """Have the ward's priority programme meet the province's at 05:30, once; return both occurrences, upper first."""
    bulletin = await approved(world)
    ours = await programme(operator, bulletin["id"], priority="priority")
    theirs = await programme(operator, bulletin["id"], priority="priority", source="province")
    once = {"rule": {"kind": "once", "day": "2026-10-10"}, "times": ["05:30"]}
    assert (await operator.post(f"{API}/schedules", schedule(ours, **once))).status_code == 201
    made = await operator.post(f"{API}/schedules", schedule(theirs, id="cap-tren", name="Cấp trên", **once))
    assert made.status_code == 201, made.text
    (question,) = (await operator.get(f"{API}/schedules/questions")).json()
    return question["first"]["occ"], question["other"]["occ"]


async def planned(operator: Browser) -> dict[str, tuple[str, str]]:
    """Return what comes of each schedule: its state and its start."""
    return {each["schedule"]: (each["status"], each["start"]) for each in (await operator.get(f"{API}/plan")).json()}


@pytest.mark.parametrize(
    ("answer", "status", "start"),
    [("shift", "will_air", "2026-10-09T23:15:00Z"), ("cancel", "loses_to", "2026-10-09T22:30:00Z")],
)
async def test_the_answer_on_the_page_is_what_the_plan_does(world: World, answer: str, status: str, start: str) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        upper, ours = await meeting(world, operator)
        shown = html.unescape((await page(operator, "/schedule")).text)
        assert "Chọn tin phát trước" in shown
        assert set(re.findall(r'name="first" value="([^"]+)"', shown)) == {upper, ours}
        week = shown[shown.index('class="week"') :]
        assert week.count('href="/schedule#ask-1"') == week.count("Chờ quyết định") == 2
        assert "Sẽ phát" not in week
        assert 'id="ask-1"' in shown
        assert "Chờ quyết định" in (await page(operator, "/schedule/cap-tren")).text
        sent = await send(operator, "/schedule/decide", one=upper, two=ours, first=ours, answer=answer, minutes="45")
        assert sent.status_code == 303
        after = (await page(operator, "/schedule")).text
        assert "Đã quyết định" in after
        assert "Chờ quyết định" not in after
        plan = await planned(operator)
        assert plan["sang-thu-5-7"] == ("will_air", "2026-10-09T22:30:00Z")
        assert plan["cap-tren"] == (status, start)
        (decision,) = (await operator.get(f"{API}/schedules/decisions")).json()
        assert (decision["first"], decision["other"], decision["day"]) == ("sang-thu-5-7", "cap-tren", "2026-10-10")
        again = await send(operator, "/schedule/decide", one=upper, two=ours, first=upper, answer="after")
        assert again.status_code == 303
        assert "không còn chờ quyết định" in (await page(operator, "/schedule")).text
        assert len((await operator.get(f"{API}/schedules/decisions")).json()) == 1


async def test_who_may_not_schedule_sees_the_question_and_cannot_answer_it(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.VIEWER) as viewer:
        upper, ours = await meeting(world, operator)
        shown = (await page(viewer, "/schedule")).text
        assert "Hai tin ưu tiên gặp nhau" in shown
        assert "/schedule/decide" not in shown
        refused = await send(viewer, "/schedule/decide", one=upper, two=ours, first=ours, answer="cancel")
        assert refused.status_code == 403
        assert not (await operator.get(f"{API}/schedules/decisions")).json()


async def test_equals_that_meet_after_one_grew_longer_wait_for_a_decision_too(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        bulletin = await approved(world)
        short = await programme(operator, bulletin["id"])
        grows = await programme(operator, bulletin["id"])
        once = {"kind": "once", "day": "2026-10-10"}
        for name, which, at in (("dai-ra", grows, "05:30"), ("sau-do", short, "05:31")):
            made = await operator.post(f"{API}/schedules", schedule(which, id=name, name=name, rule=once, times=[at]))
            assert made.status_code == 201, made.text
        assert "Chờ quyết định" not in (await page(operator, "/schedule")).text
        assert (await send(operator, f"/programmes/{grows}/repeats", n="10", revision="1")).status_code == 303
        shown = html.unescape((await page(operator, "/schedule")).text)
        assert "Hai tin ngang nhau trùng giờ" in shown
        assert shown.count('href="/schedule#ask-1"') == 2
        (question,) = (await operator.get(f"{API}/schedules/questions")).json()
        one, two = question["first"]["occ"], question["other"]["occ"]
        sent = await send(operator, "/schedule/decide", one=one, two=two, first=two, answer="cancel")
        assert sent.status_code == 303
        plan = await planned(operator)
        assert (plan["sau-do"][0], plan["dai-ra"][0]) == ("will_air", "loses_to")
        assert not (await operator.get(f"{API}/schedules/questions")).json()
