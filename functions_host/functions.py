"""The functions of an app: how they are found, called, and replaced by a test."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import UnknownFunctionError
from .protocol import decode
from .worker import Binding, InvocationResult, TypedData, Worker


@dataclass
class Interception:
    """A result instead of an activity's own, for `times` calls (None: all of them).

    `when` limits it to calls whose decoded input it accepts; others do not count.
    """

    result: InvocationResult
    times: int | None
    when: Callable[[Any], bool] | None = None

    def result_for(self, value: Any) -> InvocationResult | None:
        """The result of a call with this input, or None if the app is to be called."""
        if self.times == 0 or (self.when is not None and not self.when(value)):
            return None
        if self.times is not None:
            self.times -= 1
        return self.result


class Functions:
    """Calls the functions of a loaded app and records activities and errors.

    `client` is the value of `durableClient` bindings.
    """

    def __init__(self, worker: Worker) -> None:
        self.client: TypedData | None = None
        self.calls: list[tuple[str, Any]] = []
        self.errors: list[str] = []
        self._worker = worker
        self._interceptions: dict[str, Interception] = {}

    def find(self, name: str, trigger: str) -> Binding:
        """The trigger binding of a function. Raises UnknownFunctionError."""
        for binding in self._worker.functions.get(name, []):
            if binding["type"] == trigger:
                return binding
        raise UnknownFunctionError(name, trigger)

    def find_entity(self, name: str) -> tuple[str, Binding]:
        """Name and trigger of an entity function; entity ids hold the name in lower case.

        Raises UnknownFunctionError.
        """
        for function, bindings in self._worker.functions.items():
            for binding in bindings:
                if binding["type"] == "entityTrigger" and function.lower() == name.lower():
                    return function, binding
        raise UnknownFunctionError(name, "entityTrigger")

    def invoke(self, name: str, trigger: Binding, value: TypedData) -> InvocationResult:
        """Call a function with its trigger's value, and with the durable client if it has one.

        Raises WorkerError when the worker process died.
        """
        inputs = [(trigger["name"], value)]
        for binding in self._worker.functions[name]:
            if binding["type"] == "durableClient" and self.client is not None:
                inputs.append((binding["name"], self.client))
        return self._worker.invoke(name, inputs)

    def invoke_activity(self, name: str, value: Any) -> InvocationResult:
        """Call an activity, or return the result that a test has given for this call."""
        self.calls.append((name, decode(value)))
        interception = self._interceptions.get(name)
        result = interception.result_for(decode(value)) if interception else None
        if result is None:
            data = {"string": value} if isinstance(value, str) else {"json": json.dumps(value)}
            result = self.invoke(name, self.find(name, "activityTrigger"), data)
        self.note_error(name, result.error)
        return result

    def intercept(self, activity: str, interception: Interception) -> None:
        """Give results for calls of an activity; replaces an earlier interception.

        Raises UnknownFunctionError when there is no such activity.
        """
        self.find(activity, "activityTrigger")
        self._interceptions[activity] = interception

    def interception(self, activity: str) -> Interception | None:
        """What is given for the next calls of an activity."""
        return self._interceptions.get(activity)

    def note_error(self, function: str, error: str | None) -> None:
        """Keep the message of a failed call; nothing happens if `error` is None."""
        if error is not None:
            self.errors.append(f"{function}: {error}")
