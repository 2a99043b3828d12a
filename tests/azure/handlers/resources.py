"""Any resource by id: `az resource`.

Scripts use it for what no other command reaches: the policies of basic authentication and the
runtime scale monitoring of Elastic Premium.
"""

import json
from typing import Any

from ..call import Call
from ..errors import CallFailed, NotFound, NotSimulated
from ..subscription import Subscription
from .apps import restart
from .groups import KIND, wait
from .plans import SITE

SWITCHES = {"allow", "functionsRuntimeScaleMonitoringEnabled"}  # 1 and 0 become true and false


def _ids(call: Call) -> list[str]:
    if call["resource_ids"]:
        return call["resource_ids"]
    kind, name = call["resource_type"], call["resource_name"]
    if not (call["group"] and kind and name):
        message = "(--ids | --resource-group --resource-type --name) are required"
        raise CallFailed(message)
    namespace, _, rest = kind.partition("/") if "/" in kind else (None, None, kind)
    path = "/".join(part for part in (call["parent_resource_path"], rest, name) if part)
    namespace = call["resource_provider_namespace"] or namespace
    return [f"{call.subscription.group_id(call['group'])}/providers/{namespace}/{path}"]


def find(subscription: Subscription, identifier: str) -> dict[str, Any]:
    """Return the resource with the id, or fail as Azure does when it does not exist."""
    found = subscription.find(identifier)
    if found is None:
        parts = identifier.split("/")
        group = parts[4] if len(parts) > 4 else ""
        subscription.check_group(group)
        raise NotFound.resource("/".join(parts[6:-1]), parts[-1], group)
    return found


def _one_or_all(found: list[dict[str, Any]]) -> Any:
    return found[0] if len(found) == 1 else found


def resource_show(call: Call) -> Any:
    """Return the resources."""
    return _one_or_all([_shown(find(call.subscription, each)) for each in _ids(call)])


def _shown(resource: dict[str, Any]) -> dict[str, Any]:
    hidden = {"deployment", "readyAt", "runtime", "started"}
    return {key: value for key, value in resource.items() if key not in hidden}


def resource_list(call: Call) -> Any:
    """Return the resources that stand in a group by themselves."""
    if call["group"]:
        call.subscription.check_group(call["group"])
    return [
        _shown(each) for each in call.subscription.data["resources"].values() if _wanted(call, each)
    ]


def _wanted(call: Call, resource: dict[str, Any]) -> bool:
    conditions = {
        "resourceGroup": call["group"],
        "type": call["resource_type"],
        "name": call["resource_name"] or call["name"],
        "location": call["location"],
    }
    stands_alone = resource["type"].count("/") == 1 and resource["type"] != KIND
    return stands_alone and all(
        value is None or resource.get(name, "").lower() == value.lower()
        for name, value in conditions.items()
    )


def resource_update(call: Call) -> Any:
    """Set properties of the resources (`--set path=value`)."""
    if call["properties_to_add"] or call["properties_to_remove"]:
        raise NotSimulated("az resource update --add and --remove")
    resources = [find(call.subscription, each) for each in _ids(call)]
    for resource in resources:
        for text in call["properties_to_set"] or []:
            set_path(resource, text)
        restart_app_of(call.subscription, resource)
    return _one_or_all([_shown(each) for each in resources])


def set_path(resource: dict[str, Any], text: str) -> None:
    """Set one property, given as `properties.name=value`; JSON values keep their type."""
    path, equals, value = text.partition("=")
    if not equals:
        raise CallFailed("usage error: --set KEY1=VALUE1 [KEY2=VALUE2 ...]")
    *above, name = path.split(".")
    place = resource
    for key in above:
        if not isinstance(place.get(key), dict):
            raise CallFailed(f"Couldn't find '{key}' in ''. Available options: {sorted(place)}")
        place = place[key]
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = {"true": True, "false": False}.get(value.lower(), value)
    place[name] = bool(parsed) if name in SWITCHES else parsed


def restart_app_of(subscription: Subscription, resource: dict[str, Any]) -> None:
    """A changed configuration restarts the app."""
    if resource["type"].startswith(f"{SITE}/config"):
        app = subscription.find(resource["id"].rsplit("/", 2)[0])
        assert app is not None, "configuration belongs to an app"
        restart(subscription, app)


def resource_delete(call: Call) -> None:
    """Delete the resources."""
    for each in _ids(call):
        call.subscription.delete(find(call.subscription, each)["id"])


def resource_wait(call: Call) -> None:
    """Wait until the resource is there or gone."""
    wait(call, all(call.subscription.find(each) for each in _ids(call)))
