"""The broker's password file, in Mosquitto's own format."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.broker import hash_password, password_matches
from devices.broker.passwords import password_file

# made once by mosquitto_passwd 2.0.11 for the password "loa phường"
BY_MOSQUITTO_PASSWD = (
    "$7$101$JcNXGEDd8h1NWMRD$JNgfrgxZRz/+cZWPJxZdocksGDbBI8wx06vMp7Vny1UyEs8Wtslhn8rZYl/zwltorEsY1YQeXSifCP0Yum0qtg=="
)


def test_a_hash_made_by_mosquitto_is_understood() -> None:
    assert password_matches("loa phường", BY_MOSQUITTO_PASSWD)
    assert not password_matches("loa phuong", BY_MOSQUITTO_PASSWD)


@settings(max_examples=20, deadline=None)
@given(password=st.text(max_size=40), other=st.text(max_size=40))
def test_only_the_password_itself_matches(password: str, other: str) -> None:
    password_hash = hash_password(password, iterations=2)
    assert password_matches(password, password_hash)
    assert password_matches(other, password_hash) == (other == password)


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password("same") != hash_password("same")


@pytest.mark.parametrize("text", ["", "secret", "$6$abc$def", "$7$x$AAAA$AAAA", "$7$101$AAAA"])
def test_what_is_not_a_hash_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\$7\$"):
        password_matches("secret", text)


@pytest.mark.parametrize("name", ["", "a:b", "a\nb", "+", "#", "a/b", "trưởng", "x" * 65])
def test_a_name_that_would_become_another_line_or_topic_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="account name"):
        password_file({name: hash_password("x")})


def test_a_hash_that_would_become_another_line_is_refused() -> None:
    with pytest.raises(ValueError, match="hash"):
        password_file({"kp3-02": hash_password("x") + "\ngateway:" + hash_password("y")})
