"""Projects are provisioned twice, and both shells end in the same state.

`make test` takes each sequence of calls, which the plan and the kind of identity decide, and each
value of the other questions once, with the second run in the shells in turn; `make test-azure-all`
takes every combination twice in both.
"""

from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery

from .support.checks import (
    check_findings,
    check_messages,
    check_messages_of_second_run,
    check_names,
    check_order,
    check_resources,
    check_roles,
    check_settings,
)
from .support.operator import (
    ALL,
    SAMPLE,
    SHELLS,
    Operator,
    bake,
    name_of,
    require_azure,
    tallied,
)

pytestmark = pytest.mark.slow
tally = tallied("provisioning")

SEQUENCES: dict[tuple[str, str], list[str]] = {}  # the commands of the first run


def shells_twice(combination: dict[str, str]) -> list[str]:
    """Return the shells in which the project is provisioned a second time."""
    return list(SHELLS) if ALL else [list(SHELLS)[SAMPLE.index(combination) % 2]]


@pytest.mark.parametrize("combination", SAMPLE, ids=name_of)
def test_provisioning(bakery: Bakery, tmp_path: Path, tally: Any, combination: dict) -> None:
    require_azure()
    project = bake(bakery, combination)
    states = []
    for shell in SHELLS:
        operator = Operator(project.path, shell, tmp_path / shell, tally)
        first = operator.succeed("provision")
        states.append(operator.azure.end_state())
        if shell in shells_twice(combination):
            second = operator.succeed("provision")
            assert operator.azure.end_state() == states[-1], "the second run changed something"
            check_findings(combination, second)
            check_messages_of_second_run(first, second)
        check_findings(combination, first)
        check_order(first)
        check_messages(operator, first)
        check_names(operator)
        check_settings(combination, project, operator)
        check_roles(combination, operator)
        check_resources(combination, operator)
        # The SKU and the way to deploy change values, not calls: `test_faults.py` builds on this.
        key = (combination["hosting_plan"], combination["identity"])
        assert SEQUENCES.setdefault(key, first.commands) == first.commands
        tally[f"combinations in {shell}"] += 1
    assert states[0] == states[1], "the shells did different things"
