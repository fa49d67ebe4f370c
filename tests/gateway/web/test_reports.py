"""Báo cáo over HTTP: page, JSON and files say the same, and every number leads to its lines."""

import csv
import io
import re

import pytest
from docx import Document
from openpyxl import load_workbook

from devices.model import Outcome, Proof
from gateway.domain.people import Role
from tests.gateway.web.aired import heard
from tests.gateway.web.world import Browser, World

API = "/api/v1/reports"
HALF = "from=2026-07-01&to=2026-12-31"
HTML = {"accept": "text/html"}


async def summary(browser: Browser, query: str = HALF) -> dict[str, list[object]]:
    tables = (await browser.get(f"{API}?{query}")).json()["tables"]
    return {row[0]: row[1:] for table in tables if table["key"] == "summary" for row in table["rows"]}


async def test_page_json_and_files_say_the_same(world: World) -> None:
    await heard(world)
    await heard(world, n=2)
    await heard(world, n=3, outcome=Outcome.MISSED, proof=Proof.NONE, why="power", heard_ms=0)
    async with world.browser(Role.VIEWER) as viewer:
        known = (await viewer.get(f"{API}?{HALF}")).json()
        assert known["report"]["total"] == {"bulletins": 2, "airings": 2, "heard_ms": 120_000}
        assert known["report"]["written"] == 3
        figures = await summary(viewer)
        assert figures["Lượt phát"] == [2, 0]
        page = (await viewer.get(f"/reports?{HALF}", headers=HTML)).text
        for sentence in known["sentences"]:
            assert sentence["vi"] in page
        assert re.search(r'<strong class="number">2</strong><span>lượt phát', page)
        files = {kind: (await viewer.get(f"{API}/export/{kind}?{HALF}")).content for kind in ("docx", "xlsx", "csv")}
    book = load_workbook(io.BytesIO(files["xlsx"]))
    rows = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    words = Document(io.BytesIO(files["docx"]))
    for figure, (now, _) in figures.items():
        shown = next(row for row in book["Kết quả chung"].iter_rows(values_only=True) if row[0] == figure)
        assert shown[1] == now
        assert ["Kết quả chung", figure, "Kỳ này", "" if now is None else str(now)] in rows
    assert f"- {known['sentences'][0]['vi']}" in [line.text for line in words.paragraphs]


async def test_every_number_of_the_page_leads_to_its_lines(world: World) -> None:
    await heard(world)
    await heard(world, n=2, outcome=Outcome.REFUSED, proof=Proof.NONE, why="quiet_hours", heard_ms=0)
    async with world.browser(Role.VIEWER) as viewer:
        page = (await viewer.get(f"/reports?{HALF}", headers=HTML)).text
        ways = {way.replace("&amp;", "&") for way in re.findall(r'href="(/reports/lines[^"]+)"', page)}
        assert len(ways) > 12
        said = {way: (await viewer.get(way, headers=HTML)) for way in ways}
    assert {each.status_code for each in said.values()} == {200}
    together = "\n".join(each.text for each in said.values())
    assert "Từ chối theo quy chế: ngoài khung giờ cho phép" in together
    assert "dòng 7 trong nhật ký cụm loa" in together
    assert "bằng chứng: dòng điện âm ly" in together


async def test_lines_are_asked_for_by_the_name_of_their_number(world: World) -> None:
    bulletin = await heard(world)
    async with world.browser(Role.VIEWER) as viewer:
        heard_lines = (await viewer.get(f"{API}/lines?{HALF}&what=heard")).json()
        assert [line["cluster"] for line in heard_lines["plays"]] == ["kp1-01", "kp1-02", "kp2-01"]
        assert (await viewer.get(f"{API}/lines?{HALF}&what=heard&limit=1")).json()["more"] is True
        assert len((await viewer.get(f"{API}/lines?{HALF}&what=zone:kp1")).json()["plays"]) == 2
        written = (await viewer.get(f"{API}/lines?{HALF}&what=written")).json()["bulletins"]
        assert [each["id"] for each in written] == [bulletin]
        assert (await viewer.get(f"{API}/lines?{HALF}&what=nothing")).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["from=2026-12-31&to=2026-01-01", "from=2024-01-01&to=2026-01-01", "from=x", "from=1800-01-01&to=1800-02-01"],
)
async def test_a_period_that_is_none_is_refused_in_words(world: World, query: str) -> None:
    async with world.browser(Role.VIEWER) as viewer:
        answer = await viewer.get(f"{API}?{query}")
        assert answer.status_code == 422
        assert (await viewer.get(f"/reports?{query}", headers=HTML)).status_code == 422


async def test_without_days_it_is_the_half_year_of_today(world: World) -> None:
    async with world.browser(Role.VIEWER) as viewer:
        period = (await viewer.get(API)).json()["report"]["period"]
        assert period == {"first": "2026-07-01", "last": "2026-12-31"}
        assert "6 tháng cuối năm 2026" in (await viewer.get("/reports", headers=HTML)).text


async def test_a_stranger_gets_no_report(world: World) -> None:
    await heard(world)
    async with world.browser() as stranger:
        for path in (API, f"{API}/lines?what=heard", f"{API}/export/csv"):
            assert (await stranger.get(path)).status_code == 401


async def test_the_households_of_a_neighbourhood_are_entered_and_kept(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        await technician.send("PUT", "/api/v1/zones/kp1", {"name": "Khu phố 1", "households": 420})
        renamed = await technician.send("PUT", "/api/v1/zones/kp1", {"name": "Khu phố Một"})
        assert renamed.json() == {"id": "kp1", "name": "Khu phố Một", "households": 420}
        assert (await technician.send("PUT", "/api/v1/zones/kp1", {"name": "x", "households": -1})).status_code == 422
