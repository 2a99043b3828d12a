"""Log Analytics workspaces and Application Insights components."""

from typing import Any

from ..call import Call
from ..errors import CallFailed, NotFound
from ..subscription import Subscription
from .groups import tags_of

WORKSPACE = "Microsoft.OperationalInsights/workspaces"
COMPONENT = "Microsoft.Insights/components"


def monitor_log_analytics_workspace_create(call: Call) -> Any:
    """Create a workspace, or change it to the given values."""
    group, name, subscription = call["group"], call["workspace_name"], call.subscription
    existing = subscription.find(subscription.resource_id(group, WORKSPACE, name))
    customer = existing["properties"]["customerId"] if existing else None
    workspace = subscription.put(
        group,
        WORKSPACE,
        name,
        location=call["location"],
        tags=tags_of(call["tags"]),
        properties={
            "customerId": customer or subscription.generate_guid(f"customer id of {name}"),
            "provisioningState": "Succeeded",
            "retentionInDays": call["retention_time"],
            "sku": {"name": call["sku_name"]},
        },
    )
    return _flat(workspace)


def monitor_log_analytics_workspace_show(call: Call) -> Any:
    """Return a workspace."""
    return _flat(call.subscription.get(call["group"], WORKSPACE, call["workspace_name"]))


def _flat(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the resource with its properties beside `id`, as these commands print it."""
    flat = {key: value for key, value in resource.items() if key != "properties"}
    return flat | resource["properties"]


def monitor_app_insights_component_create(call: Call) -> Any:
    """Create a component on a workspace, or change it to the given values."""
    workspace = call["workspace_resource_id"]
    if workspace and call.subscription.find(workspace) is None:
        raise NotFound("ResourceNotFound", f"The workspace '{workspace}' was not found.")
    component = put_component(
        call.subscription,
        *(call["group"], call["application"], call["location"], workspace),
        tags=tags_of(call["tags"]),
    )
    return _flat(component)


def put_component(
    subscription: Subscription,
    group: str,
    name: str,
    location: str,
    workspace: str | None,
    tags: dict[str, str],
) -> dict[str, Any]:
    """Create an Application Insights component, or keep the keys of the existing one.

    What a call does not give gets its default again: local authentication is on.
    """
    existing = subscription.find(subscription.resource_id(group, COMPONENT, name))
    properties = dict(existing["properties"]) if existing else _new_keys(subscription, name)
    properties["DisableLocalAuth"] = False
    properties["workspaceResourceId"] = workspace
    return subscription.put(
        group, COMPONENT, name, location=location, kind="web", tags=tags, properties=properties
    )


def _new_keys(subscription: Subscription, name: str) -> dict[str, Any]:
    key = subscription.generate_guid(f"instrumentation key of {name}")
    app = subscription.generate_guid(f"app id of {name}")
    host = "centralus-0.in.applicationinsights.azure.com"
    text = f"InstrumentationKey={key};IngestionEndpoint=https://{host}/;ApplicationId={app}"
    return {"appId": app, "connectionString": text, "instrumentationKey": key}


def monitor_app_insights_component_show(call: Call) -> Any:
    """Return a component, or all of a group."""
    if call["application"] is None:
        return [_flat(each) for each in call.subscription.all(COMPONENT, call["group"])]
    if call["group"] is None:
        raise CallFailed("--resource-group is required with --app")
    return _flat(call.subscription.get(call["group"], COMPONENT, call["application"]))
