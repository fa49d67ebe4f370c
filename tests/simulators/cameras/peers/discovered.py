"""What WSDiscovery, a client that we did not write, finds in a network of its own: one JSON object.

Runs in a network namespace with an interface ``v0`` at 10.77.0.2 to 10.77.0.4: see ``test_discovery``.
"""

import asyncio
import json
import socket
import sys
from typing import Any

from wsdiscovery import QName
from wsdiscovery.discovery import ThreadedWSDiscovery

from simulators.cameras.discovery import GROUP_6, PORT, Discovery
from simulators.cameras.faults import Fault
from simulators.cameras.park import CameraPark
from simulators.cameras.ward import demo_cameras
from tests.simulators.cameras.probing import probe

CAMERA = QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")


def search(**wanted: Any) -> dict[str, list[str]]:
    client = ThreadedWSDiscovery()
    client.start()
    try:
        found = client.searchServices(timeout=2, **wanted)
        return {str(service.getEPR()): list(service.getXAddrs()) for service in found}
    finally:
        client.stop()


def asked_over_ipv6() -> list[str]:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as line:
        index = socket.if_nametoindex("v0")
        line.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        line.settimeout(1.0)
        line.sendto(probe(), (GROUP_6, PORT, 0, index))
        answers = []
        try:
            while True:
                answers.append(line.recvfrom(65_536)[1][0])
        except TimeoutError:
            return answers


async def main() -> dict[str, Any]:
    specs = demo_cameras()[:3]
    faults = {specs[2].code: [Fault.REFUSE]}
    async with CameraPark(specs, host_of=lambda number: f"10.77.0.{2 + number}", faults=faults) as park:
        async with Discovery(park, interfaces=["10.77.0.2"], interfaces_6=["v0"]):
            all_found = await asyncio.to_thread(search, types=[CAMERA])
            printers = await asyncio.to_thread(search, types=[QName("http://example.invalid", "Printer")])
            over_6 = await asyncio.to_thread(asked_over_ipv6)
        return {
            "found": all_found,
            "true": {f"urn:uuid:{camera.spec.uuid}": [camera.url] for camera in list(park)[:2]},
            "printers": printers,
            "over_6": over_6,
        }


sys.stdout.write(json.dumps(asyncio.run(main())))
