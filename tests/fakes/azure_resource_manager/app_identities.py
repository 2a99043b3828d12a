"""Managed identities of function apps.

Source: REST reference of Microsoft.Web/sites (`ManagedServiceIdentity`). The type names the kinds
of identities that an app has from now on; user-assigned ones that the request leaves out remain in
a request with the same type only if it names none.
"""

from typing import Any

from .errors import ArmError, resource_not_found
from .identities import IDENTITY
from .paths import group_of
from .state import TENANT, Resource, State

Identity = dict[str, Any]


def attach(
    state: State, app: Resource, existing: Resource | None, asked: Identity | None
) -> Identity | None:
    """Return the identities of an app after a request that asks for some."""
    old = (existing or {}).get("identity")
    if asked is None:
        return old
    kinds = {kind.strip().lower() for kind in (asked.get("type") or "None").split(",")}
    identity: Identity = {}
    if "systemassigned" in kinds:
        identity |= _own(state, app, old or {})
    elif old and "principalId" in old:
        state.data["principals"].pop(old["principalId"], None)
    if "userassigned" in kinds:
        identity["userAssignedIdentities"] = _assigned(state, old or {}, asked)
    if not identity:
        return None
    names = ["SystemAssigned"] * ("principalId" in identity)
    names += ["UserAssigned"] * ("userAssignedIdentities" in identity)
    return {"type": ", ".join(names), **identity}


def _own(state: State, app: Resource, old: Identity) -> Identity:
    if "principalId" in old:
        return {"principalId": old["principalId"], "tenantId": TENANT}
    name = f"app {app['name']}"
    client = state.generate_guid(f"client id of {name}")
    principal = state.add_principal("system identity", name, client)
    return {"principalId": principal, "tenantId": TENANT}


def _assigned(state: State, old: Identity, asked: Identity) -> dict[str, dict[str, str]]:
    """Return the user-assigned identities: null in a request removes one."""
    wanted = {key: {} for key in old.get("userAssignedIdentities") or {}}
    known = {each.lower(): each for each in wanted}
    for identifier, value in (asked.get("userAssignedIdentities") or {}).items():
        key = known.get(identifier.lower(), identifier)
        if value is None:
            wanted.pop(key, None)
        else:
            wanted[key] = {}
    return {each["id"]: _ids(each) for each in (_resource(state, key) for key in wanted)}


def _ids(identity: Resource) -> dict[str, str]:
    return {name: identity["properties"][name] for name in ("clientId", "principalId")}


def _resource(state: State, identifier: str) -> Resource:
    if not identifier.lower().startswith("/subscriptions/"):
        raise ArmError(
            400,
            "LinkedInvalidPropertyId",
            f"Property id '{identifier}' at path 'identity.userAssignedIdentities' is invalid. "
            "Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' "
            "or '/providers/{resourceProviderNamespace}/'.",
        )
    found = state.find(identifier)
    if found is None or found["type"] != IDENTITY:
        raise resource_not_found(IDENTITY, identifier.rsplit("/", 1)[-1], group_of(identifier))
    return found


def principals_of(app: Resource) -> dict[str, str | None]:
    """Return the principals of an app's identities: client id by principal id, None for its own."""
    identity = app.get("identity") or {}
    assigned = (identity.get("userAssignedIdentities") or {}).values()
    principals: dict[str, str | None] = {each["principalId"]: each["clientId"] for each in assigned}
    if "principalId" in identity:
        principals[identity["principalId"]] = None
    return principals
