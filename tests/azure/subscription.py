"""The simulated subscription: one JSON file with everything that exists in it.

Resources are stored as Azure Resource Manager shows them, by lower-case id. Names are compared
case-insensitively, as Azure does.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from typing import Any
from zlib import crc32

from .errors import CallFailed, NotFound, ServiceError
from .names import check_name
from .places import check_location

SUBSCRIPTION = "0b1f6471-1bf0-4dda-aec3-111122223333"
TENANT = "8d5cbaaa-51ec-4c1a-8b4b-444455556666"
USER = "2f1d6f9e-7a55-4e0b-9a3e-777788889999"
# Made-up secrets, so that a test can look for them where they must not be.
FUNCTION_KEY = "made-up-function-key"
MASTER_KEY = "made-up-master-key"
ACCOUNT_KEY = "made-up-account-key=="
PUBLISH_PASSWORD = "made-up-publish-password"
SYSTEM_KEY = "made-up-system-key"
SECRETS = (FUNCTION_KEY, MASTER_KEY, ACCOUNT_KEY, PUBLISH_PASSWORD, SYSTEM_KEY)


def new() -> dict[str, Any]:
    """Return the data of an empty subscription."""
    return {
        "subscriptions": [
            {"id": SUBSCRIPTION, "name": "Development"},
            {"id": "0b1f6471-1bf0-4dda-aec3-000000000002", "name": "Production"},
        ],
        "current": SUBSCRIPTION,
        "logged_in": True,
        "user": {"name": "dev@contoso.com", "type": "user"},
        "cli_version": "2.91.0",
        "available_extensions": {"application-insights": "2.0.0b1", "durabletask": "1.0.0b7"},
        "extensions": {},
        "providers": {"Microsoft.DurableTask": "NotRegistered"},
        "resources": {},
        "settings": {},  # app id -> app settings
        "assignments": {},
        "principals": {
            USER: {"kind": "User", "name": "dev@contoso.com", "client": None, "since": -99}
        },
        "principal_delay": 3,  # calls that pass before a new principal is known everywhere
        "taken": {"Microsoft.Storage/storageAccounts": [], "Microsoft.Web/sites": []},
        "app_host": None,  # the host name of function apps, when a test serves one
        "generated": {},  # made-up value -> what it stands for
        "github": {
            "logged_in": True,
            "repository": None,
            "subject_prefix": "repo:contoso@11/orders@22",  # None: no such repository
            "variables": {},
            "secrets": [],
        },
        "azd": None,  # the values of the environment of azd, if there is one
        "total": 0,  # calls since the beginning
        "calls": 0,  # calls of this run
        "faults": {},  # position of the fault -> how often it matched in this run
    }


class Subscription:
    """What exists, with the rules that hold for every resource type."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = new() | data
        self.id = self.data["current"]

    # Made-up values -------------------------------------------------------------------------

    def generate(self, what: str, form: str = "{}") -> str:
        """Return a new made-up value; `{}` of the form stands for 12 hexadecimal digits."""
        generated = self.data["generated"]
        serial = 1 + sum(label.split(" #")[0] == what for label in generated.values())
        label = what if serial == 1 else f"{what} #{serial}"
        seed = f"{len(generated)} {label}".encode()
        value = form.format(f"{crc32(seed):08x}{crc32(seed[::-1]):08x}"[:12])
        generated[value] = label
        return value

    def generate_guid(self, what: str) -> str:
        """Return a new GUID."""
        return self.generate(what, f"{crc32(what.encode()):08x}-5a5a-4c4c-8b8b-{{}}")

    # Ids ------------------------------------------------------------------------------------

    def group_id(self, group: str) -> str:
        """Return the id of a resource group, in the spelling of its creation."""
        written = f"/subscriptions/{self.id}/resourceGroups/{group}"
        known = self.data["resources"].get(written.lower())
        return known["id"] if known else written

    def resource_id(self, group: str, kind: str, *names: str) -> str:
        """Return the id of a resource of type `Namespace/type/subtype`."""
        namespace, *types = kind.split("/")
        path = "".join(f"/{part}/{name}" for part, name in zip(types, names, strict=True))
        return f"{self.group_id(group)}/providers/{namespace}{path}"

    # Reading --------------------------------------------------------------------------------

    def find(self, identifier: str) -> dict[str, Any] | None:
        """Return the resource with the id, or None."""
        return self.data["resources"].get(identifier.lower().rstrip("/"))

    def get(self, group: str, kind: str, *names: str) -> dict[str, Any]:
        """Return a resource, or fail as Azure does when its group or it does not exist."""
        self.check_group(group)
        found = self.find(self.resource_id(group, kind, *names))
        if found is None:
            raise NotFound.resource(kind, "/".join(names), group)
        return found

    def check_group(self, group: str) -> dict[str, Any]:
        """Return the resource group, or fail as Azure does when it does not exist."""
        found = self.find(self.group_id(group))
        if found is None:
            message = f"Resource group '{group}' could not be found."
            raise NotFound("ResourceGroupNotFound", message)
        return found

    def all(self, kind: str, group: str | None = None) -> list[dict[str, Any]]:
        """Return the resources of a type, of one group or of all."""
        resources = self.data["resources"].values()
        found = [resource for resource in resources if resource["type"].lower() == kind.lower()]
        if group is None:
            return found
        self.check_group(group)
        return [each for each in found if each["resourceGroup"].lower() == group.lower()]

    def below(self, identifier: str) -> list[dict[str, Any]]:
        """Return the resources whose id begins with the id of another."""
        start = f"{identifier.lower()}/"
        return [each for key, each in self.data["resources"].items() if key.startswith(start)]

    def settings_of(self, app: dict[str, Any]) -> dict[str, str]:
        """Return the app settings of a function app, to be read or changed."""
        return self.data["settings"].setdefault(app["id"].lower(), {})

    # Changing -------------------------------------------------------------------------------

    def put(
        self, group: str, kind: str, /, *names: str, location: str | None = None, **body: Any
    ) -> dict[str, Any]:
        """Create or replace a resource under the rules that Azure Resource Manager has for all.

        The group and the parent exist, the name is allowed, the region offers the type, and an
        existing resource stays in its region. The location is the group's if none is given.
        """
        home = self.check_group(group)
        identifier = self.resource_id(group, kind, *names)
        self._check_parent(group, kind, names)
        check_name(kind, names[-1])
        self._register(kind.split("/")[0])
        resource = {
            "id": identifier,
            "name": names[-1],
            "type": kind,
            "resourceGroup": home["name"],
        }
        if kind.count("/") == 1:
            region = check_location(kind, location or home["location"])
            self._check_same_location(identifier, names[0], region)
            resource["location"] = region
        self.data["resources"][identifier.lower()] = resource | body
        return self.data["resources"][identifier.lower()]

    def _check_parent(self, group: str, kind: str, names: tuple[str, ...]) -> None:
        if len(names) > 1:
            parent = self.resource_id(group, kind.rsplit("/", 1)[0], *names[:-1])
            if self.find(parent) is None:
                raise NotFound(
                    "ParentResourceNotFound",
                    f"Failed to perform 'write' on resource(s) of type '{kind.split('/', 1)[1]}', "
                    f"because the parent resource '{parent}' could not be found.",
                )

    def _check_same_location(self, identifier: str, name: str, region: str) -> None:
        existing = self.find(identifier)
        if existing and existing["location"] != region:
            raise ServiceError(
                "InvalidResourceLocation",
                f"The resource '{name}' already exists in location '{existing['location']}' in "
                f"resource group '{existing['resourceGroup']}'. A resource with the same name "
                f"cannot be created in location '{region}'. Please select a new resource name.",
            )

    def _register(self, namespace: str) -> None:
        """Azure CLI registers a provider by itself when a call needs it."""
        self.data["providers"][namespace] = "Registered"

    def delete(self, identifier: str) -> None:
        """Delete a resource with everything in it: settings, principals, role assignments."""
        for resource in [*self.below(identifier), self.find(identifier)]:
            if resource is not None:
                key = resource["id"].lower()
                del self.data["resources"][key]
                self.data["settings"].pop(key, None)
                for principal in _own_principals(resource):
                    self.data["principals"].pop(principal, None)
        start = identifier.lower()
        for key, assignment in list(self.data["assignments"].items()):
            if f"{assignment['scope'].lower()}/".startswith(f"{start}/"):
                del self.data["assignments"][key]

    def add_principal(self, kind: str, name: str, client: str | None) -> str:
        """Return the object id of a new principal: a managed identity has a client id as well."""
        principal = self.generate_guid(f"principal of {name}")
        since = self.data["total"]
        self.data["principals"][principal] = {
            "kind": kind,
            "name": name,
            "client": client,
            "since": since,
        }
        return principal

    def use_subscription(self, text: str, message: str) -> None:
        """Make the subscription with this id or name the one of this call."""
        for each in self.data["subscriptions"]:
            if text.lower() in (each["id"].lower(), each["name"].lower()):
                self.id = each["id"]
                return
        raise CallFailed(message)


def _own_principals(resource: dict[str, Any]) -> list[str]:
    """Return the principals that vanish with the resource."""
    identity = resource.get("identity") or {}
    own = [resource.get("properties", {}).get("principalId"), identity.get("principalId")]
    return [principal for principal in own if principal]


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Keep other calls out while this one reads and writes the state."""
    with open(f"{path}.lock", "a+b") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
        except ImportError:  # Windows
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        yield


def load(path: str) -> Subscription:
    """Return the subscription of the file; a new one if there is no file."""
    try:
        with open(path, encoding="utf-8") as file:
            return Subscription(json.load(file))
    except FileNotFoundError:
        return Subscription({})


def save(subscription: Subscription, path: str) -> None:
    """Replace the file at once, so that no reader sees half of it."""
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(subscription.data, file, indent=1)
    os.replace(temporary, path)
