"""Word and OpenDocument are zip files of XML: looked at before anything is unpacked, and unpacked only so far."""

import io
import zipfile
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from gateway.papers.refusal import Refused, Why

MOST_BYTES = 40_000_000
MOST_PARTS = 3_000
MOST_XML_BYTES = 20_000_000


def part(data: bytes, name: str) -> Element | None:
    """Return the XML of one part of a zipped document; ``None`` when there is no such part.

    Raises:
        Refused: it is no sound zip file, unpacks to too much, is encrypted, or its XML is broken or a trap.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(each.file_size for each in parts) > MOST_BYTES:
                raise Refused(Why.TOO_MUCH)
            found = next((each for each in parts if each.filename == name), None)
            if found is None:
                return None
            if found.flag_bits & 1:
                raise Refused(Why.OLD_WORD)
            with archive.open(found) as stream:
                text = stream.read(MOST_XML_BYTES + 1)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(Why.DAMAGED) from error
    if len(text) > MOST_XML_BYTES:
        raise Refused(Why.TOO_MUCH)
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Refused(Why.DAMAGED) from error
    return root
