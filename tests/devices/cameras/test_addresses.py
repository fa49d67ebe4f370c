"""An address that a camera names is a path on the enrolled host, and never a way to anywhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.cameras.addresses import Policy, http_uri, rtsp_uri, service_place, snapshot_place, stream_place
from devices.cameras.sweep import MOST_ADDRESSES, addresses
from devices.cameras.veil import unveiled, veiled
from devices.errors import CameraTrouble
from devices.model.camera import Door, Secret

DOOR = Door(host="10.1.2.3", port=8000, user="admin", password=Secret("mat/khau"))


def test_a_service_is_asked_at_the_enrolled_host_and_port() -> None:
    same = service_place("http://10.1.2.3:8000/onvif/media", DOOR)
    assert (same.path, same.port, same.mismatch) == ("/onvif/media", 8000, False)
    for lie in ("http://8.8.8.8/onvif/media", "https://10.1.2.3:8000/onvif/media", "http://127.0.0.1:1/onvif/media"):
        place = service_place(lie, DOOR)
        assert (place.path, place.port, place.mismatch) == ("/onvif/media", 8000, True)
    assert service_place("http://10.1.2.3:8000", DOOR).path == DOOR.path


@given(st.text(max_size=200))
def test_whatever_a_camera_names_stays_on_its_host(said: str) -> None:
    for text in (said, f"http://{said}", f"rtsp://{said}"):
        place = service_place(text, DOOR)
        assert place.port == DOOR.port
        assert place.path.startswith("/")
        for read in (snapshot_place, stream_place):
            try:
                found = read(text, DOOR)
            except CameraTrouble:
                continue
            for uri in (rtsp_uri(DOOR, found.port, found.path), http_uri(DOOR, found.port, found.path)):
                assert uri.split("/")[2].split(":")[0] == DOOR.host
                assert uri.isascii()
                assert not set(uri) & set('\r\n\t "<>\\')


@pytest.mark.parametrize(
    "said", ["file:///etc/passwd", "ftp://10.1.2.3/", "javascript:alert(1)", "rtsp://10.1.2.3:99999/", "//10.1.2.3/x"]
)
def test_an_address_that_no_camera_gives_by_accident_is_trouble(said: str) -> None:
    for read in (snapshot_place, stream_place):
        with pytest.raises(CameraTrouble):
            read(said, DOOR)


def test_a_picture_on_a_second_port_of_the_camera_is_found_there() -> None:
    assert snapshot_place("http://10.1.2.3:8091/snap.jpg?n=1", DOOR).port == 8091
    assert snapshot_place("http://169.254.169.254/latest", DOOR).port == DOOR.port


def test_user_and_password_in_an_address_are_left_behind() -> None:
    place = stream_place("rtsp://admin:mat%2Fkhau@10.1.2.3:554/user=admin&password=mat%2Fkhau", DOOR)
    kept = veiled(place.path, DOOR)
    assert "mat" not in rtsp_uri(DOOR, place.port, kept)
    assert unveiled(kept, DOOR) == place.path


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "::1",
        "169.254.169.254",
        "224.1.1.1",
        "255.255.255.255",
        "0.0.0.0",
        "::ffff:127.0.0.1",
        "ff02::c",
    ],
)
def test_addresses_that_are_no_cameras_are_refused(address: str) -> None:
    assert Policy().refusal(address)


@pytest.mark.parametrize("address", ["10.9.8.7", "192.168.250.251", "fe80::1%lo", "2001:db8::7"])
def test_neighbours_may_be_cameras(address: str) -> None:
    assert not Policy().refusal(address)


def test_ranges_are_spelt_out_and_bounded() -> None:
    assert addresses(["10.1.2.0/30", "10.1.2.9-11", "10.1.2.9"]) == (
        "10.1.2.1", "10.1.2.2", "10.1.2.9", "10.1.2.10", "10.1.2.11",
    )  # fmt: skip
    assert addresses(["2001:db8::1-2001:db8::3"])[-1] == "2001:db8::3"
    assert len(addresses(["10.0.0.0/20"])) <= MOST_ADDRESSES
    for bad in ("10.0.0.0/8", "10.1.2.9-3", "camera", "10.1.2.3-::1", "::/0", "0.0.0.0/0"):
        with pytest.raises(ValueError, match=" / "):
            addresses([bad])
    with pytest.raises(ValueError, match="chia"):
        addresses(["10.0.0.0/20", "10.1.0.0/20"])
