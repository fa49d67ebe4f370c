"""The status page: true, in words, escaped, and without a script."""

import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from devices.clock import instant
from devices.model import ClusterId, Outcome, Proof
from gateway.domain.people import Role
from gateway.domain.targets import Cluster
from gateway.ports.records import Severity
from gateway.services.presence import Live, Presence
from gateway.web.services import WebOptions
from gateway.web.status_html import render
from gateway.web.status_picture import ClusterLine, Picture
from tests.gateway.store.rows import play
from tests.gateway.web.world import OPTIONS, POLES, THURSDAY_0500, World, note, open_world

LOST = {(3, 7), (9, 20)}


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


async def look(world: World) -> _Page:
    async with world.browser() as browser:
        answer = await browser.get("/")
    assert answer.status_code == 200
    return _Page(answer.text)


async def test_it_says_in_words_how_every_cluster_is(world: World) -> None:
    page = await look(world)
    for pole in POLES:
        assert f"Cụm {pole}: chưa rõ" in page.words
    assert "Cụm FM cũ: không điều khiển từ xa" in page.words


async def test_it_says_what_became_of_the_last_broadcast(world: World) -> None:
    start = instant(THURSDAY_0500 - 3_600_000)
    outcomes = (Outcome.PLAYED, Outcome.UNPROVEN, None)
    await world.store.proofs.promise(
        [
            play(cluster=pole, start_at=start, outcome=outcome, proof=Proof.NONE)
            for pole, outcome in zip(POLES, outcomes, strict=True)
        ]
    )
    page = await look(world)
    assert "04:00 thứ Năm 08/10/2026" in page.words
    for words in ("1 cụm đã phát đủ", "1 cụm KHÔNG CÓ BẰNG CHỨNG", "1 cụm đang chờ kết quả"):
        assert words in page.words


async def test_nothing_anybody_typed_becomes_markup(world: World) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=y>"
    await world.store.inventory.save_cluster(Cluster(id=ClusterId("kp1-99"), name=evil, zone="kp1"), note=note("seed"))
    await world.services.fleet.refresh()
    await world.services.alarms.raise_("x", Severity.CRITICAL, evil, evil)
    await world.services.silence.engage(by=_operator(), reason=evil)
    await world.store.proofs.promise([play(title=evil, start_at=instant(THURSDAY_0500 - 60_000))])
    page = await look(world)
    assert page.words.count("<script>") >= 3  # said, not done
    assert not {"script", "img", "style"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") or name == "style" for _, attrs in page.tags for name in attrs)


async def test_it_needs_no_script_no_foreign_host_and_fits_a_phone(world: World) -> None:
    page = await look(world)
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page.tags
    assert ("html", {"lang": "vi"}) in page.tags
    links = [value for _, attrs in page.tags for name, value in attrs.items() if name in {"href", "src"}]
    assert set(links) == {"/status.css", "/sign-in"}
    async with world.browser() as browser:
        policy = (await browser.get("/")).headers["content-security-policy"]
        style = await browser.get("/status.css")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert style.headers["content-type"].startswith("text/css")
    assert not re.search(r"url\(|@import|width:\s*\d{3,}px", style.text)


def test_two_hundred_clusters_are_folded_by_neighbourhood_and_who_is_lost_stands_above() -> None:
    lines = [
        ClusterLine(
            name=f"Cụm KP{zone}-{n:02}",
            zone=f"Khu phố {zone}",
            live=Live(
                cluster=ClusterId(f"kp{zone}-{n:02}"),
                presence=Presence.LOST if (zone, n) in LOST else Presence.ONLINE,
                since_ms=THURSDAY_0500,
                watched_ns=0,
            ),
        )
        for zone in range(1, 11)
        for n in range(1, 21)
    ]
    text = render(picture(lines))
    above, *zones = text.split('<details class="zone">')
    assert re.findall(r"<strong>(Cụm KP[^<]+)</strong>", above) == ["Cụm KP3-07", "Cụm KP9-20"]
    assert "198 trực tuyến" in above
    assert "2 MẤT KẾT NỐI" in above
    assert len(zones) == 10
    assert "19 trực tuyến" in zones[2]
    named = re.findall(r"<strong>(Cụm KP[^<]+)</strong>", text)
    assert sorted(named) == sorted(line.name for line in lines), "everybody once"
    small = render(picture(lines[:20]))
    assert "<details" not in small
    assert small.count('<li class="strip') == 20


async def test_of_hundreds_of_alarms_the_gravest_stand_open_and_the_others_are_one_tap_away(world: World) -> None:
    for n in range(30):
        level = Severity.CRITICAL if n == 29 else Severity.WARNING
        await world.services.alarms.raise_(f"a{n}", level, f"Cụm {n} hỏng", f"Cluster {n} broken")
    async with world.browser() as browser:
        text = (await browser.get("/")).text
    shown, _, folded = text.partition("và 22 cảnh báo nữa")
    assert shown.count('class="row-title">Cụm') == 8
    assert "Cụm 29 hỏng" in shown
    assert folded.count('class="row-title">Cụm') == 22
    assert text.count("hỏng") == 30


async def test_it_wears_the_colours_of_all_pages_and_comes_small(world: World) -> None:
    app = resources.files("gateway.web").joinpath("static/app.css").read_text("utf-8")
    async with world.browser() as browser:
        for path in ("/", "/status", "/status.css"):
            answer = await browser.get(path, headers={"accept-encoding": "gzip"})
            assert answer.headers["content-encoding"] == "gzip"
            plain = await browser.get(path, headers={"accept-encoding": "identity"})
            assert "content-encoding" not in plain.headers
            assert len(plain.content) == int(plain.headers["content-length"]) > int(answer.headers["content-length"])
        style = (await browser.get("/status.css")).text
        page = (await browser.get("/")).text
    assert style.startswith(app)
    known = set(re.findall(r"\.([a-z][\w-]*)", style))
    worn = {name for names in re.findall(r'class="([^"]+)"', page) for name in names.split()}
    assert worn - known <= {"row", "is-off"}, "a class without a style is a look nobody sees"


def picture(lines: list[ClusterLine]) -> Picture:
    return Picture(
        options=OPTIONS,
        now=instant(THURSDAY_0500),
        zone=ZoneInfo("Asia/Ho_Chi_Minh"),
        silent=False,
        healthy=True,
        coming=None,
        clusters=lines,
        past=[],
        alarms=[],
    )


async def test_silence_is_the_first_thing_said(world: World) -> None:
    await world.services.silence.engage(by=_operator(), reason="Loa bị chiếm quyền")
    assert "Toàn phường đang IM LẶNG" in (await look(world)).words


async def test_a_ward_may_keep_its_status_to_itself(tmp_path: Path) -> None:
    async with open_world(tmp_path, options=WebOptions(public_status=False)) as world:
        async with world.browser() as stranger:
            answer = await stranger.get("/")
        assert answer.status_code == 401
        assert "Cụm" not in answer.text
        async with world.browser(Role.VIEWER) as viewer:
            assert "Cụm kp1-01" in (await viewer.get("/status")).text


def _operator():
    from gateway.domain.ids import UserId
    from gateway.domain.people import User

    return User(id=UserId("u-op"), name="Vận hành", roles=frozenset({Role.OPERATOR}))
