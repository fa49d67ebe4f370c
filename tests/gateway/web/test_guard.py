"""What every answer carries, what reading never does, and what a session is not."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.domain.people import Role
from gateway.web.app import _is_upload
from gateway.web.auth import SESSION_COOKIE
from gateway.web.headers import SECURITY_HEADERS
from tests.gateway.services.people import GOOD
from tests.gateway.web.routes import doors
from tests.gateway.web.world import World

EVERYBODY = tuple(Role)
GUARDS = {name for name in SECURITY_HEADERS if name != "cache-control"}
ENDLESS = ("/api/v1/events",)
HTML = {"accept": "text/html,application/xhtml+xml"}
OFFERS = {"/me/factor"}
"""Reading it begins something that is nothing until it is confirmed: the same secret is offered until then."""


async def test_every_answer_of_every_route_is_guarded_refusals_too(world: World) -> None:
    async with world.browser() as stranger, world.browser(*EVERYBODY) as somebody:
        for door in doors():
            if door.template in ENDLESS:
                continue
            for browser in (stranger, somebody) if door.safe else (stranger,):
                answer = await browser.client.request(door.method, door.path, headers=HTML)
                assert set(answer.headers) >= GUARDS, door
                assert "unsafe" not in answer.headers["content-security-policy"], door
                assert answer.headers["x-content-type-options"] == "nosniff", door
                assert "cache-control" in answer.headers, door
                assert "server" not in answer.headers, door
        for way in ("/nothing", "/api/v1/nothing", "/static/x/../../app.py", "//evil.example"):
            assert set((await somebody.get(way, headers=HTML)).headers) >= GUARDS, way


async def test_reading_changes_nothing(world: World) -> None:
    async with world.browser(*EVERYBODY) as browser:
        before = await _kept(world)
        for door in doors():
            if door.method in {"GET", "HEAD"} and door.template not in {*ENDLESS, *OFFERS}:
                await browser.client.request(door.method, door.path, headers=HTML)
        assert await _kept(world) == before
        assert (await browser.get("/api/v1/auth/me")).status_code == 200  # nobody is signed out by a link


async def test_nobody_is_signed_in_under_a_session_that_was_there_before(world: World) -> None:
    await world.door.person("author", Role.AUTHOR)
    async with world.browser(Role.VIEWER) as attacker, world.browser() as victim:
        planted = attacker.client.cookies[SESSION_COOKIE]
        fields = {"name": "author", "password": GOOD}
        for cookie in (planted, "0" * 43):
            headers = {"cookie": f"{SESSION_COOKIE}={cookie}"}
            by_form = await victim.client.post("/sign-in", headers=headers, data=fields)
            victim.client.cookies.clear()
            by_program = await victim.client.post("/api/v1/auth/login", headers=headers, json=fields)
            victim.client.cookies.clear()
            assert not {by_form.cookies[SESSION_COOKIE], by_program.cookies[SESSION_COOKIE]} & {planted, cookie}
        me = (await attacker.get("/api/v1/auth/me")).json()
    assert me["name"] == "viewer"


async def test_every_sign_in_is_a_session_of_its_own(world: World) -> None:
    await world.door.person("author", Role.AUTHOR)
    tokens = set()
    for _ in range(5):
        async with world.browser() as browser:
            await browser.sign_in("author", GOOD)
            tokens.add(browser.client.cookies[SESSION_COOKIE])
    assert len(tokens) == 5
    kept = b"".join(path.read_bytes() for path in Path(world.folder).rglob("*.db*"))
    assert kept
    for token in tokens:
        assert token.encode() not in kept  # a copy of the disk is no session
        assert len(token) >= 32


async def test_a_form_with_a_file_is_not_taken_in_from_those_who_may_not_send_it(world: World) -> None:
    """Refused before the body is read: the right first, then the two hundred megabytes."""
    async with world.browser() as stranger, world.browser(Role.VIEWER) as viewer:
        read: list[int] = []

        async def flood() -> AsyncIterator[bytes]:
            yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
            for n in range(100):
                read.append(n)
                yield b"x" * 100_000

        headers = {**HTML, "content-type": "multipart/form-data; boundary=x"}
        taking = [door for door in doors() if door.method == "POST" and _is_upload(door.path)]
        assert len(taking) > 8
        for door in taking:
            for browser, status in ((viewer, 403), (stranger, 401 if door.template.startswith("/api") else 303)):
                answer = await browser.client.post(door.path, content=flood(), headers=headers)
                assert (answer.status_code, read) == (status, []), (door, status)


async def _kept(world: World) -> tuple[int, str]:
    """Count the audit log, and weigh the ward."""
    last = await world.store.audit.last_n()
    ward = (world.services.silence.state, world.services.fleet.registry, world.poles.sent, world.siren.sent)
    return last, hashlib.sha256(repr(ward).encode()).hexdigest()
