"""Recorded histories of TypeScript and JavaScript projects find what breaks running instances.

`test_node_projects.py` replays them in projects as they are generated.
"""

import itertools
import re
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import pytest

from bakery import Bakery
from defects import OWN_DEFECTS, seed
from installed_project import ProjectCopy, node_variables

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

# A file of `src/orders/` without its suffix, and what happens to its text.
Edit = tuple[str, Callable[[str], str]]


def replaced(old: str, new: str, file: str = "orchestrator") -> Edit:
    """Replace the first place of a text."""
    return file, partial(seed, old=old, new=new)


def swapped(one: str, other: str) -> Edit:
    """Swap two texts of the orchestrator."""
    texts = {one: other, other: one}
    either = "|".join(re.escape(text) for text in texts)
    return "orchestrator", lambda text: re.sub(either, lambda found: texts[found[0]], text)


class Change(NamedTuple):
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
    "two steps in another order": Change(
        [swapped("processPayment(order)", "shipOrder(order)")],
        'called activity "processPayment"',
        'calls activity "shipOrder"',
    ),
    "another name of an activity": Change(
        [replaced("activity('shipOrder'", "activity('sendOrder'", "activities")],
        'called activity "shipOrder"',
        'calls activity "sendOrder"',
    ),
    "one more step": Change(
        [replaced("return fulfilled(", "yield validateOrder(order);\n  return fulfilled(")],
        "asked for nothing more",
        'calls activity "validateOrder"',
    ),
    "one step less": Change(
        [replaced("yield shipOrder(order).withRetry(RETRY);", "")],
        'called activity "shipOrder"',
        'returns {"success":true,"orderId":"order-1001"}',
    ),
    "longer pauses": Change(
        [replaced("RetryOptions(5_000, 3)", "RetryOptions(10_000, 3)")],
        'paused 5 s after attempt 1 of activity "processPayment"',
        "pauses 10 s",
    ),
    "fewer attempts": Change(
        [replaced("RetryOptions(5_000, 3)", "RetryOptions(5_000, 2)")],
        'paused 5 s after attempt 2 of activity "processPayment"',
        "makes no further attempt",
    ),
    "more attempts": Change(
        [replaced("RetryOptions(5_000, 3)", "RetryOptions(5_000, 4)")],
        'made no further attempt of activity "processPayment" after attempt 3',
        "pauses 5 s",
    ),
    "no pause and no further attempt": Change(
        [replaced("processPayment(order).withRetry(RETRY)", "processPayment(order)")],
        "started a timer of 5 s",
        'returns {"success":false,"orderId":"order-1001","reason":"payment failed"}',
    ),
}
IN_ONE_PATTERN = {
    "function-chaining": {},
    "fan-out-fan-in": {
        "one more step": Change(
            [
                replaced(
                    "return { ...fulfilled(",
                    "yield validateOrder(order);\n  return { ...fulfilled(",
                )
            ],
            "asked for nothing more",
            'calls activity "validateOrder"',
        ),
        "one step less": Change(
            [replaced("yield shipOrder(order).withRetry(RETRY);", "")],
            'called activity "shipOrder"',
            'returns {"success":true,"orderId":"order-1001","reserved":7}',
        ),
        "calls one after the other": Change(
            [replaced("yield context.df.Task.all(tasks);", "tasks.slice();")],
            'called activity "reserveItem"',
            'waits for activity "reserveItem"',
        ),
        "another input": Change(
            [replaced("{ orderId: id, item }", "{ orderId: id, item, at: 1 }")],
            f'called activity "reserveItem" with {RESERVED}',
            f'calls activity "reserveItem" with {RESERVED[:-1]},"at":1}}',
        ),
    },
    "human-interaction": {
        "no timer": Change(
            [
                replaced(
                    "context.df.createTimer(new Date(deadline))", "{ cancel: () => deadline }"
                ),
                replaced("Task.any([event, timeout])", "Task.any([event])"),
            ],
            "started a timer of 259200 s",
            'waits for event "Approval"',
        ),
        "a shorter timer": Change(
            [replaced("72 * 60", "48 * 60")],
            "started a timer of 259200 s",
            "starts a timer of 172800 s",
        ),
        "a timer that nobody cancels": Change(
            [replaced("timeout.cancel();", "")],
            'returned {"success":true,"orderId":"order-1001"}',
            "waits for a timer of 259200 s",
        ),
        "another event": Change(
            [replaced("EVENT = 'Approval'", "EVENT = 'Approved'", "approval")],
            'called activity "processPayment"',
            'waits for event "Approved" and a timer of 259200 s',
        ),
        "another custom status": Change(
            [replaced("setCustomStatus('approved')", "setCustomStatus('yes')")],
            'had the custom status "approved"',
            'has "yes"',
        ),
        "an error": Change(
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
        "one step less": Change(
            [replaced("yield shipOrder(order).withRetry(RETRY);", "")],
            'called activity "shipOrder"',
            'calls activity "checkDelivery"',
        ),
        "no timer": Change(
            [replaced("yield context.df.createTimer(nextPoll);", "")],
            "started a timer of 1800 s",
            "continues as new",
        ),
        "a longer timer": Change(
            [replaced("30 * 60 * 1_000", "45 * 60 * 1_000")],
            "started a timer of 1800 s",
            "starts a timer of 2700 s",
        ),
    },
    "saga": {
        "two steps in another order": Change(
            [swapped("activity: reserveInventory", "activity: processPayment")],
            'called activity "reserveInventory"',
            'calls activity "processPayment"',
        ),
        "one step less": Change(
            [replaced("{ activity: shipOrder, failure: 'shipping failed' },", "")],
            'called activity "shipOrder"',
            'returns {"success":true,"orderId":"order-1001"}',
        ),
        "no pause and no further attempt": Change(
            [replaced("yield activity(order).withRetry(RETRY)", "yield activity(order)")],
            "started a timer of 5 s",
            'calls activity "releaseInventory"',
        ),
        "compensations in another order": Change(
            [replaced("completed.toReversed()", "completed")],
            'called activity "refundPayment"',
            'calls activity "releaseInventory"',
        ),
    },
    "aggregator": {
        "one step less": Change(
            [replaced("yield shipOrder(order).withRetry(RETRY);", "")],
            'called activity "shipOrder"',
            'sends signal "add" to entity "sales" with key "A-1"',
        ),
        "a signal less": Change(
            [replaced("of order.items)", "of order.items.slice(1))")],
            'sent signal "add" to entity "sales" with key "A-1"',
            'sends signal "add" to entity "sales" with key "B-2"',
        ),
        "another operation": Change(
            [replaced("'add', quantity", "'sell', quantity")],
            'sent signal "add" to entity "sales" with key "A-1"',
            'sends signal "sell" to entity "sales" with key "A-1"',
        ),
        "another input of a signal": Change(
            [replaced("'add', quantity", "'add', quantity + 1")],
            'sent signal "add" to entity "sales" with key "A-1" with input 2',
            'sends signal "add" to entity "sales" with key "A-1" with input 3',
        ),
    },
}


LANGUAGES = {"typescript": "ts", "javascript": "js"}
VARIANTS = list(itertools.product(LANGUAGES, IN_ONE_PATTERN))


def changes_of(language: str, pattern: str) -> dict[str, Change]:
    """Return the changes of a variant: all in the weekly job, otherwise some, in turns."""
    changes = list((IN_EVERY_PATTERN | IN_ONE_PATTERN[pattern]).items())
    if OWN_DEFECTS is None:
        return dict(changes)
    turn = list(IN_ONE_PATTERN).index(pattern)
    step = len(changes) if language == "typescript" else 3  # tsc takes two seconds
    return dict(changes[turn % step :: step])


class Workflow:
    """The workflow of a generated project, and the tests of its recorded histories."""

    def __init__(self, project: ProjectCopy, suffix: str) -> None:
        self.project = project
        self._suffix = suffix

    def path(self, file: str) -> str:
        """Return the path of a file of `src/orders/`."""
        return f"src/orders/{file}.{self._suffix}"

    def edited(self, edits: Iterable[Edit]) -> dict[str, str]:
        """Return the changed files with their texts."""
        texts: dict[str, str] = {}
        for file, edit in edits:
            path = self.path(file)
            texts[path] = edit(texts.get(path) or self.project.read(path))
        return texts

    def run_test(self, test: str = "histories") -> str:
        """Return what a test has written."""
        build, folder = "", "tests"
        if self._suffix == "ts":
            build, folder = "node_modules/.bin/tsc --noCheck && ", "dist/tests"
        command = f"{build}node --test --test-reporter=spec {folder}/{test}.test.js"
        result = self.project.run(command, self.project.path / "src")
        return result.stdout + result.stderr


@pytest.fixture(scope="module")
def workflow_of(
    bakery: Bakery,
    node_modules: Callable[[str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, str], Workflow]:
    """Return a function that copies the project of a variant, with its packages."""

    @cache
    def copy(language: str, pattern: str) -> Workflow:
        project = bakery.bake(language=language, pattern=pattern)
        copied = ProjectCopy(project, tmp_path_factory.mktemp(language), **node_variables())
        (copied.path / "src/node_modules").symlink_to(node_modules(language))
        return Workflow(copied, LANGUAGES[language])

    return copy


@pytest.fixture
def workflow(
    request: pytest.FixtureRequest, workflow_of: Callable[[str, str], Workflow]
) -> Workflow:
    return workflow_of(*request.param)


@pytest.mark.parametrize(
    ("workflow", "change"),
    [
        pytest.param((language, pattern), change, id=f"{language}-{pattern}-{name}")
        for language, pattern in VARIANTS
        for name, change in changes_of(language, pattern).items()
    ],
    indirect=["workflow"],
)
def test_a_change_that_breaks_instances_is_found(workflow: Workflow, change: Change) -> None:
    with workflow.project.changes(workflow.edited(change.edits)):
        report = workflow.run_test()
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
        if OWN_DEFECTS is None or "javascript" in variant
    ],
    indirect=True,
)
def test_a_change_that_breaks_nothing_is_accepted(workflow: Workflow) -> None:
    """Another format, a log and other names of variables."""
    orchestrator = workflow.path("orchestrator")
    layout = f"npx prettier --write --no-semi --print-width 50 ../{orchestrator}"
    with workflow.project.changes(workflow.edited([("orchestrator", logs_and_names)])):
        formatted = workflow.project.run(layout, workflow.project.path / "src")
        assert formatted.returncode == 0, formatted.stderr
        report = workflow.run_test()
    recordings = list(workflow.project.path.glob("src/tests/histories/*.json"))
    assert f"pass {len(recordings)}\n" in report, report
    assert "fail 0\n" in report, report


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_comparison_follows_the_rules(
    workflow_of: Callable[[str, str], Workflow], language: str
) -> None:
    workflow = workflow_of(language, "function-chaining")
    folder = "src/dist/tests" if language == "typescript" else "src/tests"
    text = RULES.read_text(encoding="utf-8")
    with workflow.project.changes({f"{folder}/{RULES.name}": text}):
        report = workflow.run_test("recordedHistory")
    assert "fail 0\n" in report, report
