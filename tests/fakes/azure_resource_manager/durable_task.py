"""Durable Task Scheduler: schedulers, task hubs, retention policies.

Source: published schema 2026-02-01 of Microsoft.DurableTask, and its documentation of SKUs, the IP
allowlist, and the order of deletion.
"""

import ipaddress
from typing import Any

from .errors import ArmError
from .routing import Call, rule
from .state import Resource

SCHEDULER = "Microsoft.DurableTask/schedulers"
HUB = f"{SCHEDULER}/taskHubs"
UNITS = range(1, 4)  # capacity units of a Dedicated scheduler


@rule("put", SCHEDULER)
def put_scheduler(call: Call, scheduler: Resource, existing: Resource | None) -> None:
    """Create or replace a scheduler: what is not given again is reset."""
    name, properties = scheduler["name"], scheduler["properties"]
    _check_sku(properties.get("sku") or {})
    _check_allowlist(properties.get("ipAllowlist"))
    if not properties["ipAllowlist"]:
        call.find("empty-allowlist", f"scheduler {name}")
    if existing and call.request.method == "PUT" and "etag" not in call.request.headers:
        old = existing["properties"]
        lost = [each for each in ("ipAllowlist", "sku") if old.get(each) != properties.get(each)]
        if lost or existing.get("tags") != scheduler.get("tags"):
            call.find("re-create", f"scheduler {name}: allowlist, SKU and tags are replaced")
    properties.setdefault("publicNetworkAccess", "Enabled")
    properties["endpoint"] = (
        existing["properties"]["endpoint"] if existing else _endpoint(call, scheduler)
    )
    properties["provisioningState"] = "Succeeded"


def _endpoint(call: Call, scheduler: Resource) -> str:
    name, region = scheduler["name"].lower(), scheduler["location"]
    form = f"https://{name}-{{:.10}}.{region}.durabletask.io"
    return call.state.generate(f"endpoint of {name}", form)


def _check_sku(sku: dict[str, Any]) -> None:
    """A capacity is only for the Dedicated SKU, which needs one."""
    name, capacity = sku.get("name"), sku.get("capacity")
    if name not in ("Consumption", "Dedicated"):
        raise ArmError(400, "InvalidSku", f"The SKU '{name}' is not Consumption or Dedicated.")
    if name == "Consumption" and capacity is not None:
        raise ArmError(400, "InvalidSku", "The Consumption SKU has no capacity.")
    if name == "Dedicated" and capacity not in UNITS:
        raise ArmError(400, "InvalidSku", f"The capacity {capacity} is not in the range 1-3.")


def _check_allowlist(entries: Any) -> None:
    """An entry is an address or a range in CIDR notation; the list is required."""
    if not isinstance(entries, list):
        message = "The property 'ipAllowlist' is required."
        raise ArmError(400, "InvalidRequestContent", message)
    for entry in entries:
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError as error:
            message = f"'{entry}' in ipAllowlist is neither an IP address nor a CIDR range."
            raise ArmError(400, "InvalidRequestContent", message) from error


@rule("delete", SCHEDULER)
def delete_scheduler(call: Call, scheduler: Resource) -> None:
    """A scheduler goes after its hubs."""
    nested = call.state.below(scheduler["id"])
    if nested:
        raise ArmError(
            409,
            "CannotDeleteResource",
            "Cannot delete resource while nested resources exist. Some existing nested resource "
            f"IDs include: '{nested[0]['id']}'. Please delete all nested resources before deleting "
            "this resource.",
        )


@rule("put", HUB)
def put_hub(call: Call, hub: Resource, existing: Resource | None) -> None:
    """Complete a hub; its scheduler must be there in full."""
    scheduler = call.state.find(hub["id"].rsplit("/", 2)[0])
    state = (scheduler or {})["properties"]["provisioningState"]
    if state != "Succeeded":
        raise ArmError(
            409,
            "Conflict",
            f"The scheduler '{scheduler['name']}' is in the provisioning state '{state}'. The "
            "operation needs the state 'Succeeded'.",
        )
    hub["properties"] = {
        **hub["properties"],
        "dashboardUrl": f"https://dashboard.durabletask.io{hub['id']}",
        "provisioningState": "Succeeded",
    }


@rule("put", f"{SCHEDULER}/retentionPolicies")
def put_policy(call: Call, policy: Resource, existing: Resource | None) -> None:
    """A policy is named default and keeps for at most 90 days."""
    if policy["name"] != "default":
        raise ArmError(400, "InvalidResourceName", "A retention policy is named 'default'.")
    for each in policy["properties"].get("retentionPolicies") or []:
        if not 0 <= each["retentionPeriodInDays"] <= 90:
            message = "retentionPeriodInDays is not in the range 0-90."
            raise ArmError(400, "InvalidRequestContent", message)
    policy["properties"]["provisioningState"] = "Succeeded"
