"""Ghi danh từ phía cụm loa: asks the gateway for an identity with a one-time code. Simulators use it too."""

from dataclasses import dataclass

import httpx

from devices.agent.identity import Identity, identity_of
from devices.errors import BadMessage, EnrolmentFailed, SealBroken
from devices.seal import SigningKey, Trust, unseal
from devices.seal.enrolment import Code, Grant, Request, open_grant, wrap_request
from devices.wire.base import DOCUMENT_MAX_BYTES
from devices.wire.documents import KeyRole

PATH = "/api/v1/enrol"
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Enrolled:
    """What enrolment gave: keep both with :func:`devices.agent.identity.save_identity`."""

    identity: Identity
    grant: Grant


async def enrol(http: httpx.AsyncClient, gateway: str, code: Code, *, model: str, firmware: str) -> Enrolled:
    """Make a key, spend ``code`` at ``gateway`` (its base URL), and check that whoever answers knows the code too.

    Raises:
        EnrolmentFailed: with the reason for a technician, Vietnamese first.
    """
    key = SigningKey.generate("device", KeyRole.DEVICE)
    question = wrap_request(code, Request(pub=key.public, model=model, fw=firmware))
    answer = await _ask(http, gateway.rstrip("/") + PATH, {"name": code.name, "request": question})
    try:
        grant = open_grant(code, answer)
        keys = unseal(grant.keys.encode(), Trust.of([grant.root]), max_bytes=DOCUMENT_MAX_BYTES)
    except (SealBroken, BadMessage) as error:
        raise EnrolmentFailed(
            f"trả lời không phải của trung tâm giữ mã này / the answer is not from whoever made the code ({error})"
        ) from error
    if keys.typ != "keys" or grant.root.role is not KeyRole.ROOT:
        raise EnrolmentFailed("danh sách khóa không hợp lệ / the key list is not one")
    return Enrolled(identity_of(grant, key), grant)


async def _ask(http: httpx.AsyncClient, url: str, question: dict[str, str]) -> str:
    try:
        response = await http.post(url, json=question, timeout=TIMEOUT_S)
        body = response.json() if response.content else {}
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EnrolmentFailed(f"không gọi được trung tâm / cannot reach {url}: {error}") from error
    except ValueError as error:
        raise EnrolmentFailed(f"{url} không phải là trung tâm Loa Phường / is not a gateway") from error
    grant = body.get("grant") if isinstance(body, dict) else None
    if response.is_success and isinstance(grant, str):
        return grant
    reason = body.get("detail") or body.get("title") if isinstance(body, dict) else None
    raise EnrolmentFailed(
        f"trung tâm từ chối mã ghi danh / the gateway refused the code: {reason or f'HTTP {response.status_code}'}"
    )
