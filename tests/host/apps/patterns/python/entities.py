"""An entity, and an orchestrator that calls it."""

import azure.durable_functions as df

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def tally(context):
    sku = df.EntityId("Sales", context.get_input())
    context.signal_entity(sku, "add", 2)
    context.signal_entity(sku, "add", 3)
    total = yield context.call_entity(sku, "get")
    try:
        yield context.call_entity(sku, "break")
    except Exception:
        return {"total": total, "failed": True}


@blueprint.entity_trigger(context_name="context", entity_name="Sales")
def Sales(context):
    total = context.get_state(lambda: 0)
    if context.operation_name == "add":
        context.set_state(total + context.get_input())
    elif context.operation_name == "get":
        context.set_result(total)
    else:
        raise ValueError("unknown operation")
