"""The contract: what every generated app accepts, starts and returns, in every language.

The SDK's own worker indexes and executes the app. Requests, outcomes and functions come from the
project's `requests/`. Names are those of C#; `spelled` returns those of a language.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bakery import Bakery
from fakes.functions_host.host import Host, Response
from fakes.functions_host.worker import Binding, Worker, node_worker, python_worker
from installed_project import node_variables
from shell import run_in_bash
from template import TEMPLATE

pytestmark = pytest.mark.slow

REQUESTS = TEMPLATE.project / "requests"
REJECTED = json.loads((REQUESTS / "rejected.json").read_text(encoding="utf-8"))
CONTRACTS = {pattern: TEMPLATE.contract(pattern) for pattern in TEMPLATE.choices["pattern"]}
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

LANGUAGES = ["python", "typescript", "javascript"]
VARIANTS = list(itertools.product(LANGUAGES, CONTRACTS))


@dataclass
class App:
    """A generated app in its host; instances add up over the tests of a variant."""

    host: Host
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
        return name[0].lower() + name[1:]

    def post(self, body: bytes) -> Response:
        """Send an order."""
        return self.host.request("POST", "/api/orders", body, {"content-type": "application/json"})

    def process(self, order: Any) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
        """Start an order and run it to its end; return its status and the activity calls."""
        before = len(self.host.calls)
        accepted = self.post(json.dumps(order).encode())
        assert accepted.status == 202, accepted
        self.host.run()
        return self.host.status(accepted.json()["id"]), self.host.calls[before:]


@pytest.fixture(scope="module")
def load(
    request: pytest.FixtureRequest, bakery: Bakery, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Worker]:
    """Return a function that bakes an app and loads it into a worker of its language."""

    def load_app(language: str, pattern: str) -> Worker:
        project = bakery.bake(language=language, pattern=pattern)
        if language == "python":
            return python_worker(request.getfixturevalue("python_app_env"), project.path / "src")
        variables = node_variables()
        copy = tmp_path_factory.mktemp(language) / "project"
        shutil.copytree(project.path, copy)
        folder = copy / "src"
        built = run_in_bash(
            "npm ci --no-audit --no-fund && npm run build --if-present",
            folder,
            folder.parent,
            **variables,
        )
        assert built.returncode == 0, built.stdout + built.stderr
        return node_worker(folder, node=(shutil.which("node", path=variables["PATH"]) or "node",))

    return load_app


@pytest.fixture(
    scope="module",
    params=VARIANTS,
    ids="-".join,
)
def app(request: pytest.FixtureRequest, load: Callable[[str, str], Worker]) -> Iterator[App]:
    language, pattern = request.param
    with Host(load(language, pattern)) as host:
        yield App(host, language, pattern)


@pytest.fixture(autouse=True)
def no_injected_failures(app: App) -> Iterator[None]:
    """Take back what a test has injected."""
    yield
    for name in ("ProcessPayment", "ShipOrder"):
        app.host.fail(app.spelled(name), times=0)


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


def test_every_language_with_a_worker_is_covered() -> None:
    assert set(LANGUAGES) == set(TEMPLATE.choices["language"]) - {"csharp"}


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


def test_the_orders_route_takes_post_only(app: App) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert app.host.request(method, "/api/orders").status == 404


def test_a_good_order_is_accepted_and_can_be_followed(app: App) -> None:
    accepted = app.post(json.dumps(app.order).encode())

    assert accepted.status == 202
    assert accepted.headers["Retry-After"] == "10"
    urls = accepted.json()
    assert urls.keys() >= MANAGEMENT_URLS
    assert accepted.headers["Location"] == urls["statusQueryGetUri"]
    assert app.host.request("GET", urls["statusQueryGetUri"]).status == 202
    app.host.run()
    status = app.host.request("GET", urls["statusQueryGetUri"])
    assert status.status == 200
    assert status.json()["runtimeStatus"] == "Completed"


def test_each_request_starts_an_instance_of_its_own(app: App) -> None:
    body = json.dumps(app.order).encode()
    assert app.post(body).json()["id"] != app.post(body).json()["id"]
    app.host.run()


def check_refused(app: App, body: bytes, message: str) -> None:
    before = len(app.host.calls)
    response = app.post(body)

    assert (response.status, response.json()) == (400, {"error": message})
    assert response.headers["Content-Type"].startswith("application/json")
    app.host.run()
    assert len(app.host.calls) == before, "something was started"


@pytest.mark.parametrize("case", REJECTED, ids=lambda case: case["name"])
def test_a_malformed_order_is_refused(app: App, case: dict[str, Any]) -> None:
    body = case["text"] if "text" in case else json.dumps(case["body"])
    check_refused(app, body.encode(), case["error"])


def test_a_body_that_is_not_utf_8_is_refused(app: App) -> None:
    check_refused(app, b'{"id": "\xff"}', "body is not valid JSON")


COMPLETED = [
    pytest.param((language, pattern), case, id=f"{language}-{pattern}-{case['name']}")
    for language, pattern in VARIANTS
    for case in CONTRACTS[pattern]["completed"]
]


@pytest.mark.parametrize(("app", "case"), COMPLETED, indirect=["app"], scope="module")
def test_an_order_completes_with_its_output(app: App, case: dict[str, Any]) -> None:
    status, _ = app.process(case["body"])

    assert status["runtimeStatus"] == "Completed"
    assert status["output"] == case["output"]


FUNCTION_CHAINING = [(language, "function-chaining") for language in LANGUAGES]
function_chaining = pytest.mark.parametrize(
    "app", FUNCTION_CHAINING, ids="-".join, indirect=True, scope="module"
)


@function_chaining
def test_the_activities_run_in_order_with_the_order_as_input(app: App) -> None:
    _, calls = app.process(app.order | {"unknown": "dropped"})

    steps = ["ValidateOrder", "ProcessPayment", "ShipOrder"]
    assert calls == [(app.spelled(name), app.order) for name in steps]


@function_chaining
@pytest.mark.parametrize("activity", ["ProcessPayment", "ShipOrder"])
def test_an_activity_that_fails_for_a_while_is_tried_again(app: App, activity: str) -> None:
    app.host.fail(app.spelled(activity), times=2)
    started = app.host.now
    status, calls = app.process(app.order)

    assert status["output"] == {"success": True, "orderId": "order-1001"}
    assert [name for name, _ in calls].count(app.spelled(activity)) == 3
    assert app.host.now - started == timedelta(seconds=10), "two pauses of five seconds"


@function_chaining
@pytest.mark.parametrize(
    ("activity", "reason"),
    [("ProcessPayment", "payment failed"), ("ShipOrder", "shipping failed")],
)
def test_an_activity_that_fails_for_good_ends_the_order(
    app: App, activity: str, reason: str
) -> None:
    app.host.fail(app.spelled(activity), times=None)
    status, calls = app.process(app.order)

    assert status["runtimeStatus"] == "Completed"
    assert status["output"] == {"success": False, "orderId": "order-1001", "reason": reason}
    assert [name for name, _ in calls].count(app.spelled(activity)) == 3
    assert calls[-1][0] == app.spelled(activity), "nothing runs after the failure"
