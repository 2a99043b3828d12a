"""Which function serves a request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions_host.host import Host
from functions_host.routing import choose, routes

from .samples import LoadApp

FUNCTIONS: dict[str, list[dict[str, Any]]] = {
    "one": [{"type": "httpTrigger", "name": "req", "route": "items/{id:int}"}],
    "two": [{"type": "httpTrigger", "name": "req", "route": "items/{name}"}],
    "three": [{"type": "httpTrigger", "name": "req", "route": "items/all", "methods": ["get"]}],
    "four": [{"type": "httpTrigger", "name": "req", "route": "files/{*path}"}],
    "five": [{"type": "httpTrigger", "name": "req", "authLevel": "ANONYMOUS"}],
    "six": [{"type": "httpTrigger", "name": "req", "route": "pages/{page?}"}],
    "seven": [{"type": "activityTrigger", "name": "value"}],
}


@pytest.mark.parametrize(
    ("method", "path", "function", "values"),
    [
        ("GET", "items/7", "one", {"id": "7"}),
        ("GET", "items/a%20b", "two", {"name": "a b"}),
        ("GET", "items/all", "three", {}),
        ("POST", "items/all", "two", {"name": "all"}),
        ("GET", "files/a/b.txt", "four", {"path": "a/b.txt"}),
        ("PUT", "FIVE", "five", {}),
        ("GET", "pages", "six", {}),
        ("GET", "pages/2", "six", {"page": "2"}),
        ("GET", "seven", None, {}),
        ("GET", "items", None, {}),
    ],
)
def test_the_function_that_serves_a_request(
    method: str, path: str, function: str | None, values: Any
) -> None:
    found = choose(routes(FUNCTIONS), method, path)
    assert (found[0].function if found else None) == function
    assert (found[1] if found else {}) == values


def test_defaults_of_a_trigger() -> None:
    found = {route.function: route for route in routes(FUNCTIONS)}
    assert found["one"].auth_level == "function"
    assert found["five"].auth_level == "anonymous"
    assert "DELETE" in found["one"].methods


@pytest.mark.slow  # installs packages
def test_routes_are_the_indexed_ones(load: LoadApp) -> None:
    worker = load("python", "orders")
    with Host(worker) as host:
        assert host.request("GET", "/api/orders").status == 404  # not 405: as the real host
        assert host.request("POST", "/orders", b"{}").status == 404
        assert host.request("POST", "/api/order", b"{}").status == 404
        assert host.request("POST", "/API/Orders/", b"{").status == 400
        prefix = {"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}
        (worker.app_folder / "host.json").write_text(json.dumps(prefix), "utf-8")
        with Host(worker) as other:
            assert other.request("POST", "/orders", b"{").status == 400
