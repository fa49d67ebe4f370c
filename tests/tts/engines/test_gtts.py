"""The real gTTS package against a stand-in of its service: what it says, and every way it can go wrong."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tts.engines.standin import ANSWERS, HOST, StandIn, authority, standin
from tts.engines.gtts import MAX_PIECE_CHARS, VOICE, GttsEngine, pieces
from tts.errors import (
    EngineTimeout,
    EngineUnavailable,
    OnlineBlocked,
    OnlineBusy,
    OnlineDown,
    OnlineNotSpeech,
    OnlineUnreachable,
    OnlineUntrusted,
    UnknownVoice,
)
from tts.model import voice_id

SENTENCE = "Xin chào bà con."
LONG = (
    "Trạm y tế phường tổ chức tiêm vắc xin phòng bệnh sởi cho trẻ em từ một đến năm tuổi, vào sáng thứ bảy tuần này, "
    "tại nhà văn hóa khu phố ba."
)
DEADLINE_S = 20.0
SHORT_S = 1.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standin(tmp_path_factory.mktemp("standin")) as this:
        yield this


@pytest.fixture
def service(running: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{running.port}")
    for name in (
        "HTTPS_PROXY",
        "no_proxy",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "all_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    running.texts.clear()
    running.mode = "ok"
    return running


@pytest.fixture
def gtts(service: StandIn) -> Iterator[GttsEngine]:
    engine = GttsEngine(enabled=True, ca_bundle=service.ca_file)
    yield engine
    engine.close()


def test_a_sentence_becomes_sound(gtts: GttsEngine, service: StandIn) -> None:
    said = gtts.synth(SENTENCE, VOICE, 1.0, DEADLINE_S)
    assert said.duration_ms == pytest.approx(600, abs=80)
    assert service.texts == [SENTENCE]


def test_a_long_sentence_is_cut_at_clauses_and_asked_in_order(gtts: GttsEngine, service: StandIn) -> None:
    said = gtts.synth(LONG, VOICE, 1.0, DEADLINE_S)
    assert said.duration_ms == pytest.approx(1200, abs=160)
    assert len(service.texts) == 2
    assert " ".join(service.texts) == LONG
    assert service.texts[0].endswith(",")


def test_speed_is_made_here_since_the_service_knows_only_slow(gtts: GttsEngine) -> None:
    assert gtts.synth(SENTENCE, VOICE, 1.2, DEADLINE_S).duration_ms == pytest.approx(500, abs=80)


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("403", OnlineBlocked),
        ("429", OnlineBusy),
        ("503", OnlineDown),
        ("login page", OnlineNotSpeech),
        ("redirect to a login page", OnlineNotSpeech),
        ("zero bytes", OnlineNotSpeech),
        ("empty audio", OnlineNotSpeech),
        ("no audio", OnlineNotSpeech),
        ("not an mp3", OnlineNotSpeech),
        ("cut", OnlineUnreachable),
        ("closed at once", OnlineUnreachable),
        ("hang", EngineTimeout),
        ("drip", EngineTimeout),
    ],
)
def test_each_way_to_fail_is_its_own_error_and_never_sound(
    gtts: GttsEngine, service: StandIn, mode: str, error: type[Exception]
) -> None:
    assert mode in ANSWERS
    gtts.synth(SENTENCE, VOICE, 1.0, DEADLINE_S)  # so that a short deadline is not spent on starting a process
    service.texts.clear()
    service.mode = mode
    started = time.monotonic()
    with pytest.raises(error) as raised:
        gtts.synth(SENTENCE, VOICE, 1.0, SHORT_S if mode in ("hang", "drip") else DEADLINE_S)
    assert type(raised.value) is error
    assert time.monotonic() - started < 30  # a hanging service would hold us for ever
    assert len(service.texts) == 1, "an online service is not asked again by itself"


def test_after_a_failure_the_next_sentence_is_asked_again(gtts: GttsEngine, service: StandIn) -> None:
    gtts.synth(SENTENCE, VOICE, 1.0, DEADLINE_S)
    service.mode = "hang"
    with pytest.raises(EngineTimeout):
        gtts.synth(SENTENCE, VOICE, 1.0, SHORT_S)
    service.mode = "ok"
    assert gtts.synth(SENTENCE, VOICE, 1.0, DEADLINE_S).frames


def test_a_refusal_of_the_second_piece_loses_the_first_too(gtts: GttsEngine, service: StandIn) -> None:
    service.mode = "429 on the second piece"
    with pytest.raises(OnlineBusy):
        gtts.synth(LONG, VOICE, 1.0, DEADLINE_S)
    assert len(service.texts) == 2


def test_a_certificate_nobody_vouches_for_is_refused_before_a_word_is_sent(service: StandIn, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    other = tmp_path / "other.pem"
    other.write_bytes(authority("somebody else")[1].public_bytes(serialization.Encoding.PEM))
    for bundle in (other, None):
        engine = GttsEngine(enabled=True, ca_bundle=bundle)
        with pytest.raises(OnlineUntrusted):
            engine.synth(SENTENCE, VOICE, 1.0, DEADLINE_S)
        engine.close()
    assert service.texts == []


@pytest.mark.parametrize(
    ("named", "age"), [("translate.example", timedelta()), (HOST, timedelta(days=30)), ("*.com", timedelta())]
)
def test_a_certificate_for_another_host_or_out_of_date_is_refused_before_a_word_is_sent(
    service: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str, age: timedelta
) -> None:
    with standin(tmp_path, named=named, age=age) as impostor:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{impostor.port}")
        engine = GttsEngine(enabled=True, ca_bundle=impostor.ca_file)
        with pytest.raises(OnlineUntrusted):
            engine.synth(SENTENCE, VOICE, 1.0, DEADLINE_S)
        engine.close()
    assert impostor.texts == service.texts == []


def test_another_host_than_the_services_is_not_reached(service: StandIn) -> None:
    engine = GttsEngine(enabled=True, ca_bundle=service.ca_file, tld="com.vn")
    with pytest.raises(OnlineUnreachable):  # the stand-in does not even open a way there
        engine.synth(SENTENCE, VOICE, 1.0, DEADLINE_S)
    engine.close()


def test_a_dead_proxy_is_unreachable(gtts: GttsEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed}")
    with pytest.raises(OnlineUnreachable):
        gtts.synth(SENTENCE, VOICE, 1.0, DEADLINE_S)


def test_switched_off_it_says_so_and_sends_nothing(service: StandIn) -> None:
    engine = GttsEngine(enabled=False, ca_bundle=service.ca_file)
    assert not engine.available().available
    assert engine.available().online
    with pytest.raises(EngineUnavailable, match="tắt"):
        engine.synth(SENTENCE, VOICE, 1.0, DEADLINE_S)
    assert service.texts == []


def test_only_its_own_voice_is_accepted(gtts: GttsEngine) -> None:
    with pytest.raises(UnknownVoice):
        gtts.synth(SENTENCE, voice_id("gtts", "en"), 1.0, DEADLINE_S)


@settings(deadline=None)
@given(st.text(alphabet="ab ,.;", max_size=400).map(lambda text: " ".join(text.split())))
def test_pieces_fit_and_lose_nothing(sentence: str) -> None:
    parts = list(pieces(sentence))
    assert all(0 < len(part) <= MAX_PIECE_CHARS for part in parts)
    assert "".join(parts).replace(" ", "") == sentence.replace(" ", "")
