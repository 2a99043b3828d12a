"""The runtime of every language on every plan, judged by the validators of the Azure CLI."""

import re
from collections.abc import Callable

import pytest

from bakery import Bakery
from template import TEMPLATE

from .support.operator import bake, require_azure
from .support.subscription import Subscription

PREPARE = """
az group create -n rg -l centralus -o none
az storage account create -g rg -n stshop --sku Standard_LRS -o none
az monitor app-insights component create -g rg --app appi -l centralus -o none
az functionapp plan create -g rg -n plan-EP1 --sku EP1 --is-linux true -o none
az functionapp plan create -g rg -n plan-P0V3 --sku P0V3 --is-linux true -o none
"""
PLANS = {
    "flex-consumption": ["--flexconsumption-location", "centralus"],
    "premium": ["--plan", "plan-EP1", "--os-type", "Linux", "--functions-version", "4"],
    "app-service": ["--plan", "plan-P0V3", "--os-type", "Linux", "--functions-version", "4"],
}


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Subscription:
    require_azure("bash")
    folder = tmp_path_factory.mktemp("runtimes") / "azure"
    subscription = Subscription(folder, tools=("az",), unregistered_providers=[])
    prepared = subscription.run(["bash", "-ec", PREPARE])
    assert (prepared.exit, prepared.stderr) == (0, "")
    return subscription


@pytest.fixture
def create(azure: Subscription) -> Callable:
    """Return a function that creates an app and returns the result of the call."""

    def run(name: str, plan: str, runtime: str, version: str) -> object:
        arguments = ["-g", "rg", "-n", name, "--storage-account", "stshop", "-o", "none"]
        chosen = ["--runtime", runtime, "--runtime-version", version, "--app-insights", "appi"]
        return azure.az(
            *("functionapp", "create", *arguments, *chosen, *PLANS[plan], "--only-show-errors")
        )

    return run


@pytest.mark.parametrize("plan", TEMPLATE.choices["hosting_plan"])
@pytest.mark.parametrize("language", TEMPLATE.choices["language"])
def test_the_runtime_is_accepted(
    bakery: Bakery, azure: Subscription, create: Callable, language: str, plan: str
) -> None:
    project = bake(bakery, {"language": language, "hosting_plan": plan})
    found = {
        tuple(re.search(r"--runtime ([\w-]+) --runtime-version '?([\d.]+)", text).groups())
        for text in (project.read(f"scripts/provision.{suffix}") for suffix in ("sh", "ps1"))
    }
    ((runtime, version),) = found
    name = f"{language}-{plan}"
    result = create(name, plan, runtime, version)
    assert (result.exit, result.stderr) == (0, "")
    assert [text for kind, text in result.findings if kind == "deprecated"] == []
    check_runtime(azure, name, plan, runtime, version)


def check_runtime(azure: Subscription, name: str, plan: str, runtime: str, version: str) -> None:
    """The service gets the version in its own words: .NET 10 is 10.0 there."""
    site = azure.resources()[f"rg/sites/{name}"]
    if plan == "flex-consumption":
        runs = site["properties"]["functionAppConfig"]["runtime"]
    else:
        text = azure.resources()[f"rg/sites/{name}/config/web"]["properties"]["linuxFxVersion"]
        runs = dict(zip(("name", "version"), text.lower().split("|"), strict=True))
    longer = f"{version}.0" if runtime == "dotnet-isolated" else version
    assert runs == {"name": runtime, "version": longer}


def test_a_runtime_whose_support_ends_is_a_finding(create: Callable) -> None:
    """The Azure CLI warns half a year before; `--only-show-errors` hides it from the script."""
    result = create("ends", "premium", "node", "22")
    assert (result.exit, result.stderr) == (0, "")
    (warning,) = [text for kind, text in result.findings if kind == "deprecated"]
    assert warning.startswith("Use node version 24 as 22 will reach end-of-life on ")


@pytest.mark.parametrize(
    ("plan", "runtime", "version", "error"),
    [
        ("premium", "dotnet-isolated", "10.0", "Supported versions for runtime dotnet-isolated"),
        ("app-service", "dotnet-isolated", "10.0", "are: ['10', '9', '8']"),
        ("flex-consumption", "python", "3.9", "Invalid version 3.9 for runtime python"),
        ("premium", "node", "20", "has reached end-of-life"),
        ("flex-consumption", "cobol", "1", "Runtime 'cobol' not supported"),
    ],
)
def test_a_runtime_that_azure_does_not_offer(
    create: Callable, plan: str, runtime: str, version: str, error: str
) -> None:
    result = create("other", plan, runtime, version)
    assert result.exit == 1
    assert error in result.stderr
