"""Lỗi nói được với người, và có mã cho máy."""

from datetime import datetime

import pytest

from gateway.domain import errors
from gateway.domain.errors import BadInput, GatewayError, NotFound, PolicyRefusal, Problem
from gateway.domain.ids import ScheduleId, occurrence_id

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GatewayError)]


def test_every_error_has_a_code_of_its_own() -> None:
    named = [kind for kind in EVERY if not kind.__name__.startswith("_")]
    codes = [kind.code for kind in named]
    assert len(set(codes)) == len(codes)
    assert {"not_found", "wrong_state", "stale", "clash", "policy_refusal", "bad_input", "not_allowed"} <= set(codes)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in named)


def test_an_error_speaks_vietnamese_and_english_and_may_be_more_precise() -> None:
    error = NotFound("Không có bản tin này.", "There is no such bulletin.", code="no_bulletin")
    assert (error.vi, error.en, error.code, str(error)) == (
        "Không có bản tin này.",
        "There is no such bulletin.",
        "no_bulletin",
        "There is no such bulletin.",
    )
    assert NotFound("x", "y").code == "not_found"


def test_a_list_of_reasons_is_told_whole() -> None:
    problems = [Problem(code="a", vi="một", en="one", path="x"), Problem(code="b", vi="hai", en="two")]
    error = BadInput(iter(problems))
    assert error.problems == tuple(problems)
    assert error.vi == "Dữ liệu chưa đúng: một; hai"
    assert str(error) == "The input is not right: one; two"
    assert PolicyRefusal(problems).refusals == tuple(problems)


def test_an_airtime_is_never_named_by_a_naive_time() -> None:
    with pytest.raises(ValueError, match="naive"):
        occurrence_id(ScheduleId("lich"), datetime(2026, 10, 8, 5, 30))  # noqa: DTZ001 - the naive time is the point
