"""A virtual board is wrong in the ways real ones are, the same way every time."""

import asyncio

import pytest

from devices.agent.ports import NtpState
from devices.clock import ManualClock, SystemClock
from simulators.board import RESYNC_S, RootTime, VirtualBoard
from simulators.faults import Fault, FaultKind, Faults

THURSDAY_0530 = 1_791_412_200_000
HOUR_MS = 3_600_000


def world() -> tuple[ManualClock, RootTime]:
    clock = ManualClock(THURSDAY_0530)
    return clock, RootTime(clock)


def wrong_ms(board: VirtualBoard) -> float:
    return board.clock.wall_ns() / 1e6 - board.root.utc_ms()


async def test_the_crystal_drifts_and_true_time_can_be_had_back() -> None:
    clock, root = world()
    board = VirtualBoard(root, 1, ppm=100)
    begin = board.clock.mono_ns()
    await clock.advance(1_000)
    assert board.clock.mono_ns() - begin == pytest.approx(1_000.1e9, abs=10)
    assert board.clock.root_ms_at(board.clock.mono_ns()) == pytest.approx(root.utc_ms(), abs=1e-3)
    assert board.clock.mono_ns_at(root.utc_ms() + 5_000) == pytest.approx(board.clock.mono_ns() + 5_000.5e6, abs=100)


async def test_with_ntp_the_wall_clock_is_right_to_a_few_milliseconds() -> None:
    clock, root = world()
    boards = [VirtualBoard(root, n) for n in range(200)]
    await clock.advance(7_200)
    errors = [wrong_ms(board) for board in boards]
    assert all(abs(error) < 3 for error in errors)
    assert len({round(error, 4) for error in errors}) > 150
    assert all(board.ntp().synced for board in boards)


async def test_without_ntp_the_wall_clock_drifts_away_and_says_so() -> None:
    clock, root = world()
    board = VirtualBoard(root, 1, Faults([Fault(0, FaultKind.NTP_OFF, for_ms=1 << 50)]), ppm=50, offset_ms=-2_000)
    assert not board.ntp().synced
    await clock.advance(10_000)
    assert wrong_ms(board) == pytest.approx(-2_000 + 500, abs=1)


@pytest.mark.parametrize("amount", [-40_000, HOUR_MS])
async def test_a_step_is_seen_at_its_instant_and_mended_by_ntp(amount: int) -> None:
    clock, root = world()
    board = VirtualBoard(root, 1, Faults([Fault(THURSDAY_0530 + 60_000, FaultKind.CLOCK_STEP, amount=amount)]))
    mono = board.clock.mono_ns()
    await clock.advance(59)
    assert abs(wrong_ms(board)) < 3
    await clock.advance(2)
    assert wrong_ms(board) == pytest.approx(amount, abs=5)
    assert not board.ntp().synced
    await clock.advance(RESYNC_S + 1)
    assert abs(wrong_ms(board)) < 3
    assert board.ntp().synced
    assert board.clock.mono_ns() - mono == pytest.approx((62 + RESYNC_S) * 1e9, rel=1e-4)


async def test_after_a_power_cut_it_wakes_in_1970_until_ntp_answers() -> None:
    clock, root = world()
    board = VirtualBoard(root, 1, Faults([Fault(0, FaultKind.BOOT_1970)]))
    await clock.advance(100)
    before = board.clock.mono_ns()
    board.power_on()
    assert board.clock.now_ms() < 1_000
    assert board.clock.mono_ns() < before
    assert not board.ntp().synced
    await clock.advance(RESYNC_S + 1)
    assert abs(wrong_ms(board)) < 3


async def test_the_ntp_answer_carries_the_wall_clock_to_the_microsecond() -> None:
    clock, root = world()
    board = VirtualBoard(root, 3)
    await clock.advance(1.2345)
    state = board.ntp()
    assert isinstance(state, NtpState)
    assert state.wall_us == pytest.approx(board.clock.wall_ns() / 1_000, abs=1)


async def test_sleeping_lasts_by_the_boards_own_crystal() -> None:
    clock, root = world()
    board = VirtualBoard(root, 1, ppm=-100)
    begin = board.clock.mono_ns()
    sleeping = asyncio.create_task(board.clock.sleep(100))
    await asyncio.sleep(0)
    await clock.advance(100.02)
    assert sleeping.done()
    assert board.clock.mono_ns() - begin >= 100e9
    await sleeping


def test_the_same_seed_makes_the_same_board() -> None:
    _, root = world()
    a, b, c = (VirtualBoard(root, seed) for seed in (5, 5, 6))
    assert (a.ppm, a.health(), a.clock.mono_ns(), a.ntp()) == (b.ppm, b.health(), b.clock.mono_ns(), b.ntp())
    assert a.ppm != c.ppm


def test_a_full_disk_shows_in_health_and_a_cut_amplifier_in_its_reading() -> None:
    _, root = world()
    faults = Faults()
    board = VirtualBoard(root, 1, faults)
    assert board.health().free_mb
    faults.begin(FaultKind.DISK_FULL, THURSDAY_0530)
    assert board.health().free_mb == 0
    faults.end(FaultKind.DISK_FULL, THURSDAY_0530)
    assert board.health().free_mb
    reading = board.amp()
    assert reading is not None
    assert reading.on
    board.switch_amp(on=False)
    assert board.amp() != reading
    assert board.mic() is None


def test_a_reboot_tells_whoever_waits_for_it() -> None:
    _, root = world()
    board = VirtualBoard(root, 1)
    board.reboot()
    calls: list[int] = []
    board.when_rebooted(lambda: calls.append(1))
    board.reboot()
    assert calls == [1]


def test_root_time_is_the_machines_own_to_a_few_microseconds() -> None:
    """``now_ms`` cuts off up to a millisecond; on average half of it would be wrong."""
    clock = SystemClock()
    root = RootTime(clock)
    for _ in range(2_000):
        before, now, after = root.utc_ms(), clock.now_ms(), root.utc_ms()
        assert before < now + 1.1
        assert after > now - 0.1
