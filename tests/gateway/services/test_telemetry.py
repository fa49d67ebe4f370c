"""Sổ đo: what is written down of what clusters measured, and what is no measurement."""

import pytest

from devices.model import ClusterId
from gateway.domain.cluster_history import HOUR_MS, KEPT_MS, Gauge
from gateway.services.telemetry import TelemetryLog
from tests.gateway.services.pole import Pole
from tests.gateway.services.world import World

ONE = ClusterId("kp1-01")


def log_of(world: World) -> TelemetryLog:
    return TelemetryLog(book=world.store.hours, monitor=world.monitor, clock=world.clock)


async def pass_time(world: World, seconds: int, log: TelemetryLog, *poles: Pole, **health: float) -> None:
    for _ in range(seconds // 15):
        await world.clock.advance(15)
        for pole in poles:
            if world.clock.now_ms() // 15_000 % 2:
                await pole.beat(**health)
        world.monitor.look()
        log.look()


async def test_every_heartbeat_is_a_reading_and_the_hour_knows_its_least_and_most(world: World) -> None:
    log, pole = log_of(world), world.pole(ONE)
    await pole.connect()
    log.look()
    await pass_time(world, 300, log, pole, volts_ac=221.5, temp_c=44.0, rssi_dbm=-61)
    await pass_time(world, 300, log, pole, volts_ac=190.0, temp_c=52.0, rssi_dbm=-75)
    await log.write()
    (hour,) = await log.history(ONE, since_ms=0)
    volts = hour.gauges[Gauge.VOLTS]
    assert (volts.n, volts.low, volts.high) == (20, 190.0, 221.5)
    assert hour.gauges[Gauge.SIGNAL].low == -75
    assert hour.gauges[Gauge.TEMPERATURE].high == 52.0
    assert hour.online_percent == 100


async def test_the_last_word_of_a_dead_cluster_is_no_measurement(world: World) -> None:
    log, pole = log_of(world), world.pole(ONE)
    await pole.connect()
    await pole.beat(volts_ac=221.5)
    log.look()
    await pass_time(world, 1800, log)
    (hour,) = await log.history(ONE, since_ms=0)
    assert hour.gauges[Gauge.VOLTS].n == 1
    assert hour.online_percent is not None
    assert hour.online_percent < 10


async def test_what_is_not_written_yet_is_in_the_history_and_nothing_counts_twice(world: World) -> None:
    log, pole = log_of(world), world.pole(ONE)
    await pole.connect()
    log.look()
    await pass_time(world, 120, log, pole, volts_ac=220.0)
    before = await log.history(ONE, since_ms=0)
    await log.write()
    assert await log.history(ONE, since_ms=0) == before
    await pass_time(world, 120, log, pole, volts_ac=220.0)
    (hour,) = await log.history(ONE, since_ms=0)
    assert hour.gauges[Gauge.VOLTS].n == 8
    assert hour.watched_s == 240


async def test_thirty_days_are_kept_and_not_one_more(world: World) -> None:
    log, pole = log_of(world), world.pole(ONE)
    await pole.connect()
    log.look()
    await pass_time(world, 60, log, pole, volts_ac=220.0)
    await log.write()
    first_ms = (await log.history(ONE, since_ms=0))[0].start_ms
    await world.clock.advance((KEPT_MS + HOUR_MS) / 1000)
    await pole.connect()
    log.look()
    await pass_time(world, 60, log, pole, volts_ac=220.0)
    await log.write()
    hours = await log.history(ONE, since_ms=0)
    assert hours
    assert all(hour.start_ms > first_ms for hour in hours)


async def test_a_cluster_that_starts_again_and_again_shows(world: World) -> None:
    log, pole = log_of(world), world.pole(ONE)
    await pole.connect()
    log.look()
    for _ in range(3):
        await pole.reboot()
        await pass_time(world, 60, log, pole)
    (hour,) = await log.history(ONE, since_ms=0)
    assert hour.boots == 3


async def test_hours_on_the_battery_are_counted(world: World) -> None:
    log, pole = log_of(world), world.pole(ONE)
    await pole.connect()
    await pole.beat(on_battery=True)
    log.look()
    await pass_time(world, 300, log, pole, on_battery=True)
    (hour,) = await log.history(ONE, since_ms=0)
    assert hour.battery_s == pytest.approx(300)
