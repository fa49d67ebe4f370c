"""Lời hứa phát: the plays of an order that no plan carries, known at once and kept as soon as the disk lets them.

An emergency does not wait for a disk. Until its plays are written they stand here, so that nobody takes what sounds
for a stranger's voice, and an outcome that comes meanwhile finds its play.
"""

import contextlib
import logging
from collections.abc import Sequence

from devices.clock import Clock
from devices.model import ClusterId, OccurrenceId
from gateway.domain.errors import StoreFailed
from gateway.ports.records import PlannedPlay, Severity
from gateway.ports.store import Proofs
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
_KEY = "unkept"


class Promises:
    """One per gateway."""

    def __init__(self, *, proofs: Proofs, alarms: AlarmDesk, clock: Clock) -> None:
        self._proofs = proofs
        self._alarms = alarms
        self._clock = clock
        self._unkept: dict[tuple[OccurrenceId, ClusterId], PlannedPlay] = {}

    def find(self, occ: OccurrenceId, cluster: ClusterId) -> PlannedPlay | None:
        """Return a play that was promised and is not in the store yet."""
        return self._unkept.get((occ, cluster))

    async def promise(self, plays: Sequence[PlannedPlay]) -> None:
        """Keep ``plays``, now or as soon as it can be done; until then an alarm says that they are not."""
        try:
            await self._proofs.promise(plays)
        except StoreFailed as error:
            logger.error("%d plays cannot be written down yet: %s", len(plays), error.en)  # noqa: TRY400 - a known disk
            self._unkept |= {(play.occ, play.cluster): play for play in plays}
            await self.not_in_the_log()

    async def not_in_the_log(self) -> None:
        """Say that something went out which the log does not tell of yet."""
        with contextlib.suppress(StoreFailed):  # screens were told, and it stands
            await self._alarms.raise_(
                _KEY,
                Severity.CRITICAL,
                "Lệnh khẩn cấp ĐÃ PHÁT nhưng CHƯA ghi được vào nhật ký (ổ đĩa). Hãy dọn chỗ trống; sẽ tự ghi khi có "
                "chỗ. Đừng tắt máy đài trước đó.",
                "An emergency order WENT OUT and is NOT in the log yet (the disk). Make room: it is written then by "
                "itself. Do not switch the machine off before.",
            )

    async def run(self, beat: Beat = no_beat) -> None:
        """Keep what could not be kept, until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Try once."""
        with contextlib.suppress(StoreFailed):  # tried again at the next look; health is red meanwhile
            if self._unkept:
                owed = dict(self._unkept)
                await self._proofs.promise(list(owed.values()))
                self._unkept = {key: play for key, play in self._unkept.items() if key not in owed}
            await self._alarms.clear(_KEY)
