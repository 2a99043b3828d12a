"""The host executes sample apps in Python and JavaScript, and finds faults planted in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest

from . import samples
from .errors import (
    InstanceEndedError,
    NonDeterminismError,
    StepLimitError,
    UnknownFunctionError,
    UnknownInstanceError,
    UnsupportedActionError,
)
from .host import Host, Response
from .routing import choose, routes
from .worker import HERE, LoadError, Worker, WorkerError, node_worker, python_worker

pytestmark = pytest.mark.slow  # installs packages

LANGUAGES = ("python", "node")
HOUR = timedelta(hours=1)
NOW = timedelta(0)
LoadApp = Callable[..., Worker]


@pytest.fixture(scope="module")
def load(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LoadApp:
    """Writes the source of an app to a new folder and loads it."""

    def load_app(language: str, source: str, **options: str) -> Worker:
        if language == "python":
            python = request.getfixturevalue("python_app_env")
            folder = samples.write_python_app(tmp_path_factory.mktemp("app"), source)
            return python_worker(python, folder)
        modules: Path = request.getfixturevalue("node_app_modules")
        name = tmp_path_factory.mktemp("app").name
        return node_worker(samples.write_node_app(modules.parent / name, source, **options))

    return load_app


@pytest.fixture(scope="module", params=LANGUAGES)
def host(request: pytest.FixtureRequest, load: LoadApp) -> Iterator[Host]:
    """The app with one orchestrator for each pattern; calls and instances add up."""
    source = samples.PYTHON_PATTERNS if request.param == "python" else samples.NODE_PATTERNS
    with Host(load(request.param, source)) as running:
        yield running


def start(host: Host, name: str, value: Any = None, query: str = "") -> str:
    body = b"" if value is None else json.dumps(value).encode()
    response = host.request("POST", f"/api/orchestrators/{name}{query}", body)
    assert response.status == 202, response.error
    instance_id: str = response.json()["id"]
    return instance_id


def finish(host: Host, name: str, value: Any = None) -> Any:
    """Run an orchestration to its end and return its output."""
    instance_id = start(host, name, value)
    host.run()
    status = host.status(instance_id)
    assert status["runtimeStatus"] == "Completed", status
    return status["output"]


def approve(host: Host, instance_id: str, data: Any) -> Response:
    path = f"/api/instances/{instance_id}/approval"
    return host.request("POST", path, json.dumps(data).encode())


class TestPatterns:
    def test_chaining_hands_values_on(self, host: Host) -> None:
        before = len(host.calls)
        for value in ({"n": 1, "ü": [True, None]}, "text", "5", 2.5, [1], True, "", 0):
            assert finish(host, "chaining", value) == [value, None]
        assert host.calls[before : before + 3] == [
            ("echo", {"n": 1, "ü": [True, None]}),
            ("echo", {"n": 1, "ü": [True, None]}),
            ("echo", None),
        ]

    def test_custom_status_is_the_last_one(self, host: Host) -> None:
        instance_id = start(host, "chaining", 1)
        assert host.status(instance_id)["runtimeStatus"] == "Pending"
        host.run()
        assert host.status(instance_id)["customStatus"] == {"step": "second"}
        assert host.status(instance_id)["input"] == 1

    def test_accepted_response_leads_to_the_status(self, host: Host) -> None:
        response = host.request("POST", "/api/orchestrators/chaining", b"1")
        urls = response.json()
        assert response.headers["LOCATION"] == urls["statusQueryGetUri"]
        assert response.headers["Retry-After"] == "10"
        assert {"id", "sendEventPostUri", "terminatePostUri", "purgeHistoryDeleteUri"} <= {*urls}
        pending = host.request("GET", urls["statusQueryGetUri"])
        assert (pending.status, pending.json()["runtimeStatus"]) == (202, "Pending")
        host.run()
        done = host.request("GET", response.headers["Location"])
        assert (done.status, done.json()["output"]) == (200, [1, None])

    def test_every_history_has_the_activities(self, host: Host) -> None:
        instance_id = start(host, "chaining", 1)
        host.run()
        scheduled = [e["Name"] for e in host.history(instance_id) if e["EventType"] == 4]
        assert scheduled == ["echo", "echo", "echo"]

    def test_fan_out_and_in(self, host: Host) -> None:
        assert finish(host, "gather", [1, 2, 3]) == 12

    def test_event_wins_the_race(self, host: Host) -> None:
        instance_id = start(host, "race")
        host.run(until=NOW)
        assert host.status(instance_id)["customStatus"] == "waiting"
        assert approve(host, instance_id, {"approved": True}).status == 202
        host.run(until=NOW)
        assert host.status(instance_id)["runtimeStatus"] == "Completed"
        assert host.status(instance_id)["output"] == {"approved": True}
        assert approve(host, instance_id, {}).status == 409
        with pytest.raises(InstanceEndedError):
            host.raise_event(instance_id, "Approval", {})

    def test_event_may_come_before_the_orchestrator_waits(self, host: Host) -> None:
        instance_id = start(host, "race")
        host.raise_event(instance_id, "Approval", 7)
        host.run(until=NOW)
        assert host.status(instance_id)["output"] == 7

    def test_timer_wins_the_race(self, host: Host) -> None:
        begin = host.now
        instance_id = start(host, "race")
        host.run(until=71 * HOUR)
        assert host.now - begin == 71 * HOUR
        assert host.status(instance_id)["runtimeStatus"] == "Running"
        host.run()
        assert host.status(instance_id)["output"] == "timed out"
        assert host.now - begin == 72 * HOUR

    def test_uncancelled_timer_keeps_the_instance_running(self, host: Host) -> None:
        instance_id = start(host, "race", "careless")
        host.run(until=NOW)
        host.raise_event(instance_id, "Approval", 7)
        host.run(until=HOUR)
        assert host.status(instance_id)["runtimeStatus"] == "Running"
        host.run()
        assert host.status(instance_id)["output"] == 7

    def test_unknown_instance(self, host: Host) -> None:
        assert approve(host, "nobody", {}).status == 404
        with pytest.raises(UnknownInstanceError):
            host.status("nobody")

    def test_timer_longer_than_a_slice(self, host: Host) -> None:
        begin = host.now
        instance_id = start(host, "long_wait")
        host.run()
        assert host.status(instance_id)["output"] == 10
        assert host.now - begin == timedelta(days=10)
        due = [e["FireAt"][8:10] for e in host.history(instance_id) if e["EventType"] == 10]
        days = [begin + timedelta(days=n) for n in (3, 6, 10)]
        assert due == [f"{day:%d}" for day in days]

    def test_retries_until_success(self, host: Host) -> None:
        begin, before = host.now, len(host.calls)
        host.fail("flaky", 1)
        assert finish(host, "mixed") == [["fine", 8, "fine"], "last"]
        assert [name for name, _ in host.calls[before:]] == [
            "flaky",
            "double",
            "flaky",
            "flaky",
            "echo",
        ]
        assert host.now - begin == timedelta(seconds=5)

    def test_retries_side_by_side(self, host: Host) -> None:
        begin = host.now
        host.fail("flaky", 3)
        assert finish(host, "mixed") == [["fine", 8, "fine"], "last"]
        assert host.now - begin == timedelta(seconds=5)

    def test_retries_in_vain(self, host: Host) -> None:
        begin, before = host.now, len(host.calls)
        assert finish(host, "retried") == "gave up"
        assert host.calls[before:] == [("flaky", 1)] * 3
        assert host.now - begin == timedelta(seconds=15)  # one timer after the last attempt

    def test_injected_failure_forever(self, host: Host) -> None:
        host.fail("echo", None)
        instance_id = start(host, "chaining", 1)
        host.run()
        host.fail("echo", 0)
        assert host.status(instance_id)["runtimeStatus"] == "Failed"
        assert "injected failure of echo" in host.status(instance_id)["output"]
        with pytest.raises(UnknownFunctionError):
            host.fail("chaining", 1)

    def test_intercepted_by_input(self, host: Host) -> None:
        host.fail("double", None, when=lambda n: n == 2)
        instance_id = start(host, "gather", [1, 2, 3])
        host.run()
        assert host.status(instance_id)["runtimeStatus"] == "Failed"
        host.give("double", 100, times=2)
        assert finish(host, "gather", [1, 2, 3]) == 206
        host.give("double", 0, times=0)

    def test_sub_orchestrations(self, host: Host) -> None:
        instance_id = start(host, "parent")
        host.run()
        assert host.status(instance_id)["output"] == [{"n": 1}, "text", True]
        assert host.status(f"{instance_id}-child")["output"] == "text"

    def test_continue_as_new(self, host: Host) -> None:
        begin = host.now
        instance_id = start(host, "counter", {"round": 1})
        host.run(until=HOUR)
        status = host.status(instance_id)
        assert (status["input"], status["customStatus"]) == ({"round": 3}, "round 3")
        host.run()
        assert host.status(instance_id)["output"] == 3
        assert host.now - begin == 1.5 * HOUR

    def test_continue_as_new_keeps_unread_events(self, host: Host) -> None:
        instance_id = start(host, "keeper", [])
        for n in range(3):
            host.raise_event(instance_id, "Approval", n)
        host.run(until=NOW)
        assert host.status(instance_id)["customStatus"] == "first generation"
        host.run()
        status = host.status(instance_id)
        assert (status["output"], status["customStatus"]) == ([0, 1, 2], None)
        assert [e["EventType"] for e in host.history(instance_id)][:2] == [12, 0]

    def test_entity(self, host: Host) -> None:
        assert host.entity("Sales", "A-1") is None
        assert host.request("GET", "/api/sales/A-1").status == 404
        assert host.request("POST", "/api/sales/A-1", b"4").status == 202
        host.run()
        assert finish(host, "tally", "A-1") == {"total": 9, "failed": True}
        assert host.entity("sales", "A-1") == 9
        assert host.request("GET", "/api/sales/A-1").json() == 9

    def test_unknown_functions(self, host: Host) -> None:
        refused = host.request("POST", "/api/orchestrators/nobody", b"1")
        assert refused.status == 500
        assert "not an orchestrator function" in refused.error
        instance_id = start(host, "stranger")
        host.run()
        assert host.status(instance_id)["runtimeStatus"] == "Failed"
        assert "'nobody' doesn't exist" in host.status(instance_id)["output"]

    def test_failing_orchestrator(self, host: Host) -> None:
        instance_id = start(host, "broken")
        host.run()
        status = host.status(instance_id)
        assert status["runtimeStatus"] == "Failed"
        assert status["output"] == "Orchestrator function 'broken' failed: broken on purpose"
        assert host.errors[-1] == "broken: broken on purpose"


class TestManagement:
    def test_terminate(self, host: Host) -> None:
        urls = host.request("POST", "/api/orchestrators/race").json()
        host.run(until=NOW)
        url = urls["terminatePostUri"].replace("{text}", "enough")
        assert host.request("POST", url).status == 202
        host.run()
        status = host.status(urls["id"])
        assert (status["runtimeStatus"], status["output"]) == ("Terminated", "enough")
        assert host.request("POST", url).status == 410

    def test_suspend_and_resume(self, host: Host) -> None:
        urls = host.request("POST", "/api/orchestrators/race").json()
        host.run(until=NOW)
        assert host.request("POST", urls["suspendPostUri"]).status == 202
        host.raise_event(urls["id"], "Approval", 1)
        host.run(until=NOW)
        assert host.status(urls["id"])["runtimeStatus"] == "Suspended"
        host.request("POST", urls["resumePostUri"])
        host.run(until=NOW)
        assert host.status(urls["id"])["output"] == 1

    def test_send_event(self, host: Host) -> None:
        urls = host.request("POST", "/api/orchestrators/race").json()
        url = urls["sendEventPostUri"].replace("{eventName}", "Approval")
        json_type = {"content-type": "application/json"}
        assert host.request("POST", url, b"{}").status == 400
        assert host.request("POST", url, b"{", json_type).status == 400
        assert host.request("POST", url, b'{"by": "me"}', json_type).status == 202
        host.run(until=NOW)
        assert host.status(urls["id"])["output"] == {"by": "me"}
        unknown = url.replace(urls["id"], "nobody")
        assert host.request("POST", unknown, b"1", json_type).status == 404

    def test_purge_and_list(self, host: Host) -> None:
        urls = host.request("POST", "/api/orchestrators/chaining", b"1").json()
        host.run()
        listed = host.request("GET", "/runtime/webhooks/durabletask/instances").json()
        assert urls["id"] in [status["instanceId"] for status in listed]
        assert host.request("DELETE", urls["purgeHistoryDeleteUri"]).json() == {
            "instancesDeleted": 1
        }
        assert host.request("DELETE", urls["purgeHistoryDeleteUri"]).status == 404

    def test_fixed_instance_id(self, host: Host) -> None:
        assert start(host, "race", query="?id=fixed") == "fixed"
        host.run(until=NOW)
        again = host.request("POST", "/api/orchestrators/race?id=fixed")
        assert again.status == 500
        host.run()
        assert start(host, "race", query="?id=fixed") == "fixed"
        host.run()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ends_a_run(load: LoadApp, language: str) -> None:
    source = samples.PYTHON_PATTERNS if language == "python" else samples.NODE_PATTERNS
    with Host(load(language, source), step_limit=20) as host:
        instance_id = start(host, "changing")
        found = rf"{instance_id} .* call activity 'remember', in a replay to .* 'double'"
        with pytest.raises(NonDeterminismError, match=found):
            host.run()
        start(host, "shrinking")
        with pytest.raises(NonDeterminismError, match="no longer asks to call activity"):
            host.run()
        start(host, "endless")
        with pytest.raises(StepLimitError, match="no end after 20 steps"):
            host.run()
        worker = host._worker
        with pytest.raises(WorkerError, match=r"(?s)code 3 while calling die.*last words"):
            worker.invoke("die", [(worker.functions["die"][0]["name"], {"json": "1"})])
        with pytest.raises(WorkerError, match="ended with code 3"):
            host.request("POST", "/api/orchestrators/race")


def test_worker_that_does_not_answer(python_app_env: Path, tmp_path: Path) -> None:
    app = samples.write_python_app(tmp_path, samples.PYTHON_PATTERNS)
    worker = Worker([str(python_app_env), str(HERE / "python_worker.py")], app, timeout=5)
    worker._timeout = 0.2
    with pytest.raises(WorkerError, match=r"no answer for 0.2 s while calling sleep"):
        worker.invoke("sleep", [("value", {"json": "1"})])
    worker.close()


def test_python_timers_without_slices(load: LoadApp) -> None:
    """Some storage providers do not tell the SDK how to slice long timers."""
    with Host(load("python", samples.PYTHON_PATTERNS), long_timers=False) as host:
        instance_id = start(host, "long_wait")
        host.run()
        assert host.status(instance_id)["output"] == 10
        timers = [e for e in host.history(instance_id) if e["EventType"] == 10]
        assert len(timers) == 1


def test_python_client_encodes_events_twice(load: LoadApp) -> None:
    """An event of the Python client is a text that holds JSON, one by the URL is a value."""
    with Host(load("python", samples.PYTHON_PATTERNS)) as host:
        by_client, by_url = start(host, "raw_event"), start(host, "raw_event")
        host.run()
        approve(host, by_client, {"approved": True})
        host.raise_event(by_url, "Approval", {"approved": True})
        host.run()
        assert host.status(by_client)["output"] == ['{"approved": true}']
        assert host.status(by_url)["output"] == [{"approved": True}]


def test_node_long_timer_can_be_cancelled_after_its_first_slice(load: LoadApp) -> None:
    with Host(load("node", samples.NODE_PATTERNS)) as host:
        instance_id = start(host, "cancelled_long_wait")
        host.run(until=100 * HOUR)
        host.raise_event(instance_id, "Approval", 1)
        host.run(until=NOW)
        assert host.status(instance_id)["runtimeStatus"] == "Completed"


def test_node_retries_with_backoff(load: LoadApp) -> None:
    with Host(load("node", samples.NODE_PATTERNS)) as host:
        begin = host.now
        assert finish(host, "growing") == "gave up"
        assert host.now - begin == timedelta(seconds=1 + 2 + 3 + 3)


# Planted faults ----------------------------------------------------------------------------

FUNCTIONS = {"start", "process", "validate", "pay", "ship"}
ORDER = {"id": "o-1", "items": [1], "total": 2.5}


def check_orders(worker: Worker) -> None:
    """What a good test of the order app asserts."""
    with Host(worker) as host:
        assert {*host.functions} == FUNCTIONS, "function list"
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
        assert _order(host, ORDER) == (failed, ["validate", "pay", "pay", "pay"], 15)


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


class Fault(NamedTuple):
    """A change of the source and how it shows: type and message of the error."""

    old: str
    new: str
    error: type[Exception]
    message: str


CALL_SHIP = 'context.call_activity("ship", order["id"])'
PYTHON_FAULTS = {
    "wrong activity": Fault('activity("ship"', 'activity("shipp"', AssertionError, "'shipp' doesn"),
    "wrong starter target": Fault(
        'start_new("process"', 'start_new("proces"', AssertionError, "500 .*'proces' doesn"
    ),
    "client mismatch": Fault('client_name="client"', 'client_name="starter"', LoadError, "start"),
    "forgotten yield": Fault(f"yield {CALL_SHIP}", CALL_SHIP, AssertionError, "'pay'"),
    "forgotten await": Fault("await client", "client", AssertionError, "500 .*coroutine"),
    "fewer attempts": Fault("(5000, 3)", "(5000, 2)", AssertionError, "payment failed"),
    "unserialisable": Fault('{"paid": order["total"]}', "{1, 2}", AssertionError, "payment fa"),
    "missing decorator": Fault(
        '@bp.activity_trigger(input_name="order_id")', "", AssertionError, "function list"
    ),
    "wall clock": Fault(
        '"ship", order["id"]', '"ship", str(datetime.now())', NonDeterminismError, "'ship'"
    ),
    "blueprint": Fault("app.register_functions(bp)", "", AssertionError, "function list"),
    "GET": Fault('methods=["POST"]', 'methods=["GET"]', AssertionError, "HTTP surface"),
    "import": Fault("import json", "import jsonn", LoadError, "jsonn"),
    "syntax": Fault("def ship(", "def ship((", LoadError, "SyntaxError"),
    "exit": Fault("import json", "import json\nraise SystemExit(1)", LoadError, "SystemExit"),
    "two apps": Fault(
        "import json",
        "import json\nfrom azure.functions import FunctionApp\nother = FunctionApp()",
        LoadError,
        "More than one",
    ),
}

CALL_SHIP_JS = "context.df.callActivity('ship', order.id)"
NODE_FAULTS = {
    "wrong activity": Fault("Activity('ship'", "Activity('shipp'", AssertionError, "'shipp' doesn"),
    "wrong starter target": Fault(
        "startNew('process'", "startNew('proces'", AssertionError, "500 .*'proces' doesn"
    ),
    "no client": Fault("[df.input.durableClient()]", "[]", AssertionError, "500 .*durable client"),
    "forgotten yield": Fault(f"yield {CALL_SHIP_JS}", CALL_SHIP_JS, AssertionError, "'pay'"),
    "forgotten await": Fault("await client", "client", UnknownInstanceError, "Promise"),
    "fewer attempts": Fault("(5000, 3)", "(5000, 2)", AssertionError, "payment failed"),
    "unserialisable": Fault("{ paid: order.total }", "{ paid: 1n }", AssertionError, "payment fa"),
    "missing registration": Fault(
        "df.app.activity('ship',", "({}).none?.('ship',", AssertionError, "function list"
    ),
    "wall clock": Fault("'ship', order.id", "'ship', Date.now()", NonDeterminismError, "'ship'"),
    "GET": Fault("['POST']", "['GET']", AssertionError, "HTTP surface"),
    "duplicate": Fault("activity('pay'", "activity('ship'", LoadError, '"ship" has already'),
    "missing module": Fault("'durable-functions'", "'durable-function'", LoadError, "Cannot find"),
    "throws": Fault("const df", "throw new Error('sudden');\nconst df", LoadError, "sudden"),
}


def plant(source: str, fault: Fault) -> str:
    assert fault.old in source, "the fault is out of date"
    return source.replace(fault.old, fault.new, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_order_app_is_right(load: LoadApp, language: str) -> None:
    source = samples.PYTHON_ORDERS if language == "python" else samples.NODE_ORDERS
    check_orders(load(language, source))


@pytest.mark.parametrize("name", PYTHON_FAULTS)
def test_python_fault_is_found(load: LoadApp, name: str) -> None:
    fault = PYTHON_FAULTS[name]
    with pytest.raises(fault.error, match=f"(?s){fault.message}"):
        check_orders(load("python", plant(samples.PYTHON_ORDERS, fault)))


@pytest.mark.parametrize("name", NODE_FAULTS)
def test_node_fault_is_found(load: LoadApp, name: str) -> None:
    fault = NODE_FAULTS[name]
    with pytest.raises(fault.error, match=f"(?s){fault.message}"):
        check_orders(load("node", plant(samples.NODE_ORDERS, fault)))


def test_routes_are_the_indexed_ones(load: LoadApp) -> None:
    worker = load("python", samples.PYTHON_ORDERS)
    with Host(worker) as host:
        assert host.request("GET", "/api/orders").status == 404  # not 405: as the real host
        assert host.request("POST", "/orders", b"{}").status == 404
        assert host.request("POST", "/api/order", b"{}").status == 404
        assert host.request("POST", "/API/Orders/", b"{").status == 400
        prefix = {"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}
        (worker.app_folder / "host.json").write_text(json.dumps(prefix), "utf-8")
        with Host(worker) as other:
            assert other.request("POST", "/orders", b"{").status == 400


def test_main_pattern(load: LoadApp) -> None:
    main = "./{index.js,functions/**/*.cjs}"
    check_orders(load("node", samples.NODE_ORDERS, main=main, suffix=".cjs"))


def test_main_matches_nothing(load: LoadApp) -> None:
    with pytest.raises(LoadError, match=re.escape("matches no file: dist/*.js")):
        load("node", samples.NODE_ORDERS, main="dist/*.js")


def test_ecmascript_module(load: LoadApp) -> None:
    imports = "import { app } from '@azure/functions';\nimport * as df from 'durable-functions';\n"
    source = re.sub(r"const .*require\(.*\n", "", samples.NODE_ORDERS)
    check_orders(load("node", imports + source, main="functions/*.mjs", suffix=".mjs"))


class TestRouting:
    FUNCTIONS: ClassVar[dict[str, list[dict[str, Any]]]] = {
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
    def test_choice(self, method: str, path: str, function: str | None, values: Any) -> None:
        found = choose(routes(self.FUNCTIONS), method, path)
        assert (found[0].function if found else None) == function
        assert (found[1] if found else {}) == values

    def test_defaults(self) -> None:
        found = {route.function: route for route in routes(self.FUNCTIONS)}
        assert found["one"].auth_level == "function"
        assert found["five"].auth_level == "anonymous"
        assert "DELETE" in found["one"].methods


def test_unsupported_action(load: LoadApp) -> None:
    source = samples.NODE_ORDERS.replace(
        CALL_SHIP_JS, "context.df.callHttp({ method: 'GET', url: 'http://localhost' })"
    )
    with Host(load("node", source)) as host:
        host.request("POST", "/api/orders", json.dumps(ORDER).encode())
        with pytest.raises(UnsupportedActionError, match="process uses: call http"):
            host.run()
