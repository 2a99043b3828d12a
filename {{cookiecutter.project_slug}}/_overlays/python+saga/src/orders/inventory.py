"""The activities that reserve and release inventory. Replace the placeholders by your own service.

Both may run more than once, so the id of the order is their idempotency key. A release must also
succeed if nothing is reserved any more.
"""

import logging

import azure.durable_functions as df

from orders.models import Order

logger = logging.getLogger(__name__)

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="order")
def reserve_inventory(order: Order) -> None:
    """Reserve all items of an order. This placeholder refuses SKUs that are sold out."""
    for item in order["items"]:
        if item["sku"].startswith("SOLD-OUT"):
            raise ValueError(f"SKU {item['sku']} is sold out")
    logger.info("Reserved %d item(s) for order %s", len(order["items"]), order["id"])


@blueprint.activity_trigger(input_name="order")
def release_inventory(order: Order) -> None:
    """Undo `reserve_inventory`. This placeholder only logs."""
    logger.info("Released %d item(s) of order %s", len(order["items"]), order["id"])
