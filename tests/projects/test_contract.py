"""The contract: what every generated app accepts, starts and returns.

The SDK's own worker indexes and executes the app. Requests, outcomes and functions come from the
project's `requests/`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions_host.worker import Binding
from running_app import APP_URL, CONTRACTS, VARIANTS, App, body_of, over_http
from template import TEMPLATE

pytestmark = pytest.mark.slow


def read_requests(file: str) -> list[dict[str, Any]]:
    return json.loads((TEMPLATE.project / "requests" / file).read_text(encoding="utf-8"))


ACCEPTED = read_requests("accepted.json")
REJECTED = read_requests("rejected.json")
MANAGEMENT_URLS = {
    "id",
    "statusQueryGetUri",
    "sendEventPostUri",
    "terminatePostUri",
    "purgeHistoryDeleteUri",
    "suspendPostUri",
    "resumePostUri",
}

STARTER = {
    ("httpTrigger", "orders", ("POST",), "function"),
    ("durableClient", None, None, None),
    ("http", None, None, None),
}


def essence(binding: Binding) -> tuple:
    """Return type, route, methods and authorization level; names of parameters are free."""
    methods = binding.get("methods")
    level = binding.get("authLevel")
    return (
        binding["type"],
        binding.get("route"),
        methods and tuple(methods),
        level and level.lower(),
    )


@pytest.fixture(autouse=True)
def no_leftovers(app: App) -> Iterator[None]:
    """Leave nothing for the next test: no injected failure, and nothing to be executed."""
    yield
    app.reset()
    app.host.run()


def test_exactly_the_functions_of_the_contract(app: App) -> None:
    triggers = {
        name: binding["type"]
        for name, bindings in app.host.functions.items()
        for binding in bindings
        if binding["type"].endswith("Trigger")
    }
    assert triggers == {
        app.spelled(name): trigger
        for trigger, names in app.contract["functions"].items()
        for name in names
    }


def test_the_starter_is_a_post_that_needs_a_key(app: App) -> None:
    assert set(map(essence, app.host.functions[app.spelled("StartOrder")])) == STARTER


def test_every_endpoint_needs_a_key(app: App) -> None:
    levels = {
        binding["authLevel"].lower()
        for bindings in app.host.functions.values()
        for binding in bindings
        if binding["type"] == "httpTrigger"
    }
    assert levels == {"function"}


@over_http
def test_the_orders_route_takes_post_only(app: App) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert app.host.request(method, "/api/orders").status == 404


@over_http
def test_a_good_order_is_accepted_with_its_urls(app: App) -> None:
    accepted = app.post("orders", json.dumps(app.order).encode())

    assert accepted.status == 202
    assert accepted.headers["Retry-After"] == "10"
    urls = accepted.json()
    assert urls.keys() >= MANAGEMENT_URLS
    assert accepted.headers["Location"] == urls["statusQueryGetUri"]


def test_a_good_order_can_be_followed(app: App) -> None:
    urls = app.post("orders", json.dumps(app.order).encode()).json()

    assert app.host.request("GET", urls["statusQueryGetUri"]).status == 202
    app.host.run()
    status = app.host.request("GET", urls["statusQueryGetUri"])
    assert status.status == 200
    assert status.json()["runtimeStatus"] == "Completed"


@over_http
def test_each_request_starts_an_instance_of_its_own(app: App) -> None:
    assert app.start(app.order) != app.start(app.order)


@over_http
@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["name"])
def test_an_order_reaches_the_workflow(app: App, case: dict[str, Any]) -> None:
    accepted = app.post("orders", body_of(case))

    assert accepted.status == 202
    assert app.host.status(accepted.json()["id"])["input"] == case["order"]


def check_refused(app: App, body: bytes, message: str) -> None:
    before = len(app.host.calls)
    response = app.post("orders", body)

    assert (response.status, response.json()) == (400, {"error": message})
    assert response.headers["Content-Type"].startswith("application/json")
    app.host.run()
    assert len(app.host.calls) == before, "something was started"


@over_http
@pytest.mark.parametrize("case", REJECTED, ids=lambda case: case["name"])
def test_a_malformed_order_is_refused(app: App, case: dict[str, Any]) -> None:
    check_refused(app, body_of(case), case["error"])


@over_http
def test_a_body_that_is_not_utf_8_is_refused(app: App) -> None:
    check_refused(app, b'{"id": "\xff"}', "body is not valid JSON")


@over_http
@pytest.mark.parametrize("depth", [101, 1_000, 100_000])
def test_a_body_that_is_nested_deeply_is_no_error_of_the_server(app: App, depth: int) -> None:
    note = b"[" * depth + b"]" * depth
    body = json.dumps(app.order).encode()[:-1] + b', "note": ' + note + b"}"

    assert app.post("orders", body).status in (202, 400)


# Orders whose workflow takes hours or days, by pattern.
SLOW = {
    "monitor": {"a good order", "the highest total that the payment placeholder accepts"},
    "human-interaction": {"nobody approves"},
}


def is_slow(pattern: str, case: dict[str, Any]) -> bool:
    return case["name"] in SLOW.get(pattern, ())


COMPLETED = [
    pytest.param((language, pattern), case, id=f"{language}-{pattern}-{case['name']}")
    for language, pattern in VARIANTS
    for case in CONTRACTS[pattern]["completed"]
    if not (APP_URL and is_slow(pattern, case))
]


@over_http
@pytest.mark.parametrize(("app", "case"), COMPLETED, indirect=["app"], scope="module")
def test_an_order_completes_with_its_output(app: App, case: dict[str, Any]) -> None:
    status, _ = app.process(case["body"], tuple(case.get("events", ())))

    assert status["runtimeStatus"] == "Completed"
    assert status["output"] == case["output"]


@over_http
def test_the_smoke_test_sees_the_status_that_it_waits_for(app: App) -> None:
    instance_id = app.start(app.order)
    app.host.run(until=timedelta(0))

    status = app.host.status(instance_id)
    assert {name: status[name] for name in app.contract["smokeTest"]} == app.contract["smokeTest"]


def test_the_orders_that_take_hours_are_known(app: App) -> None:
    for case in app.contract["completed"]:
        start = app.host.now
        app.process(case["body"], tuple(case.get("events", ())))
        assert (app.host.now - start > timedelta(minutes=1)) == is_slow(app.pattern, case), case


# What every pattern has: validate, pay and ship, in this order, with three attempts.

BASE = ["ValidateOrder", "ProcessPayment", "ShipOrder"]


def base_steps(app: App, calls: list[tuple[str, Any]]) -> list[str]:
    """Return the calls of the activities that every pattern has."""
    return [name for name in app.names(calls) if name in BASE]


@pytest.mark.parametrize("activity", ["ProcessPayment", "ShipOrder"])
def test_an_activity_that_fails_for_a_while_is_tried_again(app: App, activity: str) -> None:
    def seconds() -> float:
        start = app.host.now
        status, calls = app.process(app.order)
        assert status["output"]["success"] is True
        attempts.append(base_steps(app, calls))
        return (app.host.now - start).total_seconds()

    attempts: list[list[str]] = []
    undisturbed = seconds()
    app.fail(activity, times=2)
    assert seconds() - undisturbed == 10, "two pauses of five seconds"
    step = BASE.index(activity)
    assert attempts == [BASE, BASE[:step] + [activity] * 3 + BASE[step + 1 :]]


@pytest.mark.parametrize(
    ("activity", "reason"),
    [("ProcessPayment", "payment failed"), ("ShipOrder", "shipping failed")],
)
def test_an_activity_that_fails_for_good_ends_the_order(
    app: App, activity: str, reason: str
) -> None:
    app.fail(activity, times=None)
    status, calls = app.process(app.order)

    assert status["runtimeStatus"] == "Completed"
    expected = {"success": False, "orderId": "order-1001", "reason": reason}
    assert status["output"].items() >= expected.items()
    assert base_steps(app, calls) == BASE[: BASE.index(activity)] + [activity] * 3


def test_the_activities_get_the_order_without_unknown_fields(app: App) -> None:
    _, calls = app.process(app.order | {"unknown": "dropped"})

    inputs = [value for name, value in calls if name in map(app.spelled, BASE)]
    assert inputs == [app.order] * 3
