"""The activity that refunds a payment. Replace the placeholder by a call to your own provider.

It may run more than once, so the id of the order is its idempotency key.
"""

import logging

import azure.durable_functions as df

from orders.models import Order

logger = logging.getLogger(__name__)

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="order")
def refund_payment(order: Order) -> None:
    """Undo `process_payment`. This placeholder only logs."""
    logger.info("Refunded %.2f for order %s", order["total"], order["id"])
