"""Lệnh điều khiển: stop, pause, resume, next, volume, test tone, reboot. What happened is what the clusters answer."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from devices.clock import Clock, instant
from devices.errors import LinkError, NotDelivered
from devices.model import ClusterId, OccurrenceId, Priority
from devices.wire.commands import Command, Next, Pause, Reboot, Resume, Stop, TestTone, Volume
from gateway.domain.errors import BadInput, PolicyRefusal, Problem
from gateway.domain.people import Permission, expect
from gateway.domain.silence import LONGEST_TEST_TONE, LOUDEST_TEST_TONE_PERCENT
from gateway.domain.targets import Targets
from gateway.ports.clusters import Clusters
from gateway.ports.records import AuditNote, CommandRow
from gateway.services.actor import Actor
from gateway.services.addressing import Letter, letters
from gateway.services.command_log import CommandLog
from gateway.services.fleet import Fleet
from gateway.services.monitor import Monitor
from gateway.services.rulebook import Rulebook

logger = logging.getLogger(__name__)

LIVES_MS = 30_000
"""After this a cluster refuses it: somebody who pressed stop at noon does not stop the evening's broadcast."""
_FULL_PERCENT = 100
_AT_ONCE = 100


def new_jti() -> str:
    """Return a name for one message that will not come twice (96 random bits)."""
    return secrets.token_urlsafe(12)


class Commands:
    """Orders to clusters, zones or the whole ward. Each returns a row per cluster; follow them in the log."""

    def __init__(
        self,
        *,
        clusters: Clusters,
        fleet: Fleet,
        monitor: Monitor,
        log: CommandLog,
        rulebook: Rulebook,
        epoch: Callable[[], int],
        clock: Clock,
        expect_charge: Callable[[], None] = lambda: None,
    ) -> None:
        """``expect_charge`` raises WrongState while another gateway of this ward is in charge."""
        self.expect_charge = expect_charge
        self._clusters = clusters
        self._fleet = fleet
        self._monitor = monitor
        self._log = log
        self._rulebook = rulebook
        self._epoch = epoch
        self._clock = clock

    async def stop(self, targets: Targets, *, by: Actor, occ: OccurrenceId | None = None) -> list[CommandRow]:
        """Dừng ``occ``, or whatever sounds.

        Raises:
            NotAllowed, BadInput: nothing was sent. Never for a store that fails: what silences goes out whatever the
                disk does, and is written down as soon as it can be done.
            WrongState: ``stands_by``: another gateway of this ward is in charge. IM LẶNG works from here too.
        """
        return await self._order("stop", Stop(occ=occ), targets, by=by, needs=Permission.CONTROL_AIR, urgent=True)

    async def pause(self, targets: Targets, *, by: Actor) -> list[CommandRow]:
        """Tạm dừng.

        Raises:
            NotAllowed, BadInput, StoreFailed, WrongState (as :meth:`stop`): nothing was sent.
        """
        return await self._order("pause", Pause(), targets, by=by, needs=Permission.CONTROL_AIR)

    async def resume(self, targets: Targets, *, by: Actor) -> list[CommandRow]:
        """Phát tiếp. Raises as :meth:`pause`."""
        return await self._order("resume", Resume(), targets, by=by, needs=Permission.CONTROL_AIR)

    async def next(self, targets: Targets, *, by: Actor) -> list[CommandRow]:
        """Bản tin tiếp. Raises as :meth:`pause`."""
        return await self._order("next", Next(), targets, by=by, needs=Permission.CONTROL_AIR)

    async def volume(self, targets: Targets, percent: int | None, *, by: Actor) -> list[CommandRow]:
        """Âm lượng, under every ceiling the pole knows; ``None`` puts the plan's own back. Raises as :meth:`pause`."""
        expect(by, Permission.CONTROL_AIR)
        if percent is not None and not 0 <= percent <= _FULL_PERCENT:
            raise BadInput([Problem(code="invalid", vi="âm lượng từ 0 đến 100", en="needs 0 to 100", path="percent")])
        return await self._order("volume", Volume(percent=percent), targets, by=by, needs=Permission.CONTROL_AIR)

    async def test_tone(
        self,
        targets: Targets,
        *,
        by: Actor,
        dur_ms: int = 2_000,
        percent: int = LOUDEST_TEST_TONE_PERCENT,
    ) -> list[CommandRow]:
        """Âm thử: short and soft, in allowed hours only.

        Raises:
            PolicyRefusal: not at this hour.
            NotAllowed, BadInput, StoreFailed: as :meth:`pause`.
        """
        expect(by, Permission.TECHNICIAN)
        longest_ms = LONGEST_TEST_TONE // timedelta(milliseconds=1)
        if not 100 <= dur_ms <= longest_ms or not 0 < percent <= LOUDEST_TEST_TONE_PERCENT:  # noqa: PLR2004 - shorter is a click
            vi = f"tối đa {longest_ms // 1000} giây, {LOUDEST_TEST_TONE_PERCENT} %"
            en = f"at most {longest_ms // 1000} s at {LOUDEST_TEST_TONE_PERCENT} %"
            raise BadInput([Problem(code="invalid", vi=vi, en=en, path="dur_ms")])
        now = instant(self._clock.now_ms())
        refusal = self._rulebook.rules.may_sound(now, timedelta(milliseconds=dur_ms), Priority.ROUTINE)
        if refusal is not None:
            vi, en = "ngoài khung giờ được phát, không thử loa", "no test tones outside the allowed hours"
            raise PolicyRefusal([Problem(code=refusal.value, vi=vi, en=en)])
        body = TestTone(dur_ms=dur_ms, percent=percent)
        return await self._order("test_tone", body, targets, by=by, needs=Permission.TECHNICIAN)

    async def reboot(self, targets: Targets, *, by: Actor) -> list[CommandRow]:
        """Khởi động lại; a cluster refuses while it sounds. Raises as :meth:`pause`."""
        return await self._order("reboot", Reboot(), targets, by=by, needs=Permission.TECHNICIAN)

    async def send(
        self,
        typ: str,
        body: Command,
        targets: Targets,
        *,
        by: Actor,
        exp_ms: int,
        action: str,
        urgent: bool = False,
    ) -> list[CommandRow]:
        """Address, write down and send one command. Whoever calls has asked for the permission.

        Raises:
            BadInput: nobody is meant, a name is unknown, or no cluster meant is enrolled.
            StoreFailed: nothing was sent; never when ``urgent``.
        """
        targets.resolve(self._fleet.registry)
        mail = letters(targets, self._fleet.registry, self._fleet.enrolled, self._monitor.all().values())
        if not mail:
            vi, en = "chưa có cụm loa nào trong vùng này được ghi danh", "no cluster there is enrolled"
            raise BadInput([Problem(code="not_enrolled", vi=vi, en=en, path="targets")])
        note = AuditNote(
            actor=by.id,
            action=action,
            subject=_subject(targets),
            at=instant(self._clock.now_ms()),
            detail=_detail(body),
        )
        sent = [(new_jti(), letter) for letter in mail]
        rows = await self._log.record(
            typ,
            [(jti, letter.clusters) for jti, letter in sent],
            by=by.id,
            exp_ms=exp_ms,
            body=_detail(body),
            note=note,
            urgent=urgent,
        )
        for start in range(0, len(sent), _AT_ONCE):
            some = sent[start : start + _AT_ONCE]
            await asyncio.gather(*(self._post(typ, body, letter, jti, exp_ms) for jti, letter in some))
        return rows

    async def _order(
        self, typ: str, body: Command, targets: Targets, *, by: Actor, needs: Permission, urgent: bool = False
    ) -> list[CommandRow]:
        expect(by, needs)
        self.expect_charge()
        exp_ms = self._clock.now_ms() + LIVES_MS
        return await self.send(typ, body, targets, by=by, exp_ms=exp_ms, action=f"command.{typ}", urgent=urgent)

    async def _post(self, typ: str, body: Command, letter: Letter, jti: str, exp_ms: int) -> None:
        named = body if letter.nonce is None else body.model_copy(update={"nonce": letter.nonce})
        try:
            await self._clusters.command(
                typ, letter.to, named, jti=jti, now_ms=self._clock.now_ms(), exp_ms=exp_ms, epoch=self._epoch()
            )
        except NotDelivered as error:
            logger.warning("%s (%s): nobody knows whether it arrived: %s", typ, jti, error)
        except LinkError as error:
            logger.warning("%s (%s) was not sent: %s", typ, jti, error)
            self._log.not_sent(jti, letter.clusters, "link_down")


def of(*clusters: ClusterId) -> Targets:
    """Name single clusters."""
    return Targets(clusters=frozenset(clusters))


def _subject(targets: Targets) -> str:
    if targets.everywhere:
        return "ward"
    named: Sequence[str] = [f"zone:{name}" for name in sorted(targets.zones)] + sorted(targets.clusters)
    return ", ".join(named)


def _detail(body: Command) -> dict[str, Any]:
    return {name: value for name, value in body.payload().items() if name != "nonce"}
