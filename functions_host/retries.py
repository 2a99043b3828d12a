"""The retries of an activity or sub-orchestration.

The timer before the next attempt, and the attempt, take ids before the code resumes and never
show up as actions. One more timer follows the last failed attempt, which fires at once
(`RetryInterceptor` of DurableTask.Core: "dummy timer for back-compat").
"""

from __future__ import annotations

from datetime import timedelta

from .instances import Execution, Task
from .protocol import Event, EventType

FAILURES = (EventType.TASK_FAILED, EventType.SUB_ORCHESTRATION_INSTANCE_FAILED)


def next_task(execution: Execution, task: Task, completion: Event) -> Task | None:
    """The task that follows a completed one: a timer after a failure, an attempt after a timer."""
    if completion["EventType"] in FAILURES and "retryOptions" in task.action:
        return execution.new_task(task.action, retry_of=task)
    if task.retry_of is not None:
        return _next_attempt(execution, task.retry_of)
    return None


def retry_delay(failed: Task) -> timedelta:
    """The time between a failed attempt and the next one; none after the last."""
    options = failed.action["retryOptions"]
    if failed.attempt >= options["maxNumberOfAttempts"]:
        return timedelta()
    growth = (options.get("backoffCoefficient") or 1) ** (failed.attempt - 1)
    delay = options["firstRetryIntervalInMilliseconds"] * growth
    longest = options.get("maxRetryIntervalInMilliseconds") or delay
    return timedelta(milliseconds=min(delay, longest))


def _next_attempt(execution: Execution, failed: Task) -> Task | None:
    if failed.attempt >= failed.action["retryOptions"]["maxNumberOfAttempts"]:
        return None
    return execution.new_task(failed.action, attempt=failed.attempt + 1)
