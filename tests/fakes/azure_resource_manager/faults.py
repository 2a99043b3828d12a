"""Failures on demand, at any request.

A fault is a dictionary in the state, under `faults`:

* `kind`: one of `ERRORS`; `principal-not-found` (of a role assignment); `error` (with `status`,
  `code`, `message`); `lost` (the request takes effect, then the network is gone until the call
  ends); `hang` (until killed); `slow` (a write is accepted, and its result is "not yet" for two
  polls)
* which requests: `call` (number of the call of a tool in this run, from 1), `request` (number in
  the call, from 1), `command` (first words of the command line), `method`, `path` (regular
  expression); all that are given must match
* `skip`: matching requests that pass first (0); `times`: how many then fail (1; null: every one).
  A request that the Azure CLI repeats by itself in the same call fails as often as it is repeated.
"""

import re
from typing import Any

from .authorization import principal_not_found
from .errors import ArmError
from .http import Request
from .state import State

Fault = dict[str, Any]

ERRORS = {
    "conflict": (409, "Conflict", "Another operation is in progress. Please try again later."),
    "not-permitted": (
        403,
        "AuthorizationFailed",
        "The client '{user}' with object id '{user}' does not have authorization to perform action "
        "'{method}' over scope '{path}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials.",
    ),
    "quota": (
        400,
        "QuotaExceeded",
        "Operation cannot be completed without additional quota. Current Limit: 0. Amount required "
        "for this deployment: 1.",
    ),
    "throttled": (429, "TooManyRequests", "The request is being throttled."),
    "unavailable": (503, "ServiceUnavailable", "The service is unavailable."),
}

OF_THE_NETWORK = ("lost", "hang", "slow")


class ResponseLost(Exception):
    """The request took effect, or perhaps not: the network is gone."""


class Hanging(Exception):
    """There is never a response."""


def due(state: State, request: Request, call: dict[str, Any]) -> Fault | None:
    """Return the fault that a request meets, and count it.

    `call` tells about the call of a tool: `number`, `request`, `command`, and `failed`, in which
    this function keeps what failed in it.
    """
    key = f"{request.method} {request.path}"
    if "network" in call["failed"]:
        raise ResponseLost
    if key in call["failed"]:
        return call["failed"][key]
    met = None
    for fault in state.data["faults"]:
        if _matches(fault, request, call):
            fault["seen"] = fault.get("seen", 0) + 1
            position = fault["seen"] - 1 - fault.get("skip", 0)
            times = fault.get("times", 1)
            if met is None and position >= 0 and (times is None or position < times):
                met = fault
    if met:
        call["failed"][key] = met
    return met


def _matches(fault: Fault, request: Request, call: dict[str, Any]) -> bool:
    if fault.get("call", call["number"]) != call["number"]:
        return False
    if fault.get("request", call["request"]) != call["request"]:
        return False
    if not f"{call['command']} ".startswith(f"{fault.get('command', call['command'])} "):
        return False
    if fault.get("method", request.method) != request.method:
        return False
    if fault["kind"] == "principal-not-found" and not _assigns_role(request):
        return False
    return re.search(fault.get("path", ""), request.path, re.IGNORECASE) is not None


def _assigns_role(request: Request) -> bool:
    return request.method == "PUT" and "/roleassignments/" in request.path.lower()


def error_of(fault: Fault, state: State, request: Request) -> ArmError | None:
    """Return the error that the service answers with, or None for faults of the network."""
    kind = fault["kind"]
    if kind == "error":
        return ArmError(fault["status"], fault["code"], fault["message"])
    if kind == "principal-not-found":
        return principal_not_found(request.json["properties"]["principalId"])
    if kind in OF_THE_NETWORK:
        return None
    status, code, message = ERRORS[kind]
    words = {"user": state.data["user"]["name"], "method": request.method, "path": request.path}
    return ArmError(status, code, message.format(**words))
