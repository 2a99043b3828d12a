"""Log Analytics workspaces and Application Insights components.

Source: REST reference of Microsoft.OperationalInsights and Microsoft.Insights. A component that is
put again without a property gets its default: local authentication is enabled.
"""

from .errors import ArmError
from .routing import Call, rule
from .state import Resource

WORKSPACE = "Microsoft.OperationalInsights/workspaces"
COMPONENT = "Microsoft.Insights/components"


@rule("put", WORKSPACE)
def put_workspace(call: Call, workspace: Resource, existing: Resource | None) -> None:
    """Complete a workspace; retention and network access are the defaults unless given."""
    name = workspace["name"]
    old = (existing or {}).get("properties", {})
    given = {key: each for key, each in workspace["properties"].items() if each is not None}
    workspace["properties"] = {
        "customerId": old.get("customerId") or call.state.generate_guid(f"customer id of {name}"),
        "retentionInDays": 30,
        "sku": {"name": "PerGB2018"},
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
        **given,
        "provisioningState": "Succeeded",
    }


@rule("put", COMPONENT)
def put_component(call: Call, component: Resource, existing: Resource | None) -> None:
    """Complete a component; the keys of an existing one remain."""
    properties = component["properties"]
    workspace = properties.get("WorkspaceResourceId")
    if workspace and call.state.find(workspace) is None:
        message = f"The workspace '{workspace}' was not found."
        raise ArmError(404, "ResourceNotFound", message)
    name = component["name"]
    keys = {key: existing["properties"][key] for key in KEYS} if existing else _new_keys(call, name)
    given = {key: each for key, each in properties.items() if each is not None}
    component["properties"] = {"DisableLocalAuth": False} | given | keys
    component["properties"]["provisioningState"] = "Succeeded"


KEYS = ("AppId", "ConnectionString", "InstrumentationKey")


def _new_keys(call: Call, name: str) -> dict[str, str]:
    key = call.state.generate_guid(f"instrumentation key of {name}")
    app = call.state.generate_guid(f"app id of {name}")
    host = "centralus-0.in.applicationinsights.azure.com"
    text = f"InstrumentationKey={key};IngestionEndpoint=https://{host}/;ApplicationId={app}"
    return {"AppId": app, "ConnectionString": text, "InstrumentationKey": key}
