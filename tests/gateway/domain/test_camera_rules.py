"""Health by two of three, root causes, identity, alerts and repairs: the rules of cameras."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from devices.model import ZoneId
from devices.model.camera import Layer
from gateway.domain import camera_alert, root_cause
from gateway.domain.camera_alert import AlertId, AlertState, CameraAlert, whats_wrong
from gateway.domain.camera_history import Slice, credited, uptime
from gateway.domain.camera_look import Finding, Look
from gateway.domain.camera_watch import CameraWatch, Health, after
from gateway.domain.device import Camera, CameraId, Particulars
from gateway.domain.errors import BadInput, WrongState
from gateway.domain.identity import Marks, find
from gateway.domain.ids import UserId
from gateway.domain.root_cause import Scope, shared_losses
from gateway.domain.ticket import Photo, Step, Ticket, TicketId, TicketState, warranty_warning

MINUTE = 60_000
WELL = {Layer.TCP: "", Layer.CLOCK: "", Layer.LOGIN: ""}
BY = UserId("ky-thuat")


def look(at_ms: int, **causes: str) -> Look:
    wrong = {Layer(layer): cause for layer, cause in causes.items()}
    layers = {Layer.TCP: wrong[Layer.TCP]} if Layer.TCP in wrong else {**WELL, **wrong}
    return Look(
        at_ms=at_ms,
        findings=tuple(
            Finding(layer=layer, ok=not cause, cause=cause, vi=cause, en=cause, ms=20.0 if not cause else None)
            for layer, cause in layers.items()
        ),
    )


def after_all(*looks: Look, name: str = "cam-01") -> CameraWatch:
    watch = CameraWatch(id=CameraId(name))
    for each in looks:
        watch = after(watch, each)
    return watch


def camera(name: str, *, zone: str = "kp1", cabinet: str = "", switch: str = "", **more: object) -> Camera:
    return Camera(
        id=CameraId(name), place=f"Điểm {name}", zone=ZoneId(zone), host="192.0.2.1", cabinet=cabinet, switch=switch,
        **more,
    )  # fmt: skip


# -- health ----------------------------------------------------------------------------------------------------------


def test_nobody_looked_is_not_known_and_never_green() -> None:
    watch = CameraWatch(id=CameraId("cam-01"))
    assert watch.at(0) is Health.UNKNOWN
    assert watch.age_s(0) is None


def test_one_lost_packet_wakes_nobody_and_two_of_three_do() -> None:
    watch = after_all(look(0), look(MINUTE, tcp="offline"))
    assert watch.health is Health.GOOD
    assert watch.in_doubt
    watch = after(watch, look(2 * MINUTE, tcp="refused"))
    assert watch.health is Health.LOST
    assert watch.since_ms == 2 * MINUTE
    watch = after(after(watch, look(3 * MINUTE)), look(4 * MINUTE))
    assert watch.health is Health.GOOD


def test_a_fault_every_second_time_is_a_fault() -> None:
    watch = after_all(look(0), look(1), look(2, login="auth_failed"), look(3), look(4, login="auth_failed"))
    assert watch.health is Health.FAULTY


def test_a_deep_layer_keeps_its_finding_while_only_the_shallow_ones_are_looked_at() -> None:
    watch = after_all(look(0, stream="stream_down"), look(MINUTE), look(2 * MINUTE))
    assert watch.health is Health.FAULTY
    assert watch.fault is not None
    assert watch.fault.cause == "stream_down"


def test_what_was_good_and_is_not_looked_at_any_more_is_not_known() -> None:
    watch = after_all(look(0), look(MINUTE))
    assert watch.at(2 * MINUTE) is Health.GOOD
    assert watch.at(MINUTE + 21 * MINUTE) is Health.UNKNOWN


def test_the_gravest_fault_is_told_first_and_a_lost_camera_has_only_one() -> None:
    mild = Finding(layer=Layer.CLOCK, ok=False, cause="clock_drift", grave=False)
    grave = Finding(layer=Layer.STREAM, ok=False, cause="stream_down")
    watch = after_all(Look(at_ms=0, findings=(Finding(layer=Layer.TCP, ok=True), mild, grave)))
    assert [each.cause for each in watch.faults] == ["stream_down", "clock_drift"]
    watch = after(after(watch, look(1, tcp="offline")), look(2, tcp="offline"))
    assert [each.cause for each in watch.faults] == ["offline"]


def test_time_belongs_to_what_held_until_then_and_a_long_gap_to_nobody() -> None:
    first = after_all(look(0))
    second = after(first, look(7 * MINUTE))
    pieces = list(credited(first, second))
    assert sum(each.good_ms for each in pieces) == 7 * MINUTE
    assert {each.start_ms for each in pieces if each.good_ms} == {0, 5 * MINUTE}
    late = after(second, look(100 * MINUTE))
    assert sum(each.known_ms for each in credited(second, late)) == 0
    up = uptime(pieces, cameras=1, since_ms=0, until_ms=14 * MINUTE)
    assert (up.percent, up.known_percent) == (100.0, 50.0)
    assert uptime([], cameras=3, since_ms=0, until_ms=MINUTE).percent is None


def test_a_camera_whose_clock_alone_is_wrong_still_sees() -> None:
    drifting = after_all(look(0, clock="clock_wrong"))
    frozen = after_all(look(0, picture="frozen"))
    assert sum(each.good_ms for each in credited(drifting, after(drifting, look(MINUTE)))) == MINUTE
    assert sum(each.faulty_ms for each in credited(frozen, after(frozen, look(MINUTE)))) == MINUTE


# -- root cause ------------------------------------------------------------------------------------------------------


def test_a_whole_cabinet_is_one_fault() -> None:
    cameras = [camera(f"a{n}", cabinet="nga-tu") for n in range(6)] + [camera(f"b{n}", zone="kp2") for n in range(9)]
    losses = shared_losses(cameras, [each.id for each in cameras[:6]])
    assert [(each.scope, each.subject, len(each.cameras)) for each in losses] == [(Scope.CABINET, "nga-tu", 6)]
    assert losses[0].words({})[0] == "Cả tủ nga-tu mất: 6 camera."


def test_five_of_six_are_five_faults() -> None:
    cameras = [camera(f"a{n}", cabinet="nga-tu") for n in range(6)] + [camera(f"b{n}", zone="kp2") for n in range(9)]
    assert shared_losses(cameras, [each.id for each in cameras[:5]]) == ()


def test_the_switch_is_blamed_when_the_rest_of_its_cabinet_lives() -> None:
    cameras = [camera(f"a{n}", cabinet="tu", switch=f"sw{n % 2}") for n in range(6)]
    cameras += [camera(f"b{n}", zone="kp2") for n in range(9)]
    losses = shared_losses(cameras, [each.id for each in cameras[:6:2]])
    assert [(each.scope, each.subject) for each in losses] == [(Scope.SWITCH, "sw0")]
    losses = shared_losses(cameras, [each.id for each in cameras[:6]])
    assert [(each.scope, each.subject) for each in losses] == [(Scope.CABINET, "tu")]


def test_a_neighbourhood_with_two_cabinets_is_one_fault() -> None:
    cameras = [camera(f"a{n}", cabinet=f"tu{n % 2}") for n in range(6)] + [
        camera(f"b{n}", zone="kp2") for n in range(9)
    ]
    losses = shared_losses(cameras, [each.id for each in cameras[:6]])
    assert [(each.scope, each.subject) for each in losses] == [(Scope.ZONE, "kp1")]


def test_forty_percent_of_all_at_once_is_the_line() -> None:
    cameras = [camera(f"a{n}", zone=f"kp{n % 5}", cabinet=f"tu{n % 7}") for n in range(35)]
    lost = [each.id for each in cameras[:14]]
    assert [each.scope for each in shared_losses(cameras, lost)] == [Scope.WARD]
    assert shared_losses(cameras, lost[:13]) == ()


def test_a_cabinet_that_is_most_of_the_ward_is_still_the_cabinet() -> None:
    cameras = [camera(f"a{n}", cabinet="tu") for n in range(6)] + [camera(f"b{n}", zone="kp2") for n in range(3)]
    assert [each.scope for each in shared_losses(cameras, [each.id for each in cameras[:6]])] == [Scope.CABINET]


# -- identity --------------------------------------------------------------------------------------------------------


def test_a_camera_is_found_again_by_uuid_or_mac_and_never_by_serial_alone() -> None:
    cameras = [camera("a", uuid="u-1", mac="00:11:22:33:44:55", serial="SER-1", model="M"), camera("b", serial="SER-2")]
    assert find(Marks(uuid="urn:uuid:U-1"), cameras) is cameras[0]
    assert find(Marks(mac="00-11-22-33-44-55"), cameras) is cameras[0]
    assert find(Marks(serial="SER-1"), cameras) is None
    assert find(Marks(serial="SER-2", model="M"), cameras) is None


def test_a_uuid_that_two_cameras_carry_is_nobodys() -> None:
    cameras = [camera("a", uuid="same", serial="SER-1"), camera("b", uuid="same", serial="SER-2")]
    assert find(Marks(uuid="same", serial="SER-1"), cameras) is None
    alone = [camera("a", uuid="same")]
    assert find(Marks(uuid="same"), alone, also_seen=[Marks(uuid="same", mac="x")]) is None


def test_another_network_card_is_another_camera() -> None:
    cameras = [camera("a", uuid="u-1", mac="00:11:22:33:44:55")]
    assert find(Marks(uuid="u-1", mac="00:11:22:33:44:66"), cameras) is None


# -- alerts ----------------------------------------------------------------------------------------------------------


def lost(name: str, since_ms: int) -> CameraWatch:
    return after_all(look(since_ms, tcp="offline"), name=name)


def test_a_lost_camera_waits_for_its_neighbours_and_a_whole_cabinet_does_not() -> None:
    alone = {CameraId("a"): lost("a", 0)}
    assert whats_wrong([camera("a")], alone, {}, 70_000) == {}
    assert list(whats_wrong([camera("a")], alone, {}, 80_000)) == ["camera:a"]
    both = {CameraId(name): lost(name, 0) for name in "ab"}
    cameras = [camera(name, cabinet="tu") for name in "ab"]
    assert list(whats_wrong(cameras, both, {}, 1)) == ["cabinet:tu"]


def test_what_nobody_could_look_at_since_is_still_wrong() -> None:
    wrong = whats_wrong([camera("a")], {CameraId("a"): lost("a", 0)}, {}, 10 * 3_600_000)
    assert list(wrong) == ["camera:a"]


def test_a_power_that_comes_and_goes_is_told() -> None:
    watch = CameraWatch(id=CameraId("a"))
    for n in range(4):
        watch = after(watch, replace(look(n * MINUTE), rebooted=True))
    assert list(whats_wrong([camera("a")], {CameraId("a"): watch}, {}, 5 * MINUTE)) == ["power:a"]


def alert(at_ms: int = 0) -> CameraAlert:
    wrong = whats_wrong([camera("a")], {CameraId("a"): lost("a", 0)}, {}, 80_000)["camera:a"]
    return CameraAlert(id=AlertId(1), wrong=wrong, opened_ms=at_ms)


def test_an_alert_is_repaired_after_calm_and_says_how_long_it_was() -> None:
    standing = alert().see(by=BY, at_ms=1)
    standing = camera_alert.without(standing, 10 * MINUTE)
    assert standing.state is AlertState.SEEN
    standing = camera_alert.without(standing, 14 * MINUTE)
    assert standing.state is AlertState.REPAIRED
    assert standing.lasted_ms == 10 * MINUTE
    assert camera_alert.lasted(10 * MINUTE)[0] == "10 phút"
    standing = camera_alert.without(standing, 14 * MINUTE + 86_400_000)
    assert standing.state is AlertState.CLOSED


def test_a_fault_that_comes_back_soon_is_the_same_alert() -> None:
    standing = alert()
    for at in (10, 14):
        standing = camera_alert.without(standing, at * MINUTE)
    assert camera_alert.comes_back(standing, 40 * MINUTE)
    assert not camera_alert.comes_back(standing, 41 * MINUTE)
    again = camera_alert.still(standing, standing.wrong)
    assert (again.state, again.count, again.repaired_ms) == (AlertState.NEW, 2, None)


def test_closing_while_it_is_wrong_needs_a_reason() -> None:
    with pytest.raises(BadInput):
        alert().close(by=BY, at_ms=1)
    closed = alert().close(by=BY, at_ms=1, note="camera đã tháo")
    assert closed.state is AlertState.CLOSED
    with pytest.raises(WrongState):
        closed.close(by=BY, at_ms=2, note="x")


@pytest.mark.parametrize(("hour", "night"), [(21, False), (22, True), (0, True), (4, True), (5, False)])
def test_the_night_is_the_wards(hour: int, night: bool) -> None:
    at = datetime(2026, 10, 8, (hour - 7) % 24, 30, tzinfo=UTC)
    assert camera_alert.is_night(at, "Asia/Ho_Chi_Minh") is night


def test_the_thresholds_are_those_of_the_measurements() -> None:
    assert root_cause.SHARED_LOSS_PERCENT == 40
    assert Slice(camera=CameraId("a"), start_ms=0).width_ms == 300_000


# -- repairs ---------------------------------------------------------------------------------------------------------

NOW = datetime(2026, 10, 8, tzinfo=UTC)


def ticket() -> Ticket:
    first = Step(at=NOW, by=BY, state=TicketState.OPEN)
    return Ticket(id=TicketId(1), device="cam-01", title="Mờ", steps=(first,))


def test_a_repair_goes_from_the_call_to_the_bill_with_every_step() -> None:
    done = ticket().assign("Đơn vị A", by=BY, at=NOW)
    done = done.repair(by=BY, at=NOW, note="lau ống kính", cost_vnd=200_000, warranty=False)
    done = done.close(by=BY, at=NOW)
    assert [each.state for each in done.steps] == ["open", "assigned", "repaired", "closed"]
    assert (done.contractor, done.cost_vnd, done.open) == ("Đơn vị A", 200_000, False)


def test_a_repair_cannot_be_closed_without_repair_or_reason_and_not_twice() -> None:
    with pytest.raises(BadInput):
        ticket().close(by=BY, at=NOW)
    closed = ticket().close(by=BY, at=NOW, note="nhầm")
    for again in (
        lambda: closed.close(by=BY, at=NOW, note="x"),
        lambda: closed.assign("A", by=BY, at=NOW),
        lambda: closed.with_photo(Photo(sha256="0" * 64, at=NOW, by=BY)),
    ):
        with pytest.raises(WrongState):
            again()


def test_under_warranty_nothing_is_paid() -> None:
    with pytest.raises(BadInput):
        ticket().repair(by=BY, at=NOW, note="", cost_vnd=1, warranty=True)


def test_who_pays_is_asked_before_money_is_spent() -> None:
    known = Particulars(warranty_until=date(2026, 10, 8), contractor="Đơn vị A")
    warning = warranty_warning(known, date(2026, 10, 8))
    assert warning is not None
    assert "Đơn vị A" in warning[0]
    assert warranty_warning(known, date(2026, 10, 9)) is None
    assert warranty_warning(Particulars(), date(2026, 10, 9)) is not None
