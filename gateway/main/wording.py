"""From paper to approval: its services over the store, the studio and the reading process."""

from collections.abc import Callable

from devices.clock import Clock
from gateway.papers import PaperReader
from gateway.ports.speech import Speech
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.bus import Bus
from gateway.services.house_voice import AS_BUILT, HouseVoice
from gateway.services.wording import Kept, Wording, build_wording
from gateway.store.opening import Store


def wording_of(
    store: Store,
    *,
    speech: Speech,
    alarms: AlarmDesk,
    changed: Callable[[str], None],
    bus: Bus,
    clock: Clock,
    usual: HouseVoice = AS_BUILT,
    region: str = "",
) -> Wording:
    """Build them."""
    kept = Kept(
        bulletins=store.bulletins,
        programmes=store.programmes,
        proofs=store.proofs,
        inventory=store.inventory,
        cameras=store.cameras,
        values=store.values,
        lexicon=store.lexicon,
    )
    return build_wording(
        kept,
        papers=PaperReader(),
        speech=speech,
        alarms=alarms,
        changed=changed,
        bus=bus,
        clock=clock,
        usual=usual,
        region=region,
    )
