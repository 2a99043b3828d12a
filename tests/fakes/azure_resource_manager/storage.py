"""Storage accounts and blob containers.

Source: REST reference of Microsoft.Storage; "Prevent Shared Key authorization".
"""

from typing import Any

from .errors import ArmError
from .http import ServiceResponse
from .paths import group_of
from .routing import Call, route, rule
from .state import ACCOUNT_KEY, Resource
from .store import find

ACCOUNT = "Microsoft.Storage/storageAccounts"
SERVICE = f"{ACCOUNT}/blobServices"
CONTAINER = f"{SERVICE}/containers"
ACCOUNT_PATH = (
    "/subscriptions/{subscription}/resourcegroups/{group}/providers/Microsoft.Storage/"
    "storageAccounts/{name}"
)


@rule("put", ACCOUNT)
def put_account(call: Call, account: Resource, existing: Resource | None) -> None:
    """Create an account or change the given properties; names are unique in all of Azure."""
    name = account["name"]
    if existing is None:
        _check_free(call, account)
    old = (existing or {}).get("properties", {})
    given = {key: each for key, each in account["properties"].items() if each is not None}
    services = ("blob", "dfs", "file", "queue", "table", "web")
    account["properties"] = {
        "allowBlobPublicAccess": False,
        "minimumTlsVersion": "TLS1_0",
        "publicNetworkAccess": "Enabled",
        "supportsHttpsTrafficOnly": True,
        "networkAcls": {"defaultAction": "Allow", "bypass": "AzureServices"},
        **old,
        **given,
        "primaryEndpoints": {each: f"https://{name}.{each}.core.windows.net/" for each in services},
        "provisioningState": "Succeeded",
    }
    account.setdefault("kind", "StorageV2")
    if account["properties"].get("allowSharedKeyAccess") is not False:
        call.find("shared-keys", f"storage account {name}")


def _check_free(call: Call, account: Resource) -> None:
    if account["name"] in call.state.data["taken"][ACCOUNT]:
        message = f"The storage account named {account['name']} is already taken."
        raise ArmError(409, "StorageAccountAlreadyTaken", message)
    for other in call.state.all(ACCOUNT):
        if other["name"] == account["name"] and group_of(other["id"]) != group_of(account["id"]):
            raise ArmError(
                409,
                "StorageAccountInAnotherResourceGroup",
                f"The account {account['name']} is already in another resource group in this "
                "subscription.",
            )


@route("POST", f"{ACCOUNT_PATH}/listKeys")
def keys(call: Call, **_: str) -> ServiceResponse:
    """Return the keys, whether the account accepts them or not."""
    find(call, call.request.path.rsplit("/", 1)[0])
    names = ("key1", "key2")
    values = [{"keyName": name, "permissions": "FULL", "value": ACCOUNT_KEY} for name in names]
    return ServiceResponse({"keys": values})


@route("POST", "/subscriptions/{subscription}/providers/Microsoft.Storage/checkNameAvailability")
def check_name_available(call: Call, subscription: str) -> ServiceResponse:
    """Return whether a name is free in all of Azure; an own account takes it, too."""
    name = call.request.json["name"]
    own = {each["name"] for each in call.state.all(ACCOUNT)}
    if name not in own | set(call.state.data["taken"][ACCOUNT]):
        return ServiceResponse({"nameAvailable": True})
    message = f"The storage account named {name} is already taken."
    return ServiceResponse({"nameAvailable": False, "reason": "AlreadyExists", "message": message})


@rule("put", CONTAINER)
def put_container(call: Call, container: Resource, existing: Resource | None) -> None:
    """Create the service with its first container, and name what the Azure CLI names by chance."""
    service = container["id"].rsplit("/", 2)[0]
    default = {"id": service, "name": "default", "type": SERVICE, "properties": {}}
    call.state.resources.setdefault(service.lower(), default)
    if container["name"].startswith("app-package-"):
        call.state.label("package container", container["name"])


def account_named(call: Call, name: str | None) -> Resource | None:
    """Return the account with a name."""
    return next((each for each in call.state.all(ACCOUNT) if each["name"] == name), None)


def accepts_keys(account: Resource) -> Any:
    """Return whether a key opens the account; null means yes."""
    return account["properties"].get("allowSharedKeyAccess") is not False
