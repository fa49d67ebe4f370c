"""Templates: what ships can be said, what is filled in is right or refused all at once, and a drill always says so."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import BadInput
from gateway.domain.filled import EVERYWHERE, Filled, fill, place_phrases, vocabulary
from gateway.domain.template import DRILL, Blank, BlankKind, Kind, Template
from gateway.domain.template_row import example_on, read_template, write_template
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser
from tts.text.reading import NORTHERN, SOUTHERN

SHIPPED = Path(__file__).parents[3] / "gateway" / "templates_vi"
TODAY = date(2026, 10, 7)
PLACES = {"kp-1": "khu phố 1", "kp-3": "khu phố 3", "kp3-02": "Nhà văn hóa khu phố 3"}


def shipped() -> Iterator[Template]:
    for kind in Kind:
        for row in tomllib.loads((SHIPPED / f"{kind}.toml").read_text())["template"]:
            yield read_template(row, kind=kind)


TEMPLATES = {template.id: template for template in shipped()}


def made(**changes: Any) -> Template:
    fields: dict[str, Any] = {
        "id": "thu",
        "name_vi": "Thử",
        "name_en": "Trial",
        "kind": Kind.EMERGENCY,
        "text": "Khẩn cấp. Nước lên lúc {gio}, {ngay}, tại {noi}. Nơi đến: {den}.",
        "blanks": (
            Blank(id="gio", label_vi="Giờ", label_en="Hour", kind=BlankKind.HOUR),
            Blank(id="ngay", label_vi="Ngày", label_en="Day", kind=BlankKind.DATE),
            Blank(id="noi", label_vi="Nơi", label_en="Place", kind=BlankKind.PLACE),
            Blank(id="den", label_vi="Nơi đến", label_en="To", kind=BlankKind.TEXT, optional=True),
        ),
    }
    return Template(**{**fields, **changes})


def filled(template: Template, drill: bool = False, **values: str) -> Filled:
    return fill(template, values, places=PLACES, today=TODAY, drill=drill)


GOOD = {"gio": "05:30", "ngay": "2026-10-08", "noi": "kp-3"}


def test_at_least_twelve_ship_and_all_the_issue_names_are_there() -> None:
    wanted = {"bao", "lu", "sat-lo", "chay", "dich", "cat-dien", "moi-hop", "nghia-vu-quan-su", "tiem-chung"}
    wanted |= {"tim-tre-lac", "tra-loi", "dien-tap"}
    assert wanted <= TEMPLATES.keys()
    assert len(TEMPLATES) == sum(1 for _ in shipped()), "two of one name"


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda each: each.id)
def test_an_example_fills_every_blank_that_must_be_filled(template: Template) -> None:
    example = example_on(template, TODAY)
    done = fill(template, example, places=PLACES, today=TODAY)
    assert "{" not in done.text
    assert set(done.left_out) == {blank.id for blank in template.blanks} - example.keys()
    assert (done.text.startswith(DRILL) and done.text.endswith(DRILL)) == template.drill
    if template.kind is Kind.EMERGENCY:
        assert not done.free, "it needs speech, and a storm takes that first"


@pytest.mark.parametrize("reading", [NORTHERN, SOUTHERN], ids=["bac", "nam"])
def test_no_phrase_leaves_a_doubt_and_none_is_empty(reading: Any) -> None:
    normaliser = Normaliser(national(), reading)
    fixed = [text for template in TEMPLATES.values() if template.kind is Kind.EMERGENCY for text in template.fixed]
    for text in [*fixed, *(phrase for page in vocabulary().values() for phrase in page), *place_phrases(PLACES)]:
        read = normaliser.normalise(text)
        assert read.spoken.strip(), text
        assert not read.doubts, text
        assert not any(char.isdigit() for char in read.spoken), text


def test_hours_dates_numbers_and_places_become_phrases_in_order() -> None:
    done = filled(made(), **GOOD)
    assert [part.phrases for part in done.sentences[1]] == [
        ("Nước lên lúc",),
        ("5 giờ", "30 phút"),
        ("thứ năm", "ngày 8", "tháng 10"),
        ("tại",),
        ("khu phố 3",),
    ]
    assert done.text == "Khẩn cấp. Nước lên lúc 5 giờ 30 phút, thứ năm ngày 8 tháng 10, tại khu phố 3."
    assert done.left_out == ("den",)
    known = {phrase for page in vocabulary().values() for phrase in page} | set(place_phrases(PLACES))
    assert {phrase for part in done.sentences[1] if part.blank for phrase in part.phrases} <= known


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), day=st.dates(TODAY, date(2027, 10, 1)))
def test_every_hour_and_every_day_of_a_year_is_in_the_vocabulary(hour: int, minute: int, day: date) -> None:
    known = {phrase for page in vocabulary().values() for phrase in page}
    done = filled(made(), gio=f"{hour}:{minute:02}", ngay=day.isoformat(), noi=EVERYWHERE)
    assert not done.free
    said = [phrase for part in done.sentences[1] if part.blank in {"gio", "ngay"} for phrase in part.phrases]
    assert set(said) <= known
    assert said[:2] == ([f"{hour} giờ", f"{minute} phút"] if minute else [f"{hour} giờ", said[1]])


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        filled(made(), gio="25:00", ngay="2026-10-06", den="x" * 200, la="?")
    assert {problem.path: problem.code for problem in refused.value.problems} == {
        "blanks.gio": "invalid",
        "blanks.ngay": "invalid",
        "blanks.noi": "missing",
        "blanks.den": "too_long",
        "blanks.la": "invalid",
    }
    with pytest.raises(BadInput, match="there is no place “kp-9”"):
        filled(made(), **GOOD | {"noi": "kp-9"})


def test_a_place_by_its_name_is_the_place_and_another_needs_speech() -> None:
    assert not filled(made(), **GOOD | {"noi": "Khu phố 3"}).free
    other = filled(made(), **GOOD | {"noi": "bến đò Bà Đắc", "den": "trường học."})
    assert other.free == ("noi", "den")
    assert other.text.endswith("tại bến đò Bà Đắc. Nơi đến: trường học.")


def test_a_drill_says_so_first_and_last_whatever_the_template_says() -> None:
    assert DRILL not in filled(made(), **GOOD).text
    for done in (filled(made(), drill=True, **GOOD), filled(made(drill=True), **GOOD)):
        assert done.drill
        assert done.written[0] == done.written[-1] == DRILL
        assert done.sentences[0] == done.sentences[-1]
        assert DRILL in done.template.fixed


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"text": "Khẩn cấp. Nước lên tại {noi}, {den}."}, "blanks.den"),
        ({"text": "Nơi đến {den}."}, "text"),
        ({"text": "Khẩn cấp. {gio} {ngay} {noi} {khac}. {den}."}, "blanks.khac"),
        ({"text": "Khẩn cấp. {gio} {ngay}. {den}."}, "blanks.noi"),
        ({"text": "Khẩn cấp. {gio} {ngay} {noi} {. {den}."}, "text"),
        ({"text": "nói nhiều " * 40 + "{gio} {ngay} {noi}. {den}."}, "text"),
        ({"id": "Có dấu"}, "id"),
        ({"name_vi": " "}, "name_vi"),
        ({"kind": Kind.EVERYDAY, "drill": True}, "drill"),
    ],
)
def test_a_template_that_could_not_be_said_is_refused_where_it_is_written(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(BadInput) as refused:
        made(**changes)
    assert path in {problem.path for problem in refused.value.problems}


def test_a_template_comes_back_as_it_was_written() -> None:
    for template in TEMPLATES.values():
        assert read_template(write_template(template)) == template
    with pytest.raises(BadInput):
        read_template({"id": "x"})
    with pytest.raises(BadInput):
        read_template({**write_template(made()), "blanks": [{"id": "a", "kind": "colour"}]})
