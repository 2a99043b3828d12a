"""What a Bicep file would create, in the words of `Subscription.end_state`.

A snapshot of the compiler is evaluated with its parameters; only what Azure alone knows stays an
expression, such as the client id of an identity. `end_state` replaces those by what they are.
"""

import re
from typing import Any

from fakes.azure_resource_manager.authorization import ROLES
from fakes.azure_resource_manager.paths import short

USER = "dev@contoso.com"
USER_ID = "11111111-2222-3333-4444-555555555555"
REFERENCE = re.compile(r"reference\('([^']*)'(?:, '[^']*')*\)\.([A-Za-z.]+)")
LIST_KEYS = re.compile(r"listKeys\('[^']*'(?:, '[^']*')*\)\.keys\[0\]\.value")
FORMAT = re.compile(r"\[format\('([^']*)', (.*)\)\]")
STORAGE_SUFFIX = "environment().suffixes.storage"
# What the fake service calls a value of a resource that Azure makes up.
MADE_UP = {
    "clientId": "<client id of {name}>",
    "principalId": "<principal of {name}>",
    "identity.principalId": "<principal of app {name}>",
    "endpoint": "<endpoint of {name}>",
    "ConnectionString": "<connection string of {name}>",
    "primaryEndpoints.blob": "https://{name}.blob.core.windows.net/",
}


def evaluate(value: Any) -> Any:
    """Return a value of a snapshot without expressions."""
    if isinstance(value, dict):
        return {key: evaluate(each) for key, each in value.items()}
    if isinstance(value, list):
        return [evaluate(each) for each in value]
    if not isinstance(value, str) or not value.startswith("["):
        return value
    text = REFERENCE.sub(_made_up, value)
    text = LIST_KEYS.sub("'<account key>'", text).replace(STORAGE_SUFFIX, "'core.windows.net'")
    if pattern := FORMAT.fullmatch(text):
        arguments = re.findall(r"'([^']*)'", pattern[2])
        return pattern[1].format(*arguments)
    return text.removeprefix("['").removesuffix("']")


def _made_up(found: re.Match[str]) -> str:
    name = found[1].rsplit("/", 1)[-1]
    return f"'{MADE_UP[found[2]].format(name=name)}'"


def end_state(evaluated: dict[str, Any]) -> dict[str, Any]:
    """Return resources, roles and settings as `Subscription.end_state` does."""
    resources = [evaluate(each) for each in evaluated["predictedResources"]]
    state: dict[str, Any] = {"resources": {}, "roles": [], "settings": {}}
    for resource in resources:
        place = short(resource["id"])
        if resource["type"] == "Microsoft.Authorization/roleAssignments":
            state["roles"].append(_role(resource))
        elif place.endswith("/config/appsettings"):
            state["settings"] = resource["properties"]
        else:
            state["resources"][place] = resource
    return state


def _role(resource: dict[str, Any]) -> tuple[str, str, str]:
    properties = resource["properties"]
    guid = properties["roleDefinitionId"].rsplit("/", 1)[-1]
    role = next((name for name, known in ROLES.items() if known == guid), guid)
    scope = resource["id"].split("/providers/Microsoft.Authorization/roleAssignments/")[0]
    return _principal(properties), role, short(scope)


def _principal(properties: dict[str, Any]) -> str:
    principal, kind = properties["principalId"], properties["principalType"]
    if principal == USER_ID:
        return f"{kind} {USER}"
    assert kind == "ServicePrincipal"
    name = principal.removeprefix("<principal of ").removesuffix(">")
    return (
        f"system identity {name}" if name.startswith("app ") else f"user-assigned identity {name}"
    )
