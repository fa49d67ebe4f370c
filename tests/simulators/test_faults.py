"""Faults come from a seed, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.faults import Fault, FaultKind, Faults, draw

DAY_MS = 86_400_000


@given(st.integers(), st.sampled_from(["kp1-01", "kp1-02", "kp3-07"]))
def test_the_same_seed_breaks_the_same_things(seed: int, cluster: str) -> None:
    a, b = (list(draw(seed, cluster, start_ms=0, end_ms=DAY_MS, per_hour=2)) for _ in "ab")
    assert a == b
    assert all(0 <= fault.at_ms < DAY_MS for fault in a)


def test_every_kind_of_fault_happens_and_no_two_clusters_are_alike() -> None:
    drawn = {name: list(draw(7, name, start_ms=0, end_ms=30 * DAY_MS, per_hour=1)) for name in ("a", "b")}
    assert {fault.kind for fault in drawn["a"]} == set(FaultKind)
    assert drawn["a"] != drawn["b"]
    only = draw(7, "a", start_ms=0, end_ms=DAY_MS, per_hour=5, kinds=[FaultKind.MUTE])
    assert {fault.kind for fault in only} == {FaultKind.MUTE}
    assert list(draw(7, "a", start_ms=0, end_ms=DAY_MS, per_hour=0)) == []


def test_a_fault_holds_from_its_instant_for_its_time() -> None:
    faults = Faults([Fault(100, FaultKind.MUTE, for_ms=50), Fault(300, FaultKind.MUTE, for_ms=50)])
    holds = [at for at in range(0, 400, 10) if faults.active(FaultKind.MUTE, at)]
    assert holds == [*range(100, 150, 10), *range(300, 350, 10)]
    assert faults.active(FaultKind.AMP_OFF, 120) is None


def test_an_instant_is_found_once_by_whoever_looks_in_steps() -> None:
    faults = Faults([Fault(at, FaultKind.CLOCK_STEP, amount=at) for at in (5, 10, 25)])
    seen = [
        fault.at_ms for start in range(0, 30, 5) for fault in faults.between(FaultKind.CLOCK_STEP, start, start + 5)
    ]
    assert seen == [5, 10, 25]


def test_a_fault_begun_by_hand_lasts_until_it_is_mended() -> None:
    faults = Faults()
    faults.begin(FaultKind.CARD_MISSING, 100)
    assert faults.active(FaultKind.CARD_MISSING, 10**9)
    faults.end(FaultKind.CARD_MISSING, 200)
    assert faults.active(FaultKind.CARD_MISSING, 199)
    assert not faults.active(FaultKind.CARD_MISSING, 200)
