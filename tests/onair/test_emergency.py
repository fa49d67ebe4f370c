"""Khẩn cấp: with its own key, over everything else, on every pole that is there or comes back, and over when ended."""

from pathlib import Path

from devices.model import OccurrenceId, Outcome
from gateway.domain.people import Role
from tests.gateway.web.work import API
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

WORDS = "Nước lên nhanh, bà con sơ tán ngay."


async def test_an_emergency_needs_the_pin_goes_over_everything_reaches_who_comes_back_and_ends(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date(), text=office.LONG * 6)
        await world.ready()
        news = world.next_occ
        first, second, away = world.clusters
        await world.until_ms(T_MS - 120_000)
        world.poles[away].power_cut()
        await world.until_ms(T_MS + 3_000)
        assert world.poles.playing == 2
        async with world.browser(Role.OPERATOR) as operator:
            order = {"targets": {"everywhere": True}, "text": WORDS, "times": 2, "gap_ms": 1_000, "siren": False}
            wrong = await world.during(operator.post(f"{API}/emergencies", order | {"pin": "00000000"}))
            assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_pin")
            assert set(world.sounded()[first]) == {news}
            answer = await world.during(operator.post(f"{API}/emergencies", order | {"pin": world.pin}))
            assert answer.status_code == 202, answer.text
            em = OccurrenceId(answer.json()["em"])
            await world.until(lambda: all(em in world.sounded()[each] for each in (first, second)), "it does not sound")
            shown = (await operator.get(f"{API}/emergencies/{em}")).json()
            assert (shown["targets"], shown["unreachable"]) == (3, [away])

            # repeated every two seconds, said twice as ordered, and no more
            await world.pass_s(25)
            clip = await world.gateway.store.audio.get((await world.plays(em))[first].assets[0])
            assert clip is not None
            for cluster in (first, second):
                spans = [span for span in world.truth()[cluster] if span.tag == em]
                sounded_ms = sum(span.end_root_ms - span.start_root_ms for span in spans)
                assert sounded_ms < 2 * clip.duration_ms + 1_500
            plays = await world.settled(em, among=(first, second))
            assert {plays[each].outcome for each in (first, second)} == {Outcome.PLAYED}

            # the news went on where it would have been by then
            plays = await world.settled(news, among=(first, second))
            for cluster in (first, second):
                assert (plays[cluster].outcome, plays[cluster].why) == (Outcome.PARTIAL, "overridden")
                before, after = (span for span in world.truth()[cluster] if span.tag == news)
                alarm = [span for span in world.truth()[cluster] if span.tag == em]
                assert before.end_root_ms <= alarm[0].start_root_ms + 50
                assert alarm[-1].end_root_ms <= after.start_root_ms + 50
                assert after.end_root_ms - T_MS < plays[cluster].duration_ms + 300

            # a pole that gets its power back hears of it too
            assert em not in world.sounded()[away]
            world.poles[away].power_on()
            await world.until(lambda: em in world.sounded()[away], "the pole that came back is not told")
            await world.pass_s(1)
            assert world.poles[away].playing

            no_end = await world.during(operator.post(f"{API}/emergencies/{em}/end", {"pin": "00000000"}))
            assert no_end.json()["code"] == "wrong_pin"
            assert world.poles[away].playing
            ended = await world.during(
                operator.post(f"{API}/emergencies/{em}/end", {"pin": world.pin, "why": "Nước đã rút"})
            )
            assert ended.json()["ended_at"] is not None
            await world.until(lambda: not world.poles[away].playing, "it does not end")
            assert (await operator.get(f"{API}/emergencies")).json() == []
        await world.pass_s(40)
        assert f"emergency:{em}" not in world.alarms
        last = {cluster: spans[-1].end_root_ms for cluster, spans in world.truth().items()}
        assert max(last.values()) < world.clock.now_ms() - 30_000
        plays = await world.settled(em)
        assert plays[away].outcome is Outcome.INTERRUPTED
        assert await world.lies() == []
        assert not any(play.unplanned for play in await world.all_plays())
