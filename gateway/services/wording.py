"""Từ văn bản đến lời đọc: the services between an office's paper and an approval, built together."""

from collections.abc import Callable
from dataclasses import dataclass

from devices.clock import Clock
from gateway.domain.checklist import Checklist, checklist
from gateway.domain.ids import BulletinId
from gateway.ports.cameras import Cameras
from gateway.ports.lexicon import WardLexicon
from gateway.ports.papers import Papers
from gateway.ports.speech import Speech
from gateway.ports.store import Bulletins, Inventory, Programmes, Proofs, Values
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.bulletin_book import BulletinBook
from gateway.services.bus import Bus
from gateway.services.house_voice import AS_BUILT, HouseVoice
from gateway.services.lexicon_desk import LexiconDesk
from gateway.services.respeak import Respeak
from gateway.services.spoken_desk import SpokenDesk
from gateway.services.text_in import TextIn


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where things are kept, as far as these services look; a store fits by shape."""

    bulletins: Bulletins
    programmes: Programmes
    proofs: Proofs
    inventory: Inventory
    cameras: Cameras
    values: Values
    lexicon: WardLexicon


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Each by its name."""

    text_in: TextIn
    spoken: SpokenDesk
    lexicon: LexiconDesk
    respeak: Respeak

    async def checklist(self, bulletin: BulletinId, *, slot_ms: int | None = None) -> Checklist:
        """Return what an approver should look at; ``slot_ms``: how long the airtime leaves for it.

        Raises:
            NotFound
            BadInput: the text cannot be read at all.
        """
        shown = await self.spoken.show(bulletin)
        return checklist(shown.bulletin, shown.open, audio_says_this=shown.audio_says_this, slot_ms=slot_ms)


def build_wording(
    kept: Kept,
    *,
    papers: Papers,
    speech: Speech,
    alarms: AlarmDesk,
    changed: Callable[[str], None],
    bus: Bus,
    clock: Clock,
    usual: HouseVoice = AS_BUILT,
    region: str = "",
) -> Wording:
    """Build them. ``changed`` is told after every change of a bulletin: plans may say something else.

    ``region``: whose reading the studio reads by, when it is not the usual one.
    """
    book = BulletinBook(bulletins=kept.bulletins, changed=changed, bus=bus, clock=clock)
    respeak = Respeak(
        book=book,
        bulletins=kept.bulletins,
        programmes=kept.programmes,
        proofs=kept.proofs,
        speech=speech,
        alarms=alarms,
        clock=clock,
    )
    return Wording(
        text_in=TextIn(papers),
        spoken=SpokenDesk(book=book, speech=speech, clock=clock, usual=usual),
        lexicon=LexiconDesk(
            lexicon=kept.lexicon,
            inventory=kept.inventory,
            cameras=kept.cameras,
            values=kept.values,
            speech=speech,
            respeak=respeak,
            bus=bus,
            clock=clock,
            region=region,
        ),
        respeak=respeak,
    )
