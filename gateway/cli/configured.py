"""The settings a command was given."""

import os
from pathlib import Path
from typing import Any

from gateway.cli.console import Failed
from gateway.settings import BadSettings, Settings, load_settings


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
