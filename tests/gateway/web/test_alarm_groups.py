"""/alarms, the home page and the status page after a storm: one card for two hundred lost clusters."""

import re

from gateway.domain.people import Role
from gateway.ports.records import Severity
from gateway.services.alarm_heaps import TOGETHER
from gateway.web.words import gather
from tests.gateway.web.test_pages import HTML, page
from tests.gateway.web.world import Browser, World

MANY = 200


async def storm(world: World) -> None:
    for n in range(MANY):
        await world.services.alarms.raise_(
            f"lost:x{n:03}", Severity.WARNING, f"Cụm X{n:03}: mất kết nối.", f"Cluster X{n:03}: lost."
        )
    for n in range(2):
        await world.services.alarms.raise_(f"rogue:x{n}", Severity.CRITICAL, f"Tiếng lạ ở X{n}.", f"A voice at X{n}.")
    await world.services.alarms.raise_("disk", Severity.CRITICAL, "Ổ đĩa sắp đầy.", "The disk is nearly full.")


async def tap(browser: Browser, text: str, button: str) -> int:
    """Send the form that ``button`` of the page ``text`` is in, as a browser does."""
    form = next(form for form in re.findall(r"<form.*?</form>", text, re.DOTALL) if f"<span>{button}</span>" in form)
    path = re.findall(r'action="([^"]+)"', form)[0]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    answer = await browser.client.post(path, data=fields, headers=HTML)
    return int(answer.status_code)


async def test_a_storm_is_one_card_with_every_name_folded_below_it(world: World) -> None:
    await storm(world)
    async with world.browser(Role.TECHNICIAN) as browser:
        text = (await page(browser, "/alarms")).text
        assert text.count("200 cụm loa mất liên lạc") == 1
        assert text.count("<details id=") == 2
        assert text.index("Ổ đĩa sắp đầy") < text.index("200 cụm loa mất liên lạc")
        assert len(re.findall(r"Cụm X\d{3}: mất kết nối", text)) == MANY
        assert text.count("<span>Đóng cả nhóm</span>") == 1, "a strange voice is looked into one by one"
        assert text.count("<span>Tôi nhận cả nhóm</span>") == 2


async def test_the_whole_group_is_taken_on_and_closed_at_one_tap_and_the_rest_stands(world: World) -> None:
    await storm(world)
    async with world.browser(Role.TECHNICIAN) as browser:
        text = (await page(browser, "/alarms")).text
        lost = text[text.index("200 cụm loa mất liên lạc") :]
        assert await tap(browser, lost, "Tôi nhận cả nhóm") == 303
        seen = await world.store.alarms.standing()
        assert {each.key.partition(":")[0] for each in seen if each.seen_at} == {"lost"}
        assert sum(each.seen_at is not None for each in seen) == MANY
        assert await tap(browser, (await page(browser, "/alarms")).text, "Đóng cả nhóm") == 303
        assert set(world.services.alarms.standing) == {"rogue:x0", "rogue:x1", "disk"}


async def test_who_only_reads_closes_nothing(world: World) -> None:
    await storm(world)
    async with world.browser(Role.VIEWER) as browser:
        assert "Đóng cả nhóm" not in (await page(browser, "/alarms")).text


async def test_home_and_the_status_page_tell_it_once_too(world: World) -> None:
    await storm(world)
    async with world.browser(Role.TECHNICIAN) as browser:
        home = (await page(browser, "/home/now")).text
        assert "200 cụm loa mất liên lạc" in home
        assert "mất kết nối." not in home
        assert "Xem tất cả 203 cảnh báo" in home
        status = (await page(browser, "/status")).text
        assert "200 cụm loa mất liên lạc" in status
        assert "200 clusters are lost" in status
        assert "cảnh báo nữa" not in status
        assert len(re.findall(r"Cụm X\d{3}: mất kết nối", status)) == MANY


def test_every_kind_has_words_in_both_languages_that_say_how_many() -> None:
    words = gather()
    assert all("{n}" in text for kind in TOGETHER for text in words[f"alarms.kind.{kind}"])
    assert {key.removeprefix("alarms.kind.") for key in words if key.startswith("alarms.kind.")} == TOGETHER


async def test_what_came_in_one_minute_says_its_hour_once_and_what_did_not_says_both(world: World) -> None:
    await storm(world)
    async with world.browser(Role.VIEWER) as browser:
        assert "Cái đầu" not in (await page(browser, "/alarms")).text
        await world.clock.advance(600)
        await world.services.alarms.raise_("lost:late", Severity.WARNING, "Cụm muộn: mất kết nối.", "Late: lost.")
        assert re.search(r"Cái đầu \d\d:\d\d hôm nay, cái mới nhất \d\d:\d\d", (await page(browser, "/alarms")).text)
