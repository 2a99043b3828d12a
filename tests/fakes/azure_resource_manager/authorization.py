"""Role assignments and built-in roles.

The GUIDs are those of the page "Azure built-in roles"; the errors those of "Troubleshoot Azure
RBAC". Rules of a new assignment: there is something at the scope, the directory knows the
principal (a new one only after a while, unless its type is given), and it is of the given type.
"""

import re
from typing import Any

from .errors import ArmError, resource_not_found
from .http import ServiceResponse
from .paths import Path
from .routing import Call, route
from .state import TENANT, State

ROLES = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "Durable Task Data Contributor": "0ad04412-c4d5-4796-b79c-f76d14c8d402",
    "Durable Task Data Reader": "d6a5505f-6ebb-45a4-896e-ac8274cfc0ac",
    "Durable Task Worker": "80d0d6b0-f522-40a4-8886-a5a11720c375",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Storage Account Contributor": "17d1049b-9a84-46fb-8f53-869881c3d3ab",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Website Contributor": "de139f84-1756-47ae-9be6-808fbbe84772",
}
BROAD = {"Owner", "Contributor", "User Access Administrator"}
DEFINITION = "/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{}"
ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
AT_SCOPE = "/{scope*}/providers/Microsoft.Authorization"


@route("GET", f"{AT_SCOPE}/roleDefinitions")
def definitions(call: Call, scope: str) -> ServiceResponse:
    """Return the built-in roles, or the one with the name in the filter."""
    wanted = _filter(call, "roleName")
    found = [_definition(scope, name) for name in ROLES if wanted in (None, name)]
    return ServiceResponse({"value": found})


@route("GET", f"{AT_SCOPE}/roleDefinitions/{{guid}}")
def definition(call: Call, scope: str, guid: str) -> ServiceResponse:
    """Return one role."""
    return ServiceResponse(_definition(scope, _role_name(guid)))


def _definition(scope: str, name: str) -> dict[str, Any]:
    return {
        "id": DEFINITION.format(Path(f"/{scope}").subscription, ROLES[name]),
        "name": ROLES[name],
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {"roleName": name, "type": "BuiltInRole", "assignableScopes": ["/"]},
    }


def _role_name(identifier: str) -> str:
    guid = identifier.rsplit("/", 1)[-1].lower()
    for name, known in ROLES.items():
        if guid == known:
            return name
    message = f"The specified role definition with ID '{guid}' does not exist."
    raise ArmError(404, "RoleDefinitionDoesNotExist", message)


def _filter(call: Call, name: str) -> str | None:
    found = re.search(rf"{name}\(?\)? eq '([^']*)'", call.request.query.get("$filter", ""))
    return found[1] if found else None


@route("GET", f"{AT_SCOPE}/roleAssignments")
def assignments(call: Call, scope: str) -> ServiceResponse:
    """Return the assignments at a scope, those below it and those that it inherits.

    `$filter=atScope()` leaves those below out.
    """
    place = f"/{scope}/".lower()
    text = call.request.query.get("$filter", "")
    principal = _filter(call, "principalId") or _filter(call, "assignedTo")
    found = []
    for each in call.state.data["assignments"].values():
        at = f"{each['scope'].lower()}/"
        below = at.startswith(place) and "atscope" not in text.lower()
        if (below or place.startswith(at)) and principal in (None, each["principalId"]):
            found.append(_shown(call.state, each))
    return ServiceResponse({"value": found})


@route("PUT", f"{AT_SCOPE}/roleAssignments/{{name}}")
def assign(call: Call, scope: str, name: str) -> ServiceResponse:
    """Assign a role; a second assignment of the same is a conflict."""
    scope, properties = f"/{scope}", call.request.json["properties"]
    principal, kind = properties["principalId"], properties.get("principalType")
    role = _role_name(properties["roleDefinitionId"])
    _judge(call, role, scope, kind)
    check_scope(call.state, scope)
    resource = call.state.find(scope)
    scope = resource["id"] if resource else scope
    check_principal(call.state, principal, kind)
    for each in call.state.data["assignments"].values():
        same = (each["principalId"], each["roleDefinitionName"], each["scope"])
        if same == (principal, role, scope):
            message = "The role assignment already exists."
            raise ArmError(409, "RoleAssignmentExists", message)
    identifier = f"{scope}/providers/{ASSIGNMENT}/{name}"
    call.state.data["assignments"][identifier] = {
        "id": identifier,
        "name": name,
        "principalId": principal,
        "roleDefinitionName": role,
        "scope": scope,
        "since": call.state.data["total"],
    }
    return ServiceResponse(_shown(call.state, call.state.data["assignments"][identifier]), 201)


@route("DELETE", f"{AT_SCOPE}/roleAssignments/{{name}}")
def unassign(call: Call, scope: str, name: str) -> ServiceResponse:
    """Delete an assignment; deleting what is absent succeeds."""
    found = call.state.data["assignments"].pop(f"/{scope}/providers/{ASSIGNMENT}/{name}", None)
    return ServiceResponse(_shown(call.state, found)) if found else ServiceResponse()


def _judge(call: Call, role: str, scope: str, kind: str | None) -> None:
    if kind is None:
        call.find("no-principal-type", role)
    if role in BROAD:
        call.find("broad-role", role)
    if "/providers/" not in scope:
        call.find("broad-scope", f"{role} at {scope}")


def check_scope(state: State, scope: str) -> None:
    """Fail if there is nothing at the scope: a task hub exists before roles on it."""
    path = Path(scope)
    if not path.subscription:
        message = "The request did not have a subscription or a valid tenant level resource."
        raise ArmError(404, "MissingSubscription", message)
    if path.group and state.find(scope) is None:
        raise resource_not_found(path.kind, "/".join(path.names), path.group)


def check_principal(state: State, principal: str, kind: str | None) -> None:
    """Fail if the directory does not know the principal, or not yet, or as another type."""
    known = state.data["principals"].get(principal)
    age = state.data["total"] - known["since"] if known else 0
    if known is None or (kind is None and age <= state.data["principal_delay"]):
        raise principal_not_found(principal)
    actual = principal_type(known)
    if kind not in (None, actual):
        raise ArmError(
            400,
            "UnmatchedPrincipalType",
            f"The PrincipalId '{principal}' has type '{actual}', which is different from "
            f"specified PrincipalType '{kind}'.",
        )


def principal_not_found(principal: str) -> ArmError:
    """Return the error of a principal that the directory does not know, or not yet."""
    return ArmError(
        400,
        "PrincipalNotFound",
        f"Principal {principal.replace('-', '')} does not exist in the directory {TENANT}. Check "
        "that you have the correct principal ID. If you are creating this principal and then "
        "immediately assigning a role, this error might be related to a replication delay. In this "
        "case, set the role assignment principalType property to a value, such as "
        "ServicePrincipal, User, or Group. See https://aka.ms/docs-principaltype",
    )


def principal_type(facts: dict[str, Any]) -> str:
    """Return the type of a principal as role assignments name it."""
    return "User" if facts["kind"] == "User" else "ServicePrincipal"


def has_role(state: State, principal: str, scope: str, roles: set[str]) -> bool:
    """Return whether a principal has one of the roles at the scope or above it."""
    return any(
        each["principalId"] == principal
        and each["roleDefinitionName"] in roles
        and f"{scope.lower()}/".startswith(f"{each['scope'].lower()}/")
        for each in state.data["assignments"].values()
    )


def _shown(state: State, assignment: dict[str, Any]) -> dict[str, Any]:
    known = state.data["principals"].get(assignment["principalId"])
    role = ROLES[assignment["roleDefinitionName"]]
    return {
        "id": assignment["id"],
        "name": assignment["name"],
        "type": ASSIGNMENT,
        "properties": {
            "principalId": assignment["principalId"],
            "principalType": principal_type(known) if known else "Unknown",
            "roleDefinitionId": DEFINITION.format(Path(assignment["scope"]).subscription, role),
            "scope": assignment["scope"],
        },
    }
