"""Events of a history: what an execution records, and what later code reads from it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

from .instances import Execution, ExecutionOutcome, Instance, Task
from .protocol import Action, ActionType, Event, EventType, event, kind, timestamp
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
            EventType.SUB_ORCHESTRATION_INSTANCE_COMPLETED,
            now,
            TaskScheduledId=task.id,
            Result=json.dumps(outcome.output),
        )
    return event(
        EventType.SUB_ORCHESTRATION_INSTANCE_FAILED,
        now,
        TaskScheduledId=task.id,
        Reason=str(outcome.output),
        Details="",
    )


def called(action: Action) -> dict[str, str]:
    """Function and input of a call as DurableTask.Core keeps them: the input is a list."""
    return {"Name": action["functionName"], "Input": json.dumps([action.get("input")])}


def event_sent(task: Task, request: dict[str, Any], now: datetime) -> Event:
    """The event of an operation that an entity gets; the request in the words of the extension."""
    message = {
        "op": request["name"],
        "signal": request["signal"],
        "input": request["input"],
        "id": request["id"],
    }
    target = task.action["instanceId"]
    return event(
        EventType.EVENT_SENT, now, task.id, InstanceId=target, Name="op", Input=json.dumps(message)
    )


def execution_ended(outcome: ExecutionOutcome, now: datetime) -> list[Event]:
    """The events with which an orchestration ends; only a terminated one has two."""
    failed_or_terminated = outcome.status != "Completed"
    result = str(outcome.output) if failed_or_terminated else json.dumps(outcome.output)
    completed = event(
        EventType.EXECUTION_COMPLETED, now, OrchestrationStatus=outcome.status, Result=result
    )
    if outcome.status != "Terminated":
        return [completed]
    return [event(EventType.EXECUTION_TERMINATED, now, Input=result), completed]


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
