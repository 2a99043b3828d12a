"""The orchestrator: validate, then pay, then ship.

It is replayed from its first line whenever a step completes, so it must be deterministic: no
clock, no random values, no environment, no I/O. All of that belongs into activities.
"""

from collections.abc import Generator
from typing import Any, cast

import azure.durable_functions as df

from orders import activities
from orders.models import Order, OrderResult, fulfilled, not_fulfilled

RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def process_order(context: df.DurableOrchestrationContext) -> Generator[Any, Any, OrderResult]:
    """Take one order through its steps, each started when the one before is done."""
    order = cast(Order, context.get_input())

    # A new step is for new instances only: `if context.version != "1.0":` keeps the old path for
    # those that run. See "Change the workflow" in README.md.
    reason = yield context.call_activity(activities.validate_order, order)
    if reason:
        return not_fulfilled(order, reason)

    # The SDK raises a bare Exception when the last attempt of an activity has failed.
    try:
        yield context.call_activity_with_retry(activities.process_payment, RETRY, order)
    except Exception:
        return not_fulfilled(order, "payment failed")

    try:
        yield context.call_activity_with_retry(activities.ship_order, RETRY, order)
    except Exception:
        return not_fulfilled(order, "shipping failed")

    return fulfilled(order)
