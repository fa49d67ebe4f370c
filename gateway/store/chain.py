"""Chuỗi băm: each line holds the hash of the one before it, so that none can be changed, lost or slipped in unseen.

``hash = SHA-256(prev || canonical JSON of the line)``, both in UTF-8.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain.errors import ChainBroken

START = "0" * 64
"""What the first line follows."""


def canonical(body: Mapping[str, Any]) -> str:
    """Write ``body`` as JSON in the one way that is hashed: keys sorted, no spaces, letters as they are."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link(prev: str, text: str) -> str:
    """Return the hash of the line ``text`` that follows ``prev``."""
    return hashlib.sha256((prev + text).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Link:
    """A line as it was found."""

    n: int
    text: str
    """Canonical JSON of everything but the hashes."""
    prev: str
    hash: str


def check(links: Iterable[Link]) -> tuple[int, str]:
    """Follow the chain from its first line; return the number and the hash of the last one.

    Raises:
        ChainBroken: at the first line that does not follow.
    """
    n, head = 0, START
    for found in links:
        n += 1
        if found.n != n:
            raise broken(n, f"mất dòng {n}", f"line {n} is missing")
        if found.prev != head:
            raise broken(n, f"dòng {n} không nối với dòng trước", f"line {n} does not follow the line before it")
        head = link(head, found.text)
        if found.hash != head:
            raise broken(n, f"dòng {n} đã bị sửa", f"line {n} was changed")
    return n, head


def broken(n: int, vi: str, en: str) -> ChainBroken:
    """Name the first bad line."""
    return ChainBroken(f"Nhật ký bị can thiệp: {vi}.", f"The log was tampered with: {en}.", n=n)
