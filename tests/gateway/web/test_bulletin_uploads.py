"""Files that come with a page's form: nobody's before they are known, and never larger than what is asked for."""

from collections.abc import AsyncIterator

from gateway.domain.people import Role
from gateway.web.pages.csrf import mask
from tests.gateway.web.world import World

HTML = {"accept": "text/html"}
FORM = {**HTML, "content-type": "multipart/form-data; boundary=x"}


async def test_a_strangers_file_is_not_even_read(world: World) -> None:
    pulled = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pulled
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(1_000):
            pulled += 1
            yield b"0" * 65_536

    async with world.browser() as browser:
        for path in ("/bulletins/paper/file", "/bulletins/bt-1/record"):
            answer = await browser.client.post(path, content=endless(), headers=FORM)
            assert answer.headers["location"].startswith("/sign-in")
    assert pulled == 0


async def test_a_paper_larger_than_any_is_refused_with_what_to_do(world: World) -> None:
    async with world.browser(Role.AUTHOR) as browser:
        files = {"file": ("a.docx", b"0" * 10_000_001)}
        answer = await browser.client.post(
            "/bulletins/paper/file", data={"csrf": mask(browser.csrf)}, files=files, headers=HTML
        )
        assert answer.status_code == 413
        assert "chọn tệp nhỏ hơn" in answer.text


async def test_no_file_and_a_file_that_is_no_paper_are_told_beside_the_field(world: World) -> None:
    async with world.browser(Role.AUTHOR) as browser:
        for content, said in ((b"", "Chưa chọn tệp"), (b"%PDF-1.4 hong", "Tệp hỏng")):
            answer = await browser.client.post(
                "/bulletins/paper/file",
                data={"csrf": mask(browser.csrf)},
                files={"file": ("a.pdf", content)},
                headers=HTML,
            )
            assert answer.status_code == 422
            beside = answer.text.partition('id="f-file"')[2].partition("</div>")[0]
            assert said in beside
            assert "Chưa lưu được" in answer.text
