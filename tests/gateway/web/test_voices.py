"""Giọng đọc on pages and over HTTP: chosen by bulletin, heard before it is saved, and never exchanged in silence."""

import re
from typing import Any

import pytest

from gateway.domain.people import Role
from gateway.services.house_voice import HouseVoice
from tests.gateway.web.test_wording import judged
from tests.gateway.web.work import API, TEXT
from tests.gateway.web.world import Browser, World

TYPED = {"title": "Mời họp", "category": "tin", "text": TEXT}
WARD = HouseVoice(voice="fake:an", second="piper:minh", fallback=("espeak:vi",), speed=0.9)


@pytest.fixture
def ward(world: World) -> World:
    """One that has set a second voice, somebody to stand in, and a speed."""
    world.services.editorial.usual = world.services.wording.spoken.usual = WARD
    return world


async def send(browser: Browser, path: str, **fields: Any) -> Any:
    return await browser.client.post(path, data={**fields, "csrf": browser.csrf}, follow_redirects=False)


async def made(browser: Browser, **fields: Any) -> dict[str, Any]:
    answer = await send(browser, "/bulletins/new", **{**TYPED, **fields})
    assert answer.status_code == 303, answer.text
    name = re.search(r"bt-\w+", answer.headers["location"])
    assert name
    found: dict[str, Any] = (await browser.get(f"{API}/bulletins/{name[0]}")).json()
    return found


def chosen(page: str, field: str) -> list[str]:
    select = re.search(rf'<select id="f-{field}".*?</select>', page, re.DOTALL)
    assert select
    return re.findall(r'<option value="([^"]*)" selected', select[0])


async def test_the_form_begins_as_is_usual_here_and_keeps_what_is_chosen(ward: World) -> None:
    async with ward.browser(Role.AUTHOR) as author:
        empty = (await author.get("/bulletins/new")).text
        assert (chosen(empty, "voice"), chosen(empty, "second_voice")) == ([], [])
        assert 'name="speed" value="0.9" checked' in empty
        assert "Giọng thường dùng của phường: An" in empty
        assert "Như thường dùng: piper:minh" in empty
        bulletin = await made(author, voice="fake:an", second_voice="none", speed="1.2")
        content = bulletin["content"]
        assert (content["voice"], content["second_voice"], content["speed"]) == ("fake:an", "none", 1.2)
        again = (await author.get(f"/bulletins/{bulletin['id']}/edit")).text
        assert (chosen(again, "voice"), chosen(again, "second_voice")) == (["fake:an"], ["none"])
        assert 'name="speed" value="1.2" checked' in again


async def test_a_voice_that_is_gone_and_a_speed_between_are_shown_and_not_exchanged(ward: World) -> None:
    async with ward.browser(Role.AUTHOR) as author:
        bulletin = await made(author, voice="piper:cu", second_voice="piper:xua", speed="0.85")
        page = (await author.get(f"/bulletins/{bulletin['id']}/edit")).text
        assert (chosen(page, "voice"), chosen(page, "second_voice")) == (["piper:cu"], ["piper:xua"])
        assert "piper:cu (không còn trên máy)" in page
        assert 'name="speed" value="0.85" checked' in page


async def test_over_http_a_speed_left_out_is_the_wards(ward: World) -> None:
    async with ward.browser(Role.AUTHOR) as author:
        usual = (await author.post(f"{API}/bulletins", TYPED)).json()
        assert usual["content"]["speed"] == 0.9
        named = (await author.post(f"{API}/bulletins", {**TYPED, "speed": 1.0, "second_voice": "none"})).json()
        assert (named["content"]["speed"], named["content"]["second_voice"]) == (1.0, "none")
        rendered = (await author.post(f"{API}/bulletins/{usual['id']}/render")).json()
        assert rendered["audio"]["voices"] == ["fake:an", "piper:minh"]
        path, revision = f"{API}/bulletins/{usual['id']}", rendered["revision"]
        edited = (await author.send("PUT", path, {**TYPED, "second_voice": "none", "was_revision": revision})).json()
        assert (edited["audio"], edited["state"]) == (None, "draft")


async def test_a_voice_is_heard_before_anything_is_saved(ward: World) -> None:
    async with ward.browser(Role.AUTHOR) as author, ward.browser(Role.VIEWER) as viewer:
        path = f"{API}/bulletins/voices/sample"
        heard = await author.get(f"{path}?text=Mời bà con họp. Câu sau.&voice=piper:minh&speed=0.8")
        assert heard.content.decode() == "piper:minh|None|0.8|Mời bà con họp."
        assert (heard.headers["content-type"], heard.headers["cache-control"]) == ("audio/mpeg", "no-store")
        assert (await author.get(path)).content.decode().startswith("fake:an|None|0.9|Kính chào bà con")
        assert (await author.get(f"{path}?speed=1.3")).status_code == 422
        assert (await author.get(f"{path}?text={'a' * 201}")).status_code == 422
        assert (await viewer.get(path)).status_code == 403
        assert (await author.get(f"{API}/bulletins")).json()["total"] == 0


async def test_a_voice_that_stood_in_is_named_to_the_author_and_the_approver(ward: World) -> None:
    ward.studio.mute = {"fake:an"}
    words = "Đã dùng giọng dự phòng espeak:vi vì giọng fake:an không đọc được"
    async with ward.browser(Role.AUTHOR) as author, ward.browser(Role.APPROVER) as approver:
        bulletin = await made(author)
        path = f"/bulletins/{bulletin['id']}"
        assert (await send(author, f"{path}/render")).status_code == 303
        for page in (path, f"{path}/air", f"{path}/listen"):
            shown = (await author.get(page)).text
            assert words in shown, page
            assert "Thử lại giọng đã chọn" in shown, page
        waiting = (await author.post(f"{API}{path}/submit")).json()
        assert "Thử lại giọng đã chọn" not in (await author.get(path)).text
        shown = (await approver.get(f"/approvals/{bulletin['id']}")).text
        assert shown.count(words) == 2, "beside the sound, and on the list of what was checked"
        assert "Máy đọc: espeak:vi ·" in shown
        checks = (await approver.get(f"{API}{path}/checklist")).json()["checks"]
        assert [check["state"] for check in checks if check["code"] == "voice"] == ["look"]
        assert (await approver.post(f"{API}{path}/approve", judged(waiting))).json()["state"] == "approved"


async def test_the_chosen_voice_is_tried_again_by_one_tap_while_it_is_a_draft(ward: World) -> None:
    ward.studio.mute = {"fake:an"}
    async with ward.browser(Role.AUTHOR) as author:
        bulletin = await made(author)
        path = f"/bulletins/{bulletin['id']}"
        await send(author, f"{path}/render")
        ward.studio.mute = set()
        await send(author, f"{path}/render")
        kept = (await author.get(f"{API}{path}")).json()
        assert kept["audio"]["stood_in"], "going on to the next step speaks nothing again"
        await send(author, f"{path}/render", again="true")
        audio = (await author.get(f"{API}{path}")).json()["audio"]
        assert (audio["stood_in"], audio["voices"]) == ("", ["fake:an", "piper:minh"])
        assert "giọng dự phòng" not in (await author.get(path)).text
