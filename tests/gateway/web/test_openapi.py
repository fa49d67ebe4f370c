"""The document of the API is the API."""

from pathlib import Path

from gateway.web import openapi
from gateway.web.app import API


def test_the_document_in_docs_is_what_the_routes_say() -> None:
    kept = Path("docs/openapi.json").read_text(encoding="utf-8")
    assert kept == openapi.text(), "run `make openapi` and commit docs/openapi.json"


def test_every_operation_has_its_own_name_and_a_tag() -> None:
    operations = [operation for path in openapi.description()["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(operation["tags"] for operation in operations)


def test_the_api_is_under_one_version() -> None:
    outside = {path for path in openapi.description()["paths"] if not path.startswith(API)}
    assert outside == {"/a/{sha256}", "/healthz"}


def test_no_answer_describes_a_secret() -> None:
    schemas = openapi.description()["components"]["schemas"]
    fields = {name for schema in schemas.values() for name in schema.get("properties", {})}
    assert not fields & {"password_hash", "broker_password_hash", "token_hash", "secret", "sealed"}
