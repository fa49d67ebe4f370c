"""The waits between attempts are values."""

import random
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from devices.link import backoff


def test_without_jitter_the_wait_doubles_up_to_its_limit() -> None:
    assert list(islice(backoff(first_s=1, limit_s=30, jitter=0), 8)) == [1, 2, 4, 8, 16, 30, 30, 30]


@given(seed=st.integers(), jitter=st.floats(0, 0.9))
def test_each_wait_stays_within_its_jitter(seed: int, jitter: float) -> None:
    plain = islice(backoff(first_s=0.5, limit_s=20, jitter=0), 10)
    spread = islice(backoff(first_s=0.5, limit_s=20, jitter=jitter, dice=random.Random(seed)), 10)
    for middle, wait in zip(plain, spread, strict=True):
        assert middle * (1 - jitter) <= wait <= middle * (1 + jitter)


def test_a_crowd_does_not_come_back_at_one_instant() -> None:
    first_waits = [next(backoff(dice=random.Random(cluster))) for cluster in range(1_000)]
    tenths = {int(wait * 10) for wait in first_waits}
    assert tenths == set(range(5, 15))
