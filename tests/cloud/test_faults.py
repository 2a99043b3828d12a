"""Whatever request fails, the script says so, and the next run ends where it would have ended.

`make test-azure-all` lets every request of every sequence of calls fail in every way; `make test`
takes one combination, and of each script some calls, the kinds and the shells in turn.
"""

from pathlib import Path
from typing import Any

import pytest

from fakes.function_app import FunctionApp

from .support.checks import lasting_state
from .support.operator import ALL, GROUP, SHELLS, Operator, Result, require_azure, tallied
from .support.stages import Stages

tally = tallied("faults")

KINDS: dict[str, dict[str, Any]] = {
    "error": {"kind": "error", "status": 400, "code": "Busy", "message": "Please try again."},
    "lost": {"kind": "lost"},
    "hang": {"kind": "hang"},
}
AFTER_A_HANG = "did not answer within 4 seconds: check the network, then run this again."
# The only call that may fail: a pipeline has no signed-in user.
OPTIONAL = "ad signed-in-user show"
PLANS = ("flex-consumption", "premium", "app-service") if ALL else ("premium",)
IDENTITIES = ("user-assigned", "system-assigned") if ALL else ("user-assigned",)
STAGES = {
    "provision": "new",
    "configure-identity": "created",
    "deploy": "provisioned",
    "configure-github": "provisioned",
    "teardown": "provisioned",
}
STEP = 1 if ALL else 15  # calls from one fault to the next


def run(person: Operator, script: str, **variables: str) -> Result:
    answers = {"GITHUB_REPOSITORY": "contoso/orders", "CONFIRM": GROUP}
    with FunctionApp() as app:
        person.serve(app)
        return person.run(script, **answers, **variables)


def cases(usual: Result) -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Return (call, kind, fault) of each fault to be tried."""
    calls = [call for call in usual.calls if call["requests"]]
    chosen = []
    for position, call in enumerate(calls[::STEP]):
        last = len(call["requests"])
        for kind in KINDS if ALL else [list(KINDS)[position % 3]]:
            for number in range(1, last + 1) if ALL else [last]:
                chosen.append((call, kind, KINDS[kind] | {"request": number}))
    return chosen


@pytest.mark.parametrize("script", STAGES)
@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("plan", PLANS)
def test_the_next_run_completes(
    stages: Stages, tmp_path: Path, tally: Any, plan: str, identity: str, script: str
) -> None:
    require_azure()
    combination = {"hosting_plan": plan, "identity": identity}

    def begin(name: str, shell: str) -> Operator:
        return stages.operator(
            STAGES[script], shell, tmp_path / name, tally, combination=combination
        )

    usual = begin("usual", "bash")
    healthy = run(usual, script)
    assert healthy.exit == 0, healthy.stderr
    expected = lasting_state(usual)
    for number, (call, kind, fault) in enumerate(cases(healthy)):
        for shell in SHELLS if ALL else [list(SHELLS)[number % 2]]:
            person = begin(f"{number}-{shell}", shell)
            where = f"{kind} at request {fault['request']} of {call['argv']} in {shell}"
            check_fault(person, script, call, kind, fault, where)
            again = run(person, script)
            assert again.exit == 0, f"{where}: {again.stderr}"
            assert lasting_state(person) == expected, where
            tally[f"faults ({kind})"] += 1


def check_fault(
    person: Operator, script: str, call: dict, kind: str, fault: dict, where: str
) -> None:
    """The run with the fault ends with one sentence that says what to do.

    Some requests the Azure CLI can do without: the run goes on then.
    """
    person.azure.fault(**fault, call=call["number"])
    failed = run(person, script, **({"AZ_TIMEOUT": "4"} if kind == "hang" else {}))
    last = (failed.stderr.splitlines() or [""])[-1]
    if call["command"] == OPTIONAL or failed.exit == 0:
        assert failed.exit == 0, f"{where}: {failed.stderr}"
        return
    assert failed.exit == 1, f"{where}: {failed.stderr}"
    remedy = AFTER_A_HANG if kind == "hang" else "then run this again."
    assert last.endswith(remedy), f"{where}: {failed.stderr}"
