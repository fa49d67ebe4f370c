"""Audio by its hash: whole, in parts, and never anything else of the disk."""

import hashlib
from pathlib import Path

import pytest

from devices.model import asset_sha256
from gateway.domain.people import Role
from tests.gateway.web.world import World

CONTENT = bytes(range(256)) * 400


async def test_a_pole_fetches_a_file_by_its_hash_without_a_session(world: World) -> None:
    sha = asset_sha256(await world.audio(CONTENT))
    async with world.browser() as pole:
        answer = await pole.get(f"/a/{sha}")
    assert hashlib.sha256(answer.content).hexdigest() == sha
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["etag"] == f'"{sha}"'
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("have", [1, 1000, len(CONTENT) - 1])
async def test_a_fetch_that_was_cut_off_goes_on_where_it_stopped(world: World, have: int) -> None:
    sha = asset_sha256(await world.audio(CONTENT))
    async with world.browser() as pole:
        headers = {"range": f"bytes={have}-", "if-range": f'"{sha}"'}
        answer = await pole.get(f"/a/{sha}", headers=headers)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {have}-{len(CONTENT) - 1}/{len(CONTENT)}"
    assert CONTENT[:have] + answer.content == CONTENT


async def test_a_part_of_something_else_is_sent_whole(world: World) -> None:
    sha = asset_sha256(await world.audio(CONTENT))
    async with world.browser() as pole:
        answer = await pole.get(f"/a/{sha}", headers={"range": "bytes=10-", "if-range": '"another"'})
    assert (answer.status_code, answer.content) == (200, CONTENT)


@pytest.mark.parametrize(
    ("asked", "status"),
    [("bytes=0-9", 206), ("bytes=-10", 206), ("bytes=999999999-", 416), ("bytes=9-1", 400), ("cats=1", 400)],
)
async def test_odd_ranges_never_break_it(world: World, asked: str, status: int) -> None:
    sha = asset_sha256(await world.audio(CONTENT))
    async with world.browser() as pole:
        answer = await pole.get(f"/a/{sha}", headers={"range": asked})
    assert answer.status_code == status


async def test_a_head_tells_the_length_and_sends_nothing(world: World) -> None:
    sha = asset_sha256(await world.audio(CONTENT))
    async with world.browser() as pole:
        answer = await pole.client.head(f"/a/{sha}")
    assert (answer.headers["content-length"], answer.content) == (str(len(CONTENT)), b"")


async def test_a_restored_backup_keeps_half_fetched_files_good(world: World) -> None:
    asset = await world.audio(CONTENT)
    path = world.store.audio.path(asset)
    async with world.browser() as pole:
        before = (await pole.client.head(f"/a/{asset_sha256(asset)}")).headers["etag"]
        path.touch()
        assert (await pole.client.head(f"/a/{asset_sha256(asset)}")).headers["etag"] == before


@pytest.mark.parametrize(
    "name", ["0" * 64, "0" * 63, "A" * 64, "../loa.db", "..%2floa.db", "%2e%2e/loa.db", "x" * 500, "%00" * 64]
)
async def test_nothing_else_of_the_disk_is_served(world: World, name: str) -> None:
    async with world.browser() as pole:
        answer = await pole.get(f"/a/{name}")
    assert answer.status_code in {404, 422}
    assert b"SQLite" not in answer.content


async def test_a_file_whose_bytes_are_gone_is_not_found(world: World) -> None:
    asset = await world.audio(CONTENT)
    Path(world.store.audio.path(asset)).unlink()
    async with world.browser(Role.VIEWER) as browser:
        assert (await browser.get(f"/a/{asset_sha256(asset)}")).status_code == 404
