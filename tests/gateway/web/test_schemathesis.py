"""The API answers as its own document says, whatever fits that document or breaks it.

Drawn by schemathesis from the document the server itself serves; the draws are the same every time.
"""

import asyncio
from contextlib import suppress
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import APIOperation, Case, GenerationMode, SerializationContext
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from devices.model import asset_sha256
from gateway.domain.people import Role
from gateway.web.auth import DEVICE_COOKIE, SESSION_COOKIE
from tests.gateway.services.people import GOOD
from tests.gateway.web.server import online, serving
from tests.gateway.web.work import API, approved, programme, schedule
from tests.gateway.web.world import Browser, World

EXAMPLES = 5
"""Of each kind (what fits, what does not) for each operation, with names that exist and with names drawn."""
ENDLESS = f"{API}/events"
EVERYBODY = tuple(Role)
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
LISTED = f"{API}/devices/labels"
"""Its codes are a list in the query: drawn ``false`` arrives as the good code ``false``."""
CAMERA = {"place": "Ngã tư", "zone": "kp1", "owner": "ward", "host": "192.0.2.20", "user": "x", "password": "y"}

Drawn = Case[Any]


@schemathesis.serializer("audio/mpeg")
def sound(_: SerializationContext, value: Any) -> bytes:
    """Whatever was drawn is sent as if it were music."""
    return b"ID3" + str(value).encode("utf-8", "replace")


async def filled(world: World) -> dict[str, Any]:
    """Fill the ward, and return what stands for each parameter of a path."""
    bulletin = await approved(world)
    sha = asset_sha256(await world.audio())
    async with world.browser(*EVERYBODY) as browser:
        name = await programme(browser, bulletin["id"])
        assert (await browser.post(f"{API}/schedules", schedule(name))).status_code == 201
        assert (await browser.send("PUT", f"{API}/cameras/cam-1", CAMERA)).status_code == 200
        ticket = await browser.post(f"{API}/tickets", {"device": "cam-1", "title": "Hỏng"})
        assert ticket.status_code == 201
    names = {"bulletin": bulletin["id"], "programme": name, "schedule": "sang-thu-5-7", "sha256": sha}
    return names | {"camera": "cam-1", "cluster": "kp1-01", "zone": "kp1", "ticket": 1, "n": 0, "kind": "docx"}


class Office:
    """Somebody who may do everything, at a real socket."""

    def __init__(self, browser: Browser, base: str, names: dict[str, Any]) -> None:
        self.browser = browser
        self.base = base
        self.names = names
        self.failures: list[str] = []
        self.statuses: set[int] = set()

    def try_all(self, operation: APIOperation[Any, Any, Any, Any]) -> None:
        """Try one operation with what fits and with what does not; blocks."""
        jar = self.browser.client.cookies
        fixed: dict[str, Any] = {"cookies": {name: jar[name] for name in (SESSION_COOKIE, DEVICE_COOKIE)}}
        fixed["headers"] = {"x-csrf-token": self.browser.csrf}
        known = {name: value for name, value in self.names.items() if f"{{{name}}}" in operation.path}
        chosen: list[dict[str, Any]] = [fixed, fixed | {"path_parameters": known}] if known else [fixed]
        for each in chosen:
            self._try(operation.as_strategy(generation_mode=GenerationMode.POSITIVE, **each))
            with suppress(Unsatisfiable, SkipTest):  # it takes nothing that could be wrong
                self._try(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, **each))

    def _try(self, strategy: SearchStrategy[Drawn]) -> None:
        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.generate,),  # what is wrong is written down, not made small
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def each(case: Drawn) -> None:
            self._hit(case)

        each()

    def _hit(self, case: Drawn) -> None:
        answer = case.call(base_url=self.base, timeout=10)
        self.statuses.add(answer.status_code)
        refused = answer.status_code == 413  # a refusal that the check does not know
        broken: list[CheckFunction] = [] if refused or case.operation.path == LISTED else [negative_data_rejection]
        try:
            case.validate_response(answer, checks=[*CHECKS, *broken])
        except FailureGroup as group:
            self.failures += [f"{case.operation.label}: {each}\n{_sent(answer)}" for each in group.exceptions]


@pytest.mark.slow
async def test_the_api_answers_as_its_document_says_whatever_is_drawn_from_it(world: World) -> None:
    await world.clock.advance(3600)
    names = await filled(world)
    async with serving(world.app) as base, online(world, base, *EVERYBODY) as browser:
        document = (await browser.get(f"{API}/openapi.json")).json()
        office, tried = Office(browser, base, names), 0
        for found in schemathesis.openapi.from_dict(document).get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            if operation.path != ENDLESS:
                tried += 1
                await asyncio.to_thread(office.try_all, operation)
                await still_in(world, browser)
    assert tried > 140
    assert not office.failures, "\n\n".join(office.failures)
    assert {200, 201, 204, 403, 404, 409, 422} <= office.statuses  # past the doors, not only to them


def _sent(answer: Response) -> str:
    body = answer.request.body
    return f"{answer.request.method} {answer.request.url} {str(body)[:300]} -> {answer.status_code} {answer.text[:300]}"


async def still_in(world: World, browser: Browser) -> None:
    """Some operations end the session they are asked in."""
    if (await browser.get(f"{API}/auth/me")).status_code != 200:
        await world.clock.advance(1_000)
        assert (await browser.sign_in("-".join(sorted(EVERYBODY)), GOOD)).status_code == 200
