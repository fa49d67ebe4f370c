"""RTSP as far as a health check goes: OPTIONS, and DESCRIBE behind a digest. No picture ever flows."""

from dataclasses import dataclass

from simulators.cameras.auth import Gate, Verdict
from simulators.cameras.faults import Fault
from simulators.cameras.media import profiles_of, stream_path
from simulators.cameras.message import Answer, Request, Way
from simulators.cameras.spec import Level, Profile
from simulators.cameras.state import CameraState

_METHODS = "OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY"
_SDP = "application/sdp"
_CODECS = {"H264": "packetization-mode=1;profile-level-id=4d0029", "H265": "sprop-max-don-diff=0"}


@dataclass(eq=False)
class Rtsp:
    """Answers on the RTSP port of one camera."""

    state: CameraState
    gate: Gate

    def __call__(self, request: Request) -> tuple[Answer, Verdict]:
        """Answer ``request``; the verdict is for the journal."""
        answer, verdict = self._answer(request)
        sequence = ("CSeq", request.headers.get("cseq", "0"))
        return Answer(
            status=answer.status,
            body=answer.body,
            kind=answer.kind,
            way=answer.way,
            headers=(sequence, ("Server", "Rtsp Server/2.0"), *answer.headers),
        ), verdict

    def _answer(self, request: Request) -> tuple[Answer, Verdict]:
        nobody = Verdict(Level.ANONYMOUS)
        if Fault.STREAM_HANG in self.state:
            return Answer(way=Way.HANG), nobody
        if not request.version.startswith("RTSP/"):
            return Answer(status=400), nobody
        if request.method == "OPTIONS":
            return Answer(headers=(("Public", _METHODS),)), nobody
        if request.method != "DESCRIBE":
            return Answer(status=501), nobody
        given = request.headers.get("authorization", "")
        verdict = self.gate.digest(given, request.method, request.target) if given else nobody
        changed = {Fault.STREAM_401, Fault.WRONG_PASSWORD} & self.state.faults
        if verdict.level < Level.USER or changed:
            why = verdict.why or ("every password was changed" if given else "")
            refused = Answer(status=401, headers=(self.gate.challenge(stale=verdict.stale),))
            return refused, Verdict(Level.ANONYMOUS, verdict.user, why)
        return self._describe(request), verdict

    def _describe(self, request: Request) -> Answer:
        path = "/" + request.target.partition("://")[2].partition("/")[2].partition("?")[0].rstrip("/")
        profile = next((each for each in profiles_of(self.state) if stream_path(each) == path), None)
        if profile is None or Fault.STREAM_404 in self.state:
            return Answer(status=404)
        if Fault.STREAM_453 in self.state:
            return Answer(status=453)
        if Fault.STREAM_GARBAGE in self.state:
            return Answer(body=b"\x00\x00\x01\xba<html>", kind=_SDP)
        headers = (("Content-Base", f"{request.target.rstrip('/')}/"),)
        return Answer(body=_sdp(self.state, profile).encode(), kind=_SDP, headers=headers)


def _sdp(state: CameraState, profile: Profile) -> str:
    codec = profile.encoding
    if Fault.STREAM_WRONG_CODEC in state:
        codec = "H265" if codec == "H264" else "H264"
    lines = ["v=0", f"o=- {state.boots} 1 IN IP4 {state.host}", "s=Media Presentation", "c=IN IP4 0.0.0.0", "t=0 0"]
    lines += ["a=control:*"]
    if Fault.STREAM_NO_VIDEO not in state:
        lines += [
            "m=video 0 RTP/AVP 96",
            f"b=AS:{profile.kbps}",
            f"a=rtpmap:96 {codec}/90000",
            f"a=fmtp:96 {_CODECS[codec]}",
            f"a=framerate:{profile.fps}",
            "a=control:trackID=1",
        ]
    lines += ["m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=control:trackID=2"]
    return "\r\n".join([*lines, ""])
