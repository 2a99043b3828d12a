"""Activities that fail and are retried."""

import azure.durable_functions as df

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def retried(context):
    try:
        return (yield context.call_activity_with_retry("flaky", df.RetryOptions(5000, 3), 1))
    except Exception as error:
        return "gave up" if "out of order" in str(error) else str(error)


@blueprint.orchestration_trigger(context_name="context")
def mixed(context):
    results = yield context.task_all(
        [
            context.call_activity_with_retry("flaky", df.RetryOptions(5000, 3), 0),
            context.call_activity("double", 4),
            context.call_activity_with_retry("flaky", df.RetryOptions(1000, 3), 0),
        ]
    )
    last = yield context.call_activity("echo", "last")
    return [results, last]


@blueprint.activity_trigger(input_name="value")
def flaky(value: int) -> str:
    if value:
        raise RuntimeError("out of order")
    return "fine"
