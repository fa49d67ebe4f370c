"""Silence is told as silence: what nobody heard is not counted as played, and the kill switch silences everything."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from devices.clock import instant
from devices.model import Outcome, Proof
from gateway.domain.people import Role
from simulators.faults import FaultKind
from tests.gateway.web.work import API
from tests.onair import office
from tests.onair.world import CLUSTERS, T_MS, THURSDAY, World

EVENING_MS = T_MS + 12 * 3_600_000
SILENCING = dict(zip(CLUSTERS, (FaultKind.MUTE, FaultKind.AMP_OFF, FaultKind.NULL_SINK), strict=True))


async def test_a_pole_that_plays_without_a_sound_is_not_counted_as_played_and_is_alarmed_within_ten_seconds(
    tmp_path: Path,
) -> None:
    async with World(tmp_path, clusters=[*CLUSTERS, "kp2-02"]).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        occ = world.next_occ
        await world.until_ms(T_MS - 5_000)
        for cluster, kind in SILENCING.items():
            world.poles[cluster].faults.begin(kind, world.clock.now_ms())
        await world.until_ms(T_MS)
        plays = await world.settled(occ)
        ended_ms = T_MS + plays[world.clusters[0]].duration_ms
        await world.until(
            lambda: {f"air:{cluster}" for cluster in SILENCING} <= world.alarms.keys(), "nobody is told of the silence"
        )
        assert world.clock.now_ms() - ended_ms <= 10_000
        for cluster in SILENCING:
            assert (plays[cluster].outcome, plays[cluster].proof) == (Outcome.SILENT, Proof.NONE), cluster
        assert plays[world.clusters[3]].outcome is Outcome.PLAYED
        day = timedelta(days=1)
        now = instant(world.clock.now_ms())
        counts = await world.gateway.store.proofs.counts(since=now - day, until=now)
        assert counts == {(Outcome.SILENT, Proof.NONE): 3, (Outcome.PLAYED, Proof.AMPLIFIER): 1}
        assert f"air:{world.clusters[3]}" not in world.alarms
        assert await world.lies() == []


async def test_the_kill_switch_silences_all_within_five_seconds_outlives_every_restart_and_is_ended_by_a_person(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(
            world.gateway, world.staff, time(5, 30), time(17, 30), first=THURSDAY.date(), text=office.LONG
        )
        await world.ready()
        morning = world.next_occ
        await world.until_ms(T_MS + 3_000)
        assert world.poles.playing == 3
        async with world.browser(Role.TECHNICIAN) as technician:
            pressed_ms = world.clock.now_ms()
            answer = await world.during(technician.post(f"{API}/silence/on", {"reason": "Loa phát tiếng lạ"}))
            assert answer.json()["state"]["silent"] is True
            await world.until(lambda: not world.poles.playing, "it still sounds")
            assert world.clock.now_ms() - pressed_ms <= 5_000
        plays = await world.settled(morning)
        assert {play.outcome for play in plays.values()} == {Outcome.INTERRUPTED}
        heard = world.sounded()

        await world.stop_gateway()
        world.cut_all()
        await world.pass_s(5)
        await world.start_gateway()
        for pole in world.poles.poles.values():
            pole.power_on()
        await world.until(lambda: world.poles.connected == 3, "not every pole came back")
        assert world.gateway.parts.silence.state.silent
        async with world.browser(Role.OPERATOR) as operator:
            alarm = {"targets": {"everywhere": True}, "text": "Nước lên nhanh.", "pin": world.pin}
            refused = await operator.post(f"{API}/emergencies", alarm)
            assert refused.json()["code"] == "silenced"
            play = {"bulletins": [plays[world.clusters[0]].bulletins[0]], "targets": {"everywhere": True}}
            assert (await operator.post(f"{API}/broadcasts/bulletins", play)).json()["code"] == "silenced"
        await world.leap_to(EVENING_MS - 30_000)
        await world.until_ms(EVENING_MS - 10_000)
        evening = world.next_occ
        await world.until_ms(EVENING_MS + 5_000)
        plays = await world.settled(evening)
        assert {(play.outcome, play.why) for play in plays.values()} == {(Outcome.REFUSED, "silence")}
        assert world.sounded(heard=False) == heard

        async with world.browser(Role.TECHNICIAN) as technician:
            answer = await technician.post(f"{API}/silence/off", {"reason": "Đã kiểm tra"})
            assert answer.json()["state"]["silent"] is False
        saturday_ms = T_MS + 48 * 3_600_000
        await world.leap_to(saturday_ms - 60_000)
        await world.ready()
        occ = world.next_occ
        await world.until_ms(saturday_ms)
        plays = await world.settled(occ)
        assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}
        assert await world.lies() == []


@pytest.mark.parametrize("rebooted", [False, True], ids=["sounding", "rebooted"])
async def test_the_kill_switch_is_above_an_emergency_that_is_on(tmp_path: Path, *, rebooted: bool) -> None:
    async with World(tmp_path).open() as world:
        async with world.browser(Role.OPERATOR) as operator:
            alarm = {"targets": {"everywhere": True}, "siren": True, "pin": world.pin}
            answer = await world.during(operator.post(f"{API}/emergencies", alarm))
            assert answer.status_code == 202, answer.text
            await world.until(lambda: all(world.truth().values()), "the siren does not sound")
            assert world.poles.playing == 3
            await operator.post(f"{API}/silence/on", {"reason": "Báo động giả"})
            await world.until(lambda: not world.poles.playing, "it still sounds")
            ends = {cluster: spans[-1].end_root_ms for cluster, spans in world.truth().items()}
            if rebooted:
                world.cut_all()
                await world.pass_s(3)
                for pole in world.poles.poles.values():
                    pole.power_on()
                await world.until(lambda: world.poles.connected == 3, "not every pole came back")
            # the gateway repeats the alarm to whoever comes online, for as long as nobody ended it
            assert world.gateway.parts.emergency_watch.active
            await world.pass_s(30)
            assert {cluster: spans[-1].end_root_ms for cluster, spans in world.truth().items()} == ends
        silence = world.gateway.parts.silence.report()
        assert (len(silence.agree), len(silence.differ)) == (3, 0)
