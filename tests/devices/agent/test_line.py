"""Over a real broker: births and wills, recordings and retained orders, outages, and the way of the proof."""

import asyncio
import itertools
from contextlib import asynccontextmanager

from devices.broker import BrokerChild, BrokerKind
from devices.errors import NotDelivered
from devices.link import Link, Subscription
from devices.wire.commands import Play, Resync, Stop
from tests.brokers import require_mosquitto
from tests.devices.agent.office import Office, line_to, until
from tests.devices.agent.pole import Pole, audio
from tests.devices.agent.test_airing import NEWS, OCC, files, news
from tests.devices.agent.ward import T, Ward, play
from tests.devices.links import Ear, soon
from tests.ports import free_port


@asynccontextmanager
async def on_air(folder, address, site, *, now=T - 60_000, **more):
    """A configured pole and its office, both connected."""
    pole = Pole(folder, Ward(site), now=now, line=line_to(address), **more)
    pole.hold(NEWS)
    office = Office(address, pole)
    async with pole.running(), office.open():
        await until(pole, lambda: pole.agent.link.is_up)
        await office.publish("config", pole.ward.config(now=now))
        await until(pole, lambda: office.acks("config"))
        yield pole, office


async def test_documents_come_over_the_broker_and_the_proof_goes_back(any_broker, site, tmp_path):
    async with on_air(tmp_path, any_broker, site) as (pole, office):
        await office.publish("plan", pole.ward.plan(news(), assets=files()))
        await until(pole, lambda: office.acks("plan"))
        assert office.acks("config") == office.acks("plan") == [("accepted", None)]
        await pole.advance_to(T - 8_000)
        await until(pole, lambda: office.bodies("birth")[-1]["activity"] == "armed")
        await pole.advance_to(T + 1_000)
        await until(pole, lambda: office.bodies("birth")[-1]["activity"] == "playing")
        await pole.advance_to(T + 61_000)
        await until(pole, lambda: len(office.stored) == 2)
        assert office.stored[2]["result"] == "played"
        await until(pole, lambda: pole.agent.studio.journal.acked == 2)
        assert not pole.agent.studio.journal.pending()
        await until(pole, lambda: office.bodies("birth")[-1]["activity"] == "idle")
        activities = [key for key, _ in itertools.groupby(body["activity"] for body in office.bodies("birth"))]
        assert activities == ["idle", "armed", "playing", "idle"]
        reports = [body["st"] for body in office.bodies("asset")]
        assert reports[-1] == "ready"


async def test_a_retained_play_sounds_at_none_of_a_hundred_reconnects(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site) as (pole, office):
        order = Play(entry=news(occ="siren", start_ms=T + 3_600_000), assets=files())
        for topic in (pole.ward.topics.command("kp3-02"), pole.ward.topics.all_command):
            await office.send("play", order, topic=topic, retain=True, life_ms=7_200_000)
        await until(pole, lambda: office.acks("play"))
        await office.send("stop", Stop(occ="siren"))
        await until(pole, lambda: office.acks("stop"))
        for number in range(100):
            before = pole.agent.link.connects
            pole.agent.link.drop()
            await until(pole, lambda before=before: pole.agent.link.connects > before, moving=False)
            await until(pole, lambda number=number: pole.agent.gate.drops["retained_command"] >= 2 * (number + 1))
        assert pole.agent.gate.drops == {"retained_command": 200}
        await pole.advance_to(T + 3_700_000)
        assert not pole.spans


async def test_an_order_kept_by_the_broker_for_an_absent_pole_has_expired_when_it_is_back(
    mosquitto_broker, site, tmp_path
):
    async with on_air(tmp_path, mosquitto_broker, site, now=T) as (pole, office):
        link, pole.agent.link._address = pole.agent.link, pole.agent.link._address
        nowhere = type(link._address)(host="127.0.0.1", port=1)
        address, link._address = link._address, nowhere
        link.drop()
        await until(pole, lambda: not link.is_up, moving=False)
        await office.send(
            "play", Play(entry=news(occ="late", start_ms=T + 1_500, late={"max_ms": 600_000}), assets=files())
        )
        await pole.advance(240)
        link._address = address
        await until(pole, lambda: office.acks("play"))
        assert office.acks("play") == [("rejected", "expired")]
        assert not pole.spans


async def test_birth_and_will_name_the_session_so_that_a_late_will_is_known_as_such(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site) as (pole, office):
        first = office.bodies("birth")[-1]["sid"]
        before = pole.agent.link.connects
        pole.agent.link.drop()
        await until(pole, lambda: pole.agent.link.connects > before)
        await until(pole, lambda: office.bodies("birth")[-1]["sid"] != first)
        second = office.bodies("birth")[-1]
        assert second["online"]
        assert second["boot"] == 1
        assert not office.bodies("death")


async def test_a_poles_will_is_sealed_and_names_its_session(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site) as (pole, office):
        sid = office.bodies("birth")[-1]["sid"]
        will = pole.agent._herald.will()
        from devices.seal import unseal

        opened = unseal(will.payload, office.trust, max_bytes=10_000)
        assert (opened.typ, opened.envelope.body["online"]) == ("death", False)
        assert opened.envelope.body["sid"] != sid, "each connection is a session of its own"
        assert will.retain
        assert will.delay_s == 15


async def test_a_new_gateway_session_gets_everything_unacknowledged_again(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site) as (pole, office):
        office.acking = False
        await office.publish("plan", pole.ward.plan(news(), assets=files()))
        await pole.advance_to(T + 61_000)
        await until(pole, lambda: len(office.stored) == 2)
        office.stored.clear()
        office.sid = "gw-two"
        await office._birth()
        await until(pole, lambda: len(office.stored) == 2, step_s=0.01)
        assert pole.agent.studio.journal.acked == 0


async def test_an_unanswered_journal_is_sent_again_with_patience(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site) as (pole, office):
        office.acking = False
        await office.publish("plan", pole.ward.plan(news(), assets=files()))
        await pole.advance_to(T + 61_000)
        await until(pole, lambda: len(office.stored) == 2)
        count = len(office.bodies("journal"))
        await until(pole, lambda: len(office.bodies("journal")) >= count + 2, step_s=1)
        office.acking = True
        await office.acknowledge()
        await until(pole, lambda: pole.agent.studio.journal.acked == 2)
        await pole.advance(700)
        await asyncio.sleep(0.05)
        count = len(office.bodies("journal"))
        await pole.advance(700)
        assert len(office.bodies("journal")) == count


async def test_a_gap_is_filled_on_request(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site) as (pole, office):
        await office.publish("plan", pole.ward.plan(news(), assets=files()))
        await pole.advance_to(T + 61_000)
        await until(pole, lambda: pole.agent.studio.journal.acked == 2)
        office.stored.clear()
        await office.send("resync", Resync(from_n=1), epoch=0)
        await until(pole, lambda: sorted(office.stored) == [1, 2])


async def test_broker_and_gateway_dead_from_a_quarter_hour_before_nothing_is_missed_and_the_proof_follows(
    site, tmp_path
):
    require_mosquitto()
    where = {"site": site, "kind": BrokerKind.MOSQUITTO, "port": free_port()}
    long = audio(900_000)
    async with BrokerChild(tmp_path / "one", **where) as broker:
        pole = Pole(tmp_path / "pole", Ward(site), now=T - 1_000_000, line=line_to(broker.address))
        pole.hold(NEWS, long)
        life = pole.running()
        await life.__aenter__()
        office = Office(broker.address, pole)
        async with office.open():
            await until(pole, lambda: pole.agent.link.is_up)
            await office.publish("config", pole.ward.config(now=T))
            plan = pole.ward.plan(
                news(), news(occ="second", start_ms=T + 120_000), assets=files(), from_ms=T - 2_000_000
            )
            await office.publish("plan", plan)
            await until(pole, lambda: office.acks("plan"))
        await pole.advance_to(T - 900_000)
    try:
        await until(pole, lambda: not pole.agent.link.is_up, moving=False)
        await pole.advance_to(T + 300_000)
        assert [span.at_ms for span in pole.spans] == [T, T + 120_000]
        assert len(pole.agent.studio.journal.pending()) == 4
        async with BrokerChild(tmp_path / "two", **where) as broker:
            office = Office(broker.address, pole)
            async with office.open():
                await until(pole, lambda: len(office.stored) == 4)
                assert [office.stored[n].get("result") for n in range(1, 5)] == [None, "played", None, "played"]
                await until(pole, lambda: pole.agent.studio.journal.acked == 4)
    finally:
        await life.__aexit__(None, None, None)


async def test_a_pole_without_ntp_learns_the_time_from_the_gateway(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site, synced=False) as (pole, office):
        await until(pole, lambda: pole.agent.studio.timebase.state().trusted)
        assert pole.agent.studio.timebase.state().src == "exchange"
        await office.publish("plan", pole.ward.plan(news(), assets=files()))
        await until(pole, lambda: pole.agent.studio.documents.plan is not None)
        await pole.advance_to(T + 65_000)
        assert [span.occ for span in pole.spans] == [OCC]


async def test_a_recorded_clock_reply_moves_nothing(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site, synced=False) as (pole, _):
        ear = Ear(mosquitto_broker, "thief", pole.ward.topics.clock_reply("kp3-02"))
        listening = asyncio.ensure_future(ear.link.run())
        await ear.link.wait_up()
        await until(pole, lambda: pole.agent.studio.timebase.state().trusted and ear.heard)
        state = pole.agent.studio.timebase._observed
        for message in ear.heard[:20]:
            await pole.agent.hear(message)
        assert pole.agent.studio.timebase._observed == state
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_a_zone_added_by_the_configuration_is_listened_to_at_once(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site) as (pole, office):
        await office.publish("config", pole.ward.config(zones=("kp9",)))
        await until(pole, lambda: len(office.acks("config")) == 2)
        topic = pole.ward.topics.zone_command("kp9")
        assert Subscription(topic) in pole.agent._subscriptions()
        await office.send("stop", Stop(), topic=topic, to="zone:kp9")
        await until(pole, lambda: office.acks("stop"))
        assert office.acks("stop") == [("rejected", "not_playing")]


async def test_an_attacker_with_the_whole_broker_gets_no_answer_and_is_counted(any_broker, site, tmp_path):
    async with on_air(tmp_path, any_broker, site) as (pole, office):
        good = pole.ward.seal("play", play(T + 1_500), now=pole.clock.now_ms())
        forged = [
            b"",
            b"{}",
            b"x" * 20_000,
            good[:-8] + b"AAAAAAAA",
            pole.ward.seal("play", play(), to="cluster:other"),
        ]
        for payload in forged:
            await office.link.publish(pole.ward.topics.command("kp3-02"), payload)
        await office.link.publish(pole.ward.topics.plan("kp3-02"), good, retain=True)
        await until(pole, lambda: pole.agent.gate.drops.total() >= 6)
        await until(pole, lambda: office.bodies("telemetry"), step_s=1)
        assert office.bodies("telemetry")[-1]["drops"] == {
            "malformed": 2,
            "too_big": 1,
            "bad_signature": 1,
            "not_for_me": 1,
            "wrong_topic": 1,
        }
        assert not office.acks("play")
        await pole.advance(5)
        assert not pole.spans


async def test_a_task_that_breaks_is_started_again_and_said(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site) as (pole, office):
        await office.publish("plan", pole.ward.plan(news(), assets=files()))
        await until(pole, lambda: office.acks("plan"))
        broken = iter([True])
        look = pole.agent.airtime._look

        async def once(group):
            if next(broken, False):
                raise RuntimeError("a bug")
            return await look(group)

        pole.agent.airtime._look = once
        pole.agent.airtime.bell.ring()
        await until(pole, lambda: pole.agent.supervisor.failures["airtime"])
        await pole.advance_to(T + 65_000)
        assert [span.at_ms for span in pole.spans] == [T]
        await until(pole, lambda: office.bodies("telemetry"), step_s=1)
        assert "task:airtime" in office.bodies("telemetry")[-1]["faults"]


async def test_a_state_whose_delivery_nobody_confirmed_is_told_again_even_if_it_is_as_before(
    mosquitto_broker, site, tmp_path
):
    lines = []

    class Unsure(Link):
        """Loses the broker's answer to the next state, which arrived all the same."""

        unsure = False

        async def publish(self, topic, payload, **more):
            await super().publish(topic, payload, **more)
            if self.unsure and topic.endswith("/state"):
                self.unsure = False
                raise NotDelivered(f"{topic}: no acknowledgement")

    def unsure(**parts):
        lines.append(Unsure(mosquitto_broker, clean_start=False, session_expiry_s=600, backoff=soon, **parts))
        return lines[-1]

    pole = Pole(tmp_path, Ward(site), now=T, line=unsure)
    office = Office(mosquitto_broker, pole)
    async with pole.running(), office.open():
        await until(pole, lambda: pole.agent.link.is_up)
        await until(pole, lambda: office.bodies("birth"))
        lines[0].unsure = True
        await office.publish("silence", pole.ward.silence(silent=True, now=T))
        await until(pole, lambda: not lines[0].unsure and office.bodies("birth")[-1]["silent"])
        await office.publish("silence", pole.ward.silence(silent=False, now=T))
        await until(pole, lambda: not office.bodies("birth")[-1]["silent"])


async def test_who_is_sent_the_kill_switch_again_says_again_whether_it_is_silent(mosquitto_broker, site, tmp_path):
    async with on_air(tmp_path, mosquitto_broker, site) as (pole, office):
        order = pole.ward.silence(silent=True, now=T)
        await office.publish("silence", order)
        await until(pole, lambda: office.bodies("birth")[-1]["silent"])
        await pole.advance(5)
        told = len(office.bodies("birth"))
        await office.publish("silence", order)
        await until(pole, lambda: len(office.bodies("birth")) > told)
        assert office.bodies("birth")[-1]["silent"]
