"""Whatever is sent, the answer is a refusal in words, never a broken server."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from devices.model import asset_sha256
from gateway.domain.people import Role
from gateway.web import openapi
from gateway.web.armour import JSON_MAX_BYTES
from gateway.web.errors import MEDIA_TYPE
from tests.gateway.services.people import GOOD
from tests.gateway.web.hostile import NASTY, Drawer
from tests.gateway.web.server import online, serving
from tests.gateway.web.work import approved, programme, schedule
from tests.gateway.web.world import Browser, World

ENDLESS = "/api/v1/events"
PER_OPERATION = 25
EVERYBODY = tuple(Role)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    document = openapi.description()
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path != ENDLESS
    ]


async def hit(
    browser: Browser, drawer: Drawer, method: str, template: str, operation: dict[str, Any]
) -> httpx.Response:
    nastiness = drawer.dice.choice((0.0, 0.05, 0.3, 1.0))
    path, query = template, {}
    for parameter in operation.get("parameters", ()):
        drawn = drawer.dice.choice(NASTY) if drawer.dice.random() < nastiness else drawer.name()
        text = str(drawn).encode("utf-8", "replace").decode()[:2_000]
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(text, safe=":@+-") or "x")
        elif parameter["in"] == "query" and drawer.dice.random() < 0.7:
            fits = drawer.value(parameter["schema"], nastiness=nastiness)
            query[parameter["name"]] = str(fits).encode("utf-8", "replace").decode()[:2_000]
    content, kind = b"", "application/json"
    for described_kind, described in operation.get("requestBody", {}).get("content", {}).items():
        if described_kind == kind:
            content = json.dumps(drawer.value(described["schema"], nastiness=nastiness)).encode()
        else:
            content, kind = drawer.dice.choice((b"", b"ID3xyz", b"\x00" * 1000)), "audio/mpeg"
    headers = {"x-csrf-token": browser.csrf, "content-type": kind}
    return await browser.client.request(method, path, params=query, content=content, headers=headers)


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_drawn_from_the_description_breaks_the_server(world: World, seed: int) -> None:
    document = openapi.description()
    drawer = Drawer(document, seed)
    statuses: set[int] = set()
    await world.clock.advance(3600)
    drawer.learn(await approved(world))
    drawer.names.append(asset_sha256(await world.audio()))
    async with world.browser(*EVERYBODY) as browser:
        body = schedule(await programme(browser, drawer.names[-2], id="kp1"), id="x")
        assert (await browser.post("/api/v1/schedules", body)).status_code == 201
        name = "-".join(sorted(EVERYBODY))
        for method, path, operation in operations():
            for _ in range(PER_OPERATION):
                answer = await hit(browser, drawer, method, path, operation)
                told = f"{method} {answer.request.url} {answer.request.content[:500]!r} -> {answer.text[:500]}"
                assert answer.status_code < 500, told
                if answer.status_code >= 400 and not path.startswith("/a/"):
                    assert answer.headers["content-type"] == MEDIA_TYPE, told
                    assert answer.json()["detail_vi"], told
                elif answer.content and answer.headers.get("content-type") == "application/json":
                    drawer.learn(answer.json())
                statuses.add(answer.status_code)
                if answer.status_code == 401 or path.startswith("/api/v1/auth"):
                    await world.clock.advance(1_000)
                    assert (await browser.sign_in(name, GOOD)).status_code == 200
    assert {200, 201, 202, 404, 409, 422} <= statuses  # it got past the doors, not only to them
    await world.store.audit.verify()


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_an_hour_at_the_edge_of_the_calendar_is_refused_in_words(world: World, edge: str) -> None:
    """Such an hour has no UTC: whoever changes its zone falls over."""
    schemas = openapi.description()["components"]["schemas"]
    asked = 0
    async with world.browser(*EVERYBODY) as browser:
        for method, path, operation in operations():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            fields = schemas.get(content["schema"].get("$ref", "").rpartition("/")[2], {}) if content else {}
            for name, field in fields.get("properties", {}).items():
                if field.get("format") == "date-time":
                    asked += 1
                    answer = await browser.client.request(
                        method, re.sub(r"{.*?}", "x", path), json={name: edge}, headers={"x-csrf-token": browser.csrf}
                    )
                    assert answer.status_code == 422, (path, name, answer.text)
                    assert "2000-2100" in answer.text, answer.text
    assert asked


BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b"\x00",
    b'{"name": "a", "password": ' + b"[" * 50_000,
    b'{"name": ' + b"9" * 10_000 + b"}",
    b'{"name": NaN, "password": Infinity}',
    b'{"name": "\\ud800", "password": "\\udfff"}',
    b'{"name": "a\\u0000b", "password": "x"}',
    b'{"name": "a", "name": "b", "password": "c", "password": {}}',
    b'{"\\ud800": 1}',
]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
async def test_bodies_that_are_no_json_are_refused_in_words(world: World, kind: str) -> None:
    async with world.browser() as browser:
        for body in BODIES:
            answer = await browser.client.post("/api/v1/auth/login", content=body, headers={"content-type": kind})
            assert answer.status_code in {401, 422, 400}, (body[:50], answer.text)
            assert answer.headers["content-type"] == MEDIA_TYPE
            assert answer.json()["detail_vi"]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_never_ends_is_cut_off(world: World, announced: bool) -> None:
    async def flood() -> AsyncIterator[bytes]:
        for _ in range(2 * JSON_MAX_BYTES // 10_000):
            yield b"x" * 10_000

    async with serving(world.app) as base, online(world, base) as browser:
        body: Any = b"x" * (JSON_MAX_BYTES + 1) if announced else flood()
        answer = await browser.client.post("/api/v1/auth/login", content=body)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert (await browser.get("/healthz")).status_code == 200


async def test_a_large_recording_is_for_those_who_may_send_one(world: World) -> None:
    async with world.browser(Role.VIEWER) as viewer:
        headers = {"x-csrf-token": viewer.csrf, "content-type": "audio/mpeg"}
        big = b"ID3" + bytes(2 * JSON_MAX_BYTES)
        answer = await viewer.client.post("/api/v1/audio?title=x", content=big, headers=headers)
        assert answer.status_code == 403
        answer = await viewer.client.post("/api/v1/alarms/seen", content=big, headers=headers)
        assert answer.status_code == 413


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /a/%00%ff%fe HTTP/1.1",
        b"GET /api/v1/clusters/%ed%a0%80 HTTP/1.1",
        b"GET /../../etc/passwd HTTP/1.1",
        b"GET //evil.example/ HTTP/1.1",
        b"GET /api/v1/plays?since=%00&until=%ff HTTP/1.1",
        b"BREW /api/v1/clusters HTTP/1.1",
        b"GET " + b"/x" * 5_000 + b" HTTP/1.1",
        b"nonsense",
    ],
)
async def test_raw_rubbish_is_answered_and_the_server_lives(world: World, request_line: bytes) -> None:
    async with serving(world.app) as base, online(world, base) as browser:
        host, port = re.fullmatch(r"http://(.+):(\d+)", base).groups()  # type: ignore[union-attr]
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request_line + b"\r\nHost: x\r\nCookie: loa_session=\xff\x00\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        assert re.match(rb"HTTP/1.1 4\d\d ", answer), answer[:200]
        assert (await browser.get("/healthz")).status_code == 200


@pytest.mark.parametrize("cookie", ["x" * 4_000, "%00", "a;b;c", "=", "💥".encode().decode("latin1"), "../.."])
async def test_no_cookie_is_a_session_by_chance(world: World, cookie: str) -> None:
    async with world.browser() as browser:
        headers = {"cookie": f"loa_session={cookie}; loa_device={cookie}".encode("latin1")}
        assert (await browser.client.get("/api/v1/auth/me", headers=headers)).status_code == 401
        answer = await browser.client.post("/api/v1/auth/login", json={"name": "x", "password": "y"}, headers=headers)
        assert answer.status_code in {401, 422}
        assert (await browser.client.get("/", headers=headers)).status_code in {200, 422}
