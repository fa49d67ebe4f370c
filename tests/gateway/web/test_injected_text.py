"""What people type and what devices say of themselves is text on every page: never markup, never a formula."""

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from devices.model.camera import Layer
from gateway.domain.camera_look import Finding, Look
from gateway.domain.device import CameraId
from gateway.domain.people import Role
from gateway.ports.records import Severity
from gateway.services.presence import Presence
from tests.gateway.web.page_table import OPEN, PAGES
from tests.gateway.web.work import API, approved, programme, schedule
from tests.gateway.web.world import POLES, Browser, World

EVERYBODY = tuple(Role)
ADDRESSES = {"href", "src", "action", "hx-get", "hx-post"}
FORMULA = "=cmd|' /C calc'!A0"
ASKING = (
    "/devices?q=",
    "/devices?view=map&q=",
    "/devices/scan?code=",
    "/audit?who=",
    "/audit?kind=",
    "/users?q=",
    "/sign-in?next=",
    "/step-up?next=",
    "/reports?from=",
    "/t/",
    "/board/",
)
"""Pages that say again what was asked."""


def probe(name: str) -> str:
    """Return what breaks out of a text, an attribute, a comment, a title, a script and a template."""
    return f"{name}\"'>--></title></script></textarea><xprobe onprobe=1 title={name}>{{{{7*7}}}}&lt;"


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if tag == "xprobe" or any(name.startswith("onprobe") or name in {"style", "onerror"} for name in names):
            self.bad.append(self.get_starttag_text() or tag)
        for name, value in attrs:
            scheme = re.sub(r"[\s\x00]", "", value or "").lower()
            if name in {"href", "src", "action", "hx-get", "hx-post"} and scheme.startswith(
                ("javascript:", "data:text")
            ):
                self.bad.append(f"{name}={value}")


async def put(browser: Browser, method: str, path: str, body: dict[str, Any]) -> Any:
    answer = await browser.send(method, f"{API}{path}", body)
    assert answer.status_code < 300, (path, answer.text)
    return answer.json() if answer.content else None


async def poisoned(world: World, browser: Browser) -> dict[str, str]:
    """Fill everything that takes a text with probes, and return what the pages' places are called."""
    bulletin = await approved(world)
    name = await programme(browser, bulletin["id"])
    items = [{"kind": "bulletin", "bulletin": bulletin["id"]}]
    renamed = {"title": probe("programme"), "items": items, "was_revision": 1}
    await put(browser, "PUT", f"/programmes/{name}", renamed)
    await put(browser, "POST", "/schedules", schedule(name, name=probe("schedule")))
    await put(browser, "PUT", "/zones/kp1", {"name": probe("zone")})
    await put(
        browser, "PUT", "/clusters/kp1-01", {"name": probe("cluster"), "zone": "kp1", "address": probe("address")}
    )
    await put(browser, "PUT", "/categories/thu", {"label_vi": probe("category"), "label_en": probe("kind")})
    texts = ("maker", "model", "firmware", "serial", "contractor", "cabinet", "switch", "notes")
    about = {field: probe(field) for field in texts}
    await put(browser, "PUT", "/devices/kp1-01/particulars", about)
    camera = about | {"place": probe("place"), "zone": "kp1", "host": "192.0.2.20", "profile": probe("profile")}
    await put(browser, "PUT", "/cameras/cam-1", camera)
    ticket = await put(
        browser, "POST", "/tickets", {"device": "cam-1", "title": probe("ticket"), "detail": probe("detail")}
    )
    step = {"contractor": probe("firm"), "note": probe("note")}
    await put(browser, "POST", f"/tickets/{ticket['id']}/assign", step)
    written = {"title": probe("title"), "category": "thu", "text": probe("text"), "source_name": probe("source")}
    draft = await put(browser, "POST", "/bulletins", written)
    somebody = {"name": "xss", "display_name": probe("person"), "roles": ["author"], "reason": probe("hiring")}
    user = (await put(browser, "POST", "/users", somebody))["user"]
    night = {"start": "2026-10-08T22:30:00+07:00", "end": "2026-10-08T23:00:00+07:00", "reason": probe("night")}
    await put(browser, "POST", "/policy/out-of-hours", night)
    entry = {"surface": "bà con", "spoken": "bà con", "note": probe("lexicon")}
    answer = await browser.send("PUT", f"{API}/lexicon/entries", entry)
    assert answer.status_code < 500
    await a_camera_says(world)
    a_pole_says(world)
    await world.services.alarms.raise_("x", Severity.CRITICAL, probe("alarm"), probe("alarm"))
    await put(browser, "POST", "/silence/on", {"reason": probe("silence")})
    return {
        "bulletin": draft["id"],
        "programme": name,
        "schedule": "sang-thu-5-7",
        "number": str(ticket["id"]),
        "user": user["id"],
    }


async def a_camera_says(world: World) -> None:
    """Have the camera answer as a liar would."""
    finding = Finding(
        layer=Layer.LOGIN, ok=False, cause="bad_password", vi=probe("vi"), en=probe("en"), detail=probe("saw")
    )
    camera = world.services.cameras.registry.get(CameraId("cam-1"))
    look = Look(at_ms=world.clock.now_ms(), findings=(finding,), firmware=probe("flashed"))
    await world.services.cameras.watcher.seen(camera, look)


def a_pole_says(world: World) -> None:
    """Have an enrolled pole say the worst that its contract lets it."""
    live = world.services.monitor.get(POLES[0])
    said: dict[str, Any] = {
        "model": probe("board")[:64],
        "firmware": probe("build")[:64],
        "faults": (probe("fault")[:64],),
    }
    world.services.monitor._take(replace(live, presence=Presence.ONLINE, **said))


def _cluster(name: str, address: str) -> dict[str, Any]:
    return {"name": name, "zone": "kp1", "address": address}


def ways(names: dict[str, str]) -> list[str]:
    """Name every page there is, for a camera and for a loudspeaker, and some with probes in the question."""
    found = []
    for template in sorted({each.path for each in PAGES} | OPEN):
        for code in ("cam-1", "kp1-01") if "{code}" in template else ("",):
            found += [_filled(template, {**names, "code": code, "cluster": "kp1-01"})]
    asked = probe("asked").replace("/", "%2f").replace("&", "%26")
    return found + [way + asked for way in ASKING]


def _filled(template: str, places: dict[str, str]) -> str:
    return re.sub(r"{(\w+)[^}]*}", lambda place: places.get(place[1], "x-1"), template)


async def test_nothing_anybody_typed_becomes_markup_on_any_page(world: World) -> None:
    shown: set[str] = set()
    async with world.browser(*EVERYBODY) as browser:
        names = await poisoned(world, browser)
        for language in ("vi", "en"):
            browser.client.cookies.set("loa_language", language)
            for way in [*ways(names), f"{API}/devices/labels"]:
                answer = await browser.get(way, headers={"accept": "text/html", "user-agent": probe("agent")})
                assert answer.status_code < 500, (way, answer.text[:300])
                assert "content-security-policy" in answer.headers, way
                if answer.headers.get("content-type", "").startswith("text/html"):
                    assert not (bad := Page(answer.text).bad), (way, bad)
                    shown |= set(re.findall(r"(\w+)&(?:quot|#34);&(?:#39|#x27);&gt;--", answer.text))
    said = {"title", "text", "place", "cluster", "zone", "schedule", "programme", "ticket", "detail", "firm", "note"}
    said |= {"maker", "serial", "contractor", "notes", "alarm", "silence", "asked", "person", "hiring", "night"}
    assert said <= shown, said - shown  # it was there to be seen


async def test_no_table_anybody_downloads_has_a_formula_in_it(world: World) -> None:
    async with world.browser(*EVERYBODY) as browser:
        await put(browser, "PUT", "/zones/kp1", {"name": FORMULA})
        await put(browser, "PUT", "/clusters/kp1-01", _cluster(FORMULA, FORMULA))
        await put(
            browser, "PUT", "/cameras/cam-1", {"place": FORMULA, "zone": "kp1", "host": "192.0.2.20", "notes": FORMULA}
        )
        await world.services.alarms.raise_("x", Severity.WARNING, FORMULA, FORMULA)
        assert (await browser.post(f"{API}/alarms/seen", {"key": "x"})).status_code < 300
        tables = ("devices/cameras/export?form=csv", "devices/clusters/export?form=csv", "plays/export.csv")
        ways = [f"{API}/{table}" for table in tables] + ["/audit/export.csv", f"{API}/reports/export/csv"]
        seen = 0
        for way in ways:
            answer = await browser.get(way)
            assert answer.status_code == 200, (way, answer.text[:200])
            assert answer.headers["content-disposition"].startswith("attachment"), way
            for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))):
                assert not [cell for cell in row if cell.startswith(("=", "@", "+", "\t"))], (way, row)
                seen += sum(FORMULA in cell for cell in row)
    assert seen >= 4
