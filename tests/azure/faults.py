"""Failures on demand: what the environment variable AZ_FAULT asks for.

AZ_FAULT holds one JSON object or a list of them:

* `kind`: one of `KINDS`, `lost-answer` (the call takes effect, but fails), `hang` (until killed)
  or `error` (with `code`, `message` and perhaps `exit`)
* which calls: `call` (number in this run, from 1), `command` ("role assignment create",
  "gh variable set"), `parameters` (by parser destination); all that are given
  must match
* `skip`: matching calls that pass first (0); `times`: how many then fail (1; null: every one)

How often a fault has matched is kept in the state, under `faults`.
"""

import json
import os
import time
from typing import Any, NoReturn

from .errors import CallFailed, ServiceError
from .subscription import TENANT, Subscription

Fault = dict[str, Any]

PRINCIPAL_NOT_FOUND = (
    "Principal {principal} does not exist in the directory {tenant}. Check that you have the "
    "correct principal ID. If you are creating this principal and then immediately assigning a "
    "role, this error might be related to a replication delay. In this case, set the role "
    "assignment principalType property to a value, such as ServicePrincipal, User, or Group. See "
    "https://aka.ms/docs-principaltype"
)
KINDS = {
    "principal-not-found": ("PrincipalNotFound", PRINCIPAL_NOT_FOUND),
    "conflict": ("Conflict", "Another operation is in progress. Please try again later."),
    "not-permitted": (
        "AuthorizationFailed",
        "The client '{user}' does not have authorization to perform action '{action}' over scope "
        "'{scope}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials.",
    ),
    "quota": (
        "QuotaExceeded",
        "Operation cannot be completed without additional quota. Current Limit: 0. Amount "
        "required for this deployment: 1.",
    ),
    "region": (
        "LocationNotAvailableForResourceType",
        "The provided location '{location}' is not available for resource type '{command}'.",
    ),
    "name-taken": ("Conflict", "Website with given name {name} already exists."),
    "name-taken storage account create": (
        "StorageAccountAlreadyTaken",
        "The storage account named {name} is already taken.",
    ),
}
NOT_LOGGED_IN = "Please run 'az login' to setup account."
LOST_ANSWER = (
    "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))"
)


def due(subscription: Subscription, command: str, parameters: dict[str, Any]) -> Fault | None:
    """Return the fault that this call meets, and count it."""
    text = os.environ.get("AZ_FAULT")
    if not text:
        return None
    asked = json.loads(text)
    met = None
    for position, fault in enumerate(asked if isinstance(asked, list) else [asked]):
        if _matches(fault, subscription.data["calls"], command, parameters):
            seen = subscription.data["faults"].get(str(position), 0) - fault.get("skip", 0)
            subscription.data["faults"][str(position)] = seen + fault.get("skip", 0) + 1
            times = fault.get("times", 1)
            if met is None and seen >= 0 and (times is None or seen < times):
                met = fault
    return met


def _matches(fault: Fault, call: int, command: str, parameters: dict[str, Any]) -> bool:
    if fault.get("call", call) != call or fault.get("command", command) != command:
        return False
    wanted = fault.get("parameters", {}).items()
    return all(str(parameters.get(name)) == str(value) for name, value in wanted)


def fail(fault: Fault, user: str, command: str, parameters: dict[str, Any]) -> NoReturn:
    """Raise the error that the fault stands for."""
    kind = fault["kind"]
    if kind == "error":
        error = ServiceError(fault["code"], fault["message"])
        error.exit_code = fault.get("exit", 1)
        raise error
    if kind == "lost-answer":
        raise CallFailed(LOST_ANSWER)
    if kind == "not-logged-in":
        raise CallFailed(NOT_LOGGED_IN)
    code, message = KINDS.get(f"{kind} {command}") or KINDS[kind]
    words = {
        "principal": parameters.get("assignee_object_id"),
        "tenant": TENANT,
        "user": user,
        "action": command,
        "command": command,
        "scope": parameters.get("scope") or parameters.get("group"),
        "location": parameters.get("location"),
        "name": parameters.get("name") or parameters.get("account_name"),
    }
    raise ServiceError(code, message.format(**words))


def hang() -> NoReturn:
    """Sleep until somebody kills the process."""
    while True:
        time.sleep(60)
