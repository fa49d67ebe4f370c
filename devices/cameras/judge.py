"""Phân loại câu trả lời: what one answer of a camera means. One pure function, whichever path asked.

An answer is looked at before anything reads it: how it is packed, how long it is, whether it names entities. What
cannot have come by accident is `Cause.SUSPICIOUS`; what cannot be read is `Cause.PROTOCOL_ERROR`; what is no ONVIF at
all is `Cause.NOT_ONVIF`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lxml import etree

from devices.cameras.soap import ENVELOPES
from devices.model.camera import Cause, clean

SOAP_LIMIT = 1 << 20
_EVIDENCE = 120
_MOVED, _NOT_TAKEN, _NOBODY, _FORBIDDEN = 300, 400, 401, 403
_BUSY_OR_LOCKED = frozenset({423, 429})
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")
_DENIED = re.compile(r"auth|password|credential|denied|login|user ?name", re.IGNORECASE)
_LOCKED = re.compile(
    r"\b(?:is |are |been |temporarily )?locked\b|lock(?:ed)? ?out|too many|illegal login", re.IGNORECASE
)
_LEFT = re.compile(r"(\d+)\s*(?:more\s*)?(?:attempt|tr(?:y|ies)|time)", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,4})\s*min", re.IGNORECASE)
_LOCK_CODES = frozenset({"accountlocked", "userlocked", "devicelocked", "locked"})
_DENY_CODES = frozenset({"notauthorized", "failedauthentication", "invalidsecurity", "invalidsecuritytoken"})


class Fault(StrEnum):
    """What may go wrong before there is an answer to judge."""

    NO_NAME = "no_name"
    REFUSED = "refused"
    NO_WAY = "no_way"
    CONNECT_TIMEOUT = "connect_timeout"
    TIMEOUT = "timeout"
    LOST = "lost"
    GARBLED = "garbled"
    """No HTTP, or a body that ends before its length."""
    TOO_LARGE = "too_large"
    TLS = "tls"
    CERTIFICATE = "certificate"


_CAUSES: Mapping[Fault, Cause] = {
    Fault.NO_NAME: Cause.NAME_UNKNOWN,
    Fault.REFUSED: Cause.REFUSED,
    Fault.NO_WAY: Cause.OFFLINE,
    Fault.CONNECT_TIMEOUT: Cause.OFFLINE,
    Fault.TIMEOUT: Cause.TIMEOUT,
    Fault.LOST: Cause.CONNECTION_LOST,
    Fault.GARBLED: Cause.PROTOCOL_ERROR,
    Fault.TOO_LARGE: Cause.SUSPICIOUS,
    Fault.TLS: Cause.TLS_FAILED,
    Fault.CERTIFICATE: Cause.CERT_CHANGED,
}


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One exchange as it was seen on the line."""

    fault: Fault | None = None
    detail: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names; several of one name are joined by a line break."""
    body: bytes = field(default=b"", repr=False)
    leaves_host: bool = False
    """Its ``Location`` is on another host."""
    ms: int = 0
    """Until the last byte."""
    connect_ms: int | None = None
    """Until TCP was connected, where this exchange made the connection."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What it means. Without ``cause`` there is ``content``: the one element within the SOAP body."""

    cause: Cause | None = None
    detail: str = ""
    content: etree._Element | None = field(default=None, repr=False)
    unsupported: bool = False
    """The camera understood and does not offer that call: no trouble in itself."""
    gone: bool = False
    """The subscription it was about does not exist any more."""
    lock_minutes: int | None = None
    """How long it says it is locked."""

    @property
    def ok(self) -> bool:
        return self.cause is None and not self.unsupported and self.content is not None


class _NotXml(ValueError):  # noqa: N818 - says what happened
    pass


def judge(seen: Observation) -> Verdict:  # noqa: PLR0911 - a table, one row a line
    """Say what ``seen`` means. Never raises, whatever the camera sent."""
    if seen.fault is not None:
        return Verdict(cause=_CAUSES[seen.fault], detail=seen.detail)
    suspicion = _suspicion(seen)
    if suspicion:
        return Verdict(cause=Cause.SUSPICIOUS, detail=suspicion)
    if _MOVED <= seen.status < _NOT_TAKEN:
        return Verdict(cause=Cause.NOT_ONVIF, detail=_evidence(seen, "redirect on the same host"))
    try:
        root = _parsed(seen.body)
    except _NotXml as error:
        return _no_xml(seen, str(error))
    name = etree.QName(root)
    if root.getroottree().docinfo.internalDTD is not None and name.localname.lower() != "html":
        return Verdict(cause=Cause.SUSPICIOUS, detail="DTD in the answer")
    if name.localname != "Envelope" or name.namespace not in ENVELOPES:
        return _no_xml(seen, "")
    body = root.find(f"{{{name.namespace}}}Body")
    inside = [each for each in body if isinstance(each.tag, str)] if body is not None else []
    if not inside:
        return _denied_by_status(seen) or Verdict(cause=Cause.PROTOCOL_ERROR, detail=_evidence(seen, "empty body"))
    content = inside[0]
    if etree.QName(content).localname == "Fault":
        return _fault(seen, content)
    if seen.status >= _NOT_TAKEN:
        return Verdict(cause=Cause.PROTOCOL_ERROR, detail=_evidence(seen, "an answer that says it is an error"))
    return Verdict(content=content)


def is_packed(headers: Mapping[str, str]) -> bool:
    """Whether an answer is compressed, which nobody asked for."""
    return headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}


def _suspicion(seen: Observation) -> str:
    """Return what no camera does by accident, or nothing."""
    if is_packed(seen.headers):
        return f"packed ({clean(seen.headers['content-encoding'], 20)}) though not asked to"
    if _MOVED <= seen.status < _NOT_TAKEN:
        there = seen.headers.get("location", "")
        return f"redirect to {clean(there, _EVIDENCE)}" if seen.leaves_host else ""
    if _DOCTYPE.search(seen.body) and not _looks_like_html(seen.body):
        return "entities or a DTD in the answer"
    return "text in a wide encoding" if seen.body.startswith(_WIDE) else ""


def _parsed(body: bytes) -> etree._Element:
    if not body.strip():
        raise _NotXml("empty")
    try:
        return etree.fromstring(body, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        text = body.decode("utf-8", "replace")
        if "\ufffd" in text:  # some makers put their name in GBK and call it UTF-8
            try:
                return etree.fromstring(text.encode(), _parser())
            except (etree.XMLSyntaxError, ValueError):
                pass
        raise _NotXml(clean(str(error), _EVIDENCE)) from error


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _no_xml(seen: Observation, why: str) -> Verdict:
    denied = _denied_by_status(seen)
    if denied is not None:
        return denied
    called_xml = "xml" in seen.headers.get("content-type", "") and seen.body.lstrip().startswith(b"<")
    if (called_xml or b"Envelope" in seen.body[:2048]) and not _looks_like_html(seen.body):
        if "depth" in why.lower():
            return Verdict(cause=Cause.SUSPICIOUS, detail=why)
        return Verdict(cause=Cause.PROTOCOL_ERROR, detail=why or "malformed XML")
    return Verdict(cause=Cause.NOT_ONVIF, detail=_evidence(seen))


def _denied_by_status(seen: Observation) -> Verdict | None:
    """Judge an answer by its status alone."""
    text = clean(seen.body[:4096].decode("utf-8", "replace"), 400)
    if seen.status == _FORBIDDEN or seen.status in _BUSY_OR_LOCKED or (seen.status == _NOBODY and _LOCKED.search(text)):
        if _LOCKED.search(text) or seen.status in _BUSY_OR_LOCKED:
            return Verdict(cause=Cause.LOCKED_OUT, detail=_evidence(seen, text), lock_minutes=_minutes(text))
        return Verdict(cause=Cause.AUTH_FAILED, detail=_evidence(seen, text))
    if seen.status == _NOBODY:
        return Verdict(cause=Cause.AUTH_FAILED, detail=_evidence(seen, text))
    return None


def _fault(seen: Observation, fault: etree._Element) -> Verdict:  # noqa: PLR0911 - a table
    codes = [clean(each.text, 80).rpartition(":")[2].lower() for each in fault.iter("{*}Value", "faultcode")]
    text = clean(" ".join("".join(map(str, each.itertext())) for each in fault.iter("{*}Text", "faultstring")), 200)
    said = f"{'/'.join(codes)} {text}".strip()
    if set(codes) & _LOCK_CODES or (_LOCKED.search(text) and _left(text) in {None, 0}):
        return Verdict(cause=Cause.LOCKED_OUT, detail=_evidence(seen, said), lock_minutes=_minutes(text))
    if "operationprohibited" in codes:
        return Verdict(cause=Cause.NOT_ALLOWED, detail=_evidence(seen, said))
    if set(codes) & _DENY_CODES or seen.status in {_NOBODY, _FORBIDDEN}:
        return Verdict(cause=Cause.AUTH_FAILED, detail=_evidence(seen, said))
    if set(codes) & {"actionnotsupported", "nosuchservice", "optionalactionnotimplemented"}:
        return Verdict(unsupported=True, detail=_evidence(seen, said))
    if set(codes) & {"resourceunknown", "resourceunknownfault"} or "ResourceUnknown" in text:
        return Verdict(unsupported=True, gone=True, detail=_evidence(seen, said))
    if _DENIED.search(text):  # most cameras have no proper code for it
        return Verdict(cause=Cause.AUTH_FAILED, detail=_evidence(seen, said))
    return Verdict(unsupported=True, detail=_evidence(seen, said))


def _left(text: str) -> int | None:
    """Return how many attempts it says are left."""
    found = _LEFT.search(text)
    return int(found[1]) if found and len(found[1]) < 4 else None  # noqa: PLR2004 - no camera counts to a thousand


def _minutes(text: str) -> int | None:
    found = _MINUTES.search(text)
    return min(int(found[1]), 24 * 60) if found else None


def _looks_like_html(body: bytes) -> bool:
    start = body[:512].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _evidence(seen: Observation, text: str = "") -> str:
    server = clean(seen.headers.get("server", ""), 40)
    words = text or clean(seen.body[:200].decode("utf-8", "replace"), _EVIDENCE)
    return clean(" · ".join(part for part in (f"HTTP {seen.status}", server, words) if part), 240)
