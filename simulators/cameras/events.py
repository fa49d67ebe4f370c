"""Sự kiện: PullPoint subscriptions, as few as real cameras have, and what they tell: motion, tampering, a reboot."""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from devices.clock import instant
from simulators.cameras.faults import Fault
from simulators.cameras.soap import NS, Call, CallFault, elements, envelope, not_supported
from simulators.cameras.spec import Level
from simulators.cameras.state import EVENTS_PATH, CameraState, Operation

MOST_WAITING = 100
"""Messages a subscription keeps; older ones are lost, as on a camera."""
LONGEST_PULL_S = 60.0
_USUAL_S = 60.0
_LONGEST_S = 3_600.0
_DIALECT = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
_DURATION = re.compile(r"^PT?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$")
_ACTIONS = {
    "CreatePullPointSubscription": f"{NS['tev']}/EventPortType/CreatePullPointSubscriptionResponse",
    "GetEventProperties": f"{NS['tev']}/EventPortType/GetEventPropertiesResponse",
    "PullMessages": f"{NS['tev']}/PullPointSubscription/PullMessagesResponse",
    "SetSynchronizationPoint": f"{NS['tev']}/PullPointSubscription/SetSynchronizationPointResponse",
    "Renew": "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewResponse",
    "Unsubscribe": "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/UnsubscribeResponse",
}


class Topic(StrEnum):
    """What it can tell. The value is the topic as it stands in the message."""

    MOTION = "tns1:VideoSource/MotionAlarm"
    TAMPER = "tns1:RuleEngine/TamperDetector/Tamper"
    TOO_DARK = "tns1:VideoSource/ImageTooDark/ImagingService"
    SCENE_CHANGE = "tns1:VideoSource/GlobalSceneChange/ImagingService"
    LAST_REBOOT = "tns1:Monitoring/OperatingTime/LastReboot"


_PROPERTIES = (Topic.MOTION, Topic.TAMPER)
"""Those with a state, told to each new subscriber at once."""


@dataclass(eq=False)
class Subscription:
    """One PullPoint."""

    path: str
    ends_mono_ns: int
    waiting: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    rung: asyncio.Event = field(default_factory=asyncio.Event)


class Events:
    """The event service of one camera."""

    def __init__(self, state: CameraState) -> None:
        self._state = state
        self._open: dict[str, Subscription] = {}
        self._made = 0
        self._values = dict.fromkeys(_PROPERTIES, False)

    @property
    def subscriptions(self) -> int:
        """How many are alive."""
        self._expire()
        return len(self._open)

    def happens(self, topic: Topic, *, value: bool | str = True) -> None:
        """Tell every subscriber that ``topic`` is now ``value``."""
        if topic in self._values:
            self._values[topic] = bool(value)
        self._expire()
        for each in self._open.values():
            each.waiting.append(self._message(topic, value, "Changed"))
            each.rung.set()

    def forget(self) -> None:
        """Lose every subscription, as at a reboot."""
        for each in self._open.values():
            each.rung.set()
        self._open.clear()
        self._made = 0

    def answer(self, call: Call, path: str) -> bytes:
        """Answer everything but PullMessages.

        Raises:
            CallFault: refused.
        """
        match call.action:
            case "CreatePullPointSubscription":
                body = self._create(call)
            case "GetEventProperties":
                body = _properties()
            case "Renew":
                body = self._renew(call, path)
            case "Unsubscribe":
                body = self._unsubscribe(path)
            case "SetSynchronizationPoint":
                self._initialise(self._at(path))
                body = "<tev:SetSynchronizationPointResponse/>"
            case _:
                body = self._capabilities()
        return envelope(body, _header(call))

    async def pull(self, call: Call, path: str) -> bytes:
        """Answer PullMessages: at once if something waits, else after its timeout, in real seconds.

        Raises:
            CallFault: there is no such subscription, or it ended meanwhile.
        """
        mine = self._at(path)
        limit = _count(call.text("MessageLimit"))
        mine.rung.clear()
        if not mine.waiting:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(_seconds(call.text("Timeout")) or 0.0, LONGEST_PULL_S)):
                    await mine.rung.wait()
        if self._open.get(path) is not mine:
            raise _unknown()
        messages = [mine.waiting.popleft() for _ in range(min(limit, len(mine.waiting)))]
        times = f"<tev:CurrentTime>{self._time()}</tev:CurrentTime>"
        times += f"<tev:TerminationTime>{self._time(mine)}</tev:TerminationTime>"
        return envelope(
            f"<tev:PullMessagesResponse>{times}{''.join(messages)}</tev:PullMessagesResponse>", _header(call)
        )

    # -- the calls ---------------------------------------------------------------------------------------------------

    def _create(self, call: Call) -> str:
        if Fault.EVENTS_FULL in self._state or self.subscriptions >= self._state.spec.max_subscriptions:
            raise CallFault("maximum number of subscriptions reached", "Receiver", "ter:Action", "ter:ResourceLimit")
        self._made += 1
        boot = f"{self._state.boots}/" if Fault.EVENTS_MOVE_AT_BOOT in self._state else ""
        path = f"{EVENTS_PATH}/{boot}{self._made}"
        made = Subscription(path, self._ends(call.text("InitialTerminationTime")))
        self._open[path] = made
        self._initialise(made)
        where = f"<wsa5:Address>{self._state.address(path)}</wsa5:Address>"
        return (
            "<tev:CreatePullPointSubscriptionResponse>"
            f"<tev:SubscriptionReference>{where}</tev:SubscriptionReference>"
            f"<wsnt:CurrentTime>{self._time()}</wsnt:CurrentTime>"
            f"<wsnt:TerminationTime>{self._time(made)}</wsnt:TerminationTime>"
            "</tev:CreatePullPointSubscriptionResponse>"
        )

    def _renew(self, call: Call, path: str) -> str:
        if Fault.EVENTS_NO_RENEW in self._state:
            raise not_supported("Renew")
        mine = self._at(path)
        mine.ends_mono_ns = self._ends(call.text("TerminationTime"))
        return (
            f"<wsnt:RenewResponse><wsnt:TerminationTime>{self._time(mine)}</wsnt:TerminationTime>"
            f"<wsnt:CurrentTime>{self._time()}</wsnt:CurrentTime></wsnt:RenewResponse>"
        )

    def _unsubscribe(self, path: str) -> str:
        mine = self._at(path)
        gone = list(self._open.values()) if Fault.EVENTS_UNSUBSCRIBE_ALL in self._state else [mine]
        for each in gone:
            del self._open[each.path]
            each.rung.set()
        return "<wsnt:UnsubscribeResponse/>"

    def _capabilities(self) -> str:
        return (
            '<tev:GetServiceCapabilitiesResponse><tev:Capabilities WSSubscriptionPolicySupport="true" '
            'WSPullPointSupport="true" WSPausableSubscriptionManagerInterfaceSupport="false" '
            f'MaxPullPoints="{self._state.spec.max_subscriptions}"/></tev:GetServiceCapabilitiesResponse>'
        )

    # -- subscriptions -----------------------------------------------------------------------------------------------

    def _at(self, path: str) -> Subscription:
        self._expire()
        found = self._open.get(path)
        if found is None:
            raise _unknown()
        return found

    def _expire(self) -> None:
        now = self._state.clock.mono_ns()
        for path, each in list(self._open.items()):
            if each.ends_mono_ns <= now:
                del self._open[path]
                each.rung.set()

    def _ends(self, asked: str) -> int:
        seconds = _seconds(asked)
        seconds = min(_USUAL_S if seconds is None else seconds, _LONGEST_S)
        return self._state.clock.mono_ns() + round(seconds * 1e9)

    def _initialise(self, one: Subscription) -> None:
        for topic, value in self._values.items():
            one.waiting.append(self._message(topic, value, "Initialized"))
        one.rung.set()

    def _time(self, one: Subscription | None = None) -> str:
        """Return now, or when ``one`` ends, by the camera's own clock."""
        left_ns = one.ends_mono_ns - self._state.clock.mono_ns() if one is not None else 0
        return f"{instant(self._state.body.now_ms() + left_ns // 1_000_000):%Y-%m-%dT%H:%M:%SZ}"

    def _message(self, topic: Topic, value: bool | str, operation: str) -> str:
        state = str(value).lower() if isinstance(value, bool) else value
        name = {Topic.TAMPER: "IsTamper", Topic.LAST_REBOOT: "Status"}.get(topic, "State")
        return (
            f'<wsnt:NotificationMessage><wsnt:Topic Dialect="{_DIALECT}">{topic}</wsnt:Topic><wsnt:Message>'
            f'<tt:Message UtcTime="{self._time()}" PropertyOperation="{operation}">'
            '<tt:Source><tt:SimpleItem Name="VideoSourceConfigurationToken" Value="video_source_config_1"/></tt:Source>'
            f'<tt:Data><tt:SimpleItem Name="{name}" Value="{state}"/></tt:Data></tt:Message></wsnt:Message>'
            "</wsnt:NotificationMessage>"
        )


def _unknown() -> CallFault:
    return CallFault("ResourceUnknown: no such subscription", "Sender", "ter:InvalidArgVal", "ter:ResourceUnknown")


def _count(text: str) -> int:
    if text and not (text.isascii() and text.isdigit()):
        raise CallFault(f"not a number: {text}", "Sender", "ter:InvalidArgVal")
    return int(text or MOST_WAITING)


def _seconds(text: str) -> float | None:
    """Read a duration; an absolute time, or nothing, is ``None``."""
    found = _DURATION.match(text)
    if found is None or text in {"P", "PT"}:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def _header(call: Call) -> str:
    action = _ACTIONS.get(call.action)
    if action is None:
        return ""
    relates = elements({"RelatesTo": call.message_id}, "wsa5") if call.message_id else ""
    return f"<wsa5:Action>{action}</wsa5:Action>{relates}"


def _properties() -> str:
    tree: dict[str, object] = {}
    for topic in Topic:
        branch = tree
        for part in topic.partition(":")[2].split("/"):
            branch = branch.setdefault(part, {})  # type: ignore[assignment]
    dialects = f"<wsnt:TopicExpressionDialect>{_DIALECT}</wsnt:TopicExpressionDialect>"
    filters = "http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"
    return (
        "<tev:GetEventPropertiesResponse>"
        "<tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation>"
        f"<wsnt:FixedTopicSet>true</wsnt:FixedTopicSet><wstop:TopicSet>{_branches(tree, 'tns1:')}</wstop:TopicSet>"
        f"{dialects}<tev:MessageContentFilterDialect>{filters}</tev:MessageContentFilterDialect>"
        "<tev:MessageContentSchemaLocation>http://www.onvif.org/onvif/ver10/schema/onvif.xsd"
        "</tev:MessageContentSchemaLocation></tev:GetEventPropertiesResponse>"
    )


def _branches(tree: Mapping[str, object], prefix: str = "") -> str:
    text = ""
    for name, below in tree.items():
        if not isinstance(below, dict) or not below:
            text += f'<{prefix}{name} wstop:topic="true"/>'
        else:
            text += f"<{prefix}{name}>{_branches(below)}</{prefix}{name}>"
    return text


def _by_events(_state: CameraState, call: Call, _connection: int) -> str:
    raise not_supported(call.action)  # never reached: the camera asks its own `Events`


EVENTS: Mapping[tuple[str, str], Operation] = {
    (NS[prefix], name): Operation(level, _by_events)
    for prefix, name, level in (
        ("tev", "GetServiceCapabilities", Level.ANONYMOUS),
        ("tev", "GetEventProperties", Level.USER),
        ("tev", "CreatePullPointSubscription", Level.USER),
        ("tev", "PullMessages", Level.USER),
        ("tev", "SetSynchronizationPoint", Level.USER),
        ("wsnt", "Renew", Level.USER),
        ("wsnt", "Unsubscribe", Level.USER),
    )
}
