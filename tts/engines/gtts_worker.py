"""The process that talks to the online service: ``python -m tts.engines.gtts_worker``.

gTTS 2.5.4 builds the requests, unmodified; it is not let to send them, because it sends without checking the
certificate, waits for ever, and takes a login page for speech. A process can be killed at the deadline whatever a
name server or a dripping connection is doing.
"""

import base64
import binascii
import re
import sys
import time
from typing import Any

import requests
from gtts import gTTS

from tts.engines import pipe

_MARK = "jQ1olc"
_AUDIO = re.compile(r'jQ1olc","\[\\"([^"\\]*)\\"\]')
_MAX_ANSWER_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 16384
_OK, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR = 200, 403, 429, 500


class _Refused(Exception):  # noqa: N818 - it names a code for the parent, it is not shown
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def _check(status: int) -> None:
    if status == _OK:
        return
    named = {_FORBIDDEN: "blocked", _TOO_MANY: "busy"}
    code = named.get(status, "down" if status >= _SERVER_ERROR else "not-speech")
    raise _Refused(code, str(status))


def _body(response: requests.Response, until: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if time.monotonic() > until:
            raise _Refused("timeout")
        if len(body) > _MAX_ANSWER_BYTES:
            raise _Refused("not-speech", "answer too large")
    return bytes(body)


def _speech(body: bytes) -> bytes:
    """Take the MP3 out of an answer."""
    text = body.decode("utf-8", "replace")
    found = _AUDIO.search(text)
    if found is None:
        raise _Refused("not-speech", "no audio in the answer" if _MARK in text else "not the service's answer")
    try:
        audio = base64.b64decode(found[1], validate=True)
    except binascii.Error as error:
        raise _Refused("not-speech", str(error)) from error
    if not audio:
        raise _Refused("not-speech", "empty audio")
    return audio


def _piece(session: requests.Session, text: str, request: dict[str, Any], until: float) -> bytes:
    # the text is already normalised: no rewriting on the way
    builder = gTTS(text, tld=request["tld"], lang="vi", lang_check=False, pre_processor_funcs=[])
    audio = b""
    for prepared in builder._prepare_requests():  # noqa: SLF001 - why the version is pinned exactly
        left_s = until - time.monotonic()
        if left_s <= 0:
            raise _Refused("timeout")
        ways = session.merge_environment_settings(prepared.url, {}, True, request["ca_bundle"] or True, None)
        with session.send(prepared, timeout=left_s, allow_redirects=False, **ways) as response:
            _check(response.status_code)
            audio += _speech(_body(response, until))
    return audio


def _answer(request: dict[str, Any]) -> bytes:
    until = time.monotonic() + float(request["deadline_s"])
    try:
        with requests.Session() as session:
            pieces = [_piece(session, text, request, until) for text in request["pieces"]]
    except _Refused as refused:
        return pipe.pack({"ok": False, "code": refused.code, "detail": refused.detail})
    except requests.exceptions.SSLError as error:
        return pipe.pack({"ok": False, "code": "untrusted", "detail": str(error)[:500]})
    except requests.exceptions.Timeout as error:
        return pipe.pack({"ok": False, "code": "timeout", "detail": str(error)[:500]})
    except requests.exceptions.RequestException as error:
        return pipe.pack({"ok": False, "code": "unreachable", "detail": str(error)[:500]})
    return pipe.pack({"ok": True, "sizes": [len(piece) for piece in pieces]}, b"".join(pieces))


def main() -> int:
    """Serve requests until the parent closes the pipe."""
    while (request := pipe.read_request(sys.stdin.buffer)) is not None:
        sys.stdout.buffer.write(_answer(request))
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
