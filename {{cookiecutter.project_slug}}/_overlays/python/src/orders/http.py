"""The HTTP surface of the order workflow."""

import json

import azure.durable_functions as df
import azure.functions as func

from orders.models import InvalidOrderError, parse_order

blueprint = df.Blueprint()


@blueprint.route(route="orders", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def start_order(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    """Start the workflow of one order and answer at once with the URLs to follow it."""
    try:
        order = parse_order(req.get_body())
    except InvalidOrderError as error:
        return _bad_request(error)
    instance_id = await client.start_new("process_order", client_input=order)
    return client.create_check_status_response(req, instance_id)


def _bad_request(error: InvalidOrderError) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps({"error": str(error)}), status_code=400, mimetype="application/json"
    )
