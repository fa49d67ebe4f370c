"""A WS-Discovery client of our own, for tests."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.cameras.probe import A, D, S

_ONVIF = "http://www.onvif.org/ver10/network/wsdl"


def probe(types: str = "dn:NetworkVideoTransmitter", scopes: str = "", message: str = "urn:uuid:1") -> bytes:
    inside = (f"<d:Types>{types}</d:Types>" if types else "") + (f"<d:Scopes>{scopes}</d:Scopes>" if scopes else "")
    return _question("Probe", inside, message)


def resolve(endpoint: str) -> bytes:
    return _question(
        "Resolve", f"<a:EndpointReference><a:Address>{endpoint}</a:Address></a:EndpointReference>", "urn:uuid:2"
    )


def _question(action: str, inside: str, message: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{A}" xmlns:d="{D}" xmlns:dn="{_ONVIF}"><s:Header>'
        f"<a:MessageID>{message}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
        f"<a:Action>{D}/{action}</a:Action></s:Header><s:Body><d:{action}>{inside}</d:{action}></s:Body></s:Envelope>"
    ).encode()


@dataclass(frozen=True)
class Match:
    """One message as it came."""

    sender: tuple[str, int]
    text: str = field(repr=False)

    @property
    def action(self) -> str:
        return self.of("Action").rpartition("/")[2]

    def of(self, name: str) -> str:
        found = re.search(rf"<\w+:{name}>([^<]*)<", self.text)
        return found[1] if found else ""

    @property
    def uuid(self) -> str:
        found = re.search(r"EndpointReference><a:Address>urn:uuid:([^<]+)<", self.text)
        return found[1] if found else ""

    @property
    def boot(self) -> int:
        found = re.search(r'InstanceId="(\d+)"', self.text)
        assert found is not None
        return int(found[1])


class Listener(asyncio.DatagramProtocol):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.heard: list[Match] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(Match(addr[:2], data.decode()))

    async def until(self, enough: Callable[[list[Match]], bool]) -> list[Match]:
        async with asyncio.timeout(5):
            while not enough(self.heard):
                await asyncio.sleep(0.005)
        return self.heard
