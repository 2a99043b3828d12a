"""Entities: their state, signals, and calls from orchestrators."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .agenda import Agenda
from .functions import Functions
from .histories import event_raised
from .instances import Execution, Instance
from .protocol import Action, ActionType, Event, entity_id, kind, new_id

Caller = tuple[Instance, Execution]
Request = dict[str, Any]


@dataclass
class Entity:
    """The state of an entity as JSON text."""

    state: str | None = None
    exists: bool = False


class Entities:
    """Executes operations of entities, one after the other."""

    def __init__(
        self,
        agenda: Agenda,
        functions: Functions,
        deliver: Callable[[Instance, Execution, Event], None],
    ) -> None:
        self._agenda = agenda
        self._functions = functions
        self._deliver = deliver
        self._entities: dict[tuple[str, str], Entity] = {}

    def find(self, name: str, key: str) -> Entity | None:
        """The entity, or None when it does not exist. Names ignore case."""
        entity = self._entities.get((name.lower(), key))
        return entity if entity is not None and entity.exists else None

    def states(self) -> list[tuple[str, str, Any]]:
        """Name, key and state of each entity that exists."""
        return [
            (name, key, json.loads(entity.state or "null"))
            for (name, key), entity in list(self._entities.items())
            if entity.exists
        ]

    def signal(self, name: str, key: str, operation: str, value: Any) -> None:
        """Send a one-way operation. Raises UnknownFunctionError."""
        self._functions.find_entity(name)
        self._send(name, key, _request(operation, value, is_signal=True, id_=new_id()), None)

    def send(self, action: Action, caller: Caller, id_: str) -> Request:
        """Send the operation that an orchestrator asks for, and return the request.

        The result of a call is an event that has the id of the request as its name.
        """
        name, key = entity_id(action["instanceId"])
        is_signal = kind(action) is ActionType.SIGNAL_ENTITY
        request = _request(action["operation"], action.get("input"), is_signal, id_)
        self._send(name, key, request, None if is_signal else caller)
        return request

    def _send(self, name: str, key: str, request: Request, caller: Caller | None) -> None:
        self._agenda.add(partial(self._run, name.lower(), key, request, caller))

    def _run(self, name: str, key: str, request: Request, caller: Caller | None) -> None:
        self._agenda.count_step(f"entity {name} {key}")
        entity = self._entities.setdefault((name, key), Entity())
        function, trigger = self._functions.find_entity(name)
        payload = {
            "self": {"name": name, "key": key},
            "exists": entity.exists,
            "state": entity.state,
            "batch": [request],
        }
        invoked = self._functions.invoke(function, trigger, {"string": json.dumps(payload)})
        if invoked.error is None:
            batch = json.loads((invoked.value or {}).get("json") or "{}")
            result = self._take_over(entity, batch)
        else:
            result = {"isError": True, "result": json.dumps(invoked.error)}
        if result["isError"]:
            error = str(result.get("result"))
            self._functions.note_error(f"{function}.{request['name']}", error)
        if caller is not None:
            self._respond(request, result, caller)

    def _take_over(self, entity: Entity, batch: dict[str, Any]) -> dict[str, Any]:
        """Keep the new state, send the signals, and return the result of the operation."""
        entity.exists = bool(batch.get("entityExists"))
        entity.state = batch.get("entityState") if entity.exists else None
        for signal in batch.get("signals") or []:
            target = signal["target"]
            value = json.loads(signal["input"]) if signal.get("input") else None
            self.signal(target["name"], target["key"], signal["name"], value)
        result: dict[str, Any] = batch["results"][0]
        return result

    def _respond(self, request: Request, result: dict[str, Any], caller: Caller) -> None:
        response = {"result": result.get("result")}
        if result["isError"]:
            response["exceptionType"] = "EntityOperationError"
        raised = event_raised(request["id"], json.dumps(response), self._agenda.now)
        self._deliver(*caller, raised)


def _request(operation: str, value: Any, is_signal: bool, id_: str) -> Request:
    return {"id": id_, "name": operation, "input": json.dumps(value), "signal": is_signal}
