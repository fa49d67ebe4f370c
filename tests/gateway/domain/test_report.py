"""Báo cáo: what counts, what does not, and that every number is a count of lines that can be shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model import AssetId, ClusterId, OccurrenceId, Outcome, Proof, Source, ZoneId
from gateway.domain.attendance import Attended, working
from gateway.domain.bulletin import AudioRef, Bulletin, Content, State, text_sha256
from gateway.domain.category import Category
from gateway.domain.errors import BadInput
from gateway.domain.ids import BulletinId, CategoryId, UserId
from gateway.domain.reach import Neighbourhoods
from gateway.domain.report import Report, bulletins_behind, draw_up, lines_behind
from gateway.domain.report_facts import Facts, Standing, standing_of
from gateway.domain.report_period import Period, Span, period_of
from gateway.domain.targets import Cluster, ClusterKind, Registry, Zone

THURSDAY = datetime(2026, 10, 7, 22, 30, tzinfo=UTC)
HALF = Period(first=date(2026, 7, 1), last=date(2026, 12, 31))
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
SANG, KP1_01 = OccurrenceId("sang@1"), ClusterId("kp1-01")
SECURITY, DIGITAL = CategoryId("an-ninh-trat-tu"), CategoryId("chuyen-doi-so")


@dataclass(frozen=True, kw_only=True)
class Row:
    occ: OccurrenceId = SANG
    cluster: ClusterId = KP1_01
    title: str = "Bản tin sáng"
    priority: str = "routine"
    start_at: datetime = THURSDAY
    bulletins: tuple[str, ...] = ("b1",)
    assets: tuple[AssetId, ...] = (AssetId("b1"),)
    cancelled: bool = False
    outcome: Outcome | None = Outcome.PLAYED
    proof: Proof = Proof.DEVICE
    why: str = ""
    heard_ms: int = 60_000
    unplanned: bool = False


def bulletin(name: str, category: CategoryId, source: Source = Source.WARD, ms: int = 60_000) -> Bulletin:
    content = Content(title=name, category=category, text="Kính thưa bà con.", source=source)
    audio = AudioRef(
        asset=AssetId(name),
        duration_ms=ms,
        lufs=-16,
        engine="espeak",
        voice="x",
        text_sha256=text_sha256(content.text),
    )
    return Bulletin(id=BulletinId(name), author=UserId("u1"), content=content, state=State.APPROVED, audio=audio)


def registry() -> Registry:
    zones = [
        Zone(id=ZoneId("kp1"), name="Khu phố 1", households=400),
        Zone(id=ZoneId("kp2"), name="Khu phố 2"),
        Zone(id=ZoneId("kp10"), name="Khu phố 10", households=100),
    ]
    clusters = [
        Cluster(id=ClusterId("kp1-01"), name="a", zone=ZoneId("kp1"), households=150),
        Cluster(id=ClusterId("kp1-02"), name="b", zone=ZoneId("kp1"), households=250),
        Cluster(id=ClusterId("kp2-01"), name="c", zone=ZoneId("kp2"), households=200),
        Cluster(id=ClusterId("kp2-fm"), name="d", zone=ZoneId("kp2"), kind=ClusterKind.FM, households=300),
    ]
    return Registry.of(zones, clusters)


def facts(plays: Sequence[Row], **changes: object) -> Facts:
    fields: dict[str, object] = {
        "plays": plays,
        "bulletins": {
            each.id: each
            for each in (
                bulletin("b1", SECURITY),
                bulletin("b2", DIGITAL, Source.PROVINCE, ms=180_000),
                bulletin("b3", DIGITAL),
            )
        },
        "lengths_ms": {},
        "categories": {name: Category(id=name, label_vi=str(name), label_en=str(name)) for name in (SECURITY, DIGITAL)},
        "registry": registry(),
    }
    return Facts(**{**fields, **changes})


def report(*plays: Row, **changes: object) -> Report:
    return draw_up(facts(plays, **changes), HALF, upto=THURSDAY)


# -- what counts -----------------------------------------------------------------------------------------------------


def test_one_bulletin_in_one_airtime_is_one_play_on_however_many_clusters() -> None:
    found = report(Row(), Row(cluster=ClusterId("kp1-02"), heard_ms=61_000), Row(cluster=ClusterId("kp2-01")))
    assert (found.total.airings, found.total.bulletins, found.sessions) == (1, 1, 1)
    assert found.total.heard_ms == 61_000, "the air is not three times as long because three clusters sound"
    assert (found.owed, found.heard) == (3, 3)


def test_six_bulletins_said_three_times_each_are_eighteen_plays() -> None:
    names = [f"b{n}" for n in range(6)]
    plays = [Row(occ=OccurrenceId(f"{name}@{time}"), bulletins=(name,)) for name, time in product(names, range(3))]
    known = {BulletinId(name): bulletin(name, DIGITAL) for name in names}
    found = report(*plays, bulletins=known, begun=frozenset(known), approved=frozenset(known))
    assert (found.written, found.total.bulletins, found.total.airings) == (6, 6, 18)


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.PLAYED])
def test_nothing_but_a_proven_whole_play_counts(outcome: Outcome) -> None:
    found = report(Row(outcome=outcome, proof=Proof.MICROPHONE))
    assert found.total.airings == found.total.heard_ms == found.heard == found.sessions == found.reach.reached == 0
    assert found.owed == 1


def test_played_without_any_evidence_is_listed_as_unproven_and_counted_nowhere() -> None:
    found = report(Row(proof=Proof.NONE), Row(cluster=ClusterId("kp1-02"), outcome=Outcome.UNPROVEN, proof=Proof.NONE))
    assert (found.unproven, found.heard, found.total.airings, found.missed) == (2, 0, 0, ())


def test_what_nobody_planned_and_what_was_taken_back_are_no_plays_and_no_debts() -> None:
    found = report(
        Row(unplanned=True), Row(cluster=ClusterId("kp1-02"), cancelled=True, outcome=None, proof=Proof.NONE)
    )
    assert (found.strange, found.owed, found.heard, found.total.airings) == (1, 0, 0, 0)


def test_what_was_taken_back_after_it_began_still_has_its_outcome() -> None:
    assert standing_of(Row(cancelled=True, outcome=Outcome.INTERRUPTED)) is Standing.MISSED


def test_what_may_still_come_waits_and_pulls_no_percentage_down() -> None:
    found = report(Row(), Row(cluster=ClusterId("kp1-02"), outcome=None, proof=Proof.NONE))
    assert (found.waiting, found.heard_percent) == (1, 100.0)
    assert report().heard_percent is None


def test_a_draft_that_nobody_approved_is_no_bulletin_written() -> None:
    begun, approved = frozenset({BulletinId("b1"), BulletinId("x")}), frozenset({BulletinId("b1"), BulletinId("b2")})
    found = report(begun=begun, approved=approved)
    assert (found.written, found.begun) == (1, 2)


def test_the_minutes_of_an_airtime_are_parted_among_its_bulletins_and_add_up() -> None:
    both = Row(bulletins=("b1", "b2"), assets=(AssetId("b1"), AssetId("b2")), heard_ms=250_001)
    found = report(both)
    by = {group.key: group.tally for group in found.by_category}
    assert by[SECURITY].heard_ms + by[DIGITAL].heard_ms == found.total.heard_ms == 250_001
    assert by[DIGITAL].heard_ms == pytest.approx(3 * by[SECURITY].heard_ms, rel=0.001)
    assert {group.key: group.tally.airings for group in found.by_origin} == {"own": 1, "relayed": 1}
    assert [group.tally.airings for group in found.by_source if group.key == "province"] == [1]


def test_a_bulletin_whose_audio_was_changed_since_counts_as_long_as_the_others() -> None:
    found = report(Row(bulletins=("b1", "b3"), assets=(AssetId("b1"), AssetId("older")), heard_ms=120_000))
    assert {group.key: group.tally.heard_ms for group in found.by_category} == {SECURITY: 60_000, DIGITAL: 60_000}


def test_a_recording_without_a_bulletin_is_one_play_under_no_category() -> None:
    found = report(Row(bulletins=(), assets=(AssetId("nhac"),)))
    assert (found.total.airings, found.total.bulletins) == (1, 0)
    assert found.by_category[-1].key == ""
    assert found.by_category[-1].tally.airings == 1


def test_every_category_is_listed_also_with_nothing() -> None:
    assert [(group.key, group.tally.airings) for group in report().by_category] == [(SECURITY, 0), (DIGITAL, 0)]


def test_misses_are_told_by_reason_the_most_first() -> None:
    late = [
        Row(occ=OccurrenceId(f"o{n}"), outcome=Outcome.MISSED, why="power", cluster=ClusterId(f"kp1-0{n % 2 + 1}"))
        for n in range(3)
    ]
    found = report(*late, Row(outcome=Outcome.REFUSED, why="quiet_hours"))
    assert [(each.outcome, each.why, each.plays, each.clusters) for each in found.missed] == [
        (Outcome.MISSED, "power", 3, 2),
        (Outcome.REFUSED, "quiet_hours", 1, 1),
    ]


# -- households ------------------------------------------------------------------------------------------------------


def test_a_household_is_reached_only_by_a_cluster_that_proved_it() -> None:
    found = report(
        Row(), Row(cluster=ClusterId("kp2-01")), Row(cluster=ClusterId("kp1-02"), outcome=Outcome.MISSED, why="power")
    )
    assert (found.reach.reached, found.reach.households) == (150 + 200, 400 + 500 + 100)
    assert found.reach.percent == pytest.approx(35.0)
    zones = {line.zone: line for line in found.by_zone}
    assert [line.zone for line in found.by_zone] == ["kp1", "kp2", "kp10"]
    assert (zones[ZoneId("kp1")].owed, zones[ZoneId("kp1")].heard) == (2, 1)
    assert zones[ZoneId("kp10")].reach.reached == 0, "a zone without a loudspeaker hears nothing and counts"
    assert found.zones_served == 2


def test_the_mean_of_the_plays_tells_what_once_in_half_a_year_hides() -> None:
    first, second = Row(), Row(occ=OccurrenceId("chieu@1"), cluster=ClusterId("kp1-02"))
    found = report(first, second)
    assert found.reach.percent == pytest.approx(40.0)
    assert found.mean_reach_percent == pytest.approx((15.0 + 25.0) / 2)


def test_where_no_cluster_says_what_it_covers_the_zone_is_shared_out() -> None:
    ward = Registry.of(
        [Zone(id=ZoneId("kp1"), name="1", households=100)],
        [Cluster(id=ClusterId(f"c{n}"), name="c", zone=ZoneId("kp1")) for n in range(3)],
    )
    assert Neighbourhoods(ward).everywhere({ClusterId("c0"), ClusterId("c1")}).reached == 66


def test_no_more_are_reached_than_live_there_and_nobody_is_no_percentage() -> None:
    greedy = Registry.of(
        [Zone(id=ZoneId("kp1"), name="1", households=100)],
        [Cluster(id=ClusterId("c"), name="c", zone=ZoneId("kp1"), households=900)],
    )
    assert Neighbourhoods(greedy).everywhere({ClusterId("c")}).percent == 100
    empty = Registry.of([Zone(id=ZoneId("kp1"), name="1")], [Cluster(id=ClusterId("c"), name="c", zone=ZoneId("kp1"))])
    assert Neighbourhoods(empty).everywhere({ClusterId("c")}).percent is None


# -- clusters working ------------------------------------------------------------------------------------------------


def test_the_share_of_clusters_working_counts_only_time_in_which_somebody_watched() -> None:
    days = [
        Attended(day=date(2026, 10, 8), cluster=ClusterId("a"), watched_s=1000, online_s=1000),
        Attended(day=date(2026, 10, 9), cluster=ClusterId("a"), watched_s=1000, online_s=980),
        Attended(day=date(2026, 10, 8), cluster=ClusterId("b"), watched_s=1000, online_s=20),
        Attended(day=date(2026, 10, 8), cluster=ClusterId("c"), watched_s=0, online_s=0),
    ]
    found = working(days)
    assert (found.clusters, found.good) == (2, 1)
    assert found.percent == pytest.approx(100 * 2000 / 3000)
    assert working([]).percent is None


# -- every number opens its lines ------------------------------------------------------------------------------------

rows = st.builds(
    Row,
    occ=st.sampled_from([OccurrenceId(f"o{n}") for n in range(4)]),
    cluster=st.sampled_from([ClusterId(name) for name in ("kp1-01", "kp1-02", "kp2-01", "gone")]),
    bulletins=st.sampled_from([("b1",), ("b1", "b2"), ("b3", "b1", "b2"), (), ("unknown",)]),
    priority=st.sampled_from(["routine", "priority", "emergency"]),
    cancelled=st.booleans(),
    outcome=st.sampled_from([None, *Outcome]),
    proof=st.sampled_from(list(Proof)),
    why=st.sampled_from(["", "power", "quiet_hours", "by:trua@1", "by:person", "stopped", "of_tomorrow"]),
    heard_ms=st.integers(0, 900_000),
    unplanned=st.booleans(),
)


@given(st.lists(rows, max_size=30, unique_by=lambda row: (row.occ, row.cluster)))
def test_every_number_is_the_count_of_the_lines_it_opens(plays: list[Row]) -> None:
    # an airtime says the same on every cluster
    said = {row.occ: row for row in plays}
    plays = [replace(row, bulletins=said[row.occ].bulletins, priority=said[row.occ].priority) for row in plays]
    known = facts(plays)
    found = draw_up(known, HALF, upto=THURSDAY)

    def lines(what: str) -> Sequence[Row]:
        behind = lines_behind(known, what)
        assert behind is not None, what
        return behind

    for what in ("heard", "owed", "unproven", "waiting", "strange"):
        assert len(lines(what)) == getattr(found, what), what
    assert sum(miss.plays for miss in found.missed) == len(lines("missed"))
    assert found.owed == found.heard + found.unproven + found.waiting + len(lines("missed"))
    assert found.sessions == len({row.occ for row in lines("heard")})
    for miss in found.missed:
        assert len(lines(f"missed:{miss.outcome}:{miss.why}")) == miss.plays
    for zone in found.by_zone:
        assert len(lines(f"zone:{zone.zone}")) == zone.heard
        assert len(lines(f"zone-owed:{zone.zone}")) == zone.owed
    for name in ("category", "source", "origin", "priority"):
        groups = getattr(found, f"by_{name}")
        assert sum(group.tally.airings for group in groups) == found.total.airings
        assert sum(group.tally.heard_ms for group in groups) == found.total.heard_ms
        for group in groups:
            behind = lines(f"{name}:{group.key}")
            assert bool(behind) == bool(group.tally.airings)
            assert group.tally.airings <= sum(len(known.parts(row)) for row in behind)


def test_a_reason_in_the_same_words_is_one_line_of_the_report_however_it_was_coded() -> None:
    whys = (
        "by:trua@2026-03-05T11:00:00+07:00",
        "by:toi@2026-03-05T18:00:00+07:00",
        "by:em-1@2026-03-05T05:31:00+07:00",
    )
    plays = [
        Row(occ=OccurrenceId(f"o{n}"), outcome=Outcome.INTERRUPTED, why=why)
        for n, why in enumerate((*whys, "emergency", "by:person", "stopped", "tomorrow_1", "tomorrow_2"))
    ]
    found = draw_up(facts(plays), HALF, upto=THURSDAY)
    assert {(miss.why, miss.plays) for miss in found.missed} == {
        ("another", 2),
        ("emergency", 2),
        ("person", 2),
        ("other", 2),
    }


def test_what_names_no_number_opens_nothing() -> None:
    for what in ("", "x", "owed:", "category", "zone", "cluster:kp1-01"):
        assert not lines_behind(facts([Row()]), what), what
    assert bulletins_behind(facts([]), "heard") is None
    assert bulletins_behind(facts([], begun=frozenset({BulletinId("b1")})), "begun") == ["b1"]


# -- periods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "span", "name", "before"),
    [
        ("2026-01-01", "2026-06-30", Span.HALF_YEAR, "6 tháng đầu năm 2026", "2025-07-01"),
        ("2026-07-01", "2026-12-31", Span.HALF_YEAR, "6 tháng cuối năm 2026", "2026-01-01"),
        ("2026-07-01", "2026-09-30", Span.QUARTER, "quý III năm 2026", "2026-04-01"),
        ("2024-02-01", "2024-02-29", Span.MONTH, "tháng 2 năm 2024", "2024-01-01"),
        ("2026-01-01", "2026-12-31", Span.YEAR, "năm 2026", "2025-01-01"),
        ("2026-02-01", "2026-07-31", Span.DAYS, "từ ngày 01/02/2026 đến ngày 31/07/2026", "2025-08-04"),
        ("2026-10-08", "2026-10-08", Span.DAYS, "từ ngày 08/10/2026 đến ngày 08/10/2026", "2026-10-07"),
    ],
)
def test_a_period_has_its_name_and_the_one_before_it(first: str, last: str, span: Span, name: str, before: str) -> None:
    period = Period(first=date.fromisoformat(first), last=date.fromisoformat(last))
    assert (period.span, period.name[0]) == (span, name)
    earlier = period.before()
    assert earlier is not None
    assert earlier.first == date.fromisoformat(before)
    assert earlier.last == period.first - timedelta(days=1)
    assert period_of(span, period.first) == period or span is Span.DAYS


@given(st.sampled_from([each for each in Span if each is not Span.DAYS]), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_every_day_is_in_exactly_one_named_period_of_each_kind(span: Span, day: date) -> None:
    period = period_of(span, day)
    assert period.first <= day <= period.last
    assert period.span is span
    before = period.before()
    assert before is not None
    assert before.span is span


def test_a_period_begins_and_ends_at_the_wards_own_midnight() -> None:
    day = period_of(Span.DAYS, date(2026, 10, 8))
    assert day.since(VIETNAM) == datetime(2026, 10, 7, 17, tzinfo=UTC)
    assert day.until(VIETNAM) == datetime(2026, 10, 8, 17, tzinfo=UTC)


@pytest.mark.parametrize("days", [-1, 366])
def test_a_period_backwards_or_longer_than_a_year_is_refused(days: int) -> None:
    first = date(2026, 1, 1)
    with pytest.raises(BadInput):
        Period(first=first, last=first + timedelta(days=days))


def test_the_first_year_has_nothing_before_it() -> None:
    assert period_of(Span.YEAR, date(1, 5, 5)).before() is None
