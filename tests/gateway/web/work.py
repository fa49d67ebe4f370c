"""What people of a ward do over HTTP before a test begins."""

from typing import Any

from gateway.domain.people import Role
from tests.gateway.web.world import Browser, World

TEXT = "Kính thưa bà con, ngày 10/10 phường tổ chức Ngày Chuyển đổi số."
API = "/api/v1"


async def approved(world: World) -> dict[str, Any]:
    """Write a bulletin and have another person approve it."""
    async with world.browser(Role.AUTHOR) as author, world.browser(Role.APPROVER) as approver:
        body = {"title": "Chuyển đổi số", "category": "chuyen-doi-so", "text": TEXT}
        written = (await author.post(f"{API}/bulletins", body)).json()
        path = f"{API}/bulletins/{written['id']}"
        submitted = (await author.post(f"{path}/submit")).json()
        judged = {
            "text_sha256": submitted["text_sha256"],
            "audio_sha256": submitted["audio"]["asset"].removeprefix("sha256:"),
        }
        answer = await approver.post(f"{path}/approve", judged)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def programme(operator: Browser, bulletin: str, **changes: Any) -> str:
    """Make a programme of it, and return its id."""
    body = changes | {"title": "Bản tin sáng", "items": [{"kind": "bulletin", "bulletin": bulletin}]}
    answer = await operator.post(f"{API}/programmes", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def schedule(programme_id: str, **changes: Any) -> dict[str, Any]:
    """Describe the ward's usual week."""
    body = {
        "id": "sang-thu-5-7",
        "name": "Sáng thứ Năm, thứ Bảy",
        "programme": programme_id,
        "targets": {"everywhere": True},
        "rule": {"kind": "weekly", "weekdays": [3, 5], "first": "2026-10-01"},
        "times": ["05:30", "17:30"],
    }
    return body | changes
