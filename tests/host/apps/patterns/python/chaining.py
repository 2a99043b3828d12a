"""Chains, fan-out and sub-orchestrations, with the activities that they call."""

import azure.durable_functions as df

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def chaining(context):
    context.set_custom_status("first")
    first = yield context.call_activity("echo", context.get_input())
    context.set_custom_status({"step": "second"})
    second = yield context.call_activity("echo", first)
    nothing = yield context.call_activity("echo")
    return [second, nothing]


@blueprint.orchestration_trigger(context_name="context")
def gather(context):
    tasks = [context.call_activity("double", n) for n in context.get_input()]
    return sum((yield context.task_all(tasks)))


@blueprint.orchestration_trigger(context_name="context")
def parent(context):
    plain = yield context.call_sub_orchestrator("child", {"n": 1})
    named = yield context.call_sub_orchestrator("child", "text", context.instance_id + "-child")
    try:
        yield context.call_sub_orchestrator("child", None)
    except Exception as error:
        return [plain, named, "refused" in str(error)]


@blueprint.orchestration_trigger(context_name="context")
def child(context):
    value = context.get_input()
    if value is None:
        raise ValueError("refused")
    return (yield context.call_activity("echo", value))


@blueprint.orchestration_trigger(context_name="context")
def stranger(context):
    yield context.call_activity("nobody", 1)


@blueprint.orchestration_trigger(context_name="context")
def broken(context):
    yield context.call_activity("echo", 1)
    raise ValueError("broken on purpose")


@blueprint.activity_trigger(input_name="value")
def echo(value):
    return value


@blueprint.activity_trigger(input_name="value")
def double(value: int) -> int:
    return value * 2
