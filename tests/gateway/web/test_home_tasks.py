"""Việc cần làm on the home page: what was approved and has no hour is somebody's work."""

from gateway.domain.people import Role
from tests.gateway.web.test_pages import page, send
from tests.gateway.web.work import API, approved, programme, schedule
from tests.gateway.web.world import Browser, World

WAITS = "1 bản tin đã duyệt chưa có giờ phát"
HALF_AN_HOUR_S = 1_800
FOUR_DAYS_S = 4 * 86_400


async def home(browser: Browser) -> str:
    return (await page(browser, "/")).text


async def test_who_may_schedule_is_told_what_was_approved_and_has_no_hour_until_it_has_one(world: World) -> None:
    bulletin = await approved(world)
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as approver:
        assert WAITS in await home(operator)
        assert 'href="/bulletins?state=approved"' in await home(operator)
        assert WAITS not in await home(approver)
        made = await operator.post(f"{API}/schedules", schedule(await programme(operator, bulletin["id"])))
        assert made.status_code == 201, made.text
        await world.services.planner.plan()
        assert WAITS not in await home(operator)


async def test_what_went_out_at_once_waits_for_no_hour_and_what_is_old_is_no_news(world: World) -> None:
    bulletin = await approved(world)
    other = await approved(world)
    await world.clock.advance(HALF_AN_HOUR_S)
    async with world.browser(Role.OPERATOR) as operator:
        assert "2 bản tin đã duyệt chưa có giờ phát" in await home(operator)
        assert (await send(operator, f"/bulletins/{bulletin['id']}/now", where="all")).status_code == 303
        await world.clock.advance(HALF_AN_HOUR_S)
        assert WAITS in await home(operator)
        await world.clock.advance(FOUR_DAYS_S)
        assert "chưa có giờ phát" not in await home(operator)
    assert other["id"] != bulletin["id"]
