"""Errors end with one sentence that says what to do, in both shells alike."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery
from fakes.azure_resource_manager.state import SUBSCRIPTION

from .support.checks import failure, same
from .support.operator import GROUP, SHELLS, Operator, edited, tallied
from .support.stages import Stages

pytestmark = pytest.mark.slow
tally = tallied("errors")
ALL_SCRIPTS = ("provision", "configure-identity", "deploy", "teardown", "configure-github")


@pytest.fixture
def operators(stages: Stages, tmp_path: Path, tally: Any) -> Callable[..., list[Operator]]:
    """Return a function that makes one operator for each shell, at a stage (`Stages`)."""

    def begin(stage: str = "new", **options: Any) -> list[Operator]:
        return [
            stages.operator(stage, shell, tmp_path / shell, tally, **options) for shell in SHELLS
        ]

    return begin


@pytest.mark.parametrize("script", ALL_SCRIPTS)
def test_help(operators: Callable, script: str) -> None:
    people = operators()
    for option in ("--help", "-h"):
        results = [person.run(script, option) for person in people]
        for person, result in zip(people, results, strict=True):
            assert (result.exit, result.stderr, result.calls) == (0, "", [])
            program, suffix = SHELLS[person.shell]
            assert f"{program} scripts/{script}.{suffix}\n" in result.stdout
            assert not re.search(r"^#|param\(|set -", result.stdout, flags=re.MULTILINE)
    if script != "configure-github":  # variables are set in another way there
        same(results)
    unknown = failure([person.run(script, "now") for person in people])
    assert unknown.startswith("Unknown argument 'now': run '")


@pytest.mark.parametrize("script", ALL_SCRIPTS)
def test_without_the_azure_cli(operators: Callable, script: str) -> None:
    sentence = failure([person.run(script) for person in operators(tools=())])
    assert sentence == (
        "az is missing: install it, see https://learn.microsoft.com/cli/azure/install-azure-cli"
    )


@pytest.mark.parametrize("script", ALL_SCRIPTS)
def test_without_a_login(operators: Callable, script: str) -> None:
    sentence = failure([person.run(script) for person in operators(logged_in=False)])
    assert sentence == "You are not signed in: run 'az login', then run this again."


@pytest.mark.parametrize("script", ["configure-identity", "deploy", "configure-github"])
def test_before_provisioning(operators: Callable, script: str) -> None:
    people = operators()
    results = [person.run(script, GITHUB_REPOSITORY="contoso/orders") for person in people]
    assert failure(results).startswith("A resource does not exist: run 'bash scripts/provision.sh'")


def test_the_environment_wins_over_the_settings(
    bakery: Bakery, operators: Callable, tmp_path: Path
) -> None:
    """The file may have been saved on Windows."""
    project = edited(bakery.bake().path, tmp_path, "scripts/settings.env", "", "")
    settings = project / "scripts/settings.env"
    text = settings.read_text(encoding="utf-8").replace("APP_NAME=\n", "APP_NAME=of-the-file\n")
    settings.write_bytes(text.replace("\n", "\r\n").rstrip().encode())
    people = operators(project=project)
    for person in people:
        result = person.succeed(
            "provision", SCHEDULER_NAME="mine", IP_ALLOWLIST="10.0.0.0/8 1.2.3.4"
        )
        assert "scheduler mine, app of-the-file, storage st" in result.stdout
        scheduler = person.azure.resources()[f"{GROUP}/schedulers/mine"]
        assert scheduler["properties"]["ipAllowlist"] == ["10.0.0.0/8", "1.2.3.4"]
    assert people[0].azure.end_state() == people[1].azure.end_state()


def test_a_region_without_the_scheduler(operators: Callable) -> None:
    people = operators()
    sentence = failure([person.run("provision", LOCATION="westeurope1") for person in people])
    assert sentence.startswith(
        "LOCATION=westeurope1 does not offer the Durable Task Scheduler: choose one of aus"
    )
    assert [person.azure.resources() for person in people] == [{}, {}]


PLACE = "LOCATION=centralus does not fit: choose a region that offers the service"
QUOTA = "The quota of the subscription is used up: ask for more, or choose another LOCATION"


REGION = {"kind": "error", "status": 400, "code": "LocationNotAvailableForResourceType"}
AGAIN = "The Azure CLI failed with exit code 1: correct the error above"


@pytest.mark.parametrize(
    ("stage", "script", "fault", "sentence"),
    [
        ("new", "provision", {"kind": "quota", "command": "functionapp plan create"}, QUOTA),
        ("new", "provision", {"kind": "quota", "command": "durabletask scheduler create"}, QUOTA),
        (
            "new",
            "provision",
            REGION | {"message": "Not here.", "command": "durabletask scheduler create"},
            PLACE,
        ),
        (
            "created",
            "configure-identity",
            {"kind": "conflict", "command": "functionapp config appsettings set"},
            AGAIN,
        ),
        ("created", "configure-identity", {"kind": "throttled", "path": "/taskHubs/"}, AGAIN),
    ],
)
def test_an_error_of_azure(
    stages: Stages,
    tmp_path: Path,
    tally: Any,
    stage: str,
    script: str,
    fault: dict[str, Any],
    sentence: str,
) -> None:
    results = []
    for shell in SHELLS:
        place = tmp_path / shell
        premium = {"hosting_plan": "premium"}
        person = stages.operator(stage, shell, place, tally, combination=premium)
        person.azure.fault(**fault, times=None)
        results.append(person.run(script))
    said = failure(results)
    assert said.startswith(sentence)
    assert said.endswith("then run this again.")


def test_another_region_than_before(operators: Callable) -> None:
    people = operators("provisioned")
    said = failure([person.run("provision", LOCATION="eastus2") for person in people])
    assert said == (
        "LOCATION=eastus2 does not fit: the storage account exists in centralus. Set LOCATION or"
        " the name in scripts/settings.env, then run this again."
    )


def test_an_azure_cli_that_knows_no_extension(operators: Callable) -> None:
    people = operators(extensions={}, extension_index={})
    said = failure([person.run("provision") for person in people])
    assert said == (
        "The Azure CLI lacks a command: run 'az extension add --name durabletask', update the CLI"
        " with 'az upgrade' (2.75 or newer), then run this again."
    )


def test_a_missing_extension_is_added(operators: Callable) -> None:
    for person in operators(extensions={"durabletask": "1.0.0b6"}):
        result = person.succeed("provision")
        assert result.count("extension add") == 2


def test_an_identity_that_azure_does_not_know_yet(operators: Callable) -> None:
    people = operators("created")
    for person in people:
        person.azure.fault("principal-not-found", command="role assignment create", times=3)
        result = person.succeed("configure-identity")
        assert result.commands.count("role assignment create") == 4 + 3
        person.azure.fault("principal-not-found", command="role assignment create", times=None)
    said = failure([person.run("configure-identity") for person in people])
    assert re.fullmatch(
        r"Azure still does not find the identity \S+: wait some minutes, then run this again\.",
        said,
    )


def test_a_service_principal_is_nobody_for_the_dashboard(operators: Callable) -> None:
    user = {"name": "00000000-0000-0000-0000-000000000001", "type": "servicePrincipal"}
    people = operators("created", user=user)
    result = same([person.run("configure-identity") for person in people])
    assert (result.exit, result.stderr) == (
        0,
        "The signed-in user cannot be read, so nobody was given access to the dashboard: assign"
        " the role Durable Task Data Contributor on the task hub to the people who need it.\n",
    )
    for person in people:
        assert not [role for role in person.azure.roles() if role[0].startswith("User")]


def test_configure_identity_restores_roles_and_settings(operators: Callable) -> None:
    for person in operators("provisioned"):
        state = person.azure.end_state()
        data = person.azure.read()
        (app,) = data["settings"]
        changed = data["settings"][app] | {"TASKHUB_NAME": "other", "AzureWebJobsStorage": "x"}
        person.azure.change(assignments={}, settings={app: changed})
        person.succeed("configure-identity")
        roles = [role for role in state["roles"] if role[1] != "Storage Blob Data Contributor"]
        assert [list(role) for role in sorted(person.azure.roles())] == roles
        assert person.azure.end_state()["settings"] == state["settings"]


def test_the_scripts_show_the_subscription(operators: Callable) -> None:
    for person in operators("provisioned"):
        result = person.succeed("provision")
        assert result.stdout.startswith(f"Subscription Development ({SUBSCRIPTION}); 'az account ")
