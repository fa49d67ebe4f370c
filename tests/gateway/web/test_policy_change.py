"""The air rules are changed by thumb: typed, laid beside the old ones, adopted; what allows more by another person."""

import re
from typing import Any

import pytest

from gateway.domain.people import Role
from tests.gateway.web.test_pages import page, send
from tests.gateway.web.test_policy_page import with_factor
from tests.gateway.web.work import API, approved, programme, schedule
from tests.gateway.web.world import DEFAULT_POLICY, Browser, World

SAME: dict[str, Any] = {
    "hours": "05:00–22:00",
    "day": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "sessions": "",
    "minutes": "60",
    "music": "06:00",
    "loudest": "85",
    "ceilings": "05:00–06:00 70%\n21:00–22:00 60%",
    "emergency": "95",
    "source": "Quyết định 12/QĐ-UBND",
}


def fields(text: str) -> dict[str, Any]:
    """What the form shows."""
    areas = re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>(.*?)</textarea>', text, re.DOTALL)
    inputs = re.findall(r'<input id="f-(\w+)"[^>]* value="([^"]*)"', text)
    days = re.findall(r'name="day" value="(\w+)" checked', text)
    shown = {**dict(areas), **dict(inputs), "day": days}
    return {name: value for name, value in shown.items() if name in SAME}


def mark(text: str) -> str:
    return str(re.findall(r'name="mark" value="(\w+)"', text)[0])


async def test_the_form_shows_the_rules_in_force(world: World) -> None:
    async with world.browser(Role.APPROVER) as approver:
        shown = fields((await page(approver, "/policy/change")).text)
        assert {**shown, "source": ""} == {**SAME, "source": ""}
        assert 'href="/policy/change"' in (await page(approver, "/policy")).text
    async with world.browser(Role.OPERATOR) as operator:
        assert 'href="/policy/change"' not in (await page(operator, "/policy")).text


async def test_stricter_rules_are_looked_at_and_adopted_by_one_with_a_code(world: World) -> None:
    async with world.browser(Role.APPROVER) as approver:
        typed = {**SAME, "hours": "5h-11h30\n13:30 đến 21", "sessions": "2", "minutes": "15"}
        typed["ceilings"] = "5h–6h: 70; 21h - 22h 60%"
        sent = await send(approver, "/policy/change", **{**typed, "loudest": "70%"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/policy/proposal")
        rules = world.services.rulebook.rules
        assert rules.version == 1
        text = (await page(approver, "/policy/proposal")).text
        assert "Đang dùng: 05:00–22:00" in text
        assert "Sẽ là: 05:00–11:30 · 13:30–21:00" in text
        assert "Sẽ là: nhiều nhất 2 buổi" in text
        assert "Cho phép nhiều hơn" not in text
        refused = await send(approver, "/policy/proposal/adopt", mark=mark(text))
        assert refused.headers["location"].startswith("/me/factor")
        await with_factor(world, approver)
        done = await send(approver, "/policy/proposal/adopt", mark=mark(text))
        assert (done.status_code, done.headers["location"]) == (303, "/policy")
        rules = world.services.rulebook.rules
        assert (rules.version, rules.sessions_per_day, rules.session_max_s, rules.max_percent) == (2, 2, 900, 70)
        pack = world.services.rulebook.pack
        assert pack is not None
        assert (pack.title_vi, pack.source) == ("Quy chế phát của phường", "Quyết định 12/QĐ-UBND")


async def test_more_is_said_line_by_line_and_waits_for_another_person(world: World) -> None:
    async with world.browser(Role.APPROVER) as first, world.browser(Role.ADMIN) as second:
        await send(first, "/policy/change", **{**SAME, "hours": "04:00–23:00", "loudest": "80"})
        mine = (await page(first, "/policy/proposal")).text
        changed = re.findall(r'<div class="is-changed"><dt>(.*?)</dt>(.*?)</div>', mine, re.DOTALL)
        assert {name: "Cho phép nhiều hơn" in said for name, said in changed} == {
            "Giờ được phát": True,
            "Âm lượng": False,
        }
        assert 'action="/policy/proposal/adopt"' not in mine
        assert "Quy chế phát mới chờ quyết định" not in (await page(first, "/home/now")).text
        assert "Quy chế phát mới chờ quyết định" in (await page(second, "/home/now")).text
        await with_factor(world, first)
        await with_factor(world, second)
        forced = await send(first, "/policy/proposal/adopt", mark=mark(mine))
        assert (forced.status_code, world.services.rulebook.rules.version) == (403, 1)
        theirs = (await page(second, "/policy/proposal")).text
        assert (await send(second, "/policy/proposal/adopt", mark=mark(theirs))).headers["location"] == "/policy"
        assert world.services.rulebook.rules.version == 2


async def test_what_changed_between_the_look_and_the_tap_is_not_adopted(world: World) -> None:
    async with world.browser(Role.APPROVER) as first, world.browser(Role.ADMIN) as second:
        await send(first, "/policy/change", **{**SAME, "loudest": "60"})
        looked_at = mark((await page(second, "/policy/proposal")).text)
        await send(first, "/policy/change", **{**SAME, "hours": "00:00–23:59"})
        await with_factor(world, second)
        answer = await send(second, "/policy/proposal/adopt", mark=looked_at)
        assert (answer.status_code, "Đề nghị đã đổi" in answer.text) == (409, True)
        assert world.services.rulebook.rules.version == 1


async def test_one_person_refuses_and_says_why_or_takes_their_own_back(world: World) -> None:
    async with world.browser(Role.APPROVER) as first, world.browser(Role.ADMIN) as second:
        for who, words in ((second, "Không ban hành"), (first, "Rút lại đề nghị")):
            await send(first, "/policy/change", **{**SAME, "hours": "04:00–23:00"})
            text = (await page(who, "/policy/proposal")).text
            assert words in text
            silent = await send(second, "/policy/proposal/refuse", mark=mark(text), why=" ")
            assert (silent.status_code, "cần ghi vì sao" in silent.text) == (422, True)
            done = await send(who, "/policy/proposal/refuse", mark=mark(text), why="Đêm phải yên")
            assert done.headers["location"] == "/policy"
            assert (world.services.rulebook.rules.version, world.services.rulebook.proposal) == (1, None)
        gone = await page(second, "/policy/proposal")
        assert (gone.status_code, gone.headers["location"]) == (303, "/policy")


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"hours": ""}, ["Giờ được phát: cần ít nhất một mục"]),
    ({"hours": "05:00–11:30\n22:00–05:00"}, ["Giờ được phát, dòng 2: giờ đầu phải trước giờ cuối"]),
    ({"hours": "sáng"}, ["Giờ được phát, dòng 1: cần giờ dạng 05:30"]),
    ({"hours": "25:00–26:00"}, ["Giờ được phát, dòng 1: cần giờ dạng 05:30"]),
    ({"day": []}, ["Ngày được phát: cần các thứ"]),
    ({"day": ["mon", "x"]}, ["Ngày được phát: cần các thứ"]),
    ({"sessions": "0"}, ["Số buổi nhiều nhất mỗi ngày: cần một số nguyên từ 1"]),
    ({"minutes": "mười"}, ["Số phút nhiều nhất mỗi buổi: cần một số nguyên từ 1"]),
    ({"music": "sớm"}, ["Nhạc được phát từ giờ: cần giờ dạng 05:30"]),
    ({"loudest": "999", "emergency": ""}, ["Âm lượng cao nhất (%): cần", "Âm lượng khi khẩn cấp (%): cần"]),
    ({"ceilings": "05:00–06:00"}, ["Trần âm lượng theo giờ, dòng 1: cần một số nguyên"]),
    ({"source": " "}, ["Căn cứ: cần một dòng chữ"]),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
async def test_every_mistake_is_said_under_its_label_and_what_was_typed_stays(
    world: World, changes: dict[str, Any], said: list[str]
) -> None:
    async with world.browser(Role.APPROVER) as approver:
        answer = await send(approver, "/policy/change", **{**SAME, **changes})
        assert answer.status_code == 422
        for each in said:
            assert each in answer.text, re.findall(r"<p>[^<]*:[^<]*</p>", answer.text)
        shown = fields(answer.text)
        for name, value in changes.items():
            assert shown[name] == ([day for day in value if day != "x"] if name == "day" else value)
        assert world.services.rulebook.proposal is None


async def test_nothing_changed_is_no_proposal_and_a_flood_is_none_either(world: World) -> None:
    async with world.browser(Role.APPROVER) as approver:
        await world.services.rulebook.adopt(
            {**DEFAULT_POLICY, "version": 2, "name": "ward"}, by=await world.door.person("chu", Role.ADMIN)
        )
        before = fields((await page(approver, "/policy/change")).text)
        same = await send(approver, "/policy/change", **before)
        assert (same.status_code, "Giống hệt quy chế đang dùng" in same.text) == (422, True)
        for flood in ({"hours": "05:00–06:00\n" * 500}, {"day": ["mon"] * 50}, {"music": "0" * 300}):
            assert (await send(approver, "/policy/change", **{**SAME, **flood})).status_code == 422
        assert world.services.rulebook.proposal is None


async def test_what_would_no_longer_air_is_counted_and_the_next_are_named(world: World) -> None:
    bulletin = await approved(world)
    async with world.browser(Role.OPERATOR) as operator:
        morning_and_evening = schedule(await programme(operator, bulletin["id"]))
        assert (await operator.post(f"{API}/schedules", morning_and_evening)).status_code == 201
    async with world.browser(Role.APPROVER) as approver:
        await send(approver, "/policy/change", **{**SAME, "minutes": "59"})
        assert "Không lượt phát nào thay đổi" in (await page(approver, "/policy/proposal")).text
        await send(approver, "/policy/change", **{**SAME, "hours": "05:00–12:00"})
        text = (await page(approver, "/policy/proposal")).text
        assert "Lượt phát sẽ không được phát nữa: 8" in text  # Thursdays and Saturdays of four weeks, in the evening
        named = re.findall(r'<span class="number">([^<]*)</span> [^:]*: Bản tin sáng', text)
        assert (named, "và 3 lượt nữa" in text) == (["17:30"] * 5, True)
        await with_factor(world, approver)
        await send(approver, "/policy/proposal/adopt", mark=mark(text))
        await send(approver, "/policy/change", **SAME)
        assert "Lượt phát đang bị quy chế chặn sẽ được phát: 8" in (await page(approver, "/policy/proposal")).text


async def test_a_program_refuses_a_proposal_too(world: World) -> None:
    async with world.browser(Role.APPROVER) as approver, world.browser(Role.OPERATOR) as operator:
        await send(approver, "/policy/change", **{**SAME, "hours": "04:00–23:00"})
        waiting = (await Browser.get(operator, "/api/v1/policy/proposal")).json()
        body = {"mark": waiting["mark"], "why": "thử"}
        assert (await operator.post("/api/v1/policy/proposal/refuse", body)).status_code == 403
        assert (await approver.post("/api/v1/policy/proposal/refuse", body)).status_code == 204
        assert (await approver.post("/api/v1/policy/proposal/refuse", body)).json()["code"] == "no_proposal"
