"""What every message has in common: frozen, validated, tolerant of fields a newer peer may add."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from devices.errors import BadMessage

VERSION = 1
"""Major version of the contract. Another one is refused, never guessed."""

COMMAND_MAX_BYTES = 16_384
DOCUMENT_MAX_BYTES = 262_144
"""A plan of 14 days with two airtimes a day is about 20 kB; ten times that is somebody trying something."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$")]
Sha256Id = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
EpochMs = Annotated[int, Field(ge=0, le=253_402_300_799_000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Token = Annotated[str, Field(min_length=1, max_length=128)]
Why = Annotated[str, Field(max_length=200)]


class Wire(BaseModel):
    """A message body. Unknown fields are ignored; known ones must be right."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def payload(self) -> dict[str, Any]:
        """Return the JSON-ready form, without the fields that are empty."""
        return self.model_dump(mode="json", exclude_none=True)


def parse(model: type[Wire], data: Any) -> Any:
    """Read ``data`` (decoded JSON) as ``model``.

    Raises:
        BadMessage: it does not fit; the text names every wrong field, never its value.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, item["loc"])) or "(root)" for item in error.errors())
        raise BadMessage(f"{model.__name__}: {fields}") from error
