"""Problem documents: both languages, every mistake, nothing of the inside."""

import json
from collections.abc import Iterator

import httpx
import pytest

from devices import errors as devices_errors
from gateway.domain import errors as domain_errors
from gateway.domain.people import Role
from gateway.web.app import create_app
from gateway.web.errors import MEDIA_TYPE, STATUS, status_of
from tests.gateway.web.world import World
from tts import errors as speech_errors


async def test_a_problem_speaks_both_languages_and_the_header_picks_the_first(world: World) -> None:
    async with world.browser() as browser:
        told = {
            language: await browser.get("/api/v1/clusters", headers={"accept-language": language})
            for language in ("vi", "en-GB,en;q=0.9", "fr", "vi;q=0.5, en;q=0.8", "", "en;q=nonsense")
        }
    for answer in told.values():
        assert answer.status_code == 401
        assert answer.headers["content-type"] == MEDIA_TYPE
        body = answer.json()
        assert body["detail_vi"] == "Bạn chưa đăng nhập, hoặc phiên đã hết hạn."
        assert body["detail_en"] == "Not signed in, or the session is over."
        assert body["status"] == 401
        assert body["type"] == "urn:loaphuong:problem:not_signed_in"
    english = [language for language, answer in told.items() if answer.headers["content-language"] == "en"]
    assert english == ["en-GB,en;q=0.9", "vi;q=0.5, en;q=0.8"]
    assert told["en-GB,en;q=0.9"].json()["title"] == "Not signed in"
    assert told["fr"].json()["title"] == "Chưa đăng nhập"


async def test_every_wrong_field_is_named_at_once_and_never_quoted(world: World) -> None:
    async with world.browser(Role.ADMIN) as browser:
        body = {"name": ["bí mật 1"], "display_name": "x" * 300, "roles": ["king"], "reason": 1, "extra": "bí mật 2"}
        answer = await browser.post("/api/v1/users", body)
    assert answer.status_code == 422
    assert {problem["path"] for problem in answer.json()["problems"]} == {
        "name",
        "display_name",
        "roles.0",
        "reason",
        "extra",
    }
    assert "bí mật" not in answer.text


async def test_what_the_domain_refuses_has_its_field_paths_too(world: World) -> None:
    async with world.browser(Role.ADMIN) as browser:
        answer = await browser.post("/api/v1/users", {"name": "a b", "display_name": " ", "roles": [], "reason": " "})
    paths = [problem["path"] for problem in answer.json()["problems"]]
    assert paths == ["name", "display_name", "roles", "reason"]


async def test_no_such_page_and_no_such_method_are_problems_too(world: World) -> None:
    async with world.browser() as browser:
        for answer, status in (
            (await browser.get("/api/v1/nothing"), 404),
            (await browser.client.put("/api/v1/auth/login"), 405),
        ):
            assert answer.status_code == status
            assert answer.headers["content-type"] == MEDIA_TYPE
            assert answer.json()["detail_vi"]


async def test_a_bug_tells_nothing_of_the_inside(world: World) -> None:
    app = create_app(world.services)  # routes of its own: those of ``world`` serve the tests after this one

    @app.get("/boom")
    async def boom() -> None:
        raise RuntimeError("secret inside")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await client.get("/boom")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"]


def _leaves(*roots: type[Exception]) -> Iterator[type[Exception]]:
    for root in roots:
        yield root
        yield from _leaves(*root.__subclasses__())


@pytest.mark.parametrize(
    "kind", list(_leaves(domain_errors.GatewayError, devices_errors.DeviceError, speech_errors.SpeechError))
)
def test_every_error_of_the_product_has_a_status(kind: type[Exception]) -> None:
    assert any(ancestor in STATUS for ancestor in kind.__mro__)
    assert 400 <= status_of(kind.__new__(kind)) < 600


async def test_a_lost_broker_is_said_in_words(world: World) -> None:
    world.poles.up = False
    async with world.browser(Role.OPERATOR) as browser:
        answer = await browser.post("/api/v1/commands/stop", {"targets": {"everywhere": True}})
    assert answer.status_code == 202  # a row per cluster says that it was not sent
    assert {row["state"] for row in answer.json()} <= {"sent", "not_sent"}
    assert json.loads(answer.text)


@pytest.mark.parametrize(
    ("answered", "page"),
    [
        ("/emergency/check", "/emergency"),
        ("/emergency/start", "/emergency"),
        ("/policy/out-of-hours", "/policy"),
        ("/policy/out-of-hours/ng-1/end", "/policy/out-of-hours/ng-1"),
    ],
)
async def test_who_comes_back_to_the_address_of_an_answered_form_is_on_its_page(
    world: World, answered: str, page: str
) -> None:
    html = {"accept": "text/html"}
    async with world.browser() as stranger, world.browser(Role.OPERATOR) as operator:
        sent = await stranger.client.post(answered, headers=html | {"referer": f"http://loa{answered}"})
        assert sent.headers["location"] == f"/sign-in?next={answered}"
        back = await operator.client.get(answered, headers=html)
        assert (back.status_code, back.headers["location"]) == (303, page)
        assert (await operator.client.get(answered)).status_code == 405, "a program is told as it is"
