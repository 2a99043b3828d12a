"""Storage accounts and blob containers.

Rules: azure-cli 2.91.0 and the error codes of the Storage resource provider and Blob service.
"""

from typing import Any

from ..call import Call
from ..errors import CallFailed, NotFound, ServiceError
from ..subscription import ACCOUNT_KEY, USER, Subscription
from .groups import tags_of

ACCOUNT = "Microsoft.Storage/storageAccounts"
CONTAINER = "Microsoft.Storage/storageAccounts/blobServices/containers"
MAY_WRITE_BLOBS = {"Storage Blob Data Owner", "Storage Blob Data Contributor"}
NO_DATA_ROLE = (
    "\nYou do not have the required permissions needed to perform this operation.\nDepending on "
    'your operation, you may need to be assigned one of the following roles:\n    "Storage Blob '
    'Data Owner"\n    "Storage Blob Data Contributor"\n    "Storage Blob Data Reader"'
)


def storage_account_create(call: Call) -> Any:
    """Create an account or change the given properties; names are unique in all of Azure."""
    name = call["account_name"]
    existing = _account_anywhere(call.subscription, name)
    _check_not_taken(call, existing)
    old = existing["properties"] if existing else {}
    account = call.subscription.put(
        call["group"],
        ACCOUNT,
        name,
        location=call["location"],
        kind=call["kind"],
        sku={"name": call["sku"], "tier": call["sku"].split("_")[0]},
        tags=tags_of(call["tags"]),
        properties=_properties(call, old) | {"primaryEndpoints": _endpoints(name)},
    )
    return _shown(call, account)


def _account_anywhere(subscription: Subscription, name: str) -> dict[str, Any] | None:
    return next((each for each in subscription.all(ACCOUNT) if each["name"] == name), None)


def _check_not_taken(call: Call, existing: dict[str, Any] | None) -> None:
    name, group = call["account_name"], call.subscription.check_group(call["group"])
    if name in call.subscription.data["taken"][ACCOUNT]:
        message = f"The storage account named {name} is already taken."
        raise ServiceError("StorageAccountAlreadyTaken", message)
    if existing and existing["resourceGroup"] != group["name"]:
        raise ServiceError(
            "StorageAccountInAnotherResourceGroup",
            f"The account {name} is already in another resource group in this subscription.",
        )


def _properties(call: Call, old: dict[str, Any]) -> dict[str, Any]:
    """Return the properties after a call; without an option the old value or the default holds."""
    given = {
        "allowBlobPublicAccess": (call["allow_blob_public_access"], False),
        "allowSharedKeyAccess": (call["allow_shared_key_access"], None),  # null means allowed
        "minimumTlsVersion": (call["min_tls_version"], "TLS1_0"),
        "publicNetworkAccess": (call["public_network_access"], "Enabled"),
        "supportsHttpsTrafficOnly": (call["https_only"], True),
    }
    return {
        name: old.get(name, default) if value is None else value
        for name, (value, default) in given.items()
    }


def _endpoints(name: str) -> dict[str, str]:
    services = ("blob", "dfs", "file", "queue", "table", "web")
    return {service: f"https://{name}.{service}.core.windows.net/" for service in services}


def _shown(call: Call, account: dict[str, Any]) -> dict[str, Any]:
    """Return the account with its properties beside `id`, as Azure CLI prints it."""
    flat = {key: value for key, value in account.items() if key != "properties"}
    if account["properties"]["allowSharedKeyAccess"] is not False and "create" in call.command:
        call.find("shared-keys", f"storage account {account['name']}")
    return flat | account["properties"] | {"provisioningState": "Succeeded"}


def storage_account_update(call: Call) -> Any:
    """Change the given properties only."""
    account = _account(call)
    account["properties"] |= _properties(call, account["properties"])
    if call["sku"]:
        account["sku"] = {"name": call["sku"], "tier": call["sku"].split("_")[0]}
    return _shown(call, account)


def _account(call: Call) -> dict[str, Any]:
    """Return the account; without a group it is looked for in the subscription."""
    name = call["account_name"]
    if call["group"]:
        return call.subscription.get(call["group"], ACCOUNT, name)
    found = _account_anywhere(call.subscription, name)
    if found is None:
        message = f"The storage account '{name}' was not found in the subscription."
        raise NotFound("ResourceNotFound", message)
    return found


def storage_account_show(call: Call) -> Any:
    """Return an account."""
    return _shown(call, _account(call))


def storage_account_check_name(call: Call) -> Any:
    """Return whether the name is free in all of Azure; an own account takes it, too."""
    name = call["name"]
    taken = name in call.subscription.data["taken"][ACCOUNT]
    if not taken and _account_anywhere(call.subscription, name) is None:
        return {"message": None, "nameAvailable": True, "reason": None}
    message = f"The storage account named {name} is already taken."
    return {"message": message, "nameAvailable": False, "reason": "AlreadyExists"}


def storage_account_delete(call: Call) -> None:
    """Delete an account."""
    call.subscription.delete(_account(call)["id"])


def storage_account_keys_list(call: Call) -> Any:
    """Return the keys of an account."""
    call.subscription.get(call["group"], ACCOUNT, call["account_name"])
    return [{"keyName": name, "permissions": "FULL", "value": ACCOUNT_KEY} for name in KEY_NAMES]


KEY_NAMES = ("key1", "key2")


def storage_container_create(call: Call) -> Any:
    """Create a blob container through the data plane, with a key or with a data role."""
    account = _data_plane_account(call)
    names = account["name"], "default", call["container_name"]
    group = account["resourceGroup"]
    existed = call.subscription.find(call.subscription.resource_id(group, CONTAINER, *names))
    if not existed:
        put_container(call.subscription, account, call["container_name"])
    return {"created": not existed}


def storage_container_exists(call: Call) -> Any:
    """Return whether there is a container."""
    account = _data_plane_account(call)
    names = account["name"], "default", call["container_name"]
    identifier = call.subscription.resource_id(account["resourceGroup"], CONTAINER, *names)
    return {"exists": call.subscription.find(identifier) is not None}


def _data_plane_account(call: Call) -> dict[str, Any]:
    account = _account_anywhere(call.subscription, call["account_name"] or "")
    if account is None:
        raise CallFailed("Please check the storage account name: the host is not known.")
    if call["auth_mode"] == "login":
        if not has_role(call.subscription, USER, account["id"], MAY_WRITE_BLOBS):
            raise CallFailed(NO_DATA_ROLE)
    elif account["properties"]["allowSharedKeyAccess"] is False:
        raise CallFailed(
            "Key based authentication is not permitted on this storage account.\n"
            "ErrorCode:KeyBasedAuthenticationNotPermitted"
        )
    return account


def put_container(subscription: Subscription, account: dict[str, Any], name: str) -> None:
    """Create a blob container through the management plane."""
    service = f"{account['id']}/blobServices/default"
    if subscription.find(service) is None:
        subscription.put(
            account["resourceGroup"],
            "Microsoft.Storage/storageAccounts/blobServices",
            *(account["name"], "default"),
        )
    subscription.put(account["resourceGroup"], CONTAINER, account["name"], "default", name)


def has_role(subscription: Subscription, principal: str, scope: str, roles: set[str]) -> bool:
    """Return whether a principal has one of the roles at the scope or above it."""
    return any(
        each["principalId"] == principal
        and each["roleDefinitionName"] in roles
        and f"{scope.lower()}/".startswith(f"{each['scope'].lower()}/")
        for each in subscription.data["assignments"].values()
    )
