"""``loa plan``: what will air in the coming days, by the same function that makes the plans."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from devices.clock import SystemClock, instant
from devices.model import NO_RULES_NO_SOUND, ClusterId
from gateway.cli.configured import settings_for
from gateway.cli.console import say, say_json
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.cli.ward import existing_store
from gateway.domain.plan import Broadcast, Status, Ward, forecast
from gateway.domain.targets import Registry
from gateway.services.rulebook import rules_kept
from gateway.store.opening import Store

_IN_WORDS = {
    Status.WILL_AIR: "sẽ phát",
    Status.NOT_READY: "CHƯA SẴN SÀNG",
    Status.REFUSED: "BỊ TỪ CHỐI",
    Status.LOSES_TO: "nhường giờ",
    Status.SKIPPED: "nghỉ lễ",
}
_ADOPTED = "policy.adopted"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_settings_options(parser)
    parser.add_argument("--days", type=int, default=7, metavar="N", help="số ngày tới (mặc định 7)")
    parser.add_argument("--json", action="store_true", help="in JSON")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    with explained():
        settings = settings_for(args.config, args.data)
        with existing_store(settings) as store:
            coming = asyncio.run(_coming(store, args.days))
    if args.json:
        say_json([_as_json(broadcast) for broadcast in coming])
        return 0
    for broadcast in coming:
        when = f"{broadcast.local_start:%a %d/%m/%Y %H:%M}"
        seconds = broadcast.duration_ms / 1000
        words = _IN_WORDS[broadcast.status]
        say(f"{when}  {seconds:6.0f} s  {len(broadcast.airs_on):3} cụm  {words}: {broadcast.title}")
        for problem in (*broadcast.why, *broadcast.notes):
            say(f"    {problem.vi}")
    if not coming:
        say(f"không có gì trong {args.days} ngày tới / nothing in the coming days")
    return 0


async def _coming(store: Store, days: int) -> Sequence[Broadcast]:
    now = instant(SystemClock().now_ms())
    adopted = cast("dict[str, Any] | None", await store.values.get(_ADOPTED))
    programmes = await store.programmes.all()
    bulletins = await store.bulletins.all()
    ward = Ward(
        schedules=tuple(await store.schedules.all()),
        programmes={each.id: each for each in programmes},
        bulletins={each.id: each for each in bulletins},
        recordings={each.asset: each.recording for each in await store.audio.all()},
        registry=Registry.of(list(await store.inventory.zones()), list(await store.inventory.clusters())),
        rules=rules_kept(adopted) if adopted else NO_RULES_NO_SOUND,
        decisions=tuple(await store.schedules.decisions()),
    )
    return forecast(ward, now, now + timedelta(days=days))


def _as_json(broadcast: Broadcast) -> dict[str, Any]:
    def names(some: frozenset[ClusterId]) -> list[str]:
        return sorted(some)

    return {
        "occ": broadcast.id,
        "title": broadcast.title,
        "start": broadcast.start.isoformat(),
        "local_start": broadcast.local_start.isoformat(),
        "duration_ms": broadcast.duration_ms,
        "status": broadcast.status.value,
        "priority": broadcast.priority.value,
        "volume_percent": broadcast.volume_percent,
        "airs_on": names(broadcast.airs_on),
        "why": [{"code": each.code, "vi": each.vi, "en": each.en} for each in broadcast.why],
        "notes": [{"code": each.code, "vi": each.vi, "en": each.en} for each in broadcast.notes],
    }
