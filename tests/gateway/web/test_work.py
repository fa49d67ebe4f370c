"""A ward's week over HTTP: written, approved by another, scheduled, refused, aired now, silenced, proven."""

import csv
import io
from typing import Any

import pytest

from devices.clock import instant
from devices.model import Outcome, Proof, asset_sha256
from devices.seal import SigningKey
from devices.seal.enrolment import Request, open_grant, read_code, wrap_request
from devices.wire.commands import Emergency, Play
from devices.wire.documents import KeyRole
from gateway.domain.people import Role
from gateway.ports.clusters import To
from gateway.ports.records import Severity
from tests.gateway.store.rows import play
from tests.gateway.web.work import API, TEXT, approved, programme, schedule
from tests.gateway.web.world import DEFAULT_POLICY, PIN, POLES, THURSDAY_0500, World


async def test_a_bulletin_is_approved_by_another_person_and_only_as_it_was_heard(world: World) -> None:
    async with world.browser(Role.AUTHOR, Role.APPROVER) as both, world.browser(Role.APPROVER) as approver:
        body = {"title": "Tin", "category": "an-ninh", "text": TEXT}
        written = (await both.post(f"{API}/bulletins", body)).json()
        path = f"{API}/bulletins/{written['id']}"
        submitted = (await both.post(f"{path}/submit")).json()
        assert submitted["state"] == "submitted"
        heard = await approver.get(f"{path}/audio", headers={"range": "bytes=0-9"})
        assert heard.status_code == 206
        assert heard.headers["cache-control"] == "no-store"
        sha = submitted["audio"]["asset"].removeprefix("sha256:")
        judged = {"text_sha256": submitted["text_sha256"], "audio_sha256": sha}
        own = await both.post(f"{path}/approve", judged)
        assert (own.status_code, own.json()["code"]) == (403, "own_bulletin")
        other = await approver.post(f"{path}/approve", judged | {"audio_sha256": "0" * 64})
        assert (other.status_code, other.json()["code"]) == (409, "approval_of_other_content")
        assert (await approver.post(f"{path}/approve", judged)).json()["state"] == "approved"
        edited = await both.send("PUT", path, body | {"text": "Khác", "was_revision": 1})
        assert (edited.status_code, edited.json()["code"]) == (409, "stale")
        revision = (await both.get(path)).json()["revision"]
        edited = await both.send("PUT", path, body | {"text": "Khác", "was_revision": revision})
        assert (edited.json()["state"], edited.json()["approval"], edited.json()["audio"]) == ("draft", None, None)


async def test_a_broken_engine_leaves_the_bulletin_and_says_why(world: World) -> None:
    world.studio.broken = True
    async with world.browser(Role.AUTHOR) as author:
        written = (await author.post(f"{API}/bulletins", {"title": "Tin", "category": "x", "text": TEXT})).json()
        answer = await author.post(f"{API}/bulletins/{written['id']}/render")
        assert answer.status_code == 503  # nothing that this person wrote is wrong
        assert answer.json()["code"] == "speech_failed"
        assert "giọng đọc hỏng" in answer.json()["detail_vi"]
        assert (await author.get(f"{API}/bulletins/{written['id']}")).json()["state"] == "draft"


async def test_a_text_is_shown_as_it_will_be_spoken(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        answer = await author.post(f"{API}/bulletins/spoken", {"text": "Họp lúc 17h30 ngày 10/10, mang theo CCCD."})
    assert answer.status_code == 200
    assert "mười bảy giờ" in answer.json()["spoken"]


async def test_a_recording_is_kept_heard_and_bad_ones_are_refused(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:

        async def upload(content: bytes, kind: str = "audio/mpeg", title: str = "Thông báo") -> Any:
            headers = {"x-csrf-token": operator.csrf, "content-type": kind}
            return await operator.client.post(f"{API}/audio", params={"title": title}, content=content, headers=headers)

        made = await upload(b"ID3" + b"\x00" * 3_000_000)
        assert made.status_code == 201, made.text
        sha = asset_sha256(made.json()["asset"])
        part = await operator.get(f"{API}/audio/{sha}/file", headers={"range": "bytes=0-2"})
        assert (part.status_code, part.content) == (206, b"ID3")
        assert (await upload(b"")).status_code == 422
        assert (await upload(b"not sound")).json()["problems"][0]["code"] == "unusable_audio"
        assert (await upload(b"ID3", kind="text/html")).status_code == 415
        assert (await upload(b"ID3", title="")).status_code == 422
        assert [each["title"] for each in (await operator.get(f"{API}/audio")).json()] == ["Thông báo"]
    assert not world.app.state.uploads


async def test_a_schedule_is_shown_saved_and_planned(world: World) -> None:
    bulletin = await approved(world)
    async with world.browser(Role.OPERATOR) as operator:
        body = schedule(await programme(operator, bulletin["id"]))
        preview = (await operator.post(f"{API}/schedules/preview", body)).json()
        assert preview["may_save"] is True
        assert preview["broadcasts"][0]["local_start"].startswith("2026-10-08T05:30")
        assert (await operator.post(f"{API}/schedules", body)).status_code == 201
        assert (await operator.post(f"{API}/schedules", body)).status_code == 409
        plan = (await operator.get(f"{API}/plan", params={"days": 7})).json()
        assert [each["local_start"][:16] for each in plan] == [
            "2026-10-08T05:30",
            "2026-10-08T17:30",
            "2026-10-10T05:30",
            "2026-10-10T17:30",
        ]
        assert {(each["status"], each["airs_on"]) for each in plan} == {("will_air", len(POLES))}
        skipped = await operator.post(f"{API}/schedules/sang-thu-5-7/skip", {"day": "2026-10-10"})
        assert skipped.json()["exceptions"] == ["2026-10-10"]
        assert len((await operator.get(f"{API}/plan", params={"days": 7})).json()) == 2
        await world.services.planner.plan()
        (first, _) = (await operator.get(f"{API}/plan/readiness", params={"hours": 24})).json()
        assert (first["ready"], first["total"], first["lacking"]["plan"]) == (0, 3, sorted(POLES))
    async with world.browser() as anybody:
        page = (await anybody.get("/")).text
    assert "còn 30 phút" in page
    assert "0/3 cụm sẽ phát dù mất mạng" in page


async def test_quarter_past_three_is_refused_before_it_is_saved(world: World) -> None:
    bulletin = await approved(world)
    async with world.browser(Role.OPERATOR) as operator:
        body = schedule(await programme(operator, bulletin["id"]), times=["03:15"])
        preview = (await operator.post(f"{API}/schedules/preview", body)).json()
        assert preview["may_save"] is False
        answer = await operator.post(f"{API}/schedules", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "policy_refusal")
        assert answer.json()["problems"][0]["code"] == "quiet_hours"
        assert not (await operator.get(f"{API}/schedules")).json()


async def test_a_clash_is_answered_by_a_decision(world: World) -> None:
    bulletin = await approved(world)
    async with world.browser(Role.OPERATOR) as operator:
        name = await programme(operator, bulletin["id"])
        assert (await operator.post(f"{API}/schedules", schedule(name))).status_code == 201
        rival = schedule(name, id="lich-khac", name="Khác")
        answer = await operator.post(f"{API}/schedules", rival)
        assert (answer.status_code, answer.json()["code"]) == (409, "clash")
        decision = {"first": "sang-thu-5-7", "other": "lich-khac", "answer": "after"}
        assert (await operator.post(f"{API}/schedules/decisions", decision)).status_code == 201
        assert (await operator.post(f"{API}/schedules", rival)).status_code == 201
        assert (await operator.send("DELETE", f"{API}/schedules/lich-khac")).status_code == 204
        assert (await operator.get(f"{API}/schedules/lich-khac")).status_code == 404


async def test_what_is_approved_airs_now_and_what_is_not_does_not(world: World) -> None:
    await world.clock.advance(3600)
    bulletin = await approved(world)
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.AUTHOR) as author:
        draft = (await author.post(f"{API}/bulletins", {"title": "Nháp", "category": "x", "text": TEXT})).json()
        order = {"bulletins": [bulletin["id"]], "targets": {"zones": ["kp1"]}}
        answer = await operator.post(f"{API}/broadcasts/bulletins", order)
        assert answer.status_code == 202, answer.text
        assert {row["cluster"] for row in answer.json()["commands"]} == {"kp1-01", "kp1-02"}
        ((typ, _, body),) = world.poles.sent
        assert typ == "play"
        assert isinstance(body, Play)
        refused = await operator.post(f"{API}/broadcasts/bulletins", order | {"bulletins": [draft["id"]]})
        assert refused.json()["problems"][0]["code"] == "not_approved"
        assert len(world.poles.sent) == 1


async def test_an_emergency_needs_the_pin_and_says_who_sounds(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        order = {"targets": {"everywhere": True}, "text": "Nước lên nhanh, bà con sơ tán ngay.", "pin": "0000"}
        wrong = await operator.post(f"{API}/emergencies", order)
        assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_pin")
        assert not world.siren.sent
        answer = await operator.post(f"{API}/emergencies", order | {"pin": PIN})
        assert answer.status_code == 202, answer.text
        (_, body) = world.siren.sent[0]
        assert isinstance(body, Emergency)
        em = answer.json()["em"]
        assert (await operator.get(f"{API}/emergencies/{em}")).json()["unreachable"] == sorted(POLES)
        ended = await operator.post(f"{API}/emergencies/{em}/end", {"pin": PIN, "why": "Nước đã rút"})
        assert ended.json()["ended_at"] is not None
        assert (await operator.get(f"{API}/emergencies")).json() == []
    assert PIN not in repr(await world.store.audit.lines())


async def test_silence_stops_everything_and_is_ended_by_a_person(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician, world.browser(Role.OPERATOR) as operator:
        answer = await technician.post(f"{API}/silence/on", {"reason": "Loa phát tiếng lạ"})
        assert answer.json()["state"]["silent"] is True
        assert (await operator.get(f"{API}/silence")).json()["unreachable"] == sorted(POLES)
        order = {"targets": {"everywhere": True}, "pin": PIN}
        assert (await operator.post(f"{API}/emergencies", order)).json()["code"] == "silenced"
        assert (await technician.post(f"{API}/silence/off", {"reason": " "})).status_code == 422
        assert (await technician.post(f"{API}/silence/off", {"reason": "Đã xử lý"})).json()["state"]["silent"] is False


async def test_the_kill_switch_works_while_the_broker_is_away(world: World) -> None:
    world.poles.up = False
    async with world.browser(Role.OPERATOR) as operator:
        answer = await operator.post(f"{API}/silence/on", {"reason": "Loa phát tiếng lạ"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["kept"], answer.json()["delivered"]) == (True, False)


async def test_orders_that_did_not_leave_are_shown_as_such(world: World) -> None:
    world.poles.up = False
    async with world.browser(Role.OPERATOR) as operator:
        await operator.post(f"{API}/commands/stop", {"targets": {"everywhere": True}})
        await world.services.command_log.look()
        rows = (await operator.get(f"{API}/commands")).json()
    assert {(row["state"], row["why"]) for row in rows} == {("not_sent", "link_down")}


async def test_a_technician_adds_a_cluster_and_makes_it_a_code(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        row = {"name": "Cụm chợ", "zone": "kp2", "households": 120}
        assert (await technician.send("PUT", f"{API}/clusters/kp2-09", row)).json()["enrolled"] is False
        lost = await technician.send("PUT", f"{API}/clusters/kp2-10", row | {"zone": "kp9"})
        assert lost.json()["problems"][0]["path"] == "zone"
        code = await technician.post(f"{API}/enrolment/codes", {"cluster": "kp2-09"})
        assert (code.status_code, len(code.json()["code"])) == (201, 24)
        listed = (await technician.get(f"{API}/clusters", params={"zone": "kp2"})).json()
        assert [each["id"] for each in listed] == ["kp2-01", "kp2-09", "kp2-fm"]
        assert [each["live"] and each["live"]["presence"] for each in listed] == ["unknown", "unenrolled", None]


async def test_a_pole_enrols_over_http_with_its_code_and_guessers_wait(world: World) -> None:
    key = SigningKey.generate("kp1-01", KeyRole.DEVICE)
    async with world.browser(Role.TECHNICIAN) as technician, world.browser() as pole:
        code = read_code((await technician.post(f"{API}/enrolment/codes", {"cluster": "kp1-01"})).json()["code"])
        request = wrap_request(code, Request(pub=key.public, model="hs-30w", fw="1.0"))
        wrong = await pole.client.post(f"{API}/enrol", json={"name": "ZZZZ", "request": request})
        assert (wrong.status_code, wrong.json()["code"]) == (403, "enrolment_refused")
        answer = await pole.client.post(f"{API}/enrol", json={"name": code.name, "request": request})
        grant = open_grant(code, answer.json()["grant"])
        assert (grant.cluster, grant.kid) == ("kp1-01", "dev-kp1-01-2")
        assert ("kp1-01", grant.kid, key.public) in world.poles.trusted
        listed = (await technician.get(f"{API}/enrolment/identities")).json()
        valid = [each for each in listed if each["revoked_at"] is None and each["cluster"] == "kp1-01"]
        assert [each["kid"] for each in valid] == [grant.kid]
        revoked = await technician.post(f"{API}/enrolment/identities/kp1-01/revoke", {"why": "mất trộm"})
        assert revoked.status_code == 204
        assert "kp1-01" not in {cluster for cluster, _, _ in world.poles.trusted}
        guess = {"name": "ZZZZ", "request": "x"}
        codes = [(await pole.client.post(f"{API}/enrol", json=guess)).status_code for _ in range(12)]
    assert codes == [403] * 10 + [429] * 2


async def test_the_kill_switch_works_with_a_disk_that_takes_nothing_more(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator:
        await world.clock.advance(300)  # long enough for the session to be touched
        await world.store.database.run(lambda db: db.execute("PRAGMA query_only = ON"))
        refused = await operator.send("PUT", f"{API}/categories/x", {"label_vi": "x", "label_en": "x"})
        assert refused.status_code == 503
        answer = await operator.post(f"{API}/silence/on", {"reason": "Loa phát tiếng lạ"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"]["silent"] is True
    assert answer.json()["kept"] is False
    assert ("silence", To()) in world.poles.documents


async def test_maintenance_is_entered_with_a_reason_and_left(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        path = f"{API}/clusters/kp1-01"
        assert (await technician.post(f"{path}/maintenance", {"reason": ""})).status_code == 422
        entered = await technician.post(f"{path}/maintenance", {"reason": "Thay loa"})
        assert entered.json()["maintenance"]["since"]["reason"] == "Thay loa"
        assert (await technician.post(f"{path}/maintenance", {"reason": "Lại"})).status_code == 409
        assert (await technician.send("DELETE", f"{path}/maintenance")).json()["maintenance"]["since"] is None
        assert (await technician.send("PUT", f"{path}/technical", {"max_percent": 60})).status_code == 200
        assert (await technician.get(f"{path}/technical")).json()["settings"]["max_percent"] == 60
        assert (await technician.get(f"{API}/clusters/nobody/technical")).status_code == 404


async def test_rules_are_read_tried_and_adopted_only_when_newer(world: World) -> None:
    async with world.browser(Role.APPROVER) as leader:
        now = (await leader.get(f"{API}/policy")).json()["document"]
        assert now["name"] == DEFAULT_POLICY["name"]
        tried = await leader.post(f"{API}/policy/check", {"name": "", "windows": [], "sesions_per_day": 2})
        assert {"sesions_per_day", "windows", "name"} <= {problem["path"] for problem in tried.json()["problems"]}
        assert (await leader.send("PUT", f"{API}/policy", now)).json()["code"] == "old_policy"
        newer = now | {"version": now["version"] + 1, "sessions_per_day": 2}
        assert (await leader.send("PUT", f"{API}/policy", newer)).json()["document"]["sessions_per_day"] == 2


async def test_plays_are_listed_counted_and_exported_without_formulas(world: World) -> None:
    evil = '=HYPERLINK("http://x","y")'
    at = instant(THURSDAY_0500 - 3_600_000)
    outcomes = (Outcome.PLAYED, Outcome.UNPROVEN, None)
    await world.store.proofs.promise(
        [
            play(
                cluster=pole,
                title=evil,
                start_at=at,
                outcome=outcome,
                proof=Proof.DEVICE,
                why="+1",
                start_error_ms=-2.5,
            )
            for pole, outcome in zip(POLES, outcomes, strict=True)
        ]
    )
    async with world.browser(Role.VIEWER) as viewer:
        summary = (await viewer.get(f"{API}/plays/summary")).json()
        assert (summary["planned"], summary["heard"]) == (3, 1)
        page = (await viewer.get(f"{API}/plays", params={"limit": 2})).json()
        assert (len(page["plays"]), page["more"]) == (2, True)
        one = await viewer.get(f"{API}/plays/{page['plays'][0]['occ']}/{page['plays'][0]['cluster']}")
        assert one.json()["title"] == evil
        sheet = await viewer.get(f"{API}/plays/export.csv")
        long = await viewer.get(
            f"{API}/plays", params={"since": "2020-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
        )
    assert long.status_code == 422
    assert sheet.headers["content-disposition"].startswith("attachment")
    assert sheet.content.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [row["Chương trình"] for row in rows] == [f"'{evil}"] * 3
    assert {row["Lý do"] for row in rows} == {"'+1"}
    assert {row["Lệch giờ (ms)"] for row in rows} == {"-2.5"}
    assert rows[0]["Giờ phát"] == "2026-10-08 04:00:00+07:00"


async def test_the_log_is_read_and_its_chain_is_checked(world: World) -> None:
    async with world.browser(Role.ADMIN) as admin:
        verdict = (await admin.get(f"{API}/audit/verify")).json()
        assert verdict["holds"] is True
        assert verdict["lines"] >= 1
        lines = (await admin.get(f"{API}/audit", params={"after_n": verdict["lines"] - 1})).json()
    assert [line["n"] for line in lines] == [verdict["lines"]]


async def test_health_is_true_and_tells_strangers_only_which_part(world: World) -> None:
    async with world.browser() as watchdog, world.browser(Role.VIEWER) as viewer:
        assert (await watchdog.get("/healthz")).status_code == 200
        world.poles.up = False
        ill = await watchdog.get("/healthz")
        assert ill.status_code == 503
        assert [check["name"] for check in ill.json()["checks"] if not check["ok"]] == ["broker"]
        assert all(check.keys() == {"name", "ok"} for check in ill.json()["checks"])
        told = (await viewer.get(f"{API}/health")).json()
    assert any("Mất kết nối" in check["vi"] for check in told["checks"])


@pytest.mark.parametrize("path", ["/", "/healthz", f"{API}/clusters", "/a/" + "0" * 64, "/nothing", "/status.css"])
async def test_every_answer_keeps_browsers_in_check(world: World, path: str) -> None:
    async with world.browser() as browser:
        headers = (await browser.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


async def test_an_alarm_is_closed_by_those_who_mend_and_the_next_one_stands_again(world: World) -> None:
    await world.services.alarms.raise_("stray:kp1-01", Severity.CRITICAL, "Tiếng lạ.", "A strange voice.")
    async with world.browser(Role.VIEWER) as viewer, world.browser(Role.TECHNICIAN) as technician:
        assert (await viewer.post(f"{API}/alarms/close", {"key": "stray:kp1-01"})).status_code == 403
        assert "stray:kp1-01" in world.services.alarms.standing
        assert (await technician.post(f"{API}/alarms/close", {"key": "stray:kp1-01"})).status_code == 204
        assert "stray:kp1-01" not in world.services.alarms.standing
        assert (await technician.post(f"{API}/alarms/close", {"key": "stray:kp1-01"})).status_code == 404
    await world.services.alarms.raise_("stray:kp1-01", Severity.CRITICAL, "Tiếng lạ.", "A strange voice.")
    assert "stray:kp1-01" in world.services.alarms.standing


async def test_a_whole_journal_has_no_break_to_accept(world: World) -> None:
    async with world.browser(Role.APPROVER) as leader:
        answer = await leader.post(f"{API}/alarms/journals/{min(POLES)}/accept")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
