"""Events of a history: what an execution records, and what later code reads from it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

from .instances import Execution, ExecutionOutcome, Instance, Task
from .protocol import ActionType, Event, EventType, event, kind, timestamp
from .worker import InvocationResult, TypedData


def execution_started(instance: Instance, now: datetime) -> Event:
    """The event with which a generation begins."""
    value = json.dumps(instance.execution.input)
    more = {"Name": instance.name, "Version": instance.version, "Input": value}
    return event(EventType.EXECUTION_STARTED, now, **more)


def activity_ended(task: Task, result: InvocationResult, now: datetime) -> Event:
    """The event that completes or fails the task of an activity."""
    if result.error is None:
        text = _json_text(result.value)
        return event(EventType.TASK_COMPLETED, now, TaskScheduledId=task.id, Result=text)
    reason = f"Activity function '{task.action['functionName']}' failed: {result.error}"
    return event(
        EventType.TASK_FAILED,
        now,
        TaskScheduledId=task.id,
        Reason=reason,
        Details=result.details,
    )


def child_ended(task: Task, outcome: ExecutionOutcome, now: datetime) -> Event:
    """The event that completes or fails the task of a sub-orchestration."""
    if outcome.status == "Completed":
        return event(
            EventType.SUB_ORCHESTRATION_COMPLETED,
            now,
            TaskScheduledId=task.id,
            Result=json.dumps(outcome.output),
        )
    return event(
        EventType.SUB_ORCHESTRATION_FAILED,
        now,
        TaskScheduledId=task.id,
        Reason=str(outcome.output),
        Details="",
    )


def timer_fired(task: Task, due: datetime, now: datetime) -> Event:
    """The event that completes the task of a timer."""
    return event(EventType.TIMER_FIRED, now, TimerId=task.id, FireAt=timestamp(due))


def event_raised(name: str, value: str, now: datetime) -> Event:
    """An external event, or the result of an entity call; the value is JSON text."""
    return event(EventType.EVENT_RAISED, now, Name=name, Input=value)


def completed_task(completion: Event) -> int | str:
    """The key of the task that an event completes.

    The result of an entity call has the id of the request as its name.
    """
    key: int | str = next(
        completion[name] for name in ("TaskScheduledId", "TimerId", "Name") if name in completion
    )
    return key


def unread_events(execution: Execution) -> list[Event]:
    """External events beyond those that the code has waited for."""
    waits = Counter(
        action["externalEventName"]
        for action, _ in execution.actions
        if kind(action) is ActionType.WAIT_FOR_EXTERNAL_EVENT
    )
    sent = {
        json.loads(e["Input"])["id"]
        for e in execution.history
        if e["EventType"] == EventType.EVENT_SENT
    }
    unread = []
    for past in execution.history:
        if past["EventType"] != EventType.EVENT_RAISED or past["Name"] in sent:
            continue
        waits[past["Name"]] -= 1
        if waits[past["Name"]] < 0:
            unread.append({**past, "IsPlayed": False})
    return unread


def _json_text(data: TypedData | None) -> str:
    """The result of an activity as JSON text, whatever kind of typed data it came as."""
    if data is None:
        return "null"
    if "json" in data:
        text: str = data["json"]
        return text
    return json.dumps(next(iter(data.values())))
