"""Đăng nhập, đăng xuất, phiên: who is there. The cookie is a random token; only its SHA-256 is kept.

Guessing is slowed per account and per address (:mod:`gateway.services.throttle`). So that nobody can keep another
person out by guessing on purpose, a browser that has signed in before carries a device mark, and its tries are
counted apart from those of strangers.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from devices.clock import Clock, instant
from gateway.domain.errors import NotFound, NotSignedIn, StoreFailed, TryLater
from gateway.domain.ids import UserId
from gateway.domain.people import Permission
from gateway.domain.people import User as Actor
from gateway.ports.records import AuditNote, Session, User
from gateway.ports.store import Accounts, Audit, Values
from gateway.services.account_book import AccountBook, fold_name, wrong_password
from gateway.services.delegations import Delegations
from gateway.services.passwords import Passwords
from gateway.services.throttle import Patience, Throttle

logger = logging.getLogger(__name__)

_MARK_KEY = "sign_in.device_key"
_MOST_SESSIONS = 20
_TOUCH = timedelta(minutes=1)  # "last seen" is for people: not worth a write per click
_MOST_MET = 500
_OF_ONE = Patience()
# An office is one address to us: strangers' failures there must not shut the door on colleagues for long.
_OF_MANY = Patience(free=30, first_s=5, limit_s=120)


@dataclass(frozen=True, kw_only=True)
class SessionRules:
    """How long a sign-in lasts, and how patient the door is."""

    idle: timedelta = timedelta(hours=12)
    absolute: timedelta = timedelta(days=7)
    per_name: Patience = _OF_ONE
    per_address: Patience = _OF_MANY
    per_device: Patience = _OF_ONE


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What somebody at the door says."""

    name: str
    password: str = field(repr=False)
    address: str
    user_agent: str = ""
    device: str = field(default="", repr=False)
    """The device mark this browser was given at an earlier sign-in."""


@dataclass(frozen=True, kw_only=True)
class Current:
    """Who is asking."""

    user: User
    session: Session
    lent: Mapping[Permission, UserId] = field(default_factory=lambda: MappingProxyType({}))
    """What somebody lends this person at this moment."""

    @property
    def actor(self) -> Actor:
        """The person as the rules see them: no password in it."""
        user = self.user
        return Actor(id=user.id, name=user.display_name, roles=user.roles, active=user.active, lent=self.lent)


@dataclass(frozen=True, kw_only=True)
class SignedIn(Current):
    """A new session. ``token`` and ``device`` are for the cookies, and are kept nowhere else."""

    token: str = field(repr=False)
    device: str = field(repr=False)


class Sessions:
    """The door."""

    def __init__(
        self,
        *,
        store: Accounts,
        book: AccountBook,
        audit: Audit,
        values: Values,
        passwords: Passwords,
        clock: Clock,
        rules: SessionRules | None = None,
        delegations: Delegations | None = None,
    ) -> None:
        self._store = store
        self._book = book
        self._audit = audit
        self._values = values
        self._passwords = passwords
        self._clock = clock
        self._rules = rules or SessionRules()
        self._delegations = delegations
        self._names = Throttle(clock, self._rules.per_name)
        self._addresses = Throttle(clock, self._rules.per_address)
        self._devices = Throttle(clock, self._rules.per_device)
        self._met: dict[str, Current] = {}
        self.changes = 0
        """Grows when a session ends or somebody's rights change: whoever serves one for long asks :meth:`who` again."""
        book.on_forgiven.append(self._forgive)
        book.on_rights_changed.append(self._forget)

    async def sign_in(self, who: SignIn) -> SignedIn:
        """Open a session. Takes as long, and says the same, for a name nobody has.

        Raises:
            NotSignedIn: name or password are wrong, or the account is closed.
            TryLater: too many failures; the password was not even looked at.
        """
        name = fold_name(who.name)
        user = await self._store.by_name(name)
        known = await self._known_device(who.device, user)
        self._expect_patience(name, who.address, known, user)
        usable = user if user is not None and user.active else None
        tried = ((self._devices, known),) if known else ((self._addresses, who.address), (self._names, name))
        try:
            good = await self._passwords.matches(who.password, usable.password_hash if usable else None)
        except TryLater:  # too busy to look: no failure of anybody's
            for throttle, key in tried:
                throttle.unheard(key)
            raise
        if not good or usable is None:
            await self._note_failure(name, user, who, known)
            raise wrong_password()
        self._names.passed(name)
        self._addresses.passed(who.address)
        self._devices.passed(known)
        return await self._open(usable, who)

    async def who(self, token: str, *, blind: bool = False) -> Current:
        """Return whose session ``token`` is.

        ``blind``: for what only silences. When the store cannot be read, whoever it vouched for within the last hours
        since this start is believed once more: a broken database must not stand between a person and IM LẶNG.

        Raises:
            NotSignedIn: nobody's, or it is over.
            StoreFailed: nobody can say.
        """
        changes = self.changes
        try:
            current = await self._look_up(token)
        except NotSignedIn:
            self._met.pop(_hash(token), None)
            raise
        except StoreFailed as error:
            known = self._met.get(_hash(token)) if blind else None
            if known is None or self._over(known.session, self._now()):
                raise
            logger.warning("%s is believed without the store: %s", known.user.id, error.en)
            return known
        self._met.pop(current.session.token_hash, None)
        if changes == self.changes:
            self._met[current.session.token_hash] = current
        while len(self._met) > _MOST_MET:
            self._met.pop(next(iter(self._met)))
        return current

    async def _look_up(self, token: str) -> Current:
        session = await self._store.session(_hash(token)) if token else None
        user = await self._store.user(session.user) if session is not None else None
        now = self._now()
        if session is None or user is None or not user.active or self._over(session, now):
            raise NotSignedIn("Bạn chưa đăng nhập, hoặc phiên đã hết hạn.", "Not signed in, or the session is over.")
        if now - session.seen_at >= _TOUCH:
            session = replace(session, seen_at=now)
            await self._touch(session)
        lent = await self._delegations.lent_to(user.id) if self._delegations is not None else {}
        return Current(user=user, session=session, lent=lent)

    async def _touch(self, session: Session) -> None:
        try:
            await self._store.update_session(session, note=None)
        except StoreFailed as error:
            # A full disk must not stand between a person and the kill switch.
            logger.warning("a session's last use could not be kept: %s", error.en)

    async def sign_out(self, current: Current) -> None:
        """End this session."""
        await self._end(current, current.session, "session.sign_out")

    async def mine(self, current: Current) -> list[Session]:
        """Return the open sessions of the person asking, newest first."""
        now = self._now()
        found = [each for each in await self._store.sessions(current.user.id) if not self._over(each, now)]
        return sorted(found, key=lambda each: each.created_at, reverse=True)

    async def end_mine(self, current: Current, session_id: str) -> None:
        """End one session of the person asking; ``session_id`` as :func:`public_id` gives it.

        Raises:
            NotFound: they have no such session.
        """
        for session in await self._store.sessions(current.user.id):
            if public_id(session) == session_id:
                await self._end(current, session, "session.revoke")
                return
        raise NotFound("Không có phiên này.", "No such session.")

    async def change_password(self, current: Current, *, old: str, new: str) -> None:
        """Change one's own password; every other session of that person ends.

        Raises:
            NotSignedIn: ``old`` is wrong.
            BadInput: ``new`` is too easy.
            TryLater: ``old`` was wrong too often.
        """
        key = f"change:{current.user.id}"
        if wait_s := self._names.attempt(key):
            raise _too_many(wait_s)
        if not await self._passwords.matches(old, current.user.password_hash):
            raise NotSignedIn("Mật khẩu hiện tại không đúng.", "The present password is wrong.", code="wrong_password")
        self._names.passed(key)
        await self._book.set_own_password(current.user.id, new, keep_session=current.session.token_hash)

    def locked(self, users: Iterable[User]) -> dict[UserId, datetime]:
        """Return who of ``users`` has to wait before the next try, here or on a phone of their own, and until when."""
        on_own: dict[str, float] = {}
        for key, wait_s in self._devices.waiting().items():
            owner = key.partition(":")[0]
            on_own[owner] = max(wait_s, on_own.get(owner, 0.0))
        now = self._now()
        waits = {
            user.id: max(self._names.wait_s(user.name), self._kept_wait_s(user), on_own.get(user.id, 0.0))
            for user in users
        }
        return {user: now + timedelta(seconds=wait_s) for user, wait_s in waits.items() if wait_s > 0}

    # -- patience ----------------------------------------------------------------------------------------------------

    def _expect_patience(self, name: str, address: str, device: str, user: User | None) -> None:
        """Count the try, unless somebody has to wait: then nothing is counted, not even against the other key."""
        if device:
            wait_s = self._devices.attempt(device)
        else:
            waits = self._addresses.wait_s(address), self._names.wait_s(name), self._kept_wait_s(user)
            wait_s = max(waits)
            if not wait_s:
                self._addresses.attempt(address)
                self._names.attempt(name)
        if wait_s:
            raise _too_many(wait_s)

    def _kept_wait_s(self, user: User | None) -> float:
        """Seconds left of a lock from before a restart; one longer than we ever give is a clock that was moved."""
        if user is None or user.locked_until is None:
            return 0.0
        left_s = (user.locked_until - self._now()).total_seconds()
        return left_s if 0 < left_s <= self._rules.per_name.limit_s else 0.0

    def _forgive(self, user: User) -> None:
        self._names.passed(user.name)
        self._names.passed(f"change:{user.id}")
        self._devices.forget(f"{user.id}:")

    async def _note_failure(self, name: str, user: User | None, who: SignIn, device: str) -> None:
        now = self._now()
        # A name nobody has is often a password typed into the wrong field: it is not written down.
        note = AuditNote(
            actor="system",
            action="session.refused",
            subject=user.id if user is not None else "unknown",
            at=now,
            detail={"address": who.address, "known_device": bool(device)},
        )
        if user is None:
            await self._audit.add(note)
            return
        wait_s = 0.0 if device else self._names.wait_s(name)
        until = now + timedelta(seconds=wait_s) if wait_s else None
        await self._book.change(
            user.id,
            lambda kept: replace(
                kept, failed_logins=kept.failed_logins + 1, locked_until=kept.locked_until if device else until
            ),
            note,
        )

    # -- the device mark ---------------------------------------------------------------------------------------------

    async def _known_device(self, mark: str, user: User | None) -> str:
        """Return a key for this device, or an empty string for a stranger's."""
        nonce, _, mac = mark.partition(".")
        if user is None or not mac or not nonce.isalnum():
            return ""
        good = hmac.compare_digest((await self._mark(user, nonce)).encode(), mark.encode())
        return f"{user.id}:{nonce}" if good else ""

    async def _mark(self, user: User, nonce: str) -> str:
        """Bound to the password: changing it makes every device a stranger again."""
        key = await self._values.get(_MARK_KEY)
        if not isinstance(key, str):
            key = secrets.token_hex(32)
            await self._values.set(_MARK_KEY, key, note=None)
        text = f"{user.id}\n{nonce}\n{user.password_hash}"
        return f"{nonce}.{hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).hexdigest()}"

    # -- sessions ----------------------------------------------------------------------------------------------------

    async def _open(self, user: User, who: SignIn) -> SignedIn:
        now = self._now()
        note = _note(user.id, "session.sign_in", user.id, now, address=who.address)
        await self._make_room(user.id, now)
        token = secrets.token_urlsafe(32)
        session = Session(
            token_hash=_hash(token),
            user=user.id,
            csrf=secrets.token_urlsafe(24),
            created_at=now,
            seen_at=now,
            expires_at=now + self._rules.absolute,
            user_agent=who.user_agent[:200],
        )
        user = await self._book.signed_in(user, who.password, session, note)
        device = await self._mark(user, secrets.token_hex(8))
        return SignedIn(user=user, session=session, token=token, device=device)

    async def _make_room(self, user: UserId, now: datetime) -> None:
        """Drop sessions that are over, and the oldest of too many."""
        kept = sorted(await self._store.sessions(user), key=lambda each: each.created_at, reverse=True)
        for place, session in enumerate(kept):
            if place >= _MOST_SESSIONS - 1 or self._over(session, now):
                await self._store.end_session(session.token_hash, note=None)

    async def _end(self, current: Current, session: Session, action: str) -> None:
        note = _note(current.user.id, action, public_id(session), self._now())
        await self._store.end_session(session.token_hash, note=note)
        self._met.pop(session.token_hash, None)
        self.changes += 1

    def _forget(self, user: UserId) -> None:
        self._met = {key: met for key, met in self._met.items() if met.user.id != user}
        self.changes += 1

    def _over(self, session: Session, now: datetime) -> bool:
        return now >= session.expires_at or now - session.seen_at >= self._rules.idle

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())


def public_id(session: Session) -> str:
    """Name a session in lists without telling anything that opens it."""
    return session.token_hash[:16]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _note(actor: UserId, action: str, subject: str, at: datetime, **detail: str) -> AuditNote:
    return AuditNote(actor=actor, action=action, subject=subject, at=at, detail=dict(detail))


def _too_many(wait_s: float) -> TryLater:
    minutes, seconds = divmod(round(wait_s), 60)
    return TryLater(
        f"Sai quá nhiều lần. Thử lại sau {minutes} phút {seconds} giây.",
        f"Too many failures. Try again in {minutes} min {seconds} s.",
        retry_after_s=wait_s,
        code="too_many_failures",
    )
