"""The sample apps in `apps/`: how they are written to a folder, and calls of their functions.

`orders` is the app for seeded defects; `patterns` has one orchestrator for each feature of the
executor. Names are the same in Python and JavaScript, so that one test serves both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from functions_host.host import Host, Response
from functions_host.worker import Worker

APPS = Path(__file__).parent / "apps"
LANGUAGES = ("python", "node")
NO_OPTIONS: Mapping[str, str] = {}
HOUR = timedelta(hours=1)
NOW = timedelta(0)
ORDER_FUNCTIONS = {"start", "process", "validate", "pay", "ship"}
ORDER = {"id": "o-1", "items": [1], "total": 2.5}

# Loads a sample app by language and name, with options of the functions below.
LoadApp = Callable[..., Worker]


def unchanged(text: str) -> str:
    """Return the text of a source file as it is."""
    return text


def write_host_json(folder: Path, options: Mapping[str, str]) -> None:
    """Write a host.json with options of the Durable extension."""
    durable = {"hubName": "TestHub", **options}
    text = json.dumps({"version": "2.0", "extensions": {"durableTask": durable}})
    (folder / "host.json").write_text(text, "utf-8")


def write_python_app(
    folder: Path,
    app: str,
    change: Callable[[str], str] = unchanged,
    durable: Mapping[str, str] = NO_OPTIONS,
) -> Path:
    """Write a sample app and return its folder.

    Args:
        folder: where the app is written.
        app: name of the app.
        change: returns the text of a source file with a change.
        durable: options of the Durable extension in host.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_host_json(folder, durable)
    for source in (APPS / app / "python").glob("*.py"):
        (folder / source.name).write_text(change(source.read_text("utf-8")), "utf-8")
    return folder


def write_node_app(
    folder: Path,
    app: str,
    change: Callable[[str], str] = unchanged,
    main: str = "functions/*.js",
    suffix: str = ".js",
    durable: Mapping[str, str] = NO_OPTIONS,
) -> Path:
    """Write a sample app and return its folder.

    Args:
        folder: where the app is written; a folder above has the `node_modules` with the SDKs.
        app: name of the app.
        change: returns the text of a source file with a change.
        main: `main` of `package.json`.
        suffix: suffix of the source files.
        durable: options of the Durable extension in host.json.
    """
    functions = folder / "functions"
    functions.mkdir(parents=True, exist_ok=True)
    write_host_json(folder, durable)
    (folder / "package.json").write_text(json.dumps({"name": "app", "main": main}), "utf-8")
    for source in (APPS / app / "node").glob("*.js"):
        target = functions / f"{source.stem}{suffix}"
        target.write_text(change(source.read_text("utf-8")), "utf-8")
    return folder


def start(host: Host, name: str, value: Any = None, query: str = "") -> str:
    """Start an orchestrator of `patterns` and return the id of the instance."""
    body = b"" if value is None else json.dumps(value).encode()
    response = host.request("POST", f"/api/orchestrators/{name}{query}", body)
    assert response.status == 202, response.error
    instance_id: str = response.json()["id"]
    return instance_id


def finish(host: Host, name: str, value: Any = None) -> Any:
    """Run an orchestrator of `patterns` to its end and return its output."""
    instance_id = start(host, name, value)
    host.run()
    status = host.status(instance_id)
    assert status["runtimeStatus"] == "Completed", status
    return status["output"]


def approve(host: Host, instance_id: str, data: Any) -> Response:
    """Raise the event `Approval` by a function of `patterns`, which uses the durable client."""
    path = f"/api/instances/{instance_id}/approval"
    return host.request("POST", path, json.dumps(data).encode())


def check_orders(worker: Worker) -> None:
    """Assert what a good test of the app `orders` would.

    Raises:
        AssertionError: the app has a defect.
    """
    with Host(worker) as host:
        assert {*host.functions} == ORDER_FUNCTIONS, "function list"
        surface = [(r.function, r.template, r.methods, r.auth_level) for r in host.routes]
        assert surface == [("start", "orders", ("POST",), "function")], "HTTP surface"
        assert host.request("POST", "/api/orders", b"{").status == 400
        good = {"success": True, "id": "o-1"}
        assert _order(host, ORDER) == (good, ["validate", "pay", "ship"], 0)
        empty = {"success": False, "reason": "no items"}
        assert _order(host, {**ORDER, "items": []}) == (empty, ["validate"], 0)
        host.fail("pay", 2)
        assert _order(host, ORDER) == (good, ["validate", "pay", "pay", "pay", "ship"], 10)
        host.fail("pay", None)
        failed = {"success": False, "reason": "payment failed"}
        assert _order(host, ORDER) == (failed, ["validate", "pay", "pay", "pay"], 10)


def _order(host: Host, order: dict[str, Any]) -> tuple[Any, list[str], float]:
    """Output, executed activities and virtual seconds of one order."""
    begin, before = host.now, len(host.calls)
    response = host.request("POST", "/api/orders", json.dumps(order).encode())
    assert response.status == 202, f"{response.status} {response.error}"
    host.run()
    status = host.status(response.json()["id"])
    assert status["runtimeStatus"] == "Completed", f"failed: {status['output']}"
    called = [name for name, _ in host.calls[before:]]
    return status["output"], called, (host.now - begin).total_seconds()
