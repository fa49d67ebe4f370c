"""Identifiers that cross the wire. A ``str`` that could be five things will be the wrong one."""

import re
from typing import NewType

SiteId = NewType("SiteId", str)
"""Slug of a ward (phường), e.g. ``tan-thanh``. Second level of every MQTT topic."""

ClusterId = NewType("ClusterId", str)
"""Slug of a loudspeaker cluster (cụm loa), e.g. ``kp3-02``. Part of an MQTT topic."""

ZoneId = NewType("ZoneId", str)
"""Slug of a neighbourhood (khu phố), e.g. ``kp3``. Part of an MQTT topic."""

OccurrenceId = NewType("OccurrenceId", str)
"""``<rule>@<local start with offset>``: stable across edits and restarts; the idempotency key of a play."""

AssetId = NewType("AssetId", str)
"""``sha256:<64 hex digits>``: a piece of audio is named by its content."""

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")
"""What a site, cluster or zone id may look like: safe in a topic, a file name and a URL."""

_ASSET = re.compile(r"sha256:[0-9a-f]{64}")


def is_slug(text: str) -> bool:
    """Tell whether ``text`` may be a site, cluster or zone id."""
    return SLUG.fullmatch(text) is not None


def asset_id(sha256_hex: str) -> AssetId:
    """Name the audio whose SHA-256 is ``sha256_hex``.

    Raises:
        ValueError: it is not 64 lower-case hex digits.
    """
    name = f"sha256:{sha256_hex}"
    if _ASSET.fullmatch(name) is None:
        raise ValueError(f"not a SHA-256 in hex: {sha256_hex!r}")
    return AssetId(name)


def asset_sha256(asset: AssetId) -> str:
    """Return the 64 hex digits of an asset id.

    Raises:
        ValueError: it is not an asset id (and so must not become a file name).
    """
    if _ASSET.fullmatch(asset) is None:
        raise ValueError(f"not an asset id: {asset!r}")
    return asset.removeprefix("sha256:")
