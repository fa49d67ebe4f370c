"""Who may not, cannot: every route against every role, strangers, and requests without a token."""

import pytest

from gateway.domain.people import Permission, Role
from tests.gateway.web.routes import Door, doors
from tests.gateway.web.world import World

PUBLIC = {
    "POST /api/v1/auth/login",
    "POST /api/v1/enrol",
    "GET /a/{sha256}",
    "HEAD /a/{sha256}",
    "GET /healthz",
    "GET /api/v1/openapi.json",
    "HEAD /api/v1/openapi.json",
    "GET /",
    "GET /status",
    "GET /status.css",
    "GET /favicon.ico",
    "GET /static/{mark}/{name:path}",
    "GET /sign-in",
    "POST /sign-in",
    "POST /language",
    "GET /listen",  # closed where the ward did not open it
    "GET /listen/feed.xml",
    "GET /listen/audio/{name}",
    "GET /listen/{bulletin}",
    "GET /manifest.webmanifest",
    "GET /sw.js",
    "GET /lich.ics",  # a secret of one person stands in its address: calendar programs cannot sign in
}
"""What works without a session; a new line here is a decision."""

ANY_SESSION = {
    "POST /api/v1/auth/logout",
    "GET /api/v1/auth/me",
    "POST /api/v1/auth/password",
    "GET /api/v1/auth/sessions",
    "DELETE /api/v1/auth/sessions/{session}",
    "POST /sign-out",
    "GET /password",
    "POST /password",
    "GET /me",
    "POST /me/sessions/end",
    "GET /me/factor",
    "POST /me/factor",
    "POST /me/factor/off",
    "GET /step-up",
    "POST /step-up",
}
"""What everybody does with their own account."""

ALL = doors()


def test_there_are_routes_and_each_is_known_to_be_open_or_asks_for_a_permission() -> None:
    assert len(ALL) > 40
    assert {str(door) for door in ALL if not door.session} == PUBLIC
    assert {str(door) for door in ALL if door.session and not door.permissions} == ANY_SESSION


def test_nothing_that_changes_the_ward_asks_only_for_reading() -> None:
    reading = {str(door) for door in ALL if not door.safe and door.permissions == {Permission.READ}}
    assert reading == {
        "POST /alarms/seen",
        "POST /api/v1/alarms/seen",
        "POST /api/v1/bulletins/spoken",
        "POST /api/v1/policy/check",
        "POST /calendar",
        "POST /calendar/end",
    }


async def test_a_stranger_gets_in_nowhere(world: World) -> None:
    async with world.browser() as browser:
        for door in ALL:
            if door.session:
                answer = await browser.send(door.method, door.path, {})
                assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), door


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_not_cannot(world: World, role: Role) -> None:
    closed = [door for door in ALL if door.permissions and not door.permissions & role.permissions]
    assert closed
    async with world.browser(role) as browser:
        for door in closed:
            answer = await browser.send(door.method, door.path, {})
            assert answer.status_code == 403, door
            assert answer.json()["code"] in {f"needs_{permission}" for permission in door.permissions}, door


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_gets_past_the_door(world: World, role: Role) -> None:
    opened = [door for door in ALL if _is_open_to(door, role)]
    async with world.browser(role) as browser:
        for door in opened:
            answer = await browser.send(door.method, door.path, {})
            assert answer.status_code not in {401, 403}, door
            assert answer.status_code < 500, (door, answer.text)


async def test_nothing_is_changed_without_the_token(world: World) -> None:
    async with world.browser(*Role) as browser:
        for door in ALL:
            if door.session and not door.safe:
                for csrf in ("", "wrong"):
                    answer = await browser.send(door.method, door.path, {}, csrf=csrf)
                    assert (answer.status_code, answer.json()["code"]) == (403, "csrf"), door


async def test_rights_are_asked_before_anything_of_the_body_is_looked_at(world: World) -> None:
    async with world.browser(Role.VIEWER) as browser:
        for door in ALL:
            if door.permissions and Permission.READ not in door.permissions and not door.safe:
                answer = await browser.send(door.method, door.path, {"nonsense": True})
                assert answer.status_code == 403, door


def _is_open_to(door: Door, role: Role) -> bool:
    endless = door.template.endswith("/events")
    return bool(door.permissions & role.permissions) and not endless
