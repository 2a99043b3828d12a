"""The recorded histories that each pattern ships with: what happens in each of them.

The in-memory host plays them for Python and JavaScript. TypeScript shares the files of JavaScript,
and those of C# are the same with the names of C#, which no worker runs outside a Functions host.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from functions_host.api import WEBHOOK_PATH
from running_app import JSON, App
from template import TEMPLATE

ITEMS = [
    {"sku": "A-1", "quantity": 2, "unitPrice": 10.0},
    {"sku": "B-2", "quantity": 5, "unitPrice": 10.0},
]
SHOW_ALL = "showHistory=true&showHistoryOutput=true&showInput=true"
NOW = timedelta()


@dataclass(frozen=True)
class Scenario:
    """What happens to one order.

    Args:
        changes: fields of the order that differ from the good one of the contract.
        failures: how many of the next attempts of an activity fail; None for all.
        results: what an activity returns instead of its own result.
        approval: the body of a request to ApproveOrder.
        until: how far the clock moves; None to the end of the order.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    failures: Mapping[str, int | None] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    approval: Mapping[str, Any] | None = None
    until: timedelta | None = None


PAYMENT_FAILED = Scenario(failures={"ProcessPayment": None})
LARGE = {"total": 1_000.0}
# The input of the last generation of a monitor, after hundreds of others.
LAST_POLL = {"tracking": {"deadline": "2026-01-01T00:00:00Z", "polls": 335}}

SCENARIOS: dict[str, dict[str, Scenario]] = {
    "function-chaining": {
        "fulfilled": Scenario(),
        "payment-failed": PAYMENT_FAILED,
        "shipped-at-the-third-attempt": Scenario(failures={"ShipOrder": 2}),
    },
    "fan-out-fan-in": {
        "fulfilled": Scenario({"items": ITEMS}, failures={"ReserveItem": 1}),
        "not-reserved": Scenario({"items": ITEMS}, failures={"ReserveItem": None}),
        "payment-failed": PAYMENT_FAILED,
    },
    "human-interaction": {
        "approval-timed-out": Scenario(LARGE),
        "approved": Scenario(LARGE, approval={"approved": True, "approver": "ann"}),
        "payment-failed": PAYMENT_FAILED,
        "waiting-for-approval": Scenario(LARGE, until=NOW),
    },
    "monitor": {
        "delivered": Scenario(),
        "in-transit": Scenario(until=NOW),
        "not-delivered": Scenario(LAST_POLL, results={"CheckDelivery": "in transit"}),
        "payment-failed": PAYMENT_FAILED,
    },
    "saga": {
        "fulfilled": Scenario(),
        "payment-failed": PAYMENT_FAILED,
        "shipping-failed": Scenario(failures={"ShipOrder": None, "RefundPayment": None}),
    },
    "aggregator": {
        "fulfilled": Scenario({"items": ITEMS}),
        "payment-failed": PAYMENT_FAILED,
    },
}


def record(app: App) -> dict[str, str]:
    """Play all scenarios of a pattern, in order, and return the text of each file by its name."""
    return {name: _play(app, name, scenario) for name, scenario in SCENARIOS[app.pattern].items()}


def for_csharp(text: str, functions: Mapping[str, list[str]]) -> str:
    """Return a history of JavaScript with the names of C#."""
    names = [*functions["orchestrationTrigger"], *functions["activityTrigger"]]
    for name in names:
        text = re.sub(rf"\b{name[0].lower()}{name[1:]}\b", name, text)
    return text.replace(r"{\"op\": \"add\"", r"{\"op\": \"Add\"")


def folder_of(language: str, pattern: str) -> Path:
    """Return the folder in the template that has the recordings of a language and pattern."""
    npm = language in ("typescript", "javascript")
    overlay = f"{'typescript,javascript' if npm else language}+{pattern}"
    tests = "src/tests" if npm else "tests"
    return TEMPLATE.project / "_overlays" / overlay / tests / "histories"


def _play(app: App, name: str, scenario: Scenario) -> str:
    host, orchestrator = app.host, app.spelled("ProcessOrder")
    order = json.dumps(app.order | scenario.changes)
    body = json.dumps(order) if app.language == "python" else order  # as its client encodes it
    for activity, times in scenario.failures.items():
        app.fail(activity, times)
    for activity, result in scenario.results.items():
        host.give(app.spelled(activity), result, None)
    url = f"{WEBHOOK_PATH}orchestrators/{orchestrator}/{name}"
    assert host.request("POST", url, body.encode(), JSON).status == 202
    host.run(until=NOW)
    if scenario.approval:
        approval = json.dumps(scenario.approval).encode()
        assert app.post(f"orders/{name}/approval", approval).status == 202
    host.run(scenario.until)
    app.reset()
    instance = f"{WEBHOOK_PATH}instances/{name}"
    history = host.request("GET", f"{instance}?{SHOW_ALL}").json()
    host.request("POST", f"{instance}/terminate")  # it must not go on in the next scenario
    host.run(until=NOW)
    return json.dumps(history, indent=2) + "\n"
