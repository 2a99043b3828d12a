"""The history that the management API shows, in the words of the Durable extension.

Source of the expectations: `DurableClient.GetDurableOrchestrationStatusAsync` of
azure-functions-durable-extension, and the example of "HTTP API reference" on learn.microsoft.com.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions_host.agenda import START
from functions_host.histories import execution_ended
from functions_host.instances import ExecutionOutcome
from functions_host.merged_histories import merge
from functions_host.protocol import Event, EventType, event


def at(microseconds: int) -> str:
    """Return a time of the virtual clock; events are a microsecond apart."""
    return f"2026-01-01T00:00:00.{microseconds:06}Z"


def raw(event_type: EventType, event_id: int = -1, **more: Any) -> Event:
    """Return an event of the protocol at the start of the virtual clock."""
    return event(event_type, START, event_id, **more)


STARTED = raw(EventType.EXECUTION_STARTED, Name="hello", Version="1.0", Input='"Tokyo"')
SCHEDULED = raw(EventType.TASK_SCHEDULED, 0, Name="greet", Input='["Tokyo"]')
COMPLETED = raw(EventType.TASK_COMPLETED, TaskScheduledId=0, Result='"Hello"')
FAILED = raw(EventType.TASK_FAILED, TaskScheduledId=0, Reason="no", Details="")


def test_a_completion_takes_over_what_was_scheduled() -> None:
    episode = raw(EventType.ORCHESTRATOR_STARTED), raw(EventType.ORCHESTRATOR_COMPLETED)
    history = [episode[0], STARTED, SCHEDULED, episode[1], episode[0], COMPLETED]
    assert merge(history, show_output=True, show_input=True) == [
        {
            "EventType": "ExecutionStarted",
            "FunctionName": "hello",
            "Input": '"Tokyo"',
            "Timestamp": at(1),
        },
        {
            "EventType": "TaskCompleted",
            "FunctionName": "greet",
            "Input": '["Tokyo"]',
            "Result": "Hello",
            "ScheduledTime": at(2),
            "Timestamp": at(5),
        },
    ]


def test_what_has_not_ended_remains() -> None:
    second = SCHEDULED | {"EventId": 1, "Name": "wave"}
    shown = merge([SCHEDULED, second, FAILED], show_output=True, show_input=True)
    assert [(each["EventType"], each.get("Name")) for each in shown] == [
        ("TaskScheduled", "wave"),
        ("TaskFailed", None),
    ]
    assert "Result" not in shown[1]
    assert (shown[1]["Reason"], shown[1]["ScheduledTime"]) == ("no", at(0))


def test_a_retry_is_another_task() -> None:
    again = SCHEDULED | {"EventId": 2}
    history = [SCHEDULED, FAILED, again, COMPLETED | {"TaskScheduledId": 2}]
    shown = merge(history, show_output=True, show_input=True)
    assert [each["EventType"] for each in shown] == ["TaskFailed", "TaskCompleted"]
    assert [each["ScheduledTime"] for each in shown] == [at(0), at(2)]


def test_inputs_and_outputs_are_shown_when_asked_for() -> None:
    end = execution_ended(ExecutionOutcome("Completed", {"ok": True}), START)
    history = [STARTED, SCHEDULED, COMPLETED, *end]
    shown = merge(history, show_output=False, show_input=False)
    assert [each["EventType"] for each in shown] == [
        "ExecutionStarted",
        "TaskCompleted",
        "ExecutionCompleted",
    ]
    assert not any({"Input", "Result"} & {*each} for each in shown)


def test_timers_remain_and_lose_their_ids() -> None:
    created = raw(EventType.TIMER_CREATED, 3, FireAt=at(9))
    fired = raw(EventType.TIMER_FIRED, TimerId=3, FireAt=at(9))
    assert merge([created, fired], show_output=True, show_input=True) == [
        {"EventType": "TimerCreated", "FireAt": at(9), "Timestamp": at(0)},
        {"EventType": "TimerFired", "FireAt": at(9), "Timestamp": at(1)},
    ]


def test_sub_orchestrations_have_the_names_of_the_extension() -> None:
    created = raw(EventType.SUB_ORCHESTRATION_INSTANCE_CREATED, 0, Name="part", Input="[1]")
    ended = raw(EventType.SUB_ORCHESTRATION_INSTANCE_COMPLETED, TaskScheduledId=0, Result="2")
    (shown,) = merge([created, ended], show_output=True, show_input=True)
    assert shown["EventType"] == "SubOrchestrationInstanceCompleted"
    assert (shown["FunctionName"], shown["Result"]) == ("part", 2)


@pytest.mark.parametrize(
    ("status", "output", "result"),
    [("Completed", [1], [1]), ("Completed", None, None), ("Failed", "not JSON: {", "not JSON: {")],
)
def test_an_end_has_its_output_as_a_value(status: str, output: Any, result: Any) -> None:
    (end,) = merge(execution_ended(ExecutionOutcome(status, output), START), True, True)
    assert (end["EventType"], end["OrchestrationStatus"]) == ("ExecutionCompleted", status)
    assert end["Result"] == result


def test_a_terminated_instance_has_two_events() -> None:
    terminated, end = merge(
        execution_ended(ExecutionOutcome("Terminated", "no"), START), True, True
    )
    assert (terminated["EventType"], terminated["Input"]) == ("ExecutionTerminated", "no")
    assert end["OrchestrationStatus"] == "Terminated"


def test_the_history_itself_is_not_changed() -> None:
    history = [STARTED, SCHEDULED, COMPLETED]
    before = json.dumps(history)
    merge(history, show_output=False, show_input=False)
    assert json.dumps(history) == before
