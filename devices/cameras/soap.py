"""SOAP as a client of a camera writes it: envelopes, and a login by WS-Security. Reads nothing; see `judge`."""

import base64
import hashlib
import re
from datetime import datetime
from xml.sax.saxutils import escape

from devices.model.camera import Secret

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"
NOTIFICATION = "http://docs.oasis-open.org/wsn/b-2"
ENVELOPES = frozenset({"http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/"})
"""SOAP 1.2, and 1.1 which some cameras answer with all the same."""
SCHEMA = "http://www.onvif.org/ver10/schema"
_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://www.w3.org/2005/08/addressing"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_DIGEST = f"{_WSS}username-token-profile-1.0#PasswordDigest"
_BASE64 = f"{_WSS}soap-message-security-1.0#Base64Binary"
_READING = re.compile(r"Get[A-Za-z0-9]+|CreatePullPointSubscription|PullMessages|Renew|Unsubscribe")


def is_reading(action: str) -> bool:
    """Whether a call of this name leaves the camera as it is. No other is ever sent."""
    return _READING.fullmatch(action) is not None


def envelope(namespace: str, action: str, inside: str = "", *, security: str = "", to: str = "") -> bytes:
    """Return one call. ``inside`` is XML in the prefixes ``m`` (the call's namespace) and ``t`` (ONVIF's types).

    ``to`` is for calls to a subscription, which want WS-Addressing.

    Raises:
        ValueError: the call would change the camera.
    """
    if not is_reading(action):
        raise ValueError(f"{action} is not a reading call")
    addressing = ""
    if to:
        addressing = (
            f'<a:Action xmlns:a="{_ADDRESSING}" s:mustUnderstand="1">{soap_action(namespace, action)}</a:Action>'
            f'<a:To xmlns:a="{_ADDRESSING}" s:mustUnderstand="1">{escape(to)}</a:To>'
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_ENVELOPE}"><s:Header>{addressing}{security}'
        f'</s:Header><s:Body><m:{action} xmlns:m="{namespace}" xmlns:t="{SCHEMA}">{inside}</m:{action}></s:Body>'
        "</s:Envelope>"
    ).encode()


def soap_action(namespace: str, action: str) -> str:
    """Return the address of an action, as the standard names it."""
    if namespace == EVENTS:
        kind = "EventPortType" if action in {"CreatePullPointSubscription", "GetEventProperties"} else None
        return f"{namespace}/{kind or 'PullPointSubscription'}/{action}Request"
    if namespace == NOTIFICATION:
        return f"http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/{action}Request"
    return f"{namespace}/{action}"


def security(user: str, password: Secret, *, created: datetime, nonce: bytes) -> str:
    """Return a UsernameToken by digest. ``created`` is UTC by the clock the camera goes by; ``nonce`` is used once."""
    at = f"{created:%Y-%m-%dT%H:%M:%S}.{created.microsecond // 1000:03d}Z"
    digest = hashlib.sha1(nonce + at.encode() + password.reveal().encode()).digest()  # noqa: S324 - the standard's
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{_WSS}wssecurity-secext-1.0.xsd" '
        f'xmlns:u="{_WSS}wssecurity-utility-1.0.xsd"><w:UsernameToken><w:Username>{escape(user)}</w:Username>'
        f'<w:Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</w:Password>'
        f'<w:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</w:Nonce>'
        f"<u:Created>{at}</u:Created></w:UsernameToken></w:Security>"
    )
