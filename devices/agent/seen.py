"""Lệnh đã nhận: which commands this pole has answered, so that a repeated one is answered again and not done again."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.agent.disk import Disk
from devices.agent.lines import Lines

logger = logging.getLogger(__name__)

GRACE_MS = 60_000
"""A command may still be repeated this long after it expired: clocks differ a little."""
_TOO_MANY_LINES = 200


@dataclass(frozen=True, kw_only=True)
class Order:
    """One authentic command and the answer it got."""

    jti: str
    exp_ms: int
    answer: dict[str, Any]
    token: str | None = None
    """The sealed command itself, kept while its play is not over, so that a power cut does not forget it."""


class Seen:
    """The answered commands, on disk before they are acted on."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._disk = disk
        self._lines = Lines(disk, folder / "commands.jsonl")
        self._orders: dict[str, Order] = {}
        self._written = 0

    def load(self) -> None:
        """Read them. An unreadable line is skipped and said.

        Raises:
            DiskFailed: the file can be neither read nor repaired.
        """
        lines = self._lines.load()
        for line in lines:
            try:
                order = Order(**json.loads(line))
            except (ValueError, TypeError):
                logger.error("commands.jsonl: a line cannot be read and is skipped")  # noqa: TRY400 - nothing to trace
                continue
            self._orders[order.jti] = order
        self._written = len(lines)

    def get(self, jti: str) -> Order | None:
        return self._orders.get(jti)

    @property
    def is_long(self) -> bool:
        """Whether it is time to forget what expired."""
        return len(self._orders) >= _TOO_MANY_LINES and self._written % 50 == 0

    def newest_done(self, typ: str) -> dict[str, Any] | None:
        """Return the answer to the last ``typ`` that was obeyed, as far as it is still remembered."""
        answers = (order.answer for order in reversed(self._orders.values()))
        return next((answer for answer in answers if answer.get("typ") == typ and answer.get("st") == "done"), None)

    def kept(self) -> list[Order]:
        """Return the orders whose sealed text was kept: plays that may not be over."""
        return [order for order in self._orders.values() if order.token is not None]

    def answered(self, jti: str, answer: dict[str, Any]) -> None:
        """Change the answer that a repetition gets, in memory: after a power cut the first one is true enough."""
        known = self._orders.get(jti)
        if known is not None:
            self._orders[jti] = Order(jti=jti, exp_ms=known.exp_ms, answer=answer, token=known.token)

    async def remember(self, order: Order) -> None:
        """Keep ``order`` on the medium.

        Raises:
            DiskFailed: it is not kept, and must not be acted on.
        """
        line = json.dumps(order.__dict__, separators=(",", ":")).encode()
        await self._disk.run(lambda: self._lines.append(line))
        self._orders[order.jti] = order
        self._written += 1

    async def forget(self, *, now_ms: int, over: frozenset[str]) -> None:
        """Drop what expired, except kept plays whose id is not in ``over``; rewrite the file when it has grown.

        Raises:
            DiskFailed: the file stays as it was.
        """
        self._orders = {
            jti: order
            for jti, order in self._orders.items()
            if order.exp_ms + GRACE_MS >= now_ms or (order.token is not None and jti not in over)
        }
        if self._written - len(self._orders) < _TOO_MANY_LINES:
            return
        lines = [json.dumps(order.__dict__, separators=(",", ":")).encode() for order in self._orders.values()]
        await self._disk.run(lambda: self._lines.rewrite(lines))
        self._written = len(lines)
