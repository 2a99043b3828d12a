"""Events, timers, and orchestrators that continue as new."""

import json
from datetime import timedelta

import azure.durable_functions as df

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def race(context):
    deadline = context.current_utc_datetime + timedelta(hours=72)
    timeout = context.create_timer(deadline)
    approval = context.wait_for_external_event("Approval")
    context.set_custom_status("waiting")
    winner = yield context.task_any([approval, timeout])
    if winner == timeout:
        return "timed out"
    if context.get_input() != "careless":
        timeout.cancel()
    data = approval.result
    return json.loads(data) if isinstance(data, str) else data


@blueprint.orchestration_trigger(context_name="context")
def raw_event(context):
    return [(yield context.wait_for_external_event("Approval"))]


@blueprint.orchestration_trigger(context_name="context")
def long_wait(context):
    begin = context.current_utc_datetime
    yield context.create_timer(begin + timedelta(days=10))
    yield context.call_activity("echo", "after")
    return (context.current_utc_datetime - begin).days


@blueprint.orchestration_trigger(context_name="context")
def counter(context):
    state = context.get_input()
    context.set_custom_status("round " + str(state["round"]))
    yield context.create_timer(context.current_utc_datetime + timedelta(minutes=30))
    if state["round"] < 3:
        context.continue_as_new({"round": state["round"] + 1})
        return
    return state["round"]


@blueprint.orchestration_trigger(context_name="context")
def keeper(context):
    so_far = context.get_input()
    if not so_far:
        context.set_custom_status("first generation")
    data = yield context.wait_for_external_event("Approval")
    so_far = [*so_far, json.loads(data) if isinstance(data, str) else data]
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=1))
    if len(so_far) < 3:
        context.continue_as_new(so_far)
        return
    return so_far


@blueprint.orchestration_trigger(context_name="context")
def collector(context):
    so_far = context.get_input()
    data = yield context.wait_for_external_event("Approval")
    so_far = [*so_far, json.loads(data) if isinstance(data, str) else data]
    if len(so_far) < 3:
        context.continue_as_new(so_far)
        return
    return so_far
