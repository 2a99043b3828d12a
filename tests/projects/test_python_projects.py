"""The README commands of a generated Python project work, and its tests find seeded defects."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from bakery import Bakery
from defects import ALL, SeededDefect, of_patterns, sample
from installed_project import InstalledProject, pattern_of
from template import TEMPLATE
from workflow_change import WorkflowChange

pytestmark = pytest.mark.slow

VARIANTS = {pattern_of(variant): variant for variant in TEMPLATE.code_variants("python")}
REPLAY = Path(__file__).parent / "replay"


class InstalledPythonProject(InstalledProject):
    """A copy of a generated Python project with its virtual environment."""

    def run_tests(self, tests: str = "") -> str:
        """Run the project's tests without installing again; return their output if they fail."""
        return self.findings(f"{self.activate}\n{self.test.splitlines()[-1]} {tests}")

    def run_own_tests(self, file: str, **variables: str) -> str:
        """Run tests of this repository in the project; return their output if they fail."""
        target = "tests/test_of_the_repository.py"
        exports = "".join(f"export {name}={value}\n" for name, value in variables.items())
        with self.changes({target: (REPLAY / file).read_text(encoding="utf-8")}):
            return self.findings(f"{exports}{self.activate}\npython -m pytest -q {target}")

    @property
    def activate(self) -> str:
        """The command that activates the virtual environment."""
        return next(line for line in self.test.splitlines() if line.startswith("source "))


@pytest.fixture(scope="module")
def first(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory) -> InstalledPythonProject:
    """The first pattern, installed as its README says."""
    variant = TEMPLATE.code_variants("python")[0]
    return InstalledPythonProject(bakery.bake(**variant), tmp_path_factory.mktemp("python"))


@pytest.fixture(scope="module", params=TEMPLATE.code_variants("python"), ids=pattern_of)
def installed(
    request: pytest.FixtureRequest,
    first: InstalledPythonProject,
    bakery: Bakery,
    tmp_path_factory: pytest.TempPathFactory,
) -> InstalledPythonProject:
    """Each pattern. All have the same packages, so they share the virtual environment."""
    if request.param == TEMPLATE.code_variants("python")[0]:
        return first
    folder = tmp_path_factory.mktemp("python")
    return InstalledPythonProject(bakery.bake(**request.param), folder, shares=(first, ".venv"))


def test_all_patterns_have_the_same_packages(bakery: Bakery) -> None:
    projects = [bakery.bake(**variant) for variant in TEMPLATE.code_variants("python")]
    for file in ("requirements-dev.txt", "src/requirements.txt"):
        assert len({project.read(file) for project in projects}) == 1


def test_the_commands_of_the_readme_pass(installed: InstalledPythonProject) -> None:
    output = installed.readme_run.stdout + installed.readme_run.stderr
    assert installed.readme_run.returncode == 0, output
    (passed,) = re.findall(r"^=+ (\d+) passed in [\d.]+s =+$", output, flags=re.MULTILINE)
    assert int(passed) > 50
    assert "All checks passed!" in output
    assert "0 errors, 0 warnings" in output


def test_the_tests_leave_the_project_clean_for_git(first: InstalledPythonProject) -> None:
    """Git ignores what tools write, so a first commit has only files of the project."""
    assert first.files_for_git() == first.files - {"src/local.settings.json"}


def test_the_replay_helper_finds_what_breaks_a_replay(first: InstalledPythonProject) -> None:
    assert first.run_own_tests("python_cases.py") == ""


def test_histories_of_any_shape_are_compared(first: InstalledPythonProject) -> None:
    assert first.run_own_tests("python_recorded.py") == ""


def test_recorded_histories_find_changes(
    installed: InstalledPythonProject, request: pytest.FixtureRequest
) -> None:
    """Changes that would break running instances fail with their message; others do not."""
    pattern = request.node.callspec.params["installed"]["pattern"]
    assert installed.run_own_tests("python_histories.py", PATTERN=pattern) == ""


def test_the_workflow_is_changed_as_the_document_says(first: InstalledPythonProject) -> None:
    change = WorkflowChange(first.read)
    for_all = SeededDefect(ORCHESTRATOR, '!= "1.0":\n        yield', '!= "0":\n        yield', "")
    with first.changes(change.app):
        assert "test_payment_and_shipping_may_fail_twice" in first.run_tests()
        with first.changes(change.tests):
            assert first.run_tests() == ""
            assert not ALL or first.findings(f"{first.activate}\n{first.lint}") == ""
            with first.seeded(for_all):
                assert "test_payment_and_shipping_may_fail_twice" in first.run_tests()


ORCHESTRATOR = "src/orders/orchestrator.py"
APPROVAL = "src/orders/approval.py"
SALES = "src/orders/sales.py"

FOUND_BY_TESTS = {
    "function-chaining": {
        "a clock in the orchestrator": SeededDefect(
            ORCHESTRATOR,
            "activities.ship_order, RETRY, order)",
            'activities.ship_order, RETRY, order | {"at": __import__("time").time()})',
            "NonDeterministicOrchestratorError",
        ),
        "a random id in the orchestrator": SeededDefect(
            ORCHESTRATOR,
            "activities.validate_order, order)",
            'activities.validate_order, order | {"id": str(__import__("uuid").uuid4())})',
            "NonDeterministicOrchestratorError",
        ),
        "a wrong activity": SeededDefect(
            ORCHESTRATOR, "activities.ship_order", "activities.process_payment", "'ship_order'"
        ),
        "fewer attempts": SeededDefect(
            ORCHESTRATOR, "max_number_of_attempts=3", "max_number_of_attempts=2", "attempts=2"
        ),
        "a forgotten yield": SeededDefect(
            ORCHESTRATOR,
            "yield context.call_activity_with_retry(activities.ship_order",
            "context.call_activity_with_retry(activities.ship_order",
            "has no `yield`",
        ),
        "a wrong starter": SeededDefect(
            "src/orders/http.py", '"process_order"', '"process"', "'process'"
        ),
        "another HTTP method": SeededDefect("src/orders/http.py", '["POST"]', '["GET"]', "POST"),
        "no log of the started instance": SeededDefect(
            "src/orders/http.py", "Started instance", "Instance", "Started instance instance-1"
        ),
        "a blueprint that is not registered": SeededDefect(
            "src/function_app.py",
            "app.register_functions(activities.blueprint)\n",
            "",
            "validate_order",
        ),
        "an endpoint without a key": SeededDefect(
            "src/function_app.py", "AuthLevel.FUNCTION", "AuthLevel.ANONYMOUS", "AuthLevel"
        ),
        "a parameter that is not bound": SeededDefect(
            "src/orders/activities.py",
            'input_name="order"',
            'input_name="orders"',
            "test_every_parameter_is_bound",
        ),
        "a client that is not bound": SeededDefect(
            "src/orders/http.py",
            'client_name="client"',
            'client_name="starter"',
            "test_every_parameter_is_bound",
        ),
        "a context that is not bound": SeededDefect(
            ORCHESTRATOR,
            'context_name="context"',
            'context_name="ctx"',
            "test_every_parameter_is_bound",
        ),
        "a second app": SeededDefect(
            "src/function_app.py",
            "app = df.DFApp(",
            "other = df.DFApp()\napp = df.DFApp(",
            "test_the_app_is_the_only_one_in_its_module",
        ),
        "a wider rule": SeededDefect(
            "src/orders/models.py", "[A-Za-z0-9._-]{1,64}", "[A-Za-z0-9._/-]{1,64}", "slash"
        ),
        "another idea of blank": SeededDefect(
            "src/orders/models.py", r"\u{feff}]", "]", "byte order mark"
        ),
        "numbers in strings": SeededDefect(
            "src/orders/models.py", "Field(strict=True, allow_inf", "Field(allow_inf", "is a string"
        ),
        "another message": SeededDefect(
            "src/orders/models.py", "must be a number", "must be numeric", "must be numeric"
        ),
        "a rule that never applies": SeededDefect(
            "src/orders/activities.py",
            'if not order["items"]',
            'if order["items"] is None',
            "order has no items",
        ),
    },
    "fan-out-fan-in": {
        "reservations one after the other": SeededDefect(
            ORCHESTRATOR,
            "yield context.task_all(reservations)",
            "pass",
            "test_all_items_are_reserved_at_once",
        ),
        "a reservation that failed is ignored": SeededDefect(
            ORCHESTRATOR, 'missing[item["sku"]] = None', "pass", "not reserved"
        ),
        "an order that is paid before all reservations have ended": SeededDefect(
            ORCHESTRATOR,
            "with suppress(Exception):\n        yield context.task_all(reservations)",
            "try:\n        yield context.task_all(reservations)\n    except Exception:\n"
            '        return not_fulfilled(order, "not reserved: B-2")',
            "several items that are sold out",
        ),
        "the result of a reservation is ignored": SeededDefect(
            ORCHESTRATOR,
            "reserved += yield reservation",
            'yield reservation\n            reserved += item["quantity"]',
            "test_reservations_may_end_in_any_order",
        ),
        "SKUs that are named twice": SeededDefect(
            ORCHESTRATOR,
            "', '.join(missing)",
            "', '.join(item['sku'] for item in order['items'])",
            "not reserved",
        ),
        "an item that is never sold out": SeededDefect(
            "src/orders/inventory.py", '"SOLD-OUT"', '"GONE"', "test_reserve_item_refuses"
        ),
    },
    "human-interaction": {
        "a timer that nobody cancels": SeededDefect(
            ORCHESTRATOR, "    timeout.cancel()", "    # timeout.cancel()", "is still open"
        ),
        "a rejection that is ignored": SeededDefect(
            ORCHESTRATOR, 'if not approval["approved"]', "if not approval", "rejected by"
        ),
        "an event that must be an object": SeededDefect(
            APPROVAL, "json.loads(event) if isinstance(event, str) else event", "event", "text"
        ),
        "a higher limit": SeededDefect(
            ORCHESTRATOR, "APPROVAL_LIMIT = 1_000", "APPROVAL_LIMIT = 1_001", "waits_for"
        ),
        "another event": SeededDefect(
            APPROVAL, 'APPROVAL_EVENT = "Approval"', 'APPROVAL_EVENT = "Approved"', "Approval"
        ),
        "an ended workflow that is told to go on": SeededDefect(
            APPROVAL, "    df.OrchestrationRuntimeStatus.Terminated,\n", "", "Terminated"
        ),
        "a wrong status code": SeededDefect(
            APPROVAL, "error_response(409", "error_response(410", "409"
        ),
        "a failure of the host that looks like an unknown id": SeededDefect(
            APPROVAL, '!= ""', "is ...", "test_a_status_that_cannot_be_read_is_not_an_unknown_id"
        ),
        "a workflow that ends meanwhile": SeededDefect(
            APPROVAL,
            "        if refusal := await _refusal(client, instance_id):\n"
            "            return refusal\n        raise",
            "        raise",
            "test_a_workflow_that_ends_meanwhile_is_a_conflict",
        ),
    },
    "monitor": {
        "no next generation": SeededDefect(
            ORCHESTRATOR, "    context.continue_as_new(", "    print(", "continued_as_new"
        ),
        "a custom status of the first generation only": SeededDefect(
            ORCHESTRATOR,
            "    context.set_custom_status(status)",
            "    if poll == 1:\n        context.set_custom_status(status)",
            "test_each_generation_sets_the_custom_status",
        ),
        "a deadline that moves": SeededDefect(
            ORCHESTRATOR,
            '{**tracking, "polls": poll}',
            '{"deadline": next_poll.isoformat(), "polls": poll}',
            "test_an_order_in_transit_is_checked_again",
        ),
        "a count of polls that stands still": SeededDefect(
            ORCHESTRATOR, '"polls": poll}', '"polls": 0}', "check_delivery"
        ),
        "a poll after the deadline": SeededDefect(
            ORCHESTRATOR,
            "if next_poll > ",
            "if context.current_utc_datetime > ",
            "test_no_poll_is_after_the_deadline",
        ),
    },
    "saga": {
        "compensations in the order of the steps": SeededDefect(
            ORCHESTRATOR, "in reversed(completed)", "in completed", "test_a_shipping_that_fails"
        ),
        "a compensation without attempts": SeededDefect(
            ORCHESTRATOR,
            "context.call_activity_with_retry(compensation.activity, RETRY, order)",
            "context.call_activity(compensation.activity, order)",
            "retry=None",
        ),
        "a compensation that fails stops the others": SeededDefect(
            ORCHESTRATOR,
            "            not_compensated.append(compensation.name)\n",
            "            not_compensated.append(compensation.name)\n            break\n",
            "test_a_compensation_that_fails_does_not_stop_the_others",
        ),
        "a step that failed is compensated, too": SeededDefect(
            ORCHESTRATOR,
            "        try:\n            yield context.call_activity_with_retry(step.activity",
            "        if step.compensation:\n            completed.append(step.compensation)\n"
            "        try:\n            yield context.call_activity_with_retry(step.activity",
            "test_a_reservation_that_fails_has_nothing_to_undo",
        ),
        "the wrong compensation": SeededDefect(
            ORCHESTRATOR, "inventory.release_inventory", "refunds.refund_payment", "release"
        ),
    },
    "aggregator": {
        "a signal that is lost": SeededDefect(
            ORCHESTRATOR, 'for item in order["items"]:', 'for item in order["items"][1:]:', "Signal"
        ),
        "an order that counts before it is shipped": SeededDefect(
            ORCHESTRATOR,
            "    # The SDK raises",
            '    context.signal_entity(sales_of("A-1"), "add", 2)\n    # The SDK raises',
            "signals == []",
        ),
        "a state that does not add up": SeededDefect(
            SALES, "set_state(sold + quantity)", "set_state(quantity)", "test_orders_add_up"
        ),
        "a wrong status code": SeededDefect(
            SALES, "error_response(404", "error_response(204", "404"
        ),
        "a key in lower case": SeededDefect(
            SALES, 'df.EntityId("sales", sku)', 'df.EntityId("sales", sku.lower())', "A-1"
        ),
        "an unknown operation that is ignored": SeededDefect(
            SALES,
            'raise ValueError(f"sales have no operation {context.operation_name}")',
            "return",
            "test_an_unknown_operation",
        ),
    },
}


@pytest.mark.parametrize(
    ("installed", "defect"),
    [
        pytest.param(VARIANTS[pattern], defect, id=f"{pattern}-{name}")
        for pattern, name, defect in of_patterns(FOUND_BY_TESTS)
    ],
    indirect=["installed"],
    scope="module",
)
def test_the_projects_own_tests_find_a_seeded_defect(
    installed: InstalledPythonProject, defect: SeededDefect
) -> None:
    with installed.seeded(defect):
        assert defect.finding in installed.run_tests("-q")


class NonDeterminism(NamedTuple):
    """Code of an orchestrator that does not repeat itself, and what shows that it is found.

    Args:
        defect: the code.
        linted: what ruff names as the alternative; nothing if it does not find it.
        replayed: part of the report of the replays; nothing if they do not find it.
    """

    defect: SeededDefect
    linted: str = ""
    replayed: str = ""


SHIPPING = (
    "    try:\n        yield context.call_activity_with_retry(activities.ship_order, RETRY, order)"
)
CHANGED = "NonDeterministicOrchestratorError"
DIFFERENT_INPUT = "the recorded orchestration called activity"


def value(imports: str, code: str, linted: str, replayed: str = CHANGED) -> NonDeterminism:
    """Pass a value to an activity."""
    call = SHIPPING.replace("RETRY, order", f'RETRY, {{**order, "value": {code}}}')
    return NonDeterminism(
        SeededDefect(ORCHESTRATOR, SHIPPING, f"    {imports}\n\n{call}"), linted, replayed
    )


def statement(imports: str, code: str, linted: str, replayed: str = "") -> NonDeterminism:
    """Do something before an activity."""
    lines = f"    {imports}\n\n    {code}\n{SHIPPING}"
    return NonDeterminism(SeededDefect(ORCHESTRATOR, SHIPPING, lines), linted, replayed)


# Replays find what changes from run to run; ruff finds by name what has no effect in a test, too.
NOT_DETERMINISTIC = {
    "a clock": value("import time", "time.time()", "current_utc_datetime"),
    "a date": value("from datetime import datetime", "str(datetime.now())", "current_utc_datetime"),
    "a random value": value("from random import random", "random()", "in an activity"),
    "a uuid": value("from uuid import uuid4", "str(uuid4())", "new_uuid"),
    "a day": value("import datetime as dt", "str(dt.date.today())", "current_utc_datetime"),
    "a hidden import": value("pass", '__import__("time").time()', ""),
    "a hash": value("pass", 'hash(order["id"])', "", DIFFERENT_INPUT),
    "asyncio": statement("import asyncio", "yield asyncio.sleep(0)", "durable tasks", "coroutine"),
    "an environment": statement("import os", 'os.environ.get("SKIPPED")', "environment"),
    "a file": statement("pass", "open(__file__).close()", "`open()`"),
    "a request": statement(
        "from urllib.request import urlopen", 'urlopen("data:,text").close()', "in an activity"
    ),
    "a sleep": statement("from time import sleep", "sleep(0)", "create_timer"),
    "a thread": statement("from threading import Thread", "Thread()", "task_all"),
    "a process": statement("import subprocess", 'subprocess.run(["true"])', "in an activity"),
}


@pytest.mark.parametrize("name", sample(NOT_DETERMINISTIC, 4))
def test_a_defect_is_found_by_linter_or_replay(first: InstalledPythonProject, name: str) -> None:
    found = NOT_DETERMINISTIC[name]
    assert found.linted or found.replayed
    with first.seeded(found.defect):
        linted = first.findings(f"{first.activate}\nruff check --select TID251,PTH123 src")
        report = first.run_tests("-q tests/test_orchestrator.py tests/test_histories.py")
    assert found.linted in linted
    assert bool(linted) == bool(found.linted), linted
    assert found.replayed in report
    assert bool(report) == bool(found.replayed), report
