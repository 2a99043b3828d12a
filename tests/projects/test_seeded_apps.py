"""The contract over HTTP finds defects that were seeded into generated apps."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from bakery import Bakery
from defects import SeededDefect
from installed_project import ProjectCopy
from running_app import CHANGED_PROJECT, INSTALLED

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PYTHON_ORCHESTRATOR = "src/orders/orchestrator.py"
NODE_ORCHESTRATOR = "src/orders/orchestrator.js"
# What an app that does not load fails first; the finding is then a part of its message.
FIRST_TEST = "test_exactly_the_functions_of_the_contract"


class SeededApp(NamedTuple):
    """A defect in an app, and the test of the contract that finds it."""

    language: str
    pattern: str
    defect: SeededDefect


DEFECTS = {
    "a wrong activity name": SeededApp(
        "javascript",
        "function-chaining",
        SeededDefect(
            "src/orders/activities.js",
            "df.app.activity('shipOrder'",
            "df.app.activity('sendOrder'",
            "test_exactly_the_functions_of_the_contract",
        ),
    ),
    "a forgotten yield": SeededApp(
        "python",
        "function-chaining",
        SeededDefect(
            PYTHON_ORCHESTRATOR,
            "yield context.call_activity_with_retry(activities.ship_order",
            "context.call_activity_with_retry(activities.ship_order",
            "test_the_steps_run_one_after_the_other",
        ),
    ),
    "a forgotten await": SeededApp(
        "python",
        "function-chaining",
        SeededDefect(
            "src/orders/http.py",
            "await client.start_new",
            "client.start_new",
            "test_a_good_order_is_accepted_with_its_urls",
        ),
    ),
    "a wrong binding name": SeededApp(
        "python",
        "function-chaining",
        SeededDefect(
            "src/orders/http.py", 'client_name="client"', 'client_name="starter"', "start_order"
        ),
    ),
    "a wrong method": SeededApp(
        "javascript",
        "function-chaining",
        SeededDefect(
            "src/orders/http.js",
            "methods: ['POST']",
            "methods: ['POST', 'PUT']",
            "test_the_starter_is_a_post_that_needs_a_key",
        ),
    ),
    "a clock in the orchestrator": SeededApp(
        "python",
        "function-chaining",
        SeededDefect(
            PYTHON_ORCHESTRATOR,
            "activities.ship_order, RETRY, order)",
            'activities.ship_order, RETRY, order | {"at": __import__("time").time()})',
            "test_an_order_completes_with_its_output",
        ),
    ),
    "a blueprint that is not registered": SeededApp(
        "python",
        "saga",
        SeededDefect(
            "src/function_app.py",
            "app.register_functions(refunds.blueprint)\n",
            "",
            "test_exactly_the_functions_of_the_contract",
        ),
    ),
    "a result that is not JSON": SeededApp(
        "python",
        "fan-out-fan-in",
        SeededDefect(
            "src/orders/inventory.py",
            'return int(item["quantity"])',
            'return {item["quantity"]}',
            "test_all_items_are_reserved_at_once",
        ),
    ),
    "a lost retry": SeededApp(
        "javascript",
        "function-chaining",
        SeededDefect(
            NODE_ORCHESTRATOR,
            "shipOrder(order).withRetry(RETRY)",
            "shipOrder(order)",
            "test_an_activity_that_fails_for_a_while_is_tried_again",
        ),
    ),
    "compensations in the order of the steps": SeededApp(
        "python",
        "saga",
        SeededDefect(
            PYTHON_ORCHESTRATOR,
            "in reversed(completed)",
            "in completed",
            "test_the_completed_steps_are_undone_in_reverse",
        ),
    ),
    "a wrong entity name": SeededApp(
        "python",
        "aggregator",
        SeededDefect(
            "src/orders/sales.py",
            'df.EntityId("sales", sku)',
            'df.EntityId("sale", sku)',
            "test_the_sales_of_concurrent_orders_add_up",
        ),
    ),
    "a timer that nobody cancels": SeededApp(
        "python",
        "human-interaction",
        SeededDefect(
            PYTHON_ORCHESTRATOR,
            "    timeout.cancel()",
            "    # timeout.cancel()",
            "test_an_approval_cancels_the_timer",
        ),
    ),
    "a wrong event name": SeededApp(
        "python",
        "human-interaction",
        SeededDefect(
            "src/orders/approval.py",
            'APPROVAL_EVENT = "Approval"',
            'APPROVAL_EVENT = "Approved"',
            "test_an_event_may_come_from_the_management_url",
        ),
    ),
    "a next generation that is lost": SeededApp(
        "python",
        "monitor",
        SeededDefect(
            PYTHON_ORCHESTRATOR,
            "    context.continue_as_new(",
            "    print(",
            "test_the_delivery_is_polled_every_30_minutes",
        ),
    ),
}


@pytest.mark.parametrize("seeded", DEFECTS.values(), ids=DEFECTS.keys())
def test_the_contract_finds_a_seeded_defect(
    bakery: Bakery,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    seeded: SeededApp,
) -> None:
    language, pattern, defect = seeded
    project = ProjectCopy(bakery.bake(language=language, pattern=pattern), tmp_path)
    if language == "python":
        installed = request.getfixturevalue("python_for_apps")
    else:
        installed = request.getfixturevalue("node_modules")(language)
    test = defect.finding if defect.finding.startswith("test_") else FIRST_TEST
    command = [
        *(sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider"),
        *(str(HERE / "test_contract.py"), str(HERE / "test_patterns.py")),
        *("-k", f"{language}-{pattern} and {test}"),
    ]
    with project.seeded(defect):
        run = subprocess.run(
            command,
            env=os.environ | {CHANGED_PROJECT: str(project.path), INSTALLED: str(installed)},
            capture_output=True,
            text=True,
            cwd=HERE.parents[1],
        )
    assert run.returncode == 1, run.stdout + run.stderr
    assert defect.finding in run.stdout, run.stdout
