"""The orchestrator: validate, pay, ship, then ask for the delivery until it has arrived.

It is replayed from its first line whenever a step completes, so it must be deterministic: no
clock, no random values, no environment, no I/O. All of that belongs into activities.
"""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict, cast

import azure.durable_functions as df

from orders import activities, delivery
from orders.models import Order, OrderResult, fulfilled, not_fulfilled

RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)
POLLING_INTERVAL = timedelta(minutes=30)
DELIVERY_TIMEOUT = timedelta(days=7)

blueprint = df.Blueprint()


class Tracking(TypedDict):
    """What one generation of the workflow hands to the next."""

    deadline: str  # ISO 8601, UTC
    polls: int


class TrackedOrder(Order):
    """The input of the workflow; the first generation has no `tracking`."""

    tracking: NotRequired[Tracking]


@blueprint.orchestration_trigger(context_name="context")
def process_order(
    context: df.DurableOrchestrationContext,
) -> Generator[Any, Any, OrderResult | None]:
    """Ship an order in the first generation, and ask once for its delivery in each generation.

    A generation starts with an empty history, so that days of polling do not add up to a long one.
    """
    order = cast(TrackedOrder, context.get_input())

    # A new step is for new instances only: `if context.version != "1.0":` keeps the old path for
    # those that run. See "Change the workflow" in README.md.
    tracking = order.get("tracking")
    if tracking is None:
        failure = yield from _fulfil(context, order)
        if failure:
            return not_fulfilled(order, failure)
        deadline = context.current_utc_datetime + DELIVERY_TIMEOUT
        tracking = Tracking(deadline=deadline.isoformat(), polls=0)

    poll = tracking["polls"] + 1
    status = yield context.call_activity_with_retry(
        delivery.check_delivery, RETRY, {"orderId": order["id"], "poll": poll}
    )
    context.set_custom_status(status)
    if status == "delivered":
        return fulfilled(order)

    next_poll = context.current_utc_datetime + POLLING_INTERVAL
    if next_poll > datetime.fromisoformat(tracking["deadline"]):
        return not_fulfilled(order, "not delivered within 7 days")
    yield context.create_timer(next_poll)
    context.continue_as_new({**order, "tracking": {**tracking, "polls": poll}})
    return None


def _fulfil(
    context: df.DurableOrchestrationContext, order: TrackedOrder
) -> Generator[Any, Any, str | None]:
    """Validate, pay and ship; return why the order cannot be fulfilled, None if it was."""
    reason = yield context.call_activity(activities.validate_order, order)
    if reason:
        return reason

    # The SDK raises a bare Exception when the last attempt of an activity has failed.
    try:
        yield context.call_activity_with_retry(activities.process_payment, RETRY, order)
    except Exception:
        return "payment failed"

    try:
        yield context.call_activity_with_retry(activities.ship_order, RETRY, order)
    except Exception:
        return "shipping failed"

    return None
