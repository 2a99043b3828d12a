"""What the replay helper finds: an orchestrator that would break when the host replays it."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from replay import NonDeterministicOrchestratorError, Replay


@pytest.mark.parametrize(
    "value", [lambda: datetime.now(UTC).isoformat(), random.random], ids=["clock", "random"]
)
def test_a_value_that_changes(value: Callable[[], object]) -> None:
    def orchestrator(context):
        yield context.call_activity("record", value())

    with pytest.raises(NonDeterministicOrchestratorError, match="step 1 was"):
        Replay(orchestrator, None)


def test_a_branch_on_the_clock() -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        yield context.call_activity("odd" if datetime.now(UTC).year % 2 else "even")

    run = Replay(orchestrator, None)
    with pytest.raises(NonDeterministicOrchestratorError, match="step 2 was"):
        run.complete()


def test_a_forgotten_yield() -> None:
    def orchestrator(context):
        yield context.call_activity("first")
        context.call_activity("second")

    run = Replay(orchestrator, None)
    with pytest.raises(AssertionError, match=r"'second'.* has no `yield`"):
        run.complete()


def test_a_timer_that_nobody_cancels() -> None:
    def orchestrator(context):
        timeout = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        yield context.task_any([context.wait_for_external_event("Answer"), timeout])

    run = Replay(orchestrator, None)
    run.raise_event("Answer")
    with pytest.raises(AssertionError, match=r"Timer.* is still open"):
        assert run.output
