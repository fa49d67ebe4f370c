"""A broker's address is read strictly and printed without its password."""

from pathlib import Path

import pytest

from devices.link import BrokerAddress, TlsFiles, parse_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://10.0.0.5", BrokerAddress("10.0.0.5", 1883)),
        ("mqtt://broker.lan:1884/", BrokerAddress("broker.lan", 1884)),
        ("mqtt://kp3-02:p%40ss@broker.lan", BrokerAddress("broker.lan", 1883, "kp3-02", "p@ss")),
        ("mqtts://broker.lan", BrokerAddress("broker.lan", 8883, tls=TlsFiles())),
        ("mqtt://[::1]:1885", BrokerAddress("::1", 1885)),
    ],
)
def test_a_url_becomes_an_address(url: str, address: BrokerAddress) -> None:
    assert parse_url(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "http://broker.lan",
        "broker.lan:1883",
        "mqtt://",
        "mqtt://broker.lan:0",
        "mqtt://broker.lan:70000",
        "mqtt://broker.lan/topic",
        "mqtt://:secret@broker.lan",
    ],
)
def test_what_is_not_an_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_url(url)


def test_certificates_for_a_plain_connection_are_refused_and_not_ignored() -> None:
    with pytest.raises(ValueError, match="mqtts"):
        parse_url("mqtt://broker.lan", tls=TlsFiles())


def test_a_certificate_without_its_key_is_refused() -> None:
    with pytest.raises(ValueError, match="together"):
        TlsFiles(certificate=Path("kp3-02.pem"))


def test_a_printed_address_shows_no_password() -> None:
    address = parse_url("mqtts://kp3-02:very-secret@broker.lan")
    assert "very-secret" not in f"{address} {address!r}"
    assert str(address) == "mqtts://broker.lan:8883"
    assert str(BrokerAddress("::1", 1883)) == "mqtt://[::1]:1883"
