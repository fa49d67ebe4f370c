"""Talking to the person at the terminal."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from gateway.settings import BadSettings, Settings, load_settings


class Failed(Exception):  # noqa: N818 - it says what happened
    """The command cannot go on. The text is for the person: what happened and what to do."""


def say(text: str = "") -> None:
    """Print a line now, even into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_error(text: str) -> None:
    """Print a line to standard error."""
    sys.stderr.write(text + "\n")


def say_json(value: Any) -> None:
    """Print one JSON document."""
    say(json.dumps(value, ensure_ascii=False, indent=1))


def settings_for(config: Path | None, data: Path | None, **overrides: Any) -> Settings:
    """Read the settings a command was given: ``--config``, else ``LOA_CONFIG``, else the defaults.

    Raises:
        Failed: with every mistake and its place.
    """
    named = os.environ.get("LOA_CONFIG")
    path = config or (Path(named) if named else None)
    if data is not None:
        overrides["data"] = data
    try:
        return load_settings(path, **overrides)
    except BadSettings as error:
        lines = "\n".join(f"  {where}: {text}" for where, text in error.problems)
        raise Failed(f"Cài đặt có {len(error.problems)} lỗi / the settings have mistakes:\n{lines}") from error
