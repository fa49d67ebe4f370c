"""Trực ban và sức khỏe: nothing that died stays dead, and nothing that is ill is called well."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from devices.clock import ManualClock
from devices.model import ClusterId
from gateway.domain.errors import StoreFailed
from gateway.ports.records import Severity
from gateway.services.bus import Bus
from gateway.services.clock_watch import ClockWatch, same_rules
from gateway.services.events import TaskFailed
from gateway.services.health import LOW_DISK_BYTES, Health
from gateway.services.supervisor import Beat, Supervisor, TaskState
from tests.gateway.services.pole import GOOD_CLOCK
from tests.gateway.services.world import ZONE, World

START_MS = 1_791_412_200_000


@asynccontextmanager
async def running(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def live(clock: ManualClock, seconds: float, *, step_s: float = 0.5, real_s: float = 0.0) -> None:
    """Let time pass in small steps, so that whoever wakes can go back to sleep before the next."""
    for _ in range(round(seconds / step_s)):
        await clock.advance(step_s, settle_s=real_s)
        for _ in range(5):
            await asyncio.sleep(0)


class Patient:
    """A task that does as it is told."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.starts = 0
        self.fail_with: BaseException | None = None
        self.ends = False
        self.beats = True

    async def run(self, beat: Beat) -> None:
        self.starts += 1
        while True:
            if self.beats:
                beat()
            if self.fail_with is not None:
                error, self.fail_with = self.fail_with, None
                raise error
            if self.ends:
                self.ends = False
                return
            await self.clock.sleep(1)


def state_of(supervisor: Supervisor, name: str) -> TaskState:
    return next(report.state for report in supervisor.reports() if report.name == name)


@pytest.mark.parametrize(
    "error",
    [RuntimeError("bùm"), ExceptionGroup("hai", [ValueError("a"), KeyError("b")]), asyncio.CancelledError()],
)
async def test_a_task_that_falls_over_is_ill_at_once_and_runs_again(error: BaseException) -> None:
    clock = ManualClock(START_MS)
    bus = Bus(clock)
    supervisor, patient, other = Supervisor(clock, bus), Patient(clock), Patient(clock)
    supervisor.watch("patient", patient.run)
    supervisor.watch("other", other.run)
    async with running(supervisor.run):
        await live(clock, 3)
        assert state_of(supervisor, "patient") is TaskState.RUNNING
        patient.fail_with = error
        await live(clock, 1)
        assert state_of(supervisor, "patient") in (TaskState.FAILED, TaskState.RESTARTED)
        await live(clock, 4)
        assert state_of(supervisor, "patient") is TaskState.RESTARTED
        assert patient.starts == 2
        assert other.starts == 1
        await live(clock, 20)
        assert state_of(supervisor, "patient") is TaskState.RUNNING
        assert type(error).__name__ in supervisor.reports()[0].last_error
    assert [item.event for item in bus._since(START_MS * 1000)] == [
        TaskFailed(name="patient", error=supervisor.reports()[0].last_error, failures=1)
    ]


async def test_a_task_that_ends_is_started_again() -> None:
    clock = ManualClock(START_MS)
    supervisor, patient = Supervisor(clock, Bus(clock)), Patient(clock)
    supervisor.watch("patient", patient.run)
    async with running(supervisor.run):
        patient.ends = True
        await live(clock, 5)
        assert patient.starts == 2
        assert not supervisor.reports()[0].ok


async def test_a_task_that_keeps_falling_over_is_tried_more_and_more_slowly_and_never_given_up() -> None:
    clock = ManualClock(START_MS)
    supervisor = Supervisor(clock, Bus(clock))
    starts: list[float] = []

    async def hopeless(_beat: Beat) -> None:
        starts.append((clock.now_ms() - START_MS) / 1000)
        raise RuntimeError("không bao giờ chạy")

    supervisor.watch("hopeless", hopeless)
    async with running(supervisor.run):
        await live(clock, 300)
        assert not supervisor.reports()[0].ok
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert gaps == sorted(gaps)
    assert gaps[0] <= 1
    assert gaps[-1] == 30
    assert len(starts) > 10


async def test_a_task_that_is_stuck_is_ill() -> None:
    clock = ManualClock(START_MS)
    supervisor, patient = Supervisor(clock, Bus(clock)), Patient(clock)
    supervisor.watch("patient", patient.run, silent_after_s=10)
    async with running(supervisor.run):
        await live(clock, 30)
        assert state_of(supervisor, "patient") is TaskState.RUNNING
        patient.beats = False
        await live(clock, 12)
        assert state_of(supervisor, "patient") is TaskState.STUCK
        patient.beats = True
        await live(clock, 2)
        assert state_of(supervisor, "patient") is TaskState.RUNNING


async def test_two_tasks_of_one_name_are_a_mistake() -> None:
    clock = ManualClock(START_MS)
    supervisor = Supervisor(clock, Bus(clock))
    supervisor.watch("x", Patient(clock).run)
    with pytest.raises(ValueError, match="x"):
        supervisor.watch("x", Patient(clock).run)


# -- sức khỏe --------------------------------------------------------------------------------------------------------


class Ward:
    def __init__(self, world: World) -> None:
        self.supervisor = Supervisor(world.clock, world.bus)
        self.free = 10 * LOW_DISK_BYTES
        self.clock_watch = ClockWatch(clock=world.clock, zone=ZONE, changed=lambda why: None, alarms=world.alarms)
        self.health = Health(
            supervisor=self.supervisor,
            clusters=world.broker,
            values=world.store.values,
            clock_watch=self.clock_watch,
            free_bytes=lambda: self.free,
            alarms=world.alarms,
            clock=world.clock,
        )

    def ill(self) -> list[str]:
        return [check.name for check in self.health.report().checks if not check.ok]


async def test_nothing_is_called_well_before_it_was_looked_at(world: World) -> None:
    ward = Ward(world)
    assert ward.ill() == ["store", "disk"]
    await ward.health.probe(write=True)
    assert ward.ill() == []
    assert ward.health.report().ok


async def test_a_broker_that_is_away_is_ill_health(world: World) -> None:
    ward = Ward(world)
    await ward.health.probe(write=True)
    world.broker.up = False
    assert ward.ill() == ["broker"]
    report = ward.health.report()
    assert not report.ok
    assert all(check.vi and check.en for check in report.checks if not check.ok)


async def test_a_critical_alarm_that_stands_is_ill_health_and_an_emergency_on_the_air_is_none(world: World) -> None:
    ward = Ward(world)
    await ward.health.probe(write=True)
    await world.alarms.raise_("lost:kp1-01", Severity.WARNING, "mất kết nối", "lost")
    await world.alarms.raise_("emergency:em-1", Severity.CRITICAL, "ĐANG PHÁT KHẨN CẤP", "EMERGENCY")
    assert ward.ill() == []
    for number in range(5):
        await world.alarms.raise_(
            f"mute:kp1-0{number}", Severity.CRITICAL, f"cụm {number} câm", f"cluster {number} mute"
        )
    assert ward.ill() == ["alarms"]
    [check] = [check for check in ward.health.report().checks if not check.ok]
    assert ("cụm 0 câm" in check.vi, "(+2)" in check.vi) == (True, True)
    for number in range(5):
        await world.alarms.clear(f"mute:kp1-0{number}")
    assert ward.ill() == []


async def test_health_is_red_as_long_as_the_poles_say_that_the_clock_is_wrong(world: World) -> None:
    ward = Ward(world)
    ward.health._clock_watch = world.clock_watch
    await ward.health.probe(write=True)
    for name in ("kp1-01", "kp1-02"):
        world.monitor.witness.hear(ClusterId(name), GOOD_CLOCK, world.clock.now_ms() - 72 * 3_600_000)
    await world.clock_watch.look()
    assert sorted(ward.ill()) == ["alarms", "clock"]
    for name in ("kp1-01", "kp1-02"):
        world.monitor.witness.hear(ClusterId(name), GOOD_CLOCK, world.clock.now_ms())
    await world.clock_watch.look()
    assert ward.ill() == []


async def test_a_disk_that_fills_up_is_ill_health_and_an_alarm(world: World) -> None:
    ward = Ward(world)
    ward.free = LOW_DISK_BYTES - 1
    await ward.health.probe(write=True)
    assert ward.ill() == ["disk", "alarms"]
    assert world.standing("disk") == ["disk"]
    ward.free = 2 * LOW_DISK_BYTES
    await ward.health.probe(write=True)
    assert (ward.ill(), world.standing("disk")) == ([], [])


async def test_a_store_that_cannot_be_written_is_ill_health_until_it_can(world: World) -> None:
    class Full:
        async def get(self, name: str) -> None:
            return None

        async def set(self, name: str, value: object, *, note: object) -> None:
            raise StoreFailed("Ổ đĩa đầy.", "The disk is full.")

    ward = Ward(world)
    ward.health._values = Full()  # type: ignore[assignment]
    await ward.health.probe(write=True)
    assert ward.ill() == ["store"]
    ward.health._values = world.store.values
    await ward.health.probe(write=True)
    assert ward.ill() == []


async def test_an_exception_in_any_task_turns_health_red_within_five_seconds(world: World) -> None:
    names = ("planner", "intake", "monitor", "watchman")
    for name in names:
        ward = Ward(world)
        await ward.health.probe(write=True)
        patients = {each: Patient(world.clock) for each in names}
        for each, patient in patients.items():
            ward.supervisor.watch(each, patient.run)
        async with running(ward.supervisor.run):
            await live(world.clock, 1)
            assert ward.ill() == []
            patients[name].fail_with = RuntimeError("bùm")
            await live(world.clock, 5)
            assert ward.ill() == [f"task.{name}"]
            await live(world.clock, 20)
            assert ward.ill() == []


# -- đồng hồ ---------------------------------------------------------------------------------------------------------


async def test_a_jump_of_the_wall_clock_has_plans_made_again_and_shows_for_a_minute(world: World) -> None:
    why: list[str] = []
    ward = Ward(world)
    await ward.health.probe(write=True)
    ward.clock_watch._changed = why.append
    async with running(ward.clock_watch.run):
        await live(world.clock, 5)
        assert why == []
        world.clock.step_wall(-3_600_000)
        await live(world.clock, 3, real_s=0.01)
        assert why == ["clock jumped"]
        assert ward.ill() == ["clock"]
        assert world.standing("clock-jump") == ["clock-jump"]
        await live(world.clock, 70)
        await live(world.clock, 3, real_s=0.02)
        assert ward.ill() == []
        assert world.standing("clock-jump") == []


async def test_small_corrections_of_the_clock_are_no_jump(world: World) -> None:
    why: list[str] = []
    watch = ClockWatch(clock=world.clock, zone=ZONE, changed=why.append, alarms=world.alarms)
    async with running(watch.run):
        for _ in range(10):
            world.clock.step_wall(40)
            await live(world.clock, 1)
    assert why == []


class Moved(tzinfo):
    """Việt Nam decides to go over to another time next month."""

    def utcoffset(self, at: datetime | None) -> timedelta:
        assert at is not None
        return timedelta(hours=7 if at.month < 11 else 8)

    def dst(self, at: datetime | None) -> timedelta:
        return timedelta()


async def test_new_rules_of_the_time_zone_have_plans_made_again_without_a_restart(world: World) -> None:
    why: list[str] = []
    disk: list[tzinfo] = [ZoneInfo(ZONE)]
    watch = ClockWatch(
        clock=world.clock,
        zone=ZONE,
        changed=why.append,
        alarms=world.alarms,
        read_zone=lambda name: disk[0],  # type: ignore[arg-type,return-value]
    )
    async with running(watch.run):
        await world.clock.advance(1_300)
        assert why == []
        disk[0] = Moved()
        in_use = ZoneInfo(ZONE)
        await live(world.clock, 601)
        assert why == ["time zone rules changed"]
        assert ZoneInfo(ZONE) is not in_use  # whoever expands a schedule now reads the rules afresh


def test_zones_are_compared_by_what_their_clocks_show() -> None:
    now = datetime(2026, 10, 7, tzinfo=UTC)
    assert same_rules(ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Asia/Bangkok"), now)
    assert not same_rules(ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin"), now)
