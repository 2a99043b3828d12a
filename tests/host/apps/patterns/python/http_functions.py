"""HTTP functions that start orchestrators, raise events and use entities."""

import json

import azure.durable_functions as df
import azure.functions as func

blueprint = df.Blueprint()


@blueprint.route(route="orchestrators/{name}", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> func.HttpResponse:
    body = req.get_body()
    value = json.loads(body) if body else None
    instance_id = await client.start_new(
        req.route_params["name"], req.params.get("id"), value, req.params.get("version")
    )
    return client.create_check_status_response(req, instance_id)


@blueprint.route(route="instances/{instanceId}/approval", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def approve(req: func.HttpRequest, client) -> func.HttpResponse:
    instance_id = req.route_params["instanceId"]
    status = await client.get_status(instance_id)
    if not status:
        return func.HttpResponse(status_code=404)
    if status.runtime_status is not df.OrchestrationRuntimeStatus.Running:
        return func.HttpResponse(status_code=409)
    await client.raise_event(instance_id, "Approval", json.loads(req.get_body()))
    return func.HttpResponse(status_code=202)


@blueprint.route(route="sales/{sku}", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def sell(req: func.HttpRequest, client) -> func.HttpResponse:
    sku = df.EntityId("Sales", req.route_params["sku"])
    await client.signal_entity(sku, "add", json.loads(req.get_body()))
    return func.HttpResponse(status_code=202)


@blueprint.route(route="sales/{sku}", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def read_sales(req: func.HttpRequest, client) -> func.HttpResponse:
    found = await client.read_entity_state(df.EntityId("Sales", req.route_params["sku"]))
    if not found.entity_exists:
        return func.HttpResponse(status_code=404)
    return func.HttpResponse(json.dumps(found.entity_state), mimetype="application/json")
