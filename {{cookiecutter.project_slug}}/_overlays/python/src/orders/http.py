"""The HTTP surface of the order workflow."""

import json
import logging

import azure.durable_functions as df
import azure.functions as func

from orders.models import InvalidRequestError, parse_order

logger = logging.getLogger(__name__)

blueprint = df.Blueprint()


@blueprint.route(route="orders", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def start_order(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    """Start the workflow of one order and answer at once with the URLs to follow it."""
    try:
        order = parse_order(req.get_body())
    except InvalidRequestError as error:
        return error_response(400, str(error))
    instance_id = await client.start_new("process_order", client_input=order)
    logger.info("Started instance %s for order %s", instance_id, order["id"])
    return client.create_check_status_response(req, instance_id)


def error_response(status_code: int, message: str) -> func.HttpResponse:
    """Return a response that tells the caller what is wrong."""
    return json_response(status_code, {"error": message})


def json_response(status_code: int, body: object) -> func.HttpResponse:
    """Return a response with a JSON body."""
    return func.HttpResponse(json.dumps(body), status_code=status_code, mimetype="application/json")
