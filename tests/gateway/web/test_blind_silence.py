"""IM LẶNG and stop from a screen while the database cannot be read: these orders go out, and nothing else does."""

from gateway.domain.people import Role
from gateway.web.pages.csrf import mask
from tests.gateway.web.work import API
from tests.gateway.web.world import Browser, World

WHY = {"reason": "tiếng lạ ở khu phố 3"}


async def close(world: World) -> None:
    """Take the database away, as a dead disk does: nothing can be read any more and nothing written."""
    world.store.database.close()


async def test_who_was_signed_in_silences_the_ward_though_the_database_cannot_be_read(world: World) -> None:
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.AUTHOR) as author:
        for browser in (operator, author):
            assert (await browser.get(f"{API}/auth/me")).status_code == 200
        await close(world)

        async def refused(browser: Browser, path: str, body: object) -> None:
            answer = await browser.post(path, body)
            assert answer.status_code >= 400, path

        await refused(author, f"{API}/silence/on", WHY)
        await refused(operator, f"{API}/emergencies", {"targets": {"everywhere": True}, "pin": "24681357"})
        await refused(operator, f"{API}/broadcasts/bulletins", {"bulletins": ["x"], "targets": {"everywhere": True}})
        assert world.poles.documents == []
        assert (await operator.send("POST", f"{API}/silence/on", WHY, csrf="doan-mo")).status_code == 403
        assert world.poles.documents == []

        answer = await operator.post(f"{API}/silence/on", WHY)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["state"]["silent"], answer.json()["kept"]) == (True, False)
        assert [kind for kind, _ in world.poles.documents] == ["silence"]
        await refused(operator, f"{API}/silence/off", WHY)  # speaking again waits for a store that can be read


async def test_the_button_on_the_page_works_without_the_database_too(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        assert (await technician.get("/silence")).status_code == 200
        await close(world)
        held = {"csrf": mask(technician.csrf), "why": "stray"}
        answer = await technician.client.post("/silence", data=held, headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/silence")
        assert [kind for kind, _ in world.poles.documents] == ["silence"]
        assert (await technician.get("/silence")).status_code == 200


async def test_what_sounds_is_stopped_without_the_database_and_nothing_is_paused_or_played(world: World) -> None:
    everywhere = {"targets": {"everywhere": True}}
    async with world.browser(Role.OPERATOR) as operator, world.browser(Role.AUTHOR) as author:
        for browser in (operator, author):
            assert (await browser.get(f"{API}/auth/me")).status_code == 200
        await close(world)
        assert (await author.post(f"{API}/commands/stop", everywhere)).status_code == 403
        assert (await operator.send("POST", f"{API}/commands/stop", everywhere, csrf="doan-mo")).status_code == 403
        for other in ("pause", "resume", "next", "reboot"):
            assert (await operator.post(f"{API}/commands/{other}", everywhere)).status_code >= 400, other
        assert world.poles.sent == []

        answer = await operator.post(f"{API}/commands/stop", everywhere)
        assert answer.status_code == 202, answer.text
        assert {row["state"] for row in answer.json()} == {"sent"}
        assert {typ for typ, _, _ in world.poles.sent} == {"stop"}


async def test_a_stranger_and_who_signed_out_silence_nothing(world: World) -> None:
    async with world.browser(Role.OPERATOR) as gone, world.browser() as stranger:
        cookies, csrf = dict(gone.client.cookies), gone.csrf
        assert (await gone.get(f"{API}/auth/me")).status_code == 200
        assert (await gone.post(f"{API}/auth/logout", {})).status_code in {200, 204}
        gone.client.cookies.update(cookies)
        assert (await gone.get(f"{API}/auth/me")).status_code == 401
        await close(world)
        for browser in (gone, stranger):
            browser.csrf = csrf
            assert (await browser.post(f"{API}/silence/on", WHY)).status_code >= 400
        assert world.poles.documents == []
