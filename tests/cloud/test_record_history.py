"""`scripts/record-history` saves the history of an instance, in both shells alike."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery
from fakes.azure_resource_manager.state import FUNCTION_KEY, SYSTEM_KEY
from fakes.function_app import FunctionApp

from .support.checks import failure, same
from .support.operator import SHELLS, Operator, Result, require_azure, tallied

pytestmark = pytest.mark.slow
tally = tallied("record-history")
Record = Callable[..., list[Result]]

HISTORY = {
    "name": "process_order",
    "instanceId": "order-1",
    "runtimeStatus": "Completed",
    "input": {"id": 'Bücher "100 %" \\ [{,:}]', "items": [], "more": {}, "total": -1.50e3},
    "customStatus": None,
    "historyEvents": [
        {
            "EventType": "ExecutionStarted",
            "Input": '{"id": "a\\"b"}',
            "Timestamp": "2026-01-01T00:00:00.1234567Z",
        },
        {"EventType": "TaskCompleted", "Result": [[1, 2], [], {"a": {}}], "Done": True},
    ],
}


class Recorded(FunctionApp):
    """An app with one instance, `order-1`."""

    def __init__(self, history: dict[str, Any] = HISTORY, first: Iterable[int] = ()) -> None:
        super().__init__(first=first)
        self.history = history

    def query(self, instance: str, code: str | None) -> tuple[int, Any]:
        """Answer a status query."""
        if self.first:
            return self.first.pop(0), None
        if code != SYSTEM_KEY:
            return 401, None
        if instance != "order-1":
            return 404, None
        return 200 if self.history["runtimeStatus"] == "Completed" else 202, self.history


@pytest.fixture(params=["python", "typescript"])
def language(request: pytest.FixtureRequest) -> str:
    """Return a language of each folder of tests."""
    return request.param


@pytest.fixture
def people(bakery: Bakery, tmp_path: Path, tally: Any, language: str) -> list[Operator]:
    """Return an operator for each shell; the script needs no subscription."""
    require_azure()
    project = bakery.bake(provisioning="bicep", language=language).path
    return [Operator(project, shell, tmp_path / shell, tally, tools=()) for shell in SHELLS]


@pytest.fixture
def record(people: list[Operator]) -> Record:
    """Return a function that records an instance once for each shell, each time of a new app."""

    def run(*arguments: str, app: Callable[[], FunctionApp] = Recorded, **variables: str) -> Any:
        results = []
        for person in people:
            with app() as served:
                person.serve(served)
                given = {"DURABLE_URL": served.url, "DURABLE_KEY": SYSTEM_KEY} | variables
                result = person.run("record-history", *arguments, **given)
                stderr = result.stderr.replace(served.url, "https://app")
                results.append(dataclasses.replace(result, stderr=stderr))
        return results

    return run


def folder_of(person: Operator) -> Path:
    """Return where the tests of a project are."""
    tests = person.project / "src/tests"
    return (tests if tests.exists() else person.project / "tests") / "histories"


def saved(people: list[Operator], name: str) -> str:
    """Return the text of a file that all have saved alike."""
    (text,) = {(folder_of(person) / name).read_text(encoding="utf-8") for person in people}
    return text


def test_a_history_is_saved(people: list[Operator], record: Record) -> None:
    result = same(record("order-1"))
    folder = folder_of(people[0]).relative_to(people[0].project).as_posix()
    assert (result.exit, result.stderr) == (0, "")
    assert result.stdout == f"Saved {folder}/order-1.json. The tests replay it from now on.\n"
    text = saved(people, "order-1.json")
    assert text == json.dumps(HISTORY, indent=2, ensure_ascii=False) + "\n"
    assert "https://" not in text


@pytest.mark.parametrize("language", ["python"], indirect=True)
class TestMessages:
    """What went wrong, and the way out."""

    def test_an_instance_that_runs(self, people: list[Operator], record: Record) -> None:
        running = HISTORY | {"runtimeStatus": "Running"}
        result = same(record("order-1", app=lambda: Recorded(running)))
        assert result.stdout.splitlines() == [
            "The instance still runs: the file holds its history so far.",
            "Saved tests/histories/order-1.json. The tests replay it from now on.",
        ]
        assert json.loads(saved(people, "order-1.json")) == running

    def test_an_instance_that_has_not_started(self, record: Record) -> None:
        pending = HISTORY | {"runtimeStatus": "Pending", "historyEvents": None}
        assert failure(record("order-1", app=lambda: Recorded(pending))) == (
            "The instance order-1 has no history yet: try again when it runs."
        )

    def test_an_unknown_instance(self, record: Record) -> None:
        assert failure(record("order-2")) == "The app at https://app has no instance order-2."

    def test_no_app(self, record: Record) -> None:
        text = failure(record("order-1", DURABLE_URL="http://localhost:1", DURABLE_KEY=""))
        assert text.startswith("The app at http://localhost:1 does not respond: start it with ")

    def test_a_wrong_key(self, record: Record) -> None:
        text = failure(record("order-1", DURABLE_KEY=FUNCTION_KEY))
        assert "system key durabletask_extension" in text

    def test_an_app_that_is_ill(self, record: Record) -> None:
        assert failure(record("order-1", app=lambda: Recorded(first=[503]))) == (
            "The app at https://app does not show the history (last response: 503): see its log."
        )

    @pytest.mark.parametrize("arguments", [(), ('a"b',)])
    def test_no_id(self, record: Record, arguments: tuple[str, ...]) -> None:
        assert failure(record(*arguments)).startswith("Give the id of an instance")

    @pytest.mark.parametrize("name", ["../order"])
    def test_no_file_name(self, record: Record, name: str) -> None:
        assert failure(record("order-1", name)).startswith(f"The name '{name}' cannot be the name")

    def test_too_many_arguments(self, record: Record) -> None:
        assert failure(record("order-1", "a", "b")).startswith("Unknown argument 'b': run ")

    def test_a_file_is_not_overwritten(self, people: list[Operator], record: Record) -> None:
        record("order-1", "large-order")
        before = saved(people, "large-order.json")
        assert "large-order.json exists: give another name" in failure(
            record("order-1", "large-order")
        )
        assert saved(people, "large-order.json") == before
