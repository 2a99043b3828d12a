"""Recorded histories of TypeScript and JavaScript projects find what breaks running instances.

`test_node_projects.py` replays them in projects as they are generated.
"""

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from defects import ALL, seed
from node_workflow import SUFFIXES, Edit, NodeWorkflow, replaced, swapped

pytestmark = pytest.mark.slow

RULES = Path(__file__).parent / "replay/node/recordedHistory.test.js"
ADVICE = (
    "Running instances like this one would break. Keep the old path for their version and raise "
    '"defaultVersion" in src/host.json: see "Change the workflow" in README.md. '
    "If no instance runs the old code, record the history again."
)
MESSAGE = re.compile(
    r"src/tests/histories/[\w-]+\.json, historyEvents\[\d+\]: "
    rf"the recorded orchestration (.+), but today's orchestrator (.+)\. {re.escape(ADVICE)}"
)


class SeededChange(NamedTuple):
    """A change of a workflow, and what the message says about it.

    Args:
        edits: the change.
        did: what the recorded orchestration did.
        does: what today's orchestrator does.
    """

    edits: list[Edit]
    did: str
    does: str


RESERVED = '{"orderId":"order-1001","item":{"sku":"A-1","quantity":2,"unitPrice":10}}'
IN_EVERY_PATTERN = {
    "two steps in another order": SeededChange(
        [swapped("processPayment(order)", "shipOrder(order)")],
        'called activity "processPayment"',
        'calls activity "shipOrder"',
    ),
    "another name of an activity": SeededChange(
        [replaced("activity('shipOrder'", "activity('sendOrder'", "activities")],
        'called activity "shipOrder"',
        'calls activity "sendOrder"',
    ),
    "one more step": SeededChange(
        [replaced("return fulfilled(", "yield validateOrder(order);\n  return fulfilled(")],
        "asked for nothing more",
        'calls activity "validateOrder"',
    ),
    "one step less": SeededChange(
        [replaced("yield shipOrder(order).withRetry(RETRY);", "")],
        'called activity "shipOrder"',
        'returns {"success":true,"orderId":"order-1001"}',
    ),
    "longer pauses": SeededChange(
        [replaced("RetryOptions(5_000, 3)", "RetryOptions(10_000, 3)")],
        'paused 5 s after attempt 1 of activity "processPayment"',
        "pauses 10 s",
    ),
    "fewer attempts": SeededChange(
        [replaced("RetryOptions(5_000, 3)", "RetryOptions(5_000, 2)")],
        'paused 5 s after attempt 2 of activity "processPayment"',
        "makes no further attempt",
    ),
    "more attempts": SeededChange(
        [replaced("RetryOptions(5_000, 3)", "RetryOptions(5_000, 4)")],
        'made no further attempt of activity "processPayment" after attempt 3',
        "pauses 5 s",
    ),
    "no pause and no further attempt": SeededChange(
        [replaced("processPayment(order).withRetry(RETRY)", "processPayment(order)")],
        "started a timer of 5 s",
        'returns {"success":false,"orderId":"order-1001","reason":"payment failed"}',
    ),
}
IN_ONE_PATTERN = {
    "function-chaining": {},
    "fan-out-fan-in": {
        "one more step": SeededChange(
            [
                replaced(
                    "return { ...fulfilled(",
                    "yield validateOrder(order);\n  return { ...fulfilled(",
                )
            ],
            "asked for nothing more",
            'calls activity "validateOrder"',
        ),
        "one step less": SeededChange(
            [replaced("yield shipOrder(order).withRetry(RETRY);", "")],
            'called activity "shipOrder"',
            'returns {"success":true,"orderId":"order-1001","reserved":7}',
        ),
        "calls one after the other": SeededChange(
            [replaced("yield context.df.Task.all(tasks);", "tasks.slice();")],
            'called activity "reserveItem"',
            'waits for activity "reserveItem"',
        ),
        "another input": SeededChange(
            [replaced("{ orderId: id, item }", "{ orderId: id, item, at: 1 }")],
            f'called activity "reserveItem" with {RESERVED}',
            f'calls activity "reserveItem" with {RESERVED[:-1]},"at":1}}',
        ),
    },
    "human-interaction": {
        "no timer": SeededChange(
            [
                replaced(
                    "context.df.createTimer(new Date(deadline))", "{ cancel: () => deadline }"
                ),
                replaced("Task.any([event, timeout])", "Task.any([event])"),
            ],
            "started a timer of 259200 s",
            'waits for event "Approval"',
        ),
        "a shorter timer": SeededChange(
            [replaced("72 * 60", "48 * 60")],
            "started a timer of 259200 s",
            "starts a timer of 172800 s",
        ),
        "a timer that nobody cancels": SeededChange(
            [replaced("timeout.cancel();", "")],
            'returned {"success":true,"orderId":"order-1001"}',
            "waits for a timer of 259200 s",
        ),
        "another event": SeededChange(
            [replaced("EVENT = 'Approval'", "EVENT = 'Approved'", "approval")],
            'called activity "processPayment"',
            'waits for event "Approved" and a timer of 259200 s',
        ),
        "another custom status": SeededChange(
            [replaced("setCustomStatus('approved')", "setCustomStatus('yes')")],
            'had the custom status "approved"',
            'has "yes"',
        ),
        "an error": SeededChange(
            [
                replaced(
                    "return readApproval(", "throw new Error('no\\nway');\n  return readApproval("
                )
            ],
            'called activity "processPayment"',
            "fails: no way",
        ),
    },
    "monitor": {
        "one step less": SeededChange(
            [replaced("yield shipOrder(order).withRetry(RETRY);", "")],
            'called activity "shipOrder"',
            'calls activity "checkDelivery"',
        ),
        "no timer": SeededChange(
            [replaced("yield context.df.createTimer(nextPoll);", "")],
            "started a timer of 1800 s",
            "continues as new",
        ),
        "a longer timer": SeededChange(
            [replaced("30 * 60 * 1_000", "45 * 60 * 1_000")],
            "started a timer of 1800 s",
            "starts a timer of 2700 s",
        ),
    },
    "saga": {
        "two steps in another order": SeededChange(
            [swapped("activity: reserveInventory", "activity: processPayment")],
            'called activity "reserveInventory"',
            'calls activity "processPayment"',
        ),
        "one step less": SeededChange(
            [replaced("{ activity: shipOrder, failure: 'shipping failed' },", "")],
            'called activity "shipOrder"',
            'returns {"success":true,"orderId":"order-1001"}',
        ),
        "no pause and no further attempt": SeededChange(
            [replaced("yield activity(order).withRetry(RETRY)", "yield activity(order)")],
            "started a timer of 5 s",
            'calls activity "releaseInventory"',
        ),
        "compensations in another order": SeededChange(
            [replaced("completed.toReversed()", "completed")],
            'called activity "refundPayment"',
            'calls activity "releaseInventory"',
        ),
    },
    "aggregator": {
        "one step less": SeededChange(
            [replaced("yield shipOrder(order).withRetry(RETRY);", "")],
            'called activity "shipOrder"',
            'sends signal "add" to entity "sales" with key "A-1"',
        ),
        "a signal less": SeededChange(
            [replaced("of order.items)", "of order.items.slice(1))")],
            'sent signal "add" to entity "sales" with key "A-1"',
            'sends signal "add" to entity "sales" with key "B-2"',
        ),
        "another operation": SeededChange(
            [replaced("'add', quantity", "'sell', quantity")],
            'sent signal "add" to entity "sales" with key "A-1"',
            'sends signal "sell" to entity "sales" with key "A-1"',
        ),
        "another input of a signal": SeededChange(
            [replaced("'add', quantity", "'add', quantity + 1")],
            'sent signal "add" to entity "sales" with key "A-1" with input 2',
            'sends signal "add" to entity "sales" with key "A-1" with input 3',
        ),
    },
}


VARIANTS = list(itertools.product(SUFFIXES, IN_ONE_PATTERN))


def changes_of(language: str, pattern: str) -> dict[str, SeededChange]:
    """Return the changes of a variant: all in the weekly job, otherwise some, in turns."""
    changes = list((IN_EVERY_PATTERN | IN_ONE_PATTERN[pattern]).items())
    if ALL:
        return dict(changes)
    turn = list(IN_ONE_PATTERN).index(pattern)
    step = len(changes) if language == "typescript" else 3  # tsc takes two seconds
    return dict(changes[turn % step :: step])


@pytest.fixture
def workflow(
    request: pytest.FixtureRequest, node_workflow: Callable[[str, str], NodeWorkflow]
) -> NodeWorkflow:
    return node_workflow(*request.param)


@pytest.mark.parametrize(
    ("workflow", "change"),
    [
        pytest.param((language, pattern), change, id=f"{language}-{pattern}-{name}")
        for language, pattern in VARIANTS
        for name, change in changes_of(language, pattern).items()
    ],
    indirect=["workflow"],
)
def test_a_change_that_breaks_instances_is_found(
    workflow: NodeWorkflow, change: SeededChange
) -> None:
    with workflow.project.changes(workflow.edited(change.edits)):
        report = workflow.run_tests("histories")
    assert (change.did, change.does) in MESSAGE.findall(report), report


def logs_and_names(text: str) -> str:
    """Return an orchestrator that logs, and that has another name for its input."""
    logged = seed(text, "const order =", "context.log('started');\n  const order =")
    return re.sub(r"\border\b", "purchase", logged)


@pytest.mark.parametrize(
    "workflow",
    [
        pytest.param(variant, id="-".join(variant))
        for variant in VARIANTS
        if ALL or "javascript" in variant
    ],
    indirect=True,
)
def test_a_change_that_breaks_nothing_is_accepted(workflow: NodeWorkflow) -> None:
    """Another format, a log and other names of variables."""
    orchestrator = workflow.path("orchestrator")
    layout = f"npx prettier --write --no-semi --print-width 50 ../{orchestrator}"
    with workflow.project.changes(workflow.edited([("orchestrator", logs_and_names)])):
        formatted = workflow.project.run(layout, workflow.project.path / "src")
        assert formatted.returncode == 0, formatted.stderr
        report = workflow.run_tests("histories")
    recordings = list(workflow.project.path.glob("src/tests/histories/*.json"))
    assert f"pass {len(recordings)}\n" in report, report
    assert "fail 0\n" in report, report


@pytest.mark.parametrize("language", SUFFIXES)
def test_the_comparison_follows_the_rules(
    node_workflow: Callable[[str, str], NodeWorkflow], language: str
) -> None:
    workflow = node_workflow(language, "function-chaining")
    text = RULES.read_text(encoding="utf-8")
    with workflow.project.changes({f"{workflow.folder_of_tests}/{RULES.name}": text}):
        report = workflow.run_tests("recordedHistory")
    assert "fail 0\n" in report, report
