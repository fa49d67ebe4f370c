"""The pages: for whom, in which words, under which policy. What is seen and touched is tried in ``tests/web``."""

import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pyotp
import pytest

from gateway.domain.people import Role
from gateway.ports.records import Severity
from gateway.web.auth import SESSION_COOKIE
from gateway.web.pages.csrf import mask, unmask
from gateway.web.pages.refusals import safe_path
from gateway.web.services import WebOptions
from gateway.web.words import AREAS, gather
from tests.gateway.services.people import GOOD
from tests.gateway.web.page_table import MACHINES, OPEN, PAGES, Page
from tests.gateway.web.routes import doors
from tests.gateway.web.world import PIN, Browser, World, open_world

HTML = {"accept": "text/html,application/xhtml+xml"}
TEMPLATES = resources.files("gateway.web").joinpath("templates")


def templates() -> dict[str, str]:
    found = {}
    waiting = [("", TEMPLATES)]
    while waiting:
        prefix, folder = waiting.pop()
        for entry in folder.iterdir():
            if entry.is_dir():
                waiting.append((f"{prefix}{entry.name}/", entry))
            else:
                found[f"{prefix}{entry.name}"] = entry.read_text("utf-8")
    return found


def bare_templates() -> dict[str, str]:
    """Without their comments."""
    return {name: re.sub(r"{#.*?#}", " ", text, flags=re.DOTALL) for name, text in templates().items()}


class Looked(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def links(self) -> set[str]:
        return {
            str(attrs["href"])
            for tag, attrs in self.tags
            if tag == "a" and (attrs.get("href") or "").startswith("/") and not str(attrs["href"]).startswith("/static")
        }


async def page(browser: Browser, path: str, **headers: str) -> Any:
    return await browser.get(path, headers={**HTML, **headers})


async def send(browser: Browser, path: str, **fields: str) -> Any:
    """Send a form as a page does, token and all."""
    return await browser.client.post(path, data={"csrf": mask(browser.csrf), **fields}, headers=HTML)


# -- for whom --------------------------------------------------------------------------------------------------------


def test_every_page_is_in_the_table_with_what_it_asks_for() -> None:
    there = {
        door.template: door.permissions
        for door in doors()
        if door.method == "GET" and not door.template.startswith(MACHINES) and door.template not in OPEN
    }
    assert there == {each.path: each.permissions for each in PAGES}


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_sees_its_pages_and_is_refused_the_others_in_words(world: World, role: Role) -> None:
    async with world.browser(role) as browser:
        for each in PAGES:
            answer = await page(browser, each.address)
            if not each.permissions or each.permissions & role.permissions:
                assert answer.status_code in each.answers, each
            else:
                assert answer.status_code == 403, each
                assert "Bạn không có quyền" in answer.text
                assert "quản trị viên" in answer.text


@pytest.mark.parametrize("role", list(Role))
async def test_no_page_shows_the_way_to_one_that_its_reader_may_not_open(world: World, role: Role) -> None:
    async with world.browser(role) as browser:
        await world.services.alarms.raise_("x", Severity.WARNING, "Cụm kp1-01 mất kết nối", "Cluster kp1-01 is lost")
        ways = {"/"}
        for each in PAGES:
            if not each.permissions or each.permissions & role.permissions:
                ways |= Looked((await page(browser, each.address)).text).links()
        for path in sorted(ways):
            answer = await page(browser, path)
            assert answer.status_code in {200, 303}, path


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.path)
async def test_a_stranger_is_sent_to_the_door_and_back_again(world: World, each: Page) -> None:
    async with world.browser() as browser:
        path = each.address
        answer = await page(browser, path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")
        await world.door.person("xem", Role.ADMIN, Role.OPERATOR)
        door = await page(browser, answer.headers["location"])
        assert f'name="next" value="{path}"' in door.text
        fields = {"name": "xem", "password": GOOD, "next": path}
        inside = await browser.client.post("/sign-in", data=fields, headers=HTML)
        assert (inside.status_code, inside.headers["location"]) == (303, path)


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:x", "", "me", "/a\nb", "/a\x00"]
)
def test_nobody_is_sent_to_another_site(path: str) -> None:
    assert safe_path(path) == "/"


async def test_a_first_password_is_changed_before_anything_is_seen(world: World) -> None:
    admin = await world.door.person("boss", Role.ADMIN)
    _, first = await world.services.accounts.create(
        admin, name="moi", display_name="Người mới", roles=frozenset({Role.OPERATOR})
    )
    async with world.browser() as browser:
        await browser.sign_in("moi", first)
        for path in ("/", "/alarms", "/silence", "/me"):
            assert (await page(browser, path)).headers["location"].startswith("/password")
        short = await send(browser, "/password", old=first, new="ngắn", again="ngắn")
        assert short.status_code == 422
        assert "cần từ 10 đến 128 ký tự" in short.text
        differ = await send(browser, "/password", old=first, new=GOOD, again="khác hẳn")
        assert "hai lần nhập không giống nhau" in differ.text
        done = await send(browser, "/password", old=first, new=GOOD, again=GOOD)
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert "Hôm nay cần làm gì?" in (await page(browser, "/")).text


async def test_a_locked_door_says_for_how_long(world: World) -> None:
    await world.door.person("author", Role.AUTHOR)
    async with world.browser() as browser:
        for _ in range(5):
            wrong = await browser.client.post("/sign-in", data={"name": "author", "password": "sai"}, headers=HTML)
            assert wrong.status_code == 401
            assert "Sai tên đăng nhập hoặc mật khẩu" in wrong.text
            assert 'value="author"' in wrong.text
        locked = await browser.client.post("/sign-in", data={"name": "author", "password": GOOD}, headers=HTML)
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "30")
    assert "Thử lại sau 0 phút 30 giây" in locked.text
    assert SESSION_COOKIE not in locked.cookies


# -- forms -----------------------------------------------------------------------------------------------------------


async def test_a_form_without_the_token_of_this_session_changes_nothing(world: World) -> None:
    async with world.browser(Role.OPERATOR) as browser:
        for csrf in ("", "wrong", mask("wrong"), "ế"):
            answer = await browser.client.post("/silence", data={"csrf": csrf}, headers=HTML)
            assert answer.status_code == 403
            assert "Tải lại" in answer.text
        assert not world.services.silence.state.silent


async def test_a_form_from_another_site_changes_nothing(world: World) -> None:
    async with world.browser(Role.OPERATOR) as browser:
        headers = {**HTML, "sec-fetch-site": "cross-site"}
        for path in ("/silence", "/sign-in", "/language", "/sign-out"):
            answer = await browser.client.post(
                path, data={"csrf": mask(browser.csrf), "language": "en"}, headers=headers
            )
            assert answer.status_code == 403, path


def test_the_token_looks_different_on_every_page_and_is_the_same() -> None:
    shown = {mask("mã của phiên") for _ in range(20)}
    assert len(shown) == 20
    assert {unmask(each) for each in shown} == {"mã của phiên"}


async def test_the_kill_switch_works_by_form_and_is_ended_with_a_reason_only(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        answer = await send(browser, "/silence", why="stray", note="ở khu phố 1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/silence")
        mark = world.services.silence.state.mark
        assert mark is not None
        assert mark.reason == "Loa phát tiếng lạ. ở khu phố 1"
        assert "Toàn phường đang IM LẶNG" in (await page(browser, "/")).text
        assert (await send(browser, "/silence/end", reason=" ")).status_code == 422
        assert world.services.silence.state.silent
        await send(browser, "/silence/end", reason="đã gỡ thiết bị lạ")
        assert not world.services.silence.state.silent


async def test_the_kill_switch_is_never_told_to_slow_down(tmp_path) -> None:
    async with (
        open_world(tmp_path, options=WebOptions(changes_at_once=3)) as world,
        world.browser(Role.OPERATOR) as one,
    ):
        await world.services.alarms.raise_("x", Severity.WARNING, "a", "b")
        answers = [(await send(one, "/alarms/seen", key="x")).status_code for _ in range(5)]
        assert answers == [303, 303, 303, 429, 429]
        assert (await send(one, "/silence")).status_code == 303
        assert (await one.post("/api/v1/silence/on", {"reason": "thử"})).status_code == 200
        await world.clock.advance(60)
        assert (await send(one, "/alarms/seen", key="x")).status_code == 303


async def test_a_message_is_said_once_and_cannot_be_made_up(world: World) -> None:
    async with world.browser(Role.OPERATOR) as browser:
        await world.services.alarms.raise_("x", Severity.WARNING, "Cụm hỏng", "Broken")
        await send(browser, "/alarms/seen", key="x")
        assert "Đã ghi là bạn nhận việc này" in (await page(browser, "/alarms")).text
        assert "Đã ghi là bạn nhận việc này" not in (await page(browser, "/alarms")).text
        browser.client.cookies.set("loa_flash", "bWFkZSB1cA==")
        assert (await page(browser, "/alarms")).status_code == 200


# -- words and frame -------------------------------------------------------------------------------------------------


def test_every_word_is_there_in_both_languages_once() -> None:
    for key, (vi, en) in gather().items():
        assert vi.strip(), key
        assert en.strip(), key
        assert set(re.findall(r"{\w+}", vi)) == set(re.findall(r"{\w+}", en)), key
    with pytest.raises(ValueError, match="said twice"):
        gather((*AREAS, {"nav.today": ("a", "b")}))


def test_every_key_a_template_names_is_in_the_catalogue() -> None:
    known = gather()
    for name, text in bare_templates().items():
        for key in re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*[,)]""", text):
            assert key in known, f"{name}: {key}"


def test_no_template_has_text_of_its_own_nor_script_nor_style() -> None:
    for name, text in bare_templates().items():
        if not name.endswith(".html"):
            continue
        said = re.sub(r"{% block width %}.*?{% endblock %}", " ", text)  # a class, not a word
        bare = re.sub(r"{%.*?%}|{{.*?}}", " ", said, flags=re.DOTALL)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|javascript:", bare), name
        words = re.sub(r"<[^>]*>", " ", bare)
        assert not re.findall(r"[^\W\d_]{2,}", words), name


async def test_the_frame_is_small_strict_and_kept_by_the_phone(world: World) -> None:
    async with world.browser(Role.OPERATOR) as browser:
        first = await page(browser, "/", **{"accept-encoding": "gzip"})
        files = sorted(set(re.findall(r'(?:src|href)="(/static/[^"]+)"', first.text)))
        assert len(files) > 5
        wire = int(first.headers["content-length"])
        for path in files:
            answer = await browser.get(path, headers={"accept-encoding": "gzip"})
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            wire += int(answer.headers["content-length"])
        assert wire <= 150_000
        policy = first.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert first.headers["cache-control"] == "no-store"
        old = await browser.get(re.sub(r"/static/\w+/", "/static/000000000000/", files[0]))
        assert (old.status_code, old.headers["cache-control"]) == (200, "no-store")
        for name in ("vendor/README.md", "..%2f..%2fapp.py", "%2e%2e/app.py", "nothing.js"):
            assert (await browser.get(f"/static/x/{name}")).status_code == 404


async def test_english_is_a_cookie_away_and_refusals_speak_it_too(world: World) -> None:
    async with world.browser(Role.VIEWER) as browser:
        answer = await browser.client.post("/language", data={"language": "en", "back": "/more"}, headers=HTML)
        assert answer.headers["location"] == "/more"
        home = await page(browser, "/")
        assert '<html lang="en">' in home.text
        assert "What needs doing today?" in home.text
        refused = await page(browser, "/audit")
        assert "You may not read the audit log." in refused.text
        assert (await page(browser, "/nothing")).status_code == 404


async def test_a_refusal_says_a_thing_once_and_in_no_programs_words(world: World) -> None:
    async with world.browser(Role.VIEWER) as browser:
        missing = await page(browser, "/nothing")
        words = missing.text.partition('<div class="refused"')[2].partition("</div>")[0]
        assert words.count("Không tìm thấy") == 1
        for address in ("/reports?from=x", "/reports/lines?what=&page=0", "/silence?x", "/bulletins/x%20y"):
            refused = await page(browser, address)
            assert "query." not in refused.text
            assert "path." not in refused.text
        wrong = await page(browser, "/reports?from=x")
        assert wrong.status_code == 422
        assert "Đường dẫn của trang có chỗ sai." in wrong.text
        assert "Về Hôm nay rồi mở lại trang từ đó." in wrong.text
        program = await browser.get("/api/v1/reports?from=x")
        assert "query.from" in program.json()["detail_vi"], "a program is told which"


async def test_a_form_nobody_could_send_from_its_page_is_refused_without_the_names_of_its_fields(world: World) -> None:
    async with world.browser(Role.OPERATOR) as browser:
        refused = await send(browser, "/emergency/check", what="?")
    assert refused.status_code == 422
    assert "Biểu mẫu có ô chưa đúng: sai mẫu." in refused.text
    assert "what:" not in refused.text


async def test_the_audit_log_reads_as_sentences_and_is_checked_in_one_tap(world: World) -> None:
    async with world.browser(Role.ADMIN) as browser:
        await world.services.accounts.create(
            (await world.door.person("chu", Role.ADMIN)),
            name="moi",
            display_name="Nguời mới",
            roles=frozenset({Role.VIEWER}),
        )
        log = (await page(browser, "/audit")).text
        assert "tạo tài khoản “Nguời mới”" in re.sub(r"\s+", " ", log).replace("&#34;", '"')
        assert "đăng nhập" in log
        checked = (await page(browser, "/audit?check=true")).text
    assert "không bị sửa" in checked


async def test_a_long_audit_log_is_read_page_by_page_without_a_gap(world: World) -> None:
    async with world.browser(Role.ADMIN) as browser:
        for n in range(120):
            await world.services.alarms.raise_(f"a{n}", Severity.INFO, f"Cảnh báo số {n}.", "x")
            await world.services.alarms.see(
                f"a{n}", by=(await world.door.sessions.who(browser.client.cookies[SESSION_COOKIE])).actor
            )
        newest = await world.store.audit.last_n()
        seen: list[int] = []
        path = "/audit"
        while path:
            text = (await page(browser, path)).text
            seen += [int(n) for n in re.findall(r"Cảnh báo số (\d+)\.", text)]
            found = re.search(r'href="(/audit\?before=\d+)"', text)
            path = found[1] if found else ""
    assert seen == list(range(119, -1, -1))
    assert newest > 120


async def test_what_puts_a_voice_on_the_air_asks_for_the_second_factor_and_what_silences_does_not(world: World) -> None:
    async with world.browser(Role.APPROVER, Role.OPERATOR) as browser:
        current = await world.door.sessions.who(browser.client.cookies[SESSION_COOKIE])
        secret = (await world.services.second_factor.begin(current)).secret
        current = await world.door.sessions.who(browser.client.cookies[SESSION_COOKIE])
        totp = pyotp.TOTP(secret)
        await world.services.second_factor.confirm(current, totp.generate_otp(world.clock.now_ms() // 30_000))
        await world.clock.advance(3600)
        judged = {"text_sha256": "0" * 64, "asset": "0" * 64}
        alert = {"targets": {"everywhere": True}, "pin": PIN}
        strong = {
            "/api/v1/bulletins/x/approve": judged,
            f"/api/v1/audio/{'0' * 64}/approve": {},
            "/api/v1/emergencies": alert,
            "/api/v1/emergencies/checks": {"targets": {"everywhere": True}},
            "/api/v1/emergencies/checks/x/send": {"mark": "0" * 64, "pin": PIN},
            "/api/v1/policy/out-of-hours/x/grant": {},
        }
        for path, body in strong.items():
            answer = await browser.post(path, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed"), path
        off = await send(browser, "/me/factor/off", password=GOOD)
        assert off.headers["location"] == "/step-up"
        assert (await browser.post("/api/v1/silence/on", {"reason": "thử"})).status_code == 200
        for path, body in {
            "/api/v1/silence/off": {"reason": "thử"},
            "/api/v1/commands/stop": {"targets": {"everywhere": True}},
            "/api/v1/bulletins/x/reject": {"reason": "thử"},
            "/api/v1/emergencies/x/end": {"pin": PIN},
        }.items():
            assert (await browser.post(path, body)).status_code != 403, path
        code = totp.generate_otp(world.clock.now_ms() // 30_000)
        assert (await send(browser, "/step-up", code=code, next="/alarms")).headers["location"] == "/alarms"
        for path, body in strong.items():
            assert (await browser.post(path, body)).status_code != 403, path


def test_every_act_that_is_written_down_has_a_sentence() -> None:
    """Of the acts named in the services; what is not in the words is said as it is, which is for machines."""
    code = "\n".join(
        path.read_text("utf-8") for path in Path("gateway/services").rglob("*.py") if path.name != "bus.py"
    )
    acts = set(re.findall(r'(?:action=|_note\([^()\n]*?|_save\([^()\n]*?)"([a-z_]+\.[a-z_]+)"', code))
    assert {"session.sign_in", "user.factor_on"} <= acts
    known = gather()
    assert not {act for act in acts if f"did.{act}" not in known}


async def test_a_countdown_that_ends_on_a_phone_does_not_say_that_loudspeakers_play(world: World) -> None:
    """It counts by itself, with no word of any pole and with no network at all."""
    async with world.browser(Role.OPERATOR) as browser:
        home = await page(browser, "/")
    (said,) = re.findall(r'<template id="words"[^>]* data-now="([^"]*)"', home.text)
    assert said == "đã đến giờ"
