"""What administrators do with accounts: why is kept, what it ends ends at once, and nobody does it unseen."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from devices.clock import instant
from gateway.domain.errors import BadInput, NotAllowed, NotFound, NotSignedIn, Stale, StoreFailed, TryLater, WrongState
from gateway.domain.people import Role, User
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.bus import Bus
from gateway.store.opening import open_store
from tests.gateway.services.people import CHEAP, GOOD, START_MS, WHY, Door, boss, build_door, knock, open_door

OTHER_PLACE = "192.0.2.66"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


async def fail(door: Door, name: str, *, device: str = "", times: int = 5) -> None:
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            await door.sessions.sign_in(knock(name, "đoán mò", address=OTHER_PLACE, device=device))


async def told(door: Door) -> list[tuple[str, object]]:
    lines = [line.note for line in await door.store.audit.lines(limit=500)]
    return [(note.action, note.detail.get("reason")) for note in lines if note.action.startswith("user.")]


async def test_each_deed_has_a_name_of_its_own_and_its_reason_in_the_log(door: Door) -> None:
    await door.accounts.ensure_admin()
    user, _ = await door.accounts.create(
        boss(), name="to", display_name="Tổ", roles=frozenset({Role.AUTHOR}), reason="người mới"
    )
    await door.accounts.change(boss(), user.id, roles=frozenset({Role.VIEWER}), reason="chuyển tổ")
    await door.accounts.change(boss(), user.id, active=False, reason="nghỉ việc")
    await door.accounts.change(boss(), user.id, active=True, reason="làm lại")
    await door.accounts.unlock(boss(), user.id, reason="gõ nhầm")
    await door.accounts.reset_password(boss(), user.id, reason="quên")
    assert (await told(door))[1:] == [
        ("user.create", "người mới"),
        ("user.roles", "chuyển tổ"),
        ("user.close", "nghỉ việc"),
        ("user.reopen", "làm lại"),
        ("user.unlock", "gõ nhầm"),
        ("user.reset_password", "quên"),
    ]
    roles = next(line.note for line in await door.store.audit.lines() if line.note.action == "user.roles")
    assert (roles.detail["roles_before"], roles.detail["roles"]) == (["author"], ["viewer"])


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 301])
async def test_without_a_reason_nothing_is_changed(door: Door, reason: str) -> None:
    await door.accounts.ensure_admin()
    user = await door.person("to", Role.AUTHOR)
    before, lines = await door.store.accounts.user(user.id), await told(door)
    for attempt in (
        door.accounts.create(boss(), name="b", display_name="B", roles=frozenset({Role.VIEWER}), reason=reason),
        door.accounts.change(boss(), user.id, active=False, reason=reason),
        door.accounts.unlock(boss(), user.id, reason=reason),
        door.accounts.reset_password(boss(), user.id, reason=reason),
        door.second_factor.reset(boss(), user.id, reason=reason),
    ):
        with pytest.raises(BadInput) as refused:
            await attempt
        assert "reason" in {problem.path for problem in refused.value.problems}
    assert (await door.store.accounts.user(user.id), await told(door)) == (before, lines)


async def test_a_locked_person_is_shown_and_let_in_again_at_once(door: Door) -> None:
    user = await door.person("to", Role.AUTHOR)
    phone = (await door.sessions.sign_in(knock("to", GOOD))).device
    for device in ("", phone):
        await fail(door, "to", device=device)
        account = await door.accounts.user(boss(), user.id)
        assert door.sessions.locked([account]) == {user.id: instant(door.clock.now_ms()) + timedelta(seconds=30)}
        with pytest.raises(TryLater):
            await door.sessions.sign_in(knock("to", GOOD, device=device))
        account = await door.accounts.unlock(boss(), user.id, reason=WHY)
        assert door.sessions.locked([account]) == {}
        await door.sessions.sign_in(knock("to", GOOD, device=device))


async def test_a_lock_from_before_a_restart_is_shown_and_lifted_too(door: Door) -> None:
    user = await door.person("to", Role.AUTHOR)
    await fail(door, "to")
    again = door.again()
    assert again.sessions.locked([await again.accounts.user(boss(), user.id)])
    await again.accounts.unlock(boss(), user.id, reason=WHY)
    await again.sessions.sign_in(knock("to", GOOD))


async def test_a_new_password_works_at_once_for_whoever_guessed_too_often(door: Door) -> None:
    user = await door.person("to", Role.AUTHOR)
    await fail(door, "to")
    fresh = await door.accounts.reset_password(boss(), user.id, reason=WHY)
    assert (await door.sessions.sign_in(knock("to", fresh))).user.must_change_password


async def test_the_last_sign_in_is_known_and_only_a_good_one_counts(door: Door) -> None:
    user, first = await door.accounts.create(boss(), name="to", display_name="Tổ", roles=frozenset({Role.AUTHOR}))
    assert user.signed_in_at is None
    await door.sessions.sign_in(knock("to", first))
    at = instant(door.clock.now_ms())
    await door.clock.advance(3600)
    await fail(door, "to", times=1)
    assert (await door.accounts.user(boss(), user.id)).signed_in_at == at


async def test_a_sign_in_under_way_does_not_outlive_a_reset_or_a_closing(tmp_path: Path) -> None:
    slow = PasswordHasher(time_cost=40, memory_cost=8_192, parallelism=1)
    with open_door(tmp_path) as cheap:
        door = build_door(cheap.store, cheap.clock, hasher=slow)
        await door.accounts.ensure_admin()
        user = await cheap.person("to", Role.AUTHOR)
        await door.sessions.sign_in(knock("to", GOOD))  # its hash is a slow one from now on
        for change in (
            lambda: cheap.accounts.change(boss(), user.id, active=False, reason=WHY),
            lambda: cheap.accounts.change(boss(), user.id, active=True, reason=WHY),
            lambda: cheap.accounts.reset_password(boss(), user.id, reason=WHY),
        ):
            entering = asyncio.create_task(door.sessions.sign_in(knock("to", GOOD)))
            await asyncio.sleep(0.02)  # it looks at the password in a thread now
            await change()
            with pytest.raises(NotSignedIn):
                await door.sessions.who((await entering).token)


async def test_a_session_that_was_ended_is_not_brought_back_by_its_last_click(door: Door) -> None:
    await door.person("to", Role.AUTHOR)
    entered = await door.sessions.sign_in(knock("to", GOOD))
    await door.store.accounts.end_session(entered.session.token_hash, note=None)
    assert not await door.store.accounts.update_session(entered.session, note=None)
    with pytest.raises(NotSignedIn):
        await door.sessions.who(entered.token)


async def test_an_ended_session_is_not_believed_without_the_store_either(tmp_path: Path) -> None:
    with open_store(tmp_path, now=instant(START_MS)) as store:
        with open_door(tmp_path / "x") as spare:
            door = build_door(store, spare.clock)
        user = await door.person("to", Role.OPERATOR)
        stays, ended = await door.person("khac", Role.OPERATOR), await door.sessions.sign_in(knock("to", GOOD))
        kept = await door.sessions.sign_in(knock("khac", GOOD))
        for each in (ended, kept):
            await door.sessions.who(each.token)
        await door.accounts.reset_password(boss(), user.id, reason=WHY)
    # the store is shut: nobody can be looked up any more
    with pytest.raises(StoreFailed):
        await door.sessions.who(ended.token, blind=True)
    assert (await door.sessions.who(kept.token, blind=True)).user.id == stays.id


async def test_two_administrators_who_close_each_other_at_once_leave_one(door: Door) -> None:
    one, two = await door.person("mot", Role.ADMIN), await door.person("hai", Role.ADMIN)
    done = await asyncio.gather(
        door.accounts.change(one, two.id, active=False, reason=WHY),
        door.accounts.change(two, one.id, active=False, reason=WHY),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in done) == ["User", "WrongState"]


async def test_roles_that_changed_since_somebody_looked_are_not_overwritten(door: Door) -> None:
    await door.accounts.ensure_admin()
    user = await door.person("to", Role.AUTHOR)
    seen = user.roles
    await door.accounts.change(boss(), user.id, roles=frozenset({Role.VIEWER}), reason=WHY)
    with pytest.raises(Stale):
        await door.accounts.change(boss(), user.id, roles=frozenset({Role.OPERATOR}), roles_seen=seen, reason=WHY)
    assert (await door.accounts.user(boss(), user.id)).roles == {Role.VIEWER}


async def test_nobody_resets_their_own_password_or_second_factor_without_the_old_one(door: Door) -> None:
    me = await door.person("chu", Role.ADMIN)
    with pytest.raises(WrongState):
        await door.accounts.reset_password(me, me.id, reason=WHY)
    with pytest.raises(WrongState):
        await door.second_factor.reset(me, me.id, reason=WHY)
    await door.sessions.sign_in(knock("chu", GOOD))


async def test_a_closed_account_gets_no_password_that_would_not_open_it(door: Door) -> None:
    await door.accounts.ensure_admin()
    user = await door.person("to", Role.AUTHOR)
    await door.accounts.change(boss(), user.id, active=False, reason=WHY)
    with pytest.raises(WrongState):
        await door.accounts.reset_password(boss(), user.id, reason=WHY)
    with pytest.raises(WrongState):
        await door.accounts.renew_offline("to", drop_factor=True)
    with pytest.raises(NotFound) as unknown:
        await door.accounts.renew_offline("ai", drop_factor=True)
    assert "admin" in unknown.value.vi


async def test_whoever_gives_themselves_rights_is_on_everybodys_alarms_until_somebody_else_says(door: Door) -> None:
    alarms = AlarmDesk(door.store.alarms, Bus(door.clock), door.clock)
    door = build_door(door.store, door.clock, hasher=CHEAP, alarms=alarms)
    me, other = await door.person("chu", Role.ADMIN), await door.person("khac", Role.ADMIN)
    both = frozenset({Role.ADMIN, Role.APPROVER})
    await door.accounts.change(other, other.id, display_name="Khác", reason=WHY)
    await door.accounts.change(me, other.id, roles=both, reason=WHY)
    assert not alarms.standing

    await door.accounts.change(me, me.id, roles=both, reason=WHY)
    key = f"own-rights:{me.id}"
    assert "duyệt bản tin" in alarms.standing[key].text_vi
    assert me.name not in alarms.standing[key].text_vi  # strangers may read the status page
    assert (await told(door))[-1] == ("user.own_roles", WHY)
    with pytest.raises(NotAllowed):
        await alarms.close(key, by=User(id=me.id, name=me.name, roles=both))
    await door.accounts.change(me, me.id, roles=frozenset({Role.ADMIN}), reason=WHY)
    assert key in alarms.standing  # it happened
    await door.accounts.change(other, me.id, roles=both, reason=WHY)
    assert not alarms.standing

    await door.accounts.change(me, me.id, roles=both | {Role.OPERATOR}, reason=WHY)
    await alarms.close(key, by=User(id=other.id, name=other.name, roles=both))
    assert not alarms.standing


@pytest.mark.parametrize("what", ["password", "factor"])
async def test_an_account_with_a_voice_opened_by_another_is_told_until_a_third_person_closes_it(
    door: Door, what: str
) -> None:
    alarms = AlarmDesk(door.store.alarms, Bus(door.clock), door.clock)
    door = build_door(door.store, door.clock, hasher=CHEAP, alarms=alarms)
    # The administrator is an operator too: else the right to close would be missing anyhow.
    me, third = await door.person("chu", Role.ADMIN, Role.OPERATOR), await door.person("ba", Role.OPERATOR)

    async def reset(user: User) -> None:
        if what == "password":
            await door.accounts.reset_password(me, user.id, reason=WHY)
            return
        entered = await door.sessions.sign_in(knock(user.name, GOOD))
        await door.second_factor.begin(entered)
        await door.second_factor.reset(me, user.id, reason=WHY)

    for role in (Role.VIEWER, Role.AUTHOR, Role.TECHNICIAN):
        await reset(await door.person(role, role))
    assert not alarms.standing
    for role in (Role.APPROVER, Role.OPERATOR, Role.ADMIN):
        user = await door.person(f"mot-{role}", role, Role.OPERATOR)
        await reset(user)
        (alarm,) = alarms.standing.values()
        assert "phát khẩn cấp" in alarm.text_vi
        assert not {me.name, user.name} & set(alarm.text_vi.split())  # strangers may read the status page
        for one in (me, user):
            with pytest.raises(NotAllowed):
                await alarms.close(alarm.key, by=one)
        await alarms.close(alarm.key, by=third)
        assert not alarms.standing
