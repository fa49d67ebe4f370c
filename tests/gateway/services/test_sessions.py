"""The door: sessions that end, guesses that get slower, and nobody locked out for ever."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from devices.clock import ManualClock
from gateway.domain.errors import BadInput, NotFound, NotSignedIn, TryLater
from gateway.domain.people import Role
from gateway.services.sessions import Current, SessionRules, public_id
from gateway.services.throttle import Patience, Throttle
from tests.gateway.services.people import GOOD, START_MS, Door, knock, open_door

RULES = SessionRules()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


async def fail(door: Door, times: int, *, name: str = "author", device: str = "", address: str = "192.0.2.66") -> None:
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            await door.sessions.sign_in(knock(name, "sai mật khẩu", address=address, device=device))


async def test_a_session_knows_who_it_is_until_it_is_signed_out(door: Door) -> None:
    user = await door.person("author", Role.AUTHOR)
    entered = await door.sessions.sign_in(knock("author", GOOD))
    assert (await door.sessions.who(entered.token)).user.id == user.id
    await door.sessions.sign_out(entered)
    with pytest.raises(NotSignedIn):
        await door.sessions.who(entered.token)


async def test_no_token_and_a_made_up_one_are_nobody(door: Door) -> None:
    for token in ("", "x", entered_hash := "0" * 64, entered_hash.upper()):
        with pytest.raises(NotSignedIn):
            await door.sessions.who(token)


async def test_a_session_ends_when_it_is_not_used(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    entered = await door.sessions.sign_in(knock("author", GOOD))
    for _ in range(3):  # used now and then, it goes on
        await door.clock.advance(RULES.idle.total_seconds() - 60)
        await door.sessions.who(entered.token)
    await door.clock.advance(RULES.idle.total_seconds())
    with pytest.raises(NotSignedIn):
        await door.sessions.who(entered.token)


async def test_a_session_ends_even_when_it_is_used_all_the_time(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    entered = await door.sessions.sign_in(knock("author", GOOD))
    steps = RULES.absolute // timedelta(hours=6)
    for _ in range(steps - 1):
        await door.clock.advance(6 * 3600)
        await door.sessions.who(entered.token)
    await door.clock.advance(6 * 3600)
    with pytest.raises(NotSignedIn):
        await door.sessions.who(entered.token)


async def test_a_person_sees_their_sessions_and_ends_one_of_them_only(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    await door.person("other", Role.AUTHOR)
    phone = await door.sessions.sign_in(knock("author", GOOD))
    desk = await door.sessions.sign_in(knock("author", GOOD))
    stranger = await door.sessions.sign_in(knock("other", GOOD))
    assert {public_id(each) for each in await door.sessions.mine(phone)} == {
        public_id(phone.session),
        public_id(desk.session),
    }
    with pytest.raises(NotFound):
        await door.sessions.end_mine(phone, public_id(stranger.session))
    await door.sessions.end_mine(phone, public_id(desk.session))
    with pytest.raises(NotSignedIn):
        await door.sessions.who(desk.token)
    await door.sessions.who(phone.token)
    await door.sessions.who(stranger.token)


async def test_a_new_password_ends_the_other_sessions(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    phone = await door.sessions.sign_in(knock("author", GOOD))
    desk = await door.sessions.sign_in(knock("author", GOOD))
    with pytest.raises(NotSignedIn):
        await door.sessions.change_password(phone, old="sai", new="một câu khác hẳn")
    with pytest.raises(BadInput):
        await door.sessions.change_password(phone, old=GOOD, new="12345")
    await door.sessions.change_password(phone, old=GOOD, new="một câu khác hẳn")
    await door.sessions.who(phone.token)
    with pytest.raises(NotSignedIn):
        await door.sessions.who(desk.token)


async def test_a_stolen_session_cannot_guess_the_password_at_leisure(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    stolen: Current = await door.sessions.sign_in(knock("author", GOOD))
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await door.sessions.change_password(stolen, old="đoán mò", new="một câu khác hẳn")
    with pytest.raises(TryLater):
        await door.sessions.change_password(stolen, old=GOOD, new="một câu khác hẳn")


async def test_after_five_failures_even_the_right_password_waits(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    await fail(door, 5)
    with pytest.raises(TryLater) as refused:
        await door.sessions.sign_in(knock("author", GOOD, address="192.0.2.9"))
    assert refused.value.retry_after_s == 30
    await door.clock.advance(31)
    await door.sessions.sign_in(knock("author", GOOD, address="192.0.2.9"))


async def test_the_wait_grows_and_knocking_meanwhile_does_not_make_it_longer(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    await fail(door, 5)
    waits = []
    for _ in range(8):
        with pytest.raises(TryLater) as refused:
            await door.sessions.sign_in(knock("author", "sai", address="192.0.2.8"))
        waits.append(refused.value.retry_after_s)
        for _ in range(5):
            with pytest.raises(TryLater):
                await door.sessions.sign_in(knock("author", "sai", address="192.0.2.8"))
        await door.clock.advance(refused.value.retry_after_s + 1)
        await fail(door, 1, address="192.0.2.10")
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


async def test_a_phone_that_signed_in_before_is_not_kept_out_by_strangers(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    phone = await door.sessions.sign_in(knock("author", GOOD))
    await fail(door, 5)
    with pytest.raises(TryLater):
        await door.sessions.sign_in(knock("author", GOOD))
    await door.sessions.sign_in(knock("author", GOOD, device=phone.device))


async def test_a_known_phone_may_not_guess_either(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    phone = await door.sessions.sign_in(knock("author", GOOD))
    await fail(door, 5, device=phone.device)
    with pytest.raises(TryLater):
        await door.sessions.sign_in(knock("author", GOOD, device=phone.device))


async def test_a_device_mark_is_worth_nothing_for_others_forged_or_after_a_new_password(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    await door.person("other", Role.AUTHOR)
    phone = await door.sessions.sign_in(knock("author", GOOD))
    theirs = await door.sessions.sign_in(knock("other", GOOD))
    await fail(door, 5)
    for mark in (theirs.device, phone.device[:-1] + "x", phone.device.upper(), "a.b", ".", "ế.ế"):
        with pytest.raises(TryLater):
            await door.sessions.sign_in(knock("author", GOOD, device=mark))
    await door.sessions.change_password(phone, old=GOOD, new="một câu khác hẳn")
    with pytest.raises(TryLater):
        await door.sessions.sign_in(knock("author", "một câu khác hẳn", device=phone.device))


async def test_a_thousand_guesses_at_once_are_five(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    tries = [door.sessions.sign_in(knock("author", f"đoán {n}", address=f"192.0.2.{n % 250}")) for n in range(200)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(answer, NotSignedIn) for answer in answers) == 5
    assert sum(isinstance(answer, TryLater) for answer in answers) == 195


async def test_an_address_that_tries_many_names_waits_and_others_do_not(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    for n in range(30):
        await fail(door, 1, name=f"name{n}")
    with pytest.raises(TryLater):
        await door.sessions.sign_in(knock("author", GOOD, address="192.0.2.66"))
    await door.sessions.sign_in(knock("author", GOOD, address="192.0.2.7"))


async def test_knocking_at_a_locked_account_costs_the_office_nothing(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    await door.person("other", Role.AUTHOR)
    await fail(door, 5)
    for _ in range(40):
        with pytest.raises(TryLater):
            await door.sessions.sign_in(knock("author", GOOD))
    await door.sessions.sign_in(knock("other", GOOD))


async def test_a_crowd_at_the_door_is_told_to_come_back_and_nobody_is_blamed(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    crowd = [door.sessions.sign_in(knock(f"name{n}", "đoán", address=f"198.51.100.{n}")) for n in range(120)]
    mine = [door.sessions.sign_in(knock("author", GOOD)) for _ in range(8)]
    answers = await asyncio.gather(*crowd, *mine, return_exceptions=True)
    assert any(isinstance(answer, TryLater) for answer in answers)
    assert all(isinstance(answer, (NotSignedIn, TryLater, Current)) for answer in answers)
    await door.sessions.sign_in(knock("author", GOOD))


async def test_a_name_nobody_has_is_answered_like_any_other(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    seen = []
    for name in ("author", "nobody"):
        words = []
        for _ in range(6):
            with pytest.raises((NotSignedIn, TryLater)) as refused:
                await door.sessions.sign_in(knock(name, "sai", address="192.0.2.77"))
            words.append((type(refused.value), refused.value.vi, refused.value.code))
        seen.append(words)
    assert seen[0] == seen[1]


async def test_a_lock_survives_a_restart_but_not_a_moved_clock(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    await fail(door, 5)
    door = door.again()
    with pytest.raises(TryLater):
        await door.sessions.sign_in(knock("author", GOOD))
    door.clock.step_wall(-10 * 24 * 3600 * 1000)  # the demo ward goes back to its Thursday
    door = door.again()
    await door.sessions.sign_in(knock("author", GOOD))


async def test_a_failed_sign_in_never_brings_an_old_password_back(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    phone = await door.sessions.sign_in(knock("author", GOOD))
    await asyncio.gather(
        door.sessions.change_password(phone, old=GOOD, new="một câu khác hẳn"),
        *(fail(door, 1) for _ in range(4)),
    )
    await door.sessions.sign_in(knock("author", "một câu khác hẳn"))


async def test_refusals_are_in_the_log_without_names_that_may_be_passwords(door: Door) -> None:
    await door.person("author", Role.AUTHOR)
    await fail(door, 1)
    await fail(door, 1, name="mật khẩu gõ nhầm ô")
    lines = [line.note for line in await door.store.audit.lines() if line.note.action == "session.refused"]
    assert [note.subject == "unknown" for note in lines] == [False, True]
    assert "nhầm" not in repr(lines)


def test_waits_are_values() -> None:
    patience = Patience()
    assert [patience.wait_after(n) for n in (0, 4, 5, 6, 7, 9, 10, 10_000)] == [0, 0, 30, 60, 120, 480, 900, 900]


async def test_a_throttle_forgets_and_its_memory_is_bounded() -> None:
    clock = ManualClock(START_MS)
    throttle = Throttle(clock, Patience(free=2), room=10)
    assert throttle.attempt("a") == throttle.attempt("a") == 0
    assert throttle.attempt("a") > 0
    await clock.advance(3700)
    assert throttle.attempt("a") == 0
    assert throttle.failures("a") == 1
    for n in range(50):
        throttle.attempt(f"stranger {n}")
    assert throttle.failures("a") == 0
