"""The requests of the commands of the extension `application-insights` 2.0.0b1."""

from azure.cli.core import AzCommandsLoader
from azure.cli.core.azclierror import ArgumentUsageError

from .builder import build

VERSION = "2020-02-02"
BASE = "/subscriptions/{subscription}"
GROUP = "/resourceGroups/{resource_group_name}"
COMPONENTS = "/providers/microsoft.insights/components"
COMPONENT = f"{BASE}{GROUP}{COMPONENTS}/{{application}}"


def create(self, args):
    """Put a component: what is not given gets its default, local authentication among it."""
    properties = {
        "Application_Type": args["application_type"],
        "WorkspaceResourceId": args.get("workspace_resource_id"),
        "publicNetworkAccessForIngestion": args.get("public_network_access_for_ingestion"),
        "publicNetworkAccessForQuery": args.get("public_network_access_for_query"),
        "RetentionInDays": args.get("retention_in_days"),
    }
    body = {
        "kind": args["kind"],
        "location": args["location"],
        "properties": {name: value for name, value in properties.items() if value is not None},
    }
    if args.get("tags") is not None:
        body["tags"] = args["tags"]
    return _flat((yield ("PUT", COMPONENT, VERSION, body)))


def show(self, args):
    """Return a component, or all of a group or subscription."""
    if args.get("application"):
        if not args.get("resource_group_name"):
            raise ArgumentUsageError(
                "Application provided without resource group. Either specify app with resource "
                "group, or remove app."
            )
        return _flat((yield ("GET", COMPONENT, VERSION, None)))
    group = GROUP if args.get("resource_group_name") else ""
    found = yield ("GET", f"{BASE}{group}{COMPONENTS}", VERSION, None)
    return [_flat(each) for each in found["value"]]


def _flat(component):
    """Return a component with its properties beside `id`, as these commands print it."""
    properties = component.pop("properties")
    return component | {f"{name[0].lower()}{name[1:]}": each for name, each in properties.items()}


PERFORMERS = {
    "monitor app-insights component create": create,
    "monitor app-insights component show": show,
}


class ApplicationInsightsLoader(AzCommandsLoader):
    """Loads the commands."""

    def load_command_table(self, args):
        """Return the command table."""
        build(self, "application-insights", PERFORMERS)
        return self.command_table

    def load_arguments(self, command):
        """Load nothing: the commands bring their arguments."""


COMMAND_LOADER_CLS = ApplicationInsightsLoader
