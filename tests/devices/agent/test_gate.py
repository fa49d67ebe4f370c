"""Whoever owns the broker can at worst silence, never speak: every attack of the contract, refused and counted."""

import base64
import json
from dataclasses import replace
from datetime import time, timedelta

import pytest

from devices.agent.documents import Documents
from devices.agent.gate import Admitted, Gate, Rejected, Repeated
from devices.agent.marks import Marks
from devices.clock import instant
from devices.model import Permit, Priority, Refusal, Window
from devices.seal import SigningKey
from devices.wire.base import COMMAND_MAX_BYTES
from devices.wire.commands import JournalAck, Resync, Stop, Volume
from devices.wire.documents import GatewayState, KeyRole
from tests.devices.agent.disks import QuickDisk
from tests.devices.agent.ward import StillTime, T, Ward, alarm, entry, play


class Door:
    """One pole's gate and documents, with the ward that speaks to it."""

    def __init__(self, folder, ward=None, *, trusted=True, boot=True):
        self.ward = ward or Ward()
        self.identity = self.ward.identity()
        self.time = StillTime(trusted=trusted)
        self.marks = Marks()
        self.seen = set()
        self.documents = Documents(disk=QuickDisk(), folder=folder, identity=self.identity, marks=self.marks)
        self.documents.load(marks_damaged=False)
        self.gate = Gate(
            identity=self.identity,
            marks=self.marks,
            timebase=self.time,
            nonce="this-boot",
            trust=self.documents.trust_for,
            audiences=self.documents.audiences,
            is_seen=self.seen.__contains__,
        )
        self.command_topic = self.ward.topics.command(self.identity.cluster)
        if boot:
            assert self.document(self.ward.config()) is None

    def check(self, sealed, topic=None, *, retain=False):
        verdict = self.gate.check(topic or self.command_topic, sealed, retain=retain)
        if isinstance(verdict, Admitted) and verdict.opened.typ not in {"config", "plan", "silence"}:
            self.seen.add(verdict.jti)
        return verdict

    def document(self, sealed, kind="config"):
        """Offer a document; return why it was refused."""
        topics = self.ward.topics
        topic = topics.silence if kind == "silence" else getattr(topics, kind)(self.identity.cluster)
        verdict = self.check(sealed, topic, retain=True)
        if not isinstance(verdict, Admitted):
            return verdict.why if verdict else dict(self.gate.drops)
        return self.documents.accept(verdict, has_outcome=lambda _: False, now_ms=T).why

    def drops(self):
        return dict(self.gate.drops)


@pytest.fixture
def door(tmp_path):
    return Door(tmp_path)


def test_a_valid_play_is_admitted(door):
    verdict = door.check(door.ward.seal("play", play()))
    assert isinstance(verdict, Admitted)
    assert verdict.body.entry.occ == "adhoc-1"


def test_a_redelivery_is_not_a_second_command(door):
    sealed = door.ward.seal("play", play())
    assert isinstance(door.check(sealed), Admitted)
    assert isinstance(door.check(sealed), Repeated)


def test_a_retained_copy_is_dropped_on_every_command_topic(door):
    sealed = door.ward.seal("play", play())
    topics = door.ward.topics
    for topic in (door.command_topic, topics.zone_command("kp3"), topics.all_command, topics.emergency):
        assert door.check(sealed, topic, retain=True) is None
    assert door.drops() == {"retained_command": 4}


def test_a_play_hidden_in_the_plans_retained_topic_is_dropped(door):
    sealed = door.ward.seal("play", play())
    assert door.check(sealed, door.ward.topics.plan("kp3-02"), retain=True) is None
    assert door.drops() == {"wrong_topic": 1}


def test_an_attackers_key_is_unknown_and_a_borrowed_name_does_not_help(door):
    stranger = SigningKey.generate("evil", KeyRole.GATEWAY)
    masked = SigningKey.generate("gw-1", KeyRole.GATEWAY)
    assert door.check(door.ward.seal("play", play(), key=stranger)) is None
    assert door.check(door.ward.seal("play", play(), key=masked)) is None
    assert door.drops() == {"unknown_key": 1, "bad_signature": 1}


def test_an_altered_asset_breaks_the_seal(door):
    head, payload, tail = door.ward.seal("play", play()).split(b".")
    body = json.loads(base64.urlsafe_b64decode(payload + b"=="))
    body["body"]["entry"]["items"][0]["asset"] = "sha256:" + "cd" * 32
    forged = base64.urlsafe_b64encode(json.dumps(body).encode()).rstrip(b"=")
    assert door.check(b".".join([head, forged, tail])) is None
    assert door.drops() == {"bad_signature": 1}


@pytest.mark.parametrize("alg", ["none", "HS256", "ES256"])
def test_no_other_algorithm_is_spoken(door, alg):
    _, payload, tail = door.ward.seal("play", play()).split(b".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": "gw-1", "typ": "play"}).encode()).rstrip(b"=")
    for signature in (b"", tail):
        assert door.check(b".".join([head, payload, signature])) is None
    assert door.drops() == {"malformed": 2}


@pytest.mark.parametrize("to", ["cluster:kp3-03", "zone:kp4", "all:ward-2"])
def test_a_message_for_another_pole_zone_or_ward_is_dropped(door, to):
    assert door.check(door.ward.seal("play", play(), to=to)) is None
    assert door.drops() == {"not_for_me": 1}


@pytest.mark.parametrize("to", ["cluster:kp3-02", "zone:kp3", "all:ward-1"])
def test_a_message_for_this_pole_its_zone_or_its_ward_is_admitted(door, to):
    assert isinstance(door.check(door.ward.seal("stop", Stop(), to=to)), Admitted)


def test_zones_are_those_of_the_signed_configuration_not_of_the_topic(door):
    assert door.document(door.ward.config(zones=("kp9",))) is None
    assert door.check(door.ward.seal("stop", Stop(), to="zone:kp3"), door.ward.topics.zone_command("kp3")) is None
    assert isinstance(door.check(door.ward.seal("stop", Stop(), to="zone:kp9")), Admitted)


def test_a_command_an_hour_old_is_refused_with_an_answer(door):
    verdict = door.check(door.ward.seal("play", play(), now=T - 3_600_000))
    assert verdict == Rejected(verdict.jti, "play", "expired")
    assert door.gate.rejections["expired"] == 1


def test_a_command_without_an_end_or_with_a_distant_one_is_refused(door):
    for life_ms in (86_400_001, 10**12):
        assert door.check(door.ward.seal("play", play(), life_ms=life_ms)).why == "expired"


def test_a_command_from_the_future_is_refused(door):
    assert door.check(door.ward.seal("play", play(), now=T + 30_001)).why == "from_future"
    assert isinstance(door.check(door.ward.seal("play", play(), now=T + 30_000)), Admitted)


def test_a_gateway_key_may_not_cry_emergency_and_the_emergency_key_may_not_play(door):
    ward = door.ward
    imposter = SigningKey("gw-1", KeyRole.EMERGENCY, ward.gateway.private)
    sealed = ward.seal("emergency", alarm(), key=imposter, to=ward.everyone)
    assert door.check(sealed, ward.topics.emergency) is None
    imposter = SigningKey("em-1", KeyRole.GATEWAY, ward.emergency.private)
    assert door.check(ward.seal("play", play(), key=imposter)) is None
    assert door.drops() == {"key_not_allowed": 2}


def test_a_real_emergency_is_admitted_on_its_topic_and_on_the_clusters_own(door):
    ward = door.ward
    sealed = ward.seal("emergency", alarm(), to=ward.everyone)
    assert isinstance(door.check(sealed, ward.topics.emergency), Admitted)
    assert isinstance(door.check(sealed), Repeated)


def test_after_a_gateway_restore_the_old_epoch_is_refused(door):
    ward = door.ward
    recorded = ward.seal("stop", Stop())
    ward.epoch = 8
    assert door.document(ward.plan(seq=1), "plan") is None
    assert door.check(recorded).why == "old_epoch"
    assert isinstance(door.check(ward.seal("stop", Stop())), Admitted)


def test_the_emergency_keys_epoch_is_its_own(door):
    ward = door.ward
    ward.epoch = 12
    assert door.document(ward.plan(), "plan") is None
    ward.epoch = 0
    assert isinstance(door.check(ward.seal("emergency", alarm(), to=ward.everyone)), Admitted)


def test_a_plan_cannot_be_rolled_back_and_the_same_one_again_is_no_offence(door):
    ward = door.ward
    old, new = ward.plan(entry()), ward.plan()
    assert door.document(old, "plan") is None
    assert door.document(new, "plan") is None
    assert door.document(old, "plan") == "rollback"
    assert door.document(new, "plan") is None
    assert door.document(ward.plan(entry(), seq=1, epoch=8), "plan") is None
    assert door.document(ward.plan(entry(), seq=99), "plan") == "rollback"


def test_marks_outlive_a_reboot_and_so_does_the_plan(door, tmp_path):
    ward = door.ward
    old, new = ward.plan(), ward.plan(entry())
    assert door.document(new, "plan") is None
    again = Door(tmp_path, ward, boot=False)
    assert [each.occ for each in again.documents.entries] == [entry().occ]
    assert again.document(old, "plan") == "rollback"


def test_in_1970_only_commands_with_this_boots_nonce_are_obeyed(tmp_path):
    door = Door(tmp_path, trusted=False)
    door.time.now_ms = 4_000
    assert door.check(door.ward.seal("volume", Volume(percent=10))).why == "clock_unsynced"
    assert door.check(door.ward.seal("volume", Volume(percent=10, nonce="an-earlier-boot"))).why == "clock_unsynced"
    assert isinstance(door.check(door.ward.seal("volume", Volume(percent=10, nonce="this-boot"))), Admitted)


def test_in_1970_configuration_and_plan_are_still_learnt(tmp_path):
    door = Door(tmp_path, trusted=False)
    door.time.now_ms = 4_000
    assert door.document(door.ward.plan(entry()), "plan") is None
    assert door.documents.entries


def test_too_big_and_malformed_messages_are_counted_not_parsed(door):
    assert door.check(b"x" * (COMMAND_MAX_BYTES + 1)) is None
    for junk in (b"", b"{}", b"a.b.c", b"\xff\xfe", b"e30.e30.e30", b"[" * 5000):
        assert door.check(junk) is None
    assert door.drops() == {"too_big": 1, "malformed": 6}


def test_a_good_seal_around_a_body_that_makes_no_sense_is_answered(door):
    assert door.check(door.ward.seal("test_tone", Stop(occ="x"))).__class__ is Admitted  # unknown fields are ignored
    assert door.check(door.ward.seal("play", Stop())).why == "malformed"


def test_another_major_version_is_refused(door):
    from devices.seal.jws import _JWS

    payload = {"v": 2, "iss": "g", "aud": "cluster:kp3-02", "iat_ms": T, "jti": "x", "body": {}}
    sealed = _JWS.encode(
        json.dumps(payload).encode(), door.ward.gateway.private, "EdDSA", headers={"kid": "gw-1", "typ": "stop"}
    )
    assert door.check(sealed.encode()) is None
    assert door.drops() == {"malformed": 1}


def test_the_gateways_notes_need_no_epoch_and_no_nonce(tmp_path):
    door = Door(tmp_path, trusted=False)
    door.ward.epoch = 0
    for typ, body in (("journal_ack", JournalAck(upto=3)), ("resync", Resync(from_n=1))):
        assert isinstance(door.check(door.ward.seal(typ, body)), Admitted)


def test_a_recorded_acknowledgement_does_not_move_a_new_journal(door):
    for typ, body in (("journal_ack", JournalAck(upto=500)), ("resync", Resync(from_n=1))):
        assert door.check(door.ward.seal(typ, body, now=T - 120_000)).why == "expired"


def test_the_gateways_will_is_not_a_message(door):
    topic = door.ward.topics.gateway_state
    assert door.check(b'{"online":false,"sid":"x"}', topic, retain=True) is None
    birth = door.ward.seal("gateway", GatewayState(online=True, sid="s", at_ms=T), to=door.ward.everyone)
    assert isinstance(door.check(birth, topic, retain=True), Admitted)
    assert door.drops() == {}


# -- keys and policy ---------------------------------------------------------------------------------------------------


def test_keys_are_changed_by_the_roots_list_and_the_old_one_then_says_nothing(door):
    ward = door.ward
    old = ward.renewed_gateway_key()
    assert isinstance(door.check(ward.seal("stop", Stop(), key=old)), Admitted)
    assert door.document(ward.config()) is None
    assert isinstance(door.check(ward.seal("stop", Stop())), Admitted)
    assert door.check(ward.seal("stop", Stop(), key=old)) is None
    assert door.drops() == {"unknown_key": 1}


def test_a_pole_that_slept_through_two_key_changes_learns_them_from_the_configuration_itself(door, tmp_path):
    ward = door.ward
    ward.renewed_gateway_key("gw-2")
    ward.renewed_gateway_key("gw-3")
    assert door.document(ward.config()) is None
    again = Door(tmp_path, ward, boot=False)
    assert isinstance(again.check(ward.seal("stop", Stop())), Admitted)


def test_an_older_key_list_cannot_bring_a_retired_key_back_and_the_newer_one_is_shown(door, tmp_path):
    ward = door.ward
    with_old = ward.key_list()
    old = ward.renewed_gateway_key()
    newest = ward.key_list()
    assert door.document(ward.config(keys=newest)) is None
    assert door.document(ward.config(keys=with_old, zones=("kp9",))) is None
    assert door.documents.zones == ("kp9",)
    assert door.documents.newer_keys == newest
    assert door.document(ward.config(keys=with_old, key=old)) == {"unknown_key": 1}
    again = Door(tmp_path, ward, boot=False)
    assert again.document(ward.config(keys=with_old, key=old)) == {"unknown_key": 1}
    assert again.documents.newer_keys == newest
    assert again.document(ward.config()) is None
    assert again.documents.newer_keys is None


def test_a_stolen_gateway_key_can_neither_move_the_quiet_hours_nor_drop_them(door):
    ward = door.ward
    forged = SigningKey("root", KeyRole.ROOT, ward.gateway.private)
    kept, ward.root = ward.root, forged
    night = ward.policy()
    ward.root = kept
    assert door.document(ward.config(policy=night)) == "bad_signature"
    assert door.document(ward.config(policy=None)) is None
    assert door.documents.rules == ward.rules


def test_an_older_policy_is_not_put_in_force_and_the_configuration_around_it_is(door, tmp_path):
    older = replace(door.ward.rules, version=2, windows=(Window(start=time(0), end=time.max),), max_percent=100)
    newest = door.ward.policy()
    assert door.document(door.ward.config(policy=newest)) is None
    for each in (door, Door(tmp_path, door.ward, boot=False)):
        assert each.document(door.ward.config(rules=older, zones=("kp9",))) is None
        assert each.documents.zones == ("kp9",)
        assert each.documents.rules == door.ward.rules
        assert (each.documents.held_policy, each.documents.newer_policy) == ((3, 0), newest)
    assert Door(tmp_path, door.ward, boot=False).documents.newer_policy == newest
    newer = replace(door.ward.rules, version=4, max_percent=40)
    assert door.document(door.ward.config(rules=newer)) is None
    assert door.documents.rules.max_percent == 40


def test_a_recorded_configuration_brings_back_no_permit_that_was_taken_back_and_is_obeyed_in_the_rest(door, tmp_path):
    ward, night = door.ward, instant(T - 8_100_000)
    quarter = timedelta(minutes=15)
    given = replace(ward.rules, permits=(Permit(start=night, end=night + quarter),), permits_rev=5)
    assert door.document(ward.config(rules=given)) is None
    assert door.documents.rules.may_sound(night, quarter, Priority.ROUTINE) is None
    taken_back = replace(ward.rules, permits_rev=6)
    assert door.document(ward.config(rules=taken_back)) is None
    for each in (door, Door(tmp_path, ward, boot=False)):
        assert each.document(ward.config(rules=given, zones=("kp9",))) is None
        assert each.documents.rules.may_sound(night, quarter, Priority.ROUTINE) is Refusal.QUIET_HOURS
        assert each.documents.zones == ("kp9",)
    newer = replace(given, version=4, permits_rev=1)
    assert door.document(ward.config(rules=newer)) is None
    assert door.documents.rules.permits == given.permits


def test_a_kept_document_that_was_tampered_with_is_set_aside_and_said(door, tmp_path):
    assert door.document(door.ward.plan(entry()), "plan") is None
    kept = bytearray((tmp_path / "plan.jws").read_bytes())
    kept[len(kept) // 2] ^= 1
    (tmp_path / "plan.jws").write_bytes(bytes(kept))
    again = Door(tmp_path, door.ward, boot=False)
    assert again.documents.plan is None
    assert "plan_damaged" in again.documents.faults
    assert list(tmp_path.glob("plan.jws.damaged-*"))


def test_the_kill_switch_survives_a_reboot_and_a_damaged_file(door, tmp_path):
    ward = door.ward
    assert door.document(ward.silence(silent=True), "silence") is None
    assert Door(tmp_path, ward, boot=False).documents.silent
    (tmp_path / "silence.jws").write_bytes(b"torn")
    from devices.agent.marks import load_marks

    again = Door(tmp_path, ward, boot=False)
    marks, damaged = load_marks(QuickDisk(), tmp_path)
    again.documents._marks = marks
    again.documents.load(marks_damaged=damaged)
    assert again.documents.silent


def test_an_old_lift_of_the_kill_switch_cannot_be_replayed(door):
    ward = door.ward
    lift = ward.silence(silent=False)
    assert door.document(lift, "silence") is None
    assert door.document(ward.silence(silent=True), "silence") is None
    assert door.document(lift, "silence") == "rollback"
    assert door.documents.silent
