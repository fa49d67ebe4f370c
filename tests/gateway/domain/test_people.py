"""Vai trò và quyền."""

import pytest

from gateway.domain.errors import NotAllowed
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role, User, expect, permissions_of


def someone(*roles: Role, active: bool = True) -> User:
    return User(id=UserId("u"), name="Người dùng", roles=frozenset(roles), active=active)


def test_every_permission_is_held_by_some_role_and_every_role_may_read() -> None:
    held = frozenset().union(*(role.permissions for role in Role))
    assert held == frozenset(Permission)
    assert all(Permission.READ in role.permissions for role in Role)


@pytest.mark.parametrize("role", Role)
def test_writing_and_approving_are_never_in_one_role(role: Role) -> None:
    assert not {Permission.WRITE_BULLETIN, Permission.APPROVE} <= role.permissions


def test_a_technician_may_silence_the_ward_and_never_speak_to_it() -> None:
    held = permissions_of(someone(Role.TECHNICIAN))
    assert Permission.KILL_SWITCH in held
    for speaking in (Permission.BROADCAST_NOW, Permission.EMERGENCY, Permission.SCHEDULE, Permission.APPROVE):
        assert speaking not in held


def test_a_viewer_may_only_read() -> None:
    assert permissions_of(someone(Role.VIEWER)) == {Permission.READ}


def test_a_person_has_all_that_their_roles_allow() -> None:
    both = someone(Role.AUTHOR, Role.OPERATOR)
    assert permissions_of(both) == Role.AUTHOR.permissions | Role.OPERATOR.permissions


def test_a_closed_account_may_nothing_and_is_told_so_in_two_languages() -> None:
    with pytest.raises(NotAllowed) as refused:
        expect(someone(Role.ADMIN, active=False), Permission.READ)
    assert refused.value.code == "needs_read"
    assert refused.value.vi == "Bạn không có quyền xem."
    assert refused.value.en == "You may not read."


def test_a_permission_that_is_held_lets_the_work_go_on() -> None:
    expect(someone(Role.APPROVER), Permission.APPROVE)
    with pytest.raises(NotAllowed):
        expect(someone(Role.AUTHOR), Permission.APPROVE)


def test_nobody_has_rights_without_a_role() -> None:
    assert permissions_of(someone()) == frozenset()
