"""Ghi âm chờ duyệt: listed, listened to, approved or returned by somebody else; its sender reads why."""

import pytest

from devices.model import asset_sha256
from gateway.domain.people import Role
from gateway.ports.records import StoredAudio
from tests.gateway.web.test_pages import page, send
from tests.gateway.web.work import API
from tests.gateway.web.world import Browser, World

SOUND = b"ID3" + b"\x00" * 5_000


async def sent_in(browser: Browser, title: str = "Lời chào buổi sáng", content: bytes = SOUND) -> str:
    headers = {"x-csrf-token": browser.csrf, "content-type": "audio/mpeg"}
    answer = await browser.client.post(f"{API}/audio", params={"title": title}, content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return asset_sha256(answer.json()["asset"])


async def kept(world: World, sha: str) -> StoredAudio:
    return next(each for each in await world.services.library.all() if asset_sha256(each.asset) == sha)


async def test_it_waits_for_whoever_approves_and_counts_until_it_is_approved(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as approver:
        sha = await sent_in(operator)
        assert "Lời chào buổi sáng" in (await page(approver, "/approvals")).text
        assert 'data-waiting="1"' in (await page(approver, "/approvals/count")).text
        assert (await approver.get("/approvals/next")).headers["location"] == f"/recordings/{sha}"
        assert "1 ghi âm chờ bạn duyệt" in (await page(approver, "/home/now")).text
        assert "ghi âm chờ bạn duyệt" not in (await page(operator, "/home/now")).text
        shown = (await page(approver, f"/recordings/{sha}")).text
        assert "LUFS" in shown
        assert "dBTP" in shown
        done = await send(approver, f"/recordings/{sha}/approve")
        assert done.headers["location"] == "/approvals"
        assert 'data-waiting="0"' in (await page(approver, "/approvals/count")).text
        assert "Đã duyệt" in (await page(operator, "/recordings")).text
    assert (await kept(world, sha)).release is not None


@pytest.mark.parametrize("over_http", [True, False])
async def test_who_sent_it_in_neither_sees_it_waiting_nor_approves_it_by_a_direct_request(
    world: World, over_http: bool
) -> None:
    async with world.browser(Role.AUTHOR, Role.APPROVER) as both:
        sha = await sent_in(both)
        assert 'data-waiting="0"' in (await page(both, "/approvals/count")).text
        shown = (await page(both, f"/recordings/{sha}")).text
        assert "Bạn gửi ghi âm này" in shown
        assert f"/recordings/{sha}/approve" not in shown
        path = f"{API}/audio/{sha}/approve"
        answer = await both.post(path, {}) if over_http else await send(both, f"/recordings/{sha}/approve")
        assert answer.status_code == 403
    assert (await kept(world, sha)).release is None


async def test_it_is_returned_with_a_reason_that_its_sender_reads_and_waits_again_when_sent_again(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as approver:
        sha = await sent_in(operator)
        assert (await send(approver, f"/recordings/{sha}/return", reason="  ")).status_code == 422
        assert (await kept(world, sha)).waits
        done = await send(approver, f"/recordings/{sha}/return", reason="Tiếng gió to quá")
        assert done.status_code == 303
        assert "Tiếng gió to quá" in (await page(operator, f"/recordings/{sha}")).text
        assert 'data-waiting="0"' in (await page(approver, "/approvals/count")).text
        again = await approver.post(f"{API}/audio/{sha}/return", {"reason": "nữa"})
        assert (again.status_code, again.json()["code"]) == (409, "not_waiting")
        assert (await sent_in(operator, "Lời chào mới")) == sha
        assert 'data-waiting="1"' in (await page(approver, "/approvals/count")).text
    after = await kept(world, sha)
    assert (after.title, after.returned) == ("Lời chào mới", None)
    lines = [line.note for line in await world.store.audit.lines() if line.note.action == "recording.return"]
    assert [note.detail["reason"] for note in lines] == ["Tiếng gió to quá"]


async def test_what_was_approved_and_is_withdrawn_tells_its_sender_why_and_does_not_wait(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as approver:
        sha = await sent_in(operator)
        assert (await approver.post(f"{API}/audio/{sha}/approve", {})).status_code == 200
        assert (await approver.post(f"{API}/audio/{sha}/withdraw", {"reason": "sai tên phường"})).status_code == 200
        assert "sai tên phường" in (await page(operator, f"/recordings/{sha}")).text
    assert not (await kept(world, sha)).waits


async def test_whoever_sends_the_same_sound_in_too_does_not_approve_it(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.AUTHOR, Role.APPROVER) as both:
        sha = await sent_in(operator)
        assert await sent_in(both) == sha
        assert (await both.post(f"{API}/audio/{sha}/approve", {})).status_code == 403


async def test_what_was_recorded_for_a_bulletin_waits_with_it_and_not_by_itself(world: World) -> None:
    async with world.browser(Role.APPROVER) as approver:
        await world.audio(of_bulletin=True)
        await world.audio(b"ID3 loose", title="Nhạc nền")
        assert 'data-waiting="1"' in (await page(approver, "/approvals/count")).text
