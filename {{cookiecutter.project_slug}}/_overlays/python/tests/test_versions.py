"""How an orchestrator treats versions: new orchestrations take a new step, older ones do not.

docs/change.md explains when to do so.
"""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest

from replay import Activity, Replay


def orchestrator(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:
    """Record an order before it is shipped, which version 1.0 did not do."""
    if context.version != "1.0":
        yield context.call_activity("record")
    yield context.call_activity("ship")
    return "shipped"


@pytest.mark.parametrize(("version", "steps"), [("1.0", ["ship"]), ("2.0", ["record", "ship"])])
def test_each_version_has_its_path(version: str, steps: list[str]) -> None:
    run = Replay(orchestrator, None, version=version)
    for step in steps:
        assert run.waits_for == [Activity(step, None)]
        run.complete()

    assert run.output == "shipped"


def test_the_next_generation_keeps_the_version() -> None:
    def eternal(context):
        yield context.call_activity(context.version)
        context.continue_as_new("again")

    run = Replay(eternal, "first", version="1.5")
    run.complete()
    run.start_next_generation()

    assert run.waits_for == [Activity("1.5", None)]


def test_a_new_orchestration_has_the_version_in_host_json() -> None:
    def orchestrator(context):
        yield context.call_activity(context.version)

    host = json.loads((Path(__file__).parents[1] / "src/host.json").read_text(encoding="utf-8"))
    version = host["extensions"]["durableTask"]["defaultVersion"]

    assert Replay(orchestrator, None).waits_for == [Activity(version, None)]
