"""What is said, and written down, when a cluster's journal does not join what is kept of it."""

from devices.clock import Clock, instant
from devices.model import ClusterId
from gateway.ports.records import AuditNote, Severity
from gateway.ports.store import Audit
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.fleet import Fleet


class JournalAlarms:
    """Names the cluster and the entries, for technicians and for the audit log."""

    def __init__(self, *, audit: Audit, alarms: AlarmDesk, fleet: Fleet, clock: Clock) -> None:
        self._audit = audit
        self._alarms = alarms
        self._fleet = fleet
        self._clock = clock

    async def lines_lost(self, cluster: ClusterId, n: int) -> None:
        """The cluster itself says that its card lost lines before entry ``n``."""
        name = self._fleet.name(cluster)
        await self._alarms.raise_(
            f"journal-lost:{cluster}",
            Severity.WARNING,
            f"{name}: thẻ nhớ của cụm mất một phần nhật ký trước dòng {n}.",
            f"{name}: the cluster's card lost part of its journal before entry {n}.",
            cluster=cluster,
        )
        await self._note("journal.lines_lost", cluster, {"n": n})

    async def broken(self, cluster: ClusterId, n: int) -> None:
        """Entry ``n`` does not join, and nobody says why."""
        name = self._fleet.name(cluster)
        await self._alarms.raise_(
            f"chain:{cluster}",
            Severity.CRITICAL,
            f"{name}: chuỗi nhật ký đứt ở dòng {n}; chưa xác nhận cho tới khi có người xem.",
            f"{name}: the journal's chain breaks at entry {n}; not acknowledged until a person looks at it.",
            cluster=cluster,
        )
        await self._note("journal.broken_chain", cluster, {"n": n})

    async def forked(self, cluster: ClusterId) -> None:
        """An entry that is kept came again with other contents. Stands until somebody has seen to it."""
        key, name = f"journal-fork:{cluster}", self._fleet.name(cluster)
        if key in self._alarms.standing:
            return
        await self._alarms.raise_(
            key,
            Severity.CRITICAL,
            f"{name}: hai thiết bị cùng dùng một danh tính (thẻ nhớ bị sao chép?). Hãy ghi danh lại.",
            f"{name}: two boards write under one identity (a copied card?). Enrol it again.",
            cluster=cluster,
        )
        await self._note("journal.forked", cluster, {})

    async def joined_again(self, cluster: ClusterId) -> None:
        """The chain goes on."""
        await self._alarms.clear(f"chain:{cluster}")

    async def gap(self, cluster: ClusterId, first: int, last: int) -> None:
        """Entries ``first`` to ``last`` were asked for again and again, and do not come."""
        name = self._fleet.name(cluster)
        await self._alarms.raise_(
            f"journal-gap:{cluster}",
            Severity.CRITICAL,
            f"{name}: không gửi lại được nhật ký từ dòng {first} đến {last}.",
            f"{name}: entries {first} to {last} of the journal do not come.",
            cluster=cluster,
        )

    async def hole(self, cluster: ClusterId, first: int, last: int) -> None:
        """Entries ``first`` to ``last`` were acknowledged, and lost with our own data."""
        name = self._fleet.name(cluster)
        await self._alarms.raise_(
            f"journal-gap:{cluster}",
            Severity.CRITICAL,
            f"{name}: nhật ký dòng {first} đến {last} đã mất cùng dữ liệu cũ của đài.",
            f"{name}: entries {first} to {last} were lost with the gateway's own data.",
            cluster=cluster,
        )

    async def gap_closed(self, cluster: ClusterId) -> None:
        """What was missing has come."""
        await self._alarms.clear(f"journal-gap:{cluster}")

    async def _note(self, action: str, cluster: ClusterId, detail: dict[str, int]) -> None:
        at = instant(self._clock.now_ms())
        note = AuditNote(actor=f"cluster:{cluster}", action=action, subject=cluster, at=at, detail=dict(detail))
        await self._audit.add(note)
