"""Accounts, extensions, resource providers and the directory."""

from typing import Any

from ..call import Call
from ..errors import CallFailed, NotFound, NotSimulated
from ..places import DISPLAY_NAMES, SCHEDULER_REGIONS
from ..subscription import TENANT, USER

PROVIDERS = {
    "Microsoft.Authorization": ["roleAssignments"],
    "Microsoft.DurableTask": ["schedulers", "schedulers/taskHubs", "operations"],
    "Microsoft.Insights": ["components"],
    "Microsoft.ManagedIdentity": ["userAssignedIdentities"],
    "Microsoft.OperationalInsights": ["workspaces"],
    "Microsoft.Storage": ["storageAccounts"],
    "Microsoft.Web": ["sites", "serverfarms"],
}


def version(call: Call) -> Any:
    """Return the versions of Azure CLI and its extensions."""
    cli = call.subscription.data["cli_version"]
    return {
        "azure-cli": cli,
        "azure-cli-core": cli,
        "azure-cli-telemetry": "1.1.0",
        "extensions": call.subscription.data["extensions"],
    }


def login(call: Call) -> Any:
    """Log in without a browser."""
    call.subscription.data["logged_in"] = True
    return [account_show(call)]


def logout(call: Call) -> None:
    """Forget the account."""
    call.subscription.data["logged_in"] = False


def config_set(call: Call) -> None:
    """Azure CLI's own configuration changes nothing in the subscription."""


def account_show(call: Call) -> Any:
    """Return the subscription of this call."""
    subscriptions = call.subscription.data["subscriptions"]
    this = next(each for each in subscriptions if each["id"] == call.subscription.id)
    return {
        "environmentName": "AzureCloud",
        "homeTenantId": TENANT,
        "id": this["id"],
        "isDefault": this["id"] == call.subscription.data["current"],
        "name": this["name"],
        "state": "Enabled",
        "tenantId": TENANT,
        "user": call.subscription.data["user"],
    }


def account_set(call: Call) -> None:
    """Make another subscription the default."""
    text = call["subscription"] or ""
    message = f"The subscription of '{text}' doesn't exist in cloud 'AzureCloud'."
    call.subscription.use_subscription(text, message)
    call.subscription.data["current"] = call.subscription.id


def account_list_locations(call: Call) -> Any:
    """Return the regions of the subscription."""
    return [{"name": name, "displayName": shown} for name, shown in DISPLAY_NAMES.items()]


def extension_add(call: Call) -> None:
    """Install an extension; repeating it is only a warning."""
    name, data = call["extension_name"], call.subscription.data
    if name not in data["available_extensions"]:
        raise CallFailed(f"No matching extensions for '{name}'. Use --debug for more information.")
    if name in data["extensions"]:
        call.warn(f"Extension '{name}' {data['extensions'][name]} is already installed.")
    data["extensions"][name] = data["available_extensions"][name]


def extension_update(call: Call) -> None:
    """Bring an installed extension to the newest version."""
    extension_show(call)
    extension_add(call)


def extension_list(call: Call) -> Any:
    """Return the installed extensions."""
    return [_extension(*each) for each in call.subscription.data["extensions"].items()]


def extension_show(call: Call) -> Any:
    """Return an installed extension."""
    name = call["extension_name"]
    if name not in call.subscription.data["extensions"]:
        raise CallFailed(f"The extension {name} is not installed.")
    return _extension(name, call.subscription.data["extensions"][name])


def _extension(name: str, installed: str) -> dict[str, Any]:
    return {
        "extensionType": "whl",
        "name": name,
        "preview": "b" in installed,
        "version": installed,
    }


def provider_register(call: Call) -> None:
    """Register a resource provider; repeating it does no harm."""
    namespace = _namespace(call)
    call.subscription.data["providers"][namespace] = "Registered"


def provider_show(call: Call) -> Any:
    """Return a provider with the regions of its types, written as display names."""
    namespace = _namespace(call)
    types = [
        {"resourceType": kind, "locations": _locations(namespace, kind)}
        for kind in PROVIDERS[namespace]
    ]
    return {
        "namespace": namespace,
        "registrationState": call.subscription.data["providers"].get(namespace, "Registered"),
        "resourceTypes": types,
    }


def _namespace(call: Call) -> str:
    wanted = call["resource_provider_namespace"]
    for namespace in PROVIDERS:
        if namespace.lower() == wanted.lower():
            return namespace
    if wanted.lower().startswith("microsoft.") and wanted.lower() in OTHER_PROVIDERS:
        raise NotSimulated(f"provider {wanted}")
    message = f"The resource namespace '{wanted}' is invalid."
    raise NotFound("InvalidResourceNamespace", message)


OTHER_PROVIDERS = {"microsoft.compute", "microsoft.keyvault", "microsoft.network"}


def _locations(namespace: str, kind: str) -> list[str]:
    if namespace == "Microsoft.DurableTask" and kind != "operations":
        return [DISPLAY_NAMES[name] for name in SCHEDULER_REGIONS]
    return list(DISPLAY_NAMES.values())


def ad_signed_in_user_show(call: Call) -> Any:
    """Return the person who is logged in; a service principal is none."""
    user = call.subscription.data["user"]
    if user["type"] != "user":
        raise CallFailed("/me request is only valid with delegated authentication flow.")
    return {"displayName": "Dev", "id": USER, "userPrincipalName": user["name"]}
