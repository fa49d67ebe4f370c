"""Tên cài đặt: what may be set, by its path in the file and by its variable, and the nearest to one that may not.

A mistyped variable is the quietest mistake of all: the setting it meant keeps its default and nobody is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from pydantic import BaseModel

PREFIX = "LOA_"
BETWEEN = "__"
OTHERS = ("LOA_CONFIG", "LOA_BACKUP_PASSPHRASE", "LOA_BENCH_VOICES", "LOA_SHOTS")
"""Meant for a command, for the benchmarks, for the tests of the pages: ours, and no settings."""


def setting_names(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Yield the path of every section and setting of ``model``: ``http``, ``http.host``."""
    for name, field in model.model_fields.items():
        path = f"{above}{name}"
        yield path
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from setting_names(field.annotation, f"{path}.")


def variable_of(path: str) -> str:
    """Return the variable that sets what stands at ``path`` of the file."""
    return PREFIX + path.upper().replace(".", BETWEEN)


def unknown_variables(environment: Iterable[str], model: type[BaseModel]) -> list[tuple[str, str]]:
    """Return ``(name, text)`` for every variable that begins as ours do and that none of our programs reads."""
    known = [*map(variable_of, setting_names(model)), *OTHERS]
    return [
        (name, f"không có biến này{_perhaps(name.upper(), known)}")
        for name in sorted(environment)
        if name.upper().startswith(PREFIX) and name.upper() not in known
    ]


def known_variables(environment: Mapping[str, str | None], model: type[BaseModel]) -> dict[str, str | None]:
    """Return ``environment`` without what :func:`unknown_variables` names."""
    unknown = {name for name, _ in unknown_variables(environment, model)}
    return {name: value for name, value in environment.items() if name not in unknown}


def unknown_setting(path: str, model: type[BaseModel]) -> str:
    """Say that nothing is set at ``path`` of the file, and what is nearest to it."""
    return f"không có mục này{_perhaps(path, list(setting_names(model)))}"


def _perhaps(name: str, known: list[str]) -> str:
    nearest = get_close_matches(name, known, n=1)
    if not nearest:
        return " / there is no such thing to set"
    return f", gần nhất là {nearest[0]} / no such thing to set; the nearest is {nearest[0]}"
