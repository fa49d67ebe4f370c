"""A person at a screen: signs in over HTTP, with a password of their own, and presses buttons."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx


class Browser:
    """Somebody who is signed in."""

    def __init__(self, http: httpx.AsyncClient, csrf: str) -> None:
        self._http = http
        self._headers = {"X-CSRF-Token": csrf}

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Press a button; return the answer.

        Raises:
            httpx.HTTPStatusError: the answer was no.
        """
        answer = await self._http.post(f"/api/v1{path}", json=body, headers=self._headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@asynccontextmanager
async def signed_in(url: str, name: str, password: str) -> AsyncIterator[Browser]:
    """Sign ``name`` in with the password they were given, change it as they must, and sign them in again."""
    mine = secrets.token_urlsafe(12)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
        first = await _login(http, name, password)
        await first.post("/auth/password", {"old": password, "new": mine})
        yield await _login(http, name, mine)


async def _login(http: httpx.AsyncClient, name: str, password: str) -> Browser:
    answer = await http.post("/api/v1/auth/login", json={"name": name, "password": password})
    answer.raise_for_status()
    return Browser(http, answer.json()["csrf"])
