"""Resource groups."""

from typing import Any

from ..call import Call
from ..errors import CallFailed, ServiceError
from ..names import check_name
from ..places import check_location

KIND = "Microsoft.Resources/resourceGroups"


def tags_of(texts: list[str] | dict[str, str] | None) -> dict[str, str]:
    """Return the tags that `--tags a=b c` means."""
    if isinstance(texts, dict):
        return texts
    parts = (text.partition("=") for text in texts or [])
    return {name: value for name, _, value in parts}


def group_create(call: Call) -> Any:
    """Create a group or replace its tags; its location cannot change."""
    subscription, name = call.subscription, call["group"]
    check_name(KIND, name)
    location = check_location(KIND, call["location"])
    identifier = subscription.group_id(name)
    existing = subscription.find(identifier)
    if existing and existing["location"] != location:
        raise ServiceError(
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in "
            f"location '{existing['location']}'.",
        )
    subscription.data["resources"][identifier.lower()] = {
        "id": identifier,
        "name": existing["name"] if existing else name,
        "type": KIND,
        "resourceGroup": name,
        "location": location,
        "tags": tags_of(call["tags"]),
        "properties": {"provisioningState": "Succeeded"},
    }
    return group_show(call)


def group_show(call: Call) -> Any:
    """Return a group."""
    found = call.subscription.check_group(call["group"])
    return {key: value for key, value in found.items() if key != "resourceGroup"}


def group_exists(call: Call) -> bool:
    """Return whether there is a group; the exit code is 0 in both cases."""
    return call.subscription.find(call.subscription.group_id(call["group"])) is not None


def group_list(call: Call) -> Any:
    """Return all groups."""
    return call.subscription.all(KIND)


def group_delete(call: Call) -> None:
    """Delete a group with everything in it."""
    found = call.subscription.check_group(call["group"])
    call.subscription.delete(found["id"])


def group_wait(call: Call) -> None:
    """Wait for what has already happened, or time out."""
    wait(call, group_exists(call))


def wait(call: Call, exists: bool) -> None:
    """End a `wait` command: in the simulation nothing changes while one waits.

    A resource that is absent ends a wait for `--created` or `--exists` only by its timeout.
    """
    if not any(call[name] for name in ("deleted", "created", "updated", "exists", "custom")):
        raise CallFailed("usage error: --created | --updated | --deleted | --exists | --custom")
    if exists == bool(call["deleted"]):
        raise CallFailed("Wait operation timed-out.")
