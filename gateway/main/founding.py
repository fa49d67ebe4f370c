"""Lần chạy đầu: the keys, the first administrator and the first air rules of a new ward. Secrets are shown once."""

import secrets
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from devices.clusters import Keyring, create_keyring, load_keyring
from devices.model import SiteId
from gateway.settings import BadSettings

KEYS = "keys"
PIN_DIGITS = 8
"""Whoever copies the key file may guess offline, slowly; a person still types eight digits in time."""


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What a person must write down now; none of it can be read again."""

    emergency_pin: str | None = None
    admin_password: str | None = None


def found_keyring(data: Path, site: SiteId, *, now_ms: int) -> tuple[Keyring, str | None]:
    """Open the ward's keys, or make them; the second value is the new emergency PIN, if they were made.

    Raises:
        BadSettings: the keys are of another ward.
        SealBroken, OSError: they are damaged, or cannot be read.
    """
    folder = data / KEYS
    try:
        ring = load_keyring(folder)
    except FileNotFoundError:
        pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
        return create_keyring(folder, site, pin=pin, now_ms=now_ms), pin
    if ring.site != site:
        text = f"các khóa trong {folder} là của phường “{ring.site}” / the keys there are of another ward"
        raise BadSettings([("ward.site", text)])
    return ring, None


def read_pack(name: str) -> dict[str, Any]:
    """Read a policy pack: one that ships with the product, by name, or a file, by path.

    Raises:
        BadSettings: there is none, or it is not TOML. What it says is checked where it is adopted.
    """
    shipped = resources.files("gateway") / "policies" / f"{name}.toml"
    try:
        text = shipped.read_text("utf-8") if _is_name(name) else Path(name).read_text("utf-8")
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        text = f"không có quy chế “{name}” / no such policy pack: {error}"
        raise BadSettings([("ward.policy", text)]) from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettings([("ward.policy", f"{name}: không phải TOML / not TOML: {error}")]) from error


def _is_name(name: str) -> bool:
    return "/" not in name and not name.endswith(".toml")
