"""Tenants, subscriptions, their regions, and resource groups."""

from typing import Any

from .errors import ArmError, group_not_found
from .http import ServiceResponse
from .names import check_name
from .places import DISPLAY_NAMES, check_location
from .routing import Call, route
from .state import TENANT, Resource
from .store import GROUP, view

GROUP_PATH = "/subscriptions/{subscription}/resourcegroups/{group}"


@route("GET", "/tenants")
def tenants(call: Call) -> ServiceResponse:
    """Return the tenant."""
    return ServiceResponse({"value": [{"id": f"/tenants/{TENANT}", "tenantId": TENANT}]})


@route("GET", "/subscriptions")
def subscriptions(call: Call) -> ServiceResponse:
    """Return the subscriptions that the user can see."""
    return ServiceResponse({"value": [_shown(each) for each in call.state.data["subscriptions"]]})


def _shown(subscription: dict[str, str]) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription['id']}",
        "subscriptionId": subscription["id"],
        "displayName": subscription["name"],
        "tenantId": TENANT,
        "state": "Enabled",
    }


@route("GET", "/subscriptions/{subscription}/locations")
def locations(call: Call, subscription: str) -> ServiceResponse:
    """Return the regions."""
    regions = [{"name": name, "displayName": text} for name, text in DISPLAY_NAMES.items()]
    return ServiceResponse({"value": regions})


@route("GET", "/subscriptions/{subscription}/resourcegroups")
def groups(call: Call, subscription: str) -> ServiceResponse:
    """Return the groups of a subscription."""
    found = call.state.all(GROUP, f"/subscriptions/{subscription}")
    return ServiceResponse({"value": [view(call, each) for each in found]})


@route("GET", "/subscriptions/{subscription}/resources")
def all_resources(call: Call, subscription: str) -> ServiceResponse:
    """Return the resources of a subscription, filtered by type or group."""
    return _resources(call, f"/subscriptions/{subscription}")


@route("GET", f"{GROUP_PATH}/resources")
def resources_of_group(call: Call, subscription: str, group: str) -> ServiceResponse:
    """Return the resources of a group, filtered by type."""
    return _resources(call, _group(call, subscription, group)["id"])


def _resources(call: Call, within: str) -> ServiceResponse:
    wanted = dict(
        part.replace("'", "").split(" eq ", 1)
        for part in call.request.query.get("$filter", "").split(" and ")
        if " eq " in part
    )
    found = [
        view(call, each)
        for each in call.state.below(within)
        if each["type"].count("/") == 1
        and each["type"] != GROUP
        and wanted.get("resourceType", each["type"]).lower() == each["type"].lower()
        and wanted.get("name", each["name"]).lower() == each["name"].lower()
    ]
    return ServiceResponse({"value": found})


def _group(call: Call, subscription: str, group: str) -> Resource:
    found = call.state.find(f"/subscriptions/{subscription}/resourceGroups/{group}")
    if found is None:
        raise group_not_found(group)
    return found


@route("GET", GROUP_PATH)
def show_group(call: Call, subscription: str, group: str) -> ServiceResponse:
    """Return a group."""
    return ServiceResponse(view(call, _group(call, subscription, group)))


@route("HEAD", GROUP_PATH)
def group_exists(call: Call, subscription: str, group: str) -> ServiceResponse:
    """Answer by the status whether there is a group."""
    identifier = f"/subscriptions/{subscription}/resourceGroups/{group}"
    return ServiceResponse(status=204 if call.state.find(identifier) else 404)


@route("PUT", GROUP_PATH)
def put_group(call: Call, subscription: str, group: str) -> ServiceResponse:
    """Create a group or replace its tags; its region cannot change."""
    body = call.request.json
    existing = call.state.find(call.request.path)
    if existing is None:
        check_name(GROUP, group)
    location = check_location(GROUP, body["location"])
    if existing and existing["location"] != location:
        raise ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in "
            f"location '{existing['location']}'.",
        )
    identifier = f"/subscriptions/{subscription}/resourceGroups/{group}"
    call.state.resources[identifier.lower()] = {
        "id": existing["id"] if existing else identifier,
        "name": existing["name"] if existing else group,
        "type": GROUP,
        "location": location,
        "tags": body.get("tags") or {},
        "properties": {"provisioningState": "Succeeded"},
    }
    found = _group(call, subscription, group)
    return ServiceResponse(view(call, found), 200 if existing else 201)


@route("PATCH", GROUP_PATH)
def patch_group(call: Call, subscription: str, group: str) -> ServiceResponse:
    """Replace the tags of a group."""
    found = _group(call, subscription, group)
    found["tags"] = call.request.json.get("tags") or {}
    return ServiceResponse(view(call, found))


@route("DELETE", GROUP_PATH)
def delete_group(call: Call, subscription: str, group: str) -> ServiceResponse:
    """Delete a group with all in it."""
    call.state.delete(_group(call, subscription, group)["id"])
    return ServiceResponse(status=200)
