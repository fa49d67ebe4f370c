"""WSDL: onvif-zeep's own descriptions of the services, read once and shared by all cameras.

Stock onvif-zeep reads them anew for every camera and service: a quarter of a second and 10 MB each. And its ``b-2.xsd``
makes zeep lose the topic of an event; that one type is put right while it is read.
"""

import functools
import importlib.metadata
import logging
import threading
from pathlib import Path
from typing import Any

import zeep
from zeep.transports import Transport
from zeep.wsdl import Document

from devices.errors import CameraTrouble
from devices.model.camera import Cause

SETTINGS = zeep.Settings(strict=False, xml_huge_tree=False)
"""Not strict: real cameras put elements out of order. Not huge: none of their answers is."""
_DIST = "onvif-zeep"
_TOPIC_TYPE = b'<xsd:complexType name="TopicExpressionType" mixed="true">'
_TOPIC_FIXED = (
    b'<xsd:complexType name="TopicExpressionType"><xsd:simpleContent><xsd:extension base="xsd:string">'
    b'<xsd:attribute name="Dialect" type="xsd:anyURI" use="required"/><xsd:anyAttribute/>'
    b"</xsd:extension></xsd:simpleContent></xsd:complexType>"
)
_END = b"</xsd:complexType>"


class Library:
    """The service descriptions. Thread-safe; each is read when it is first asked for."""

    def __init__(self, folder: Path | None = None) -> None:
        """Find them.

        Raises:
            CameraTrouble: they are not installed.
        """
        self.folder = folder or _installed()
        if not (self.folder / "devicemgmt.wsdl").is_file():
            raise CameraTrouble(Cause.PROTOCOL_ERROR, f"onvif-zeep không có WSDL / has no WSDL in {self.folder}")
        self._lock = threading.Lock()
        self._read: dict[str, Any] = {}

    def document(self, name: str) -> Any:
        """Return the description in the file ``name``, e.g. ``devicemgmt.wsdl``."""
        with self._lock:
            if name not in self._read:
                reader: Any = _Reader()  # type: ignore[no-untyped-call]
                self._read[name] = Document(str(self.folder / name), reader, settings=SETTINGS)
            return self._read[name]


class _Reader(Transport):
    """Reads files of the folder, and nothing from any network."""

    def load(self, url: str) -> bytes:
        name = url.rpartition("/")[2]
        path = Path(url)
        if "://" in url or not path.is_file():
            raise CameraTrouble(Cause.PROTOCOL_ERROR, f"một WSDL dẫn ra ngoài / a WSDL leads elsewhere: {url}")
        content = path.read_bytes()
        return _with_topics(content) if name == "b-2.xsd" else content


def _with_topics(schema: bytes) -> bytes:
    start = schema.find(_TOPIC_TYPE)
    if start < 0:
        return schema
    end = schema.index(_END, start) + len(_END)
    return schema[:start] + _TOPIC_FIXED + schema[end:]


@functools.cache
def _installed() -> Path:
    """Find where the wheel put them: ``data_files`` land in a folder of their own, in other places on other systems."""
    files = importlib.metadata.distribution(_DIST).files or []
    for each in files:
        if each.name == "devicemgmt.wsdl":
            return Path(str(each.locate())).resolve().parent
    raise CameraTrouble(Cause.PROTOCOL_ERROR, "onvif-zeep không có WSDL / has no WSDL")


def onvif_classes() -> tuple[Any, Any]:
    """Return ``ONVIFCamera`` and ``ONVIFService`` without what importing them does to everybody's logging."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        import onvif  # type: ignore[import-untyped]  # noqa: PLC0415 - importing it configures the root logger, so it is done here and undone
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    # zeep writes whole envelopes to its debug log, with the digest of the password in them
    for name in ("zeep.transports", "zeep.wsdl", "zeep.xsd"):
        logging.getLogger(name).setLevel(logging.INFO)
    return onvif.ONVIFCamera, onvif.ONVIFService
