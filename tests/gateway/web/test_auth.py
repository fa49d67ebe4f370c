"""Signing in over HTTP: cookies, CSRF, lock-out, and what a first password may do."""

import pytest

from gateway.domain.people import Role
from gateway.web.auth import DEVICE_COOKIE, SESSION_COOKIE
from gateway.web.services import WebOptions
from tests.gateway.services.people import GOOD, WHY
from tests.gateway.web.world import World, open_world


async def test_the_cookie_is_for_the_browser_alone(world: World) -> None:
    await world.door.person("author", Role.AUTHOR)
    async with world.browser() as browser:
        answer = await browser.sign_in("author", GOOD)
    assert answer.status_code == 200
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {SESSION_COOKIE, DEVICE_COOKIE}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert "Secure" not in cookie


async def test_behind_https_the_cookie_stays_there(tmp_path) -> None:
    async with open_world(tmp_path, options=WebOptions(secure_cookies=True)) as world:
        await world.door.person("author", Role.AUTHOR)
        async with world.browser() as browser:
            answer = await browser.sign_in("author", GOOD)
    assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
    assert "strict-transport-security" in answer.headers


async def test_the_answer_says_who_i_am_and_never_the_hash(world: World) -> None:
    async with world.browser(Role.AUTHOR, Role.VIEWER) as browser:
        answer = await browser.get("/api/v1/auth/me")
    assert answer.json()["roles"] == ["author", "viewer"]
    assert "write_bulletin" in answer.json()["permissions"]
    assert "argon2" not in answer.text


async def test_signing_out_ends_the_session(world: World) -> None:
    async with world.browser(Role.VIEWER) as browser:
        token = browser.client.cookies[SESSION_COOKIE]
        assert (await browser.post("/api/v1/auth/logout")).status_code == 204
        assert (await browser.get("/api/v1/auth/me")).status_code == 401
        browser.client.cookies.set(SESSION_COOKIE, token)
        assert (await browser.get("/api/v1/auth/me")).status_code == 401


@pytest.mark.parametrize("csrf", ["", "wrong", "ế"])
async def test_without_the_token_of_this_session_nothing_is_changed(world: World, csrf: str) -> None:
    async with world.browser(Role.VIEWER) as browser:
        answer = await browser.client.post("/api/v1/auth/logout", headers={"x-csrf-token": csrf.encode()})
        assert answer.status_code == 403
        assert answer.json()["code"] == "csrf"
        assert (await browser.get("/api/v1/auth/me")).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/api/v1/auth/logout"])
async def test_another_site_cannot_send_anything_in_my_name(world: World, path: str) -> None:
    async with world.browser(Role.VIEWER) as browser:
        headers = {"sec-fetch-site": "cross-site", "x-csrf-token": browser.csrf}
        answer = await browser.client.post(path, headers=headers, json={"name": "x", "password": "y"})
    assert answer.json()["code"] == "cross_site"


async def test_a_locked_account_is_told_when_to_come_back(world: World) -> None:
    await world.door.person("author", Role.AUTHOR)
    async with world.browser() as browser:
        for _ in range(5):
            assert (await browser.sign_in("author", "sai")).status_code == 401
        answer = await browser.sign_in("author", GOOD)
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "30"
        await world.clock.advance(31)
        assert (await browser.sign_in("author", GOOD)).status_code == 200


async def test_a_phone_that_was_here_before_is_let_in_while_strangers_guess(world: World) -> None:
    await world.door.person("author", Role.AUTHOR)
    async with world.browser() as mine, world.browser() as stranger:
        await mine.sign_in("author", GOOD)
        for _ in range(6):
            await stranger.sign_in("author", "sai")
        assert (await stranger.sign_in("author", GOOD)).status_code == 429
        assert (await mine.sign_in("author", GOOD)).status_code == 200


async def test_a_first_password_is_good_for_changing_it_only(world: World) -> None:
    password = await world.door.accounts.ensure_admin()
    assert password is not None
    async with world.browser() as browser:
        await browser.sign_in("admin", password)
        for path in ("/api/v1/users", "/api/v1/clusters", "/api/v1/events"):
            assert (await browser.get(path)).json()["code"] == "must_change_password"
        assert (await browser.post("/api/v1/auth/password", {"old": password, "new": "12345"})).status_code == 422
        answer = await browser.post("/api/v1/auth/password", {"old": password, "new": GOOD})
        assert answer.status_code == 204
        assert (await browser.get("/api/v1/users")).status_code == 200


async def test_a_lost_phone_is_signed_out_from_another(world: World) -> None:
    async with world.browser(Role.VIEWER) as phone, world.browser(Role.VIEWER) as desk:
        sessions = (await desk.get("/api/v1/auth/sessions")).json()
        assert len(sessions) == 2
        (lost,) = [session["id"] for session in sessions if not session["current"]]
        assert (await desk.send("DELETE", f"/api/v1/auth/sessions/{lost}")).status_code == 204
        assert (await phone.get("/api/v1/auth/me")).status_code == 401
        assert (await desk.send("DELETE", "/api/v1/auth/sessions/0000")).status_code == 404


async def test_an_administrator_makes_an_account_that_works(world: World) -> None:
    async with world.browser(Role.ADMIN) as admin:
        body = {"name": "bien-tap", "display_name": "Tổ biên tập", "roles": ["author"], "reason": WHY}
        made = await admin.post("/api/v1/users", body)
        assert made.status_code == 201
        assert (await admin.post("/api/v1/users", body)).status_code == 422
        user = made.json()["user"]["id"]
        changed = await admin.send("PATCH", f"/api/v1/users/{user}", {"roles": ["author", "viewer"], "reason": WHY})
        assert changed.json()["roles"] == ["author", "viewer"]
        reset = await admin.post(f"/api/v1/users/{user}/password", {"reason": WHY})
        listed = (await admin.get("/api/v1/users")).text
    assert "argon2" not in listed
    async with world.browser() as browser:
        assert (await browser.sign_in("bien-tap", made.json()["password"])).status_code == 401
        assert (await browser.sign_in("bien-tap", reset.json()["password"])).json()["must_change_password"]
