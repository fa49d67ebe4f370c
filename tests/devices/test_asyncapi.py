"""docs/asyncapi.yaml is the picture of devices.wire, and cannot drift from it."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from devices.errors import BadMessage
from devices.seal import MAY_SEAL
from devices.wire.base import parse
from devices.wire.describe import BODIES, asyncapi

DOCUMENT = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))


def test_the_document_is_what_the_types_say(document):
    assert document == asyncapi(document["info"]["version"]), "run `make asyncapi`"


def test_every_typ_that_a_key_may_seal_is_described(document):
    sealed = frozenset[str]().union(*MAY_SEAL.values())
    assert sealed == set(BODIES)
    assert sealed == set(document["components"]["messages"])


@pytest.mark.parametrize("typ", BODIES)
def test_every_example_fits_its_schema_and_its_type(document, typ):
    message = document["components"]["messages"][typ]
    schema = {"$ref": message["payload"]["$ref"], "components": document["components"]}
    for example in message["examples"]:
        jsonschema.Draft202012Validator(schema).validate(example["payload"])
        body = parse(BODIES[typ], example["payload"])
        assert _holds(body.payload(), example["payload"]), "the type drops or changes a field of the example"


@pytest.mark.parametrize(
    "typ", [typ for typ, body in BODIES.items() if any(f.is_required() for f in body.model_fields.values())]
)
def test_a_message_without_its_required_fields_is_refused_by_schema_and_type_alike(document, typ):
    schema = {"$ref": document["components"]["messages"][typ]["payload"]["$ref"], "components": document["components"]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({})
    with pytest.raises(BadMessage):
        parse(BODIES[typ], {})


def test_every_channel_names_only_described_messages(document):
    for channel in document["channels"].values():
        for reference in channel["messages"].values():
            assert reference["$ref"].rsplit("/", 1)[1] in document["components"]["messages"]


def _holds(whole, part):
    """Everything in ``part`` is in ``whole``; ``whole`` may say more (defaults)."""
    if isinstance(part, dict):
        return all(key in whole and _holds(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(_holds, whole, part))
    return whole == part
