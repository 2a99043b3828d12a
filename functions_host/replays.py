"""Calls orchestrators with their history, and finds those that do not repeat themselves.

Every episode calls the code twice: both decisions must be equal, and must repeat the actions that
earlier episodes have recorded.
"""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

from .errors import NonDeterminismError
from .functions import Functions
from .instances import Instance
from .protocol import (
    LONG_TIMER_INTERVAL,
    MAXIMUM_SHORT_TIMER,
    Action,
    Decision,
    Event,
    describe,
    read_decision,
    signature,
)
from .worker import Binding, TypedData

REPLAY_GAP_SECONDS = 0.002


class Replays:
    """Asks orchestrators what to do next."""

    def __init__(self, functions: Functions, long_timers: bool) -> None:
        self._functions = functions
        self._long_timers = long_timers

    def decide(self, instance: Instance, history: list[Event]) -> Decision:
        """Call the orchestrator twice with one history.

        Raises:
            NonDeterminismError: the decisions differ, or do not repeat the recorded actions.
        """
        trigger = self._functions.find(instance.name, "orchestrationTrigger")
        payload = {"string": json.dumps(self._payload(instance, history))}
        first = self._call(instance, trigger, payload)
        time.sleep(REPLAY_GAP_SECONDS)  # the wall clock of the app must have moved on
        second = self._call(instance, trigger, payload)
        if first != second:
            raise NonDeterminismError(
                f"instance {instance.id} ({instance.name}) made two decisions for one history: "
                + _difference(first, second)
            )
        _compare_with_record(instance, first.actions)
        return first

    def _payload(self, instance: Instance, history: list[Event]) -> dict[str, Any]:
        payload = {
            "history": history,
            "input": instance.execution.input,
            "instanceId": instance.id,
            "isReplaying": len(history) > 2,
            "parentInstanceId": instance.parent[0].id if instance.parent else None,
            "upperSchemaVersion": 2,
            "upperSchemaVersionNew": 3,
            "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
        }
        if self._long_timers:
            payload["maximumShortTimerDuration"] = MAXIMUM_SHORT_TIMER
            payload["longRunningTimerIntervalDuration"] = LONG_TIMER_INTERVAL
        return payload

    def _call(self, instance: Instance, trigger: Binding, payload: TypedData) -> Decision:
        result = self._functions.invoke(instance.name, trigger, payload)
        return read_decision((result.value or {}).get("json"), result.error)


def _compare_with_record(instance: Instance, actions: list[Action]) -> None:
    """Compare the recorded actions with the new ones; fewer actions are an error as well."""
    where = f"instance {instance.id} ({instance.name})"
    for index, (action, _) in enumerate(instance.execution.actions):
        if index >= len(actions):
            raise NonDeterminismError(f"{where} no longer asks to {describe(action)}")
        if signature(action) != signature(actions[index]):
            raise NonDeterminismError(
                f"{where} asked to {describe(action)}, in a replay to {describe(actions[index])}"
            )


def _difference(first: Decision, second: Decision) -> str:
    for one, two in itertools.zip_longest(first.actions, second.actions):
        if one != two:
            return f"{describe(one or two)} was {json.dumps(one)}, then {json.dumps(two)}"
    names = ("is_done", "output", "error", "custom_status")
    changed = [name for name in names if getattr(first, name) != getattr(second, name)]
    return ", ".join(
        f"{name} was {getattr(first, name)!r}, then {getattr(second, name)!r}" for name in changed
    )
