"""The sales: a durable entity for each SKU, and the endpoint that reads it.

An entity processes one operation at a time, so that concurrent orders add up.
"""

import azure.durable_functions as df
import azure.functions as func
from pydantic import TypeAdapter, ValidationError

from orders.http import error_response, json_response
from orders.models import SKU_RULE, Sku

blueprint = df.Blueprint()


def sales_of(sku: str) -> df.EntityId:
    """Return the id of the entity that counts what was sold of a SKU."""
    return df.EntityId("sales", sku)


@blueprint.entity_trigger(context_name="context")
def sales(context: df.DurableEntityContext) -> None:
    """Count the units that were sold of one SKU; the key of the entity is the SKU."""
    if context.operation_name != "add":
        raise ValueError(f"sales have no operation {context.operation_name}")
    sold: int = context.get_state(lambda: 0)
    quantity: int = context.get_input()
    context.set_state(sold + quantity)


@blueprint.route(route="sales/{sku}", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def get_sales(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    """Return how many units of a SKU were sold."""
    try:
        sku = TypeAdapter(Sku).validate_python(req.route_params["sku"])
    except ValidationError:
        return error_response(400, f"sku {SKU_RULE}")
    entity = await client.read_entity_state(sales_of(sku))
    if not entity.entity_exists:
        return error_response(404, "no sales of this SKU")
    return json_response(200, {"sku": sku, "quantity": entity.entity_state})
