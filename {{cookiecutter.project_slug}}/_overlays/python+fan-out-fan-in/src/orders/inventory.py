"""The activity that reserves one item of an order. Replace the placeholder by your own inventory.

The id of the order and the SKU make the idempotency key: the activity may run more than once.
"""

import logging
from typing import TypedDict

import azure.durable_functions as df

from orders.models import OrderItem

logger = logging.getLogger(__name__)

blueprint = df.Blueprint()


class Reservation(TypedDict):
    """An item that is to be reserved for an order."""

    orderId: str
    item: OrderItem


@blueprint.activity_trigger(input_name="reservation")
def reserve_item(reservation: Reservation) -> int:
    """Reserve an item and return its units. This placeholder refuses SKUs that are sold out."""
    item = reservation["item"]
    if item["sku"].startswith("SOLD-OUT"):
        raise ValueError(f"SKU {item['sku']} is sold out")
    logger.info(
        "Reserved %d of %s for order %s", item["quantity"], item["sku"], reservation["orderId"]
    )
    return int(item["quantity"])
