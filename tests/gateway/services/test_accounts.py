"""Who may sign in, in which roles; and which passwords are taken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain.errors import BadInput, NotAllowed, NotFound, NotSignedIn, WrongState
from gateway.domain.ids import UserId
from gateway.domain.people import Role, User
from gateway.services.passwords import check_password, generate_password
from tests.gateway.services.people import GOOD, WHY, Door, boss, knock, open_door


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


async def test_a_new_ward_has_one_administrator_with_a_password_shown_once(door: Door) -> None:
    password = await door.accounts.ensure_admin()
    assert password is not None
    assert await door.accounts.ensure_admin() is None
    entered = await door.sessions.sign_in(knock("admin", password))
    assert entered.user.roles == {Role.ADMIN}
    assert entered.user.must_change_password


async def test_the_password_is_nowhere_in_the_files(door: Door) -> None:
    password = await door.accounts.ensure_admin()
    entered = await door.sessions.sign_in(knock("admin", password or ""))
    kept = b"".join(path.read_bytes() for path in door.store.folder.rglob("*") if path.is_file())
    assert b"admin" in kept
    assert (password or "?").encode() not in kept
    assert entered.token.encode() not in kept


async def test_a_new_account_must_change_its_first_password(door: Door) -> None:
    user, first = await door.accounts.create(boss(), name="Biên-Tập", display_name="Tổ biên tập", roles=_author())
    assert user.must_change_password
    entered = await door.sessions.sign_in(knock("biên-tập", first))
    await door.sessions.change_password(entered, old=first, new=GOOD)
    again = await door.sessions.sign_in(knock("BIÊN-TẬP", GOOD))
    assert not again.user.must_change_password
    with pytest.raises(NotSignedIn):
        await door.sessions.sign_in(knock("biên-tập", first))


async def test_two_people_cannot_have_one_name_whatever_the_keyboard(door: Door) -> None:
    await door.accounts.create(boss(), name="tổ-1", display_name="Tổ 1", roles=_author())
    with pytest.raises(BadInput):
        await door.accounts.create(boss(), name="Tổ-1", display_name="Tổ 1", roles=_author())  # decomposed


async def test_every_mistake_of_a_new_account_is_told_at_once(door: Door) -> None:
    with pytest.raises(BadInput) as refused:
        await door.accounts.create(boss(), name="có dấu cách", display_name=" ", roles=frozenset())
    assert [problem.path for problem in refused.value.problems] == ["name", "display_name", "roles"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_only_an_administrator_manages_accounts(door: Door, role: Role) -> None:
    other = User(id=UserId("u-x"), name="x", roles=frozenset({role}))
    with pytest.raises(NotAllowed):
        await door.accounts.users(other)
    with pytest.raises(NotAllowed):
        await door.accounts.create(other, name="new", display_name="New", roles=frozenset({Role.ADMIN}))
    with pytest.raises(NotAllowed):
        await door.accounts.change(other, UserId("u-y"), roles=frozenset({Role.ADMIN}), reason=WHY)
    with pytest.raises(NotAllowed):
        await door.accounts.reset_password(other, UserId("u-y"), reason=WHY)


async def test_the_last_administrator_stays(door: Door) -> None:
    await door.accounts.ensure_admin()
    (admin,) = await door.accounts.users(boss())
    with pytest.raises(WrongState):
        await door.accounts.change(boss(), admin.id, active=False, reason=WHY)
    with pytest.raises(WrongState):
        await door.accounts.change(boss(), admin.id, roles=_author(), reason=WHY)
    await door.accounts.create(boss(), name="second", display_name="Second", roles=frozenset({Role.ADMIN}))
    assert not (await door.accounts.change(boss(), admin.id, active=False, reason=WHY)).active


async def test_a_closed_account_is_out_at_once(door: Door) -> None:
    await door.accounts.ensure_admin()
    user = await door.person("author", Role.AUTHOR)
    entered = await door.sessions.sign_in(knock("author", GOOD))
    await door.accounts.change(boss(), user.id, active=False, reason=WHY)
    with pytest.raises(NotSignedIn):
        await door.sessions.who(entered.token)
    with pytest.raises(NotSignedIn):
        await door.sessions.sign_in(knock("author", GOOD))


async def test_taken_rights_are_gone_with_the_next_request(door: Door) -> None:
    await door.accounts.ensure_admin()
    user = await door.person("both", Role.AUTHOR, Role.APPROVER)
    entered = await door.sessions.sign_in(knock("both", GOOD))
    await door.accounts.change(boss(), user.id, roles=_author(), reason=WHY)
    assert (await door.sessions.who(entered.token)).actor.roles == {Role.AUTHOR}


async def test_a_reset_password_ends_every_session_and_lifts_the_lock(door: Door) -> None:
    user = await door.person("author", Role.AUTHOR)
    entered = await door.sessions.sign_in(knock("author", GOOD))
    fresh = await door.accounts.reset_password(boss(), user.id, reason=WHY)
    with pytest.raises(NotSignedIn):
        await door.sessions.who(entered.token)
    assert (await door.sessions.sign_in(knock("author", fresh))).user.must_change_password
    with pytest.raises(NotFound):
        await door.accounts.reset_password(boss(), UserId("u-nobody"), reason=WHY)


async def test_every_change_of_accounts_is_in_the_log(door: Door) -> None:
    await door.accounts.ensure_admin()
    user = await door.person("author", Role.AUTHOR)
    await door.accounts.change(boss(), user.id, display_name="Tổ biên tập", reason=WHY)
    await door.accounts.reset_password(boss(), user.id, reason=WHY)
    actions = [line.note.action for line in await door.store.audit.lines()]
    assert [action for action in actions if action.startswith("user.")] == [
        "user.create",
        "user.create",
        "user.change_password",
        "user.change",
        "user.reset_password",
    ]
    await door.store.audit.verify()


@pytest.mark.parametrize(
    "weak",
    ["ngắn", "1234567890", "Password123!", "Mật khẩu 2026", "loa phường 1", "aaaaaaaaaaaa", "to-truc-1-xyz", "x" * 129],
)
def test_a_password_that_would_be_guessed_first_is_refused(weak: str) -> None:
    with pytest.raises(BadInput):
        check_password(weak, name="to-truc-1")


def test_a_sentence_or_a_drawn_password_is_taken() -> None:
    check_password(GOOD, name="to-truc-1")
    for _ in range(50):
        check_password(generate_password(), name="admin")


def _author() -> frozenset[Role]:
    return frozenset({Role.AUTHOR})
