"""Khảo sát: everything a camera says of itself, through onvif-zeep: at enrolment, and every few hours."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from devices.cameras.addresses import Policy, resolve, service_place
from devices.cameras.limits import Limits
from devices.cameras.line import Line
from devices.cameras.login import Login
from devices.cameras.soap import EVENTS
from devices.cameras.veil import veiled_words
from devices.cameras.wsdl import Library
from devices.cameras.zeepline import connect, trouble
from devices.clock import Clock
from devices.errors import CameraTrouble
from devices.model.camera import Cause, Door, Layer, Sighting, Survey, clean

_MOST = 32
_PROFILE = "onvif://www.onvif.org/Profile/"
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_DEADLINES = 3
"""A survey asks some ten things; it may take so many deadlines."""


async def survey(
    door: Door,
    sighting: Sighting,
    *,
    library: Library,
    pool: Executor,
    limits: Limits,
    clock: Clock,
    policy: Policy,
) -> Survey:
    """Ask everything of a camera that was just looked at.

    Raises:
        CameraTrouble: it cannot be reached, or does not take the password.
    """
    device = sighting.device
    if device is None or sighting.auth is None:
        bad = next((each for each in sighting.layers if each.cause is not None and not each.ok), None)
        login = sighting.layer(Layer.LOGIN)
        worst = login if login.cause is not None else bad
        raise CameraTrouble((worst and worst.cause) or Cause.PROTOCOL_ERROR, worst.detail if worst else "")
    memory = sighting.memory
    address = await resolve(door.host, policy, timeout_s=limits.connect_s)
    pinned = door.fingerprint or memory.fingerprint
    async with Line(door, address, limits, clock, fingerprint=pinned) as line:
        line.begin(limits.deadline_s * _DEADLINES)
        login_now = Login(line, memory, limits, clock)
        login_now.kind = sighting.auth
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(pool, _asked, door, login_now, library, loop)
        except CameraTrouble as error:
            raise CameraTrouble(error.cause, veiled_words(error.detail, door)) from None
    macs = found["macs"]
    named = replace(device, mac=macs[0] if macs else "", uuid=found["uuid"])
    known = memory.device
    notes = sighting.notes
    if known is not None and known.mac and named.mac and known.mac != named.mac:
        notes = tuple(dict.fromkeys((*notes, Cause.REPLACED)))  # two network cards are two cameras
    elif known is not None and known.serial == named.serial:
        memory = replace(memory, device=named)
    return Survey(
        device=named,
        services={name: service_place(said, door).path for name, said in found["services"].items()},
        profiles=sighting.profiles,
        onvif=tuple(sorted({each.removeprefix(_PROFILE) for each in found["scopes"] if each.startswith(_PROFILE)})),
        scopes=found["scopes"],
        addresses=found["addresses"],
        macs=macs,
        hostname=found["hostname"],
        ntp=found["ntp"],
        events=EVENTS in found["services"],
        stream_uri=sighting.stream_uri,
        snapshot_uri=sighting.snapshot_uri,
        clock_offset_s=sighting.clock_offset_s,
        refused=tuple(veiled_words(each, door) for each in found["refused"]),
        notes=notes,
        memory=memory,
    )


def _asked(door: Door, login: Login, library: Library, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    """Ask, in a thread. What a camera does not answer is in ``refused``.

    Raises:
        CameraTrouble: it does not answer at all.
    """
    refused: list[str] = []
    camera = connect(door, login, library, loop)
    device = camera.devicemgmt

    def ask(name: str, read: Callable[[Any], Any], otherwise: Any, *inside: Any) -> Any:
        try:
            return read(getattr(device, name)(*inside))
        except Exception as error:
            found = trouble(error)
            if found.cause in {Cause.TIMEOUT, Cause.OFFLINE, Cause.REFUSED, Cause.CERT_CHANGED}:
                raise found from error
            refused.append(clean(f"{name}: {found}"))
            return otherwise

    interfaces = ask("GetNetworkInterfaces", lambda said: list(said or [])[:_MOST], [])
    return {
        "services": ask("GetServices", _services, {}, {"IncludeCapability": False}),
        "scopes": ask("GetScopes", _scopes, ()),
        "macs": tuple(mac for each in interfaces if (mac := _mac(each))),
        "addresses": tuple(address for each in interfaces for address in _addresses(each)),
        "hostname": ask("GetHostname", lambda said: clean(said.Name, 64), ""),
        "ntp": ask("GetNTP", _ntp, ()),
        "uuid": ask("GetEndpointReference", _uuid, ""),
        "refused": refused,
    }


def _services(said: Any) -> dict[str, str]:
    return {clean(each.Namespace): clean(each.XAddr) for each in list(said or [])[:_MOST]}


def _scopes(said: Any) -> tuple[str, ...]:
    return tuple(clean(unquote(each.ScopeItem or "")) for each in list(said or [])[:_MOST])


def _mac(interface: Any) -> str:
    info = getattr(interface, "Info", None)
    text = clean(getattr(info, "HwAddress", "") or "", 32).lower().replace("-", ":")
    return text if _MAC.fullmatch(text) else ""


def _addresses(interface: Any) -> list[str]:
    config = getattr(getattr(interface, "IPv4", None), "Config", None)
    found = [clean(each.Address, 45) for each in list(getattr(config, "Manual", None) or [])[:_MOST]]
    given = getattr(config, "FromDHCP", None)
    return found + ([clean(given.Address, 45)] if given is not None else [])


def _ntp(said: Any) -> tuple[str, ...]:
    servers = [*(said.NTPManual or []), *(said.NTPFromDHCP or [])][:_MOST]
    names = (each.DNSname or each.IPv4Address or each.IPv6Address for each in servers)
    return tuple(clean(name, 64) for name in names if name)


def _uuid(said: Any) -> str:
    text = said if isinstance(said, str) else getattr(said, "GUID", "")
    return clean(text, 64).lower().removeprefix("urn:uuid:").removeprefix("uuid:")
