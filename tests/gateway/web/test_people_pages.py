"""The people page: for administrators alone, with a reason for everything, and first passwords in one answer only."""

import re
from typing import Any

import pyotp
import pytest

from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role
from gateway.ports.records import User
from gateway.web.auth import SESSION_COOKIE
from gateway.web.pages.csrf import mask
from tests.gateway.services.people import GOOD, WHY
from tests.gateway.web.test_pages import HTML, page, send
from tests.gateway.web.world import Browser, World

NEW = {"name": "lan.to2", "display_name": "Biên tập viên tổ 2", "roles": "author", "reason": WHY}
PASSWORD = re.compile(r'id="the-password">([^<]+)<')


async def row(world: World, name: str) -> User:
    found = await world.store.accounts.by_name(name)
    assert found is not None
    return found


async def hired(world: World, name: str, *roles: Role) -> User:
    await world.door.person(name, *roles)
    return await row(world, name)


async def roles_sent(browser: Browser, user: UserId, *roles: Role, **fields: str) -> Any:
    data = {"csrf": mask(browser.csrf), "roles": list(roles), **fields}
    return await browser.client.post(f"/users/{user}/roles", data=data, headers=HTML)


async def acts(world: World, user: UserId) -> list[str]:
    return [line.note.action for line in await world.store.audit.lines(limit=500) if line.note.subject == user]


@pytest.mark.parametrize("role", list(Role))
async def test_only_an_administrator_changes_anybody_also_by_a_direct_request(world: World, role: Role) -> None:
    user = await hired(world, "nan-nhan", Role.AUTHOR)
    await world.door.person("chu", Role.ADMIN)
    before = await world.store.accounts.users()
    async with world.browser(role) as browser:
        before = [*before, await row(world, role)]
        sure = {"reason": WHY, "confirm": user.name}
        tries = [
            ("/users/new", NEW),
            (f"/users/{user.id}/name", {"display_name": "X", "reason": WHY}),
            (f"/users/{user.id}/roles", {"roles": "admin", "seen": "author", **sure}),
            *((f"/users/{user.id}/{deed}", sure) for deed in ("password", "factor", "unlock", "close", "open")),
        ]
        if Permission.MANAGE_USERS in role.permissions:
            assert [(await send(browser, path, **body)).status_code for path, body in tries][:2] == [200, 303]
            return
        for path, body in tries:
            answer = await send(browser, path, **body)
            assert (answer.status_code, "Bạn không có quyền" in answer.text) == (403, True), path
        assert "/users" not in (await page(browser, "/more")).text
    assert {each.id: each for each in await world.store.accounts.users()} == {each.id: each for each in before}


async def test_a_first_password_is_in_one_answer_and_never_again(world: World) -> None:
    async with world.browser(Role.ADMIN) as admin:
        made = await send(admin, "/users/new", **NEW)
        password = PASSWORD.findall(made.text)[0]
        assert made.headers["cache-control"] == "no-store"
        user = await row(world, "lan.to2")
        for path in ("/users", f"/users/{user.id}", "/audit"):
            assert password not in (await page(admin, path)).text
        again = await send(admin, "/users/new", **NEW)  # the page was loaded again
        assert (again.status_code, "đã có" in again.text) == (422, True)
    async with world.browser() as browser:
        await browser.sign_in("lan.to2", password)
        assert (await page(browser, "/bulletins")).headers["location"].startswith("/password")


async def test_every_mistake_stands_at_its_field_and_what_was_typed_is_kept(world: World) -> None:
    async with world.browser(Role.ADMIN) as admin:
        wrong = await send(admin, "/users/new", name="có dấu cách", display_name="Tổ “2”", reason=" ")
        assert wrong.status_code == 422
        for said in ("tên đăng nhập gồm", "chọn ít nhất một vai trò", "ghi lý do"):
            assert said in wrong.text
        assert "Tổ “2”" in wrong.text
        assert (await send(admin, "/users/new", **{**NEW, "roles": "king"})).status_code == 422
    assert await world.store.accounts.by_name("có dấu cách") is None


@pytest.mark.parametrize("deed", ["password", "factor", "close"])
async def test_a_grave_deed_needs_reason_and_name_and_is_done_at_once(world: World, deed: str) -> None:
    user = await hired(world, "to", Role.APPROVER)
    async with world.browser(Role.ADMIN) as admin, world.browser() as theirs:
        await theirs.sign_in("to", GOOD)
        current = await world.door.sessions.who(theirs.client.cookies[SESSION_COOKIE])
        secret = (await world.services.second_factor.begin(current)).secret
        current = await world.door.sessions.who(theirs.client.cookies[SESSION_COOKIE])
        code = pyotp.TOTP(secret).generate_otp(world.clock.now_ms() // 30_000)
        await world.services.second_factor.confirm(current, code)
        before = await row(world, "to")
        look = await page(admin, f"/users/{user.id}/{deed}")
        assert look.status_code == 200
        for fields in ({}, {"reason": WHY}, {"confirm": "to"}, {"reason": WHY, "confirm": "tổ"}):
            assert (await send(admin, f"/users/{user.id}/{deed}", **fields)).status_code == 422
        assert await row(world, "to") == before
        assert (await page(theirs, "/")).status_code == 200
        done = await send(admin, f"/users/{user.id}/{deed}", reason=WHY, confirm="TO ")
        assert done.status_code in {200, 303}
        assert (await page(theirs, "/bulletins")).headers["location"].startswith("/sign-in")
    after = await row(world, "to")
    assert {
        "password": after.must_change_password and bool(after.factor),
        "factor": not after.factor and after.password_hash == before.password_hash,
        "close": not after.active,
    }[deed]


async def test_the_last_administrator_is_told_so_and_stays(world: World) -> None:
    async with world.browser(Role.ADMIN) as admin:
        me = await row(world, "admin")
        closed = await send(admin, f"/users/{me.id}/close", reason=WHY, confirm=me.name)
        stripped = await roles_sent(admin, me.id, Role.VIEWER, seen="admin", reason=WHY, confirm=me.name)
        for answer in (closed, stripped):
            assert answer.status_code == 409
            assert "ít nhất một quản trị viên" in answer.text
        assert (await page(admin, "/users")).status_code == 200
    assert await row(world, "admin") == me


async def test_what_somebody_would_gain_and_lose_is_shown_before_it_is_saved(world: World) -> None:
    user = await hired(world, "to", Role.AUTHOR)
    async with world.browser(Role.ADMIN) as admin:
        look = await roles_sent(admin, user.id, Role.OPERATOR)
        assert look.status_code == 200
        gain, _, lose = look.text.partition("Sẽ không còn được")
        assert "phát khẩn cấp" in gain
        assert "soạn bản tin" in lose
        assert 'name="seen" value="author"' in look.text
        assert (await row(world, "to")).roles == {Role.AUTHOR}
        assert (await roles_sent(admin, user.id, Role.OPERATOR, seen="author")).status_code == 422  # why?
        same = await roles_sent(admin, user.id, Role.AUTHOR, seen="author", reason=WHY)
        assert "không có gì để lưu" in same.text
        done = await roles_sent(admin, user.id, Role.OPERATOR, seen="author", reason=WHY)
        assert done.status_code == 303
        late = await roles_sent(admin, user.id, Role.VIEWER, seen="author", reason=WHY)
        assert (late.status_code, "Có người khác vừa đổi" in late.text) == (409, True)
        assert (await roles_sent(admin, user.id)).status_code == 422
    assert (await row(world, "to")).roles == {Role.OPERATOR}
    assert (await acts(world, user.id))[-1] == "user.roles"


async def test_nobody_raises_himself_with_a_slip_of_the_thumb_and_it_is_named_in_the_log(world: World) -> None:
    async with world.browser(Role.ADMIN) as admin:
        me = await row(world, "admin")
        both = (Role.ADMIN, Role.APPROVER)
        look = await roles_sent(admin, me.id, *both)
        assert "tự cấp thêm quyền cho chính mình" in look.text
        slip = await roles_sent(admin, me.id, *both, seen="admin", reason=WHY)
        assert (slip.status_code, "chưa khớp" in slip.text) == (422, True)
        assert (await row(world, "admin")).roles == {Role.ADMIN}
        await roles_sent(admin, me.id, *both, seen="admin", reason=WHY, confirm="admin")
        assert (await row(world, "admin")).roles == set(both)
        assert (await acts(world, me.id))[-1] == "user.own_roles"
        log = (await page(admin, "/audit?kind=user")).text
        assert "TỰ ĐỔI VAI TRÒ CỦA CHÍNH MÌNH" in log
        assert WHY in log


async def test_ones_own_password_and_second_factor_are_changed_where_the_old_one_is_asked_for(world: World) -> None:
    async with world.browser(Role.ADMIN) as admin:
        me = await row(world, "admin")
        for deed, where in (("password", "/password"), ("factor", "/me/factor")):
            assert (await page(admin, f"/users/{me.id}/{deed}")).headers["location"] == where
            forced = await send(admin, f"/users/{me.id}/{deed}", reason=WHY, confirm="admin")
            assert forced.status_code == 409
        assert f"/users/{me.id}/password" not in (await page(admin, f"/users/{me.id}")).text
    assert await row(world, "admin") == me


async def test_whoever_has_a_second_factor_gives_it_before_touching_an_account(world: World) -> None:
    user = await hired(world, "to", Role.AUTHOR)
    async with world.browser(Role.ADMIN) as admin:
        current = await world.door.sessions.who(admin.client.cookies[SESSION_COOKIE])
        secret = (await world.services.second_factor.begin(current)).secret
        current = await world.door.sessions.who(admin.client.cookies[SESSION_COOKIE])
        code = pyotp.TOTP(secret).generate_otp(world.clock.now_ms() // 30_000)
        await world.services.second_factor.confirm(current, code)
        await world.clock.advance(3600)
        assert (await page(admin, "/users")).status_code == 200  # to look takes nothing
        for path in ("/users/new", f"/users/{user.id}/roles", f"/users/{user.id}/close"):
            assert (await page(admin, path)).headers["location"] == f"/step-up?next={path}"
        sure = {"reason": WHY, "confirm": "to"}
        assert (await send(admin, f"/users/{user.id}/close", **sure)).headers["location"].startswith("/step-up")
        api = f"/api/v1/users/{user.id}"
        for method, path in (("PATCH", api), ("POST", f"{api}/password"), ("POST", f"{api}/second-factor/reset")):
            assert (await admin.send(method, path, {"reason": WHY})).json()["code"] == "second_factor_needed"
    assert await row(world, "to") == user


async def test_over_http_a_lock_is_seen_and_lifted_and_a_lost_factor_taken_off(world: World) -> None:
    user = await hired(world, "to", Role.APPROVER)
    async with world.browser(Role.ADMIN) as admin, world.browser() as theirs:
        await theirs.sign_in("to", GOOD)
        current = await world.door.sessions.who(theirs.client.cookies[SESSION_COOKIE])
        secret = (await world.services.second_factor.begin(current)).secret
        current = await world.door.sessions.who(theirs.client.cookies[SESSION_COOKIE])
        code = pyotp.TOTP(secret).generate_otp(world.clock.now_ms() // 30_000)
        await world.services.second_factor.confirm(current, code)
        for _ in range(5):
            await theirs.sign_in("to", "sai")
        path = f"/api/v1/users/{user.id}"
        (seen,) = [each for each in (await admin.get("/api/v1/users")).json() if each["id"] == user.id]
        assert (seen["second_factor"], bool(seen["locked_until"]), bool(seen["signed_in_at"])) == (True, True, True)
        assert (await admin.post(f"{path}/unlock", {"reason": ""})).status_code == 422
        assert (await admin.post(f"{path}/unlock", {"reason": WHY})).json()["locked_until"] is None
        assert (await theirs.sign_in("to", GOOD)).status_code == 200
        assert not (await admin.post(f"{path}/second-factor/reset", {"reason": WHY})).json()["second_factor"]
        assert (await admin.post(f"{path}/second-factor/reset", {"reason": WHY})).status_code == 409
        assert (await theirs.get("/api/v1/auth/me")).status_code == 401


async def test_a_long_list_is_searched_by_both_names(world: World) -> None:
    for n in range(9):
        await hired(world, f"to{n}", Role.VIEWER)
    async with world.browser(Role.ADMIN) as admin:
        assert 'name="q"' in (await page(admin, "/users")).text
        found = (await page(admin, "/users?q=TO7")).text
        assert re.findall(r'href="/users/(u-\w+)"', found) == [(await row(world, "to7")).id]
        assert "Không có ai như vậy" in (await page(admin, "/users?q=zzz")).text


async def test_whoever_was_opened_by_another_reads_who_did_it_and_why_for_a_week(world: World) -> None:
    user = await hired(world, "duyet", Role.APPROVER)
    async with world.browser(Role.ADMIN) as admin:
        sure = {"reason": "quên mật khẩu", "confirm": user.name}
        answer = await send(admin, f"/users/{user.id}/password", **sure)
        assert "cấp lại mật khẩu của bạn" not in (await page(admin, "/")).text
    found = PASSWORD.search(answer.text)
    assert found is not None
    async with world.browser() as browser:
        await browser.sign_in(user.name, found[1])
        changed = await send(browser, "/password", old=found[1], new="một câu dài dễ nhớ", again="một câu dài dễ nhớ")
        assert changed.status_code == 303
        home = (await page(browser, "/")).text
        assert "Admin đã cấp lại mật khẩu của bạn" in home
        assert "Lý do: quên mật khẩu" in home
        await world.clock.advance(7 * 86_400 + 1)
        await browser.sign_in(user.name, "một câu dài dễ nhớ")
        assert "cấp lại mật khẩu của bạn" not in (await page(browser, "/")).text


async def test_what_was_done_at_the_machine_itself_is_told_too(world: World) -> None:
    user = await hired(world, "duyet", Role.APPROVER)
    password = await world.services.accounts.renew_offline(user.name, drop_factor=True)
    async with world.browser() as browser:
        await browser.sign_in(user.name, password)
        await send(browser, "/password", old=password, new="một câu dài dễ nhớ", again="một câu dài dễ nhớ")
        assert "Người giữ máy chủ đã cấp lại mật khẩu của bạn" in (await page(browser, "/")).text


async def test_turning_on_the_second_factor_leads_back_to_what_asked_for_it(world: World) -> None:
    async with world.browser(Role.APPROVER) as browser:
        asked = await page(browser, "/step-up?next=/policy%3Fx=1")
        assert asked.headers["location"] == "/me/factor?next=/policy%3Fx%3D1"
        offer = await page(browser, asked.headers["location"])
        assert 'name="next" value="/policy?x=1"' in offer.text
        wrong = await send(browser, "/me/factor", code="000000", next="/policy?x=1")
        assert (wrong.status_code, 'name="next" value="/policy?x=1"' in wrong.text) == (422, True)
        current = await world.door.sessions.who(browser.client.cookies[SESSION_COOKIE])
        secret = (await world.services.second_factor.begin(current)).secret
        code = pyotp.TOTP(secret).generate_otp(world.clock.now_ms() // 30_000)
        codes = await send(browser, "/me/factor", code=code, next="/policy?x=1")
        assert 'href="/policy?x=1"' in codes.text
        assert "quay lại việc đang làm" in codes.text


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example/", "javascript:x", "/", ""])
async def test_the_second_factor_leads_nowhere_else(world: World, where: str) -> None:
    async with world.browser(Role.APPROVER) as browser:
        offer = (await browser.client.get("/me/factor", params={"next": where}, headers=HTML)).text
        assert 'name="next" value="/me"' in offer
        current = await world.door.sessions.who(browser.client.cookies[SESSION_COOKIE])
        secret = (await world.services.second_factor.begin(current)).secret
        code = pyotp.TOTP(secret).generate_otp(world.clock.now_ms() // 30_000)
        codes = (await send(browser, "/me/factor", code=code, next=where)).text
        assert "Tôi đã ghi lại</span>" in codes
        assert "evil" not in codes
        assert "javascript:x" not in codes
