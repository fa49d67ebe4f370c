"""Quy chế đang áp dụng: the adopted policy pack, and its seal by the root key that every pole checks for itself."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from devices.clock import Clock, epoch_ms, instant
from devices.errors import SealBroken
from devices.model import NO_RULES_NO_SOUND, PERMITS_AT_MOST, AirRules, Permit
from devices.wire.documents import PolicyDocument
from devices.wire.rules import document_of
from gateway.domain.errors import BadInput, NotAllowed, Problem, WrongState
from gateway.domain.ids import UserId
from gateway.domain.out_of_hours import OutOfHours, read_out_of_hours
from gateway.domain.people import Permission, expect
from gateway.domain.policy_compare import loosens
from gateway.domain.policy_pack import PolicyPack, parse_policy
from gateway.ports.records import AuditNote
from gateway.ports.store import Values
from gateway.services.actor import Actor
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged
from gateway.services.second_person import SecondPerson

_ADOPTED, _PROPOSED = "policy.adopted", "policy.proposed"
PROPOSAL_LIVES = timedelta(days=7)
"""Longer, and nobody remembers what the first person had in mind."""

SealPolicy = Callable[[PolicyDocument], str]
"""Seals with the root key. Raises SealBroken or OSError when the key is not at hand."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Đề nghị ban hành: rules that allow more than those in force, and wait for a second person."""

    pack: PolicyPack
    by: str
    at: datetime

    @property
    def mark(self) -> str:
        """What tells it from every other one: who decides says which one was looked at."""
        text = json.dumps([self.pack.to_document(), self.by, epoch_ms(self.at)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Rulebook:
    """What the ward obeys. Until something is adopted, nothing but an emergency may sound."""

    def __init__(
        self, *, values: Values, seal: SealPolicy, changed: Callable[[str], None], second_person: SecondPerson,
        bus: Bus, clock: Clock,
    ) -> None:  # fmt: skip
        self._values = values
        self._seal = seal
        self._changed = changed
        self._second_person = second_person
        self._bus = bus
        self._clock = clock
        self._pack: PolicyPack | None = None
        self._sealed: str | None = None
        self._proposal: Proposal | None = None
        self._permits: tuple[OutOfHours, ...] = ()
        self._permits_rev = 0
        self._rules = NO_RULES_NO_SOUND
        self._one_at_a_time = asyncio.Lock()  # two decisions at once must not take the same version

    async def load(self) -> None:
        """Read what was adopted. Once, at start."""
        kept = await self._values.get(_ADOPTED)
        if kept is not None:
            self._hold(parse_policy(kept["pack"]), str(kept["sealed"]), *_permits_kept(kept))
        asked = await self._values.get(_PROPOSED)
        if asked is not None:
            self._proposal = Proposal(pack=parse_policy(asked["pack"]), by=asked["by"], at=instant(asked["at_ms"]))

    def _hold(self, pack: PolicyPack, sealed: str, permits: tuple[OutOfHours, ...], rev: int) -> None:
        self._pack, self._sealed, self._permits, self._permits_rev = pack, sealed, permits, rev
        self._rules = _with(pack.rules, permits, rev)

    @property
    def pack(self) -> PolicyPack | None:
        """The adopted pack, with its source in words."""
        return self._pack

    @property
    def rules(self) -> AirRules:
        """What everything is checked against."""
        return self._rules

    @property
    def permits(self) -> tuple[OutOfHours, ...]:
        """Giấy phép phát ngoài giờ that two people gave and whose hour is not over."""
        now = instant(self._clock.now_ms())
        return tuple(each for each in self._permits if not each.is_over(now))

    @property
    def sealed(self) -> str | None:
        """The policy document as the root key sealed it, for the clusters' configuration."""
        return self._sealed

    @property
    def proposal(self) -> Proposal | None:
        """What one person wants to adopt and a second one must."""
        proposal = self._proposal
        if proposal is None or instant(self._clock.now_ms()) - proposal.at > PROPOSAL_LIVES:
            return None
        return proposal if proposal.pack.rules.version > self.rules.version else None

    async def adopt(self, document: dict[str, Any], *, by: Actor) -> PolicyPack:
        """Ban hành. From now on gateway and poles obey it.

        Rules that allow more than those in force (domain.md row 16: out of hours needs two people) are only noted as
        :attr:`proposal`, and come into force when another person adopts the very same document. Return what was read;
        it is in force when it is :attr:`pack`.

        Raises:
            NotAllowed: without the right to adopt rules.
            BadInput: every mistake in the document.
            WrongState: it is not newer than the one in force, or the root key is not at hand.
        """
        expect(by, Permission.ADOPT_POLICY)
        pack = parse_policy(document)
        async with self._one_at_a_time:
            self._expect_newer(pack)
            if not loosens(self.rules, pack.rules):
                return await self._adopt(pack, actor=by.id)
            first = self.proposal
            if first is None or first.pack != pack or first.by == by.id:
                return (await self._propose(pack, by=by)).pack
            await self._second_person.expect(first.by, by.id, settling_in=True)
            return await self._adopt(pack, actor=by.id, proposed_by=first.by)

    async def propose(self, document: dict[str, Any], *, by: Actor) -> Proposal:
        """Đề nghị ban hành, and change nothing yet: what it would do is looked at first. It takes the last one's place.

        Raises:
            NotAllowed, BadInput: as :meth:`adopt`.
            WrongState: it is not newer than the one in force.
        """
        expect(by, Permission.ADOPT_POLICY)
        pack = parse_policy(document)
        async with self._one_at_a_time:
            self._expect_newer(pack)
            return await self._propose(pack, by=by)

    def needs_another(self, proposal: Proposal, by: Actor) -> bool:
        """Tell whether somebody else than ``by`` has to adopt it: it allows more, and it is theirs."""
        return proposal.by == by.id and loosens(self.rules, proposal.pack.rules)

    async def adopt_proposed(self, mark: str, *, by: Actor) -> PolicyPack:
        """Ban hành what waits, if it is still the one with ``mark``.

        Raises:
            NotAllowed: without the right to adopt rules; or it allows more, and ``by`` proposed it or is in one hand
                with who did.
            WrongState: nothing waits, it is another one by now, or the root key is not at hand.
        """
        expect(by, Permission.ADOPT_POLICY)
        async with self._one_at_a_time:
            proposal = self._expect_proposal(mark)
            if self.needs_another(proposal, by):
                raise NotAllowed(
                    "Quy chế này cho phép nhiều hơn: người khác phải ban hành.",
                    "These rules allow more: somebody else has to adopt them.",
                    code="second_person",
                )
            if loosens(self.rules, proposal.pack.rules):
                await self._second_person.expect(proposal.by, by.id, settling_in=True)
            return await self._adopt(proposal.pack, actor=by.id, proposed_by=proposal.by)

    async def refuse(self, mark: str, *, why: str, by: Actor) -> None:
        """Không ban hành, or take one's own back: the rules stay as they are, so one person is enough.

        Raises:
            NotAllowed: without the right to adopt rules.
            WrongState: nothing waits, or it is another one by now.
            BadInput: it is somebody else's, and no reason is given.
        """
        expect(by, Permission.ADOPT_POLICY)
        async with self._one_at_a_time:
            proposal = self._expect_proposal(mark)
            if proposal.by != by.id and not why.strip():
                raise BadInput([Problem(code="empty", vi="cần ghi vì sao", en="needs a reason", path="why")])
            detail = {"version": proposal.pack.rules.version, "proposed_by": proposal.by, "why": why.strip()}
            note = AuditNote(
                actor=by.id,
                action="policy.refuse",
                subject=proposal.pack.rules.name,
                at=instant(self._clock.now_ms()),
                detail=detail,
            )
            await self._values.set(_PROPOSED, None, note=note)
            self._proposal = None
            self._bus.publish(ContentChanged(what="policy", id=proposal.pack.rules.name))

    def _expect_proposal(self, mark: str) -> Proposal:
        proposal = self.proposal
        if proposal is None:
            raise WrongState("Không có đề nghị ban hành nào.", "No rules wait to be adopted.", code="no_proposal")
        if proposal.mark != mark:
            raise WrongState(
                "Đề nghị đã đổi. Hãy xem lại rồi quyết định.",
                "Other rules wait by now. Look at them before you decide.",
                code="other_proposal",
            )
        return proposal

    async def _propose(self, pack: PolicyPack, *, by: Actor) -> Proposal:
        at = instant(self._clock.now_ms())
        note = AuditNote(
            actor=by.id,
            action="policy.propose",
            subject=pack.rules.name,
            at=at,
            detail={"version": pack.rules.version, "source": pack.source},
        )
        kept: dict[str, Any] = {"pack": pack.to_document(), "by": by.id, "at_ms": epoch_ms(at)}
        await self._values.set(_PROPOSED, kept, note=note)
        self._proposal = proposal = Proposal(pack=pack, by=by.id, at=instant(kept["at_ms"]))
        self._bus.publish(ContentChanged(what="policy", id=pack.rules.name))
        return proposal

    async def adopt_first(self, document: dict[str, Any]) -> None:
        """Adopt the pack that came with the product, on a ward that has none yet.

        Raises:
            BadInput, WrongState: as :meth:`adopt`.
        """
        if self._pack is None:
            await self._adopt(parse_policy(document), actor="system")

    async def permit(self, granted: OutOfHours, *, by: Actor) -> None:
        """Put into force what a second person granted: the same rules, sealed anew with the permit in them.

        Raises:
            NotAllowed: without the right to adopt rules, or it is not the decision of two people.
            WrongState: there are no rules yet, too many permits stand, or the root key is not at hand.
        """
        expect(by, Permission.ADOPT_POLICY)
        if granted.granted_by in {None, granted.asked_by}:
            raise NotAllowed("Phát ngoài giờ cần hai người.", "Out of hours needs two people.", code="second_person")
        async with self._one_at_a_time:
            standing = tuple(each for each in self.permits if each.id != granted.id)
            if len(standing) >= PERMITS_AT_MOST:
                raise WrongState(
                    f"Đã có {PERMITS_AT_MOST} giấy phép phát ngoài giờ. Hãy sửa quy chế nếu cần nhiều hơn.",
                    f"{PERMITS_AT_MOST} permits stand. Who needs more needs other rules.",
                    code="too_many_permits",
                )
            await self._reissue(
                (*standing, granted), actor=by.id, action="hours.grant", subject=granted.id, detail=granted.to_json()
            )

    async def withdraw(self, name: str, *, actor: str) -> bool:
        """Take a permit out of the rules again; one person is enough. Tell whether it stood.

        Raises:
            WrongState: the root key is not at hand.
        """
        async with self._one_at_a_time:
            left = tuple(each for each in self.permits if each.id != name)
            if len(left) == len(self.permits):
                return False
            await self._reissue(left, actor=actor, action="hours.end", subject=name, detail={})
            return True

    async def take_back(self, rules: AirRules, sealed: str, *, shown_by: str) -> bool:
        """Put back into force what the ward had decided and a restored backup forgot. Tell whether it was newer.

        ``rules`` are what the root key sealed in ``sealed``: only people of this ward can have adopted them, so that
        nobody is asked again, nothing is sealed anew, and no version is used up. ``shown_by``: the cluster that kept
        them, or several.

        Raises:
            StoreFailed, BadInput: nothing changed.
        """
        async with self._one_at_a_time:
            if (rules.version, rules.permits_rev) <= (self.rules.version, self.rules.permits_rev):
                return False
            at = instant(self._clock.now_ms())
            pack = _pack_of(rules, self._pack, at)
            permits = tuple(self._permit_behind(permit, at) for permit in rules.permits)
            note = AuditNote(
                actor="system",
                action="policy.take_back",
                subject=rules.name,
                at=at,
                detail={"version": rules.version, "permits_rev": rules.permits_rev, "shown_by": shown_by},
            )
            await self._keep(pack, permits, rules.permits_rev, sealed, note)
            return True

    def _permit_behind(self, permit: Permit, at: datetime) -> OutOfHours:
        for known in self._permits:
            if known.permit == permit:
                return known
        return OutOfHours(
            id=f"lay-lai-{epoch_ms(permit.start)}-{epoch_ms(permit.end)}",
            start=permit.start,
            end=permit.end,
            reason="Hai người đã cho phép trước khi phục hồi bản sao lưu; lý do nằm trong dữ liệu đã mất.",
            asked_by=UserId("system"),
            asked_at=at,
            granted_by=UserId("system"),
            granted_at=at,
        )

    async def _reissue(
        self, permits: tuple[OutOfHours, ...], *, actor: str, action: str, subject: str, detail: dict[str, Any]
    ) -> None:
        pack = self._pack
        if pack is None:
            raise WrongState("Phường chưa ban hành quy chế phát.", "No air rules are adopted yet.", code="no_policy")
        at = instant(self._clock.now_ms())
        note = AuditNote(actor=actor, action=action, subject=subject, at=at, detail=detail)
        # by the clock, so that it grows over a restored backup too; and by one where the clock was set back
        rev = max(self._permits_rev + 1, epoch_ms(at))
        await self._put_in_force(pack, permits, rev, note)

    def _expect_newer(self, pack: PolicyPack) -> None:
        if pack.rules.version <= self.rules.version:
            raise WrongState(
                f"Phiên bản quy chế phải lớn hơn {self.rules.version}: cụm loa không nhận bản cũ.",
                f"The version must be above {self.rules.version}: clusters refuse an older one.",
                code="old_policy",
            )

    async def _adopt(self, pack: PolicyPack, *, actor: str, proposed_by: str = "") -> PolicyPack:
        self._expect_newer(pack)
        note = AuditNote(
            actor=actor,
            action="policy.adopt",
            subject=pack.rules.name,
            at=instant(self._clock.now_ms()),
            detail={"version": pack.rules.version, "source": pack.source, "proposed_by": proposed_by},
        )
        await self._put_in_force(pack, self.permits, self._permits_rev, note)
        return pack

    async def _put_in_force(self, pack: PolicyPack, permits: tuple[OutOfHours, ...], rev: int, note: AuditNote) -> None:
        try:
            sealed = self._seal(document_of(_with(pack.rules, permits, rev)))
        except (SealBroken, OSError) as error:
            raise WrongState(
                "Không có khóa gốc để ký quy chế. Hãy cắm USB chứa khóa gốc.",
                "The root key that signs the rules is not at hand. Plug in the stick that holds it.",
                code="no_root_key",
            ) from error
        await self._keep(pack, permits, rev, sealed, note)

    async def _keep(
        self, pack: PolicyPack, permits: tuple[OutOfHours, ...], rev: int, sealed: str, note: AuditNote
    ) -> None:
        kept = {
            "pack": pack.to_document(),
            "sealed": sealed,
            "permits": [each.to_json() for each in permits],
            "permits_rev": rev,
        }
        await self._values.set(_ADOPTED, kept, note=note)
        self._hold(pack, sealed, permits, rev)
        self._changed("policy adopted")
        self._bus.publish(ContentChanged(what="policy", id=pack.rules.name))


def rules_kept(kept: Mapping[str, Any]) -> AirRules:
    """Return the rules in force out of what the store keeps of them."""
    return _with(parse_policy(kept["pack"]).rules, *_permits_kept(kept))


def _pack_of(rules: AirRules, known: PolicyPack | None, at: datetime) -> PolicyPack:
    """Give rules that came back without their pack the words that people read.

    Raises:
        BadInput: they would not be read again at the next start.
    """
    same = known if known is not None and known.rules.name == rules.name else None
    bare = PolicyPack(
        rules=replace(rules, permits=(), permits_rev=0),
        title_vi=same.title_vi if same else rules.name,
        title_en=same.title_en if same else rules.name,
        source="Lấy lại từ cụm loa sau khi phục hồi bản sao lưu / taken back from a cluster after a restore",
        valid_from=at.astimezone(ZoneInfo(rules.zone)).date(),
    )
    return parse_policy(bare.to_document())


def _permits_kept(kept: Mapping[str, Any]) -> tuple[tuple[OutOfHours, ...], int]:
    return tuple(map(read_out_of_hours, kept.get("permits", []))), int(kept.get("permits_rev", 0))


def _with(rules: AirRules, permits: tuple[OutOfHours, ...], rev: int) -> AirRules:
    return replace(rules, permits=tuple(each.permit for each in permits), permits_rev=rev)
