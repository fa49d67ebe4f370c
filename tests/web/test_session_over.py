"""A session that ends in the middle of work: what was written or recorded stays on the phone for its own person."""

import re

from playwright.async_api import Page, expect

from gateway.domain.bulletin import Bulletin
from gateway.domain.people import Role
from gateway.services.sessions import SignIn, public_id
from tests.web.phone import Phones, axe, fits
from tests.web.test_takes import LOST, draft, kept_are, recorded

__all__ = ["draft"]
TEXT = "Chiều nay tổ 5 họp ở nhà văn hóa, bàn chuyện riêng của tổ."


async def sign_in(page: Page, name: str, password: str) -> None:
    await page.get_by_label("Tên đăng nhập").fill(name)
    await page.get_by_label("Mật khẩu").fill(password)
    await page.get_by_role("button", name="Đăng nhập").tap()
    await page.wait_for_url(lambda url: "/sign-in" not in url)


async def end(phones: Phones, name: str, password: str) -> None:
    """End the person's sessions from elsewhere; the phone knows nothing of it."""
    sessions = phones.ward.gateway.people.sessions
    elsewhere = await sessions.sign_in(SignIn(name=name, password=password, address="127.0.0.1", user_agent=""))
    for each in await sessions.mine(elsewhere):
        if each.token_hash != elsewhere.session.token_hash:
            await sessions.end_mine(elsewhere, public_id(each))
    await sessions.sign_out(elsewhere)


async def seen(page: Page) -> str:
    """Return everything that stands on the page, in its fields too."""
    fields = "[...document.querySelectorAll('textarea, input')].map((each) => each.value)"
    return str(await page.evaluate(f"() => [document.body.innerText, ...{fields}].join(' ')"))


async def test_what_was_being_written_waits_for_its_own_person_and_nobody_else_sees_or_sends_it(
    phones: Phones,
) -> None:
    editorial = phones.ward.gateway.parts.editorial
    mine, my_password = await phones.ward.hire("het-phien", "Người đang viết", Role.AUTHOR)
    _, their_password = await phones.ward.hire("muon-may", "Người mượn máy", Role.AUTHOR)
    async with phones() as page:
        await page.goto("/sign-in?next=/bulletins/new")
        await sign_in(page, "het-phien", my_password)
        await page.get_by_role("textbox", name="Nội dung").fill(TEXT)
        await expect(page.locator(".draft-note")).to_have_text("Đã giữ trên điện thoại này.")
        await end(phones, "het-phien", my_password)
        await page.get_by_role("button", name=re.compile("Tiếp|Nghe thử")).tap()
        await expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
        assert TEXT not in await seen(page)

        await sign_in(page, "muon-may", their_password)
        await expect(page.get_by_role("textbox", name="Nội dung")).to_have_value("")
        for path in ("/bulletins", "/", "/bulletins/new"):
            await page.goto(path)
            assert TEXT not in await seen(page)
        await expect(page.locator(".draft-note")).to_have_count(0)
        assert not [each for each in await editorial.all() if each.content.text == TEXT]
        await page.goto("/more")
        await page.get_by_role("button", name="Đăng xuất").tap()  # what is another's is not deleted with theirs
        await expect(page.get_by_text("Bạn đã đăng xuất")).to_be_visible()

        await page.goto("/sign-in?next=/bulletins/new")
        await sign_in(page, "het-phien", my_password)
        await expect(page.get_by_role("textbox", name="Nội dung")).to_have_value(TEXT)
        await expect(page.locator(".draft-note")).to_be_visible()
        await phones.shot(page, "session-over-draft")
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name=re.compile("Tiếp|Nghe thử")).tap()
        await expect(page.get_by_role("heading", name="Nghe thử")).to_be_visible()
    (made,) = [each for each in await editorial.all() if each.content.text == TEXT]
    assert made.author == mine.id
    await editorial.withdraw(made.id, reason="hết thử", by=mine)


async def test_what_was_queued_without_a_network_is_not_sent_in_another_persons_name(phones: Phones) -> None:
    editorial = phones.ward.gateway.parts.editorial
    mine, my_password = await phones.ward.hire("mat-song", "Người mất sóng", Role.AUTHOR)
    _, their_password = await phones.ward.hire("muon-tiep", "Người mượn tiếp", Role.AUTHOR)
    text = TEXT.replace("tổ 5", "tổ 6")

    def made() -> list[Bulletin]:
        return [each for each in all_of if each.content.text == text]

    async with phones(allow=LOST, workers=False) as page:
        await page.goto("/sign-in?next=/bulletins/new")
        await sign_in(page, "mat-song", my_password)
        await page.get_by_role("textbox", name="Nội dung").fill(text)
        await page.context.set_offline(offline=True)
        await page.get_by_role("button", name=re.compile("Tiếp|Nghe thử")).tap()
        await expect(page.locator(".draft-note")).to_contain_text("sẽ tự gửi khi có mạng")
        await end(phones, "mat-song", my_password)
        await page.context.set_offline(offline=False)
        await page.goto("/more")
        await expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
        await sign_in(page, "muon-tiep", their_password)
        await page.goto("/bulletins")
        await page.wait_for_load_state("networkidle")
        all_of = await editorial.all()
        assert not made()
        await page.context.clear_cookies()
        await page.goto("/sign-in?next=/more")
        await sign_in(page, "mat-song", my_password)
        await expect(page.get_by_text("Đã gửi việc còn chờ")).to_be_visible()
        all_of = await editorial.all()
    (sent,) = made()
    assert sent.author == mine.id
    await editorial.withdraw(sent.id, reason="hết thử", by=mine)


TYPED_AND_SENT = """text => {
  const form = document.querySelector("form[data-draft]"), field = form.elements.namedItem("text");
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  form.requestSubmit();
}"""
"""Quicker than any thumb, and than the pause after which a draft is kept."""


async def test_what_is_sent_the_moment_it_was_typed_still_says_that_it_waits_for_a_network(phones: Phones) -> None:
    async with phones(Role.AUTHOR, allow=LOST, workers=False) as page:
        await page.goto("/bulletins/new")
        await page.context.set_offline(offline=True)
        await page.evaluate(TYPED_AND_SENT, TEXT)
        note = page.locator(".draft-note")
        await expect(note).to_contain_text("sẽ tự gửi khi có mạng")
        kept = "() => Object.keys(localStorage).some(each => each.startsWith('loa.draft.'))"
        await page.wait_for_function(kept)  # the draft is kept a moment later, and does not talk over it
        await expect(note).to_contain_text("sẽ tự gửi khi có mạng")
        await page.evaluate("localStorage.clear()")


async def test_a_session_that_ends_while_somebody_records_loses_nothing_and_gives_it_to_nobody_else(
    phones: Phones, draft: Bulletin
) -> None:
    _, my_password = await phones.ward.hire("dang-ghi", "Người đang ghi", Role.AUTHOR)
    _, their_password = await phones.ward.hire("muon-ghi", "Người mượn ghi", Role.AUTHOR)
    where = f"/bulletins/{draft.id}/record"
    async with phones() as page:
        await page.goto(f"/sign-in?next={where}")
        await sign_in(page, "dang-ghi", my_password)
        await page.get_by_role("button", name="Bắt đầu ghi").tap()
        await expect(page.get_by_text("Đang ghi 0:02")).to_be_visible()
        await end(phones, "dang-ghi", my_password)
        await expect(page.get_by_text("Đang ghi 0:04")).to_be_visible()
        await page.get_by_role("button", name="Dừng ghi").tap()
        await expect(page.get_by_text("Nghe lại, rồi bấm")).to_be_visible()
        await page.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()

        await sign_in(page, "muon-ghi", their_password)
        await expect(page.get_by_role("button", name="Bắt đầu ghi")).to_be_visible()
        await page.wait_for_load_state("networkidle")
        await expect(page.locator("#takes-banner")).to_be_hidden()
        await expect(page.locator("audio[data-take]")).to_be_hidden()
        await expect(page.get_by_role("heading", name="Ghi âm chưa gửi")).to_be_hidden()
        await kept_are(page, "queued")
        assert await recorded(phones, draft) == 0
        await page.goto("/more")
        await page.get_by_role("button", name="Đăng xuất").tap()
        await expect(page.get_by_text("Bạn đã đăng xuất")).to_be_visible()
        await kept_are(page, "queued")

        await page.goto("/sign-in?next=/more")
        await sign_in(page, "dang-ghi", my_password)
        await expect(page.get_by_text("Đã gửi ghi âm còn chờ.")).to_be_visible(timeout=20_000)
        await kept_are(page)
    assert await recorded(phones, draft) == 1
