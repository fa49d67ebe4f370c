"""The contract's messages: strict in what is known, tolerant of what is new, and topics with one writer each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.clock import instant
from devices.errors import BadMessage
from devices.model import NO_RULES_NO_SOUND, AirRules, Ceiling, ClusterId, Permit, SiteId, Window, ZoneId
from devices.wire.base import parse
from devices.wire.commands import Emergency, Play, TestTone, Volume
from devices.wire.documents import LocalWindow, PermitEntry, PlanEntry, PolicyDocument, VolumeCeiling
from devices.wire.envelope import Envelope
from devices.wire.rules import document_of, rules_of
from devices.wire.topics import Down, Topics, Up

ENTRY = {
    "occ": "sch-1@2026-10-08T05:30:00+07:00",
    "start_at_ms": 1_791_412_200_000,
    "dur_ms": 60_000,
    "items": [{"role": "bulletin", "asset": "sha256:" + "a" * 64, "dur_ms": 60_000}],
}


def test_fields_of_a_newer_peer_are_ignored_and_known_ones_must_be_right():
    assert parse(PlanEntry, {**ENTRY, "new": 1}).occ == ENTRY["occ"]
    with pytest.raises(BadMessage, match="PlanEntry: dur_ms"):
        parse(PlanEntry, {**ENTRY, "dur_ms": 0})


@pytest.mark.parametrize(
    "change",
    [
        {"items": []},
        {"items": [{"role": "song", "dur_ms": 1}]},
        {"items": [{"role": "bulletin", "asset": "sha256:../../etc/passwd", "dur_ms": 1}]},
        {"items": [{"role": "bulletin", "asset": "sha256:" + "A" * 64, "dur_ms": 1}]},
        {"items": [{"role": "bulletin", "asset": "sha256:" + "a" * 64, "dur_ms": 1, "skip_ms": 5}]},
        {"items": [{"role": "phrase", "asset": "sha256:" + "a" * 64, "dur_ms": 1}]},
        {"items": [{"role": "phrase", "dur_ms": 1, "skip_ms": 5}]},
        {"volume_percent": 101},
        {"level": 255},
        {"start_at_ms": -1},
        {"occ": ""},
        {"dur_ms": 14_400_001},
        {"priority": "supreme"},
    ],
)
def test_an_entry_that_must_not_be_is_refused(change):
    with pytest.raises(BadMessage):
        parse(PlanEntry, {**ENTRY, **change})


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (TestTone, {"dur_ms": 10_001}),
        (TestTone, {"percent": 31}),
        (Volume, {"percent": -1}),
        (Emergency, {"em": "E", "start_at_ms": 1, "end_by_ms": 2, "level": 239}),
        (Emergency, {"em": "E", "start_at_ms": 1, "end_by_ms": 2, "repeat": {"times": 21}}),
        (Play, {}),
        (Envelope, {"v": 2, "iss": "i", "aud": "all:w", "iat_ms": 1, "jti": "j", "body": {}}),
        (Envelope, {"iss": "i", "aud": "everybody", "iat_ms": 1, "jti": "j", "body": {}}),
    ],
)
def test_limits_of_the_contract_hold_at_the_edge(model, data):
    with pytest.raises(BadMessage):
        parse(model, data)


def test_an_error_names_the_field_and_never_its_value():
    with pytest.raises(BadMessage) as bad:
        parse(Volume, {"percent": "secret"})
    assert "percent" in str(bad.value)
    assert "secret" not in str(bad.value)


# -- topics ------------------------------------------------------------------------------------------------------------

TOPICS = Topics(SiteId("ward-1"))
SLUGS = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?", fullmatch=True)


@given(SLUGS, st.sampled_from(Up))
def test_what_a_cluster_writes_is_read_back_as_its_own(cluster, kind):
    assert TOPICS.from_cluster(TOPICS.up(ClusterId(cluster), kind)) == (cluster, kind)


@given(SLUGS, SLUGS)
def test_every_topic_a_cluster_listens_to_is_understood_by_it(cluster, zone):
    filters = TOPICS.cluster_filters(ClusterId(cluster), (ZoneId(zone),))
    kinds = [TOPICS.to_cluster(topic) for topic in filters]
    assert set(kinds) == set(Down)


def test_no_topic_has_two_writers():
    down = set(TOPICS.cluster_filters(ClusterId("a"), (ZoneId("z"),)))
    up = {TOPICS.up(ClusterId("a"), kind) for kind in Up}
    assert not down & up


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "loa/v1/ward-2/cluster/a/state",
        "loa/v1/ward-1/cluster/A/state",
        "loa/v1/ward-1/cluster/a/b/state",
        "loa/v1/ward-1/cluster/a/plan",
        "loa/v1/ward-1/cluster//state",
    ],
)
def test_other_topics_are_no_clusters_words(topic):
    with pytest.raises(BadMessage):
        TOPICS.from_cluster(topic)


@given(st.text(max_size=60))
def test_no_topic_confuses_a_cluster(tail):
    try:
        kind = TOPICS.to_cluster(f"loa/v1/ward-1/{tail}")
    except BadMessage:
        return
    assert kind in set(Down)


# -- policy ------------------------------------------------------------------------------------------------------------

times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def windows(draw, make):
    start, end = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    return make(start, end)


rules = st.builds(
    AirRules,
    name=st.just("n"),
    version=st.integers(1, 9),
    zone=st.sampled_from(["Asia/Ho_Chi_Minh", "UTC"]),
    windows=st.lists(windows(lambda start, end: Window(start=start, end=end)), max_size=3).map(tuple),
    weekdays=st.frozensets(st.integers(0, 6)),
    sessions_per_day=st.none() | st.integers(1, 9),
    session_max_s=st.none() | st.integers(1, 9000),
    music_allowed_from=st.none() | times,
    max_percent=st.integers(0, 100),
    ceilings=st.lists(windows(lambda start, end: Ceiling(start=start, end=end, max_percent=30)), max_size=2).map(tuple),
    emergency_min_percent=st.integers(0, 100),
    permits=st.lists(
        st.builds(
            lambda start_ms, dur_ms: Permit(start=instant(start_ms), end=instant(start_ms + dur_ms)),
            st.integers(0, 4_000_000_000_000),
            st.integers(1, 4 * 3_600_000),
        ),
        max_size=8,
    ).map(tuple),
    permits_rev=st.integers(0, 4_000_000_000_000),
)


@given(rules)
def test_rules_come_back_from_the_wire_as_they_went(before):
    document = parse(PolicyDocument, document_of(before).payload())
    assert rules_of(document) == before


def policy(**more):
    values = {"name": "n", "version": 1, "zone": "Asia/Ho_Chi_Minh", "windows": (), **more}
    return PolicyDocument(**values)


@pytest.mark.parametrize(
    "change",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"windows": (LocalWindow(start="22:00", end="05:00"),)},
        {"windows": (LocalWindow(start="05:00", end="29:00"),)},
        {"ceilings": (VolumeCeiling(start="22:00", end="05:00", max_percent=30),)},
        {"music_allowed_from": "25:00"},
        {"permits": (PermitEntry(start_ms=0, end_ms=4 * 3_600_000 + 1),)},
        {"permits": (PermitEntry(start_ms=5, end_ms=5),)},
        {"permits": (PermitEntry(start_ms=0, end_ms=253_402_300_799_000),)},
    ],
)
def test_a_policy_that_would_not_do_what_it_says_is_refused(change):
    with pytest.raises(BadMessage):
        rules_of(policy(**change))


def test_a_window_may_last_until_midnight():
    read = rules_of(policy(windows=(LocalWindow(start="05:00", end="24:00"),)))
    assert document_of(read).windows[0].end == "24:00"
    assert read.windows[0].end > read.windows[0].start


def test_the_rules_of_a_pole_without_a_policy_have_no_window():
    assert NO_RULES_NO_SOUND.version == 0
    assert not NO_RULES_NO_SOUND.windows
