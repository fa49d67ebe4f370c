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
        sent = await send(operator, "/schedule/decide", one=upper, two=ours, first=ours, answer=answer, minutes="45")
        assert sent.status_code == 303
        assert "Đã quyết định" in (await page(operator, "/schedule")).text
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
