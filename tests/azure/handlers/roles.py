"""Role assignments and built-in roles.

Rules: azure-cli 2.91.0, `command_modules/role/custom.py`; the GUIDs are those of the page
"Azure built-in roles".
"""

import re
from typing import Any

from ..call import Call
from ..errors import CallFailed, NotFound, ServiceError
from ..faults import PRINCIPAL_NOT_FOUND
from ..subscription import TENANT, Subscription

ROLES = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
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
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SCOPE = re.compile(
    r"/subscriptions/[^/]+(/resourceGroups/[^/]+)?(/providers(/[^/]+)+)?/?", re.IGNORECASE
)
DEFINITION = "/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{}"


def role_assignment_create(call: Call) -> Any:
    """Assign a role; if the principal already has it, return that assignment."""
    if bool(call["assignee"]) == bool(call["assignee_object_id"]):
        raise CallFailed("usage error: --assignee STRING | --assignee-object-id GUID")
    kind = call["assignee_principal_type"]
    if kind and not call["assignee_object_id"]:
        raise CallFailed("usage error: --assignee-object-id GUID --assignee-principal-type TYPE")
    scope = _scope(call)
    role = role_name(call["role"])
    _judge(call, role, scope)
    principal = _principal(call)
    check_scope(call.subscription, scope)
    check_principal(call.subscription, principal, kind)
    return _shown(assign(call.subscription, principal, role, scope))


def _judge(call: Call, role: str, scope: str) -> None:
    if call["assignee"]:
        call.find("assignee", f"{role} for {call['assignee']}")
    elif not call["assignee_principal_type"]:
        call.find("no-principal-type", f"{role} for {call['assignee_object_id']}")
    if role in BROAD:
        call.find("broad-role", role)
    if "/providers/" not in scope:
        call.find("broad-scope", f"{role} at {scope}")


def _scope(call: Call) -> str:
    """Return the scope; an empty one means the whole subscription, as in Azure CLI."""
    scope = call["scope"]
    if scope and call["group"]:
        raise CallFailed(f'Resource group "{call["group"]}" is redundant because scope is supplied')
    if call["group"]:
        return call.subscription.group_id(call["group"])
    if not scope:
        return f"/subscriptions/{call.subscription.id}"
    valid = SCOPE.fullmatch(scope)
    if scope.lower().startswith("/subscriptions/") and not valid:
        raise CallFailed("Invalid scope. Please use --help to view the valid format.")
    return scope.rstrip("/")


def check_scope(subscription: Subscription, scope: str) -> None:
    """Fail if there is nothing at the scope: a task hub exists before roles on it."""
    if scope.lower() == f"/subscriptions/{subscription.id}":
        return
    if not scope.lower().startswith(f"/subscriptions/{subscription.id}/"):
        message = (
            "The request did not have a subscription or a valid tenant level resource provider."
        )
        raise NotFound("MissingSubscription", message)
    if subscription.find(scope) is None:
        parts = scope.split("/")
        raise NotFound.resource("/".join(parts[6:-1]), parts[-1], parts[4])


def role_name(text: str) -> str:
    """Return the name of a role given by name, GUID or id."""
    guid = text.rsplit("/", 1)[-1].lower()
    for name, identifier in ROLES.items():
        if text.lower() == name.lower() or guid == identifier:
            return name
    raise CallFailed(f"Role '{text}' doesn't exist.")


def _principal(call: Call) -> str:
    """Return the object id; `--assignee` is looked up in Microsoft Graph."""
    if not call["assignee"]:
        return call["assignee_object_id"]
    data = call.subscription.data
    if data["user"]["type"] != "user":  # Azure CLI falls back to an object id
        if GUID.fullmatch(call["assignee"]):
            return call["assignee"]
        raise CallFailed("Insufficient privileges to complete the operation.")
    for principal, facts in data["principals"].items():
        if call["assignee"] in (principal, facts["client"], facts["name"]):
            return principal
    raise CallFailed(
        f"Cannot find user or service principal in graph database for '{call['assignee']}'. If the "
        "assignee is a principal id, make sure the corresponding principal is created with 'az ad "
        f"sp create --id {call['assignee']}'."
    )


def check_principal(subscription: Subscription, principal: str, kind: str | None) -> None:
    """Fail if the directory does not know the principal, or not yet, or as another type."""
    known = subscription.data["principals"].get(principal)
    age = subscription.data["total"] - known["since"] if known else 0
    if known is None or (kind is None and age <= subscription.data["principal_delay"]):
        message = PRINCIPAL_NOT_FOUND.format(principal=principal, tenant=TENANT)
        raise ServiceError("PrincipalNotFound", message)
    actual = _principal_type(known["kind"])
    if kind not in (None, actual):
        raise ServiceError(
            "UnmatchedPrincipalType",
            f"The PrincipalId '{principal}' has type '{actual}', which is different from "
            f"specified PrincipalType '{kind}'.",
        )


def _principal_type(kind: str) -> str:
    return "User" if kind == "User" else "ServicePrincipal"


def assign(subscription: Subscription, principal: str, role: str, scope: str) -> dict[str, Any]:
    """Return the assignment, a new one if the principal does not have the role at the scope."""
    resource = subscription.find(scope)
    scope = resource["id"] if resource else scope
    for each in subscription.data["assignments"].values():
        if (each["principalId"], each["roleDefinitionName"], each["scope"]) == (
            principal,
            role,
            scope,
        ):
            return each
    known = subscription.data["principals"][principal]
    name = subscription.generate_guid(f"assignment of {role} to {known['name']} at {scope}")
    identifier = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    subscription.data["assignments"][identifier] = {
        "id": identifier,
        "name": name,
        "principalId": principal,
        "principalName": known["client"] or known["name"],
        "principalType": _principal_type(known["kind"]),
        "roleDefinitionId": DEFINITION.format(subscription.id, ROLES[role]),
        "roleDefinitionName": role,
        "scope": scope,
        "type": "Microsoft.Authorization/roleAssignments",
        "since": subscription.data["total"],
    }
    return subscription.data["assignments"][identifier]


def role_assignment_list(call: Call) -> Any:
    """Return assignments at a scope (without one: at the subscription only), or all."""
    if call["assignee"] and call["assignee_object_id"]:
        raise CallFailed("Usage error: Provide only one of --assignee or --assignee-object-id.")
    return [_shown(each) for each in _search(call)]


def _shown(assignment: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in assignment.items() if key != "since"}


def _search(call: Call) -> list[dict[str, Any]]:
    found = list(call.subscription.data["assignments"].values())
    if not call["show_all"]:
        scope = _scope(call).lower()
        found = [each for each in found if _is_at(each, scope, bool(call["include_inherited"]))]
    if call["assignee"] or call["assignee_object_id"]:
        principal = _principal(call)
        found = [each for each in found if each["principalId"] == principal]
    if call["role"]:
        role = role_name(call["role"])
        found = [each for each in found if each["roleDefinitionName"] == role]
    return found


def _is_at(assignment: dict[str, Any], scope: str, inherited: bool) -> bool:
    at = assignment["scope"].lower()
    return scope == at or (inherited and scope.startswith(f"{at}/"))


def role_assignment_delete(call: Call) -> None:
    """Delete the assignments that match."""
    assignments = call.subscription.data["assignments"]
    found = call["ids"] or [each["id"] for each in _search(call)]
    if not found:
        raise CallFailed("No matched assignments were found to delete")
    for identifier in found:
        assignments.pop(identifier, None)  # deleting what is absent succeeds (status 204)


def role_definition_list(call: Call) -> Any:
    """Return the built-in roles, or the one with the name."""
    return [
        {
            "id": DEFINITION.format(call.subscription.id, identifier),
            "name": identifier,
            "roleName": name,
            "roleType": "BuiltInRole",
        }
        for name, identifier in ROLES.items()
        if call["name"] in (None, name, identifier) and not call["custom_role_only"]
    ]
