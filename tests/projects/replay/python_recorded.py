"""Histories that no example has: `check_history` reads what storage providers may record.

`tests/projects/test_python_projects.py` runs this file in a generated project.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest
import recorded_history
from recorded_history import check_history

START = {
    "EventType": "ExecutionStarted",
    "FunctionName": "work",
    "Timestamp": "2026-01-01T00:00:00Z",
}
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=2)

Check = Callable[..., None]


def at(seconds: float | str) -> str:
    """Return a time after the start; text as it is, for more digits than a number has."""
    text = f"{seconds:010.7f}" if isinstance(seconds, int | float) else seconds
    return f"2026-01-01T00:00:{text}Z"


def done(name: str, scheduled: float | str, ended: float, result: Any = None) -> dict[str, Any]:
    return {
        "EventType": "TaskCompleted",
        "FunctionName": name,
        "ScheduledTime": at(scheduled),
        "Timestamp": at(ended),
        "Result": result,
    }


def failed(name: str, scheduled: float, ended: float) -> dict[str, Any]:
    reason = {"Reason": "no", "Details": "", "FailureDetails": None}
    return done(name, scheduled, ended) | {"EventType": "TaskFailed"} | reason


def timer(kind: str, time: float, fire_at: float) -> dict[str, Any]:
    return {"EventType": kind, "Timestamp": at(time), "FireAt": at(fire_at)}


def end(result: Any = None, status: str = "Completed") -> dict[str, Any]:
    ended = {"EventType": "ExecutionCompleted", "OrchestrationStatus": status, "Result": result}
    return ended | {"Timestamp": at(59)}


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Return a function that compares an orchestrator with events."""
    monkeypatch.setattr(recorded_history, "PROJECT", tmp_path)

    def check_events(
        orchestrator: Callable[..., Any], *events: dict[str, Any], custom_status: Any = None
    ) -> None:
        file = tmp_path / "work.json"
        recording = {"instanceId": "work-1", "customStatus": custom_status}
        recording["historyEvents"] = [START, *events]
        file.write_text(json.dumps(recording), encoding="utf-8")
        check_history(file, {"work": orchestrator})

    return check_events


def both(context):
    tasks = [context.call_activity("a", number) for number in (1, 2)]
    return (yield context.task_all(tasks))


def retried(context):
    yield context.call_activity_with_retry("a", RETRY)


def raced(context):
    timeout = context.create_timer(context.current_utc_datetime + timedelta(seconds=30))
    event = context.wait_for_external_event("Go")
    if (yield context.task_any([event, timeout])) is event:
        timeout.cancel()
    yield context.call_activity("a")


def test_equal_activities_are_told_apart_by_the_time_of_their_call(check: Check) -> None:
    check(both, done("a", 2, 3, "second"), done("a", 1, 4, "first"), end(["first", "second"]))
    with pytest.raises(AssertionError, match=r"returned .* but .* returns"):
        check(both, done("a", 1, 3, "second"), done("a", 2, 4, "first"), end(["first", "second"]))


@pytest.mark.parametrize("first", ["1.0000001", "1.00000"])
def test_all_digits_of_a_time_count(check: Check, first: str) -> None:
    events = done("a", "1.0000002", 3, "second"), done("a", first.zfill(9), 4, "first")
    check(both, *events, end(["first", "second"]))


def test_inputs_count_where_they_are_recorded(check: Check) -> None:
    one, two = ({"Input": json.dumps([json.dumps(number)])} for number in (1, 2))
    check(both, done("a", 1, 3) | one, done("a", 2, 4) | two, end([None, None]))
    check(both, done("a", 1, 3) | {"Input": None}, done("a", 2, 4) | two, end([None, None]))
    with pytest.raises(AssertionError, match=r'called activity "a" with 2, but .* "a" with 1\.'):
        check(both, done("a", 1, 3) | two, done("a", 2, 4) | one, end([None, None]))


@pytest.mark.parametrize(
    ("recorded", "value"),
    [("null", None), ("[null]", None), ('[{"b": 1}]', {"b": 1}), ('{"b": 1}', {"b": 1})],
)
def test_an_input_is_in_a_list_of_one_or_alone(check: Check, recorded: str, value: Any) -> None:
    def orchestrator(input_):
        return lambda context: (yield context.call_activity("a", input_))

    event = done("a", 1, 3) | {"Input": recorded}
    check(orchestrator(value), event, end())
    with pytest.raises(AssertionError, match=r'called activity "a" with .* "a" with "other"\.'):
        check(orchestrator("other"), event, end())


def test_inputs_tell_apart_what_is_called_one_after_the_other(check: Check) -> None:
    def one_by_one(context):
        for number in (1, 2):
            yield context.call_activity("a", number)

    one, two = ({"Input": json.dumps([json.dumps(number)])} for number in (1, 2))
    message = r'\[1\]: .* called activity "a" with 2, but .* waits for activity "a" with 1\.'
    with pytest.raises(AssertionError, match=message):
        check(one_by_one, done("a", 2, 3) | two, done("a", 1, 4) | one, end())
    message = r'\[1\]: .* called activity "a", but .* waits for activity "a" with 1\.'
    with pytest.raises(AssertionError, match=message):
        check(one_by_one, done("a", 2, 3), done("a", 1, 4), end())


def test_two_events_may_come_at_once(check: Check) -> None:
    """The host calls the orchestrator once for both; its calls are recorded after them."""

    def orchestrator(context):
        first = context.call_activity("a")
        second = context.call_activity("b")
        yield first
        third = context.call_activity("c")
        yield context.task_all([second, third])

    check(orchestrator, done("a", 1, 3), done("b", 1.1, 3), done("c", 4, 5), end())


def test_a_running_instance(check: Check) -> None:
    scheduled = {"EventType": "TaskScheduled", "Name": "a", "Timestamp": at(1)}
    check(retried, scheduled)
    with pytest.raises(AssertionError, match=r"was still running, but .* returns null"):
        check(retried, done("a", 1, 2))
    with pytest.raises(
        AssertionError, match=r'historyEvents\[1\]: .* "b", but .* calls activity "a"'
    ):
        check(retried, scheduled | {"Name": "b"})


def test_a_terminated_instance(check: Check) -> None:
    terminated = {"EventType": "ExecutionTerminated", "Input": "no", "Timestamp": at(5)}
    check(raced, timer("TimerCreated", 1, 31), terminated, end("no", status="Terminated"))


def test_a_failed_instance(check: Check) -> None:
    check(retried, *RETRIED, end("Orchestrator function 'work' failed: ...", status="Failed"))
    with pytest.raises(AssertionError, match=r"failed, but .* returns null"):
        check(retried, done("a", 1, 2), end("...", status="Failed"))


def test_the_custom_status_counts_unless_the_instance_has_failed(check: Check) -> None:
    def orchestrator(context):
        context.set_custom_status("paying")
        try:
            yield context.call_activity("a")
        except Exception:
            context.set_custom_status("closed")
            raise

    check(orchestrator, done("a", 1, 2), end(), custom_status="paying")
    check(orchestrator, failed("a", 1, 2), end(status="Failed"), custom_status="closed")
    with pytest.raises(AssertionError, match=r'had the custom status "paid", but .* has "paying"'):
        check(orchestrator, done("a", 1, 2), end(), custom_status="paid")


def test_the_host_ends_an_orchestration_when_its_last_timer_fires(check: Check) -> None:
    def orchestrator(context):
        timeout = context.create_timer(context.current_utc_datetime + timedelta(seconds=30))
        yield context.task_any([context.call_activity("a"), timeout])
        return "done"

    created, fired = timer("TimerCreated", 1, 30.5), timer("TimerFired", 30.5, 30.5)
    check(orchestrator, created, done("a", 0, 2), fired, end("done"))
    with pytest.raises(AssertionError, match=r'returned "done", but .* waits for a timer of'):
        check(orchestrator, created, done("a", 0, 2), end("done"))


RETRIED = (
    failed("a", 1, 2),
    timer("TimerCreated", 3.2, 8),
    timer("TimerFired", 8, 8),
    failed("a", 8.1, 9),
    timer("TimerCreated", 9.1, 9.05),
    timer("TimerFired", 9.2, 9.05),
)


def test_the_orchestrator_may_run_some_time_after_an_attempt_has_failed(check: Check) -> None:
    """The attempt ended at 2 and the orchestrator ran at 3: the pause of 5 s ends at 8."""
    check(retried, *RETRIED, end(status="Failed"))
    late = timer("TimerCreated", 3.2, 9.3)
    with pytest.raises(AssertionError, match=r"paused 6 s after attempt 1 of .* pauses 5 s"):
        check(retried, failed("a", 1, 2.9), late, end(status="Failed"))


def test_the_orchestrator_gets_an_error_when_the_timer_after_the_last_attempt_fires(
    check: Check,
) -> None:
    """What happens until then comes before the calls that follow."""

    def orchestrator(context):
        tasks = [context.call_activity_with_retry(name, RETRY) for name in ("a", "b")]
        try:
            yield context.task_all(tasks)
        except Exception:
            yield context.call_activity("c")

    events = (
        *(failed("a", 1, 2), timer("TimerCreated", 2.2, 7)),
        *(failed("b", 1.1, 2), timer("TimerCreated", 2.3, 7.1)),
        *(timer("TimerFired", 7, 7), timer("TimerFired", 7.1, 7.1)),
        *(failed("a", 7.2, 8), timer("TimerCreated", 8.1, 8)),
        *(failed("b", 7.3, 8), timer("TimerCreated", 8.2, 8.1)),
        timer("TimerFired", 8.3, 8),
    )
    check(orchestrator, *events, done("c", 8.4, 9), timer("TimerFired", 9, 8.1), end())
    check(retried, *RETRIED[:-1])


def test_the_clock_is_that_of_the_recorded_events(check: Check) -> None:
    def after_the_last_attempt(context):
        try:
            yield context.call_activity_with_retry("a", RETRY)
        except Exception:
            yield context.create_timer(context.current_utc_datetime + timedelta(seconds=30))

    due = timer("TimerCreated", 9.3, 39.2), timer("TimerFired", 39.2, 39.2)
    check(after_the_last_attempt, *RETRIED, *due, end())

    def during_a_pause(context):
        tasks = [context.call_activity_with_retry("a", RETRY), context.call_activity("b")]
        yield context.task_any(tasks)
        yield context.create_timer(context.current_utc_datetime + timedelta(seconds=10))

    events = failed("a", 0, 1), timer("TimerCreated", 1.1, 6), done("b", 0.1, 3)
    check(during_a_pause, *events, timer("TimerCreated", 3.1, 13), timer("TimerFired", 6, 6))


def test_the_orchestrator_gets_the_recorded_error(check: Check) -> None:
    def orchestrator(context):
        try:
            yield context.call_activity_with_retry("a", RETRY)
        except Exception as error:
            return str(error)

    error = {"Reason": "sold out", "Details": "at once"}
    events = (*RETRIED[:3], RETRIED[3] | error, *RETRIED[4:])
    check(orchestrator, *events, end("sold out \n at once"))


def test_timers_may_fire_in_another_order(check: Check) -> None:
    def orchestrator(context):
        start = context.current_utc_datetime
        timers = [context.create_timer(start + timedelta(seconds=due)) for due in (20, 21)]
        winner = yield context.task_any(timers)
        yield timers[0]
        return "second" if winner is timers[1] else "first"

    created = timer("TimerCreated", 0.1, 20), timer("TimerCreated", 0.2, 21)
    fired = timer("TimerFired", 22, 21), timer("TimerFired", 22, 20)
    check(orchestrator, *created, *fired, end("second"))


def test_the_next_attempt_has_the_same_input(check: Check) -> None:
    def orchestrator(context):
        tasks = [context.call_activity_with_retry("a", RETRY, 1), context.call_activity("b")]
        yield context.task_any(tasks)
        yield context.call_activity("a", 2)
        return (yield tasks[0])

    one, two = ({"Input": json.dumps([number])} for number in (1, 2))
    check(
        orchestrator,
        failed("a", 0, 1) | one,
        timer("TimerCreated", 1.1, 6),
        done("b", 0.1, 6.05),
        timer("TimerFired", 6.1, 6),
        done("a", 6.2, 7, "other") | two,
        done("a", 6.4, 8, "first") | one,
        end("first"),
    )


def test_a_cancelled_timer_may_still_fire(check: Check) -> None:
    raised = {"EventType": "EventRaised", "Name": "Go", "Input": "null", "Timestamp": at(2)}
    created, fired = timer("TimerCreated", 1, 30.5), timer("TimerFired", 30.5, 30.5)
    check(raced, created, raised, fired, done("a", 3, 40), end())
    check(raced, raised, created, done("a", 3, 40), end())


def test_an_event_that_the_helper_does_not_know(check: Check) -> None:
    created = {"EventType": "SubOrchestrationInstanceCreated", "Timestamp": at(1)}
    with pytest.raises(
        AssertionError, match=r"\[1\]: the replay helper has no SubOrch.* tests/replay"
    ):
        check(retried, created)


def test_events_and_fields_that_do_not_matter(check: Check) -> None:
    suspended = {"EventType": "ExecutionSuspended", "Timestamp": at(2)}
    resumed = {"EventType": "ExecutionResumed", "Timestamp": at(2.5)}
    completed = done("a", 1, 3) | {"Tags": None, "ParentTraceContext": None}
    check(retried, suspended, resumed, completed, end())


def test_a_suspended_orchestrator_gets_nothing(check: Check) -> None:
    def orchestrator(context):
        yield context.call_activity("a")
        yield context.call_activity("b")

    suspended = {"EventType": "ExecutionSuspended", "Timestamp": at(0.5)}
    check(orchestrator, suspended, done("a", 0, 1))
    check(retried, suspended, failed("a", 0, 1))
    with pytest.raises(AssertionError, match=r'called activity "c", but .* calls activity "a"'):
        check(orchestrator, suspended, done("c", 0, 1))


def test_the_instance_has_its_id(check: Check) -> None:
    def orchestrator(context):
        return (yield context.call_activity("a", context.instance_id))

    recorded = done("a", 1, 2, "x") | {"Input": json.dumps(["work-1"])}
    check(orchestrator, recorded, end("x"))


NO_HISTORIES = {
    "a pending instance": '{"historyEvents": null}',
    "no start": json.dumps({"historyEvents": [done("a", 1, 2)]}),
    "no status": "[]",
    "no JSON": "<html>",
}


@pytest.mark.parametrize("text", NO_HISTORIES.values(), ids=NO_HISTORIES)
def test_a_file_that_holds_no_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(recorded_history, "PROJECT", tmp_path)
    file = tmp_path / "empty.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError, match=r"empty\.json is not a recorded history: write"):
        check_history(file, {})
