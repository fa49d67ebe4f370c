"""Đã nghe trước khi phát khẩn cấp: what somebody heard is kept as it was heard, and the sending names it.

In memory: what is forgotten (a restart, half an hour) is made again from the same words, and goes out without being
heard again only when its mark is the same to the last byte.
"""

import asyncio
import hashlib
import hmac
import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex

from devices.clock import Clock
from gateway.domain.errors import WrongState
from gateway.domain.targets import Targets
from gateway.ports.records import StoredAudio
from gateway.services.emergency_message import Active, Message

MOST = 100
HEAR_AGAIN = "hear_again"
SENT_ALREADY = "sent_already"
LIVES_MS = timedelta(minutes=30) // timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What one person heard, ready to go out."""

    id: str
    mark: str
    """SHA-256 of everything that the ward would hear, and where."""
    message: Message
    targets: Targets
    clip: StoredAudio | None
    """The sound of its words; ``None``: it is put together from pieces, or there is only the siren."""
    by: str
    until_ms: int

    @property
    def spoken(self) -> bool:
        """Whether its words, if it has any, sound. Otherwise the siren goes alone, with the text on the record."""
        return self.clip is not None or bool(self.message.pieces) or not self.message.text.strip()


class CheckedBook:
    """The last few; each belongs to whoever heard it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, Checked] = OrderedDict()
        self._tapped: OrderedDict[tuple[str, str], asyncio.Future[Active]] = OrderedDict()

    def keep(self, message: Message, targets: Targets, clip: StoredAudio | None, *, by: str) -> Checked:
        """Keep what ``by`` is about to hear."""
        checked = Checked(
            id=token_hex(12),
            mark=mark_of(message, targets, clip),
            message=message,
            targets=targets,
            clip=clip,
            by=by,
            until_ms=self._clock.now_ms() + LIVES_MS,
        )
        self._kept[checked.id] = checked
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return checked

    def find(self, name: str, *, by: str) -> Checked | None:
        """Return what ``by`` heard under ``name``, unless it is too long ago."""
        found = self._kept.get(name)
        if found is None or found.by != by or found.until_ms <= self._clock.now_ms():
            return None
        return found

    def claim(self, name: str, *, by: str) -> asyncio.Future[Active]:
        """Begin to send what ``by`` heard under ``name``; the answer is told what becomes of it."""
        going: asyncio.Future[Active] = asyncio.get_running_loop().create_future()
        self._tapped[name, by] = going
        while len(self._tapped) > MOST:
            self._tapped.popitem(last=False)
        return going

    def release(self, name: str, *, by: str) -> None:
        """Nothing went out: it may be sent again."""
        self._tapped.pop((name, by), None)

    def tapped(self, name: str, *, by: str) -> asyncio.Future[Active] | None:
        """Return what becomes, or became, of the tap of ``by`` on ``name``; ``None``: there was none yet."""
        return self._tapped.get((name, by))

    def forget(self, name: str) -> None:
        """It went out: the same sending again begins with hearing it."""
        self._kept.pop(name, None)


def mark_of(message: Message, targets: Targets, clip: StoredAudio | None) -> str:
    """Return the SHA-256 of what would be heard."""
    heard = {
        "text": message.text.strip(),
        "bulletin": message.bulletin,
        "clip": clip.asset if clip else None,
        "pieces": [
            [piece.audio.asset if piece.audio else None, piece.skip_ms, piece.dur_ms] for piece in message.pieces
        ],
        "siren": message.siren,
        "times": [message.times, message.gap_ms, message.lasts // timedelta(milliseconds=1)],
        "drill": message.drill,
        "source": message.source,
        "targets": [targets.everywhere, sorted(targets.zones), sorted(targets.clusters)],
    }
    return hashlib.sha256(json.dumps(heard, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def same(mark: str, checked: Checked) -> bool:
    """Tell whether ``checked`` is what was heard under ``mark``."""
    return hmac.compare_digest(mark.encode(), checked.mark.encode())


def hear_again() -> WrongState:
    """Say that what would go out is not what was heard."""
    return WrongState(
        "Nội dung đã đổi so với lúc nghe. Hãy nghe lại rồi phát.",
        "It is not what was heard any more. Hear it again, then send it.",
        code=HEAR_AGAIN,
    )


def sent_already() -> WrongState:
    """Say that one tap is one emergency, and that this one is over."""
    return WrongState("Bản này vừa được phát rồi.", "This one has just gone out already.", code=SENT_ALREADY)
