"""What is known of a camera keeps its secrets, survives a restart, and says the worst thing first."""

import json
import logging
import pickle

import pytest

from devices.model.camera import (
    AuthKind,
    Cause,
    Depth,
    DeviceInfo,
    Door,
    Layer,
    LayerResult,
    Memory,
    PictureMemory,
    Secret,
    Sighting,
    Status,
    VideoProfile,
    clean,
)
from devices.model.camera_words import LAYERS, STATUSES, WORDS


def layers(*bad: LayerResult) -> tuple[LayerResult, ...]:
    found = {each.layer: each for each in bad}
    return tuple(found.get(layer, LayerResult(layer=layer, ok=True)) for layer in Layer)


def test_a_password_shows_nowhere_but_where_it_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    door = Door(host="10.0.0.7", user="admin", password=Secret("Tuyet-Mat-2026"))
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("thu").debug("%s %r", door, door.password)
    said = [repr(door), str(door.password), f"{door.password:>40}", caplog.text]
    assert not any("Tuyet-Mat" in each for each in said)
    assert door.password.reveal() == "Tuyet-Mat-2026"
    with pytest.raises(TypeError):
        pickle.dumps(door)


def test_memory_survives_as_json_and_holds_no_secret() -> None:
    memory = Memory(
        auth=AuthKind.WSSE_OURS,
        wrong_logins=2,
        paused_until_ms=9,
        clock_offset_s=-3600.5,
        profiles=(VideoProfile(name="main", codec="H265", width=1920, height=1080, fps=15),),
        device=DeviceInfo(maker="Dahua", serial="123456"),
        picture=PictureMemory(blocks="AA==", suspects={Cause.BLACK: (2, 77)}),
        snapshot_path="/onvif/snapshot",
    )
    text = json.dumps(memory.as_json())
    assert Memory.from_json(json.loads(text)) == memory
    assert "password" not in text


def test_an_empty_memory_is_an_empty_object_and_unknown_fields_are_left_out() -> None:
    assert Memory().as_json() == {}
    assert Memory.from_json({"of_a_later_version": 1}) == Memory()


@pytest.mark.parametrize(
    "bad", [{"auth": "magic"}, {"profiles": 3}, {"device": "x"}, {"picture": {"suspects": {"?": 1}}}]
)
def test_a_memory_that_cannot_be_read_says_so(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Memory.from_json(bad)


def test_the_worst_cause_comes_first_and_makes_the_status() -> None:
    drift = LayerResult(layer=Layer.CLOCK, ok=False, cause=Cause.CLOCK_DRIFT)
    gone = LayerResult(layer=Layer.STREAM, ok=False, cause=Cause.STREAM_DOWN)
    assert Sighting(at_ms=0, depth=Depth.FULL, layers=layers(drift)).status is Status.WARNING
    both = Sighting(at_ms=0, depth=Depth.FULL, layers=layers(drift, gone))
    assert (both.status, both.cause) == (Status.CRITICAL, Cause.STREAM_DOWN)


def test_what_is_only_worth_knowing_leaves_a_camera_well() -> None:
    sighting = Sighting(at_ms=0, depth=Depth.MINUTE, layers=layers(), notes=(Cause.XADDR_MISMATCH,))
    assert (sighting.status, sighting.cause) == (Status.OK, Cause.XADDR_MISMATCH)


def test_a_camera_nobody_could_look_at_is_unknown_and_never_well() -> None:
    nothing = tuple(LayerResult(layer=layer, ok=None) for layer in Layer)
    assert Sighting(at_ms=0, depth=Depth.MINUTE, layers=nothing).status is Status.UNKNOWN


def test_every_cause_layer_and_status_has_words_for_people() -> None:
    assert set(WORDS) == set(Cause)
    assert all(all(words) for words in WORDS.values())
    assert (set(LAYERS), set(STATUSES)) == (set(Layer), set(Status))


def test_text_from_a_camera_is_one_short_line_without_tricks() -> None:
    assert clean("  a\r\nb\x00\u202e\tc ") == "a b c"
    assert clean(None) == ""
    assert len(clean("x" * 10_000)) == 256
