"""Provisioning that Azure interrupts half way: the next run must not take a step for a whole one.

`az functionapp create` assigns the identities of the app after it has created the app. When that
fails, on Flex Consumption also when it cannot grant the role on the package container, the app
remains without its identity (azure-cli 2.91, `_prepare_flex_deployment_storage_identity`).
"""

from pathlib import Path
from typing import Any

import pytest

from .support.checks import lasting_state
from .support.operator import ALL, SHELLS, Operator, require_azure, tallied
from .support.stages import Stages

tally = tallied("interrupted runs")

UNKNOWN = {"kind": "principal-not-found", "method": "PUT", "path": "/roleAssignments/"}
CONFLICT = {"kind": "conflict", "method": "PUT", "path": "/sites/[^/]+$", "skip": 1}
LOST = {"kind": "lost", "method": "PUT", "path": "/sites/[^/]+$"}
CASES = {
    "the identity is not known yet": ("flex-consumption", UNKNOWN),
    "a conflict when the identity is assigned": ("flex-consumption", CONFLICT),
    "a conflict on Elastic Premium": ("premium", CONFLICT),
    "a conflict on App Service": ("app-service", CONFLICT),
    "the response to the creation is lost": ("flex-consumption", LOST),
}


IDENTITIES = ("user-assigned", "system-assigned")
CHOSEN = [  # `make test` takes the kinds of identity and the shells in turn
    pytest.param(plan, fault, identity, shell, id=f"{name} ({identity}, {shell})")
    for number, (name, (plan, fault)) in enumerate(CASES.items())
    for turn, identity in enumerate(IDENTITIES)
    if ALL or turn == number % 2
    for shell in (SHELLS if ALL else [list(SHELLS)[number // 2 % 2]])
]


@pytest.mark.parametrize(("plan", "fault", "identity", "shell"), CHOSEN)
def test_the_next_run_completes_the_app(
    stages: Stages, tmp_path: Path, tally: Any, plan: str, fault: dict, identity: str, shell: str
) -> None:
    require_azure(shell)
    combination = {"hosting_plan": plan, "identity": identity}
    usual = stages.operator("created", shell, tmp_path / "usual", tally, combination=combination)
    person = without_app(
        stages.operator("created", shell, tmp_path / "person", tally, combination=combination)
    )
    person.azure.fault(**fault, command="functionapp create")

    failed = person.run("provision")

    assert failed.exit == 1, failed.stdout
    assert failed.stderr.splitlines()[-1].endswith("then run this again.")
    person.succeed("provision")
    usual.succeed("configure-identity")
    assert lasting_state(person) == lasting_state(usual)


def without_app(person: Operator) -> Operator:
    """Let the operator begin before the creation of the app."""
    data = person.azure.read()
    name = f"/sites/{person.app.lower()}"
    gone = [
        key
        for key, each in data["resources"].items()
        if name in key or each["type"].endswith("/containers") or "asp-" in key
    ]
    for key in gone:
        del data["resources"][key]
    person.azure.change(resources=data["resources"], settings={}, apps={}, assignments={})
    return person
