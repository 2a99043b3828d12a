"""Which HTTP function serves a request, decided by the indexed bindings as the host does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from .worker import Binding

HTTP_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_SEGMENT = re.compile(r"^\{(?P<catch_all>\*?)(?P<name>\w+)(?P<rule>:[^?}]*)?(?P<optional>\??)\}$")
_RULES = {":int": r"-?\d+", ":guid": r"[0-9A-Fa-f-]{36}", ":alpha": r"[A-Za-z]+"}


@dataclass(frozen=True)
class Route:
    """An HTTP function: template without prefix and slash, upper-case methods."""

    function: str
    trigger: Binding
    template: str
    methods: tuple[str, ...]
    auth_level: str

    def match(self, path: str) -> dict[str, str] | None:
        """Values of the route's parameters, or None if the path is another one."""
        found = re.fullmatch(_pattern(self.template), path.strip("/"), re.IGNORECASE)
        if found is None:
            return None
        return {name: unquote(text) for name, text in found.groupdict().items() if text}


def routes(functions: Mapping[str, Iterable[Binding]]) -> list[Route]:
    """The HTTP functions of an app; a trigger without route is served under its name."""
    found = []
    for function, bindings in functions.items():
        for binding in bindings:
            if binding["type"] != "httpTrigger":
                continue
            methods = tuple(str(m).upper() for m in binding.get("methods") or HTTP_METHODS)
            template = (binding.get("route") or function).strip("/")
            level = str(binding.get("authLevel") or "function").lower()
            found.append(Route(function, binding, template, methods, level))
    return found


def choose(
    candidates: Iterable[Route], method: str, path: str
) -> tuple[Route, dict[str, str]] | None:
    """The route for a request, literal segments before parameters.

    A path that exists with another method only is not found: the host returns 404, not 405.
    """
    for route in sorted(candidates, key=lambda r: (r.template.count("{"), r.template)):
        values = route.match(path)
        if values is not None and method.upper() in route.methods:
            return route, values
    return None


def _pattern(template: str) -> str:
    pattern = ""
    for segment in filter(None, template.split("/")):
        slash = "/" if pattern else ""
        found = _SEGMENT.match(segment)
        if found is None:
            pattern += slash + re.escape(segment)
            continue
        rule = ".*" if found["catch_all"] else _RULES.get(found["rule"] or "", "[^/]+")
        part = f"{slash}(?P<{found['name']}>{rule})"
        pattern += f"(?:{part})?" if found["optional"] or found["catch_all"] else part
    return pattern
