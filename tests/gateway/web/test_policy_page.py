"""The rules in plain words, and out of hours by thumb: one asks, another one permits, nothing else opens them."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from devices.clock import instant
from devices.model import Priority, Refusal
from gateway.domain.people import Permission, Role
from gateway.web.auth import SESSION_COOKIE
from tests.gateway.web.test_pages import page, send
from tests.gateway.web.world import DEFAULT_POLICY, Browser, World

TONIGHT = {"day": "2026-10-08", "start": "22:30", "until": "23:30", "reason": "Tìm trẻ lạc ở khu phố 3"}
AT_2230 = timedelta(hours=17, minutes=30)
"""After 05:00, when the clock of these tests begins."""


async def with_factor(world: World, browser: Browser) -> None:
    """Turn the second factor on, which also gives a code for the next quarter of an hour."""
    for step in ("begin", "confirm"):
        current = await world.door.sessions.who(browser.client.cookies[SESSION_COOKIE])
        if step == "begin":
            secret = (await world.services.second_factor.begin(current)).secret
        else:
            code = pyotp.TOTP(secret).generate_otp(world.clock.now_ms() // 30_000)
            await world.services.second_factor.confirm(current, code)


async def asked(world: World, browser: Browser, **changes: str) -> str:
    sent = await send(browser, "/policy/out-of-hours", **{**TONIGHT, **changes})
    assert (sent.status_code, sent.headers["location"]) == (303, "/policy")
    return (await world.services.out_of_hours.all())[-1].id


def refusal(world: World) -> Refusal | None:
    at = instant(world.clock.now_ms()) + AT_2230
    return world.services.rulebook.rules.may_sound(at, timedelta(minutes=5), Priority.ROUTINE)


def facts(text: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text, re.DOTALL)
    return {name: said.replace("<br>", " | ") for name, said in found}


async def test_the_rules_in_force_are_said_in_plain_words(world: World) -> None:
    async with world.browser(Role.VIEWER) as browser:
        text = (await page(browser, "/policy")).text
        assert facts(text) == {
            "Giờ được phát": "05:00–22:00",
            "Ngày được phát": "mọi ngày trong tuần",
            "Số buổi mỗi ngày": "không giới hạn",
            "Mỗi buổi": "dài nhất 1 giờ",
            "Nhạc": "từ 06:00 trở đi",
            "Âm lượng": "không quá 85% | 05:00–06:00: không quá 70% | 21:00–22:00: không quá 60%",
            "Khẩn cấp": "mọi giờ, to đến 95%",
            "IM LẶNG": "dừng tất cả, kể cả khẩn cấp",
        }
        assert "Bây giờ được phát" in text
        admin = await world.door.person("chu", Role.ADMIN)
        tighter = {**DEFAULT_POLICY, "version": 2, "weekdays": ["mon", "fri"], "sessions_per_day": 2}
        await world.services.rulebook.adopt(tighter, by=admin)
        changed = facts((await page(browser, "/policy")).text)
        assert changed["Ngày được phát"] == "thứ Hai, thứ Sáu"
        assert changed["Số buổi mỗi ngày"] == "nhiều nhất 2 buổi"
        await world.services.rulebook.adopt({**DEFAULT_POLICY, "version": 3}, by=admin)
        waiting = (await page(browser, "/policy")).text
        assert "Chu đề nghị ban hành phiên bản 3" in waiting
        assert facts(waiting)["Ngày được phát"] == "thứ Hai, thứ Sáu"
        assert "Bây giờ ngoài giờ được phát" in waiting  # it is a Thursday


async def test_one_asks_another_one_permits_with_a_code_and_either_takes_it_back(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as approver:
        request = await asked(world, operator)
        where = f"/policy/out-of-hours/{request}"
        seen = (await page(operator, "/policy")).text
        assert "phải có người khác cho phép" in seen
        assert f'href="{where}"' not in seen
        assert f'href="{where}"' in (await page(approver, "/policy")).text
        for answer in (await page(approver, where), await send(approver, f"{where}/grant")):
            assert answer.headers["location"].startswith("/me/factor")
        await with_factor(world, approver)
        assert "Tìm trẻ lạc ở khu phố 3" in (await page(approver, where)).text
        assert refusal(world) is Refusal.QUIET_HOURS
        assert (await send(approver, f"{where}/grant")).headers["location"] == "/policy"
        assert refusal(world) is None
        again = await send(approver, f"{where}/grant")
        assert (again.status_code, "đã được cho phép" in again.text) == (409, True)
        assert "22:30–23:30 hôm nay" in (await page(operator, "/policy")).text
        assert (await send(operator, f"{where}/end")).status_code == 303
        assert refusal(world) is Refusal.QUIET_HOURS


async def test_nobody_permits_what_they_asked_for_in_whatever_roles(world: World) -> None:
    async with world.browser(Role.OPERATOR, Role.APPROVER) as both:
        await with_factor(world, both)
        request = await asked(world, both)
        where = f"/policy/out-of-hours/{request}"
        assert f'action="{where}/grant"' not in (await page(both, where)).text
        forced = await send(both, f"{where}/grant")
        assert (forced.status_code, "người khác" in forced.text) == (403, True)
        assert refusal(world) is Refusal.QUIET_HOURS


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_not_cannot_also_by_a_direct_request(world: World, role: Role) -> None:
    async with world.browser(Role.OPERATOR, Role.VIEWER) as somebody:
        request = await asked(world, somebody)
    async with world.browser(role) as browser:
        await with_factor(world, browser)
        text = (await page(browser, "/policy")).text
        where = f"/policy/out-of-hours/{request}"
        asks, grants = Permission.BROADCAST_NOW in role.permissions, Permission.ADOPT_POLICY in role.permissions
        assert ('action="/policy/out-of-hours"' in text) is asks
        assert (f'href="{where}"' in text) is grants
        assert (f'action="{where}/end"' in text) is (asks or grants)
        if not asks:
            assert (await send(browser, "/policy/out-of-hours", **TONIGHT)).status_code == 403
        if not grants:
            assert (await send(browser, f"{where}/grant")).status_code == 403
            assert refusal(world) is Refusal.QUIET_HOURS
        ended = await send(browser, f"{where}/end")
        assert ended.status_code == (303 if asks or grants else 403)
        assert bool(await world.services.out_of_hours.all()) is not (asks or grants)


async def test_past_midnight_is_the_next_day_and_mistakes_stand_at_their_fields(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        await asked(world, operator, start="23:00", until="01:00")
        (request,) = await world.services.out_of_hours.all()
        assert request.end - request.start == timedelta(hours=2)
        assert "23:00 hôm nay đến 01:00 ngày mai" in (await page(operator, "/policy")).text
        wrongs: list[tuple[dict[str, str], str]] = [
            ({"day": "", "start": "x", "until": "25:00"}, "ghi giờ như 21:30"),
            ({"start": "18:00", "until": "23:00"}, "nhiều nhất 4 giờ"),
            ({"start": "01:00", "until": "02:00"}, "đã quá giờ"),
            ({"day": "2026-12-01"}, "trước nhiều nhất 14 ngày"),
            ({"reason": " "}, "lý do"),
        ]
        for changes, said in wrongs:
            answer: Any = await send(operator, "/policy/out-of-hours", **{**TONIGHT, **changes})
            assert (answer.status_code, said in answer.text) == (422, True), changes
            assert 'aria-invalid="true"' in answer.text
        assert await world.services.out_of_hours.all() == [request]


async def test_what_is_not_there_any_more_is_said(world: World) -> None:
    async with world.browser(Role.OPERATOR, Role.APPROVER) as both:
        await with_factor(world, both)
        for path in ("/policy/out-of-hours/ng-00", "/policy/out-of-hours/ng-00/grant"):
            sent = await send(both, path) if path.endswith("grant") else await page(both, path)
            assert (sent.status_code, "Không có đề nghị" in sent.text) == (404, True)


async def test_the_alarm_and_the_refused_broadcast_lead_to_it(world: World) -> None:
    async with world.browser(Role.OPERATOR, Role.AUTHOR) as operator:
        await asked(world, operator)
        assert 'href="/policy#hours"' in (await page(operator, "/alarms")).text
        assert 'href="/policy"' in (await page(operator, "/more")).text
