"""Khẩn cấp on the page and over HTTP: only what was heard goes out; what changed is shown to be heard again."""

import asyncio
import re
from dataclasses import replace
from typing import Any

from devices.errors import LinkDown
from devices.model import OccurrenceId, Outcome, Proof
from devices.wire.reports import Activity
from gateway.domain.people import Role
from gateway.services.emergency_checked import LIVES_MS
from gateway.services.presence import Presence
from tests.gateway.web.test_pages import send
from tests.gateway.web.work import API, approved
from tests.gateway.web.world import PIN, POLES, Browser, World

TEXT = "Nước đang dâng ở khu phố 1."
OWN = {"what": "own", "more": TEXT, "siren": "true"}


def hidden(html: str) -> dict[str, str]:
    """Return what the form on the page would send."""
    form = html[html.index('action="/emergency/') :]
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form)) | {"pin": PIN}


async def check(operator: Browser, **fields: str) -> dict[str, str]:
    answer = await send(operator, "/emergency/check", **fields)
    assert answer.status_code == 200, answer.text
    found = hidden(answer.text)
    found.pop("csrf", "")
    return found


def heard_files(html: str) -> set[str]:
    return set(re.findall(r"/api/v1/audio/([0-9a-f]{64})/file", html))


def on_the_air(world: World) -> list[dict[str, Any]]:
    return [body.model_dump() for typ, body in world.siren.sent if typ == "emergency"]


async def test_what_is_on_the_page_is_what_goes_out(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        shown = await send(operator, "/emergency/check", **OWN)
        (file,) = heard_files(shown.text)
        form = hidden(shown.text)
        form.pop("csrf", "")
        assert (await send(operator, "/emergency/start", **form)).headers["location"] == "/emergency"
    (body,) = on_the_air(world)
    assert [item["asset"] for item in body["items"]] == [f"sha256:{file}"]
    assert body["text"] == TEXT


async def test_words_changed_in_the_form_are_not_what_goes_out(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        form = await check(operator, **OWN)
        await send(operator, "/emergency/start", **form | {"more": "Lời khác hẳn.", "zone": "kp1"})
    (body,) = on_the_air(world)
    assert (body["text"], body["zones"]) == (TEXT, ())


async def test_what_nobody_heard_is_shown_first(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        for form in ({**OWN, "pin": PIN}, {**await check(operator, **OWN), "mark": "0" * 64}):
            answer = await send(operator, "/emergency/start", **form)
            assert answer.status_code == 409
            assert "Nghe lại ở đây rồi phát" in answer.text
            assert heard_files(answer.text)
    assert on_the_air(world) == []


async def test_after_a_restart_the_same_words_go_out_and_others_are_heard_again(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        form = await check(operator, **OWN)
        await world.clock.advance(LIVES_MS / 1_000)  # forgotten, as by a restart
        other = await send(operator, "/emergency/start", **form | {"more": "Lời khác hẳn."})
        assert other.status_code == 409
        assert on_the_air(world) == []
        assert (await send(operator, "/emergency/start", **form)).status_code == 303
    (body,) = on_the_air(world)
    assert body["text"] == TEXT


async def test_a_bulletin_withdrawn_after_it_was_heard_is_refused_where_it_was_chosen(world: World) -> None:
    bulletin = await approved(world)
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as approver:
        form = await check(operator, what=f"bulletin:{bulletin['id']}", siren="true")
        gone = await approver.post(f"{API}/bulletins/{bulletin['id']}/withdraw", {"reason": "sai"})
        assert gone.status_code == 200
        answer = await send(operator, "/emergency/start", **form)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert on_the_air(world) == []


async def test_over_http_it_is_heard_under_a_mark_and_sent_by_it_once(world: World) -> None:
    order = {"targets": {"everywhere": True}, "text": TEXT}
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as another:
        made = await operator.post(f"{API}/emergencies/checks", order)
        assert made.status_code == 201, made.text
        heard = made.json()
        assert heard["spoken"]
        path, right = f"{API}/emergencies/checks/{heard['id']}/send", {"mark": heard["mark"], "pin": PIN}
        for who, body in ((operator, {"mark": "0" * 64, "pin": PIN}), (another, right)):
            refused = await who.post(path, body)
            assert (refused.status_code, refused.json()["code"]) == (409, "hear_again")
        assert on_the_air(world) == []
        sent = await operator.post(path, right)
        assert sent.status_code == 202, sent.text
        assert (await operator.post(path, right)).json()["code"] == "hear_again"
    (body,) = on_the_air(world)
    assert [item["asset"] for item in body["items"]] == [f"sha256:{heard['audio_sha256']}"]


async def test_a_form_sent_twice_is_one_emergency(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        form = await check(operator, **OWN)
        for _ in range(2):
            assert (await send(operator, "/emergency/start", **form)).headers["location"] == "/emergency"
        assert len(on_the_air(world)) == 1
        form = await check(operator, **OWN)
        answers = await asyncio.gather(*(send(operator, "/emergency/start", **form) for _ in range(3)))
        assert {answer.status_code for answer in answers} <= {303, 409}
        assert len(on_the_air(world)) == 2
        await world.clock.advance(LIVES_MS // 1000 + 1)  # forgotten, and made again from the same words
        form = await check(operator, **OWN)
        await world.clock.advance(LIVES_MS // 1000 + 1)
        for _ in range(2):
            await send(operator, "/emergency/start", **form)
        assert len(on_the_air(world)) == 3


async def test_what_did_not_go_out_may_be_sent_again(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        form = await check(operator, **OWN)
        wrong = await send(operator, "/emergency/start", **form | {"pin": "00000000"})
        assert wrong.status_code == 422
        assert on_the_air(world) == []
        assert (await send(operator, "/emergency/start", **form)).status_code == 303
    assert len(on_the_air(world)) == 1


async def test_nobody_is_told_that_it_went_out_while_it_is_on_its_way_and_lost(world: World) -> None:
    world.siren.slow_s, world.siren.lost = 0.3, LinkDown("the broker is away")
    async with world.browser(Role.OPERATOR) as operator:
        form = await check(operator, **OWN)
        answers = await asyncio.gather(*(send(operator, "/emergency/start", **form) for _ in range(2)))
        assert [answer.status_code for answer in answers] == [503, 503]
        assert on_the_air(world) == []
        world.siren.lost = None
        answers = await asyncio.gather(*(send(operator, "/emergency/start", **form) for _ in range(2)))
        assert [answer.headers.get("location") for answer in answers] == ["/emergency", "/emergency"]
    assert len(on_the_air(world)) == 1


async def test_an_emergency_that_is_over_is_not_said_to_go_out_once_more(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        form = await check(operator, **OWN)
        await send(operator, "/emergency/start", **form)
        (active,) = world.services.emergency_watch.active
        assert (await send(operator, f"/emergency/{active.em}/end", pin=PIN)).status_code == 303
        over = await send(operator, "/emergency/start", **form)  # "back", and held again
        assert over.status_code == 409
        assert "vừa được phát rồi" in over.text
        assert len(on_the_air(world)) == 1
        anew = hidden(over.text)
        anew.pop("csrf", "")
        assert (await send(operator, "/emergency/start", **anew)).headers["location"] == "/emergency"
    assert len(on_the_air(world)) == 2


async def test_who_has_just_ended_waits_for_its_proof_and_is_not_called_unheard(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        form = await check(operator, **OWN)
        await send(operator, "/emergency/start", **form)
        (active,) = world.services.emergency_watch.active
        found = await world.store.proofs.find([(OccurrenceId(active.em), POLES[0])])
        (play,) = found.values()
        begun = replace(play, started_at=play.start_at, journal_n=1)
        await world.store.proofs.settle([begun])
        live = world.services.monitor.get(POLES[0])
        world.services.monitor._take(replace(live, presence=Presence.ONLINE, activity=Activity.IDLE))
        name = world.services.fleet.name(POLES[0])
        await world.clock.advance(10)

        shown = await said(operator)
        assert shown["Đã hết, chờ bằng chứng"] == name
        assert name not in shown.get("Chưa phát", "")

        await world.store.proofs.settle([replace(begun, outcome=Outcome.PLAYED, proof=Proof.AMPLIFIER, heard_ms=9_000)])
        shown = await said(operator)
        assert "Đã hết, chờ bằng chứng" not in shown
        assert "cụm đã phát đủ" in shown["meter"]


async def said(operator: Browser) -> dict[str, str]:
    """Return what the page says of whom, by the badge, and the words of its meter."""
    html = (await operator.get("/emergency/now")).text
    lines = re.findall(r"<li>(.*?)</li>", html, re.DOTALL)
    words = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "|", line)).split("|") for line in lines]
    badges = [[part.strip() for part in line if part.strip()] for line in words]
    return {badge: " ".join(names) for badge, *names in badges} | {"meter": html}


async def test_words_that_were_typed_are_not_shown_as_poles_in_trouble(world: World) -> None:
    blanks = {"so": "10", "gio": "05:30", "ngay": "2026-10-09", "noi": "ca-phuong", "noi_tranh": "đình làng bên sông"}
    async with world.browser(Role.OPERATOR) as operator:
        fields = {f"blank-{name}": value for name, value in blanks.items()}
        shown = await send(operator, "/emergency/templates/bao/check", **fields)
    assert shown.status_code == 200
    assert "Chưa cụm nào có sẵn câu này: các cụm tải về lúc phát, cần có mạng. Chữ tự viết luôn như vậy." in shown.text
    assert "cụm đã có sẵn" not in shown.text
    assert 'class="meter' not in shown.text
