"""onvif-zeep, made safe: it writes and reads the calls, and everything it sends goes over our own line.

So the deadlines, limits, pins and the classifier are the same as in the minute poll, no address of a camera's is
followed, and zeep never sees an answer that was not judged a good one. It is given no password: the token is put in
here, fresh for each call.
"""

import asyncio
import copy
import functools
import os
import threading
from typing import Any
from urllib.parse import urlsplit

import requests
import zeep
from lxml import etree
from zeep.transports import Transport

from devices.cameras.login import Login
from devices.cameras.soap import is_reading
from devices.cameras.wsdl import SETTINGS, Library, onvif_classes
from devices.errors import CameraTrouble
from devices.model.camera import AuthKind, Cause, Door

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_PATIENCE_S = 60.0
"""The line has its own deadline; this only keeps a thread from outliving a broken loop."""
_ENVIRON = threading.Lock()


class LineTransport(Transport):
    """Sends what zeep wrote over the line of ``login``, which lives in ``loop``. Used from other threads."""

    def __init__(self, login: Login, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(session=requests.Session())  # type: ignore[no-untyped-call]
        self._login = login
        self._loop = loop

    def post_xml(self, address: str, envelope: etree._Element, headers: Any) -> Any:
        """Send one call and return its answer.

        Raises:
            CameraTrouble: there is none, none that is good, or the call would have changed the camera.
        """
        del headers
        body = envelope.find(f"{{{_SOAP}}}Body")
        call = body[0] if body is not None and len(body) else None
        if call is None or not is_reading(etree.QName(call).localname):
            raise CameraTrouble(Cause.PROTOCOL_ERROR, "not a reading call")
        name = etree.QName(call)
        path = urlsplit(address).path or "/"
        sending = self._login.send(
            self._login.kind or AuthKind.NONE,
            etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"),
            path=path,
            name=f"{name.namespace}/{name.localname}",
        )
        _, verdict = asyncio.run_coroutine_threadsafe(sending, self._loop).result(_PATIENCE_S)
        if verdict.cause is not None or verdict.content is None:
            raise CameraTrouble(verdict.cause or "", verdict.detail)
        answer = requests.Response()
        answer.status_code = 200
        answer.headers["Content-Type"] = "application/soap+xml"
        # not the bytes that came: what was judged, in an envelope that zeep takes
        good = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"s": _SOAP})
        etree.SubElement(good, f"{{{_SOAP}}}Body").append(copy.deepcopy(verdict.content))
        answer._content = etree.tostring(good, encoding="UTF-8")  # noqa: SLF001 - it has no other way in
        return answer

    def post(self, address: str, message: Any, headers: Any) -> Any:  # noqa: ARG002 - zeep's signature
        raise CameraTrouble(Cause.PROTOCOL_ERROR, "only envelopes are sent")

    get = post

    def load(self, url: str) -> bytes:
        raise CameraTrouble(Cause.SUSPICIOUS, f"an answer wants {url} to be read")


class _Token:
    """Puts a fresh login into each envelope."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def apply(self, envelope: etree._Element, headers: Any) -> tuple[etree._Element, Any]:
        token = self._login.token(self._login.kind or AuthKind.NONE)
        if token:
            header = envelope.find(f"{{{_SOAP}}}Header")
            if header is None:
                header = etree.Element(f"{{{_SOAP}}}Header")
                envelope.insert(0, header)
            wrapped = etree.fromstring(f'<s:Header xmlns:s="{_SOAP}">{token}</s:Header>')
            header.append(wrapped[0])
        return envelope, headers

    def verify(self, envelope: etree._Element) -> None:
        """Cameras do not sign."""


def connect(door: Door, login: Login, library: Library, loop: asyncio.AbstractEventLoop) -> Any:
    """Return an ``ONVIFCamera`` for ``door``. Blocks; call it, and all its methods, in a thread.

    Its constructor creates a PullPoint subscription and forgets it; this one does not.

    Raises:
        CameraTrouble: the camera did not answer.
    """
    with _ENVIRON:
        proxies = {name: os.environ[name] for name in ("http_proxy", "https_proxy") if name in os.environ}
        try:
            return _quiet()(door, login, library, loop)
        except Exception as error:
            raise trouble(error) from error
        finally:
            os.environ.update(proxies)  # the constructor takes them away from everybody


def trouble(error: BaseException) -> CameraTrouble:
    """Return what lies under an exception of onvif-zeep, which wraps everything in its own."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, CameraTrouble):
            return seen
        seen = seen.__cause__ or seen.__context__
    return CameraTrouble(Cause.PROTOCOL_ERROR, type(error).__name__)


@functools.cache
def _quiet() -> Any:
    camera, service = onvif_classes()

    class QuietCamera(camera):  # type: ignore[misc, valid-type]
        def __init__(self, door: Door, login: Login, library: Library, loop: asyncio.AbstractEventLoop) -> None:
            self._door, self._login, self._library, self._loop = door, login, library, loop
            self._may_subscribe = False
            super().__init__(door.host, door.port, door.user, "", wsdl_dir=str(library.folder))
            self._may_subscribe = True

        def create_events_service(self, from_template: bool = True) -> Any:
            if not self._may_subscribe:
                raise CameraTrouble(Cause.EVENTS_LOST, "no subscription that nobody ends")
            return super().create_events_service(from_template)

        def get_definition(self, name: str, portType: Any = None) -> Any:  # noqa: N803 - onvif-zeep's signature
            if name == "devicemgmt":
                self.xaddrs = getattr(self, "xaddrs", {})
                address, wsdl, binding = super().get_definition(name, portType)
                return f"http://camera{self._door.path}", wsdl, binding
            address, wsdl, binding = super().get_definition(name, portType)
            path = urlsplit(address).path
            return f"http://camera{path if path not in {'', '/'} else self._door.path}", wsdl, binding

        def create_onvif_service(self, name: str, from_template: bool = True, portType: Any = None) -> Any:  # noqa: N803
            del from_template
            address, wsdl, binding = self.get_definition(name.lower(), portType)
            client = zeep.Client(  # type: ignore[no-untyped-call]
                self._library.document(wsdl.rpartition("/")[2]),
                wsse=_Token(self._login),
                transport=LineTransport(self._login, self._loop),
                settings=SETTINGS,
            )
            made = service(address, "", "", wsdl, zeep_client=client, binding_name=binding, portType=portType)
            self.services[name.lower()] = made
            setattr(self, name.lower(), made)
            return made

    return QuietCamera
