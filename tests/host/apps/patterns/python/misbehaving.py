"""Functions that break a rule of orchestrators, or the worker."""

import os
import time
from datetime import timedelta

import azure.durable_functions as df

blueprint = df.Blueprint()
seen = []


@blueprint.orchestration_trigger(context_name="context")
def changing(context):
    yield context.call_activity("double" if 1 in seen else "remember", 1)
    yield context.call_activity("echo", 1)


@blueprint.orchestration_trigger(context_name="context")
def shrinking(context):
    if 2 in seen:
        return "nothing"
    yield context.call_activity("remember", 2)


@blueprint.orchestration_trigger(context_name="context")
def endless(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=1))
    context.continue_as_new(None)


@blueprint.activity_trigger(input_name="value")
def remember(value: int) -> int:
    seen.append(value)
    return value


@blueprint.activity_trigger(input_name="value")
def die(value) -> str:
    os.write(2, b"last words")
    os._exit(3)


@blueprint.activity_trigger(input_name="value")
def sleep(value) -> str:
    time.sleep(60)
