"""The orchestrator: validate, reserve all items at once, then pay, then ship.

It is replayed from its first line whenever a step completes, so it must be deterministic: no
clock, no random values, no environment, no I/O. All of that belongs into activities.
"""

from collections.abc import Generator
from contextlib import suppress
from typing import Any, cast

import azure.durable_functions as df

from orders import activities, inventory
from orders.models import Order, OrderResult, fulfilled, not_fulfilled

RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)

blueprint = df.Blueprint()


class ReservedOrderResult(OrderResult):
    """The output of a workflow that did all its work; `reserved` counts the units."""

    reserved: int


@blueprint.orchestration_trigger(context_name="context")
def process_order(context: df.DurableOrchestrationContext) -> Generator[Any, Any, OrderResult]:
    """Reserve every item before anything is paid; the workflow releases nothing after a failure."""
    order = cast(Order, context.get_input())

    # A new step is for new instances only: `if context.version != "1.0":` keeps the old path for
    # those that run. See "Change the workflow" in README.md.
    reason = yield context.call_activity(activities.validate_order, order)
    if reason:
        return not_fulfilled(order, reason)

    reservations = [
        context.call_activity_with_retry(
            inventory.reserve_item, RETRY, {"orderId": order["id"], "item": item}
        )
        for item in order["items"]
    ]
    # `task_all` starts them all, and ends with the first failure: the loop waits for the others.
    with suppress(Exception):
        yield context.task_all(reservations)

    reserved = 0
    missing: dict[str, None] = {}  # a set that keeps the order of the items
    for item, reservation in zip(order["items"], reservations, strict=True):
        try:
            reserved += yield reservation
        except Exception:
            missing[item["sku"]] = None
    if missing:
        return not_fulfilled(order, f"not reserved: {', '.join(missing)}")

    # The SDK raises a bare Exception when the last attempt of an activity has failed.
    try:
        yield context.call_activity_with_retry(activities.process_payment, RETRY, order)
    except Exception:
        return not_fulfilled(order, "payment failed")

    try:
        yield context.call_activity_with_retry(activities.ship_order, RETRY, order)
    except Exception:
        return not_fulfilled(order, "shipping failed")

    return ReservedOrderResult(**fulfilled(order), reserved=reserved)
