"""Ten thousand cameras for next to nothing: ``python -m bench.cameras.server``; says its port on standard output.

One listener on every loopback address: 127.1.0.1 and 127.1.39.16 are two cameras. Answers are written beforehand; the
login is asked for and not checked, since its cost is the camera's and not ours. The simulated cameras of `simulators`
behave far better and cost five times as much; here the two cores belong to whoever asks.
"""

import asyncio
import re
import sys
from datetime import UTC, datetime

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:d="http://www.onvif.org/ver10/device/wsdl" xmlns:t="http://www.onvif.org/ver10/schema"><s:Header/><s:Body>'
    "{}</s:Body></s:Envelope>"
)
_ACTION = re.compile(rb"<(?:\w+:)?(Get\w+|CreatePullPointSubscription)[ />]")
_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
_INFO = _ENVELOPE.format(
    "<d:GetDeviceInformationResponse><d:Manufacturer>Bench</d:Manufacturer><d:Model>B-1</d:Model>"
    "<d:FirmwareVersion>1.0.0</d:FirmwareVersion><d:SerialNumber>0123456789</d:SerialNumber>"
    "<d:HardwareId>1</d:HardwareId></d:GetDeviceInformationResponse>"
)
_FAULT = _ENVELOPE.format(
    '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:ter="http://www.onvif.org/ver10/error">'
    'ter:{}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{}</s:Text></s:Reason></s:Fault>'
)


def _time() -> str:
    now = datetime.now(UTC)
    return _ENVELOPE.format(
        "<d:GetSystemDateAndTimeResponse><d:SystemDateAndTime><t:DateTimeType>NTP</t:DateTimeType>"
        "<t:DaylightSavings>false</t:DaylightSavings><t:TimeZone><t:TZ>UTC0</t:TZ></t:TimeZone><t:UTCDateTime>"
        f"<t:Time><t:Hour>{now.hour}</t:Hour><t:Minute>{now.minute}</t:Minute><t:Second>{now.second}</t:Second></t:Time>"
        f"<t:Date><t:Year>{now.year}</t:Year><t:Month>{now.month}</t:Month><t:Day>{now.day}</t:Day></t:Date>"
        "</t:UTCDateTime></d:SystemDateAndTime></d:GetSystemDateAndTimeResponse>"
    )


def _capabilities(host: bytes) -> str:
    at = f"http://{host.decode()}/onvif/device_service"
    return _ENVELOPE.format(
        f"<d:GetCapabilitiesResponse><d:Capabilities><t:Device><t:XAddr>{at}</t:XAddr></t:Device>"
        "</d:Capabilities></d:GetCapabilitiesResponse>"
    )


class Camera(asyncio.Protocol):
    """One connection. Requests may come in pieces, and several on one connection."""

    def __init__(self) -> None:
        self._heard = b""
        self._out: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._out = transport
        if not transport.get_extra_info("peername")[0].startswith("127."):
            transport.abort()  # nobody from elsewhere

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            head = self._heard[:end]
            found = _LENGTH.search(head)
            size = end + 4 + (int(found[1]) if found else 0)
            if len(self._heard) < size:
                return
            body, self._heard = self._heard[end + 4 : size], self._heard[size:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        asked = _ACTION.search(body)
        action = asked[1] if asked else b""
        status = "200 OK"
        if action == b"GetSystemDateAndTime":
            text = _time()
        elif b"Password" not in body:
            status, text = "400 Bad Request", _FAULT.format("NotAuthorized", "Sender not authorized")
        elif action == b"GetDeviceInformation":
            text = _INFO
        elif action == b"GetCapabilities":
            host = re.search(rb"(?i)\r\nhost: *([^\r\n]+)", head)
            text = _capabilities(host[1] if host else b"127.0.0.1")
        else:
            status, text = "500 Internal Server Error", _FAULT.format("ActionNotSupported", "not supported")
        answer = text.encode()
        if self._out is not None:
            self._out.write(
                f"HTTP/1.1 {status}\r\nContent-Type: application/soap+xml; charset=utf-8\r\n"
                f"Content-Length: {len(answer)}\r\n\r\n".encode()
                + answer
            )


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Camera, "0.0.0.0", 0, backlog=4096)  # who is not from loopback is hung up on
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until whoever started it goes


if __name__ == "__main__":
    asyncio.run(main())
