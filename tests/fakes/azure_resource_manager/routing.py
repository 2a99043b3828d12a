"""Where the concerns register what they do: requests of their own, and rules of resource types."""

import re
from collections.abc import Callable
from typing import Any

from .findings import KINDS
from .http import Request
from .state import State


class Call:
    """One request in the state of the service; rules leave their findings in it."""

    def __init__(self, state: State, request: Request) -> None:
        """Make the call of a request."""
        self.state = state
        self.request = request
        self.findings: list[dict[str, str]] = []

    def find(self, kind: str, text: str) -> None:
        """Record something that works, but that a good script does not do (`findings.KINDS`)."""
        assert kind in KINDS, kind
        self.findings.append({"kind": kind, "text": text})


Handler = Callable[..., Any]
ROUTES: list[tuple[str, str, re.Pattern[str], Handler]] = []
RULES: dict[tuple[str, str], list[Handler]] = {}
ARM = "management.azure.com"


def route(method: str, pattern: str, host: str = ARM) -> Callable[[Handler], Handler]:
    """Register what a request does that is none on a resource.

    `{name}` of the pattern is one part of the path, `{name*}` any number of them; the handler gets
    them by name. `host` is a regular expression.
    """
    expression = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+?)", pattern)
    expression = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", expression)

    def register(handler: Handler) -> Handler:
        ROUTES.append((method, host, re.compile(expression, re.IGNORECASE), handler))
        return handler

    return register


def find_route(request: Request) -> tuple[Handler, dict[str, str]] | None:
    """Return the handler of a request with the parts of its path, or None."""
    for method, host, pattern, handler in ROUTES:
        found = pattern.fullmatch(request.path)
        if found and method == request.method and re.fullmatch(host, request.host):
            return handler, found.groupdict()
    return None


def rule(moment: str, kind: str) -> Callable[[Handler], Handler]:
    """Register a rule of a resource type.

    Moments: `put` (call, resource, existing), which checks and completes a new version of a
    resource; `view` (call, resource), which returns what is shown; `delete` (call, resource).
    """

    def register(handler: Handler) -> Handler:
        RULES.setdefault((moment, kind.lower()), []).append(handler)
        return handler

    return register


def rules(moment: str, kind: str) -> list[Handler]:
    """Return the rules of a resource type."""
    return RULES.get((moment, kind.lower()), [])
