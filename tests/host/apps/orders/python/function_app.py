"""Sample app for seeded defects: a chain of activities behind one HTTP function."""

import json

import azure.durable_functions as df
import azure.functions as func

bp = df.Blueprint()
app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
print("imported: this line must not disturb the responses of the worker")


@bp.route(route="orders", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> func.HttpResponse:
    try:
        order = json.loads(req.get_body())
    except ValueError:
        return func.HttpResponse(json.dumps({"error": "no JSON"}), status_code=400)
    instance_id = await client.start_new("process", client_input=order)
    return client.create_check_status_response(req, instance_id)


@bp.orchestration_trigger(context_name="context")
def process(context: df.DurableOrchestrationContext):
    order = context.get_input()
    valid = yield context.call_activity("validate", order)
    if not valid:
        return {"success": False, "reason": "no items"}
    retry = df.RetryOptions(5000, 3)
    try:
        yield context.call_activity_with_retry("pay", retry, order)
    except Exception:
        return {"success": False, "reason": "payment failed"}
    yield context.call_activity("ship", order["id"])
    return {"success": True, "id": order["id"]}


@bp.activity_trigger(input_name="order")
def validate(order: dict) -> bool:
    print("validating")
    return bool(order["items"])


@bp.activity_trigger(input_name="order")
def pay(order: dict) -> dict:
    return {"paid": order["total"]}


@bp.activity_trigger(input_name="order_id")
def ship(order_id: str) -> str:
    return "shipped " + order_id


app.register_functions(bp)
