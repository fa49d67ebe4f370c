"""Ghi danh cụm loa: one-time codes, and the identities they become.

The secret of a code must be at hand to open what the pole sends, so an offer keeps it in the clear until it is used or
24 hours old. Whoever can read the database file can read the ward's own keys beside it: encrypting the secret would
guard nothing, living a day does. The store wipes it when the offer is spent.

Every refusal of a code sounds the same: a stranger does not learn whether an offer exists, is spent, or is too old.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from devices.clock import Clock, instant
from devices.errors import BadMessage, SealBroken
from devices.model import ClusterId
from devices.seal import decode_public
from devices.seal.enrolment import Code, Grant, Request, new_code, open_request, wrap_grant
from devices.wire.documents import KeyEntry
from gateway.domain.errors import BadInput, NotAllowed, NotFound, Problem, TryLater
from gateway.domain.people import Permission, expect
from gateway.domain.targets import Cluster
from gateway.ports.records import AuditNote, ClusterIdentity, EnrolmentOffer
from gateway.ports.store import Audit, Enrolments, Inventory
from gateway.services.actor import Actor
from gateway.services.throttle import Patience, Throttle

logger = logging.getLogger(__name__)

CODE_LIFE = timedelta(hours=24)
_EVERYBODY = "everybody"
_LONGEST_REQUEST = 4_096  # characters; a real one is under 400


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What every new cluster is told about this ward, as it is now."""

    site: str
    root: KeyEntry
    keys: str
    """The sealed key list."""
    broker_host: str
    broker_port: int
    asset_base: str
    broker_tls: bool = False
    broker_accounts: bool = True
    """Whether the broker asks for a name and password at all."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A code to write on paper and carry to the pole."""

    cluster: ClusterId
    code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class EnrolmentPatience:
    """How many wrong codes are heard before the gateway takes its time."""

    per_address: Patience = field(default_factory=lambda: Patience(free=10, first_s=5, limit_s=120))
    # Eighty random bits cannot be guessed; this only keeps a flood from filling the audit log.
    overall: Patience = field(default_factory=lambda: Patience(free=100, first_s=1, limit_s=10, forget_s=600))


class Enrolment:
    """Gives clusters their identity, and takes it away."""

    def __init__(
        self,
        *,
        store: Enrolments,
        inventory: Inventory,
        audit: Audit,
        clock: Clock,
        terms: Callable[[], Terms],
        hash_password: Callable[[str], str],
        on_change: Callable[[], Awaitable[None]],
        patience: EnrolmentPatience | None = None,
    ) -> None:
        """``on_change`` is called after identities changed: broker accounts, trusted keys and plans follow there."""
        self._store = store
        self._inventory = inventory
        self._audit = audit
        self._clock = clock
        self._terms = terms
        self._hash_password = hash_password
        self._on_change = on_change
        patience = patience or EnrolmentPatience()
        self._addresses = Throttle(clock, patience.per_address)
        self._overall = Throttle(clock, patience.overall, room=1)
        self.refused = 0
        """How many codes were refused since the start: somebody is guessing, or a technician needs help."""

    async def offer(self, actor: Actor, cluster: ClusterId) -> Offer:
        """Make a one-time code for ``cluster``. For one that has an identity it is a rotation: the new one replaces it.

        Raises:
            NotAllowed
            NotFound: there is no such cluster.
            BadInput: it is one that cannot be controlled.
        """
        expect(actor, Permission.ENROL)
        known = await self._cluster(cluster)
        if not known.controllable:
            raise BadInput(
                [
                    Problem(
                        code="not_controllable",
                        vi=f"cụm “{cluster}” không điều khiển từ xa được",
                        en=f"cluster “{cluster}” cannot be controlled",
                        path="cluster",
                    )
                ]
            )
        now = self._now()
        code = await self._unused_code()
        expires_at = now + CODE_LIFE
        await self._store.offer(
            EnrolmentOffer(
                name=code.name, secret=code.secret, cluster=cluster, made_by=actor.id, expires_at=expires_at
            ),
            note=AuditNote(actor=actor.id, action="enrol.offer", subject=f"cluster:{cluster}", at=now),
        )
        return Offer(cluster=cluster, code=code.text, expires_at=expires_at)

    async def enrol(self, name: str, request: str, *, address: str) -> str:
        """Answer a pole: spend the code called ``name`` and return the sealed grant.

        Raises:
            NotAllowed: ``enrolment_refused``, whatever is wrong with the code.
            TryLater: too many wrong codes from ``address``.
        """
        if wait_s := max(self._addresses.wait_s(address), self._overall.wait_s(_EVERYBODY)):
            raise TryLater(
                "Quá nhiều mã sai. Chờ một lát rồi thử lại.",
                "Too many wrong codes. Wait a moment.",
                retry_after_s=wait_s,
                code="too_many_failures",
            )
        self._addresses.attempt(address)
        self._overall.attempt(_EVERYBODY)
        now = self._now()
        offer = await self._store.find_offer(name)
        if offer is None or offer.used_at is not None or now >= offer.expires_at or len(request) > _LONGEST_REQUEST:
            raise await self._refuse(offer, address)
        code = Code(offer.name, offer.secret)
        try:
            asked = open_request(code, request)
            decode_public(asked.pub)
        except (SealBroken, BadMessage) as error:
            raise await self._refuse(offer, address) from error
        grant = await self._spend(offer, code, asked, now, address)
        self._addresses.passed(address)
        self._overall.passed(_EVERYBODY)
        return grant

    async def identities(self, actor: Actor) -> list[ClusterIdentity]:
        """Return every identity ever given, revoked ones too.

        Raises:
            NotAllowed
        """
        expect(actor, Permission.ENROL)
        return sorted(await self._store.identities(), key=lambda each: (each.cluster, each.enrolled_at))

    async def revoke(self, actor: Actor, cluster: ClusterId, *, why: str = "") -> None:
        """Take every identity of ``cluster`` away: what it says is believed no longer, and the broker shuts it out.

        Raises:
            NotAllowed
            NotFound: it has none.
        """
        expect(actor, Permission.ENROL)
        if not await self._revoke(cluster, but="", actor=actor.id, why=why):
            raise NotFound(f"Cụm “{cluster}” chưa ghi danh.", f"Cluster “{cluster}” is not enrolled.")
        await self._on_change()

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _spend(self, offer: EnrolmentOffer, code: Code, asked: Request, now: datetime, address: str) -> str:
        cluster = await self._cluster(offer.cluster)
        password = secrets.token_urlsafe(24)
        identity = ClusterIdentity(
            cluster=offer.cluster,
            kid=await self._next_kid(offer.cluster),
            public_key=asked.pub,
            broker_password_hash=await asyncio.to_thread(self._hash_password, password),
            enrolled_at=now,
            model=asked.model,
            firmware=asked.fw,
        )
        note = AuditNote(
            actor=f"cluster:{offer.cluster}",
            action="enrol.done",
            subject=f"cluster:{offer.cluster}",
            at=now,
            detail={"kid": identity.kid, "model": asked.model, "fw": asked.fw, "address": address},
        )
        if not await self._store.use_offer(offer.name, identity, at=now, note=note):
            raise await self._refuse(offer, address)
        await self._revoke(offer.cluster, but=identity.kid, actor=f"cluster:{offer.cluster}", why="replaced")
        await self._on_change()
        logger.info("cluster %s enrolled as %s (%s, %s)", offer.cluster, identity.kid, asked.model, asked.fw)
        terms = self._terms()
        return wrap_grant(
            code,
            Grant(
                site=terms.site,
                cluster=offer.cluster,
                kid=identity.kid,
                zones=(cluster.zone,),
                root=terms.root,
                keys=terms.keys,
                broker_host=terms.broker_host,
                broker_port=terms.broker_port,
                broker_tls=terms.broker_tls,
                username=offer.cluster if terms.broker_accounts else None,
                password=password if terms.broker_accounts else None,
                asset_base=terms.asset_base,
                now_ms=self._clock.now_ms(),
            ),
        )

    async def _revoke(self, cluster: ClusterId, *, but: str, actor: str, why: str) -> int:
        now = self._now()
        standing = [
            each for each in await self._store.identities(cluster) if each.kid != but and each.revoked_at is None
        ]
        for each in standing:
            note = AuditNote(
                actor=actor,
                action="enrol.revoke",
                subject=f"cluster:{cluster}",
                at=now,
                detail={"kid": each.kid, "why": why},
            )
            await self._store.save_identity(replace(each, revoked_at=now), note=note)
        return len(standing)

    async def _refuse(self, offer: EnrolmentOffer | None, address: str) -> NotAllowed:
        self.refused += 1
        await self._audit.add(
            AuditNote(
                actor="system",
                action="enrol.refused",
                subject=f"cluster:{offer.cluster}" if offer is not None else "unknown",
                at=self._now(),
                detail={"address": address},
            )
        )
        logger.warning("an enrolment code was refused (from %s)", address)
        return NotAllowed(
            "Mã ghi danh không dùng được: sai, đã dùng hoặc quá 24 giờ. Hãy xin mã mới.",
            "This enrolment code cannot be used: wrong, spent or older than 24 hours. Ask for a new one.",
            code="enrolment_refused",
        )

    async def _cluster(self, cluster: ClusterId) -> Cluster:
        known = await self._inventory.cluster(cluster)
        if known is not None:
            return known
        raise NotFound(f"Không có cụm loa “{cluster}”.", f"No cluster “{cluster}”.")

    async def _unused_code(self) -> Code:
        while True:
            code = new_code()
            if await self._store.find_offer(code.name) is None:
                return code

    async def _next_kid(self, cluster: ClusterId) -> str:
        return f"dev-{cluster}-{len(await self._store.identities(cluster)) + 1}"

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())
