"""Hai lịch ngang hàng trùng giờ: who saves the second says which goes first, with the same tap."""

import html
import re
from typing import Any

import pytest

from gateway.domain.people import Role
from tests.gateway.web.test_pages import page, send
from tests.gateway.web.work import API, approved, programme, schedule
from tests.gateway.web.world import Browser, World

FORM = {"id": "lich-hai", "name": "Thứ hai", "times": "05:30", "kind": "weekly", "weekday": "3", "first": "2026-10-08"}


async def two(world: World, operator: Browser) -> str:
    """Have one schedule on Thursdays at 05:30; return a programme for another."""
    bulletin = await approved(world)
    first = await programme(operator, bulletin["id"])
    other = await programme(operator, bulletin["id"], id="khac", title="Chương trình khác")
    assert (await operator.post(f"{API}/schedules", schedule(first))).status_code == 201
    return other


async def kept(operator: Browser) -> tuple[list[Any], list[Any]]:
    schedules, decisions = f"{API}/schedules", f"{API}/schedules/decisions"
    return (await operator.get(schedules)).json(), (await operator.get(decisions)).json()


async def test_an_undecided_meeting_of_equals_is_refused_and_asked_and_nothing_is_kept(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        other = await two(world, operator)
        refused = await send(operator, "/schedule/new", programme=other, **FORM)
        assert refused.status_code == 409
        said = html.unescape(refused.text)
        assert "lịch nào phát trước?" in said
        assert 'name="order0" value="theirs-after:sang-thu-5-7"' in said
        assert "checked" not in said.partition('name="order0"')[2].partition("</fieldset>")[0]
        schedules, decisions = await kept(operator)
        assert (len(schedules), decisions) == (1, [])


async def test_the_answer_goes_with_the_save_and_the_plan_keeps_it(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        other = await two(world, operator)
        made = await send(operator, "/schedule/new", programme=other, order0="ours-cancel:sang-thu-5-7", **FORM)
        assert made.status_code == 303, made.text
        again = await send(operator, "/schedule/new", programme=other, order0="ours-cancel:sang-thu-5-7", **FORM)
        assert again.status_code == 303, "a second tap makes no second schedule"
        schedules, decisions = await kept(operator)
        assert len(schedules) == 2
        assert [(each["first"], each["other"], each["answer"]) for each in decisions] == [
            ("lich-hai", "sang-thu-5-7", "cancel")
        ]
        plan = (await operator.get(f"{API}/plan")).json()
        states = {each["schedule"]: each["status"] for each in plan if each["start"] == "2026-10-14T22:30:00Z"}
        assert states == {"lich-hai": "will_air", "sang-thu-5-7": "loses_to"}


async def test_another_schedule_out_of_a_form_that_made_one_already_is_not_said_to_be_saved(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        other = await two(world, operator)
        form = FORM | {"programme": other, "times": "17:00"}
        assert (await send(operator, "/schedule/new", **form)).status_code == 303
        changed = await send(operator, "/schedule/new", **form | {"times": "18:00"})  # "back", and another hour
        assert changed.status_code == 409
        said = html.unescape(changed.text)
        assert "đã tạo lịch “Thứ hai”" in said
        (fresh,) = re.findall(r'name="id" value="(lich-[0-9a-f]+)"', said)
        assert (await send(operator, "/schedule/new", **form | {"times": "18:00", "id": fresh})).status_code == 303
        hours = sorted(each["times"] for each in (await kept(operator))[0])
        assert hours == [["05:30:00", "17:30:00"], ["17:00:00"], ["18:00:00"]]


@pytest.mark.parametrize("times", ["9999999999", "05:99999999999", "05:30:-1"])
async def test_an_hour_that_no_clock_shows_is_refused_in_words(world: World, times: str) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        checked = await send(operator, "/schedule/check", programme="khac", **FORM | {"times": times})
        assert checked.status_code == 200
        assert f"“{times}” không phải giờ" in html.unescape(checked.text)


@pytest.mark.parametrize("holidays", ["nghỉ", "all"])
async def test_what_the_form_does_not_offer_for_holidays_silences_none(world: World, holidays: str) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        other = await two(world, operator)
        form = FORM | {"programme": other, "holidays": holidays}
        assert (await send(operator, "/schedule/new", **form)).status_code == 409
        assert (await send(operator, "/schedule/new", **form | {"times": "17:00"})).status_code == 303
        made = next(each for each in (await kept(operator))[0] if each["id"] == "lich-hai")
        assert made["holidays"]["mode"] == "play"


async def test_an_answer_about_a_schedule_that_is_not_met_decides_nothing(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        other = await two(world, operator)
        free = FORM | {"times": "17:00", "weekday": "4"}
        sent = {"order0": "ours-cancel:sang-thu-5-7", "order1": "ours-cancel:nobody", "order2": "up:down"}
        made = await send(operator, "/schedule/new", programme=other, **sent, **free)
        assert made.status_code == 303, made.text
        assert (await kept(operator))[1] == []


async def test_every_mistake_of_the_form_is_told_at_once(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        other = await two(world, operator)
        wrong = FORM | {"times": "25h", "first": "hôm qua", "plays": "nhiều"}
        said = html.unescape((await send(operator, "/schedule/new", programme=other, **wrong)).text)
        for each in ("“25h” không phải giờ", "cần ngày đầu", "“nhiều” không phải số"):
            assert each in said
        assert 'value="25h"' in said


async def test_a_bulletins_own_airtime_is_put_in_order_as_well(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        await two(world, operator)
        mine = await approved(world)
        path, hour = f"/bulletins/{mine['id']}/air", {"slot": "2026-10-15T05:30", "plays": "1", "where": "all"}
        checked = html.unescape((await send(operator, f"{path}/check", **hour)).text)
        assert 'value="ours-after:sang-thu-5-7"' in checked
        assert (await send(operator, path, **hour)).status_code == 422
        assert (await send(operator, path, order0="ours-after:sang-thu-5-7", **hour)).status_code == 303
        (decision,) = (await kept(operator))[1]
        assert (decision["other"], decision["answer"]) == ("sang-thu-5-7", "after")


async def test_who_may_not_schedule_makes_none(world: World) -> None:
    async with world.browser(Role.VIEWER) as viewer:
        assert (await page(viewer, "/schedule/new")).status_code == 403
        assert (await send(viewer, "/schedule/new", programme="x", **FORM)).status_code == 403
        assert (await send(viewer, "/schedule/check", programme="x", **FORM)).status_code == 403


async def test_an_edit_of_another_field_moves_no_airtime_by_a_second(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        which = await programme(operator, (await approved(world))["id"])
        body = schedule(which, id="le-giay", times=["05:30:15", "17:30"])
        assert (await operator.post(f"{API}/schedules", body)).status_code == 201
        shown = html.unescape((await page(operator, "/schedule/le-giay/edit")).text)
        assert 'value="05:30:15, 17:30"' in shown
        form = FORM | {"id": "le-giay", "name": "Tên mới", "times": "05:30:15, 17:30", "revision": "1"}
        assert (await send(operator, "/schedule/le-giay/edit", **form)).status_code == 303
        (after,) = (await kept(operator))[0]
        assert (after["name"], after["times"]) == ("Tên mới", ["05:30:15", "17:30:00"])


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31", "mai"])
@pytest.mark.parametrize("field", ["first", "last"])
async def test_a_day_at_the_edge_of_the_calendar_is_refused_in_words(world: World, day: str, field: str) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        form = FORM | {"kind": "daily", "last": "2026-12-31", "plays": "3", "programme": "khac", field: day}
        checked = await send(operator, "/schedule/check", **form)
        assert checked.status_code == 200
        assert "từ năm 2000 đến 2099" in checked.text
        refused = await send(operator, "/schedule/new", **form)
        assert refused.status_code == 422
        assert "từ năm 2000 đến 2099" in refused.text
