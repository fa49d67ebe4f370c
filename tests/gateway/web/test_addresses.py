"""No id of people's choosing is hidden behind a page: the table of reserved words against the real routes."""

import re
from collections.abc import Iterator

from fastapi import FastAPI

from devices.model import ClusterId, ZoneId
from gateway.domain.addresses import DEVICES, RESERVED, SCHEDULES, TEMPLATES
from gateway.domain.cluster_sheet import read_clusters
from gateway.domain.people import Role
from gateway.domain.targets import Cluster, Registry, Zone
from tests.gateway.web.routes import doors
from tests.gateway.web.work import API, approved, programme, schedule
from tests.gateway.web.world import World

CHOSEN = {"code": DEVICES, "cluster": DEVICES, "camera": DEVICES, "schedule": SCHEDULES, "name": TEMPLATES}
"""Places in addresses where ids stand that people choose, and which may not be a word beside them."""
CHOSEN_ALONE = {"programme", "zone", "category"}
"""Chosen too; no word of ours stands beside them."""
DRAWN = {"alert", "bulletin", "em", "occ", "recording", "user"}
"""Drawn by the gateway (u-…, b-…), numbered, or holding an @: never a word."""
FIXED = {"deed"}
"""One of a few words of ours; the pages beside it have others."""


def meetings(app: FastAPI | None = None) -> Iterator[tuple[str, str, str]]:
    """List what an address would mean twice: the place, the word in it, and the address."""
    templates = {door.template for door in doors(app)}
    split = [template.strip("/").split("/") for template in templates]
    for placed in split:
        for worded in split:
            if len(placed) != len(worded) or placed == worded:
                continue
            if not all(a == b or _place(a) or _place(b) for a, b in zip(placed, worded, strict=True)):
                continue
            for place, word in zip(placed, worded, strict=True):
                if _place(place) and not _place(word):
                    yield place.strip("{}"), word, "/" + "/".join(placed)


def _place(part: str) -> bool:
    return part.startswith("{")


def test_a_word_beside_an_id_that_people_choose_is_reserved() -> None:
    found = list(meetings())
    assert ("schedule", "new", "/schedule/{schedule}") in found
    for place, word, address in found:
        if place in CHOSEN:
            kind = CHOSEN[place]
            assert word in RESERVED[kind], f"“{word}” beside {address}: add it to RESERVED[{kind}]"
        else:
            assert place not in CHOSEN_ALONE, f"“{word}” beside {address}: reserve it, refuse it, list it here"
            assert place in DRAWN | FIXED, f"{{{place}}} of {address}: who chooses these ids?"


def test_nothing_is_reserved_that_no_address_needs() -> None:
    beside = {(CHOSEN[place], word) for place, word, _ in meetings() if place in CHOSEN}
    assert beside == {(kind, word) for kind, words in RESERVED.items() for word in words}


def test_a_page_of_tomorrow_is_noticed() -> None:
    app = FastAPI()
    app.add_api_route("/schedule/{schedule}", lambda schedule: schedule)
    app.add_api_route("/schedule/tomorrow", lambda: None)
    assert list(meetings(app)) == [("schedule", "tomorrow", "/schedule/{schedule}")]


def test_every_place_named_here_exists() -> None:
    there = set(re.findall(r"{(\w+)}", " ".join(door.template for door in doors())))
    assert CHOSEN.keys() | CHOSEN_ALONE | DRAWN | FIXED <= there


async def test_the_api_refuses_such_ids_and_says_to_choose_another(world: World) -> None:
    bulletin = await approved(world)
    async with world.browser(Role.OPERATOR) as operator:
        body = schedule(await programme(operator, bulletin["id"]))
        for name in RESERVED[SCHEDULES]:
            for path in ("schedules", "schedules/preview"):
                answer = await operator.post(f"{API}/{path}", body | {"id": name})
                assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "reserved"), (path, name)
                assert name in answer.json()["problems"][0]["vi"]
        assert (await operator.post(f"{API}/schedules", body | {"id": "lich-new"})).status_code == 201
    async with world.browser(Role.TECHNICIAN) as technician:
        pole = {"name": "Cụm mới", "zone": "kp1"}
        eye = {"place": "Cổng chợ", "zone": "kp1"}
        own = (await technician.get(f"{API}/templates/bao")).json()
        own = {each: own[each] for each in ("kind", "name_vi", "text", "blanks")}
        asked = [(f"{API}/clusters/{name}", pole) for name in RESERVED[DEVICES]]
        asked += [(f"{API}/cameras/{name}", eye) for name in RESERVED[DEVICES]]
        asked += [(f"{API}/templates/{name}", own) for name in RESERVED[TEMPLATES]]
        for path, sent in asked:
            answer = await technician.send("PUT", path, sent)
            assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "reserved"), (path, answer.text)


def test_a_sheet_of_clusters_names_the_row_of_such_an_id() -> None:
    table = [["Mã cụm", "Tên cụm", "Khu phố"], ["pause", "Cụm mới", "kp1"], ["kp1-07", "Cụm mới", "kp1"]]
    zone = Zone(id=ZoneId("kp1"), name="Khu phố 1")
    registry = Registry.of([zone], [])
    rows = read_clusters(table, registry, {})
    assert [each.id for each in rows.clusters] == ["kp1-07"]
    assert [(each.row, each.column) for each in rows.bad] == [(2, "Mã")]
    known = Registry.of([zone], [Cluster(id=ClusterId("pause"), name="Có từ trước", zone=zone.id)])
    assert not read_clusters(table, known, {}).bad  # it had its name before the page had
