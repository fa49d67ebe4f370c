"""Phát ngay on the page: what is approved goes to whom was chosen, and what refuses it is said there."""

import asyncio
import re
from urllib.parse import unquote

from devices.clock import instant
from gateway.domain.people import Role
from tests.gateway.web.test_pages import page, send
from tests.gateway.web.work import API, approved, programme, schedule
from tests.gateway.web.world import Browser, World

HALF_AN_HOUR_S = 1_800


async def test_what_is_approved_goes_out_to_the_zone_that_was_ticked(world: World) -> None:
    bulletin = await approved(world)
    await world.clock.advance(HALF_AN_HOUR_S)
    async with world.browser(Role.OPERATOR) as operator:
        shown = (await page(operator, f"/bulletins/{bulletin['id']}")).text
        assert f"/bulletins/{bulletin['id']}/now" in shown
        sent = await send(operator, f"/bulletins/{bulletin['id']}/now", where="some", zone="kp2", percent="60")
        assert sent.status_code == 303, sent.text
        occ = unquote(sent.headers["location"].removeprefix("/board/"))
        plays = [play for play in (await operator.get("/api/v1/plays")).json()["plays"] if play["occ"] == occ]
        assert {play["cluster"] for play in plays} == {"kp2-01"}
        (order,) = [body for typ, _, body in world.poles.sent if typ == "play"]
        assert order.model_dump()["entry"]["volume_percent"] == 60
        assert "Đã ra lệnh phát" in (await page(operator, sent.headers["location"])).text


async def test_a_form_sent_twice_is_one_broadcast_and_a_new_page_another(world: World) -> None:
    bulletin = await approved(world)
    await world.clock.advance(HALF_AN_HOUR_S)
    path = f"/bulletins/{bulletin['id']}/now"

    async def tap(operator: Browser) -> str:
        (found,) = re.findall(r'name="tap" value="(\w+)"', (await page(operator, path)).text)
        return str(found)

    async with world.browser(Role.OPERATOR) as operator:
        form = {"where": "all", "tap": await tap(operator)}
        answers = await asyncio.gather(*(send(operator, path, **form) for _ in range(3)))
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert len([typ for typ, _, _ in world.poles.sent if typ == "play"]) == 1
        await world.clock.advance(HALF_AN_HOUR_S)
        again = await send(operator, path, where="all", tap=await tap(operator))
        assert again.headers["location"] != answers[0].headers["location"]
    assert len([typ for typ, _, _ in world.poles.sent if typ == "play"]) == 2


async def test_another_choice_on_a_page_that_was_sent_is_another_broadcast(world: World) -> None:
    bulletin = await approved(world)
    await world.clock.advance(HALF_AN_HOUR_S)
    path = f"/bulletins/{bulletin['id']}/now"
    async with world.browser(Role.OPERATOR) as operator:
        first = await send(operator, path, where="some", zone="kp1", tap="mot-lan")
        other = await send(operator, path, where="some", zone="kp2", tap="mot-lan")  # "back", and another zone
        assert other.status_code == 303, other.text
        assert other.headers["location"] != first.headers["location"]
        plays = (await operator.get("/api/v1/plays")).json()["plays"]
        assert {each["cluster"] for each in plays} == {"kp1-01", "kp1-02", "kp2-01"}


async def test_a_page_whose_broadcast_is_over_does_not_say_that_it_is_ordered(world: World) -> None:
    bulletin = await approved(world)
    await world.clock.advance(HALF_AN_HOUR_S)
    path = f"/bulletins/{bulletin['id']}/now"
    async with world.browser(Role.OPERATOR) as operator:
        assert (await send(operator, path, where="all", tap="mot-lan")).status_code == 303
        await world.clock.advance(HALF_AN_HOUR_S)
        late = await send(operator, path, where="all", tap="mot-lan")
        assert late.status_code == 409
        assert "đã phát xong" in late.text
        assert len([typ for typ, _, _ in world.poles.sent if typ == "play"]) == 1
        (fresh,) = re.findall(r'name="tap" value="(\w+)"', late.text)
        assert (await send(operator, path, where="all", tap=fresh)).status_code == 303
    assert len([typ for typ, _, _ in world.poles.sent if typ == "play"]) == 2


async def test_outside_the_hours_it_says_so_and_nothing_is_sent(world: World) -> None:
    bulletin = await approved(world)
    await world.clock.advance(19 * 3_600)
    assert instant(world.clock.now_ms()).hour == 17  # midnight at the ward
    async with world.browser(Role.OPERATOR) as operator:
        refused = await send(operator, f"/bulletins/{bulletin['id']}/now", where="all")
        assert refused.status_code == 422
        assert 'role="alert"' in refused.text
        assert "00:00" in refused.text
    assert not [typ for typ, _, _ in world.poles.sent if typ == "play"]


async def test_what_is_not_approved_has_no_button_and_cannot_be_sent_past_it(world: World) -> None:
    bulletin = await approved(world)
    await world.clock.advance(HALF_AN_HOUR_S)
    async with world.browser(Role.APPROVER) as approver, world.browser(Role.OPERATOR) as operator:
        gone = await send(approver, f"/bulletins/{bulletin['id']}/withdraw", reason="nhầm ngày")
        assert gone.status_code == 303
        shown = (await page(operator, f"/bulletins/{bulletin['id']}/now")).text
        assert "Chỉ bản tin đã duyệt mới phát được" in shown
        assert (await send(operator, f"/bulletins/{bulletin['id']}/now", where="all")).status_code == 422
        assert (await send(approver, f"/bulletins/{bulletin['id']}/now", where="all")).status_code == 403
    assert not [typ for typ, _, _ in world.poles.sent if typ == "play"]


async def test_what_would_run_into_the_next_programme_is_named_and_airs_when_that_is_ticked(world: World) -> None:
    bulletin = await approved(world)
    path = f"/bulletins/{bulletin['id']}/now"
    async with world.browser(Role.OPERATOR) as operator:
        made = await operator.post(f"{API}/schedules", schedule(await programme(operator, bulletin["id"])))
        assert made.status_code == 201, made.text
        await world.clock.advance(HALF_AN_HOUR_S - 10)
        assert 'name="anyway"' not in (await page(operator, path)).text
        met = await send(operator, path, where="all", percent="60")
        assert met.status_code == 409
        assert "05:30" in met.text
        assert 'name="anyway"' in met.text
        body = {"bulletins": [bulletin["id"]], "targets": {"everywhere": True}}
        refused = await operator.post(f"{API}/broadcasts/bulletins", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "meets_planned")
        assert not [typ for typ, _, _ in world.poles.sent if typ == "play"]
        assert (await send(operator, path, where="all", percent="60", anyway="1")).status_code == 303
        assert (await operator.post(f"{API}/broadcasts/bulletins", body | {"anyway": True})).status_code == 202
    assert len([typ for typ, _, _ in world.poles.sent if typ == "play"]) == 2
