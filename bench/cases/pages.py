"""The pages on people's phones: bytes of the first one over the wire, and the time each takes.

Two hundred clusters; twenty people look at once, each with their stream of events open, and open a page every few
seconds: more than the office of a ward ever does.
"""

import asyncio
import random
import re
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from itertools import cycle
from urllib.parse import quote

import httpx

from bench.browser import signed_in
from bench.context import Context, Ward, open_ward
from bench.report import Row, percentile, spread

CLUSTERS = 200
PEOPLE = 20
LASTS_S = 40.0
THINKS_S = (0.5, 3.5)
GOAL_MS = 1_000
GOAL_BYTES = 150_000
PAGES = (
    "/",
    "/home/now",
    "/board",
    "/board/now",
    "/bulletins",
    "/schedule",
    "/devices",
    "/devices?view=map",
    "/alarms",
    "/alerts",
    "/calendar",
    "/reports",
)
BARE = "/language-of-nobody"
"""Answered with a page, and with nothing of the ward in it: what the frame and the sign-in cost."""
HTML = {"accept": "text/html", "accept-encoding": "gzip"}


async def run(context: Context) -> list[Row]:
    async with AsyncExitStack() as stack:
        ward = await open_ward(stack, context.folder / "pages", CLUSTERS)
        live = await _on_air(ward)
        people = [await stack.enter_async_context(_phone(ward)) for _ in range(PEOPLE)]
        accounts = cycle(sorted(item for item in ward.passwords.items() if item[0] != "vanhanh"))  # theirs is new
        for phone in people:
            name, password = next(accounts)
            answer = await phone.post("/api/v1/auth/login", json={"name": name, "password": password})
            answer.raise_for_status()
        page_bytes, files, file_bytes = await _first(ward)
        took = await _crowd(people, (*PAGES, live, BARE))
    bare = took.pop(BARE)
    every = [each for times in took.values() for each in times]
    slowest = max(took, key=lambda path: percentile(took[path], 0.95))
    p95 = percentile(every, 0.95)
    return [
        Row(
            what="first page of a phone that was never here, over the wire (gzip, headers included)",
            measured=f"{(page_bytes + file_bytes) / 1000:.1f} kB",
            beside=f"the page itself {page_bytes / 1000:.1f} kB; {files} files that stay on the phone",
            ratio=f"{(page_bytes + file_bytes) / GOAL_BYTES:.2f} of the goal",
            goal=f"≤ {GOAL_BYTES // 1000} kB",
        ),
        Row(
            what=f"a page, {CLUSTERS} clusters and {PEOPLE} people with their streams open: {len(every):,} pages of"
            f" {len(took)} kinds in {LASTS_S:.0f} s",
            measured=f"{spread(every)}, p95 {p95:.0f} ms; slowest kind {slowest}:"
            f" p95 {percentile(took[slowest], 0.95):.0f} ms",
            beside=f"a page with nothing of the ward in it, same people: p95 {percentile(bare, 0.95):.0f} ms",
            ratio=f"{p95 / percentile(bare, 0.95):.1f}",
            goal=f"p95 ≤ {GOAL_MS} ms",
        ),
    ]


def _phone(ward: Ward) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=ward.url, trust_env=False, timeout=30, headers=HTML, follow_redirects=True)


async def _first(ward: Ward) -> tuple[int, int, int]:
    """Weigh the home page, signed in, and the files it names: bytes of the page, number of files, their bytes."""
    name, password = min(ward.passwords.items())
    async with _phone(ward) as phone:
        signed = await phone.post("/api/v1/auth/login", json={"name": name, "password": password})
        signed.raise_for_status()
        home = await phone.get("/")
        home.raise_for_status()
        named = sorted(set(re.findall(r'(?:src|href)="(/(?:static/|manifest)[^"]+)"', home.text)))
        if not named:
            raise RuntimeError("the home page names no files: this is not the page people see")
        total = 0
        for path in named:
            file = await phone.get(path)
            file.raise_for_status()
            total += _wire(file)
        return _wire(home), len(named), total


def _wire(answer: httpx.Response) -> int:
    return answer.num_bytes_downloaded + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)


async def _on_air(ward: Ward) -> str:
    """Air a bulletin on every cluster, and return the way to its board."""
    bulletin = await ward.station.call("bench.cases.emergency:bulletin")
    async with signed_in(ward.url, "vanhanh", ward.passwords["vanhanh"]) as operator:
        order = {"bulletins": [bulletin], "targets": {"everywhere": True}}
        aired = await operator.post("/broadcasts/bulletins", order)
    return f"/board/{quote(aired['occ'], safe='')}"


async def _crowd(people: list[httpx.AsyncClient], paths: tuple[str, ...]) -> dict[str, list[float]]:
    took: dict[str, list[float]] = defaultdict(list)
    async with asyncio.TaskGroup() as group:
        streams = [group.create_task(_listens(phone)) for phone in people]
        looking = [group.create_task(_looks(phone, random.Random(n), paths, took)) for n, phone in enumerate(people)]
        await asyncio.wait(looking)
        for stream in streams:
            if stream.done():
                raise RuntimeError("a stream of events ended before its reader left")
            stream.cancel()
    return took


async def _listens(phone: httpx.AsyncClient) -> None:
    async with phone.stream("GET", "/api/v1/events", headers={"accept": "text/event-stream"}) as events:
        events.raise_for_status()
        async for _ in events.aiter_raw():
            pass


async def _looks(
    phone: httpx.AsyncClient, dice: random.Random, paths: tuple[str, ...], took: dict[str, list[float]]
) -> None:
    until = time.monotonic() + LASTS_S
    while time.monotonic() < until:
        await asyncio.sleep(dice.uniform(*THINKS_S))
        path = dice.choice(paths)
        began = time.perf_counter()
        answer = await phone.get(path)
        took[path].append((time.perf_counter() - began) * 1000)
        if answer.status_code != (404 if path == BARE else 200):
            raise RuntimeError(f"{path} was answered with {answer.status_code}")
