"""The contract as an AsyncAPI 3.0 document, made from the types themselves. ``docs/asyncapi.yaml`` is its output."""

import inspect
from typing import Any

from devices.model import ClusterId, SiteId, ZoneId
from devices.wire.base import Wire
from devices.wire.commands import COMMANDS, ClockReply, JournalAck
from devices.wire.documents import (
    ConfigBody,
    GatewayInstance,
    GatewayState,
    KeyList,
    PlanBody,
    PolicyDocument,
    SilenceBody,
)
from devices.wire.envelope import Envelope
from devices.wire.examples import EXAMPLES
from devices.wire.reports import Ack, AssetReport, Birth, ClockRequest, Death, JournalEntry, Telemetry
from devices.wire.topics import Topics, Up

BODIES: dict[str, type[Wire]] = {
    "keys": KeyList,
    "policy": PolicyDocument,
    "config": ConfigBody,
    "plan": PlanBody,
    "silence": SilenceBody,
    "gateway": GatewayState,
    "gateway_instance": GatewayInstance,
    **COMMANDS,
    "journal_ack": JournalAck,
    "clock": ClockReply,
    "birth": Birth,
    "death": Death,
    "ack": Ack,
    "asset": AssetReport,
    "journal": JournalEntry,
    "telemetry": Telemetry,
    "clock_request": ClockRequest,
}
"""Every header ``typ`` and its body."""

_EMERGENCY = ("emergency", "emergency_end")
_ORDERS = tuple(typ for typ in COMMANDS if typ not in _EMERGENCY)


def _channels() -> list[tuple[str, str, tuple[str, ...], str, int, bool]]:
    """List ``(name, address, typs, who writes, qos, retained)``."""
    topics = Topics(SiteId("{site}"))
    cluster, zone = ClusterId("{cluster}"), ZoneId("{zone}")
    return [
        ("gatewayState", topics.gateway_state, ("gateway",), "gateway", 1, True),
        ("gatewayInstance", topics.gateway_instance("{instance}"), ("gateway_instance",), "gateway", 1, True),
        ("config", topics.config(cluster), ("config",), "gateway", 1, True),
        ("plan", topics.plan(cluster), ("plan",), "gateway", 1, True),
        ("clusterCommand", topics.command(cluster), (*_ORDERS, *_EMERGENCY, "journal_ack"), "gateway", 1, False),
        ("zoneCommand", topics.zone_command(zone), _ORDERS, "gateway", 1, False),
        ("wardCommand", topics.all_command, _ORDERS, "gateway", 1, False),
        ("emergency", topics.emergency, _EMERGENCY, "gateway", 1, False),
        ("silence", topics.silence, ("silence",), "gateway", 1, True),
        ("clockReply", topics.clock_reply(cluster), ("clock",), "gateway", 0, False),
        ("state", topics.up(cluster, Up.STATE), ("birth", "death"), "cluster", 1, True),
        ("ack", topics.up(cluster, Up.ACK), ("ack",), "cluster", 1, False),
        ("asset", topics.up(cluster, Up.ASSET), ("asset",), "cluster", 1, False),
        ("journal", topics.up(cluster, Up.JOURNAL), ("journal",), "cluster", 1, False),
        ("telemetry", topics.up(cluster, Up.TELEMETRY), ("telemetry",), "cluster", 0, False),
        ("clockRequest", topics.up(cluster, Up.CLOCK), ("clock_request",), "cluster", 0, False),
    ]


def asyncapi(version: str) -> dict[str, Any]:
    """Return the document, JSON-ready."""
    schemas: dict[str, Any] = {}
    models: set[type[Wire]] = {*BODIES.values(), Envelope}
    for model in sorted(models, key=lambda each: each.__name__):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Loa Phường: gateway and loudspeaker clusters",
            "version": version,
            "description": (
                "Every message but the gateway's own will is a compact JWS (EdDSA, header alg/kid/typ) whose payload"
                " is an Envelope; the schemas below are the envelope's body for each typ."
            ),
        },
        "defaultContentType": "application/jose",
        "channels": {name: _channel(address, typs) for name, address, typs, *_ in _channels()},
        "operations": {
            f"{writer}Writes{name[0].upper()}{name[1:]}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "bindings": {"mqtt": {"qos": qos, "retain": retained}},
            }
            for name, _, _, writer, qos, retained in _channels()
        },
        "components": {
            "messages": {typ: _message(typ, model) for typ, model in BODIES.items()},
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _channel(address: str, typs: tuple[str, ...]) -> dict[str, Any]:
    names = [part[1:-1] for part in address.split("/") if part.startswith("{")]
    return {
        "address": address,
        "parameters": {name: {"description": f"slug of the {name}"} for name in names},
        "messages": {typ: {"$ref": f"#/components/messages/{typ}"} for typ in typs},
    }


def _message(typ: str, model: type[Wire]) -> dict[str, Any]:
    return {
        "name": typ,
        "summary": (inspect.getdoc(model) or model.__name__).splitlines()[0],
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "examples": [{"payload": EXAMPLES[typ]}],
    }
