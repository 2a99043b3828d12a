"""The activities: the only place for I/O. Replace the placeholders by calls to your own services.

Durable Functions runs an activity at least once, so a call that moves money or goods needs an
idempotency key. The id of the order is one.
"""

import logging

import azure.durable_functions as df

from orders.models import Order

PAYMENT_LIMIT = 10_000

logger = logging.getLogger(__name__)

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="order")
def validate_order(order: Order) -> str | None:
    """Return the reason why the order cannot be processed, or None."""
    if not order["items"]:
        return "order has no items"
    if order["total"] <= 0:
        return "total must be greater than 0"
    return None


@blueprint.activity_trigger(input_name="order")
def process_payment(order: Order) -> None:
    """Charge the total. This placeholder refuses totals above the limit, to show a failure."""
    if order["total"] > PAYMENT_LIMIT:
        raise ValueError(f"the payment provider refuses totals above {PAYMENT_LIMIT}")
    logger.info("Charged %.2f for order %s", order["total"], order["id"])


@blueprint.activity_trigger(input_name="order")
def ship_order(order: Order) -> None:
    """Hand the order to the carrier. This placeholder only logs."""
    logger.info("Shipped order %s with %d item(s)", order["id"], len(order["items"]))
