"""The activity that asks for a delivery. Replace the placeholder by a call to your own carrier."""

import logging
from typing import Literal, TypedDict

import azure.durable_functions as df

logger = logging.getLogger(__name__)

blueprint = df.Blueprint()


class DeliveryCheck(TypedDict):
    """The order that is under way, and which poll this is, from 1 on."""

    orderId: str
    poll: int


@blueprint.activity_trigger(input_name="check")
def check_delivery(check: DeliveryCheck) -> Literal["in transit", "delivered"]:
    """Return where an order is. This placeholder delivers it at the third poll."""
    status = "delivered" if check["poll"] >= 3 else "in transit"
    logger.info("Order %s is %s", check["orderId"], status)
    return status
