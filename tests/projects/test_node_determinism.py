"""What a linter and replays find in orchestrators that do not repeat: each defect, one of them.

Replays (the unit tests and the recorded histories) find what changes. The linter finds what has
no effect in a test, too. `test_determinism_rules.py` tests more of what the linter refuses.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from defects import ALL
from node_workflow import SUFFIXES, Edit, NodeWorkflow, replaced

pytestmark = pytest.mark.slow

CHANGED = "NonDeterministicOrchestratorError"
NO_TASK = "Only Task types can be yielded"
NO_GENERATOR = "is not iterable"


class Defect(NamedTuple):
    """Code of an orchestrator, and what shows that it is found.

    Args:
        edits: the defect.
        linted: what eslint names as the alternative.
        replayed: part of the report of the replays; nothing if they do not find it.
    """

    edits: list[Edit]
    linted: str
    replayed: str = ""


def value(code: str, linted: str) -> Defect:
    """Pass a value to an activity."""
    shipping = f"shipOrder({{ ...order, value: {code} }})"
    return Defect([replaced("shipOrder(order)", shipping)], linted, CHANGED)


def statement(code: str, linted: str, replayed: str = "") -> Defect:
    """Do something before the first activity."""
    start = "const order ="
    return Defect([replaced(start, f"{code}\n  {start}")], linted, replayed)


ASYNC = replaced("function* processOrder", "async function processOrder")
DEFECTS = {
    "a clock": value("Date.now()", "currentUtcDateTime"),
    "a date": value("new Date().toISOString()", "currentUtcDateTime"),
    "a date as text": value("Date()", "currentUtcDateTime"),
    "a precise clock": value("performance.now()", "currentUtcDateTime"),
    "a random value": value("Math.random()", "in an activity"),
    "a uuid": value("crypto.randomUUID()", "newGuid"),
    "a hidden global": value("globalThis.crypto.randomUUID()", "by its name"),
    "a request": statement("yield fetch('data:,text');", "networks", NO_TASK),
    "a promise": statement("yield Promise.resolve();", "Task.all", NO_TASK),
    "a hidden import": statement("yield import('node:fs');", "at the top", NO_TASK),
    "an await": Defect(
        [ASYNC, ("orchestrator", lambda text: text.replace("yield ", "await "))],
        "Task.all",
        NO_GENERATOR,
    ),
    "an environment": statement("if (process.env.SKIPPED) return;", "environment"),
    "a sleep": statement("setTimeout(() => undefined, 1);", "createTimer"),
    "a file": statement("require('node:fs').readFileSync(__filename);", "files"),
    "a thread": statement("require('node:worker_threads').threadId;", "threads"),
}
# `make test` seeds some of them in JavaScript, the weekly job all in both languages.
SEEDED = [
    pytest.param(language, name, id=f"{language}-{name}")
    for language in SUFFIXES
    for name in list(DEFECTS)[:: 1 if ALL else 4]
    if ALL or language == "javascript"
]


@pytest.mark.parametrize(("language", "name"), SEEDED)
def test_a_defect_is_found_by_linter_or_replay(
    node_workflow: Callable[[str, str], NodeWorkflow], language: str, name: str
) -> None:
    workflow = node_workflow(language, "function-chaining")
    defect = DEFECTS[name]
    with workflow.project.changes(workflow.edited(defect.edits)):
        findings = workflow.lint("orchestrator")
        report = workflow.run_tests("orchestrator", "histories")
    assert any(defect.linted in finding for finding in findings), findings
    if defect.replayed:
        assert defect.replayed in report, report
    else:
        assert "fail 0\n" in report, report
