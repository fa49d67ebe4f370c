"""Taking a voice in: from an address or a path, checked before anything of it appears in the folder."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.tts.engines.tiny_piper import write_voice
from tts.errors import VoiceDiffers, VoiceNotAllowed, VoiceRefused, VoiceUnreachable, VoiceUnusable
from tts.model import Gender, Region
from tts.voices.folder import VoiceFolder, VoiceRecord
from tts.voices.install import Wanted, install
from tts.voices.policy import POLICY_VERSION

AT = "2026-11-22T00:00:00+00:00"
NAME = "vi_VN-hum-medium"
RECORD = VoiceRecord(licence="CC BY 4.0", attribution="Nhóm thu âm thử", gender=Gender.FEMALE, region=Region.SOUTH)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def web(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    return write_voice(tmp_path / "offered")


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    return tmp_path / "voices"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wanted(model: Path) -> Wanted:
    return Wanted(source=str(model), sha256=sha256(model), record=RECORD, accepts_policy=True)


def test_a_voice_comes_from_an_address_with_what_was_confirmed_about_it(offered: Path, voices: Path) -> None:
    with web(offered.parent) as url:
        source = f"{url}/{offered.name}"
        made = install(replace(wanted(offered), source=f"{source}?download=true"), voices, installed_at=AT)
    assert made.name == NAME
    assert made.model.read_bytes() == offered.read_bytes()
    found = VoiceFolder(voices).find(NAME)
    assert found is not None
    assert found.record == made.record
    assert found.record.source.startswith(source)
    assert (found.record.model_sha256, found.record.policy_version, found.record.installed_at) == (
        sha256(offered),
        POLICY_VERSION,
        AT,
    )
    voice = found.voice
    assert (voice.licence, voice.attribution) == ("CC BY 4.0", "Nhóm thu âm thử")
    assert (voice.gender, voice.region) == (Gender.FEMALE, Region.SOUTH)
    assert "chưa rõ" not in voice.label


def test_a_voice_comes_from_a_path_under_another_name(offered: Path, voices: Path) -> None:
    install(replace(wanted(offered), name="giong-phuong"), voices, installed_at=AT)
    assert [voice.name for voice in VoiceFolder(voices).all()] == ["giong-phuong"]


def test_an_upper_case_hash_is_the_same_hash(offered: Path, voices: Path) -> None:
    good = wanted(offered)
    assert (
        install(replace(good, sha256=good.sha256.upper()), voices, installed_at=AT).record.model_sha256 == good.sha256
    )


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"sha256": "0" * 64}, VoiceDiffers),
        ({"sha256": ""}, VoiceDiffers),
        ({"sha256": "abc"}, VoiceDiffers),
        ({"config_sha256": "0" * 64}, VoiceDiffers),
        ({"accepts_policy": False}, VoiceNotAllowed),
        ({"record": VoiceRecord(licence=" ")}, VoiceNotAllowed),
        ({"record": VoiceRecord(licence="CC-BY-4.0")}, VoiceNotAllowed),
        ({"name": "../etc"}, VoiceUnusable),
        ({"source": "/nowhere/voice.onnx"}, VoiceUnreachable),
        ({"source": "http://127.0.0.1:9/voice.onnx"}, VoiceUnreachable),
    ],
)
def test_what_is_not_in_order_is_refused_and_leaves_nothing(
    offered: Path, voices: Path, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        install(replace(wanted(offered), **change), voices, installed_at=AT)
    assert not voices.exists() or list(voices.iterdir()) == []


def test_a_page_instead_of_a_voice_is_refused(offered: Path, voices: Path) -> None:
    with web(offered.parent) as url, pytest.raises(VoiceUnreachable, match="404"):
        install(replace(wanted(offered), source=f"{url}/gone.onnx"), voices, installed_at=AT)
    offered.with_name(offered.name + ".json").write_text("<html>Đăng nhập</html>")
    with pytest.raises(VoiceUnusable):
        install(wanted(offered), voices, installed_at=AT)
    assert list(voices.iterdir()) == []


def test_a_voice_of_another_language_is_refused(tmp_path: Path, voices: Path) -> None:
    with pytest.raises(VoiceUnusable, match="tiếng Việt"):
        install(wanted(write_voice(tmp_path / "en", language="en-us")), voices, installed_at=AT)


def test_a_refusal_leaves_the_voice_that_was_there(offered: Path, voices: Path) -> None:
    install(wanted(offered), voices, installed_at=AT)
    before = {path.name: path.read_bytes() for path in voices.iterdir()}
    offered.write_bytes(b"another model")
    with pytest.raises(VoiceRefused):
        install(replace(wanted(offered), sha256="1" * 64), voices, installed_at=AT)
    assert {path.name: path.read_bytes() for path in voices.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_a_clear_error(offered: Path, voices: Path) -> None:
    voices.write_text("in the way")
    with pytest.raises(VoiceUnreachable, match="Không ghi được"):
        install(wanted(offered), voices, installed_at=AT)


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"licence": "x", "gender": "robot"}), json.dumps({"a": 1})])
def test_a_voice_with_a_broken_record_is_not_offered(offered: Path, content: str) -> None:
    offered.with_name(f"{NAME}.voice.json").write_text(content)
    assert VoiceFolder(offered.parent).all() == ()
