"""Cổng kiểm: the order in which a message must prove itself before anything on this pole obeys it.

Retain flag, size, form, key, signature, the key's duty, topic, addressee, time, epoch, repetition. What fails before
its sender is proven gets no answer and is counted; what fails after is answered with a reason. Every refusal is
counted.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from devices.agent.identity import Identity
from devices.agent.marks import Marks
from devices.agent.timing import Timebase
from devices.errors import BadMessage, SealBroken
from devices.seal import Opened, Trust, unseal
from devices.wire.base import COMMAND_MAX_BYTES, DOCUMENT_MAX_BYTES, Wire, parse
from devices.wire.commands import COMMANDS, ClockReply, Command, JournalAck
from devices.wire.documents import ConfigBody, GatewayState, PlanBody, SilenceBody
from devices.wire.topics import Down, Topics

logger = logging.getLogger(__name__)

FROM_FUTURE_MS = 30_000
LONGEST_LIFE_MS = 86_400_000
"""A command that claims to live longer than a day is not one."""

DOCUMENTS: dict[str, type[Wire]] = {"config": ConfigBody, "plan": PlanBody, "silence": SilenceBody}
NOTES: dict[str, type[Wire]] = {"journal_ack": JournalAck, "clock": ClockReply, "gateway": GatewayState}
"""Harmless when repeated: they carry their own check, or say what stays true."""
_HARMLESS = frozenset(NOTES) | {"resync"}
_ABOUT_THE_JOURNAL = frozenset({"journal_ack", "resync"})
_EMERGENCIES = frozenset({"emergency", "emergency_end"})
_ORDERS = frozenset(COMMANDS)

_ALLOWED_ON: dict[Down, frozenset[str]] = {
    Down.CONFIG: frozenset({"config"}),
    Down.PLAN: frozenset({"plan"}),
    Down.SILENCE: frozenset({"silence"}),
    Down.GATEWAY: frozenset({"gateway"}),
    Down.CLOCK: frozenset({"clock"}),
    Down.COMMAND: _ORDERS | {"journal_ack"},  # an emergency is sent again here to a cluster that comes online
    Down.ZONE: _ORDERS - _EMERGENCIES,
    Down.EMERGENCY: _EMERGENCIES,
}
_MAY_BE_RETAINED = frozenset({Down.CONFIG, Down.PLAN, Down.SILENCE, Down.GATEWAY})


@dataclass(frozen=True)
class Admitted:
    """Proven, for this pole, for now, and new."""

    opened: Opened
    body: Wire
    sealed: bytes

    @property
    def jti(self) -> str:
        return self.opened.envelope.jti


@dataclass(frozen=True)
class Rejected:
    """Proven, and refused: the sender is told why."""

    jti: str
    typ: str
    why: str


@dataclass(frozen=True)
class Repeated:
    """Answered before: the same answer goes out again."""

    jti: str


Verdict = Admitted | Rejected | Repeated


class Gate:
    """Checks messages for one pole during one boot."""

    def __init__(
        self,
        *,
        identity: Identity,
        marks: Marks,
        timebase: Timebase,
        nonce: str,
        trust: Callable[[str, bytes], Trust],
        audiences: Callable[[], frozenset[str]],
        is_seen: Callable[[str], bool],
    ) -> None:
        """``trust`` gives the keys believed for a message of ``typ``; ``nonce`` was drawn at this boot."""
        self._topics = Topics(identity.site)
        self._marks = marks
        self._timebase = timebase
        self._nonce = nonce
        self._trust = trust
        self._audiences = audiences
        self._is_seen = is_seen
        self.drops: Counter[str] = Counter()
        """Refused without an answer, by reason, since boot."""
        self.rejections: Counter[str] = Counter()
        """Refused with an answer, by reason, since boot."""

    def check(self, topic: str, payload: bytes, *, retain: bool) -> Verdict | None:
        """Judge one message; ``None``: it was dropped and counted, or says nothing that needs a seal."""
        try:
            kind = self._topics.to_cluster(topic)
            if kind is Down.GATEWAY and payload.startswith(b"{"):
                return None  # the gateway's will: unsealed, so nothing follows from it
            return self._prove(kind, payload, retain=retain)
        except SealBroken as error:
            reason = error.reason
        except BadMessage as error:
            logger.info("unreadable message on %s: %s", topic, error)
            reason = "malformed"
        self.drops[reason] += 1
        if self.drops[reason] == 1:
            logger.warning("a message on %s was refused: %s (further ones are counted)", topic, reason)
        return None

    def reject(self, jti: str, typ: str, why: str) -> Rejected:
        """Refuse, with an answer, and count it."""
        self.rejections[why] += 1
        return Rejected(jti, typ, why)

    def _prove(self, kind: Down, payload: bytes, *, retain: bool) -> Verdict:
        """Raise for what gets no answer, return for what does.

        Raises:
            SealBroken: as :func:`devices.seal.unseal`; ``retained_command``, ``wrong_topic``, ``not_for_me``.
        """
        if retain and kind not in _MAY_BE_RETAINED:
            raise SealBroken("retained_command")
        document = kind in _MAY_BE_RETAINED
        limit = DOCUMENT_MAX_BYTES if document else COMMAND_MAX_BYTES
        opened = unseal(payload, self._trust(kind.value, payload), max_bytes=limit)
        if opened.typ not in _ALLOWED_ON[kind]:
            raise SealBroken("wrong_topic")  # or a play kept on the plan's topic would be obeyed at every reconnect
        if opened.envelope.aud not in self._audiences():
            raise SealBroken("not_for_me")
        return self._judge(opened, payload)

    def _judge(self, opened: Opened, payload: bytes) -> Verdict:
        envelope = opened.envelope
        model = DOCUMENTS.get(opened.typ) or NOTES.get(opened.typ) or COMMANDS[opened.typ]
        try:
            body: Wire = parse(model, envelope.body)
        except BadMessage as error:
            logger.info("%s: %s", opened.typ, error)
            return self.reject(envelope.jti, opened.typ, "malformed")
        admitted = Admitted(opened, body, payload)
        if opened.typ in _ABOUT_THE_JOURNAL and self._is_old(opened):
            return self.reject(envelope.jti, opened.typ, "expired")
        if opened.typ in DOCUMENTS or opened.typ in _HARMLESS:
            return admitted
        late = self._untimely(opened, body)
        if late is not None:
            return self.reject(envelope.jti, opened.typ, late)
        if envelope.epoch < self._marks.epochs.get(opened.kid, 0):
            return self.reject(envelope.jti, opened.typ, "old_epoch")
        return Repeated(envelope.jti) if self._is_seen(envelope.jti) else admitted

    def _is_old(self, opened: Opened) -> bool:
        exp_ms = opened.envelope.exp_ms
        return self._timebase.state().trusted and exp_ms is not None and exp_ms < self._timebase.utc_ms()

    def _untimely(self, opened: Opened, body: Wire) -> str | None:
        """Tell why this is not the time for a command, or ``None``."""
        envelope = opened.envelope
        if not self._timebase.state().trusted:
            # a recording of an old evening must not sound at a reboot in 1970
            return None if isinstance(body, Command) and body.nonce == self._nonce else "clock_unsynced"
        now_ms = self._timebase.utc_ms()
        if envelope.exp_ms is None or envelope.exp_ms < now_ms or envelope.exp_ms - envelope.iat_ms > LONGEST_LIFE_MS:
            return "expired"
        return "from_future" if envelope.iat_ms > now_ms + FROM_FUTURE_MS else None
