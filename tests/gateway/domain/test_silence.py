"""IM LẶNG và bảo trì."""

from datetime import datetime

import pytest

from devices.model import ClusterId
from gateway.domain.errors import BadInput, WrongState
from gateway.domain.silence import Maintenance, Mark, SilenceState
from tests.gateway.domain.builders import NOON, OTHER

MARK = Mark(by=OTHER, at=NOON, reason="Có tiếng lạ trên loa")


def test_silence_may_be_pressed_twice_and_is_ended_by_a_person() -> None:
    silent = SilenceState().engage(MARK).engage(MARK)
    assert silent.silent
    assert silent.revision == 2
    assert not silent.rearm(MARK).silent
    with pytest.raises(WrongState):
        SilenceState().rearm(MARK)


def test_every_switch_has_a_reason_and_an_instant() -> None:
    with pytest.raises(BadInput):
        Mark(by=OTHER, at=NOON, reason=" ")
    with pytest.raises(ValueError, match="naive"):
        Mark(by=OTHER, at=datetime(2026, 1, 1), reason="x")  # noqa: DTZ001 - the naive time is the point


def test_maintenance_is_entered_once_and_left_once() -> None:
    at_work = Maintenance(cluster=ClusterId("kp1-00")).enter(MARK)
    assert at_work.active
    with pytest.raises(WrongState):
        at_work.enter(MARK)
    assert not at_work.leave().active
    with pytest.raises(WrongState):
        at_work.leave().leave()
