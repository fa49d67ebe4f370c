"""Templates over HTTP: listed, filled in with every mistake at once, sent as an emergency, drafted as a bulletin."""

from gateway.domain.people import Role
from tests.gateway.web.work import API
from tests.gateway.web.world import PIN, World

STORM = {"so": "10", "gio": "05:30", "ngay": "2026-10-09", "noi": "ca-phuong"}
ORDER = {"targets": {"everywhere": True}, "pin": PIN}


async def test_templates_are_listed_with_what_a_place_may_be(world: World) -> None:
    async with world.browser(Role.VIEWER) as viewer:
        listed = (await viewer.get(f"{API}/templates")).json()
        assert listed["places"]["ca-phuong"] == "toàn phường"
        kinds = [each["kind"] for each in listed["templates"]]
        assert kinds == sorted(kinds, key=lambda kind: kind != "emergency")
        assert len(kinds) >= 12
        storm = (await viewer.get(f"{API}/templates/bao")).json()
        assert (storm["name_vi"], storm["version"]) == ("Bão đổ bộ", 0)
        assert {blank["kind"] for blank in storm["blanks"]} == {"number", "hour", "date", "place", "text"}
        assert (await viewer.get(f"{API}/templates/khong-co")).status_code == 404
        assert (await viewer.post(f"{API}/templates/bao/preview", {"blanks": STORM})).status_code == 403


async def test_a_preview_shows_what_will_be_said_or_every_mistake(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        wrong = await operator.post(f"{API}/templates/bao/preview", {"blanks": {"so": "nhiều", "gio": "5h", "la": "x"}})
        assert wrong.status_code == 422
        paths = {problem["path"] for problem in wrong.json()["problems"]}
        assert paths == {"blanks.so", "blanks.gio", "blanks.ngay", "blanks.noi", "blanks.la"}
        shown = (await operator.post(f"{API}/templates/bao/preview", {"blanks": STORM, "drill": True})).json()
        assert shown["drill"]
        assert shown["sentences"][0] == shown["sentences"][-1]
        assert "bão số mười sắp đổ bộ" in shown["sentences"][2]["spoken"].lower()
        assert (shown["ready"], shown["left_out"], shown["needs_speech"]) == (False, ["noi_tranh"], [])
        assert 10 < shown["seconds"] < 40


async def test_an_emergency_is_sent_from_a_template_and_nothing_beside_it(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        both = await operator.post(f"{API}/emergencies", ORDER | {"template": "bao", "blanks": STORM, "text": "x"})
        assert (both.status_code, both.json()["problems"][0]["path"]) == (422, "template")
        sent = await operator.post(f"{API}/emergencies", ORDER | {"template": "bao", "blanks": STORM})
        assert sent.status_code == 202, sent.text
        assert sent.json()["text"].startswith("Khẩn cấp. Bão số 10 sắp đổ bộ. Dự kiến lúc 5 giờ 30 phút")
        assert not sent.json()["drill"]
        drill = await operator.post(
            f"{API}/emergencies", ORDER | {"template": "dien-tap", "blanks": {"noi": "kp1", "gio": "08:00"}}
        )
        assert drill.status_code == 202, drill.text
        assert drill.json()["drill"], "whatever the order said"


async def test_an_author_drafts_a_bulletin_from_a_template(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        blanks = {"gio": "06:30", "ngay": "2026-10-10", "noi": "ca-phuong", "dia_diem": "nhà văn hóa"}
        draft = {"title": "Tổng vệ sinh", "category": "moi-truong", "template": "ve-sinh", "blanks": blanks}
        made = await author.post(f"{API}/bulletins", draft)
        assert made.status_code == 201, made.text
        assert made.json()["content"]["text"].startswith(
            "Phường phát động tổng vệ sinh môi trường lúc 6 giờ 30 phút, thứ bảy"
        )
        assert made.json()["state"] == "draft"
        none = await author.post(f"{API}/bulletins", {"title": "x", "category": "moi-truong"})
        assert none.status_code == 422
        both = await author.post(f"{API}/bulletins", draft | {"text": "Có rồi."})
        assert both.status_code == 422


async def test_the_ward_keeps_its_own_with_every_version(world: World) -> None:
    own = {
        "name_vi": "Vỡ đê",
        "kind": "emergency",
        "text": "Khẩn cấp. Đê sắp vỡ tại {noi}. Chạy lên đồi.",
        "blanks": [{"id": "noi", "label_vi": "Nơi", "kind": "place"}],
    }
    async with world.browser(Role.TECHNICIAN) as technician:
        made = await technician.send("PUT", f"{API}/templates/vo-de", own)
        assert (made.status_code, made.json()["version"]) == (200, 1)
        stale = await technician.send("PUT", f"{API}/templates/vo-de", own | {"was": 0, "name_vi": "Khác"})
        assert stale.status_code == 409
        bad = await technician.send("PUT", f"{API}/templates/vo-de", own | {"text": "Khẩn cấp. Đê vỡ {dau}."})
        assert {problem["path"] for problem in bad.json()["problems"]} == {"blanks.noi", "blanks.dau"}
        assert (await technician.send("DELETE", f"{API}/templates/vo-de")).status_code == 204
        history = (await technician.get(f"{API}/templates/vo-de/history")).json()
        assert [each["template"] is None for each in history] == [True, False]
        assert (await technician.send("DELETE", f"{API}/templates/vo-de")).status_code == 404
