"""The history of an instance as the management API shows it.

The Durable extension merges the events (`DurableClient.GetDurableOrchestrationStatusAsync`): what
was scheduled becomes a part of the event that completes it, and numbers become names.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .protocol import Event, EventType, decode, timestamp

SCHEDULED = {
    EventType.TASK_COMPLETED: EventType.TASK_SCHEDULED,
    EventType.TASK_FAILED: EventType.TASK_SCHEDULED,
    EventType.SUB_ORCHESTRATION_INSTANCE_COMPLETED: EventType.SUB_ORCHESTRATION_INSTANCE_CREATED,
    EventType.SUB_ORCHESTRATION_INSTANCE_FAILED: EventType.SUB_ORCHESTRATION_INSTANCE_CREATED,
}
WITH_RESULT = {
    EventType.TASK_COMPLETED,
    EventType.SUB_ORCHESTRATION_INSTANCE_COMPLETED,
    EventType.EXECUTION_COMPLETED,
}
LEFT_OUT = {EventType.ORCHESTRATOR_STARTED, EventType.ORCHESTRATOR_COMPLETED}
INTERNAL = {"EventId", "IsPlayed", "TaskScheduledId", "TimerId", "Version"}


def merge(history: list[Event], show_output: bool, show_input: bool) -> list[Event]:
    """Merge the events of one generation.

    Args:
        history: events of the protocol, in order.
        show_output: whether completions have a `Result`.
        show_input: whether events have an `Input`.
    """
    history = _apart(history)
    index_of = {(past["EventType"], past["EventId"]): index for index, past in enumerate(history)}
    shown: dict[int, Event] = {}
    for index, past in enumerate(history):
        if past["EventType"] in LEFT_OUT:
            continue
        cause = index_of.get((SCHEDULED.get(past["EventType"]), past.get("TaskScheduledId")))
        if cause is not None:
            del shown[cause]
        scheduled = None if cause is None else history[cause]
        shown[index] = _shown(past, scheduled, show_output, show_input)
    return list(shown.values())


def _apart(history: list[Event]) -> list[Event]:
    """Put a microsecond between the events: the clock of this host stands still while code runs.

    Readers tell the order of an orchestrator's calls by their times.
    """
    return [
        {**past, "Timestamp": _later(past["Timestamp"], timedelta(microseconds=index))}
        for index, past in enumerate(history)
    ]


def _later(text: str, delay: timedelta) -> str:
    return timestamp(datetime.fromisoformat(text) + delay)


def _shown(past: Event, scheduled: Event | None, show_output: bool, show_input: bool) -> Event:
    event_type = EventType(past["EventType"])
    shown = {name: value for name, value in past.items() if name not in INTERNAL}
    del shown["EventType"]
    if scheduled is not None:
        shown |= {"FunctionName": scheduled["Name"], "ScheduledTime": scheduled["Timestamp"]}
        shown["Input"] = scheduled["Input"]
    if event_type is EventType.EXECUTION_STARTED:
        shown["FunctionName"] = shown.pop("Name")
    if event_type in WITH_RESULT:
        result = shown.pop("Result")
        shown |= {"Result": decode(result)} if show_output else {}
    if not show_input:
        shown.pop("Input", None)
    name = "".join(word.title() for word in event_type.name.split("_"))
    return {"EventType": name, **dict(sorted(shown.items()))}
