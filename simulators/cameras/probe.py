"""WS-Discovery as cameras write and read it: Probe and Resolve in; ProbeMatches, ResolveMatches, Hello and Bye out."""

from dataclasses import dataclass
from uuid import UUID, uuid5
from xml.sax.saxutils import escape

from lxml import etree

from simulators.cameras.device import scopes_of
from simulators.cameras.state import DEVICE_PATH, CameraState

D = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
S = "http://www.w3.org/2003/05/soap-envelope"
_ANONYMOUS = f"{A}/role/anonymous"
_EVERYBODY = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
_TYPES = "dn:NetworkVideoTransmitter tds:Device"
_KINDS = frozenset({"NetworkVideoTransmitter", "Device"})
_MESSAGES = UUID("2b5ad0b2-0b0a-4c7e-8d53-7f6c1d9b8a11")


@dataclass(frozen=True)
class Question:
    """A Probe (for ``kinds`` within ``scopes``) or a Resolve (of ``endpoint``)."""

    message_id: str
    kinds: frozenset[str] = frozenset()
    scopes: tuple[str, ...] = ()
    endpoint: str | None = None

    def means(self, state: CameraState) -> bool:
        """Whether this camera is to answer."""
        if self.endpoint is not None:
            return self.endpoint == f"urn:uuid:{state.identity().uuid}"
        mine = scopes_of(state)
        within = all(any(f"{one}/".startswith(f"{scope.rstrip('/')}/") for one in mine) for scope in self.scopes)
        return self.kinds <= _KINDS and within


def read_question(datagram: bytes) -> Question | None:
    """Read what came; ``None``: not a question, or not readable: a camera says nothing to that."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(datagram, parser)
    except etree.XMLSyntaxError:
        return None
    message_id = (root.findtext(f".//{{{A}}}MessageID") or "").strip()
    resolve = root.find(f".//{{{D}}}Resolve")
    if resolve is not None:
        return Question(message_id, endpoint=(resolve.findtext(f".//{{{A}}}Address") or "").strip())
    probe = root.find(f".//{{{D}}}Probe")
    if probe is None:
        return None
    kinds = frozenset(word.rpartition(":")[2] for word in (probe.findtext(f"{{{D}}}Types") or "").split())
    return Question(message_id, kinds, tuple((probe.findtext(f"{{{D}}}Scopes") or "").split()))


class Speaker:
    """Writes the messages of one camera, numbered since its boot."""

    def __init__(self, state: CameraState) -> None:
        self._state = state
        self._said = 0
        self._boot = 0
        self.version = 1
        """Goes up whenever its addresses change."""

    def answer(self, question: Question) -> bytes:
        """Return ProbeMatches or ResolveMatches."""
        kind = "Probe" if question.endpoint is None else "Resolve"
        body = f"<d:{kind}Matches><d:{kind}Match>{self._about()}</d:{kind}Match></d:{kind}Matches>"
        relates = f"<a:RelatesTo>{escape(question.message_id)}</a:RelatesTo>"
        return self._message(f"{kind}Matches", _ANONYMOUS, body, relates)

    def hello(self) -> bytes:
        """Return what it says when it comes, or has moved."""
        return self._message("Hello", _EVERYBODY, f"<d:Hello>{self._about()}</d:Hello>")

    def bye(self) -> bytes:
        """Return what it says when it leaves in good order."""
        return self._message("Bye", _EVERYBODY, f"<d:Bye>{self._endpoint()}</d:Bye>")

    def _about(self) -> str:
        state = self._state
        return (
            f"{self._endpoint()}<d:Types>{_TYPES}</d:Types>"
            f"<d:Scopes>{escape(' '.join(scopes_of(state)))}</d:Scopes>"
            f"<d:XAddrs>{escape(state.address(DEVICE_PATH))}</d:XAddrs>"
            f"<d:MetadataVersion>{self.version}</d:MetadataVersion>"
        )

    def _endpoint(self) -> str:
        uuid = self._state.identity().uuid
        return f"<a:EndpointReference><a:Address>urn:uuid:{uuid}</a:Address></a:EndpointReference>"

    def _message(self, action: str, to: str, body: str, more: str = "") -> bytes:
        if self._boot != self._state.boots:
            self._boot, self._said = self._state.boots, 0
        self._said += 1
        name = uuid5(_MESSAGES, f"{self._state.spec.uuid}/{self._boot}/{self._said}")
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{S}" xmlns:a="{A}" xmlns:d="{D}" '
            'xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">'
            f"<s:Header><a:MessageID>urn:uuid:{name}</a:MessageID>{more}<a:To>{to}</a:To>"
            f"<a:Action>{D}/{action}</a:Action>"
            f'<d:AppSequence InstanceId="{self._boot}" MessageNumber="{self._said}"/></s:Header>'
            f"<s:Body>{body}</s:Body></s:Envelope>"
        ).encode()
