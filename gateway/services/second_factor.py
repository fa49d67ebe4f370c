"""Xác nhận hai lớp: six digits from a person's phone (TOTP, RFC 6238), or a recovery code, before what matters most.

A session that gave one is *stepped up* for a quarter of an hour; approving and emergencies ask for that. The rule holds
for whoever turned it on, and for everybody when the ward's settings say so. The secret is kept sealed; a code is good
once; guessing gets slower like at the door.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pyotp

from devices.clock import Clock, instant
from gateway.domain.errors import BadInput, NotAllowed, NotSignedIn, Problem, TryLater, WrongState
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, expect
from gateway.ports.records import AuditNote, Session, User
from gateway.ports.store import Accounts, Audit, Vault
from gateway.services.account_alarms import AccountAlarms
from gateway.services.account_book import AccountBook
from gateway.services.account_rules import stated
from gateway.services.actor import Actor
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.passwords import Passwords
from gateway.services.sessions import Current
from gateway.services.throttle import Patience, Throttle

STEPPED_UP_FOR = timedelta(minutes=15)
STEP_S = 30
"""What authenticator apps take for granted, as six digits and SHA-1."""
_DRIFT = 1
"""Steps either way: a phone half a minute off is no attacker."""
RECOVERY_CODES = 8
_ISSUER = "Loa Phuong"
_CHARS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What the authenticator app is given; shown while it is not confirmed, then never again."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


class SecondFactor:
    """Gives and checks second factors."""

    def __init__(
        self,
        *,
        store: Accounts,
        book: AccountBook,
        audit: Audit,
        vault: Vault,
        passwords: Passwords,
        clock: Clock,
        required: bool = False,
        patience: Patience | None = None,
        alarms: AlarmDesk | None = None,
    ) -> None:
        """``required``: of everybody, not only of those who turned it on; ``alarms``: told of one that is taken."""
        self._store = store
        self._book = book
        self._audit = audit
        self._vault = vault
        self._passwords = passwords
        self._clock = clock
        self._required = required
        self._alarms = AccountAlarms(alarms)
        self._tries = Throttle(clock, patience or Patience())
        book.on_forgiven.append(lambda user: self._tries.passed(user.id))

    def expect(self, current: Current, *, always: bool = False) -> None:
        """Let the work go on only if this session is stepped up, where it has to be; ``always``: of everybody.

        Raises:
            NotAllowed: ``second_factor_needed``: give a code first; ``second_factor_missing``: turn it on first.
        """
        if not current.user.factor and not self._required and not always:
            return
        if not current.user.factor:
            raise NotAllowed(
                "Việc này cần xác nhận hai lớp: hãy bật trong Tài khoản của tôi.",
                "This needs a second factor: turn it on in My account.",
                code="second_factor_missing",
            )
        if not self.is_stepped_up(current.session):
            raise NotAllowed(
                "Hãy nhập mã xác nhận trên điện thoại rồi làm lại.",
                "Give the code from your phone, then do it again.",
                code="second_factor_needed",
            )

    def is_stepped_up(self, session: Session) -> bool:
        """Tell whether ``session`` gave a code lately; a clock set back does not make it last longer."""
        at = session.stepped_up_at
        return at is not None and timedelta() <= self._now() - at < STEPPED_UP_FOR

    async def begin(self, current: Current) -> Invitation:
        """Return what the app is to be given; the same again until it is confirmed.

        Raises:
            WrongState: it is on already.
        """
        self._expect_off(current.user)
        if current.user.factor_offer:
            secret = self._open(current.user.id, current.user.factor_offer)
        else:
            secret = pyotp.random_base32()
            sealed = self._vault.seal(secret, owner=current.user.id)
            await self._book.change(current.user.id, lambda now: replace(now, factor_offer=sealed), None)
        uri = pyotp.TOTP(secret).provisioning_uri(name=current.user.name, issuer_name=_ISSUER)
        return Invitation(secret=secret, uri=uri)

    async def confirm(self, current: Current, code: str) -> tuple[str, ...]:
        """Turn it on, once the app shows the right code; return the recovery codes, to be shown once.

        Raises:
            WrongState: it is on already, or nobody began.
            BadInput: the code is wrong.
            TryLater: too many wrong ones.
        """
        self._expect_off(current.user)
        if not current.user.factor_offer:
            raise WrongState("Hãy bắt đầu lại.", "Begin again.", code="factor_not_begun")
        self._expect_patience(current.user.id)
        secret = self._open(current.user.id, current.user.factor_offer)
        counter = self._counter_of(secret, code, after=0)
        if counter is None:
            raise BadInput([_wrong_code()])
        self._tries.passed(current.user.id)
        codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
        hashes = tuple(_hash(each) for each in codes)

        def step(now: User) -> User:
            return replace(
                now, factor=now.factor_offer, factor_offer="", factor_counter=counter, factor_recovery=hashes
            )

        await self._book.change(current.user.id, step, self._note(current.user.id, "user.factor_on"))
        await self._step_up(current)
        return codes

    async def step_up(self, current: Current, code: str) -> None:
        """Confirm that it is them, for a while.

        Raises:
            WrongState: this person has no second factor.
            NotSignedIn: the code is wrong, or was used already.
            TryLater: too many wrong ones.
        """
        user = current.user
        if not user.factor:
            raise WrongState("Tài khoản chưa bật xác nhận hai lớp.", "There is no second factor.", code="factor_off")
        self._expect_patience(user.id)
        if not await self._use(user, code):
            await self._audit.add(self._note(user.id, "session.step_up_refused"))
            raise NotSignedIn("Mã không đúng hoặc đã dùng.", "A wrong code, or one used before.", code="wrong_code")
        self._tries.passed(user.id)
        await self._step_up(current)

    async def turn_off(self, current: Current, password: str) -> None:
        """Do without it again.

        Raises:
            NotAllowed: this session is not stepped up.
            NotSignedIn: the password is wrong.
            TryLater: too many wrong ones.
        """
        self.expect(current)
        self._expect_patience(current.user.id)
        if not await self._passwords.matches(password, current.user.password_hash):
            raise NotSignedIn("Mật khẩu không đúng.", "The password is wrong.", code="wrong_password")
        self._tries.passed(current.user.id)
        await self._book.change(current.user.id, without_factor, self._note(current.user.id, "user.factor_off"))

    async def reset(self, actor: Actor, user: UserId, *, reason: str) -> None:
        """Take it from somebody who lost phone and recovery codes; their sessions end.

        Raises:
            NotAllowed, NotFound, BadInput
            WrongState: it is their own, which asks for a code and the password; or there is none.
        """
        expect(actor, Permission.MANAGE_USERS)
        why = stated(reason)
        if actor.id == user:
            raise WrongState(
                "Xác nhận hai lớp của chính bạn: tắt ở Tài khoản của tôi.", "Your own: use My account.", code="own"
            )

        def step(now: User) -> User:
            if not now.factor and not now.factor_offer:
                raise WrongState(
                    "Người này chưa bật xác nhận hai lớp.", "There is no second factor.", code="factor_off"
                )
            return without_factor(now)

        note = self._note(actor.id, "user.factor_reset", user, {"reason": why})
        changed = await self._book.change(user, step, note)
        self._book.forgive(changed)
        await self._book.end_sessions(user)
        await self._alarms.factor_reset(actor, changed)

    async def _use(self, user: User, code: str) -> bool:
        """Spend ``code``, so that whoever looked over a shoulder cannot use it again."""
        plain = code.strip().replace(" ", "").lower()
        if plain.isdecimal():
            used = self._last_used(user)
            counter = self._counter_of(self._open(user.id, user.factor), plain, after=used)
            if counter is None:
                return False
            spent = False

            def step(now: User) -> User:
                nonlocal spent
                spent = self._last_used(now) < counter
                return replace(now, factor_counter=counter if spent else now.factor_counter)

            await self._book.change(user.id, step, None)
            return spent
        return await self._use_recovery(user, _hash(plain))

    async def _use_recovery(self, user: User, hashed: str) -> bool:
        if hashed not in user.factor_recovery:
            return False
        spent = False

        def step(now: User) -> User:
            nonlocal spent
            spent = hashed in now.factor_recovery
            return replace(now, factor_recovery=tuple(each for each in now.factor_recovery if each != hashed))

        await self._book.change(user.id, step, self._note(user.id, "user.recovery_code"))
        return spent

    def _counter_of(self, secret: str, code: str, *, after: int) -> int | None:
        """Return the time step ``code`` belongs to, if it is one of now and later than ``after``."""
        plain = code.strip().replace(" ", "")
        now = self._step_now()
        totp = pyotp.TOTP(secret)
        for counter in range(max(now - _DRIFT, after + 1), now + _DRIFT + 1):
            if hmac.compare_digest(totp.generate_otp(counter).encode(), plain.encode()):
                return counter
        return None

    def _last_used(self, user: User) -> int:
        """Return the last step used; one from days when our clock was ahead must not shut anybody out now."""
        return user.factor_counter if user.factor_counter <= self._step_now() + _DRIFT else 0

    def _step_now(self) -> int:
        return self._clock.now_ms() // 1000 // STEP_S

    async def _step_up(self, current: Current) -> None:
        stepped = replace(current.session, stepped_up_at=self._now())
        await self._store.update_session(stepped, note=self._note(current.user.id, "session.step_up"))

    def _expect_off(self, user: User) -> None:
        if user.factor:
            raise WrongState("Xác nhận hai lớp đang bật rồi.", "It is on already.", code="factor_on")

    def _expect_patience(self, user: UserId) -> None:
        if wait_s := self._tries.attempt(user):
            raise TryLater(
                f"Sai quá nhiều lần. Thử lại sau {round(wait_s)} giây.",
                f"Too many failures. Try again in {round(wait_s)} s.",
                retry_after_s=wait_s,
                code="too_many_failures",
            )

    def _open(self, user: UserId, sealed: str) -> str:
        return self._vault.open(sealed, owner=user)

    def _note(
        self, actor: str, action: str, subject: UserId | None = None, detail: Mapping[str, str] | None = None
    ) -> AuditNote:
        return AuditNote(
            actor=actor, action=action, subject=subject or actor, at=self._now(), detail=dict(detail or {})
        )

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())


def without_factor(user: User) -> User:
    """Return ``user`` with no second factor and none begun."""
    return replace(user, factor="", factor_offer="", factor_counter=0, factor_recovery=())


def _recovery_code() -> str:
    """Draw one of 49 random bits: with a throttle in front, more would only be longer to copy."""
    text = "".join(secrets.choice(_CHARS) for _ in range(10))
    return f"{text[:5]}-{text[5:]}"


def _hash(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()


def _wrong_code() -> Problem:
    return Problem(
        code="wrong_code",
        vi="mã không đúng: xem lại giờ của điện thoại, rồi nhập mã đang hiện",
        en="a wrong code: check the phone's clock, then type the one shown now",
        path="code",
    )
