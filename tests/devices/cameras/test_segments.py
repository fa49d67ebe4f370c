"""Multicast on every segment that the gateway stands in, on IPv4 and IPv6: two cables, a camera at the end of each."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from devices.cameras.discovery import _sender, folded
from devices.model.camera import Found

HERE = Path(__file__).parent / "segments"
ROOT = Path(__file__).parents[3]
LAY = """
set -e
ip link set lo up
unshare -n sleep 60 & far=$!
until [ "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
for n in 1 2; do
  ip link add near$n type veth peer name far$n netns $far
  ip addr add 10.77.$n.1/24 dev near$n
  ip -6 addr add fe80::1/64 dev near$n nodad
  ip link set near$n up
  nsenter -t $far -n ip link set far$n addrgenmode none
  nsenter -t $far -n ip addr add 10.77.$n.2/24 dev far$n
  nsenter -t $far -n ip -6 addr add fe80::$n:2/64 dev far$n nodad
  nsenter -t $far -n ip link set far$n up
done
"""
GO = """
cd "$0"
export PYTHONPATH=.
mkfifo "$4/hold" "$4/told"
nsenter -t $far -n "$1" "$2" < "$4/hold" > "$4/told" & cameras=$!
exec 3> "$4/hold"
read -r ready < "$4/told"
"$1" "$3"
exec 3>&-
wait $cameras
kill $far
"""


def must_or_skip(why: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


async def shell(script: str, *words: object) -> tuple[int, str, str]:
    run = await asyncio.create_subprocess_exec(
        "unshare", "-rn", "--kill-child", "sh", "-c", script, *map(str, words),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, why = await asyncio.wait_for(run.communicate(), 90)
    return run.returncode or 0, out.decode(), why.decode()


async def test_every_segment_is_asked_on_ipv4_and_ipv6_and_a_neighbour_is_told_with_its_interface(
    tmp_path: Path,
) -> None:
    try:
        code, _, why = await shell(LAY + "kill $far")
    except FileNotFoundError:
        must_or_skip("không có unshare (util-linux) / unshare is not installed")
    if code:
        must_or_skip(f"không tạo được mạng riêng / cannot make a network namespace: {why}")
    code, out, why = await shell(LAY + GO, ROOT, sys.executable, HERE / "cameras.py", HERE / "searcher.py", tmp_path)
    assert code == 0, why
    seen = json.loads(out)
    for segment in (1, 2):
        both = [f"10.77.{segment}.2", f"fe80::{segment}:2%near{segment}"]
        told = seen[f"cam-{segment}"]
        assert told["all"] == told[f"near{segment}"] == both
        assert told[f"near{3 - segment}"] == [], "it is not on that segment"
        assert told["driver"] == both[:1], "on IPv6 it says itself where it is on IPv4"


def found(host: str, *said: str, uuid: str = "u-1") -> Found:
    return Found(host=host, port=80, uuid=uuid, said=said)


def test_a_camera_that_names_both_its_addresses_is_one_and_told_where_it_is_easiest_to_reach() -> None:
    both = ("http://10.0.0.5/onvif/device_service", "http://[fe80::5]/onvif/device_service")
    four, six = found("10.0.0.5", *both), found("fe80::5%eth0", *both)
    wide = found("2001:db8::5", "http://10.0.0.5/x", "http://[2001:db8::5]/x")
    assert folded([six, four]) == folded([four, six]) == (four,)
    assert folded([wide, four]) == (four,)
    assert len(folded([four, found("fe80::5%eth0", "nonsense", "http://[")])) == 2, "it does not say so itself"


def test_two_cameras_with_one_uuid_stay_two() -> None:
    one, two = found("10.0.0.5", "http://10.0.0.5/x"), found("10.0.0.6", "http://10.0.0.6/x")
    far = found("fe80::7%eth0", "http://[fe80::7]/x")
    nameless = found("10.0.0.8", "http://10.0.0.5/x", uuid="")
    assert folded([one, two, far, nameless]) == (one, two, nameless, far)


def test_whoever_copies_a_uuid_hides_nobody() -> None:
    moved = found("10.0.0.5", "http://10.0.0.5/x")
    copied = found("10.0.0.9", "http://10.0.0.5/x", "http://10.0.0.9/x")
    far = found("fe80::9%eth0", "http://10.0.0.5/x")
    assert folded([copied, moved, far]) == (copied, moved)
    lonely = found("fe80::5%eth0", "http://[fe80::5]/x")
    assert set(folded([lonely, found("10.0.0.9", "http://[fe80::5]/x")])) == {
        lonely,
        found("10.0.0.9", "http://[fe80::5]/x"),
    }


def test_an_address_of_the_whole_network_needs_no_interface() -> None:
    assert _sender(("10.0.0.5", 3702)) == "10.0.0.5"
    assert _sender(("2001:db8::5", 3702, 0, 0)) == "2001:db8::5"
    assert _sender(("fe80::5", 3702, 0, 1)) == "fe80::5%lo"
