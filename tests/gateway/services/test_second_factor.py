"""The second factor: right codes once, wrong ones slowly, and nobody shut out who has a paper with codes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest

from devices.clock import ManualClock, instant
from gateway.domain.errors import BadInput, NotAllowed, NotSignedIn, StoreFailed, TryLater, WrongState
from gateway.domain.people import Role
from gateway.services.second_factor import STEP_S, STEPPED_UP_FOR
from gateway.services.sessions import Current
from gateway.store.opening import open_store
from gateway.store.vault import FileVault
from tests.gateway.services.people import GOOD, START_MS, WHY, Door, boss, build_door, knock, open_door


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


class Phone:
    """Somebody's authenticator app."""

    def __init__(self, door: Door, secret: str) -> None:
        self._door = door
        self._totp = pyotp.TOTP(secret)

    def code(self, *, steps: int = 0) -> str:
        return self._totp.generate_otp(self._door.clock.now_ms() // 1000 // STEP_S + steps)


async def again(door: Door, token: str) -> Current:
    return await door.sessions.who(token)


async def enrolled(door: Door, name: str = "duyet") -> tuple[str, Phone, tuple[str, ...]]:
    """Return the session's token, the phone and the recovery codes."""
    await door.person(name, Role.APPROVER)
    entered = await door.sessions.sign_in(knock(name, GOOD))
    phone = Phone(door, (await door.second_factor.begin(entered)).secret)
    codes = await door.second_factor.confirm(await again(door, entered.token), phone.code())
    return entered.token, phone, codes


async def test_nothing_is_asked_of_who_never_turned_it_on(door: Door) -> None:
    await door.person("duyet", Role.APPROVER)
    door.second_factor.expect(await door.sessions.sign_in(knock("duyet", GOOD)))


async def test_where_the_ward_requires_it_one_must_turn_it_on_first(tmp_path: Path) -> None:
    clock = ManualClock(START_MS)
    with open_store(tmp_path, now=instant(START_MS)) as store:
        door = build_door(store, clock, required=True)
        await door.person("duyet", Role.APPROVER)
        with pytest.raises(NotAllowed) as refused:
            door.second_factor.expect(await door.sessions.sign_in(knock("duyet", GOOD)))
        assert refused.value.code == "second_factor_missing"


async def test_a_new_session_gives_a_code_and_is_trusted_for_a_quarter_of_an_hour(door: Door) -> None:
    _, phone, _ = await enrolled(door)
    entered = await door.sessions.sign_in(knock("duyet", GOOD))
    with pytest.raises(NotAllowed) as refused:
        door.second_factor.expect(entered)
    assert refused.value.code == "second_factor_needed"
    await door.clock.advance(STEP_S)
    await door.second_factor.step_up(entered, phone.code())
    door.second_factor.expect(await again(door, entered.token))
    await door.clock.advance(STEPPED_UP_FOR.total_seconds())
    with pytest.raises(NotAllowed):
        door.second_factor.expect(await again(door, entered.token))


async def test_one_session_stepped_up_is_not_another(door: Door) -> None:
    token, _, _ = await enrolled(door)
    door.second_factor.expect(await again(door, token))
    stolen = await door.sessions.sign_in(knock("duyet", GOOD))
    with pytest.raises(NotAllowed):
        door.second_factor.expect(stolen)


async def test_a_code_that_was_seen_over_a_shoulder_is_spent(door: Door) -> None:
    _, phone, _ = await enrolled(door)
    await door.clock.advance(STEP_S)
    mine, theirs = [await door.sessions.sign_in(knock("duyet", GOOD)) for _ in range(2)]
    code = phone.code()
    await door.second_factor.step_up(mine, code)
    with pytest.raises(NotSignedIn):
        await door.second_factor.step_up(await again(door, theirs.token), code)
    with pytest.raises(NotSignedIn):
        await door.second_factor.step_up(theirs, code)  # also by a request that read the account before


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, False), (0, True), (1, True), (2, False)])
async def test_a_phone_half_a_minute_off_is_right_and_one_a_minute_off_is_not(
    door: Door, steps: int, good: bool
) -> None:
    _, phone, _ = await enrolled(door)  # spent the step of now; one step later that is the one before
    await door.clock.advance(STEP_S)
    entered = await door.sessions.sign_in(knock("duyet", GOOD))
    if good:
        await door.second_factor.step_up(entered, phone.code(steps=steps))
    else:
        with pytest.raises(NotSignedIn):
            await door.second_factor.step_up(entered, phone.code(steps=steps))


async def test_guessing_gets_slower_and_the_right_code_waits_too(door: Door) -> None:
    _, phone, _ = await enrolled(door)
    await door.clock.advance(STEP_S)
    entered = await door.sessions.sign_in(knock("duyet", GOOD))
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await door.second_factor.step_up(entered, "000000")
    with pytest.raises(TryLater) as refused:
        await door.second_factor.step_up(entered, phone.code())
    await door.clock.advance(refused.value.retry_after_s)
    await door.second_factor.step_up(entered, phone.code())


async def test_without_the_phone_each_recovery_code_works_once(door: Door) -> None:
    _, _, codes = await enrolled(door)
    assert len(set(codes)) == 8
    entered = await door.sessions.sign_in(knock("duyet", GOOD))
    await door.second_factor.step_up(entered, f" {codes[0].upper()} ")
    with pytest.raises(NotSignedIn):
        await door.second_factor.step_up(await again(door, entered.token), codes[0])
    await door.second_factor.step_up(await again(door, entered.token), codes[1].replace("-", ""))


async def test_a_gateway_clock_set_back_neither_prolongs_nor_shuts_out(door: Door) -> None:
    token, phone, _ = await enrolled(door)
    door.clock.step_wall(-3_600_000)
    with pytest.raises(NotAllowed):
        door.second_factor.expect(await again(door, token))
    await door.second_factor.step_up(await again(door, token), phone.code())
    door.second_factor.expect(await again(door, token))


async def test_it_is_on_only_once_the_app_has_shown_that_it_knows(door: Door) -> None:
    await door.person("duyet", Role.APPROVER)
    entered = await door.sessions.sign_in(knock("duyet", GOOD))
    with pytest.raises(WrongState):
        await door.second_factor.confirm(entered, "123456")
    first = await door.second_factor.begin(entered)
    now = await again(door, entered.token)
    assert (await door.second_factor.begin(now)).secret == first.secret
    with pytest.raises(BadInput):
        await door.second_factor.confirm(now, "000000")
    door.second_factor.expect(await again(door, entered.token))
    await door.second_factor.confirm(now, Phone(door, first.secret).code())
    with pytest.raises(WrongState):
        await door.second_factor.begin(await again(door, entered.token))


async def test_turning_it_off_takes_the_code_and_the_password(door: Door) -> None:
    token, phone, _ = await enrolled(door)
    with pytest.raises(NotSignedIn):
        await door.second_factor.turn_off(await again(door, token), "sai")
    stolen = await door.sessions.sign_in(knock("duyet", GOOD))
    with pytest.raises(NotAllowed):
        await door.second_factor.turn_off(stolen, GOOD)
    await door.second_factor.turn_off(await again(door, token), GOOD)
    door.second_factor.expect(await again(door, stolen.token))
    del phone


async def test_an_administrator_takes_it_from_who_lost_everything(door: Door) -> None:
    token, _, _ = await enrolled(door)
    user = (await again(door, token)).user.id
    with pytest.raises(NotAllowed):
        await door.second_factor.reset((await again(door, token)).actor, user, reason=WHY)
    await door.second_factor.reset(boss(), user, reason=WHY)
    with pytest.raises(NotSignedIn):
        await again(door, token)
    door.second_factor.expect(await door.sessions.sign_in(knock("duyet", GOOD)))


async def test_neither_database_nor_log_holds_the_secret_and_it_opens_for_its_owner_only(
    door: Door, tmp_path: Path
) -> None:
    await door.person("duyet", Role.APPROVER)
    entered = await door.sessions.sign_in(knock("duyet", GOOD))
    secret = (await door.second_factor.begin(entered)).secret
    user = (await again(door, entered.token)).user
    assert secret not in repr(user)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
    vault = FileVault(tmp_path / "keys")
    assert vault.open(user.factor_offer, owner=user.id) == secret
    for sealed, owner in (
        (user.factor_offer, "u-other"),
        (user.factor_offer[:-4] + "AAAA", user.id),
        ("v1.", user.id),
        ("", user.id),
        ("v2." + user.factor_offer[3:], user.id),
    ):
        with pytest.raises(StoreFailed, match="cannot be opened"):
            vault.open(sealed, owner=owner)
    assert (tmp_path / "keys" / "vault.key").stat().st_mode & 0o077 == 0
    other = FileVault(tmp_path / "khac")
    with pytest.raises(StoreFailed):
        other.open(user.factor_offer, owner=user.id)
    assert replace(user, factor_offer="").factor_offer == ""
