"""Where things are in a ward's data folder."""

from pathlib import Path

DATABASE = "loa.db"
AUDIO = "audio"
KEYS = "keys"
POLICIES = "policies"
ROOTS = "audit-roots.jsonl"
PHOTOS = "photos"
THUMBNAILS = "thumbnails"

KEPT_FOLDERS = (AUDIO, KEYS, POLICIES, PHOTOS)
"""What a backup takes, beside the database and the roots. Thumbnails are none of it: they live a day."""


def database(folder: Path) -> Path:
    """Return the SQLite file."""
    return folder / DATABASE


def keys(folder: Path) -> Path:
    """Return the folder of keys."""
    return folder / KEYS


def audio(folder: Path) -> Path:
    """Return the folder of audio files."""
    return folder / AUDIO


def roots(folder: Path) -> Path:
    """Return the file of the audit log's daily roots."""
    return folder / ROOTS
