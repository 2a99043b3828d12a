"""The replay helper finds orchestrators that are not deterministic."""

import math
import random
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from replay import NonDeterministicOrchestratorError, Replay


@pytest.mark.parametrize(
    "value",
    [
        lambda: datetime.now(UTC).isoformat(),
        lambda: date.today().isoformat(),
        lambda: str(uuid.uuid4()),
        lambda: random.random(),
    ],
    ids=["clock", "calendar", "uuid", "random"],
)
def test_an_input_that_changes_is_found(value: Callable[[], Any]) -> None:
    def orchestrator(context):
        yield context.call_activity("record", value())

    with pytest.raises(NonDeterministicOrchestratorError, match="step 1 was"):
        Replay(orchestrator, None)


def test_a_branch_on_the_clock_is_found() -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        yield context.call_activity("odd" if datetime.now(UTC).year % 2 else "even")

    run = Replay(orchestrator, None)
    with pytest.raises(NonDeterministicOrchestratorError, match="step 2 was"):
        run.complete()


def test_an_output_that_changes_is_found() -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        return datetime.now(UTC).isoformat()

    run = Replay(orchestrator, None)
    with pytest.raises(NonDeterministicOrchestratorError, match="step 2 was"):
        run.complete()


def test_a_changed_past_is_found() -> None:
    names = iter(["first", "first", "other", "other"])

    def orchestrator(context):
        yield context.call_activity(next(names))
        yield context.call_activity("second")

    run = Replay(orchestrator, None)
    with pytest.raises(NonDeterministicOrchestratorError, match="step 1 was"):
        run.complete()


@pytest.mark.parametrize("value", [object(), math.nan, {"total": math.inf}])
def test_a_value_that_is_not_json_is_found(value: object) -> None:
    def orchestrator(context):
        yield context.call_activity("record", value)

    with pytest.raises((TypeError, ValueError), match=r"not JSON (serializable|compliant)"):
        Replay(orchestrator, None)


def test_the_time_and_the_uuids_of_the_context_are_deterministic() -> None:
    def orchestrator(context):
        yield context.call_activity("first", context.current_utc_datetime.isoformat())
        return [context.new_uuid(), context.new_uuid()]

    run = Replay(orchestrator, None)
    run.complete()

    first, second = run.output
    assert first != second


def test_what_the_helper_does_not_know_is_named() -> None:
    def orchestrator(context):
        yield context.wait_for_external_event("Approval")

    with pytest.raises(AttributeError, match=r"does not know context\.wait_for_external_event yet"):
        Replay(orchestrator, None)
