"""The orchestration protocol between the Durable extension and the SDKs 1.x (Python), 3.x (JS).

An orchestrator gets its whole history and returns all actions since its start.
Numbers and field names are those of the SDKs: `HistoryEventType`, `ActionType`.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

Action = dict[str, Any]
Event = dict[str, Any]

FAILURE_LABEL = "$OutOfProcData$:"
NO_EVENT_ID = -1

# The SDKs split a timer that is longer than the first into slices as long as the second.
MAXIMUM_SHORT_TIMER = "6.00:00:00"
LONG_TIMER_INTERVAL = "3.00:00:00"


class EventType(IntEnum):
    EXECUTION_STARTED = 0
    EXECUTION_COMPLETED = 1
    EXECUTION_TERMINATED = 3
    TASK_SCHEDULED = 4
    TASK_COMPLETED = 5
    TASK_FAILED = 6
    SUB_ORCHESTRATION_INSTANCE_CREATED = 7
    SUB_ORCHESTRATION_INSTANCE_COMPLETED = 8
    SUB_ORCHESTRATION_INSTANCE_FAILED = 9
    TIMER_CREATED = 10
    TIMER_FIRED = 11
    ORCHESTRATOR_STARTED = 12
    ORCHESTRATOR_COMPLETED = 13
    EVENT_SENT = 14
    EVENT_RAISED = 15


class ActionType(IntEnum):
    CALL_ACTIVITY = 0
    CALL_ACTIVITY_WITH_RETRY = 1
    CALL_SUB_ORCHESTRATOR = 2
    CALL_SUB_ORCHESTRATOR_WITH_RETRY = 3
    CONTINUE_AS_NEW = 4
    CREATE_TIMER = 5
    WAIT_FOR_EXTERNAL_EVENT = 6
    CALL_ENTITY = 7
    CALL_HTTP = 8
    SIGNAL_ENTITY = 9
    WHEN_ANY = 11
    WHEN_ALL = 12
    LOCK_ENTITIES = 13
    RELEASE_ENTITIES = 14


ACTIVITY_CALLS = {ActionType.CALL_ACTIVITY, ActionType.CALL_ACTIVITY_WITH_RETRY}
SUB_ORCHESTRATOR_CALLS = {
    ActionType.CALL_SUB_ORCHESTRATOR,
    ActionType.CALL_SUB_ORCHESTRATOR_WITH_RETRY,
}
COMPOUNDS = {ActionType.WHEN_ANY, ActionType.WHEN_ALL}


@dataclass(frozen=True)
class Decision:
    """What an orchestrator returned: `actions` are flat and complete since the start."""

    is_done: bool = False
    actions: list[Action] = field(default_factory=list)
    output: Any = None
    error: str | None = None
    custom_status: Any = None

    @property
    def continued(self) -> Action | None:
        """The continue-as-new action, if the orchestrator chose to start over."""
        found = (a for a in self.actions if kind(a) is ActionType.CONTINUE_AS_NEW)
        return next(found, None)


def kind(action: Action) -> ActionType:
    return ActionType(action["actionType"])


def signature(action: Action) -> tuple[ActionType, str, str]:
    """Type, name and operation: what the extension compares with the history.

    Arguments and times are not part of it, a double replay finds changes of those.
    """
    name = next(
        (
            action[key]
            for key in ("functionName", "externalEventName", "instanceId")
            if action.get(key)
        ),
        "",
    )
    return kind(action), name, action.get("operation") or ""


def describe(action: Action | tuple[ActionType, str, str]) -> str:
    """An action as words: `call activity 'ship_order'`."""
    action_type, name, operation = action if isinstance(action, tuple) else signature(action)
    words = action_type.name.lower().replace("_", " ")
    return " ".join([words, *(repr(part) for part in (name, operation) if part)])


def flatten(actions: list[Any]) -> list[Action]:
    """Actions in the order of their ids, without the when-any and when-all around them.

    A second compound that names a task which is scheduled already cannot be told from a second
    call in JavaScript (it is listed again): samples must not reuse tasks across `Task.any`.
    """
    flat: list[Action] = []
    for action in actions:
        if isinstance(action, list):
            flat += flatten(action)
        elif action["actionType"] in COMPOUNDS:
            flat += flatten(action["compoundActions"])
        else:
            flat.append(action)
    return flat


def read_decision(value: str | None, error: str | None) -> Decision:
    """The decision of an orchestrator from `value`, the JSON text of its state.

    A failing orchestrator raises, and the state follows a label in the message. The text before
    the label is unusable in JavaScript (the word `false`).
    """
    if error is not None:
        _, label, text = error.partition(FAILURE_LABEL)
        if not label:
            return Decision(error=error)
    else:
        text = value or "{}"
    state = json.loads(text)
    message = state.get("error")
    return Decision(
        is_done=bool(state.get("isDone")),
        actions=flatten(state.get("actions") or []),
        output=state.get("output"),
        error=message or ("unknown error" if error is not None else None),
        custom_status=state.get("customStatus"),
    )


def event(event_type: EventType, now: datetime, event_id: int = NO_EVENT_ID, **more: Any) -> Event:
    """A history event with the four fields that every event must have."""
    return {
        "EventType": int(event_type),
        "EventId": event_id,
        "IsPlayed": False,
        "Timestamp": timestamp(now),
        **more,
    }


def timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fire_time(action: Action) -> datetime:
    """When a timer action is due; SDKs write UTC with or without the zone."""
    moment = datetime.fromisoformat(action["fireAt"])
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def decode(value: Any) -> Any:
    """The value behind an argument.

    Both SDKs send a string argument of an activity as JSON text, Python all arguments.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def entity_id(scheduler_id: str) -> tuple[str, str]:
    """Name and key from `@name@key`."""
    _, name, key = scheduler_id.split("@", 2)
    return name, key


def new_id() -> str:
    return uuid.uuid4().hex


def repeatable_id(instance_id: str, task_id: int) -> str:
    """The id of an orchestrator's request: the same whenever an instance does the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{instance_id}/{task_id}"))
