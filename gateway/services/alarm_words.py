"""Lời của cảnh báo: what poles say in codes, said in words, both languages. Pure; a code nobody knows has words too."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from devices.model import OccurrenceId
from gateway.domain.reasons import Pair
from gateway.services.diagnosis import fault_in_words


def faults_in_words(codes: Iterable[str]) -> Pair:
    """Say the faults a pole reports, each once."""
    said = list(dict.fromkeys(map(fault_in_words, codes)))
    return " ".join(vi for vi, _ in said), " ".join(en for _, en in said)


def hour_of(occ: OccurrenceId | str) -> str:
    """Say the local hour that an airing is named after, in brackets; nothing for one that no schedule named."""
    local = _local(occ)
    return f" ({local:%H:%M %d/%m})" if local is not None else ""


def zone_of(occ: OccurrenceId | str) -> tzinfo:
    """Return the local time of the airing ``occ``; UTC when no schedule named it."""
    local = _local(occ)
    return (local.tzinfo if local is not None else None) or UTC


def _local(occ: str) -> datetime | None:
    try:
        return datetime.fromisoformat(occ.rpartition("@")[2])
    except ValueError:
        return None
