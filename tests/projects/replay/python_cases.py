"""The replay helper of the Python projects: what it shows, and which orchestrators it refuses.

`tests/projects/test_python_projects.py` runs this file in a generated project.
"""

import contextlib
import itertools
import math
import random
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import azure.durable_functions as df
import pytest
from replay import (
    Activity,
    Event,
    NonDeterministicOrchestratorError,
    Replay,
    Retry,
    Signal,
    Timer,
)

RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)
HOUR = timedelta(hours=1)

CHANGING = {
    "clock": lambda: datetime.now(UTC).isoformat(),
    "calendar": lambda: date.today().isoformat(),
    "uuid": lambda: str(uuid.uuid4()),
    "random": random.random,
}
changing = pytest.mark.parametrize("value", CHANGING.values(), ids=CHANGING)


def found_at(step: int) -> Any:
    return pytest.raises(NonDeterministicOrchestratorError, match=f"^step {step} was")


@changing
def test_an_input_that_changes(value: Callable[[], Any]) -> None:
    def orchestrator(context):
        yield context.call_activity("record", value())

    with found_at(1):
        Replay(orchestrator, None)


@changing
def test_a_custom_status_that_changes(value: Callable[[], Any]) -> None:
    def orchestrator(context):
        context.set_custom_status(value())
        yield context.call_activity("first")

    with pytest.raises(NonDeterministicOrchestratorError, match=r"^custom_status was"):
        Replay(orchestrator, None)


@changing
def test_a_signal_that_changes(value: Callable[[], Any]) -> None:
    def orchestrator(context):
        context.signal_entity(df.EntityId("counter", "a"), "add", value())
        yield context.call_activity("first")

    with found_at(1):
        Replay(orchestrator, None)


@changing
def test_a_next_input_that_changes(value: Callable[[], Any]) -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        context.continue_as_new(value())

    run = Replay(orchestrator, None)
    with found_at(2):
        run.complete()


@changing
def test_an_output_that_changes(value: Callable[[], Any]) -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        return value()

    run = Replay(orchestrator, None)
    with pytest.raises(NonDeterministicOrchestratorError, match=r"^output was"):
        run.complete()


def test_a_timer_on_the_clock() -> None:
    def orchestrator(context):
        yield context.create_timer(datetime.now(UTC) + HOUR)

    with found_at(1):
        Replay(orchestrator, None)


def test_a_timer_that_is_cancelled_by_chance() -> None:
    cancels = itertools.cycle([True, False])

    def orchestrator(context):
        timer = context.create_timer(context.current_utc_datetime + HOUR)
        event = context.wait_for_external_event("Answer")
        yield context.task_any([event, timer])
        if next(cancels):
            timer.cancel()

    run = Replay(orchestrator, None)
    with pytest.raises(NonDeterministicOrchestratorError, match=r"^cancelled was"):
        run.raise_event("Answer")


def test_a_branch_on_the_clock() -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        yield context.call_activity("odd" if datetime.now(UTC).year % 2 else "even")

    run = Replay(orchestrator, None)
    with found_at(2):
        run.complete()


def test_parallel_calls_whose_order_changes() -> None:
    orders = itertools.cycle([("a", "b"), ("b", "a")])

    def orchestrator(context):
        yield context.task_all([context.call_activity(name) for name in next(orders)])

    with found_at(1):
        Replay(orchestrator, None)


def test_a_past_that_changes() -> None:
    names = iter(["first", "first", "other", "other"])

    def orchestrator(context):
        yield context.call_activity(next(names))
        yield context.call_activity("second")

    run = Replay(orchestrator, None)
    with found_at(1):
        run.complete()


def test_a_step_that_is_missing_when_replayed() -> None:
    ends = iter([False, False, True, True])

    def orchestrator(context):
        if next(ends):
            return
        yield context.call_activity("first")

    run = Replay(orchestrator, None)
    with found_at(1):
        run.complete()


@pytest.mark.parametrize("kind", ["activity", "retried activity", "timer", "event"])
def test_a_forgotten_yield(kind: str) -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        match kind:
            case "activity":
                context.call_activity("forgotten", 1)
            case "retried activity":
                context.call_activity_with_retry("forgotten", RETRY, 1)
            case "timer":
                context.create_timer(context.current_utc_datetime)
            case "event":
                context.wait_for_external_event("forgotten")

    run = Replay(orchestrator, None)
    with pytest.raises(AssertionError, match="has no `yield`"):
        run.complete()


def test_of_two_equal_calls_one_has_no_yield() -> None:
    def orchestrator(context):
        context.call_activity("same")
        yield context.call_activity("same")

    run = Replay(orchestrator, None)
    with pytest.raises(AssertionError, match="has no `yield`"):
        run.complete()


def test_a_timer_that_nobody_cancels() -> None:
    def orchestrator(context):
        timer = context.create_timer(context.current_utc_datetime + HOUR)
        yield context.task_any([context.wait_for_external_event("Answer"), timer])
        return "answered"

    run = Replay(orchestrator, None)
    run.raise_event("Answer")
    with pytest.raises(AssertionError, match=r"has returned, but Timer.* is still open"):
        assert run.output
    run.fire_timer()
    assert run.output == "answered"


def test_an_activity_that_nobody_waits_for() -> None:
    def orchestrator(context):
        yield context.task_any([context.call_activity("fast"), context.call_activity("slow")])
        return "done"

    run = Replay(orchestrator, None)
    run.complete(of=Activity("fast", None))
    with pytest.raises(AssertionError, match=r"Activity\(name='slow'.* is still open"):
        assert run.output
    run.complete(of=Activity("slow", None))
    assert run.output == "done"


def test_an_orchestration_without_end() -> None:
    def orchestrator(context):
        yield context.call_activity("again")
        context.continue_as_new(context.get_input() + 1)

    with pytest.raises(AssertionError, match="has not ended after 1000 steps"):
        Replay(orchestrator, 0).run({"again": lambda _: None})


def test_an_orchestration_that_waits_for_an_event_does_not_run_to_its_end() -> None:
    def orchestrator(context):
        yield context.wait_for_external_event("Answer")

    with pytest.raises(AssertionError, match=r"still waits for \[Event\(name='Answer'\)\]"):
        Replay(orchestrator, None).run({})


@pytest.mark.parametrize("value", [object(), math.nan, {"total": math.inf}])
def test_an_output_that_is_not_json(value: object) -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        return value

    run = Replay(orchestrator, None)
    with pytest.raises((TypeError, ValueError), match="JSON"):
        run.complete()


def test_an_error_of_the_orchestrator_is_shown_as_it_was_raised() -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        raise KeyError("missing")

    run = Replay(orchestrator, None)
    with pytest.raises(KeyError, match="missing"):
        run.complete()


def test_the_time_and_the_uuids_of_the_context_are_deterministic() -> None:
    def orchestrator(context):
        yield context.call_activity("first", context.current_utc_datetime.isoformat())
        return [context.new_uuid(), context.new_uuid()]

    run = Replay(orchestrator, None)
    run.complete()

    first, second = run.output
    assert first != second


def test_the_time_moves_with_timers_and_pauses() -> None:
    def orchestrator(context):
        yield context.call_activity_with_retry("first", RETRY)
        yield context.create_timer(context.current_utc_datetime + HOUR)
        return context.current_utc_datetime.isoformat()

    run = Replay(orchestrator, None)
    start = run.now
    run.fail()
    run.complete()
    due = start + timedelta(seconds=5) + HOUR
    assert run.waits_for == [Timer(due)]
    run.fire_timer()
    assert run.now == due
    assert run.output == due.isoformat()


def test_retries_of_parallel_calls_do_not_mix() -> None:
    def orchestrator(context):
        calls = [context.call_activity_with_retry(name, RETRY, name) for name in "ab"]
        results = []
        for call in calls:
            with contextlib.suppress(Exception):
                yield context.task_all(calls)
            try:
                results.append((yield call))
            except Exception as error:
                results.append(str(error).split()[0])
        return results

    run = Replay(orchestrator, None)
    a, b = (Activity(name, name, Retry(3, 5_000)) for name in "ab")
    run.fail("a1", of=a)
    run.fail("b1", of=b)
    run.fail("a2", of=a)
    run.complete("B", of=b)
    assert run.waits_for == [a]
    run.fail("a3", of=a)
    assert run.output == ["a3", "B"]


def test_the_error_of_an_activity_reaches_the_orchestrator() -> None:
    def orchestrator(context):
        try:
            yield context.call_activity("first")
        except Exception as error:
            return "no stock" in str(error)

    run = Replay(orchestrator, None)
    run.fail("no stock")

    assert run.output is True


def test_events_that_come_early_are_kept() -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        answer = yield context.wait_for_external_event("Answer")
        other = yield context.wait_for_external_event("Other")
        return [answer, other]

    run = Replay(orchestrator, None)
    run.raise_event("Answer", 1)
    run.complete()
    assert run.waits_for == [Event("Other")]
    run.raise_event("Other", 2)
    assert run.output == [1, 2]


def test_the_next_generation_starts_with_its_input_and_without_a_past() -> None:
    def orchestrator(context):
        count = context.get_input()
        context.set_custom_status(f"generation {count}")
        if count == 3:
            return count
        yield context.call_activity("work", count)
        context.continue_as_new(count + 1)

    run = Replay(orchestrator, 1)
    assert run.continued_as_new is None
    run.complete()
    assert run.continued_as_new == 2
    with pytest.raises(AssertionError, match="continues as new"):
        assert run.output
    run.start_next_generation()
    assert run.custom_status == "generation 2"
    assert run.waits_for == [Activity("work", 2)]
    assert run.run({"work": lambda _: None}) == 3


def test_signals_are_listed_and_nobody_waits_for_them() -> None:
    def orchestrator(context):
        context.signal_entity(df.EntityId("Counter", "a@b"), "add", {"by": 2})
        context.signal_entity(df.EntityId("Counter", "c"), "reset")
        yield context.call_activity("first")

    run = Replay(orchestrator, None)
    assert run.signals == [
        Signal("counter", "a@b", "add", {"by": 2}),
        Signal("counter", "c", "reset", None),
    ]
    run.complete()
    assert run.output is None


def test_what_is_not_open_cannot_end() -> None:
    def orchestrator(context):
        yield context.task_all([context.call_activity(name) for name in "ab"])

    run = Replay(orchestrator, None)
    with pytest.raises(AssertionError, match="name the activity with `of`"):
        run.complete()
    with pytest.raises(AssertionError, match=r"'other'.* is not open"):
        run.complete(of=Activity("other", None))
    with pytest.raises(AssertionError, match="no timer is open"):
        run.fire_timer()
    with pytest.raises(AssertionError, match="has not continued as new"):
        run.start_next_generation()
    with pytest.raises(AssertionError, match="still waits for"):
        assert run.output


def test_a_call_that_the_helper_does_not_support_is_named() -> None:
    def orchestrator(context):
        yield context.call_sub_orchestrator("other")

    with pytest.raises(NotImplementedError, match="add CALL_SUB_ORCHESTRATOR to _parse_step"):
        Replay(orchestrator, None)
