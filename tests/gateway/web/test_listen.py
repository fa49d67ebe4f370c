"""Nghe lại over HTTP: strangers hear what was heard, and learn nothing else."""

from dataclasses import replace

import pytest
from lxml import etree

from devices.model import Outcome
from gateway.domain.people import Role
from gateway.web.app import create_app
from gateway.web.services import WebOptions
from tests.gateway.web.aired import heard
from tests.gateway.web.world import Browser, World, note, open_world

HTML = {"accept": "text/html"}
PAGES = ("/listen", "/listen/feed.xml", "/listen/x", f"/listen/audio/{'0' * 64}.mp3")


async def text(browser: Browser, path: str) -> str:
    answer = await browser.get(path, headers=HTML)
    assert answer.status_code == 200, path
    return answer.text


async def test_a_stranger_reads_and_hears_what_was_proven_heard(world: World) -> None:
    bulletin = await heard(world)
    async with world.browser() as stranger:
        assert "Chuyển đổi số" in await text(stranger, "/listen")
        one = await text(stranger, f"/listen/{bulletin}")
        assert "Ngày Chuyển đổi số" in one
        assert "Khu phố 1, Khu phố 2" in one
        sound = one.partition('src="/listen/audio/')[2].partition('"')[0]
        whole = await stranger.get(f"/listen/audio/{sound}")
        assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/mpeg")
        part = await stranger.get(f"/listen/audio/{sound}", headers={"range": "bytes=2-4"})
        assert (part.status_code, part.content) == (206, whole.content[2:5])


@pytest.mark.parametrize("path", PAGES)
async def test_a_ward_that_has_not_opened_it_has_no_such_page(world: World, path: str) -> None:
    await heard(world)
    closed = create_app(replace(world.services, listening=None))
    async with replace(world, app=closed).browser() as stranger:
        answer = await stranger.get(path, headers=HTML)
        assert answer.status_code == 404
        assert "Chuyển đổi số" not in answer.text


async def test_no_cookie_is_set_and_none_changes_what_is_shown(world: World) -> None:
    bulletin = await heard(world)
    async with world.browser() as stranger, world.browser(Role.ADMIN) as admin:
        for path in ("/listen", f"/listen/{bulletin}", "/listen/feed.xml"):
            answers = [await each.get(path, headers=HTML) for each in (stranger, admin)]
            assert answers[0].text == answers[1].text
            assert not any("set-cookie" in each.headers for each in answers)
            assert answers[0].headers["cache-control"].startswith("public")
            again = await stranger.get(path, headers={"if-none-match": answers[0].headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")


async def test_nobody_who_wrote_or_approved_is_named(world: World) -> None:
    bulletin = await heard(world)
    people = await world.store.accounts.users()
    async with world.browser() as stranger:
        for path in ("/listen", f"/listen/{bulletin}", "/listen/feed.xml"):
            said = await text(stranger, path)
            for each in people:
                assert each.id not in said
                assert each.display_name not in said


async def test_what_was_not_heard_and_files_of_the_store_are_not_handed_out(world: World) -> None:
    bulletin = await heard(world, outcome=Outcome.MISSED, heard_ms=0)
    other = (await world.audio(b"ID3 a recording for approvers")).removeprefix("sha256:")
    async with world.browser() as stranger:
        assert (await stranger.get(f"/listen/{bulletin}", headers=HTML)).status_code == 404
        assert (await stranger.get(f"/listen/audio/{other}.mp3")).status_code == 404
        assert (await stranger.get("/listen/audio/..%2f..%2fkeys")).status_code in {404, 422}
        assert "Chưa có bản tin nào" in await text(stranger, "/listen")


async def test_the_feed_is_a_podcast_and_whatever_is_in_a_title_stays_text(tmp_path) -> None:
    options = WebOptions(ward_name="Phường <A> & B", base_url="https://phuong.example", changes_at_once=1_000_000)
    async with open_world(tmp_path, options=options) as world:
        bulletin = await heard(world)
        known = await world.store.bulletins.get(bulletin)
        assert known is not None
        odd = replace(known, content=replace(known.content, title="Họp <b>gấp</b> & ]]> nhé"), revision=99)
        await world.store.bulletins.save(odd, was_revision=known.revision, note=note("bulletin.edit"))
        async with world.browser() as stranger:
            answer = await stranger.get("/listen/feed.xml")
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    channel = etree.fromstring(answer.content).find("channel")
    assert channel is not None
    for asked in ("title", "link", "description", "language"):
        assert channel.findtext(asked)
    item = channel.find("item")
    assert item is not None
    assert item.findtext("title") == "Họp <b>gấp</b> & ]]> nhé"
    assert item.findtext("pubDate", "").endswith("+0000")
    assert item.findtext("{http://www.itunes.com/dtds/podcast-1.0.dtd}duration") == "00:01:00"
    sound = item.find("enclosure")
    assert sound is not None
    assert sound.get("url", "").startswith("https://phuong.example/listen/audio/")
    assert (sound.get("type"), int(sound.get("length", "0")) > 0) == ("audio/mpeg", True)


async def test_one_address_in_a_hurry_is_told_to_wait_and_the_others_are_not(world: World) -> None:
    async with world.browser() as stranger:
        answers = [(await stranger.get("/listen/feed.xml")).status_code for _ in range(260)]
        assert answers[0] == 200
        assert answers[-1] == 429
        await world.clock.advance(60)
        assert (await stranger.get("/listen/feed.xml")).status_code == 200


async def test_it_is_there_in_english_without_a_cookie(world: World) -> None:
    await heard(world)
    async with world.browser() as stranger:
        said = await text(stranger, "/listen?lang=en")
    assert '<html lang="en">' in said
    assert "Listen again" in said
