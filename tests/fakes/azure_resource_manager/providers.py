"""Resource providers: the regions of their types, and whether the subscription has them.

Source: "Azure resource providers and types"; "Resolve errors for resource provider registration".
"""

from typing import Any

from .errors import ArmError, NotSimulated
from .http import ServiceResponse
from .places import DISPLAY_NAMES, SCHEDULER_REGIONS
from .routing import Call, route
from .state import State

# Namespace -> its types with the newest API version that the fake was compared with.
PROVIDERS = {
    "Microsoft.Authorization": {"roleAssignments": "2022-04-01"},
    "Microsoft.DurableTask": {
        "schedulers": "2026-02-01",
        "schedulers/taskHubs": "2026-02-01",
        "operations": "2026-02-01",
    },
    "Microsoft.Insights": {"components": "2020-02-02"},
    "Microsoft.ManagedIdentity": {"userAssignedIdentities": "2024-11-30"},
    "Microsoft.OperationalInsights": {"workspaces": "2025-02-01"},
    "Microsoft.Resources": {"resourceGroups": "2024-11-01"},
    "Microsoft.Storage": {"storageAccounts": "2024-01-01"},
    "Microsoft.Web": {
        "sites": "2024-11-01",
        "sites/config": "2024-11-01",
        "sites/basicPublishingCredentialsPolicies": "2024-11-01",
        "serverfarms": "2024-11-01",
    },
}
OTHERS = {"microsoft.compute", "microsoft.keyvault", "microsoft.network"}


def check_registered(state: State, namespace: str) -> None:
    """Fail if the subscription has not registered a resource provider."""
    if registration(state, namespace) != "Registered":
        raise ArmError(
            409,
            "MissingSubscriptionRegistration",
            f"The subscription is not registered to use namespace '{namespace}'. See "
            "https://aka.ms/rps-not-found for how to register subscriptions.",
        )


def registration(state: State, namespace: str) -> str:
    """Return the state of registration of a provider."""
    missing = {each.lower() for each in state.data["unregistered_providers"]}
    return "NotRegistered" if namespace.lower() in missing else "Registered"


def spelled(namespace: str) -> str:
    """Return a namespace in its usual spelling, or fail as Azure does if there is none."""
    for known in PROVIDERS:
        if known.lower() == namespace.lower():
            return known
    if namespace.lower() in OTHERS:
        raise NotSimulated(f"provider {namespace}")
    message = f"The resource namespace '{namespace}' is invalid."
    raise ArmError(404, "InvalidResourceNamespace", message)


@route("GET", "/subscriptions/{subscription}/providers/{namespace}")
def show(call: Call, subscription: str, namespace: str) -> ServiceResponse:
    """Return a provider with its types; regions are written as display names."""
    return ServiceResponse(_shown(call.state, subscription, spelled(namespace)))


@route("GET", "/subscriptions/{subscription}/providers")
def list_all(call: Call, subscription: str) -> ServiceResponse:
    """Return all providers."""
    return ServiceResponse(
        {"value": [_shown(call.state, subscription, each) for each in PROVIDERS]}
    )


@route("POST", "/subscriptions/{subscription}/providers/{namespace}/register")
def register(call: Call, subscription: str, namespace: str) -> ServiceResponse:
    """Register a provider; repeating it does no harm."""
    name = spelled(namespace)
    missing = call.state.data["unregistered_providers"]
    call.state.data["unregistered_providers"] = [
        each for each in missing if each.lower() != name.lower()
    ]
    return ServiceResponse(_shown(call.state, subscription, name))


def _shown(state: State, subscription: str, namespace: str) -> dict[str, Any]:
    types = [
        {
            "resourceType": kind,
            "locations": _locations(namespace, kind),
            "apiVersions": [version],
        }
        for kind, version in PROVIDERS[namespace].items()
    ]
    return {
        "id": f"/subscriptions/{subscription}/providers/{namespace}",
        "namespace": namespace,
        "registrationState": registration(state, namespace),
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": types,
    }


def _locations(namespace: str, kind: str) -> list[str]:
    if namespace == "Microsoft.DurableTask" and kind != "operations":
        return [DISPLAY_NAMES[name] for name in SCHEDULER_REGIONS]
    return list(DISPLAY_NAMES.values())
