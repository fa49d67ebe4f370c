"""The domain's frozen dataclasses as JSON text, and back. A row that no longer makes sense is never guessed at."""

from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from gateway.domain.errors import GatewayError
from gateway.store.failures import damaged

T = TypeVar("T")


class Documents(Generic[T]):
    """Writes and reads one kind of thing."""

    def __init__(self, kind: type[T]) -> None:
        self._name = kind.__name__
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def dump(self, thing: T) -> str:
        """Write ``thing`` as JSON."""
        return self._adapter.dump_json(thing).decode()

    def load(self, text: str) -> T:
        """Read what :meth:`dump` wrote, through every check of the thing itself.

        Raises:
            StoreFailed: ``store_damaged``: it is not such a thing (any more).
        """
        try:
            return self._adapter.validate_json(text)
        except (ValidationError, GatewayError) as error:
            raise damaged(self._name, error) from error


def plain(value: Any) -> Any:
    """Turn ``value`` into what JSON knows: instants as ISO text, sets as sorted lists, strangers as their text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return to_jsonable_python(value, fallback=str, inf_nan_mode="strings")
