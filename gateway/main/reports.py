"""Báo cáo và nghe lại of one ward, over its store."""

from dataclasses import dataclass

from devices.clock import Clock
from gateway.services.attendance import Attendance
from gateway.services.listen_again import ListenAgain
from gateway.services.monitor import Monitor
from gateway.services.reporting import Reporting, Shelves
from gateway.settings import Public
from gateway.store.opening import Store


@dataclass(frozen=True, kw_only=True)
class Reports:
    """What is said of the past, to leaders and to everybody."""

    reporting: Reporting
    attendance: Attendance
    listening: ListenAgain | None
    """``None``: the ward has not opened its public page."""


def build_reports(store: Store, monitor: Monitor, clock: Clock, *, zone: str, public: Public) -> Reports:
    """Build them."""
    return Reports(
        reporting=reporting_of(store, clock, zone=zone),
        attendance=Attendance(book=store.attendance, monitor=monitor, clock=clock, zone=zone),
        listening=listening_of(store, clock, days=public.days) if public.enabled else None,
    )


def reporting_of(store: Store, clock: Clock, *, zone: str) -> Reporting:
    """Build the reports alone: the command line needs nothing else."""
    shelves = Shelves(
        proofs=store.proofs,
        bulletins=store.bulletins,
        inventory=store.inventory,
        audio=store.audio,
        audit=store.audit,
        attendance=store.attendance,
        cameras=store.cameras,
    )
    return Reporting(shelves, clock=clock, zone=zone)


def listening_of(store: Store, clock: Clock, *, days: int) -> ListenAgain:
    """Build what the public page offers."""
    return ListenAgain(
        proofs=store.proofs,
        bulletins=store.bulletins,
        inventory=store.inventory,
        audio=store.audio,
        clock=clock,
        days=days,
    )
