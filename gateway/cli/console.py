"""Talking to the person at the terminal. Nothing of the gateway is imported here: a pole has none."""

import json
import sys
from typing import Any


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
