"""What exists: one JSON file with everything, which a call locks, reads, changes and replaces."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from typing import Any
from zlib import crc32

SUBSCRIPTION = "0b1f6471-1bf0-4dda-aec3-111122223333"
OTHER_SUBSCRIPTION = "0b1f6471-1bf0-4dda-aec3-000000000002"
TENANT = "8d5cbaaa-51ec-4c1a-8b4b-444455556666"
USER = "2f1d6f9e-7a55-4e0b-9a3e-777788889999"
USER_NAME = "dev@contoso.com"
# Made-up secrets, so that a test can look for them where they must not be.
FUNCTION_KEY = "made-up-function-key"
MASTER_KEY = "made-up-master-key"
ACCOUNT_KEY = "made-up-account-key=="
PUBLISH_PASSWORD = "made-up-publish-password"
SYSTEM_KEY = "made-up-system-key"
SECRETS = (FUNCTION_KEY, MASTER_KEY, ACCOUNT_KEY, PUBLISH_PASSWORD, SYSTEM_KEY)

Resource = dict[str, Any]


def new() -> dict[str, Any]:
    """Return the data of an empty subscription."""
    return {
        "subscriptions": [
            {"id": SUBSCRIPTION, "name": "Development"},
            {"id": OTHER_SUBSCRIPTION, "name": "Production"},
        ],
        "logged_in": True,
        "user": {
            "name": USER_NAME,
            "type": "user",  # or servicePrincipal
            "guest": False,  # a guest may not read objects of the directory
            "roles": [["Owner", f"/subscriptions/{each}"] for each in _SUBSCRIPTIONS],
        },
        # What `az extension add` finds, in the order of its index.
        "extension_index": {
            "application-insights": ["2.0.0b1"],
            "durabletask": ["1.0.0b6", "1.0.0b7"],
        },
        "unregistered_providers": ["Microsoft.DurableTask"],
        "resources": {},
        "settings": {},  # id of an app -> its application settings
        "apps": {},  # id of an app -> when it started, what was deployed
        "assignments": {},
        "principals": {USER: {"kind": "User", "name": USER_NAME, "client": None, "since": -99}},
        "principal_delay": 3,  # calls that pass before a new principal is known without its type
        "taken": {"Microsoft.Storage/storageAccounts": [], "Microsoft.Web/sites": []},
        "app_host": None,  # the host name of function apps, when a test serves one
        "host": {},  # how the host of an app behaves after a deployment (`hosts.py`)
        "generated": {},  # made-up value -> what it is
        "faults": [],
        "total": 0,  # calls since the beginning
        "calls": 0,  # calls of this run
        "github": {
            "logged_in": True,
            "repository": None,
            "subject_prefix": "repo:contoso@11/orders@22",  # None: no such repository
            "variables": {},
            "secrets": [],
        },
        "azd": None,  # the values of the environment of azd, if there is one
    }


_SUBSCRIPTIONS = (SUBSCRIPTION, OTHER_SUBSCRIPTION)


class State:
    """The data of a subscription, with what all concerns need of it."""

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        """Complete the data by that of an empty subscription."""
        self.data = new() | (data or {})

    @property
    def resources(self) -> dict[str, Resource]:
        """Return the resources by lower-case id."""
        return self.data["resources"]

    # Made-up values -------------------------------------------------------------------------

    def generate(self, what: str, form: str = "{}") -> str:
        """Return a new made-up value; `{}` of the form becomes 12 hexadecimal digits."""
        seed = f"{len(self.data['generated'])} {what}".encode()
        return self.label(what, form.format(f"{crc32(seed):08x}{crc32(seed[::-1]):08x}"[:12]))

    def generate_guid(self, what: str) -> str:
        """Return a new GUID."""
        return self.generate(what, f"{crc32(what.encode()):08x}-5a5a-4c4c-8b8b-{{}}")

    def label(self, what: str, value: str) -> str:
        """Remember what a value is that somebody made up; a second one of its kind is numbered."""
        generated = self.data["generated"]
        if value not in generated:
            serial = 1 + sum(label.split(" #")[0] == what for label in generated.values())
            generated[value] = what if serial == 1 else f"{what} #{serial}"
        return value

    # Reading --------------------------------------------------------------------------------

    def find(self, identifier: str) -> Resource | None:
        """Return the resource with the id, or None."""
        return self.resources.get(identifier.lower().rstrip("/"))

    def all(self, kind: str, within: str = "") -> list[Resource]:
        """Return the resources of a type whose ids begin with that of another."""
        start = f"{within.lower()}/" if within else ""
        return [
            each
            for key, each in self.resources.items()
            if each["type"].lower() == kind.lower() and key.startswith(start)
        ]

    def below(self, identifier: str) -> list[Resource]:
        """Return the resources whose ids begin with the id of another."""
        start = f"{identifier.lower()}/"
        return [each for key, each in self.resources.items() if key.startswith(start)]

    def settings_of(self, app: Resource) -> dict[str, str]:
        """Return the settings of a function app, to be read or changed."""
        return self.data["settings"].setdefault(app["id"].lower(), {})

    def life_of(self, app: Resource) -> dict[str, Any]:
        """Return when an app started and what was deployed, to be read or changed."""
        return self.data["apps"].setdefault(app["id"].lower(), {"started": 0, "deployment": None})

    # Changing -------------------------------------------------------------------------------

    def delete(self, identifier: str) -> None:
        """Delete a resource with all in it: settings, own principals, role assignments."""
        for resource in [*self.below(identifier), self.find(identifier)]:
            if resource is not None:
                key = resource["id"].lower()
                del self.resources[key]
                self.data["settings"].pop(key, None)
                self.data["apps"].pop(key, None)
                for principal in own_principals(resource):
                    self.data["principals"].pop(principal, None)
        start = identifier.lower()
        for key, assignment in list(self.data["assignments"].items()):
            if f"{assignment['scope'].lower()}/".startswith(f"{start}/"):
                del self.data["assignments"][key]

    def add_principal(self, kind: str, name: str, client: str | None) -> str:
        """Return the object id of a new principal; a managed identity has a client id as well."""
        principal = self.generate_guid(f"principal of {name}")
        facts = {"kind": kind, "name": name, "client": client, "since": self.data["total"]}
        self.data["principals"][principal] = facts
        return principal


def own_principals(resource: Resource) -> list[str]:
    """Return the principals that vanish with the resource."""
    identity = resource.get("identity") or {}
    own = [(resource.get("properties") or {}).get("principalId"), identity.get("principalId")]
    return [principal for principal in own if principal]


@contextlib.contextmanager
def locked(path: str) -> Iterator[State]:
    """Yield the state of a file and keep others out; save it at the end, unless something fails."""
    with open(f"{path}.lock", "a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
        state = load(path)
        yield state
        save(state, path)


def load(path: str) -> State:
    """Return the state of the file; a new one if there is no file."""
    try:
        with open(path, encoding="utf-8") as file:
            return State(json.load(file))
    except FileNotFoundError:
        return State()


def save(state: State, path: str) -> None:
    """Replace the file at once, so that no reader sees half of it."""
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(json.dumps(state.data))  # without an indent: ten times as fast
    os.replace(temporary, path)
