"""The status page: true, in words, escaped, and without a script."""

import re
from html.parser import HTMLParser
from pathlib import Path

from devices.clock import instant
from devices.model import ClusterId, Outcome, Proof
from gateway.domain.people import Role
from gateway.domain.targets import Cluster
from gateway.ports.records import Severity
from gateway.web.services import WebOptions
from tests.gateway.store.rows import play
from tests.gateway.web.world import POLES, THURSDAY_0500, World, note, open_world


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
