"""Quét dải địa chỉ: looks for ONVIF behind routers, at the addresses a person entered and at no other."""

import asyncio
import ipaddress
from collections.abc import Iterator, Sequence

from devices.cameras.addresses import Policy
from devices.cameras.judge import judge
from devices.cameras.limits import Limits
from devices.cameras.line import Line
from devices.cameras.soap import DEVICE, envelope, soap_action
from devices.clock import Clock
from devices.model.camera import Door, Found
from devices.model.camera_cause import LOGIN_REFUSED

MOST_ADDRESSES = 4_096
PORTS = (80, 8000, 8080, 8899, 2020)
"""Where the makers in use here put ONVIF."""
_AT_ONCE = 128
A_SECOND = 200
"""Connections a sweep begins in a second: a ward's routers carry voices too."""
_CONNECT_S = 1.0
_ANSWER_S = 4.0
_TIME = "GetSystemDateAndTime"


def addresses(ranges: Sequence[str]) -> tuple[str, ...]:
    """Spell out ``10.1.2.0/24``, ``10.1.2.3-10.1.2.40``, ``10.1.2.3-40`` and single addresses.

    Raises:
        ValueError: a range that is none, or more than `MOST_ADDRESSES` together. The message is for people.
    """
    found: dict[str, None] = {}
    for each in ranges:
        for address in _spelt(each.strip()):
            found[address] = None
            if len(found) > MOST_ADDRESSES:
                raise ValueError(f"quá {MOST_ADDRESSES} địa chỉ, hãy chia nhỏ / more addresses than that: divide it")
    return tuple(found)


def private(ranges: Sequence[str]) -> tuple[str, ...]:
    """Spell out ranges as :func:`addresses` does, but only of networks that are nobody else's.

    Raises:
        ValueError: as there, or an address that is on the Internet.
    """
    found = addresses(ranges)
    for each in found:
        if not ipaddress.ip_address(each).is_private:
            raise ValueError(f"không phải mạng nội bộ / not a private network: {each}")
    return found


class _Steps:
    """Lets one after the other begin, so many a second."""

    def __init__(self, clock: Clock, a_second: int) -> None:
        self._clock = clock
        self._apart_ns = 1_000_000_000 // a_second
        self._next_ns = 0

    async def step(self) -> None:
        now_ns = self._clock.mono_ns()
        mine_ns = max(now_ns, self._next_ns)
        self._next_ns = mine_ns + self._apart_ns
        if mine_ns > now_ns:
            await self._clock.sleep((mine_ns - now_ns) / 1e9)


async def sweep(
    hosts: Sequence[str], clock: Clock, *, policy: Policy, ports: Sequence[int] = PORTS, at_once: int = _AT_ONCE
) -> tuple[Found, ...]:
    """Return those of ``hosts`` that answer ONVIF's one question that needs no password."""
    limits = Limits(connect_s=_CONNECT_S, deadline_s=_ANSWER_S)
    places, steps = asyncio.Semaphore(at_once), _Steps(clock, A_SECOND)

    async def one(host: str) -> Found | None:
        async with places:
            for port in () if policy.refusal(host) else ports:
                await steps.step()
                if await _answers(host, port, limits, clock):
                    return Found(host=host, port=port, by="sweep")
        return None

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(host)) for host in hosts]
    return tuple(found for task in tasks if (found := task.result()) is not None)


async def _answers(host: str, port: int, limits: Limits, clock: Clock) -> bool:
    async with Line(Door(host=host, port=port), host, limits, clock) as line:
        seen = await line.post("/onvif/device_service", envelope(DEVICE, _TIME), action=soap_action(DEVICE, _TIME))
    verdict = judge(seen)
    refused = verdict.cause in LOGIN_REFUSED and b"Envelope" in seen.body
    return verdict.ok or refused


def _spelt(text: str) -> Iterator[str]:
    try:
        first, count = _range(text)
    except ValueError as error:
        raise ValueError(f"không phải địa chỉ hay dải / not an address or a range: {text}") from error
    if not 0 < count <= MOST_ADDRESSES:
        raise ValueError(f"dải ngược hoặc quá lớn / a range backwards, or too large: {text}")
    for step in range(count):
        yield str(first + step)


def _range(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    """Return its first address and how many there are.

    Raises:
        ValueError: it is no range.
    """
    if "-" not in text:
        network = ipaddress.ip_network(text, strict=False)
        edges = network.version == 4 and network.num_addresses > 2  # noqa: PLR2004 - the net itself, and everybody
        return network[int(edges)], network.num_addresses - 2 * edges
    first_text, _, last_text = (part.strip() for part in text.partition("-"))
    first = ipaddress.ip_address(first_text)
    if last_text.isdigit() and first.version == 4:  # noqa: PLR2004
        last_text = f"{first_text.rpartition('.')[0]}.{last_text}"
    last = ipaddress.ip_address(last_text)
    if first.version != last.version:
        raise ValueError(text)
    return first, int(last) - int(first) + 1
