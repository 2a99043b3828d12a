"""The generic part of Azure Resource Manager: resources are put, patched, read, listed, deleted.

Rules that hold for every type: the subscription, the group and the parent exist, the provider is
registered, the name is allowed, the region offers the type, an existing resource stays there.
Source: "Resource Manager error codes" and the REST reference of resources.
"""

import json
import re
from typing import Any

from .errors import ArmError, group_not_found, resource_not_found
from .http import ServiceResponse
from .names import check_name
from .paths import Path
from .places import check_location, normalised
from .providers import check_registered
from .routing import Call, rules
from .state import Resource

GROUP = "Microsoft.Resources/resourceGroups"
# Types whose service answers 200 to the first PUT as well.
NEVER_CREATED = ("microsoft.web/", "microsoft.storage/storageaccounts", "microsoft.insights/")
IN_BODY = ("location", "tags", "kind", "sku", "identity", "properties", "zones", "managedBy")


def respond(call: Call) -> ServiceResponse:
    """Perform a request on a resource or on a collection of resources."""
    path = Path(call.request.path)
    if path.group:
        group = find_group(call, path)
    if path.is_collection:
        return _list(call, path)
    methods = {"GET": get, "PUT": put, "PATCH": patch, "DELETE": delete, "HEAD": get}
    method = methods.get(call.request.method)
    if method is None:
        raise ArmError(404, "InvalidResourceType", f"no such action: {call.request.path}")
    return method(call, path, group if path.group else {})


def find_group(call: Call, path: Path) -> Resource:
    """Return the resource group of a path, or fail as Azure does when it does not exist."""
    found = call.state.find(f"/subscriptions/{path.subscription}/resourceGroups/{path.group}")
    if found is None:
        raise group_not_found(path.group)
    return found


def find(call: Call, identifier: str) -> Resource:
    """Return a resource, or fail as Azure does when its group or it does not exist."""
    path = Path(identifier)
    find_group(call, path)
    found = call.state.find(identifier)
    if found is None:
        raise resource_not_found(path.kind, "/".join(path.names), path.group)
    return found


def view(call: Call, resource: Resource) -> Resource:
    """Return a copy of a resource as the service shows it."""
    shown = json.loads(json.dumps(resource))
    for each in rules("view", resource["type"]):
        shown = each(call, shown)
    return shown


def get(call: Call, path: Path, _: Resource) -> ServiceResponse:
    """Return a resource."""
    return ServiceResponse(view(call, find(call, path.text)))


def _list(call: Call, path: Path) -> ServiceResponse:
    holder = path.text.lower().rpartition("/providers/")[0]
    if len(path.types) > 1:
        holder = path.text.rpartition("/")[0]
        find(call, holder)
    found = call.state.all(path.kind, holder)
    return ServiceResponse({"value": [view(call, each) for each in found]})


def put(call: Call, path: Path, group: Resource) -> ServiceResponse:
    """Create a resource or replace it."""
    return _write(call, path, group, call.request.json)


def patch(call: Call, path: Path, group: Resource) -> ServiceResponse:
    """Change what the body names and keep the rest."""
    old = find(call, path.text)
    return _write(call, path, group, merged(old, call.request.json))


def merged(old: Any, new: Any) -> Any:
    """Return a value with the changes of a JSON merge patch."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return old | {key: merged(old.get(key), value) for key, value in new.items()}


def _write(call: Call, path: Path, group: Resource, body: dict[str, Any]) -> ServiceResponse:
    existing = call.state.find(path.text)
    resource = write(call, path, group, body)
    as_before = existing or path.kind.lower().startswith(NEVER_CREATED)
    return ServiceResponse(view(call, resource), 200 if as_before else 201)


def write(call: Call, path: Path, group: Resource, body: dict[str, Any]) -> Resource:
    """Store a new version of a resource under the rules of all types and of its own."""
    existing = call.state.find(path.text)
    check_registered(call.state, path.namespace)
    _check_parent(call, path)
    if existing is None:
        check_name(path.kind, path.names[-1])
    resource = {
        "id": existing["id"] if existing else _identifier(path, group),
        "name": existing["name"] if existing else path.names[-1],
        "type": path.kind,
        **{key: body[key] for key in IN_BODY if body.get(key) is not None},
    }
    resource.setdefault("properties", {})
    if len(path.types) == 1:
        resource["location"] = check_location(path.kind, body.get("location") or group["location"])
        resource.setdefault("tags", {})
        _check_same_location(existing, resource, path)
    for each in rules("put", path.kind):
        each(call, resource, existing)
    call.state.resources[path.text.lower()] = resource
    return resource


def _identifier(path: Path, group: Resource) -> str:
    """Return the id of a new resource: the group in the spelling of its creation."""
    return f"{group['id']}/providers/{path.text.split('/providers/', 1)[1]}"


def _check_parent(call: Call, path: Path) -> None:
    parent = re.sub(r"/(blob|file)Services/default$", "", path.parent)  # which come by themselves
    if parent and call.state.find(parent) is None:
        raise ArmError(
            404,
            "ParentResourceNotFound",
            f"Failed to perform 'write' on resource(s) of type '{'/'.join(path.types)}', "
            f"because the parent resource '{path.parent}' could not be found.",
        )


def _check_same_location(existing: Resource | None, resource: Resource, path: Path) -> None:
    if existing and normalised(existing["location"]) != resource["location"]:
        raise ArmError(
            409,
            "InvalidResourceLocation",
            f"The resource '{resource['name']}' already exists in location "
            f"'{existing['location']}' in resource group '{path.group}'. A resource with the same "
            f"name cannot be created in location '{resource['location']}'. Please select a new "
            "resource name.",
        )


def delete(call: Call, path: Path, _: Resource) -> ServiceResponse:
    """Delete a resource; deleting what is absent succeeds."""
    resource = call.state.find(path.text)
    if resource is None:
        return ServiceResponse()
    for each in rules("delete", resource["type"]):
        each(call, resource)
    call.state.delete(path.text)
    return ServiceResponse(status=200)
