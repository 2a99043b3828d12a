"""Orchestrators that return the version that they see, and that of their children."""

import azure.durable_functions as df

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def versioned(context):
    inherited = yield context.call_sub_orchestrator("version_of")
    given = yield context.call_sub_orchestrator("version_of", None, None, "1.5")
    return [context.version, inherited, given]


@blueprint.orchestration_trigger(context_name="context")
def version_of(context):
    yield context.call_activity("echo")
    return context.version


@blueprint.orchestration_trigger(context_name="context")
def versioned_generations(context):
    generation = context.get_input() or 1
    if generation == 1:
        context.continue_as_new(2)
        return None
    yield context.call_activity("echo")
    return context.version
