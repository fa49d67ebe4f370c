"""The lexicon by thumb: what a change would touch is said first, and nothing is kept that was not seen."""

import html
import re
from typing import Any

import pytest

from gateway.domain.people import Permission, Role
from gateway.web.pages.csrf import mask
from tests.gateway.web.test_pages import HTML, page, send
from tests.gateway.web.test_wording import judged, written
from tests.gateway.web.work import API
from tests.gateway.web.world import Browser, World

WORD = {"surface": "trạm y tế", "reading": "trạm xá"}


def fields(text: str) -> dict[str, str]:
    """What *Lưu* on the page before saving would send."""
    form = re.search(r"<form[^>]*action=\"/lexicon/(?:entry|import)\".*?</form>", text, re.DOTALL)
    assert form, text
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    sheet = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form[0], re.DOTALL)
    found |= {"tsv": sheet[1]} if sheet else {}
    return {name: html.unescape(value) for name, value in found.items() if name != "csrf"}


async def entries(browser: Browser) -> list[tuple[str, str]]:
    listed = (await browser.get(f"{API}/lexicon")).json()["entries"]
    return [(each["surface"], each["reading"]) for each in listed]


async def upload(browser: Browser, content: bytes) -> Any:
    form = {"csrf": mask(browser.csrf)}
    return await browser.client.post("/lexicon/import", data=form, files={"file": ("a.tsv", content)}, headers=HTML)


async def test_what_a_word_would_take_back_is_said_before_and_is_what_is_taken(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author, world.browser(Role.APPROVER) as approver:
        bulletin = await written(author, "Trạm y tế phường mời bà con.")
        path = f"{API}/bulletins/{bulletin['id']}"
        assert (await approver.post(f"{path}/approve", judged(bulletin))).json()["state"] == "approved"
        first = await send(author, "/lexicon/entry", **WORD)
        assert first.status_code == 200
        assert f'href="/bulletins/{bulletin["id"]}"' in first.text
        assert await entries(author) == []
        assert (await author.get(path)).json()["state"] == "approved"
        assert (await send(author, "/lexicon/entry", **fields(first.text))).status_code == 303
        assert await entries(author) == [("trạm y tế", "trạm xá")]
        assert (await author.get(path)).json()["state"] == "draft"


async def test_a_bulletin_that_comes_between_looking_and_saving_is_shown_first(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        seen = fields((await send(author, "/lexicon/entry", **WORD)).text)
        bulletin = await written(author, "Trạm y tế phường mời bà con.")
        again = await send(author, "/lexicon/entry", **seen)
        assert (again.status_code, await entries(author)) == (200, [])
        assert f'href="/bulletins/{bulletin["id"]}"' in again.text
        assert "Xem lại rồi lưu" in again.text
        assert (await send(author, "/lexicon/entry", **fields(again.text))).status_code == 303
        assert await entries(author) == [("trạm y tế", "trạm xá")]


async def test_the_last_change_of_a_word_is_undone_to_what_stood_before(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        for reading in ("trạm xá", "bệnh xá"):
            look = await send(author, "/lexicon/entry", surface="trạm y tế", reading=reading)
            await send(author, "/lexicon/entry", **fields(look.text))
        past = (await page(author, "/lexicon")).text.partition('id="past-title"')[2]
        assert past.count("Quay lại trước lần sửa này</span>") == 1
        look = await send(author, "/lexicon/entry", **fields(past))
        await send(author, "/lexicon/entry", **fields(look.text))
        assert await entries(author) == [("trạm y tế", "trạm xá")]
        gone = await send(author, "/lexicon/entry", surface="Trạm y tế", act="remove")
        await send(author, "/lexicon/entry", **fields(gone.text))
        assert await entries(author) == []


async def test_a_file_with_a_bad_row_changes_nothing_and_a_good_one_is_shown_first(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        bad = await upload(author, "KTX\tký túc xá\tcs\nhỏng\n".encode())
        assert (bad.status_code, await entries(author)) == (422, [])
        assert "Dòng 2" in bad.text
        assert (await upload(author, "KTX\tký túc xá".encode("utf-16"))).status_code == 422
        good = await upload(author, "KTX\tký túc xá\tcs\n".encode())
        assert (good.status_code, await entries(author)) == (200, [])
        form = {"csrf": mask(author.csrf), **fields(good.text)}
        kept = await author.client.post("/lexicon/import", data=form, headers=HTML)
        assert (kept.status_code, await entries(author)) == (303, [("KTX", "ký túc xá")])


@pytest.mark.parametrize("role", list(Role))
async def test_only_who_writes_bulletins_changes_it_also_by_a_direct_request(world: World, role: Role) -> None:
    async with world.browser(role) as browser:
        may = Permission.WRITE_BULLETIN in role.permissions
        wanted = 200 if may else 403
        assert (await send(browser, "/lexicon/entry", **WORD)).status_code == wanted
        assert (await upload(browser, b"KTX\tx\xc3\xa1\n")).status_code == wanted
        if Permission.READ in role.permissions:
            assert ('action="/lexicon/entry"' in (await page(browser, "/lexicon")).text) is may


async def test_it_is_searched_by_word_and_by_reading(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        for surface, reading in (("KTX", "ký túc xá"), ("NVH", "nhà văn hóa")):
            await author.send("PUT", f"{API}/lexicon/entries", {"surface": surface, "reading": reading})
        for wanted in ("ktx", "túc"):
            own = (
                (await page(author, f"/lexicon?q={wanted}"))
                .text.partition('id="own-title"')[2]
                .partition("</section")[0]
            )
            assert "KTX" in own
            assert "NVH" not in own
