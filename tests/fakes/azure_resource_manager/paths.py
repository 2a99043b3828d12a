"""Ids of resources: taken apart, put together, shortened."""

import re


class Path:
    """The path of a request to Azure Resource Manager.

    `kind` is `Namespace/type/subtype`, `names` one name for each type. A path that ends in a type
    is a collection: its last name is missing.
    """

    GROUP = re.compile(r"/subscriptions/([^/]+)/resourcegroups/([^/]+)", re.IGNORECASE)
    SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)

    def __init__(self, path: str) -> None:
        """Take a path apart."""
        self.text = path
        self.subscription = self.group = self.namespace = ""
        if found := self.GROUP.match(path):
            self.subscription, self.group = found.groups()
        elif found := self.SUBSCRIPTION.match(path):
            self.subscription = found[1]
        start = path.lower().rfind("/providers/")
        parts = path[start + len("/providers/") :].split("/") if start >= 0 else []
        self.namespace = parts[0] if parts else ""
        self.types, self.names = parts[1::2], parts[2::2]

    @property
    def kind(self) -> str:
        """Return `Namespace/type/subtype`."""
        return "/".join([self.namespace, *self.types])

    @property
    def is_collection(self) -> bool:
        """Return whether the path ends in a type."""
        return len(self.types) > len(self.names)

    @property
    def parent(self) -> str:
        """Return the id of the resource that holds this one, or "" at the top."""
        return self.text.rsplit("/", 2)[0] if len(self.types) > 1 else ""


def short(identifier: str) -> str:
    """Return the id of a resource without its subscription and providers: `group/type/name`."""
    parts = identifier.split("/")[4:]
    kept = parts[:1] + (parts[3:] if parts[1:2] == ["providers"] else parts[1:])
    return "/".join(kept) or "subscription"


def group_of(identifier: str) -> str:
    """Return the resource group in an id, or ""."""
    return Path(identifier).group
