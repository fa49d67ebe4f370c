"""SOAP 1.2 as a camera writes and reads it: envelopes, faults, and what a request says about who asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tr2": "http://www.onvif.org/ver20/media/wsdl",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "tt": "http://www.onvif.org/ver10/schema",
    "ter": "http://www.onvif.org/ver10/error",
    "tns1": "http://www.onvif.org/ver10/topics",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "wstop": "http://docs.oasis-open.org/wsn/t-1",
    "wsa5": "http://www.w3.org/2005/08/addressing",
}
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope '
    + " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NS.items())
    + ">"
)
_SHUT = "</s:Body></s:Envelope>"


class NotSoap(ValueError):  # noqa: N818 - says what happened
    """The request is no SOAP envelope with one call in it."""


class CallFault(Exception):  # noqa: N818 - a SOAP fault is the word of the trade
    """A call is answered with a SOAP fault; codes, the most general first: ``Sender``, ``ter:NotAuthorized``."""

    def __init__(self, text: str, *codes: str, status: int | None = None) -> None:
        super().__init__(text)
        self.codes = codes or ("Receiver",)
        self.status = status if status is not None else (500 if self.codes[0] == "Receiver" else 400)

    def envelope(self) -> bytes:
        """Return it as it goes out."""
        code = ""
        for each in reversed(self.codes[1:]):
            code = f"<s:Subcode><s:Value>{each}</s:Value>{code}</s:Subcode>"
        return envelope(
            f"<s:Fault><s:Code><s:Value>s:{self.codes[0]}</s:Value>{code}</s:Code>"
            f'<s:Reason><s:Text xml:lang="en">{escape(str(self))}</s:Text></s:Reason></s:Fault>'
        )


def not_supported(action: str) -> CallFault:
    return CallFault(f"{action} is not supported", "Receiver", "ter:ActionNotSupported")


def no_such(what: str, code: str) -> CallFault:
    return CallFault(f"no such {what}", "Sender", "ter:InvalidArgVal", code)


@dataclass(frozen=True)
class Token:
    """A WS-Security UsernameToken as it came."""

    user: str
    password: str
    is_digest: bool
    nonce: str
    created: str


@dataclass(frozen=True)
class Call:
    """One call: its name, the namespace of its service, the text of its parameters by local name, who asks."""

    namespace: str
    action: str
    element: etree._Element = field(compare=False, repr=False)
    token: Token | None = None
    message_id: str = ""
    to: str = ""

    def text(self, name: str) -> str:
        """Return the text of the first element of this local name within the call, or nothing."""
        found = self.element.find(f".//{{*}}{name}")
        return (found.text or "").strip() if found is not None else ""


def envelope(body: str, header: str = "") -> bytes:
    """Return a whole answer around ``body``."""
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f"{_OPEN}{head}<s:Body>{body}{_SHUT}".encode()


def read_call(body: bytes) -> Call:
    """Read a request.

    Raises:
        NotSoap: it is none.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NotSoap(f"{error}") from error
    soap = etree.QName(root).namespace
    if etree.QName(root).localname != "Envelope" or soap not in {NS["s"], SOAP_11}:
        raise NotSoap("no envelope")
    inside = root.find(f"{{{soap}}}Body")
    element = next((child for child in inside if isinstance(child.tag, str)), None) if inside is not None else None
    if element is None:
        raise NotSoap("nothing is asked")
    header = root.find(f"{{{soap}}}Header")
    name = etree.QName(element)
    return Call(
        namespace=name.namespace or "",
        action=name.localname,
        element=element,
        token=_token(header),
        message_id=_said(header, f"{{{NS['wsa5']}}}MessageID"),
        to=_said(header, f"{{{NS['wsa5']}}}To"),
    )


def elements(values: Mapping[str, object], prefix: str = "tt") -> str:
    """Return ``values`` as elements, one after the other, escaped."""
    return "".join(f"<{prefix}:{name}>{escape(str(value))}</{prefix}:{name}>" for name, value in values.items())


def _token(header: etree._Element | None) -> Token | None:
    token = header.find(f".//{{{WSSE}}}UsernameToken") if header is not None else None
    if token is None:
        return None
    password = token.find(f"{{{WSSE}}}Password")
    return Token(
        user=_said(token, f"{{{WSSE}}}Username"),
        password=_said(token, f"{{{WSSE}}}Password"),
        is_digest=password is not None and (password.get("Type") or "").endswith("#PasswordDigest"),
        nonce=_said(token, f"{{{WSSE}}}Nonce"),
        created=_said(token, f"{{{WSU}}}Created"),
    )


def _said(parent: etree._Element | None, tag: str) -> str:
    found = parent.find(tag) if parent is not None else None
    return (found.text or "").strip() if found is not None else ""
