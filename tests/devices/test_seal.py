"""Con dấu: what was sealed is read back, and nothing else is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadMessage, SealBroken
from devices.seal import MAY_SEAL, SigningKey, Trust, decode_public, new_jti, seal, seal_body, unseal
from devices.seal.enrolment import (
    Grant,
    Request,
    new_code,
    open_grant,
    open_request,
    read_code,
    wrap_grant,
    wrap_request,
)
from devices.wire.commands import COMMANDS, Stop
from devices.wire.documents import KeyRole
from devices.wire.envelope import Envelope

GATEWAY = SigningKey.generate("gw-1", KeyRole.GATEWAY)
ROOT = SigningKey.generate("root", KeyRole.ROOT)
TRUST = Trust.of([GATEWAY.entry])
LIMIT = 16_384


def stop(**more):
    return seal_body(GATEWAY, "stop", Stop(occ="x"), iss="gateway:w", aud="cluster:a", iat_ms=1, **more)


def reason(token, trust=TRUST, limit=LIMIT):
    with pytest.raises(SealBroken) as broken:
        unseal(token, trust, max_bytes=limit)
    return broken.value.reason


def test_what_was_sealed_is_read_back_whole():
    opened = unseal(stop(exp_ms=5, epoch=3, seq=9, jti="j"), TRUST, max_bytes=LIMIT)
    assert (opened.typ, opened.kid, opened.role) == ("stop", "gw-1", KeyRole.GATEWAY)
    envelope = opened.envelope
    assert (envelope.exp_ms, envelope.epoch, envelope.seq, envelope.jti) == (5, 3, 9, "j")
    assert envelope.body == {"occ": "x"}


@given(st.data())
def test_no_change_of_a_single_byte_survives(data):
    token = bytearray(stop())
    at = data.draw(st.integers(0, len(token) - 1))
    token[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != token[at]))
    assert reason(bytes(token)) in {"malformed", "bad_signature", "unknown_key", "key_not_allowed"}


@given(st.binary(max_size=400))
def test_garbage_is_refused_and_never_breaks_the_reader(junk):
    assert reason(junk) == "malformed"


@pytest.mark.parametrize("role", KeyRole)
def test_a_key_says_what_its_duty_allows_and_nothing_else(role):
    key = SigningKey.generate("k", role)
    envelope = Envelope(iss="i", aud="all:w", iat_ms=1, jti="j", body={})
    for typ in frozenset[str]().union(*MAY_SEAL.values()):
        if typ in MAY_SEAL[role]:
            assert unseal(seal(key, typ, envelope), Trust.of([key.entry]), max_bytes=LIMIT).typ == typ
        else:
            with pytest.raises(SealBroken, match="key_not_allowed"):
                seal(key, typ, envelope)


def test_every_command_has_exactly_one_duty_that_may_give_it():
    for typ in COMMANDS:
        assert sum(typ in typs for typs in MAY_SEAL.values()) == 1


def test_a_reader_trusts_its_own_list_about_a_keys_duty_not_the_sender():
    liar = Trust({"gw-1": (KeyRole.EMERGENCY, GATEWAY.private.public_key())})
    assert reason(stop(), liar) == "key_not_allowed"


def test_a_seal_that_held_before_holds_for_that_key_only():
    token = stop()
    for _ in range(3):
        assert unseal(token, TRUST, max_bytes=LIMIT).envelope.body == {"occ": "x"}
    other = SigningKey.generate("gw-1", KeyRole.GATEWAY)
    assert reason(token, Trust.of([other.entry])) == "bad_signature"
    assert reason(token, Trust.of([])) == "unknown_key"
    body, _, _ = token.rpartition(b".")
    assert reason(body + b"." + stop(jti="k").rpartition(b".")[2]) == "bad_signature"
    unseal(token, TRUST, max_bytes=LIMIT).envelope.body["occ"] = "y"
    assert unseal(token, TRUST, max_bytes=LIMIT).envelope.body == {"occ": "x"}


def test_size_is_checked_before_anything_is_parsed():
    assert reason(stop(), limit=10) == "too_big"


def test_names_do_not_come_twice():
    assert len({new_jti() for _ in range(1000)}) == 1000


def test_keys_are_kept_private_and_open_only_with_their_pin(tmp_path):
    path = tmp_path / "key.pem"
    GATEWAY.save(path, pin="1234")
    assert path.stat().st_mode & 0o777 == 0o600
    assert SigningKey.load(path, "gw-1", KeyRole.GATEWAY, pin="1234").public == GATEWAY.public
    for pin in ("4321", None):
        with pytest.raises(SealBroken):
            SigningKey.load(path, "gw-1", KeyRole.GATEWAY, pin=pin)
    assert GATEWAY.public not in repr(GATEWAY)


@pytest.mark.parametrize("text", ["", "a", "!" * 43, "A" * 40])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(SealBroken, match="bad_key"):
        decode_public(text)


# -- enrolment ---------------------------------------------------------------------------------------------------------


GRANT = Grant(
    site="w", cluster="a", root=ROOT.entry, keys="k", broker_host="h", broker_port=1, asset_base="http://h/", now_ms=0
)


def test_both_sides_of_an_enrolment_understand_each_other():
    code = new_code()
    typed = read_code(code.text.lower().replace("-", " ").replace("0", "o").replace("1", "l"))
    assert typed == code
    request = Request(pub=GATEWAY.public, model="m", fw="1")
    assert open_request(code, wrap_request(typed, request)) == request
    assert open_grant(typed, wrap_grant(code, GRANT)) == GRANT


def test_without_the_code_nothing_is_read_and_a_question_is_not_an_answer():
    code, other = new_code(), new_code()
    sealed = wrap_grant(code, GRANT)
    for wrong in (other, type(code)(other.name, code.secret), type(code)(code.name, other.secret)):
        with pytest.raises(SealBroken, match="wrong_code"):
            open_grant(wrong, sealed)
    with pytest.raises(SealBroken, match="wrong_code"):
        open_request(code, sealed)


@given(st.text(max_size=60))
def test_junk_instead_of_a_wrapped_message_is_a_wrong_code(junk):
    with pytest.raises(SealBroken, match="wrong_code"):
        open_grant(new_code(), junk)


@pytest.mark.parametrize("text", ["", "ABCD", "U" * 20, "A" * 21, "é" * 20])
def test_what_cannot_be_a_code_is_said_in_vietnamese(text):
    with pytest.raises(BadMessage, match="20 ký tự"):
        read_code(text)


def test_the_secret_of_a_code_is_not_printed():
    code = new_code()
    assert code.secret not in repr(code)
    assert json.dumps(code.name)
