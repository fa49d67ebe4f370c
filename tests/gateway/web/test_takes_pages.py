"""Recordings from the pages: sent in by themselves or for a bulletin, once however often they come; withdrawn again."""

from typing import Any

import pytest

from devices.model import asset_sha256
from gateway.domain.ids import BulletinId
from gateway.domain.people import Role
from tests.gateway.web.test_pages import HTML, page, send
from tests.gateway.web.test_recordings import SOUND, kept, sent_in
from tests.gateway.web.work import API, TEXT
from tests.gateway.web.world import Browser, World

TAKE = "a1" * 12
FILE = {"file": ("ghi-am.webm", SOUND, "audio/webm")}


async def post(browser: Browser, path: str, files: Any = FILE, **fields: str) -> Any:
    headers = {**HTML, "x-csrf-token": browser.csrf}
    return await browser.client.post(path, data=fields, files=files, headers=headers)


async def written(author: Browser) -> dict[str, Any]:
    body = {"title": "Chuyển đổi số", "category": "chuyen-doi-so", "text": TEXT}
    made = (await author.post(f"{API}/bulletins", body)).json()
    return dict((await author.get(f"{API}/bulletins/{made['id']}")).json())


# -- by themselves ---------------------------------------------------------------------------------------------------


async def test_a_recording_is_sent_in_from_the_page_and_waits(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as approver:
        assert "/recordings/new" in (await page(operator, "/recordings")).text
        done = await post(
            operator,
            "/recordings/new",
            title="Nhạc hiệu",
            music="true",
            licence="Tự làm",
            until="2026-12-31",
            take=TAKE,
        )
        assert done.status_code == 303, done.text
        sha = done.headers["location"].removeprefix("/recordings/")
        assert "Nhạc hiệu" in (await page(approver, "/approvals")).text
    sound = await kept(world, sha)
    assert (sound.title, sound.music, sound.licence, sound.waits) == ("Nhạc hiệu", True, "Tự làm", True)
    assert sound.usable_until is not None
    assert sound.usable_until.isoformat() == "2027-01-01T00:00:00+07:00"  # the whole of that day at the ward


async def test_what_comes_again_under_the_same_name_does_not_wait_anew_after_it_was_returned(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as approver:
        first = await post(operator, "/recordings/new", title="Lời chào", take=TAKE)
        where = first.headers["location"]
        await send(approver, f"{where}/return", reason="Gió to")
        again = await post(operator, "/recordings/new", title="Lời chào", take=TAKE)
        assert (again.status_code, again.headers["location"]) == (303, where)
        assert not (await kept(world, where.removeprefix("/recordings/"))).waits
        mended = await post(operator, "/recordings/new", title="Lời chào", take="b2" * 12)
        assert mended.headers["location"] == where  # the same sound
        assert (await kept(world, where.removeprefix("/recordings/"))).waits


@pytest.mark.parametrize(
    ("fields", "files", "said"),
    [
        ({"title": " ", "take": TAKE}, FILE, "Cần tên"),
        ({"title": "x", "take": TAKE}, {"file": ("a.webm", b"", "audio/webm")}, "Chưa chọn tệp"),
        ({"title": "x", "take": TAKE}, {"file": ("a.webm", b"not a sound", "audio/webm")}, 'class="wrong"'),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_may_be_sent_again(
    world: World, fields: dict[str, str], files: Any, said: str
) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        answer = await post(operator, "/recordings/new", files, **fields)
        assert answer.status_code == 422
        assert said in answer.text
        done = await post(operator, "/recordings/new", title="x", take=TAKE)
        assert done.status_code == 303


async def test_a_name_or_a_day_that_is_none_is_refused(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        for fields in ({"take": "../x"}, {"until": "hôm qua"}):
            assert (await post(operator, "/recordings/new", title="x", **fields)).status_code == 422


async def test_who_may_neither_write_nor_schedule_sends_nothing_in(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        assert "/recordings/new" not in (await page(technician, "/recordings")).text
        assert (await post(technician, "/recordings/new", title="x")).status_code == 403
    assert not await world.services.library.sent_in()


# -- for a bulletin --------------------------------------------------------------------------------------------------


async def test_a_reading_that_comes_again_does_not_undo_what_was_done_since(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        bulletin = await written(author)
        path = f"/bulletins/{bulletin['id']}/record"
        fields = {"take": TAKE, "text_sha256": bulletin["text_sha256"]}
        for _ in range(2):
            answer = await post(author, path, **fields)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/bulletins/{bulletin['id']}/air")
        editorial = world.services.editorial
        assert (await editorial.get(BulletinId(bulletin["id"]))).audio.recorded  # type: ignore[union-attr]
        assert (await author.post(f"{API}/bulletins/{bulletin['id']}/render")).status_code == 200
        assert (await post(author, path, **fields)).status_code == 303
        found = await editorial.get(BulletinId(bulletin["id"]))
        assert found.audio is not None
        assert not found.audio.recorded  # the machine's voice, chosen after it


async def test_a_reading_of_words_that_changed_meanwhile_is_refused_in_words(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        bulletin = await written(author)
        edit = {
            "title": "Chuyển đổi số",
            "category": "chuyen-doi-so",
            "text": "Lời mới.",
            "was_revision": bulletin["revision"],
        }
        changed = await author.send("PUT", f"{API}/bulletins/{bulletin['id']}", edit)
        assert changed.status_code == 200, changed.text
        fields = {"take": TAKE, "text_sha256": bulletin["text_sha256"]}
        answer = await post(author, f"/bulletins/{bulletin['id']}/record", **fields)
        assert answer.status_code == 409
        assert "Lời bản tin đã đổi sau khi bạn ghi âm" in answer.text
        assert (await world.services.editorial.get(BulletinId(bulletin["id"]))).audio is None


# -- withdrawn -------------------------------------------------------------------------------------------------------


async def test_an_approved_recording_is_withdrawn_on_its_page_with_a_reason(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as approver:
        sha = await sent_in(operator)
        where = f"/recordings/{sha}"
        assert f"{where}/withdraw" not in (await page(approver, where)).text
        await send(approver, f"{where}/approve")
        assert f"{where}/withdraw" not in (await page(operator, where)).text
        assert f"{where}/withdraw" in (await page(approver, where)).text
        assert (await send(operator, f"{where}/withdraw", reason="x")).status_code == 403
        empty = await send(approver, f"{where}/withdraw", reason=" ")
        assert empty.status_code == 422
        assert "Ghi lý do" in empty.text
        assert (await kept(world, sha)).release is not None
        assert (await send(approver, f"{where}/withdraw", reason="Sai tên phường")).headers["location"] == where
        assert "Sai tên phường" in (await page(operator, where)).text
    after = await kept(world, sha)
    assert (after.release, asset_sha256(after.asset)) == (None, sha)
