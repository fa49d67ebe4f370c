"""Talking to the person at the terminal. Nothing of the gateway is imported here: a pole has none."""

import json
import sys
from pathlib import Path
from typing import Any


class Failed(Exception):  # noqa: N818 - it says what happened
    """The command cannot go on. The text is for the person: what happened and what to do."""


def no_ward(data: Path) -> Failed:
    """Return what to say when ``data`` holds no ward: most often the command was typed in another folder."""
    return Failed(
        f"{data.absolute()} chưa có dữ liệu của phường nào; chỉ thư mục bằng --data, hoặc tệp cài đặt bằng --config\n"
        "holds no ward's data; name its folder with --data, or the settings with --config"
    )


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
