"""The approval of an order: its shape, and the endpoint that hands it to the waiting workflow."""

import json
import logging
from typing import Annotated
from urllib.parse import quote

import azure.durable_functions as df
import azure.functions as func
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from orders.http import error_response
from orders.models import NAME_RULE, InvalidRequestError, Name, parse_body

APPROVAL_EVENT = "Approval"
APPROVAL_RULES = {"approved": "must be true or false", "approver": NAME_RULE}
ENDED = {
    df.OrchestrationRuntimeStatus.Completed,
    df.OrchestrationRuntimeStatus.Failed,
    df.OrchestrationRuntimeStatus.Terminated,
    df.OrchestrationRuntimeStatus.Canceled,
}

logger = logging.getLogger(__name__)

blueprint = df.Blueprint()


class Approval(TypedDict):
    """What somebody decided about an order."""

    approved: Annotated[bool, Field(strict=True)]
    approver: Name


def read_approval(event: object) -> Approval:
    """Return the data of an approval event; the client of the Python SDK sends it as JSON text.

    Raises pydantic's ValidationError for anything else: events can come from other clients, too.
    """
    data = json.loads(event) if isinstance(event, str) else event
    return TypeAdapter(Approval).validate_python(data)


@blueprint.route(route="orders/{instanceId}/approval", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def approve_order(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    """Approve or reject an order; the workflow takes the first approval that it gets."""
    try:
        approval = parse_body(req.get_body(), TypeAdapter(Approval), APPROVAL_RULES)
    except InvalidRequestError as error:
        return error_response(400, str(error))
    instance_id = quote(req.route_params["instanceId"], safe="")  # the SDK makes a URL of it

    if refusal := await _refusal(client, instance_id):
        return refusal
    try:
        await client.raise_event(instance_id, APPROVAL_EVENT, approval)
    except Exception:
        # It may have ended in the meantime; the SDK raises nothing more specific.
        if refusal := await _refusal(client, instance_id):
            return refusal
        raise
    logger.info("%s decided about instance %s", approval["approver"], instance_id)
    return func.HttpResponse(status_code=202)


async def _refusal(
    client: df.DurableOrchestrationClient, instance_id: str
) -> func.HttpResponse | None:
    """Return the response for a workflow that cannot be approved, None if it can."""
    status = await client.get_status(instance_id)
    if status.runtime_status is None:
        # The SDK reads failures of the host, too. Only the response for an unknown id has no body.
        if getattr(status, "message", None) != "":
            raise RuntimeError(f"the status of instance {instance_id} could not be read")
        return error_response(404, "no order workflow has this id")
    if status.runtime_status in ENDED:
        return error_response(409, "the order workflow has ended")
    return None
