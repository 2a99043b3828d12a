"""Managed identities of function apps.

Rules: azure-cli 2.91.0, `command_modules/appservice/custom.py` (`assign_identity`).
"""

from typing import Any

from ..call import Call
from ..errors import NotFound, ServiceError
from ..subscription import TENANT, Subscription
from . import roles
from .identities import IDENTITY
from .plans import SITE

SYSTEM = "[system]"


def functionapp_identity_assign(call: Call) -> Any:
    """Add identities to an app; those it has are kept."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    attach(call.subscription, app, call["assign_identities"] or [SYSTEM])
    grant_scope(call, app)
    return app["identity"]


def functionapp_identity_show(call: Call) -> Any:
    """Return the identities of an app; nothing if it has none."""
    return call.subscription.get(call["group"], SITE, call["name"]).get("identity")


def functionapp_identity_remove(call: Call) -> None:
    """Remove identities from an app."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    old = app.get("identity") or {}
    removed = {each.lower() for each in call["remove_identities"] or [SYSTEM]}
    kept = [each for each in old.get("userAssignedIdentities", {}) if each.lower() not in removed]
    keep_system = "principalId" in old and SYSTEM not in removed
    if "principalId" in old and not keep_system:
        call.subscription.data["principals"].pop(old["principalId"], None)
    app["identity"] = None
    if kept or keep_system:
        app["identity"] = old if keep_system else None
        attach(call.subscription, app, kept)


def attach(subscription: Subscription, app: dict[str, Any], identities: list[str]) -> None:
    """Add `[system]` or user-assigned identities, given by resource id, to an app."""
    identity = dict(app.get("identity") or {})
    assigned = dict(identity.get("userAssignedIdentities") or {})
    for each in identities:
        if each != SYSTEM:
            resource = _user_assigned(subscription, each)
            ids = resource["properties"]
            names = ("clientId", "principalId")
            assigned[resource["id"]] = {name: ids[name] for name in names}
        elif "principalId" not in identity:
            name = f"app {app['name']}"
            client = subscription.generate_guid(f"client id of {name}")
            identity["principalId"] = subscription.add_principal("system identity", name, client)
            identity["tenantId"] = TENANT
    kinds = ["SystemAssigned"] * ("principalId" in identity) + ["UserAssigned"] * bool(assigned)
    identity |= {"type": ", ".join(kinds), "userAssignedIdentities": assigned or None}
    app["identity"] = identity


def _user_assigned(subscription: Subscription, identifier: str) -> dict[str, Any]:
    if not identifier.lower().startswith("/subscriptions/"):
        raise ServiceError(
            "LinkedInvalidPropertyId",
            f"Property id '{identifier}' at path 'identity.userAssignedIdentities' is invalid. "
            "Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' "
            "or '/providers/{resourceProviderNamespace}/'.",
        )
    resource = subscription.find(identifier)
    if resource is None or resource["type"] != IDENTITY:
        parts = identifier.split("/")
        raise NotFound.resource(IDENTITY, parts[-1], parts[4] if len(parts) > 4 else "")
    return resource


def principals_of(app: dict[str, Any]) -> dict[str, str | None]:
    """Return the principals of an app's identities: client id by principal id, None for its own."""
    identity = app.get("identity") or {}
    assigned = (identity.get("userAssignedIdentities") or {}).values()
    principals: dict[str, str | None] = {each["principalId"]: each["clientId"] for each in assigned}
    if "principalId" in identity:
        principals[identity["principalId"]] = None
    return principals


def grant_scope(call: Call, app: dict[str, Any]) -> None:
    """`--scope` grants `--role`, Contributor by default, to the system-assigned identity."""
    if not call["scope"]:
        return
    call.find("scope-on-identity", f"{call['role']} at {call['scope']}")
    principal = (app["identity"] or {}).get("principalId")
    if principal:
        roles.check_scope(call.subscription, call["scope"])
        roles.assign(call.subscription, principal, roles.role_name(call["role"]), call["scope"])
