"""Generated apps that run in the in-memory Functions host.

Names of functions are those of C#; `App.spelled` returns those of a language.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from dataclasses import dataclass
from typing import Any

import pytest

from functions_host.host import Host, Response
from remote_host import RemoteHost
from template import TEMPLATE

# Tests with this mark need no more than HTTP: tests/e2e.sh runs them with the Core Tools, too.
over_http = pytest.mark.over_http

# C# has no worker that runs outside a Functions host.
LANGUAGES = [language for language in TEMPLATE.choices["language"] if language != "csharp"]
PATTERNS = TEMPLATE.choices["pattern"]
CONTRACTS = {pattern: TEMPLATE.contract(pattern) for pattern in PATTERNS}
# The address of an app that another program runs, and its variant, as in `csharp-saga`.
APP_URL = os.environ.get("APP_URL")
APP_VARIANT = os.environ.get("APP_VARIANT", "").split("-", 1)
VARIANTS = [tuple(APP_VARIANT)] if APP_URL else list(itertools.product(LANGUAGES, PATTERNS))

# The folder of a project that is tested instead of a baked one: it has a seeded defect.
CHANGED_PROJECT = "CHANGED_PROJECT"
# The interpreter, or the `node_modules`, that another session has installed for it.
INSTALLED = "INSTALLED"

JSON = {"content-type": "application/json"}


def body_of(case: dict[str, Any]) -> bytes:
    """Return the request body of a case of the project's `requests/`."""
    return (case["text"] if "text" in case else json.dumps(case["body"])).encode()


@dataclass
class App:
    """A generated app in its host; instances add up over the tests of a variant."""

    host: Host | RemoteHost
    language: str
    pattern: str

    @property
    def contract(self) -> dict[str, Any]:
        """The contract of the pattern."""
        return CONTRACTS[self.pattern]

    @property
    def order(self) -> dict[str, Any]:
        """An order that completes with success."""
        return self.contract["completed"][0]["body"]

    def spelled(self, name: str) -> str:
        """Return the name of a function as this language writes it."""
        if self.language == "python":
            return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        if self.language == "csharp":
            return name
        return name[0].lower() + name[1:]

    def post(self, path: str, body: bytes) -> Response:
        """Send a JSON request to a path below `/api`."""
        return self.host.request("POST", f"/api/{path}", body, JSON)

    def start(self, order: Any) -> str:
        """Start the workflow of an order and return the id of its instance."""
        accepted = self.post("orders", json.dumps(order).encode())
        assert accepted.status == 202, accepted
        return accepted.json()["id"]

    def process(
        self, order: Any, events: tuple[dict[str, Any], ...] = ()
    ) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
        """Start an order and run it to its end; return its status and the activity calls.

        `events` are sent before the workflow runs.
        """
        before = len(self.host.calls)
        instance_id = self.start(order)
        for event in events:
            self.host.raise_event(instance_id, event["name"], event["data"])
        self.host.run()
        return self.host.status(instance_id), self.host.calls[before:]

    def fail(self, activity: str, times: int | None) -> None:
        """Let the next calls of an activity fail, all of them if `times` is None."""
        self.host.fail(self.spelled(activity), times)

    def reset(self) -> None:
        """Take back what a test has injected."""
        for name in self.contract["functions"]["activityTrigger"]:
            self.fail(name, 0)

    def names(self, calls: list[tuple[str, Any]]) -> list[str]:
        """Return the activities of calls, as C# writes them."""
        activities = self.contract["functions"]["activityTrigger"]
        spelled = {self.spelled(name): name for name in activities}
        return [spelled[name] for name, _ in calls]


class RemoteApp(App):
    """A generated app that another program runs: no failure can be injected."""

    host: RemoteHost

    def reset(self) -> None:
        """Leave the instances of a test alone: some wait for days."""
        self.host.forget()
