"""Lời tự giới thiệu: reads what devices say in WS-Discovery. Anybody can send such a packet, so little is believed."""

import ipaddress
import re
from urllib.parse import unquote, urlsplit

from lxml import etree

from devices.model.camera import Found, clean

_D = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_LONGEST = 65_536
_MOST_IN_ONE = 16
_MOST_WORDS = 64
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_INSTANCE = re.compile(r"\d{1,10}")
_SCOPE = "onvif://www.onvif.org/"
_SECURE = 443


def read_matches(packet: bytes, sender: str, *, by: str) -> tuple[Found, ...]:
    """Return the devices that a ProbeMatches, or a Hello, tells of; none where it is neither, or cannot be read."""
    if len(packet) > _LONGEST or _DOCTYPE.search(packet):
        return ()
    try:
        root = etree.fromstring(packet, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError):
        return ()
    sequence = root.find(f".//{{{_D}}}AppSequence")
    number = sequence.get("InstanceId", "") if sequence is not None else ""
    instance = int(number) if _INSTANCE.fullmatch(number) else None
    told = [*root.iter(f"{{{_D}}}ProbeMatch"), *root.iter(f"{{{_D}}}Hello")][:_MOST_IN_ONE]
    return tuple(_found(each, sender, instance, by) for each in told)


def _found(match: etree._Element, sender: str, instance: int | None, by: str) -> Found:
    said = tuple(clean(word) for word in (match.findtext(f"{{{_D}}}XAddrs") or "").split()[:_MOST_WORDS])
    scopes = tuple(clean(word) for word in (match.findtext(f"{{{_D}}}Scopes") or "").split()[:_MOST_WORDS])
    types = tuple(clean(word, 64) for word in (match.findtext(f"{{{_D}}}Types") or "").split()[:_MOST_WORDS])
    endpoint = clean(match.findtext(f".//{{{_A}}}Address"), 128)
    host, port, tls, path, here = _place(said, sender)
    return Found(
        host=host,
        port=port,
        tls=tls,
        path=path,
        uuid=endpoint.lower().removeprefix("urn:uuid:").removeprefix("uuid:"),
        name=_scope(scopes, "name/"),
        model=_scope(scopes, "hardware/"),
        types=types,
        scopes=scopes,
        said=said,
        instance=instance,
        by=by,
        xaddr_mismatch=not here,
    )


def _place(said: tuple[str, ...], sender: str) -> tuple[str, int, bool, str, bool]:
    """Return host (always the sender's), port, tls, path, and whether the device named that host itself."""
    usable = []
    for each in said:
        try:
            parts = urlsplit(each)
            port = parts.port or (_SECURE if parts.scheme == "https" else 80)
        except ValueError:
            continue
        if parts.scheme in {"http", "https"} and parts.hostname:
            here = _same(parts.hostname, sender)
            usable.append((here, parts.scheme == "https", port, parts.path or "/onvif/device_service"))
    if not usable:
        return sender, 80, False, "/onvif/device_service", not said
    # its own address before another's, and an unencrypted one only where there is no other: the port is then known
    here, tls, port, path = min(usable, key=lambda one: (not one[0], one[1]))
    return sender, port, tls, path, here


def _same(said: str, sender: str) -> bool:
    try:
        return ipaddress.ip_address(said.partition("%")[0]) == ipaddress.ip_address(sender.partition("%")[0])
    except ValueError:
        return False


def _scope(scopes: tuple[str, ...], kind: str) -> str:
    wanted = f"{_SCOPE}{kind}"
    value = next((each[len(wanted) :] for each in scopes if each.startswith(wanted)), "")
    return clean(unquote(value).replace("_", " "), 64)
