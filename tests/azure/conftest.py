"""Fixtures of the tests of the stand-in."""

import json
import shlex
from pathlib import Path

import pytest

from .main import COUNTERS, Outcome, perform
from .subscription import Subscription

HOST = {
    "version": "2.0",
    "extensions": {
        "durableTask": {
            "hubName": "%TASKHUB_NAME%",
            "storageProvider": {
                "type": "azureManaged",
                "connectionStringName": "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
            },
        }
    },
}


class Azure:
    """A subscription with both extensions, reached without starting a process."""

    def __init__(self) -> None:
        self.subscription = Subscription({})
        data = self.subscription.data
        data["extensions"] = dict(data["available_extensions"])

    def __call__(self, line: str, tool: str = "az") -> Outcome:
        """Perform one command line; a failing one changes nothing."""
        before = json.dumps(self.subscription.data)
        self.subscription.data["total"] += 1
        self.subscription.data["calls"] += 1
        self.subscription.id = self.subscription.data["current"]
        outcome = perform(tool, shlex.split(line), self.subscription)
        if outcome.exit_code:
            counters = {name: self.subscription.data[name] for name in COUNTERS}
            self.subscription.data = json.loads(before) | counters
        return outcome

    def ok(self, line: str) -> str:
        """Perform a command line that must succeed, and return what it prints."""
        outcome = self(line)
        assert outcome.exit_code == 0, f"az {line}: {outcome.error}"
        return outcome.output.rstrip("\n")

    def refused(self, line: str) -> tuple[int, str]:
        """Perform a command line that must fail; return its exit code and first line."""
        outcome = self(line)
        assert outcome.exit_code, f"az {line} succeeded"
        return outcome.exit_code, outcome.error.splitlines()[0]

    def findings(self, line: str) -> list[str]:
        """Perform a command line that must succeed, and return the kinds of its findings."""
        outcome = self(line)
        assert outcome.exit_code == 0, f"az {line}: {outcome.error}"
        return [finding["kind"] for finding in outcome.call.findings]


@pytest.fixture
def azure() -> Azure:
    """Return an empty subscription."""
    return Azure()


@pytest.fixture
def group(azure: Azure) -> Azure:
    """Return a subscription with the resource group rg."""
    azure.ok("group create -n rg -l centralus")
    return azure


@pytest.fixture
def ready(group: Azure) -> Azure:
    """Return a subscription in which a function app can be made."""
    group.ok("storage account create -g rg -n stshop --sku Standard_LRS -k false")
    group.ok("identity create -g rg -n id-shop")
    group.ok("monitor app-insights component create -g rg --app appi -l centralus")
    group.ok(
        "durabletask scheduler create -g rg -n dts --sku-name Consumption --ip-allowlist 0.0.0.0/0"
    )
    group.ok("durabletask taskhub create -g rg -s dts -n default")
    return group


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests of this folder out of `make test-fast`: there are hundreds of them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
