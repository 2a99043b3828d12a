"""The requests of the commands of the extension `durabletask` 1.0.0b7."""

from azure.cli.core import AzCommandsLoader
from azure.cli.core.azclierror import ValidationError

from .builder import build

VERSION = "2026-02-01"
BASE = "/subscriptions/{subscription}"
GROUP = "/resourceGroups/{resource_group}"
SCHEDULERS = "/providers/Microsoft.DurableTask/schedulers"
SCHEDULER = f"{BASE}{GROUP}{SCHEDULERS}/{{name}}"
HUBS = f"{BASE}{GROUP}{SCHEDULERS}/{{scheduler_name}}/taskHubs"
HUB = f"{HUBS}/{{name}}"
POLICY = f"{BASE}{GROUP}{SCHEDULERS}/{{scheduler_name}}/retentionPolicies/default"


def _given(values):
    return {name: value for name, value in values.items() if value is not None}


def create_scheduler(self, args):
    """Put a scheduler with what is given and nothing else."""
    if args.get("sku_name") is None:
        raise ValidationError("The --sku-name parameter is required.")
    if args["sku_name"] == "Dedicated" and args.get("sku_capacity") is None:
        raise ValidationError(
            "The --sku-capacity parameter is required when --sku-name is 'Dedicated'."
        )
    properties = {
        "ipAllowlist": args.get("ip_allowlist"),
        "publicNetworkAccess": args.get("public_network_access"),
        "sku": _given({"name": args["sku_name"], "capacity": args.get("sku_capacity")}),
    }
    body = {"location": args["location"], "properties": _given(properties)}
    body |= _given({"tags": args.get("tags")})
    return (yield ("PUT", SCHEDULER, VERSION, body))


def update_scheduler(self, args):
    """Read a scheduler, change what is given, and put it."""
    body = yield ("GET", SCHEDULER, VERSION, None)
    properties = body["properties"]
    if args.get("sku_name") is not None:
        properties["sku"] = {"name": args["sku_name"]}
    if args.get("sku_capacity") is not None:
        properties["sku"]["capacity"] = args["sku_capacity"]
    for option, name in (
        ("ip_allowlist", "ipAllowlist"),
        ("public_network_access", "publicNetworkAccess"),
    ):
        if args.get(option) is not None:
            properties[name] = args[option]
    if args.get("tags") is not None:
        body["tags"] = args["tags"]
    return (yield ("PUT", SCHEDULER, VERSION, body))


def list_schedulers(self, args):
    """Return the schedulers of a group or of the subscription."""
    group = GROUP if args.get("resource_group") else ""
    found = yield ("GET", f"{BASE}{group}{SCHEDULERS}", VERSION, None)
    return found["value"]


def list_hubs(self, args):
    """Return the task hubs of a scheduler."""
    found = yield ("GET", HUBS, VERSION, None)
    return found["value"]


def create_policy(self, args):
    """Put the retention policy of a scheduler."""
    states = ("canceled", "completed", "failed", "terminated")
    rules = [
        {"retentionPeriodInDays": int(args[f"{state}_days"]), "orchestrationState": state.title()}
        for state in states
        if args.get(f"{state}_days") is not None
    ]
    if args.get("default_days") is not None:
        rules.insert(0, {"retentionPeriodInDays": int(args["default_days"])})
    return (yield ("PUT", POLICY, VERSION, {"properties": {"retentionPolicies": rules}}))


def simple(method, path, body=None):
    """Return a performer of one request whose response is the output."""

    def perform(self, args):
        return (yield (method, path, VERSION, body))

    return perform


PERFORMERS = {
    "durabletask scheduler create": create_scheduler,
    "durabletask scheduler show": simple("GET", SCHEDULER),
    "durabletask scheduler list": list_schedulers,
    "durabletask scheduler update": update_scheduler,
    "durabletask scheduler delete": simple("DELETE", SCHEDULER),
    "durabletask scheduler wait": simple("GET", SCHEDULER),
    "durabletask taskhub create": simple("PUT", HUB, {"properties": {}}),
    "durabletask taskhub show": simple("GET", HUB),
    "durabletask taskhub list": list_hubs,
    "durabletask taskhub delete": simple("DELETE", HUB),
    "durabletask taskhub wait": simple("GET", HUB),
    "durabletask retention-policy create": create_policy,
    "durabletask retention-policy show": simple("GET", POLICY),
    "durabletask retention-policy delete": simple("DELETE", POLICY),
    "durabletask retention-policy wait": simple("GET", POLICY),
}


class DurableTaskLoader(AzCommandsLoader):
    """Loads the commands."""

    def load_command_table(self, args):
        """Return the command table."""
        build(self, "durabletask", PERFORMERS)
        return self.command_table

    def load_arguments(self, command):
        """Load nothing: the commands bring their arguments."""


COMMAND_LOADER_CLS = DurableTaskLoader
