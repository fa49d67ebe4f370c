"""The words shared by gateway and pole: ids, outcomes, priorities, air rules. Standard-library data types only."""

from devices.model.ids import (
    SLUG,
    AssetId,
    ClusterId,
    OccurrenceId,
    SiteId,
    ZoneId,
    asset_id,
    asset_sha256,
    is_slug,
)
from devices.model.outcome import Outcome, Proof
from devices.model.permit import PERMIT_MAX, PERMITS_AT_MOST, Permit
from devices.model.priority import Level, Priority, Source, level_of
from devices.model.rules import NO_RULES_NO_SOUND, SESSION_GAP, AirRules, Ceiling, Refusal, Span, Window

__all__ = [
    "NO_RULES_NO_SOUND",
    "PERMITS_AT_MOST",
    "PERMIT_MAX",
    "SESSION_GAP",
    "SLUG",
    "AirRules",
    "AssetId",
    "Ceiling",
    "ClusterId",
    "Level",
    "OccurrenceId",
    "Outcome",
    "Permit",
    "Priority",
    "Proof",
    "Refusal",
    "SiteId",
    "Source",
    "Span",
    "Window",
    "ZoneId",
    "asset_id",
    "asset_sha256",
    "is_slug",
    "level_of",
]
