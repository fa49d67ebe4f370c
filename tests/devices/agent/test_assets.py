"""A cached file is not a good file: hash, size, decoding and duration are right, or the pole fetches it again."""

import asyncio
import os
import time

import httpx
import pytest

from devices.agent.assets import Assets
from devices.agent.fetch import Fetcher
from devices.clock import ManualClock
from devices.link import backoff
from devices.wire.documents import AssetEntry
from tests.devices.agent.disks import FullDisk, QuickDisk
from tests.devices.agent.media import Shop
from tests.devices.agent.pole import TLS, Ear, audio
from tests.devices.agent.ward import T

BIG = audio(60_000, b"n" * 300_000)


def wanted(made=BIG, **more):
    data, name = made
    dur_ms = more.pop("dur_ms", None) or int(data.partition(b":")[0])
    values = {"bytes": len(data), "dur_ms": dur_ms, "need_by_ms": T, **more}
    return AssetEntry(id=name, mime="audio/mpeg", **values)


class Store:
    """The audio folder of one pole, beside a shop."""

    def __init__(self, folder, shop, disk=None, *, cache_mb=64):
        self.clock = ManualClock(T)
        self.shop = shop
        self.reports = []
        self.http = httpx.AsyncClient(verify=TLS)
        self.disk = disk or QuickDisk()
        self.cache_mb = cache_mb
        self.assets = Assets(
            folder=folder,
            disk=self.disk,
            fetcher=Fetcher(self.http, self.disk, Ear()),
            clock=self.clock,
            cluster="kp3-02",
            utc_ms=self.clock.now_ms,
            base_url=lambda: shop.base,
            cache_mb=lambda: self.cache_mb,
            tell=self.reports.append,
        )

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self.assets.run())
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.http.aclose()

    async def until(self, happened, *, moving=True):
        """Wait for real sockets, and let the pole's own clock run to its next retry."""
        give_up = time.monotonic() + 10
        while not happened():
            assert time.monotonic() < give_up, self.said()
            await asyncio.sleep(0.005)
            due_s = self.clock.next_due_s
            if moving and due_s is not None:
                await self.clock.advance(due_s)

    async def ready(self, made=BIG):
        await self.until(lambda: self.assets.is_ready(made[1]))

    def said(self):
        return [(report.st, report.why) for report in self.reports]


@pytest.fixture
async def shop():
    shop = Shop(files={BIG[1].removeprefix("sha256:"): BIG[0]})
    async with shop.open():
        yield shop


async def test_a_good_file_is_fetched_checked_and_told(tmp_path, shop):
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.ready()
        assert store.assets.path(BIG[1]).read_bytes() == BIG[0]
        assert store.said() == [("queued", None), ("fetching", None), ("ready", None)]
        assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("share", [0, 0.01, 0.4, 0.999])
async def test_a_cut_line_is_resumed_where_it_broke_and_never_taken_for_the_whole(tmp_path, shop, share):
    shop.manners = [f"cut at {share}"]
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.until(lambda: any(st == "failed" for st, _ in store.said()), moving=False)
        assert not store.assets.path(BIG[1]).exists()
        await store.ready()
        starts = [start for _, start in shop.asked]
        assert starts == [0, pytest.approx(len(BIG[0]) * share, abs=1)]
        assert store.assets.path(BIG[1]).read_bytes() == BIG[0]


@pytest.mark.parametrize(
    ("manner", "why"),
    [
        ("404", "http"),
        ("html", "http"),
        ("html in disguise", "hash"),
        ("flipped bit", "hash"),
        ("no length", "timeout"),
    ],
)
async def test_a_bad_answer_is_said_and_the_next_one_is_believed_only_when_right(tmp_path, shop, manner, why):
    shop.manners = [manner]
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.ready()
        assert ("failed", why) in store.said()
        assert store.assets.path(BIG[1]).read_bytes() == BIG[0]


@pytest.mark.parametrize("manner", ["no ranges", "another range"])
async def test_a_server_that_does_not_resume_is_survived(tmp_path, shop, manner):
    shop.manners = ["cut at 0.5", manner]
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.ready()
        assert store.assets.path(BIG[1]).read_bytes() == BIG[0]


@pytest.mark.parametrize(
    ("made", "entry", "why"),
    [
        (audio(60_000), {"bytes": 500_000}, "size"),
        (audio(60_000), {"dur_ms": 60_151}, "duration"),
        ((b"junk", "sha256:" + __import__("hashlib").sha256(b"junk").hexdigest()), {"dur_ms": 1, "bytes": 4}, "decode"),
    ],
)
async def test_a_file_that_is_not_what_was_approved_is_never_ready(tmp_path, shop, made, entry, why):
    shop.files[made[1].removeprefix("sha256:")] = made[0]
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(made, **({"dur_ms": 60_000} | entry)),))
        await store.until(lambda: len(shop.asked) >= 3)
        assert not store.assets.is_ready(made[1])
        assert not store.assets.path(made[1]).exists()
        assert ("failed", why) in store.said()


async def test_150_ms_of_difference_is_padding_not_another_file(tmp_path, shop):
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(dur_ms=60_150),))
        await store.ready()


async def test_a_failure_is_told_once_not_at_every_attempt(tmp_path, shop):
    shop.manners = ["404"] * 8
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.ready()
        assert store.said() == [("queued", None), ("fetching", None), ("failed", "http"), ("ready", None)]


async def test_on_a_full_disk_the_pole_says_so_and_goes_on_when_there_is_room(tmp_path, shop):
    disk = FullDisk(room=100_000)
    async with Store(tmp_path, shop, disk) as store:
        store.assets.want("plan", (wanted(),))
        await store.until(lambda: ("failed", "disk") in store.said())
        disk.room = 10**9
        await store.ready()
        assert store.assets.path(BIG[1]).read_bytes() == BIG[0]


async def test_an_emergency_clip_is_fetched_first_and_the_bulk_goes_on_where_it_was(tmp_path, shop):
    clip = audio(5_000, b"storm")
    shop.files[clip[1].removeprefix("sha256:")] = clip[0]
    shop.hold = asyncio.Event()
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.until(lambda: len(shop.asked) == 1, moving=False)
        await asyncio.sleep(0.05)
        shop.hold, held = None, shop.hold
        store.assets.want("E-1", (wanted(clip),), level=255)
        await store.until(lambda: store.assets.is_ready(clip[1]), moving=False)
        held.set()
        await store.ready()
        assert [report.id for report in store.reports if report.st == "ready"] == [clip[1], BIG[1]]
        assert shop.asked[1][0] == clip[1].removeprefix("sha256:")
        assert shop.asked[2] == (BIG[1].removeprefix("sha256:"), len(BIG[0]) // 2)


async def test_the_more_important_and_then_the_sooner_needed_comes_first(tmp_path, shop):
    made = [audio(1_000 + n, b"x") for n in range(4)]
    for data, name in made:
        shop.files[name.removeprefix("sha256:")] = data
    order = ((70, T + 5), (150, T + 9), (70, T + 1), (150, T + 3))
    async with Store(tmp_path, shop) as store:
        store.assets.want(
            "plan",
            tuple(wanted(each, level=level, need_by_ms=need) for each, (level, need) in zip(made, order, strict=True)),
        )
        await store.until(lambda: all(store.assets.is_ready(name) for _, name in made))
        assert [name for name, _ in shop.asked] == [made[n][1].removeprefix("sha256:") for n in (3, 1, 2, 0)]


async def test_what_the_plan_names_is_never_evicted_and_the_rest_goes_oldest_first(tmp_path, shop):
    old = [audio(1_000 + n, b"o" * 400_000) for n in range(3)]
    for data, name in old:
        shop.files[name.removeprefix("sha256:")] = data
    async with Store(tmp_path, shop, cache_mb=1) as store:
        store.assets.want("plan", tuple(map(wanted, old[:2])))
        await store.until(lambda: all(store.assets.is_ready(name) for _, name in old[:2]))
        store.assets.want("plan", (wanted(old[1]), wanted(old[2])))
        await store.ready(old[2])
        store.assets.used((old[2][1],))
        assert not store.assets.is_ready(old[0][1])
        assert store.assets.is_ready(old[1][1])
        store.cache_mb = 0
        store.assets.want("plan", (wanted(old[1]), wanted(old[2]), wanted()))
        await store.ready()
        assert all(store.assets.path(name).exists() for _, name in (old[1], old[2], BIG))


async def test_a_file_from_before_the_reboot_is_checked_again_not_believed(tmp_path, shop):
    name = BIG[1].removeprefix("sha256:")
    (tmp_path / name).write_bytes(BIG[0][:-1] + b"?")
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.ready()
        assert ("failed", "hash") in store.said()
        assert (tmp_path / name).read_bytes() == BIG[0]


async def test_a_good_file_from_before_the_reboot_needs_no_gateway(tmp_path, shop):
    (tmp_path / BIG[1].removeprefix("sha256:")).write_bytes(BIG[0])
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.ready()
        assert not shop.asked


async def test_poles_of_a_ward_do_not_all_ask_at_once_but_nobody_waits_for_what_is_needed_soon(tmp_path, shop):
    async with Store(tmp_path, shop) as store:
        far = T + 6 * 3_600_000
        delays = []
        for cluster in ("a", "b", "c", "d"):
            store.assets.cluster = cluster
            delays.append(store.assets._delay_s(wanted(need_by_ms=far), urgent=False))
        assert len(set(delays)) == 4
        assert all(0 <= delay <= 300 for delay in delays)
        assert store.assets._delay_s(wanted(need_by_ms=T + 600_000), urgent=False) == 0
        assert store.assets._delay_s(wanted(need_by_ms=far), urgent=True) == 0


async def test_an_asset_name_cannot_leave_the_folder(tmp_path, shop):
    async with Store(tmp_path, shop) as store:
        with pytest.raises(ValueError, match="not an asset id"):
            store.assets.path("sha256:../../etc/passwd")


def test_waits_between_attempts_grow_to_a_limit():
    waits = backoff(first_s=2, limit_s=300, jitter=0)
    assert [next(waits) for _ in range(9)] == [2, 4, 8, 16, 32, 64, 128, 256, 300]


@pytest.mark.parametrize("harm", ["gone", "cut", "swapped", "replaced"])
async def test_a_file_that_goes_from_the_card_later_is_noticed_told_and_fetched_again(tmp_path, shop, harm):
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.ready()
        path = store.assets.path(BIG[1])
        await asyncio.sleep(0.02)  # files are stamped by the kernel's tick
        if harm == "gone":
            path.unlink()
        elif harm == "cut":
            path.write_bytes(BIG[0][:100])
        elif harm == "swapped":  # as long as the approved one, and another voice
            path.write_bytes(BIG[0][:-1] + b"?")
        else:
            other = path.with_suffix(".other")
            other.write_bytes(BIG[0][:-1] + b"?")
            os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
            other.replace(path)
        await store.clock.advance(2)
        assert not store.assets.is_ready(BIG[1])
        assert store.said()[-1] == ("failed", "disk")
        await store.ready()
        assert path.read_bytes() == BIG[0]
        assert store.said()[-1] == ("ready", None)


async def test_a_second_name_for_a_file_and_its_use_harm_nothing(tmp_path, shop):
    async with Store(tmp_path, shop) as store:
        store.assets.want("plan", (wanted(),))
        await store.ready()
        os.link(store.assets.path(BIG[1]), tmp_path / "of-a-backup")
        store.assets.used((BIG[1],))
        await store.clock.advance(3)
        assert store.assets.is_ready(BIG[1])
        assert store.said()[-1][0] == "ready"
