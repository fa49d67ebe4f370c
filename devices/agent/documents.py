"""Hồ sơ trên loa: configuration, plan, policy, keys and the kill switch, kept sealed and checked again at every boot.

A document replaces the one before it only with a greater ``(epoch, seq)`` from a key the root vouches for. The policy
and the key list carry the root's own seal and versions that only grow, whoever delivers them: an older one is left
aside, and shown to the gateway what is here instead (ADR 0021).
"""

import base64
import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from devices.agent.disk import Disk
from devices.agent.gate import Admitted
from devices.agent.identity import Identity
from devices.agent.marks import Marks, Version
from devices.errors import BadMessage, SealBroken
from devices.model import NO_RULES_NO_SOUND, AirRules, ZoneId
from devices.seal import Opened, Trust, unseal
from devices.wire.base import DOCUMENT_MAX_BYTES, Wire, parse
from devices.wire.documents import ConfigBody, KeyList, KeyRole, PlanBody, PlanEntry, PolicyDocument, SilenceBody
from devices.wire.rules import rules_of

logger = logging.getLogger(__name__)

W = TypeVar("W", bound=Wire)

_SPEAKING = {KeyRole.GATEWAY, KeyRole.EMERGENCY}


@dataclass(frozen=True)
class Judged:
    """What became of a document: ``why`` is ``None`` when it is in force."""

    why: str | None = None
    changed: bool = False


class Documents:
    """The documents in force on one pole."""

    def __init__(self, *, disk: Disk, folder: Path, identity: Identity, marks: Marks) -> None:
        self._disk = disk
        self._folder = folder
        self._identity = identity
        self._marks = marks
        self._root = Trust.of([identity.root])
        self._everyone = f"all:{identity.site}"
        self._raw: dict[str, bytes] = {}
        self._sealing: dict[str, tuple[str, Version]] = {}
        self.trust = Trust({})
        self.rules: AirRules = NO_RULES_NO_SOUND
        self.config: ConfigBody | None = None
        self.plan: PlanBody | None = None
        self.silent = False
        self.left_over: dict[str, int] = {}
        """Occurrences of earlier plans whose hour had passed with no outcome yet: id to planned start."""
        self.faults: set[str] = set()
        self.offered: dict[str, Version] = {}
        """What the root key's documents in the newest configuration offered were: ``keys``, ``policy`` to a version."""

    # -- reading them back -------------------------------------------------------------------------------------------

    def load(self, *, marks_damaged: bool) -> None:
        """Read what is on disk and check every seal again. What does not hold is set aside and said."""
        self._read_keys()
        policy = self._open_kept("policy", self._root)
        if policy is not None:
            self._use_policy(policy)
        config = self._open_kept("config", self.trust)
        if config is not None:
            self._recall("config", config)
            self.config = self._body(ConfigBody, config)
            self._recall_offer(self.config)
        plan = self._open_kept("plan", self.trust)
        if plan is not None:
            self._recall("plan", plan)
            self.plan = self._body(PlanBody, plan)
        self._read_silence(marks_damaged=marks_damaged)
        self._read_left_over()

    def _read_keys(self) -> None:
        newest = self._open_kept("keys", self._root)
        try:
            enrolled = unseal(self._identity.keys.encode(), self._root, max_bytes=DOCUMENT_MAX_BYTES)
            self._use_keys(parse(KeyList, enrolled.envelope.body))
        except (SealBroken, BadMessage) as error:
            logger.error("the key list of the enrolment does not hold: %s", error)  # noqa: TRY400 - said, not traced
        if newest is not None:
            self._use_keys(parse(KeyList, newest.envelope.body))

    def _open_kept(self, kind: str, trust: Trust) -> Opened | None:
        path = self._path(kind)
        if not path.exists():
            return None
        try:
            raw = path.read_bytes()
            opened = _reopen(raw, kind, trust)
        except (OSError, SealBroken, BadMessage) as error:
            self.faults.add(f"{kind}_damaged")
            self._disk.set_aside(path, f"the kept {kind} does not hold ({error})")
            return None
        self._raw[kind] = raw
        return opened

    def _recall(self, kind: str, opened: Opened) -> None:
        version = opened.envelope.epoch, opened.envelope.seq
        self._sealing[kind] = opened.kid, version
        self._marks.note_document(kind, opened.kid, version)

    def _recall_offer(self, config: ConfigBody) -> None:
        """Know again, after a boot, that the configuration in force brought an older policy or key list."""
        with contextlib.suppress(SealBroken, BadMessage):  # of another root: then it was no offer
            self._check_keys(config.keys)
            if config.policy is not None:
                self._check_policy(config.policy)

    @staticmethod
    def _body(model: type[W], opened: Opened) -> W:
        body: W = parse(model, opened.envelope.body)
        return body

    def _read_silence(self, *, marks_damaged: bool) -> None:
        there = self._path("silence").exists()
        silence = self._open_kept("silence", self.trust)
        if silence is not None:
            self._recall("silence", silence)
            self.silent = self._body(SilenceBody, silence).silent
        elif there:
            # unreadable: silent if the second copy says so, or if nothing can say otherwise
            self.silent = self._marks.silent or marks_damaged
        else:
            self.silent = self._marks.silent

    def _read_left_over(self) -> None:
        path = self._folder / "left-over.json"
        if not path.exists():
            return
        try:
            self.left_over = {str(occ): int(want_ms) for occ, want_ms in json.loads(path.read_bytes()).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            self._disk.set_aside(path, "the list of missed plays cannot be read")
            self.faults.add("left_over_damaged")

    # -- taking new ones ---------------------------------------------------------------------------------------------

    def trust_for(self, kind: str, payload: bytes) -> Trust:
        """Return whom to believe for a message of ``kind``.

        A configuration may be sealed by a key this pole has not heard of because it was off while keys were changed:
        the key list inside, which only the root can seal, then introduces it.
        """
        if kind != "config":
            return self.trust
        newer = self._list_inside(payload)
        return self.trust if newer is None else _believed(newer)

    def _list_inside(self, payload: bytes) -> KeyList | None:
        try:
            body = _unchecked(payload)["body"]
            return self._check_keys(str(body["keys"]))
        except (ValueError, LookupError, TypeError, RecursionError, SealBroken, BadMessage):
            return None

    def accept(self, admitted: Admitted, *, has_outcome: Callable[[str], bool], now_ms: int | None) -> Judged:
        """Put a proven document in force. Blocking: files are written. ``now_ms`` is ``None`` without a trusted clock.

        Raises:
            DiskFailed: the one before it stays in force, except that an order to be silent holds until the power goes.
        """
        kind = admitted.opened.typ
        version = admitted.opened.envelope.epoch, admitted.opened.envelope.seq
        if admitted.sealed == self._raw.get(kind):
            return Judged()  # the retained copy again, as at every reconnect
        if not self._marks.is_newer(kind, admitted.opened.kid, version):
            return Judged("rollback")
        refused: str | None = None
        if isinstance(admitted.body, ConfigBody):
            refused = self._take_config(admitted.body)
        elif isinstance(admitted.body, PlanBody):
            self._leave_over(admitted.body, has_outcome, now_ms)
        elif isinstance(admitted.body, SilenceBody) and admitted.body.silent:
            self.silent = self._marks.silent = True  # first of all: a full disk must not keep the horns going
        if refused is not None:
            return Judged(refused)
        self._disk.put(self._path(kind), admitted.sealed)
        self._raw[kind] = admitted.sealed
        self._sealing[kind] = admitted.opened.kid, version
        self._marks.note_document(kind, admitted.opened.kid, version)
        if isinstance(admitted.body, ConfigBody):
            self.config = admitted.body
        elif isinstance(admitted.body, PlanBody):
            self.plan = admitted.body
        elif isinstance(admitted.body, SilenceBody):
            self.silent = self._marks.silent = admitted.body.silent
        self._marks.save(self._disk, self._folder)
        self.faults.discard(f"{kind}_damaged")
        return Judged(changed=True)

    def _take_config(self, body: ConfigBody) -> str | None:
        """Take the newer of what it brings and what is here; return why none of it can be taken.

        A gateway restored from a backup is still the gateway: volume and zone do not wait for its older policy to be
        sorted out. The policy and the key list that are here stay, and the birth says so.
        """
        try:
            keys = self._check_keys(body.keys)
            policy = self._check_policy(body.policy) if body.policy is not None else None
        except SealBroken as error:
            return error.reason
        except BadMessage:
            return "malformed"
        if keys is not None:
            if keys.version > self._marks.keys_version or "keys" not in self._raw:
                self._keep("keys", body.keys.encode())
            self._use_keys(keys)
        if body.policy is not None and policy is not None:
            self._keep("policy", body.policy.encode())
            self.rules = policy
            self._marks.policy_version = policy.version
        return None

    def _check_keys(self, sealed: str) -> KeyList | None:
        """Return the list, or ``None`` when it is older than the one here: it would bring a retired key back.

        Raises:
            SealBroken, BadMessage: it is not the root key's, or not for this ward.
        """
        opened = self._by_root(sealed, "keys")
        keys: KeyList = parse(KeyList, opened.envelope.body)
        if keys.site != self._identity.site:
            raise SealBroken("not_for_me")
        self.offered["keys"] = keys.version, 0
        return keys if keys.version >= self._marks.keys_version else None

    def _check_policy(self, sealed: str) -> AirRules | None:
        """Return the rules, or ``None`` when they are older than those here: of two, the newer decision holds.

        Raises:
            SealBroken, BadMessage: they are not the root key's, or unusable.
        """
        policy: PolicyDocument = parse(PolicyDocument, self._by_root(sealed, "policy").envelope.body)
        rules = rules_of(policy)
        self.offered["policy"] = rules.version, rules.permits_rev
        if rules.version < self._marks.policy_version:
            return None
        # the same rules with an older number would bring back a permit that was taken back, or lose one given since
        known = self.rules.version == rules.version and self.rules.permits_rev > rules.permits_rev
        return None if known else rules

    def _by_root(self, sealed: str, typ: str) -> Opened:
        opened = unseal(sealed.encode(), self._root, max_bytes=DOCUMENT_MAX_BYTES)
        if opened.typ != typ or opened.envelope.aud != self._everyone:
            raise SealBroken("not_for_me")
        return opened

    def _use_keys(self, keys: KeyList) -> None:
        if keys.version >= self._marks.keys_version:
            self._marks.keys_version = keys.version
            self.trust = _believed(keys)

    def _use_policy(self, opened: Opened) -> None:
        try:
            rules = rules_of(parse(PolicyDocument, opened.envelope.body))
        except BadMessage as error:
            logger.error("the kept policy is unusable: %s", error)  # noqa: TRY400 - said, not traced
            self.faults.add("policy_damaged")
            return
        self.rules = rules
        self._marks.policy_version = max(self._marks.policy_version, rules.version)

    def _leave_over(self, plan: PlanBody, has_outcome: Callable[[str], bool], now_ms: int | None) -> None:
        """Keep what the old plan still owes: its hour has passed, and nobody has said what became of it."""
        named = {entry.occ for entry in plan.entries}
        old = {entry.occ: entry.start_at_ms for entry in (self.plan.entries if self.plan else ())}
        owed = {
            occ: start_ms
            for occ, start_ms in {**self.left_over, **old}.items()
            if occ not in named and start_ms < (plan.from_ms if now_ms is None else now_ms) and not has_outcome(occ)
        }
        if owed != self.left_over:
            self._disk.put(self._folder / "left-over.json", json.dumps(owed).encode())
            self.left_over = owed

    def _keep(self, kind: str, raw: bytes) -> None:
        if self._raw.get(kind) != raw:
            self._disk.put(self._path(kind), raw)
            self._raw[kind] = raw

    def _path(self, kind: str) -> Path:
        return self._folder / f"{kind}.jws"

    # -- what they say -----------------------------------------------------------------------------------------------

    @property
    def held_policy(self) -> Version:
        """Return the newest ``(version, permits_rev)`` ever taken; a damaged file does not make it older."""
        rev = self.rules.permits_rev if self.rules.version == self._marks.policy_version else 0
        return self._marks.policy_version, rev

    @property
    def newer_policy(self) -> str | None:
        """Return the policy here, as the root key sealed it, while an older one is offered."""
        return self._newer("policy", (self.rules.version, self.rules.permits_rev))

    @property
    def newer_keys(self) -> str | None:
        """Return the key list here, as the root key sealed it, while an older one is offered."""
        return self._newer("keys", (self._marks.keys_version, 0))

    def _newer(self, kind: str, held: Version) -> str | None:
        offered, raw = self.offered.get(kind), self._raw.get(kind)
        return raw.decode() if raw is not None and offered is not None and held > offered else None

    @property
    def zones(self) -> tuple[ZoneId, ...]:
        """Return the zones this pole is in, by the newest signed word."""
        if self.config is None:
            return self._identity.zones
        return tuple(ZoneId(zone) for zone in self.config.zones)

    def audiences(self) -> frozenset[str]:
        """Return every ``aud`` that means this pole."""
        return frozenset(
            {f"cluster:{self._identity.cluster}", self._everyone, *(f"zone:{zone}" for zone in self.zones)}
        )

    def seq_of(self, kind: str) -> int:
        """Return the ``seq`` of the document in force, or 0."""
        return self._sealing[kind][1][1] if kind in self._sealing else 0

    @property
    def entries(self) -> tuple[PlanEntry, ...]:
        return self.plan.entries if self.plan is not None else ()


_BODIES: dict[str, type[Wire]] = {
    "keys": KeyList,
    "policy": PolicyDocument,
    "config": ConfigBody,
    "plan": PlanBody,
    "silence": SilenceBody,
}


def _reopen(raw: bytes, kind: str, trust: Trust) -> Opened:
    opened = unseal(raw, trust, max_bytes=DOCUMENT_MAX_BYTES)
    if opened.typ != kind:
        raise SealBroken("malformed")
    parse(_BODIES[kind], opened.envelope.body)
    return opened


def _believed(keys: KeyList) -> Trust:
    return Trust.of(entry for entry in keys.keys if entry.role in _SPEAKING)


def _unchecked(payload: bytes) -> dict[str, Any]:
    """Read a payload without believing it, to find the root's seal inside.

    Raises:
        ValueError, IndexError: it is not a sealed message.
    """
    if len(payload) > DOCUMENT_MAX_BYTES:
        raise ValueError("too big")
    part = payload.split(b".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))))
