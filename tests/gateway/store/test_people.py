"""Accounts, sessions, one-time codes and the keys they leave; alarms."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from devices.model import ClusterId
from gateway.domain.errors import BadInput, NotFound, StoreFailed
from gateway.domain.ids import UserId
from gateway.ports.records import Severity
from gateway.store.opening import Store, open_store
from tests.gateway.store.rows import KP1, NOW, alarm, identity, later, note, offer, session, user


async def test_an_account_is_found_however_its_name_is_typed(store: Store) -> None:
    account = user("Bien-Tap-Vien", locked_until=later(minutes=5), failed_logins=3)
    await store.accounts.save_user(account, note=note())
    accented = user("Phó-Chủ-Tịch", id=UserId("u-2"))
    await store.accounts.save_user(accented, note=note())
    assert await store.accounts.user(account.id) == account
    assert await store.accounts.by_name("BIEN-tap-vien") == account
    assert await store.accounts.by_name(unicodedata.normalize("NFD", "PHÓ-CHỦ-TỊCH")) == accented
    assert await store.accounts.by_name("nobody") is None
    assert await store.accounts.user(UserId("nobody")) is None
    assert {found.id for found in await store.accounts.users()} == {account.id, accented.id}


async def test_two_accounts_never_share_a_name(store: Store) -> None:
    await store.accounts.save_user(user("truc-ban"), note=note())
    with pytest.raises(BadInput) as caught:
        await store.accounts.save_user(user("TRUC-BAN", id=UserId("u-other")), note=note())
    assert caught.value.problems[0].code == "name_taken"
    assert len(await store.accounts.users()) == 1
    renamed = replace(user("truc-ban"), name="truc-ban-2")
    await store.accounts.save_user(renamed, note=note())
    assert await store.accounts.by_name("truc-ban") is None
    assert await store.accounts.by_name("truc-ban-2") == renamed


async def test_sessions_begin_move_and_end(store: Store) -> None:
    await store.accounts.save_user(user(), note=note())
    await store.accounts.save_session(session("t1"), note=note())
    await store.accounts.save_session(session("t2"), note=None)
    seen = replace(session("t1"), seen_at=later(minutes=5))
    await store.accounts.save_session(seen, note=None)
    assert await store.accounts.session("t1") == seen
    assert {found.token_hash for found in await store.accounts.sessions(user().id)} == {"t1", "t2"}
    await store.accounts.end_session("t1", note=note())
    assert await store.accounts.session("t1") is None
    await store.accounts.end_session("t1", note=None)
    assert await store.audit.verify() == 3


async def test_sessions_that_expired_do_not_pile_up(store: Store) -> None:
    await store.accounts.save_user(user(), note=note())
    for n in range(5):
        await store.accounts.save_session(session(f"old-{n}", expires_at=later(hours=1)), note=None)
    fresh = session("new", created_at=later(hours=2), seen_at=later(hours=2), expires_at=later(hours=14))
    await store.accounts.save_session(fresh, note=None)
    assert await store.accounts.sessions(user().id) == [fresh]


async def test_a_session_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(StoreFailed):
        await store.accounts.save_session(session(), note=None)


async def test_a_code_is_used_once_and_its_secret_is_gone_from_the_disk(store: Store, folder: Path) -> None:
    await store.enrolments.offer(offer(), note=note())
    assert await store.enrolments.find_offer("ma-1") == offer()
    assert await store.enrolments.use_offer("ma-1", identity(), at=later(minutes=1), note=note("enrol"))
    spent = await store.enrolments.find_offer("ma-1")
    assert spent == offer(secret="", used_at=later(minutes=1))
    assert await store.enrolments.identities() == [identity()]

    assert not await store.enrolments.use_offer("ma-1", identity("dev-2"), at=later(minutes=2), note=note("enrol"))
    assert await store.enrolments.identities() == [identity()]
    assert [line.note.action for line in await store.audit.lines()] == ["test.change", "enrol"]
    store.database.close()
    assert offer().secret.encode() not in (folder / "loa.db").read_bytes()


async def test_an_unknown_or_expired_code_enrols_nobody(store: Store) -> None:
    await store.enrolments.offer(offer(), note=note())
    assert not await store.enrolments.use_offer("other", identity(), at=NOW, note=note())
    assert not await store.enrolments.use_offer("ma-1", identity(), at=offer().expires_at, note=note())
    assert await store.enrolments.identities() == []


async def test_the_secret_of_an_expired_code_is_wiped_when_the_next_is_made(store: Store) -> None:
    await store.enrolments.offer(offer(), note=note())
    await store.enrolments.offer(offer("ma-2", expires_at=later(days=3)), note=note(at=later(days=2)))
    first, second = await store.enrolments.find_offer("ma-1"), await store.enrolments.find_offer("ma-2")
    assert first is not None
    assert second is not None
    assert (first.secret, second.secret) == ("", offer().secret)


async def test_codes_do_not_share_names(store: Store) -> None:
    await store.enrolments.offer(offer(), note=note())
    with pytest.raises(BadInput):
        await store.enrolments.offer(offer(cluster=ClusterId("kp9")), note=note())
    assert await store.enrolments.find_offer("ma-1") == offer()


async def test_a_key_can_be_revoked_and_replaced(store: Store) -> None:
    await store.enrolments.save_identity(identity(), note=note())
    revoked = identity(revoked_at=later(days=1))
    await store.enrolments.save_identity(revoked, note=note())
    await store.enrolments.save_identity(identity("dev-kp1-01-2"), note=note())
    assert await store.enrolments.identities() == [revoked, identity("dev-kp1-01-2")]


async def test_an_alarm_is_one_row_however_often_it_is_raised(store: Store) -> None:
    assert await store.alarms.raise_(alarm())
    assert not await store.alarms.raise_(alarm(text_vi="vẫn mất", raised_at=later(minutes=1)))
    assert await store.alarms.standing() == [alarm(text_vi="vẫn mất", count=2)]


async def test_an_alarm_that_was_cleared_may_come_again_as_a_new_one(store: Store) -> None:
    await store.alarms.raise_(alarm())
    assert await store.alarms.clear(alarm().key, at=later(minutes=1))
    assert not await store.alarms.clear(alarm().key, at=later(minutes=2))
    assert await store.alarms.standing() == []
    again = alarm(raised_at=later(minutes=3))
    assert await store.alarms.raise_(again)
    assert await store.alarms.history() == [again, alarm(cleared_at=later(minutes=1))]
    assert await store.alarms.history(limit=1) == [again]


async def test_who_saw_an_alarm_first_is_kept_until_it_grows_worse(store: Store) -> None:
    await store.alarms.raise_(alarm())
    await store.alarms.see(alarm().key, by="truc-ban", at=later(minutes=1), note=note("alarm.see"))
    await store.alarms.see(alarm().key, by="nguoi-khac", at=later(minutes=2), note=note("alarm.see"))
    await store.alarms.raise_(alarm())
    (seen,) = await store.alarms.standing()
    assert (seen.seen_by, seen.seen_at) == ("truc-ban", later(minutes=1))
    await store.alarms.raise_(alarm(severity=Severity.CRITICAL))
    (worse,) = await store.alarms.standing()
    assert (worse.severity, worse.seen_by, worse.seen_at, worse.count) == (Severity.CRITICAL, None, None, 3)


async def test_seeing_what_does_not_stand_is_an_error(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.alarms.see("none", by="truc-ban", at=NOW, note=note())
    assert await store.audit.verify() == 0


async def test_alarms_outlive_a_restart(folder: Path) -> None:
    with open_store(folder, now=NOW) as store:
        await store.alarms.raise_(alarm(cluster=None))
        await store.alarms.raise_(alarm("other", cluster=KP1))
    with open_store(folder, now=NOW) as store:
        assert await store.alarms.standing() == [alarm(cluster=None), alarm("other")]
