"""The orchestrator: reserve, pay, ship; when a step fails, undo the completed ones.

It is replayed from its first line whenever a step completes, so it must be deterministic: no
clock, no random values, no environment, no I/O. All of that belongs into activities.
"""

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, cast

import azure.durable_functions as df

from orders import activities, inventory, refunds
from orders.models import Order, OrderResult, fulfilled, not_fulfilled

RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)

blueprint = df.Blueprint()


class SagaFailure(OrderResult):
    """The output of a workflow that ended early: what was undone, and what could not be undone."""

    compensated: list[str]
    notCompensated: list[str]


class Compensation(NamedTuple):
    """What undoes a completed step."""

    name: str
    activity: Callable[..., Any]


class Step(NamedTuple):
    """A step of the saga; the last step needs no compensation."""

    activity: Callable[..., Any]
    failure: str
    compensation: Compensation | None = None


STEPS = [
    Step(
        inventory.reserve_inventory,
        "reservation failed",
        Compensation("inventory", inventory.release_inventory),
    ),
    Step(
        activities.process_payment,
        "payment failed",
        Compensation("payment", refunds.refund_payment),
    ),
    Step(activities.ship_order, "shipping failed"),
]


@blueprint.orchestration_trigger(context_name="context")
def process_order(context: df.DurableOrchestrationContext) -> Generator[Any, Any, OrderResult]:
    """Take one order through its steps; after a failure, undo the completed steps in reverse."""
    order = cast(Order, context.get_input())

    # A new step is for new instances only: `if context.version != "1.0":` keeps the old path for
    # those that run. See "Change the workflow" in README.md.
    reason = yield context.call_activity(activities.validate_order, order)
    if reason:
        return (yield from _compensate(context, order, reason, []))

    completed: list[Compensation] = []
    for step in STEPS:
        # The SDK raises a bare Exception when the last attempt of an activity has failed.
        try:
            yield context.call_activity_with_retry(step.activity, RETRY, order)
        except Exception:
            return (yield from _compensate(context, order, step.failure, completed))
        if step.compensation:
            completed.append(step.compensation)

    return fulfilled(order)


def _compensate(
    context: df.DurableOrchestrationContext,
    order: Order,
    reason: str,
    completed: list[Compensation],
) -> Generator[Any, Any, SagaFailure]:
    """Undo what was completed, the last first. One that fails does not keep the others from it."""
    compensated: list[str] = []
    not_compensated: list[str] = []
    for compensation in reversed(completed):
        try:
            yield context.call_activity_with_retry(compensation.activity, RETRY, order)
        except Exception:
            not_compensated.append(compensation.name)
        else:
            compensated.append(compensation.name)
    return SagaFailure(
        **not_fulfilled(order, reason), compensated=compensated, notCompensated=not_compensated
    )
