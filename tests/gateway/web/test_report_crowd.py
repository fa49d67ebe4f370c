"""Báo cáo nửa năm of two hundred clusters: page, JSON and files agree in every number, and each opens its lines."""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest_asyncio
from docx import Document
from openpyxl import load_workbook

from devices.clock import instant
from devices.model import ClusterId, OccurrenceId, Outcome, Proof, ZoneId
from gateway.domain.people import Role
from gateway.domain.targets import Cluster, Zone
from gateway.ports.records import PlannedPlay
from gateway.reports.numbers import decimal, percent, whole
from tests.gateway.web.aired import play
from tests.gateway.web.work import approved
from tests.gateway.web.world import World, note, open_world

API = "/api/v1/reports"
HALF = "from=2026-07-01&to=2026-12-31"
HTML = {"accept": "text/html"}
ZONES, EACH, BULLETINS, AIRTIMES = 10, 20, 6, 18
HOUSEHOLDS = 100
DEAF = (17, 18, 19)
"""Of each neighbourhood's twenty clusters these three are never heard: 85 % of the ward is."""
LONG_MS = 95_500
OLD_FM = "Khu phố 2"
"""Has one that nobody can ask, too."""
Cells = list[Any]


@dataclass(frozen=True)
class Half:
    """What was aired, and everything the office gives out about it."""

    plays: list[PlannedPlay]
    known: dict[str, Any]
    page: str
    files: dict[str, bytes]
    lines: dict[str, dict[str, Any]]
    """By the name of the number."""
    leaves: tuple[str, str]
    """The first and the last page of what was heard."""

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        return {table["key"]: table for table in self.known["tables"]}

    @property
    def heard(self) -> list[PlannedPlay]:
        return [each for each in self.plays if each.outcome is Outcome.PLAYED and each.proof is not Proof.NONE]


def outcome_of(cluster: int, airtime: int) -> dict[str, Any]:
    """Return how an airtime went on a cluster: what stands in a journal, in all its ways."""
    nothing = {"proof": Proof.NONE, "heard_ms": 0}
    match cluster % EACH:
        case 17:
            return {**nothing, "outcome": Outcome.MISSED, "why": "power"}
        case 18:
            return {**nothing, "outcome": Outcome.UNPROVEN, "journal_n": None}
        case 19:
            return {**nothing, "outcome": Outcome.SILENT, "why": "amp_off"}
    if (cluster + airtime) % 13 == 0:
        return {**nothing, "outcome": Outcome.MISSED, "why": "power"}
    if (cluster + airtime) % 29 == 0:
        return {**nothing, "outcome": Outcome.UNPROVEN, "journal_n": None}
    return {"heard_ms": LONG_MS - cluster, "proof": (Proof.DEVICE, Proof.AMPLIFIER)[cluster % 2]}


async def aired(world: World) -> list[PlannedPlay]:
    names = []
    for zone in range(1, ZONES + 1):
        home = ZoneId(f"kp{zone}")
        await world.store.inventory.save_zone(Zone(id=home, name=f"Khu phố {zone}"), note=note("seed"))
        for n in range(1, EACH + 1):
            name = ClusterId(f"kp{zone}-{n:02}")
            cluster = Cluster(id=name, name=f"Cụm {name}", zone=home, households=HOUSEHOLDS)
            await world.store.inventory.save_cluster(cluster, note=note("seed"))
            names.append(name)
    await world.services.fleet.refresh()
    written = [await approved(world) for _ in range(BULLETINS)]
    begin = instant(world.clock.now_ms())
    plays = []
    for airtime in range(AIRTIMES):
        start = begin + timedelta(days=airtime, minutes=30)
        occ = OccurrenceId(f"sang@{start.isoformat()}")
        bulletin = written[airtime % BULLETINS]
        plays += [
            play(world, bulletin, name, occ=occ, start_at=start, **outcome_of(number, airtime))
            for number, name in enumerate(names)
        ]
    await world.store.proofs.settle(plays)
    await world.clock.advance(AIRTIMES * 86_400)
    return plays


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def half(tmp_path_factory: Any) -> AsyncIterator[Half]:
    folder: Path = tmp_path_factory.mktemp("half")
    async with open_world(folder) as world:
        plays = await aired(world)
        async with world.browser(Role.VIEWER) as viewer:
            known = (await viewer.get(f"{API}?{HALF}")).json()
            page = (await viewer.get(f"/reports?{HALF}", headers=HTML)).text
            files = {
                kind: (await viewer.get(f"{API}/export/{kind}?{HALF}")).content for kind in ("docx", "xlsx", "csv")
            }
            asked = {what for table in known["tables"] for what in table["what"] if what}
            lines = {
                what: (await viewer.get(f"{API}/lines", params={**dict(_pairs()), "what": what, "limit": 5000})).json()
                for what in sorted(asked)
            }
            way = f"/reports/lines?{HALF}&what=heard&page="
            end = len(lines["heard"]["plays"]) // 100 + 1
            leaves = [(await viewer.get(f"{way}{n}", headers=HTML)).text for n in (1, end)]
        yield Half(plays, known, page, files, lines, (leaves[0], leaves[1]))


def _pairs() -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (pair.partition("=") for pair in HALF.split("&"))]


def said(cell: Any) -> str:
    return (
        "–"
        if cell is None
        else cell
        if isinstance(cell, str)
        else whole(cell)
        if isinstance(cell, int)
        else decimal(cell)
    )


# -- the numbers are those of the plays ------------------------------------------------------------------------------


def test_six_bulletins_eighteen_plays_and_eighty_five_percent_as_wards_write_it(half: Half) -> None:
    told = {each["key"]: each["vi"] for each in half.known["sentences"]}
    minutes = decimal(round(sum(LONG_MS - first_heard(half, n) for n in range(AIRTIMES)) / 60_000, 1))
    assert told["plays"] == (
        "Viết 6 bài tuyên truyền, phát 18 lượt trên hệ thống truyền thanh trong 18 buổi,"
        f" tổng thời lượng {minutes} phút."
    )
    assert told["reach"].startswith("Đạt tỷ lệ 85% trên tổng số hộ dân được nghe tuyên truyền")
    assert "(17.000/20.000 hộ)" in told["reach"]
    for sentence in told.values():
        assert sentence in unescape(half.page)


def first_heard(half: Half, airtime: int) -> int:
    """Return the number of the cluster that proved most of an airtime: the lowest that heard it."""
    return next(n for n in range(ZONES * EACH) if outcome_of(n, airtime).get("heard_ms"))


def test_the_summary_is_what_the_plays_say(half: Half) -> None:
    figures = {row[0]: row[1] for row in half.tables["summary"]["rows"]}
    outcomes = Counter(each.outcome for each in half.plays)
    assert len(half.plays) == figures["Lượt trên cụm loa: theo kế hoạch"] == ZONES * EACH * AIRTIMES
    assert len(half.heard) == figures["Lượt trên cụm loa: đã phát đủ"]
    assert figures["Lượt trên cụm loa: chưa phát được"] == outcomes[Outcome.MISSED] + outcomes[Outcome.SILENT]
    assert figures["Lượt trên cụm loa: không có bằng chứng (không tính)"] == outcomes[Outcome.UNPROVEN] > 0
    assert figures["Tỷ lệ hộ được nghe ít nhất một lượt (%)"] == 85.0
    by_airtime = Counter(each.occ for each in half.heard)
    mean = sum(many * HOUSEHOLDS for many in by_airtime.values()) / AIRTIMES / (ZONES * EACH * HOUSEHOLDS)
    assert figures["Tỷ lệ hộ được nghe bình quân mỗi lượt (%)"] == round(100 * mean, 1)


def test_every_neighbourhood_and_every_reason_counts_its_own_plays(half: Half) -> None:
    planned, heard = defaultdict(int), defaultdict(int)
    for each in half.plays:
        planned[zone_of(each)] += 1
    for each in half.heard:
        heard[zone_of(each)] += 1
    rows = {row[0]: row for row in half.tables["zone"]["rows"]}
    assert list(rows) == [f"Khu phố {n}" for n in range(1, ZONES + 1)]
    for name, row in rows.items():
        assert row[4:9] == [
            EACH + (name == OLD_FM),
            heard[name],
            planned[name],
            EACH * HOUSEHOLDS,
            (EACH - len(DEAF)) * HOUSEHOLDS,
        ]
    reasons = Counter((each.outcome, each.why) for each in half.plays if each.why)
    assert sorted(row[1] for row in half.tables["missed"]["rows"]) == sorted(reasons.values())


def zone_of(each: PlannedPlay) -> str:
    return f"Khu phố {each.cluster.partition('-')[0].removeprefix('kp')}"


# -- and the same everywhere -----------------------------------------------------------------------------------------


def test_word_spreadsheet_and_csv_show_every_cell_of_the_json(half: Half) -> None:
    book = load_workbook(io.BytesIO(half.files["xlsx"]))
    listed = {tuple(row[:3]): row[3] for row in csv.reader(io.StringIO(half.files["csv"].decode("utf-8-sig")))}
    paper = [
        [[cell.text for cell in row.cells] for row in table.rows]
        for table in Document(io.BytesIO(half.files["docx"])).tables[1:-1]
    ]
    cells = 0
    for table in half.known["tables"]:
        title, heads, rows = table["title"][0], [pair[0] for pair in table["header"]], table["rows"]
        assert [list(row) for row in book[title].iter_rows(values_only=True)] == [heads, *rows]
        if rows:
            assert [heads, *([said(cell) for cell in row] for row in rows)] in paper
        for row in rows:
            for head, cell in zip(heads[1:], row[1:], strict=True):
                assert listed[title, row[0], head] == ("" if cell is None else str(cell)), (title, row[0], head)
                cells += 1
    assert cells > 150
    assert book["Các lượt đã phát"].max_row - 1 == len(half.heard)


def test_the_page_shows_the_same_cells(half: Half) -> None:
    page = unescape(half.page)
    for key in ("category", "source", "origin", "priority"):
        for row in half.tables[key]["rows"]:
            assert row_of(page, f"g-{key}", row[0]) == [said(cell) for cell in row[1:]]
    for row in half.tables["summary"]["rows"]:
        assert row_of(page, "all", row[0]) == [said(cell) for cell in row[1:]]
    for name, _, airings, minutes, clusters, _, _, households, reached, *_ in half.tables["zone"]["rows"]:
        shown = page.partition(f'<span class="row-title">{name}</span>')[2].partition("</li>")[0]
        assert f"{whole(airings)} lượt · {decimal(minutes)} phút · {whole(clusters)} cụm loa" in shown
        assert f"{whole(reached)}/{whole(households)} hộ được nghe · {percent(100 * reached / households)}" in shown
    for _, plays, clusters in half.tables["missed"]["rows"]:
        assert f"{whole(plays)} lượt trên {whole(clusters)} cụm loa" in page
    report = half.known["report"]
    assert f"{whole(len(half.heard))}/{whole(len(half.plays))} lượt cụm đã phát đủ" in page
    assert f"Không có bằng chứng, không tính: {whole(report['unproven'])}" in page


def row_of(page: str, section: str, name: str) -> list[str]:
    """Return the cells of one row of a table of the page."""
    table = page.partition(f'<section class="card" aria-labelledby="{section}">')[2].partition("</section>")[0]
    (cells,) = re.findall(rf'<th scope="row">(?:<a [^>]*>)?{re.escape(name)}(?:</a>)?</th>(.*?)</tr>', table)
    return re.findall(r"<td>(.*?)</td>", cells)


# -- and each opens its lines ----------------------------------------------------------------------------------------


def test_the_lines_behind_every_number_add_up_to_it(half: Half) -> None:
    opened = 0
    for table in half.known["tables"]:
        for row, what in zip(table["rows"], table["what"] or [""] * len(table["rows"]), strict=True):
            if not what:
                continue
            lines = half.lines[what]
            assert not lines["more"]
            counted = counts_of(lines)
            match table["key"]:
                case "summary":
                    assert row[1] == counted[row[0]], row[0]
                case "missed":
                    assert row[1] == counted["plays"]
                case "zone":
                    assert (row[2], row[5]) == (counted["Lượt phát"], counted["plays"])
                case _:
                    assert row[1:3] == [counted["Bài đã phát"], counted["Lượt phát"]]
            opened += 1
            assert f"what={what.replace(':', '%3A')}" in half.page, "and the page leads there"
    assert opened > 30
    assert len(half.lines["written"]["bulletins"]) == BULLETINS


def counts_of(lines: dict[str, Any]) -> dict[str, float]:
    """Count what a reader with nothing but the lines would."""
    airtimes = defaultdict(list)
    for line in lines["plays"]:
        airtimes[line["occ"]].append(line)
    plays, ward = len(lines["plays"]), ZONES * EACH
    shares = [len(same) / ward for same in airtimes.values()]
    longest_ms = sum(max(line["heard_ms"] for line in same) for same in airtimes.values())
    reached = {line["cluster"] for line in lines["plays"]}
    return {
        "plays": plays,
        "Bài đã viết và được duyệt": len(lines["bulletins"]),
        "Bài đã phát": len({name for line in lines["plays"] for name in line["bulletins"]}),
        "Lượt phát": sum(len(same[0]["bulletins"]) for same in airtimes.values()),
        "Buổi phát": len(airtimes),
        "Thời lượng (phút)": round(longest_ms / 60_000, 1),
        "Tỷ lệ hộ được nghe ít nhất một lượt (%)": round(100 * len(reached) / ward, 1),
        "Tỷ lệ hộ được nghe bình quân mỗi lượt (%)": round(100 * sum(shares) / max(1, len(shares)), 1),
        "Lượt trên cụm loa: theo kế hoạch": plays,
        "Lượt trên cụm loa: đã phát đủ": plays,
        "Lượt trên cụm loa: chưa phát được": plays,
        "Lượt trên cụm loa: không có bằng chứng (không tính)": plays,
        "Lượt trên cụm loa: đang chờ kết quả": plays,
        "Tiếng lạ (không có trong kế hoạch)": plays,
    }


def test_the_lines_are_the_plays_themselves_with_their_place_in_the_journal(half: Half) -> None:
    shown = {(line["occ"], line["cluster"]): line["journal_n"] for line in half.lines["heard"]["plays"]}
    assert shown == {(each.occ, each.cluster): each.journal_n for each in half.heard}
    unproven = {(line["occ"], line["cluster"]) for line in half.lines["unproven"]["plays"]}
    assert unproven == {(each.occ, each.cluster) for each in half.plays if each.outcome is Outcome.UNPROVEN}


def test_thousands_of_lines_are_turned_over_page_by_page_and_the_page_says_where_it_is(half: Half) -> None:
    first, last = half.leaves
    assert f"{whole(len(half.heard))} dòng" in first
    airtimes, clusters = (whole(len({getattr(each, key) for each in half.heard})) for key in ("occ", "cluster"))
    assert f"Mỗi dòng là một cụm loa trong một buổi phát: {airtimes} buổi, {clusters} cụm loa." in first
    assert "Đang xem dòng 1–100." in first
    assert first.count('class="log-line"') == 100
    assert "Các dòng sau" in first
    assert "Các dòng trước" not in first
    rest = len(half.heard) % 100
    assert f"–{whole(len(half.heard))}." in last
    assert last.count('class="log-line"') == rest
    assert "Các dòng sau" not in last
