"""Nhật ký hệ thống is found again by person, kind of act and day, on the page, as a file, and by programs."""

import csv
import io
import re

from gateway.domain.people import Role
from gateway.web.words import gather
from tests.gateway.web.work import approved
from tests.gateway.web.world import Browser, World

HTML = {"accept": "text/html"}


async def lines(browser: Browser, query: str) -> str:
    answer = await browser.get(f"/audit?{query}", headers=HTML)
    assert answer.status_code == 200, query
    return " ".join(re.findall(r'<li class="log-line">(.*?)</li>', answer.text, re.DOTALL))


async def test_the_page_shows_what_one_person_did_of_one_kind_on_one_day(world: World) -> None:
    await approved(world)
    approver = await world.store.accounts.by_name("approver")
    assert approver is not None
    async with world.browser(Role.ADMIN) as admin:
        found = await lines(admin, f"who={approver.id}&kind=bulletin")
        assert "duyệt bản tin" in found
        assert "soạn bản tin" not in found
        assert "đăng nhập" not in found
        assert "duyệt bản tin" in await lines(admin, "from=2026-10-08&to=2026-10-08")
        assert await lines(admin, "from=2026-10-09") == ""
        assert await lines(admin, "to=2026-10-07&kind=bulletin") == ""
        assert "Không có dòng nào như vậy" in (await admin.get("/audit?from=2026-10-09", headers=HTML)).text
        every = await lines(admin, "who=&kind=&from=&to=")
        assert "soạn bản tin" in every, "an empty field filters nothing"


async def test_what_is_sought_stays_sought_from_page_to_page(world: World) -> None:
    async with world.browser(Role.ADMIN) as admin:
        for n in range(60):
            await admin.send("PUT", "/api/v1/zones/kp1", {"name": f"Khu phố {n}"})
        first = (await admin.get("/audit?kind=zone", headers=HTML)).text
        older = re.search(r'href="(/audit\?kind=zone&amp;before=\d+)"', first)
        assert older is not None
        second = await lines(admin, older[1].replace("&amp;", "&").partition("?")[2])
    assert second.count("lưu khu phố") == 60 - 50
    assert "đăng nhập" not in second


async def test_the_file_has_a_sentence_and_the_line_as_it_is_kept(world: World) -> None:
    bulletin = await approved(world)
    async with world.browser(Role.ADMIN) as admin:
        answer = await admin.get("/audit/export.csv?kind=bulletin.approve")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["Dòng", "Lúc", "Ai", "Đã làm gì"]
    assert len(rows) == 2
    assert rows[1][3] == "duyệt bản tin “Chuyển đổi số”"
    assert rows[1][5:7] == ["bulletin.approve", bulletin["id"]]
    kept = (await world.store.audit.lines(after_n=int(rows[1][0]) - 1, limit=1))[0]
    assert rows[1][8] == kept.hash


async def test_programs_search_it_too_and_only_those_who_may(world: World) -> None:
    await approved(world)
    async with world.browser(Role.APPROVER) as approver, world.browser(Role.VIEWER) as viewer:
        found = (await approver.get("/api/v1/audit/search?kind=bulletin&limit=2")).json()
        assert [each["note"]["action"] for each in found] == ["bulletin.approve", "bulletin.submit"]
        older = (await approver.get(f"/api/v1/audit/search?kind=bulletin&before_n={found[-1]['n']}")).json()
        assert all(each["n"] < found[-1]["n"] for each in older)
        assert (await viewer.get("/api/v1/audit/search")).status_code == 403
        assert (await viewer.get("/audit/export.csv", headers=HTML)).status_code == 403


async def test_every_kind_of_act_that_has_a_sentence_can_be_chosen(world: World) -> None:
    named = {key.split(".")[1] for key in gather() if key.startswith("did.") and key.count(".") > 1}
    assert {"bulletin", "session"} <= named
    async with world.browser(Role.ADMIN) as admin:
        page = (await admin.get("/audit", headers=HTML)).text
    offered = set(re.findall(r'<option value="([^"]+)"', page.partition('id="f-kind"')[2]))
    assert named <= offered
