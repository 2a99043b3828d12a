"""Whatever call fails, the script says so, and the next run ends where it would have ended.

`AZURE_FAULTS=all` (`make test-azure-faults`) tries every kind of fault at every call of every
sequence of calls; otherwise it is every third call of one combination, the kinds in turn.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery
from fakes.function_app import FunctionApp

from .support.operator import (
    SHELLS,
    Operator,
    Result,
    bake,
    copy_state,
    require_azure,
    tallied,
)

pytestmark = pytest.mark.slow
tally = tallied("faults")

ALL = os.environ.get("AZURE_FAULTS") == "all"
KINDS: dict[str, dict[str, Any]] = {
    "error": {"kind": "error", "code": "InternalServerError", "message": "Please try again."},
    "lost answer": {"kind": "lost-answer"},
    "hang": {"kind": "hang"},
}
AFTER_A_HANG = "did not answer within 4 seconds: check the network, then run this again."
AFTER_AN_ERROR = "failed with exit code 1: correct what it says above, then run this again."
# The only call that may fail: a pipeline has no signed-in user.
OPTIONAL = "ad signed-in-user show"
WITHOUT_USER = (
    "Azure does not tell who is signed in, so nobody was given access to the dashboard: assign the"
    " role Durable Task Data Contributor on the task hub to the people who need it."
)
PLANS = ("flex-consumption", "premium", "app-service") if ALL else ("premium",)
IDENTITIES = ("user-assigned", "system-assigned") if ALL else ("user-assigned",)
SCRIPTS = ("provision", "deploy", "configure-github", "teardown")


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def start(
    bakery: Bakery, tmp_path: Path, tally: Any, shell: str, plan: str, identity: str
) -> Callable[[str], Operator]:
    """Return a function that makes an operator who has come as far as a script needs it."""
    require_azure(shell)
    project = bake(bakery, {"hosting_plan": plan, "identity": identity})
    provisioned: list[Operator] = []
    numbers = iter(range(10_000))

    def operator(script: str) -> Operator:
        new = Operator(project.path, shell, tmp_path / str(next(numbers)), tally)
        if script == "provision":
            return new
        if not provisioned:
            provisioned.append(Operator(project.path, shell, tmp_path / "provisioned", tally))
            provisioned[0].succeed("provision")
        return copy_state(provisioned[0], new)

    return operator


def run(operator: Operator, script: str, **variables: str) -> Result:
    answers = {"GITHUB_REPOSITORY": "contoso/orders", "CONFIRM": "rg-order-workflow"}
    with FunctionApp() as app:
        operator.serve(app)
        return operator.run(script, **answers, **variables)


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("plan", PLANS)
def test_the_next_run_completes(start: Callable, tally: Any, script: str) -> None:
    usual = start(script)
    calls = run(usual, script).calls
    state = usual.azure.end_state()
    for number in range(1, len(calls) + 1, 1 if ALL else 3):
        turn = list(KINDS)[number // 3 % 3]
        for kind in KINDS if ALL else [turn]:
            operator = start(script)
            check_fault(operator, script, kind, number, calls[number - 1]["command"])
            again = run(operator, script)
            assert again.exit == 0, f"{kind} at call {number}: {again.stderr}"
            # The endpoint has the name of its order in the subscription, so ids may differ.
            assert operator.azure.end_state() == state, f"{kind} at call {number}"
            tally[f"faults ({kind})"] += 1


def check_fault(operator: Operator, script: str, kind: str, number: int, command: str) -> None:
    """The run with the fault ends with one sentence that says what to do."""
    operator.azure.fault(call=number, **KINDS[kind])
    failed = run(operator, script, **({"AZ_TIMEOUT": "4"} if kind == "hang" else {}))
    where = f"{kind} at call {number} ({command}): {failed.stdout}{failed.stderr}"
    last = (failed.stderr.splitlines() or [""])[-1]
    if command == OPTIONAL:
        assert (failed.exit, last) == (0, WITHOUT_USER), where
        return
    assert failed.exit == 1, where
    assert last.endswith(AFTER_A_HANG if kind == "hang" else AFTER_AN_ERROR), where
