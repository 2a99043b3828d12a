"""The orchestrator: validate, wait for an approval of large orders, pay, ship.

It is replayed from its first line whenever a step completes, so it must be deterministic: no
clock, no random values, no environment, no I/O. All of that belongs into activities.
"""

from collections.abc import Generator
from datetime import timedelta
from typing import Any, cast

import azure.durable_functions as df

from orders import activities
from orders.approval import APPROVAL_EVENT, Approval, read_approval
from orders.models import Order, OrderResult, fulfilled, not_fulfilled

RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)
APPROVAL_LIMIT = 1_000
APPROVAL_TIMEOUT = timedelta(hours=72)

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def process_order(context: df.DurableOrchestrationContext) -> Generator[Any, Any, OrderResult]:
    """Take one order through its steps; from a total on, somebody has to approve it."""
    order = cast(Order, context.get_input())

    # A new step is for new instances only: `if context.version != "1.0":` keeps the old path for
    # those that run. See "Change the workflow" in README.md.
    reason = yield context.call_activity(activities.validate_order, order)
    if reason:
        return not_fulfilled(order, reason)

    if order["total"] >= APPROVAL_LIMIT:
        approval = yield from _wait_for_approval(context)
        if approval is None:
            context.set_custom_status("approval timed out")
            return not_fulfilled(order, "approval timed out")
        if not approval["approved"]:
            context.set_custom_status("rejected")
            return not_fulfilled(order, f"rejected by {approval['approver']}")
        context.set_custom_status("approved")

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


def _wait_for_approval(
    context: df.DurableOrchestrationContext,
) -> Generator[Any, Any, Approval | None]:
    """Wait for the event or the timeout, whichever comes first; return None after the timeout."""
    context.set_custom_status("waiting for approval")
    event = context.wait_for_external_event(APPROVAL_EVENT)
    timeout: Any = context.create_timer(context.current_utc_datetime + APPROVAL_TIMEOUT)
    winner = yield context.task_any([event, timeout])
    if winner is timeout:
        return None
    timeout.cancel()  # an open timer would keep the workflow running
    return read_approval(event.result)
