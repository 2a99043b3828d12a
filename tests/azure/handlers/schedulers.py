"""Durable Task Scheduler: schedulers and task hubs.

Rules: extension `durabletask` 1.0.0b7 and the service's published schema 2026-02-01.
"""

import ipaddress
from typing import Any

from ..call import Call
from ..errors import CallFailed, NotFound, ServiceError
from .groups import tags_of, wait

SCHEDULER = "Microsoft.DurableTask/schedulers"
HUB = "Microsoft.DurableTask/schedulers/taskHubs"
UNITS = range(1, 4)  # capacity units of a Dedicated scheduler
CALLS_TO_CREATE = 3  # with --no-wait, a scheduler is ready after so many other calls


def durabletask_scheduler_create(call: Call) -> Any:
    """Create or replace a scheduler: what is not given again is reset."""
    sku = _sku(call["sku_name"], call["sku_capacity"])
    allow_list = _allow_list(call, call["ip_allowlist"])
    existing = _find(call, call["name"])
    if existing:
        call.find("re-create", f"scheduler {call['name']}: allow-list and tags are replaced")
    scheduler = call.subscription.put(
        call["group"],
        SCHEDULER,
        call["name"],
        location=call["location"],
        tags=tags_of(call["tags"]),
        properties={
            "endpoint": existing["properties"]["endpoint"] if existing else None,
            "ipAllowlist": allow_list,
            "provisioningState": "Succeeded",
            "publicNetworkAccess": call["public_network_access"] or "Enabled",
            "sku": sku,
        },
    )
    if call["no_wait"]:
        scheduler["readyAt"] = call.subscription.data["total"] + CALLS_TO_CREATE
        return None
    return _shown(call, scheduler)


def _find(call: Call, name: str) -> dict[str, Any] | None:
    return call.subscription.find(call.subscription.resource_id(call["group"], SCHEDULER, name))


def _sku(name: str | None, capacity: int | None) -> dict[str, Any]:
    if name is None:
        raise CallFailed("The --sku-name parameter is required.")
    if name == "Dedicated":
        if capacity is None:
            message = "The --sku-capacity parameter is required when --sku-name is Dedicated."
            raise CallFailed(message)
        if capacity not in UNITS:
            raise ServiceError("InvalidSku", f"The capacity {capacity} is not in the range 1-3.")
        return {"name": name, "capacity": capacity}
    if capacity is not None:
        raise ServiceError("InvalidSku", "The Consumption SKU has no capacity.")
    return {"name": name}


def _allow_list(call: Call, entries: list[str] | None) -> list[str]:
    for entry in entries or []:
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError as error:
            message = f"'{entry}' in ipAllowlist is neither an IP address nor a CIDR range."
            raise ServiceError("InvalidRequestContent", message) from error
    if not entries:
        call.find("empty-allow-list", f"scheduler {call['name']}")
    return entries or []


def _shown(call: Call, scheduler: dict[str, Any]) -> dict[str, Any]:
    """Return the scheduler as the service shows it: the endpoint only once it is ready."""
    ready = call.subscription.data["total"] >= scheduler.get("readyAt", 0)
    properties = scheduler["properties"]
    if ready and properties["endpoint"] is None:
        name, region = scheduler["name"].lower(), scheduler["location"]
        form = f"https://{name}-{{}}.{region}.durabletask.io"
        properties["endpoint"] = call.subscription.generate(f"endpoint of {name}", form)
    properties["provisioningState"] = "Succeeded" if ready else "Provisioning"
    return {key: value for key, value in scheduler.items() if key != "readyAt"}


def durabletask_scheduler_show(call: Call) -> Any:
    """Return a scheduler."""
    return _shown(call, call.subscription.get(call["group"], SCHEDULER, call["name"]))


def durabletask_scheduler_list(call: Call) -> Any:
    """Return the schedulers of a group or of the subscription."""
    return [_shown(call, each) for each in call.subscription.all(SCHEDULER, call["group"])]


def durabletask_scheduler_update(call: Call) -> Any:
    """Change the given properties only."""
    scheduler = call.subscription.get(call["group"], SCHEDULER, call["name"])
    properties = scheduler["properties"]
    if call["sku_name"] or call["sku_capacity"]:
        properties["sku"] = _sku(call["sku_name"], call["sku_capacity"])
    if call["ip_allowlist"] is not None:
        properties["ipAllowlist"] = _allow_list(call, call["ip_allowlist"])
    if call["public_network_access"]:
        properties["publicNetworkAccess"] = call["public_network_access"]
    if call["tags"] is not None:
        scheduler["tags"] = tags_of(call["tags"])
    return _shown(call, scheduler)


def durabletask_scheduler_delete(call: Call) -> None:
    """Delete a scheduler that has no task hubs."""
    identifier = call.subscription.resource_id(call["group"], SCHEDULER, call["name"])
    if call.subscription.below(identifier):
        raise ServiceError(
            "CannotDeleteResource",
            f"Cannot delete resource while nested resources exist. Some existing nested resource "
            f"IDs include: '{call.subscription.below(identifier)[0]['id']}'.",
        )
    if call.subscription.find(identifier):  # deleting what is absent succeeds (status 204)
        call.subscription.delete(identifier)


def durabletask_scheduler_wait(call: Call) -> None:
    """Wait until a scheduler is created or deleted; waiting makes it ready."""
    scheduler = _find(call, call["name"])
    wait(call, scheduler is not None)
    if scheduler:
        scheduler.pop("readyAt", None)


def durabletask_taskhub_create(call: Call) -> Any:
    """Create a task hub, or leave the existing one as it is."""
    names = call["scheduler_name"], call["name"]
    scheduler = _find(call, names[0])
    if scheduler and _shown(call, scheduler)["properties"]["provisioningState"] != "Succeeded":
        message = f"The scheduler '{names[0]}' is being created. Please try again later."
        raise ServiceError("Conflict", message)
    identifier = call.subscription.resource_id(call["group"], HUB, *names)
    properties = {
        "dashboardUrl": f"https://dashboard.durabletask.io{identifier}",
        "provisioningState": "Succeeded",
    }
    return call.subscription.put(call["group"], HUB, *names, properties=properties)


def durabletask_taskhub_show(call: Call) -> Any:
    """Return a task hub."""
    return call.subscription.get(call["group"], HUB, call["scheduler_name"], call["name"])


def durabletask_taskhub_list(call: Call) -> Any:
    """Return the task hubs of a scheduler."""
    scheduler = call.subscription.get(call["group"], SCHEDULER, call["scheduler_name"])
    return call.subscription.below(scheduler["id"])


def durabletask_taskhub_delete(call: Call) -> None:
    """Delete a task hub; deleting what is absent succeeds."""
    names = call["scheduler_name"], call["name"]
    identifier = call.subscription.resource_id(call["group"], HUB, *names)
    if call.subscription.find(identifier):
        call.subscription.delete(identifier)


def durabletask_taskhub_wait(call: Call) -> None:
    """Wait until a task hub is created or deleted."""
    try:
        durabletask_taskhub_show(call)
    except NotFound:
        wait(call, exists=False)
    else:
        wait(call, exists=True)
