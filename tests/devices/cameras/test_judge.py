"""One classifier for every answer: whatever comes, it says something, and never that a bad answer is a good one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.cameras import readings
from devices.cameras.digest import answer, read_challenge, wants_basic
from devices.cameras.judge import Fault, Observation, judge
from devices.cameras.soap import DEVICE, envelope, is_reading
from devices.errors import CameraTrouble
from devices.model.camera import Cause, Secret

OPEN = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
SHUT = "</s:Body></s:Envelope>"


def fault(text: str, *codes: str) -> bytes:
    sub = "".join(f"<s:Subcode><s:Value>ter:{code}</s:Value></s:Subcode>" for code in codes)
    return (
        f"{OPEN}<s:Fault><s:Code><s:Value>s:Sender</s:Value>{sub}</s:Code><s:Reason><s:Text>{text}</s:Text></s:Reason>"
        f"</s:Fault>{SHUT}"
    ).encode()


REFUSALS = [
    (200, fault("no", "NotAuthorized"), Cause.AUTH_FAILED),
    (500, fault("no", "FailedAuthentication"), Cause.AUTH_FAILED),
    (500, fault("Authority failure"), Cause.AUTH_FAILED),
    (400, fault("The username or password is wrong"), Cause.AUTH_FAILED),
    (401, b"", Cause.AUTH_FAILED),
    (401, b"<html>401</html>", Cause.AUTH_FAILED),
    (403, b"Forbidden", Cause.AUTH_FAILED),
    (403, b"The device is locked. Please try again in 30 minutes.", Cause.LOCKED_OUT),
    (401, b"Illegal login: too many attempts", Cause.LOCKED_OUT),
    (423, b"", Cause.LOCKED_OUT),
    (400, fault("User is locked, 7 min left", "NotAuthorized"), Cause.LOCKED_OUT),
    (400, fault("Wrong password. You still have 4 attempt(s) before it is locked", "NotAuthorized"), Cause.AUTH_FAILED),
    (400, fault("no", "OperationProhibited"), Cause.NOT_ALLOWED),
]


@pytest.mark.parametrize(("status", "body", "cause"), REFUSALS)
def test_a_refused_login_is_known_in_all_its_forms(status: int, body: bytes, cause: Cause) -> None:
    verdict = judge(Observation(status=status, body=body))
    assert verdict.cause is cause
    assert not verdict.ok


def test_how_long_a_lock_lasts_is_read_and_bounded() -> None:
    def minutes(text: str) -> int | None:
        return judge(Observation(status=403, body=text.encode())).lock_minutes

    assert minutes("locked for 30 minutes") == 30
    assert minutes("locked for 9999 min") == 24 * 60
    assert minutes("locked") is None


def test_a_call_that_a_camera_does_not_offer_is_no_fault_and_no_answer() -> None:
    verdict = judge(Observation(status=500, body=fault("nope", "ActionNotSupported")))
    assert (verdict.cause, verdict.unsupported, verdict.ok) == (None, True, False)


@pytest.mark.parametrize("text", ["anything at all", "", "out of memory"])
def test_a_fault_that_nobody_knows_is_never_an_answer(text: str) -> None:
    assert not judge(Observation(status=200, body=fault(text))).ok


@given(
    status=st.integers(100, 599),
    body=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: f"{OPEN}{text}{SHUT}".encode())),
    kind=st.sampled_from(["", "text/html", "application/soap+xml", "nonsense"]),
    packed=st.sampled_from(["", "gzip", "identity", "br"]),
)
def test_whatever_comes_is_judged_and_nothing_is_raised(status: int, body: bytes, kind: str, packed: str) -> None:
    headers = {"content-type": kind} | ({"content-encoding": packed} if packed else {})
    verdict = judge(Observation(status=status, headers=headers, body=body))
    if verdict.ok:
        assert 200 <= status < 300
        assert packed in {"", "identity"}
    else:
        assert verdict.cause is not None or verdict.unsupported


@given(st.binary(max_size=64))
def test_an_entity_anywhere_is_suspicious(before: bytes) -> None:
    body = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>{OPEN}<x>&b;</x>{SHUT}'.encode()
    assert judge(Observation(status=200, body=body)).cause is Cause.SUSPICIOUS
    wide = body.decode().encode("utf-16")
    assert judge(Observation(status=200, body=wide)).cause is Cause.SUSPICIOUS
    assert not judge(Observation(status=200, body=before + body)).ok


@pytest.mark.parametrize("each", list(Fault))
def test_every_fault_of_the_line_has_a_cause(each: Fault) -> None:
    assert judge(Observation(fault=each)).cause is not None


def test_only_calls_that_read_can_be_written() -> None:
    for action in (
        "SetSystemDateAndTime",
        "SystemReboot",
        "CreateUsers",
        "DeleteUsers",
        "UpgradeSystemFirmware",
        "Get",
        "",
    ):
        assert not is_reading(action)
        with pytest.raises(ValueError, match="reading"):
            envelope(DEVICE, action)
    assert is_reading("GetDeviceInformation")


def content(inside: str) -> object:
    return judge(Observation(status=200, body=f"{OPEN}{inside}{SHUT}".encode())).content


def time_of(date: str, time: str, name: str = "UTCDateTime", zone: str = "") -> readings.CameraTime:
    year, month, day = date.split("-")
    hour, minute, second = time.split(":")
    answer = content(
        f"<r><a><t:{name} xmlns:t='t'><t:Time><t:Hour>{hour}</t:Hour><t:Minute>{minute}</t:Minute>"
        f"<t:Second>{second}</t:Second></t:Time><t:Date><t:Year>{year}</t:Year><t:Month>{month}</t:Month>"
        f"<t:Day>{day}</t:Day></t:Date></t:{name}><TZ>{zone}</TZ></a></r>"
    )
    return readings.camera_time(answer)  # type: ignore[arg-type]


def test_dates_that_are_none_are_no_dates() -> None:
    assert time_of("0-0-0", "0:0:0") == readings.CameraTime(None, sensible=False, said="0000-00-00T00:00:00")
    assert not time_of("2026-2-30", "0:0:0").sensible
    assert not time_of("2026-11-22", "12:61:0").sensible
    assert not time_of("1970-1-1", "0:5:0").sensible
    assert time_of("2026-11-22", "23:59:60").sensible, "a leap second is a second"


def test_local_time_serves_where_utc_is_missing() -> None:
    told = time_of("2026-11-22", "12:00:00", "LocalDateTime", "ICT-7")
    assert told.at is not None
    assert f"{told.at:%H:%M %Z}" == "05:00 UTC"


def test_words_where_numbers_belong_are_trouble() -> None:
    with pytest.raises(CameraTrouble):
        time_of("mai-1-1", "0:0:0")
    with pytest.raises(CameraTrouble):
        time_of("2026-1-1", "0:0:-9")


@given(st.text(max_size=300))
def test_a_challenge_is_read_or_left_alone(header: str) -> None:
    for text in (header, f"Digest {header}", f'Digest realm="a", nonce="{header}"'):
        found = read_challenge(text)
        if found is not None:
            signed = answer(found, "u", Secret("p"), method="GET", target="/", cnonce="c")
            assert "\n" not in signed
            assert "\r" not in signed
        wants_basic(text)


def test_the_stronger_of_two_digests_is_answered_and_basic_alone_is_known() -> None:
    weak, strong = 'Digest realm="r", nonce="n1", qop="auth"', 'Digest realm="r", nonce="n2", algorithm=SHA-256'
    both = f'Basic realm="x"\n{weak}\n{strong}'
    found = read_challenge(both)
    assert found is not None
    assert (found.algorithm, found.nonce) == ("sha-256", "n2")
    assert not wants_basic(both)
    assert wants_basic('Basic realm="ipcam"')
    assert read_challenge('Digest realm="r", nonce="n", qop="auth-int"') is None


def test_a_digest_is_that_of_the_standard() -> None:
    """The example of RFC 2617, 3.5."""
    found = read_challenge(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc"'
    )
    assert found is not None
    signed = answer(
        found, "Mufasa", Secret("Circle Of Life"), method="GET", target="/dir/index.html", cnonce="0a4f113b"
    )
    assert 'response="6629fae49393a05397450978507c4ef1"' in signed
