"""From a file to an approval over HTTP: what is taken off, what is doubted, and who answers for it."""

from typing import Any

from gateway.domain.people import Role
from tests.gateway.papers.documents import NOTICE, open_document, pdf, word
from tests.gateway.web.work import API, TEXT
from tests.gateway.web.world import Browser, World

DOUBTFUL = "Đội XQZT mời bà con họp tại CT của phường."


async def send_file(browser: Browser, content: bytes, **more: Any) -> Any:
    return await browser.client.post(
        f"{API}/papers", files={"file": ("cong-van.docx", content)}, headers={"x-csrf-token": browser.csrf}, **more
    )


async def test_a_file_is_read_and_shows_what_was_taken_off(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        for made in (word(), open_document()):
            answer = await send_file(author, made)
            assert answer.status_code == 200, answer.text
            paper = answer.json()
            assert paper["paragraphs"] == list(NOTICE)
            assert paper["body"] == "\n".join(NOTICE)
            assert {"letterhead", "recipients", "signature"} <= {piece["reason"] for piece in paper["removed"]}
            assert all(piece["reason_vi"] and piece["text"] for piece in paper["removed"])
        pasted = await author.post(f"{API}/papers/pasted", {"text": "Số: 12/TB-UBND\n" + TEXT})
        assert [piece["reason"] for piece in pasted.json()["removed"]] == ["number"]


async def test_a_file_that_cannot_be_read_says_what_to_do(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        scanned = await send_file(author, pdf([[]]))
        assert scanned.status_code == 422
        assert scanned.json()["problems"][0]["code"] == "scanned"
        assert "gõ lại" in scanned.json()["detail_vi"]
        assert (await send_file(author, b"")).json()["problems"][0]["code"] == "empty"
        assert (await send_file(author, b"a" * 10_100_000)).status_code == 413
        token = {"x-csrf-token": author.csrf}
        plain = await author.client.post(f"{API}/papers", content=b"abc", headers=token)
        assert plain.status_code == 415
        form = {**token, "content-type": "multipart/form-data; boundary=x"}
        for broken in (
            b"",
            b"--x\r\n\r\n",
            b"--x--",
            b'--x\r\ncontent-disposition: form-data; name="other"\r\n\r\nabc\r\n--x--',
        ):
            answer = await author.client.post(f"{API}/papers", content=broken, headers=form)
            assert answer.json()["problems"][0]["code"] == "empty", broken


async def written(author: Browser, text: str) -> dict[str, Any]:
    made = (await author.post(f"{API}/bulletins", {"title": "Mời họp", "category": "tin", "text": text})).json()
    submitted: dict[str, Any] = (await author.post(f"{API}/bulletins/{made['id']}/submit")).json()
    return submitted


def judged(bulletin: dict[str, Any]) -> dict[str, str]:
    sha = bulletin["audio"]["asset"].removeprefix("sha256:")
    return {"text_sha256": bulletin["text_sha256"], "audio_sha256": sha}


async def test_every_doubt_is_answered_before_an_approval(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author, world.browser(Role.APPROVER) as approver:
        bulletin = await written(author, DOUBTFUL)
        path = f"{API}/bulletins/{bulletin['id']}"
        refused = await approver.post(f"{path}/approve", judged(bulletin))
        assert (refused.status_code, refused.json()["code"]) == (409, "unresolved_doubts")
        shown = (await approver.get(f"{path}/spoken")).json()
        assert shown["open"] == 2
        sentence = shown["sentences"][0]
        assert sentence["written"] == DOUBTFUL
        assert all(change["rule"] for change in sentence["changes"])
        first, second = sentence["doubts"]
        assert sentence["written"][first["start"] :].startswith("XQZT")
        answer = {"token": "XQZT", "was_revision": shown["revision"]}
        wrong = await approver.post(f"{path}/doubts/{first['n']}/accept", answer | {"token": "KHAC"})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "other_doubt")
        accepted = (await approver.post(f"{path}/doubts/{first['n']}/accept", answer)).json()
        kept = accepted["sentences"][0]["doubts"][0]["accepted"]
        assert (kept["by"], kept["revision"]) != ("", 0)
        assert accepted["open"] == 1
        choice = {"token": "CT", "reading": "công ty", "was_revision": accepted["revision"]}
        assert (await approver.post(f"{path}/doubts/{second['n']}/choose", choice)).status_code == 403
        chosen = (await author.post(f"{path}/doubts/{second['n']}/choose", choice)).json()
        assert chosen["state"] == "draft"
        assert chosen["sentences"][0]["written"] == "Đội XQZT mời bà con họp tại công ty của phường."
        unsure = [each for each in chosen["sentences"][0]["doubts"] if each["accepted"] is None]
        again = {"token": "XQZT", "was_revision": chosen["revision"]}
        await author.post(f"{path}/doubts/{unsure[0]['n']}/accept", again)
        bulletin = (await author.post(f"{path}/submit")).json()
        assert (await approver.post(f"{path}/approve", judged(bulletin))).json()["state"] == "approved"


async def test_one_sentence_is_heard_alone_and_the_approver_has_a_list(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        bulletin = await written(author, "Kính thưa bà con. Liên hệ số 0912 345 678.")
        path = f"{API}/bulletins/{bulletin['id']}"
        heard = await author.get(f"{path}/sentences/1/audio")
        assert (heard.status_code, heard.headers["cache-control"]) == (200, "no-store")
        assert heard.headers["content-type"] == "audio/mpeg"
        assert (await author.get(f"{path}/sentences/7/audio")).status_code == 422
        found = (await author.get(f"{path}/checklist?slot_s=30")).json()
        states = {check["code"]: check["state"] for check in found["checks"]}
        assert (states["personal_data"], states["length"], states["readings"]) == ("look", "wrong", "ok")
        assert found["personal"][0]["kind"] == "phone"


async def test_a_lexicon_entry_takes_back_the_approval_of_what_it_changes(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author, world.browser(Role.APPROVER) as approver:
        bulletin = await written(author, "Trạm y tế phường mời bà con.")
        path = f"{API}/bulletins/{bulletin['id']}"
        assert (await approver.post(f"{path}/approve", judged(bulletin))).json()["state"] == "approved"
        entry = {"surface": "trạm y tế", "reading": "trạm xá"}
        put = await author.send("PUT", f"{API}/lexicon/entries", entry)
        assert put.json()["read_otherwise"] == [bulletin["id"]]
        now = (await author.get(path)).json()
        assert (now["state"], now["audio"], now["approval"]) == ("draft", None, None)
        alarms = (await author.get(f"{API}/alarms")).json()
        assert f"respeak:{bulletin['id']}" in str(alarms)
        listed = (await author.get(f"{API}/lexicon")).json()
        assert [(each["surface"], each["reading"]) for each in listed["entries"]] == [("trạm y tế", "trạm xá")]
        bad = await author.send("PUT", f"{API}/lexicon/entries", entry | {"reading": "trạm 2"})
        assert bad.status_code == 422
        removed = await author.post(f"{API}/lexicon/entries/remove", {"surface": "Trạm y tế"})
        assert removed.json()["removed"] == 1
        history = (await author.get(f"{API}/lexicon/history", params={"surface": "trạm y tế"})).json()
        assert [each["reading"] for each in history] == [None, "trạm xá"]


async def test_a_lexicon_file_goes_in_and_out_with_every_bad_row_told(world: World) -> None:
    async with world.browser(Role.AUTHOR) as author:
        told = (await author.post(f"{API}/lexicon/import", {"tsv": "KTX\tký túc xá\tcs\nhỏng\n"})).json()
        assert (told["put"], told["bad_total"], told["bad"][0]["line"]) == (0, 1, 2)
        told = (
            await author.post(f"{API}/lexicon/import", {"tsv": "KTX\tký túc xá\tcs\nhỏng\n", "skip_bad": True})
        ).json()
        assert (told["put"], told["version"]) == (1, 1)
        out = await author.get(f"{API}/lexicon/export")
        assert out.headers["content-type"].startswith("text/tab-separated-values")
        assert out.text.splitlines()[1] == "KTX\tký túc xá\tcs"
