"""Sau khi phục hồi: finds out that poles hold a newer policy or key list than this gateway remembers, and heals it.

A restored backup forgets what the ward decided since. Poles never go back, so that gateway and poles would disagree for
good. A pole's word alone moves nothing here, whatever number it names: only what the root key sealed does, and that a
stolen pole can pass on but not make. ADR 0021.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from devices.clock import Clock
from devices.errors import BadMessage, SealBroken
from devices.model import AirRules, ClusterId
from devices.seal import Trust, unseal
from devices.wire.base import DOCUMENT_MAX_BYTES, parse
from devices.wire.documents import KeyList, PolicyDocument
from devices.wire.rules import rules_of
from gateway.domain.errors import BadInput
from gateway.ports.records import Severity
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.fleet import Fleet
from gateway.services.monitor import Monitor
from gateway.services.presence import Live
from gateway.services.rulebook import Rulebook
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
UNPROVEN_AFTER_S = 120.0
"""A pole shows its seal as soon as it is offered an older document, which takes seconds."""
BELIEVABLE_STEP = 1_000
"""Nobody adopts a thousand versions between two backups: a claim above that is no reason to skip so many."""
_MOST_NAMED = 5
_CLAIMS = "claims-newer:"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Authority:
    """What this gateway holds of the keys: asked anew each time, since keys change while it runs."""

    site: str
    root: Callable[[], Trust]
    """The root key's public half alone."""
    version: Callable[[], int]
    """Of the key list in force."""
    renew: Callable[[KeyList], Awaitable[str]]
    """Makes a new gateway key above a proven list, has it used, returns its name. SealBroken, OSError: no root key."""


class AfterRestore:
    """Looks at what clusters show, and remembers which seals it has checked."""

    def __init__(
        self, *, monitor: Monitor, fleet: Fleet, rulebook: Rulebook, keys: Authority, alarms: AlarmDesk, clock: Clock
    ) -> None:
        self._monitor = monitor
        self._fleet = fleet
        self._rulebook = rulebook
        self._keys = keys
        self._alarms = alarms
        self._clock = clock
        self._policies: dict[ClusterId, tuple[str, AirRules | None]] = {}
        self._lists: dict[ClusterId, tuple[str, KeyList | None]] = {}
        self._claims: dict[ClusterId, int] = {}

    async def run(self, beat: Beat = no_beat) -> None:
        """Look until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Look once.

        Raises:
            StoreFailed: tried again.
        """
        lives = [live for live in self._monitor.all().values() if live.cluster in self._fleet.enrolled]
        await self._heal_policy(lives)
        await self._heal_keys(lives)
        await self._tell_claims(lives)

    # -- the policy --------------------------------------------------------------------------------------------------

    async def _heal_policy(self, lives: Sequence[Live]) -> None:
        shown = {live.cluster: live.newer_policy for live in lives if live.newer_policy is not None}
        proven = _checked(self._policies, shown, self._read_policy)
        unusable: dict[ClusterId, AirRules] = {}
        for age in sorted(set(map(_age, proven.values())), reverse=True):
            holders = [cluster for cluster, rules in proven.items() if _age(rules) == age]
            rules, sealed = proven[holders[0]], shown[holders[0]]
            try:
                taken = await self._rulebook.take_back(rules, sealed, shown_by=self._names(holders))
            except BadInput as error:  # an older one that can be kept is still newer than what a backup remembers
                unusable |= dict.fromkeys(holders, rules)
                logger.warning("rules of version %d cannot be taken back: %s", rules.version, error.en)
                continue
            if taken:
                await self._say_taken_back(rules, self._names(holders))
            break
        await self._say_unusable(unusable)

    async def _say_unusable(self, unusable: Mapping[ClusterId, AirRules]) -> None:
        if not unusable:
            await self._alarms.clear("policy-unusable")
            return
        names, version = self._names(list(unusable)), max(rules.version for rules in unusable.values())
        await self._alarms.raise_(
            "policy-unusable",
            Severity.WARNING,
            f"{names} giữ quy chế phiên bản {version} có dấu khóa gốc mà đài không dùng được. Cần làm: ban hành quy chế"
            f" có phiên bản từ {version + 1}, hoặc cài bản chương trình mới hơn.",
            f"{names}: rules of version {version}, sealed by the root key, that the gateway cannot use. To do: adopt"
            f" rules of version {version + 1} or above, or install a newer program.",
        )

    async def _say_taken_back(self, newest: AirRules, names: str) -> None:
        await self._alarms.raise_(
            "policy-taken-back",
            Severity.WARNING,
            f"Quy chế phiên bản {newest.version} mới hơn bản sao lưu vừa phục hồi: đài đã lấy lại đúng bản có dấu khóa"
            f" gốc mà {names} đang giữ. Hãy đọc lại trang Quy chế phát, sao lưu lại, rồi đóng cảnh báo này.",
            f"The rules of version {newest.version} are newer than the restored backup: taken back from {names}, as"
            " the root key sealed them. Read the rules once more, make a new backup, then close this.",
            again=True,
        )

    def _read_policy(self, sealed: str) -> AirRules:
        policy: PolicyDocument = parse(PolicyDocument, self._by_root(sealed, "policy"))
        return rules_of(policy)

    # -- the key list ------------------------------------------------------------------------------------------------

    async def _heal_keys(self, lives: Sequence[Live]) -> None:
        shown = {live.cluster: live.newer_keys for live in lives if live.newer_keys is not None}
        proven = _checked(self._lists, shown, self._read_keys)
        ours = self._keys.version()
        newer = {cluster: keys for cluster, keys in proven.items() if keys.version > ours}
        if not newer:
            await self._alarms.clear("keys-behind")
            return
        newest = max(newer.values(), key=lambda keys: keys.version)
        names = self._names(list(newer))
        try:
            kid = await self._keys.renew(newest)
        except (SealBroken, OSError) as error:
            logger.warning("no new key above list %d: %s", newest.version, error)
            await self._alarms.raise_(
                "keys-behind",
                Severity.CRITICAL,
                f"{names} giữ danh sách khóa {newest.version}, mới hơn bản sao lưu vừa phục hồi ({ours}), và có thể"
                " không nghe lệnh của đài. Cần làm: lấy USB khóa gốc, chép root.pem vào thư mục keys trong dữ liệu"
                " của đài; đài tự tạo khóa mới trong vài giây.",
                f"{names}: key list {newest.version}, newer than the restored backup's ({ours}); orders may not be"
                " obeyed. To do: copy root.pem from the stick into the data's keys folder; a new key is then made"
                " within seconds.",
            )
            return
        await self._alarms.clear("keys-behind")
        await self._alarms.raise_(
            "keys-renewed",
            Severity.WARNING,
            f"{names} giữ danh sách khóa {newest.version}, mới hơn bản sao lưu vừa phục hồi: đài đã tạo khóa mới {kid},"
            " khóa đã thu hồi không được dùng lại. Hãy sao lưu lại, cất USB khóa gốc, rồi đóng cảnh báo này.",
            f"{names}: key list {newest.version}, newer than the restored backup: the new gateway key {kid} was made;"
            " no retired key came back. Make a new backup, put the root key away, then close this.",
            again=True,
        )

    def _read_keys(self, sealed: str) -> KeyList:
        keys: KeyList = parse(KeyList, self._by_root(sealed, "keys"))
        if keys.site != self._keys.site:
            raise SealBroken("not_for_me")
        return keys

    def _by_root(self, sealed: str, typ: str) -> object:
        opened = unseal(sealed.encode(), self._keys.root(), max_bytes=DOCUMENT_MAX_BYTES)
        if opened.typ != typ or opened.envelope.aud != f"all:{self._keys.site}":
            raise SealBroken("not_for_me")
        return opened.envelope.body

    # -- what nobody can show ----------------------------------------------------------------------------------------

    async def _tell_claims(self, lives: Sequence[Live]) -> None:
        now_ns = self._clock.mono_ns()
        rules, keys_version = self._rulebook.rules, self._keys.version()
        ours = rules.version, rules.permits_rev
        claiming = {live.cluster: live for live in lives if live.online and _claims_more(live, ours, keys_version)}
        self._claims = {cluster: self._claims.get(cluster, now_ns) for cluster in claiming}
        standing = {key for key in self._alarms.standing if key.startswith(_CLAIMS)}
        for cluster, since_ns in self._claims.items():
            standing.discard(f"{_CLAIMS}{cluster}")
            if now_ns - since_ns >= UNPROVEN_AFTER_S * 1e9:
                await self._tell_claim(claiming[cluster])
        for key in sorted(standing):
            await self._alarms.clear(key)

    async def _tell_claim(self, live: Live) -> None:
        name, rules = self._fleet.name(live.cluster), self._rulebook.rules
        held = live.policy[0] if live.policy is not None else 0
        believable = rules.version <= held <= rules.version + BELIEVABLE_STEP
        keys_differ = live.keys_version is not None and live.keys_version > self._keys.version()
        vi = (
            f"{name} nói đang giữ quy chế hoặc danh sách khóa mới hơn của đài nhưng không trình được dấu khóa gốc; đài "
        )
        vi += "không làm theo. "
        en = f"{name} claims a policy or key list newer than the gateway's and shows no seal of the root key; nothing "
        en += "was changed. "
        if believable and not keys_differ:
            vi += f"Nếu cụm này đáng tin: ban hành quy chế có phiên bản từ {held + 1}. Nếu không: thu hồi cụm."
            en += f"If it is to be trusted: adopt rules of version {held + 1} or above. If not: revoke it."
        else:
            vi += "Hãy thu hồi cụm này và ghi danh lại tại chỗ."
            en += "Revoke it and enrol it again on the spot."
        await self._alarms.raise_(f"{_CLAIMS}{live.cluster}", Severity.WARNING, vi, en, cluster=live.cluster)

    def _names(self, clusters: Sequence[ClusterId]) -> str:
        named = [self._fleet.name(cluster) for cluster in sorted(clusters)]
        more = f" (+{len(named) - _MOST_NAMED})" if len(named) > _MOST_NAMED else ""
        return ", ".join(named[:_MOST_NAMED]) + more


def _claims_more(live: Live, policy: tuple[int, int], keys_version: int) -> bool:
    newer_policy = live.policy is not None and live.policy > policy
    return newer_policy or (live.keys_version is not None and live.keys_version > keys_version)


def _age(rules: AirRules) -> tuple[int, int]:
    return rules.version, rules.permits_rev


def _checked(
    known: dict[ClusterId, tuple[str, T | None]], shown: Mapping[ClusterId, str], read: Callable[[str], T]
) -> dict[ClusterId, T]:
    """Return what holds of ``shown``; each seal is checked once."""
    for gone in known.keys() - shown.keys():
        del known[gone]
    found: dict[ClusterId, T] = {}
    for cluster, sealed in shown.items():
        if cluster not in known or known[cluster][0] != sealed:
            known[cluster] = sealed, _read_or_none(cluster, sealed, read)
        proven = known[cluster][1]
        if proven is not None:
            found[cluster] = proven
    return found


def _read_or_none(cluster: ClusterId, sealed: str, read: Callable[[str], T]) -> T | None:
    try:
        return read(sealed)
    except (SealBroken, BadMessage) as error:
        logger.warning("cluster %s shows what the root key did not seal: %s", cluster, error)
        return None
