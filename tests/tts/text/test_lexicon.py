"""The pronunciation list: a value with a version, in layers, from a file with a report of every bad row."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.errors import LexiconError
from tts.text.lexicon import MAX_ENTRIES, Entry, Lexicon, of_places
from tts.text.lexicon_file import check, national, read_lexicon, write_lexicon
from tts.text.normaliser import Normaliser, normalise
from tts.text.syllables import LETTERS

WORDS = st.text(LETTERS, min_size=1, max_size=8)


def lexicon(*lines: str) -> Lexicon:
    found, problems = read_lexicon("\n".join(lines))
    assert not problems
    return found


def test_every_bad_row_is_told_with_its_line_and_the_rest_is_kept() -> None:
    found, problems = read_lexicon("# của phường\nKĐT\tkhu đô thị\tcs\nUBND\n\nA\tB1\nX\tích\tyy\nKĐT\tkhác\tcs\n")
    assert [entry.surface for entry in found.entries] == ["KĐT"]
    assert [(each.line, each.why.split(" (")[0]) for each in problems] == [
        (3, "thiếu từ hoặc cách đọc"),
        (5, "cách đọc chỉ gồm chữ cái"),
        (6, "không hiểu cờ yy"),
        (7, "từ này đã có ở dòng trên với cách đọc khác"),
    ]


@given(st.lists(st.builds(Entry, surface=WORDS, reading=WORDS, case_sensitive=st.booleans()), max_size=20))
def test_what_is_written_reads_back_the_same(entries: list[Entry]) -> None:
    before = Lexicon(entries)
    after, problems = read_lexicon(write_lexicon(before))
    assert not problems
    assert after == before
    assert after.version == before.version


def test_the_national_list_reads_back_the_same() -> None:
    assert read_lexicon(write_lexicon(national())) == (national(), ())


def test_a_version_is_the_content_and_not_the_order() -> None:
    one, other = lexicon("A B\tmột", "C D\thai"), lexicon("C D\thai", "A B\tmột")
    assert one.version == other.version
    assert one.version != lexicon("A B\tmột", "C D\tba").version


def test_the_wards_word_wins_over_its_places_and_those_over_the_national_list() -> None:
    base = lexicon("UBND\tủy ban nhân dân\tcs", "Ea Kao\tsai", "KĐT\tkhu đô thị\tcs")
    both = Lexicon.layered(base, lexicon("ubnd\tủy ban ta"), of_places(["Ea Kao", "Tổ 5", "KP3"]))
    assert both.get("UBND") == "ủy ban ta"
    assert both.get("Ea Kao") == "Ea Kao"
    assert both.get("KĐT") == "khu đô thị"
    assert both.get("KP3") is None


def test_a_place_of_the_ward_is_no_foreign_word() -> None:
    text = "Họp tại buôn Ea H'leo và Krông Pắc."
    assert Normaliser(national()).normalise(text).unknown
    known = Normaliser(Lexicon.layered(national(), places=of_places(["Ea H'leo", "Krông Pắc"]))).normalise(text)
    assert known.unknown == ()
    assert known.spoken == "Họp tại buôn Ea H leo và Krông Pắc."


def test_another_lexicon_leaves_the_normaliser_in_use_as_it_was() -> None:
    before = Normaliser(national())
    after = Normaliser(Lexicon.layered(national(), lexicon("UBND\tủy ban ta\tcs")))
    assert before.normalise("UBND").spoken == "ủy ban nhân dân."
    assert after.normalise("UBND").spoken == "ủy ban ta."


def test_a_pattern_reads_what_it_captured() -> None:
    ward = lexicon(r"Sân vận động ([A-D])([0-9]{1,2})" + "\tsân vận động khu \\1 số \\2\tre")
    spoken = Normaliser(Lexicon.layered(national(), ward)).normalise("Tập trung ở sân vận động B12.").spoken
    assert spoken == "Tập trung ở sân vận động khu bê số mười hai."


def test_a_listed_word_with_figures_comes_before_the_rules_for_figures() -> None:
    text = "Chợ 24/3 mở cửa."
    assert normalise(text, lexicon("24/3\thai bốn tháng ba")).spoken == "Chợ hai bốn tháng ba mở cửa."


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+b", "a*", "a{1,}", "(ab){2}", "(?=a)b", "a{1,99}", "a?b?c?d?e?", "(a", "x?", r"(a)\1", "[a-z]+"],
)
def test_a_pattern_that_could_hang_is_refused(pattern: str) -> None:
    _, problems = read_lexicon(f"{pattern}\tmột\tre")
    assert len(problems) == 1


def test_an_escaped_sign_repeats_nothing() -> None:
    assert len(lexicon(r"C\+\+" + "\txê cộng cộng\tre").patterns) == 1


def test_the_worst_pattern_that_is_taken_does_not_hang_a_bulletin() -> None:
    ward = lexicon("[a]{0,20}[a]{0,20}[a]{0,20}[a]{1,20}b\tmột\tre")
    started = time.monotonic()
    Normaliser(ward).normalise("a" * 400)
    # a pattern without bounds would take hours; the margin is for a busy machine
    assert time.monotonic() - started < 60


def test_an_entry_that_a_file_could_not_hold_is_refused() -> None:
    with pytest.raises(LexiconError, match="tab"):
        check(Entry(surface="a\tb", reading="một"))
    check(Entry(surface="TABMIS", reading="táp mít", case_sensitive=True))


def test_too_many_entries_are_refused() -> None:
    with pytest.raises(LexiconError, match="quá"):
        Lexicon(Entry(surface=f"x{n}", reading="một") for n in range(MAX_ENTRIES + 1))


@settings(deadline=None, max_examples=50)
@given(st.lists(WORDS, min_size=1, max_size=30), st.data())
def test_the_longest_listed_word_is_found_and_only_as_a_whole(words: list[str], data: st.DataObject) -> None:
    found = Lexicon(Entry(surface=word, reading="x", case_sensitive=True) for word in words)
    word = data.draw(st.sampled_from(words))
    assert (match := found.pattern.search(f"({word})")) is not None
    assert match[0] == word
    assert found.pattern.search(f"zz{word}zz") is None or f"zz{word}zz" in words
