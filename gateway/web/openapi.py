"""``docs/openapi.json``, written from the routes: ``python -m gateway.web.openapi docs/openapi.json``."""

import json
import sys
from pathlib import Path
from typing import Any

from gateway.web.app import assemble


def description() -> dict[str, Any]:
    """Return the OpenAPI document of the routes."""
    return assemble().openapi()


def text() -> str:
    """Return it as it is kept in ``docs/``."""
    return json.dumps(description(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write(path: Path) -> None:
    """Write it to ``path``."""
    path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
