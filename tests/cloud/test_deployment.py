"""Deploy with a smoke order, GitHub, teardown, and the commands of the generated README."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery
from fakes.azure_resource_manager.state import SECRETS, SUBSCRIPTION, TENANT
from fakes.function_app import FunctionApp

from .support.operator import (
    ALL,
    GROUP,
    SHELLS,
    SLUG,
    Operator,
    Result,
    bake,
    copy_state,
    require_azure,
    tallied,
)

pytestmark = pytest.mark.slow
tally = tallied("deployment")

DASHBOARD = f"https://dashboard.durabletask.io/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
REPOSITORY = {"GITHUB_REPOSITORY": "contoso/orders"}


@pytest.fixture(scope="module", params=SHELLS)
def provisioned(
    request: pytest.FixtureRequest,
    bakery: Bakery,
    tmp_path_factory: pytest.TempPathFactory,
    tally: Any,
) -> Operator:
    """Return an operator of the default project who has run `provision`."""
    require_azure(request.param)
    folder = tmp_path_factory.mktemp("provisioned")
    operator = Operator(bakery.bake().path, request.param, folder, tally)
    operator.succeed("provision")
    return operator


@pytest.fixture
def operator(provisioned: Operator, tmp_path: Path, tally: Any) -> Callable[..., Operator]:
    """Return a function that makes an operator who begins after `provision`."""
    numbers = iter(range(100))

    def begin(*tools: str) -> Operator:
        folder = tmp_path / str(next(numbers))
        new = Operator(provisioned.project, provisioned.shell, folder, tally, ("az", *tools))
        return copy_state(provisioned, new)

    return begin


@pytest.fixture
def app() -> Iterator[FunctionApp]:
    with FunctionApp() as served:
        yield served


def check_silence(result: Result, operator: Operator) -> None:
    """No management URL is printed, and no call of a tool has a secret among its arguments."""
    assert not re.search(r"[?&]code=", result.stdout + result.stderr)
    assert "/runtime/webhooks" not in result.stdout + result.stderr
    arguments = str([call["argv"] for call in result.calls])
    assert not [secret for secret in SECRETS if secret in arguments]


def test_deploy(operator: Callable, app: FunctionApp, tmp_path: Path) -> None:
    person = operator()
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    person.serve(app)
    result = person.succeed("deploy", TMPDIR=str(scratch))

    assert result.findings == []
    assert [order["id"] for order in app.orders] == ["smoke-test"]
    assert "instance runs" not in result.stdout, "nobody asked for that"
    assert result.stdout.splitlines()[-1].startswith(
        f"The smoke order is Completed: instance order-1, see {DASHBOARD}"
    )
    (life,) = person.azure.read()["apps"].values()
    assert not life["deployment"]["remoteBuild"], "the package is what was tested"
    assert not list(scratch.iterdir()), "the package was left behind"
    check_silence(result, person)


def test_deploy_waits_for_an_app_that_starts(operator: Callable) -> None:
    person = operator()
    with FunctionApp(first=[401, 404, 503], running=3) as app:
        person.serve(app)
        result = person.succeed("deploy")
    statuses = [request.split()[-1] for request in app.requests]
    assert statuses == ["401", "404", "503", "202", "202", "202", "202", "200"]
    assert "instance order-1" in result.stdout


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ({"running": None}, "The smoke order is Running, not Completed: see https://"),
        ({"end": "Failed"}, "The smoke order is Failed, not Completed: see https://"),
        ({"end": "Terminated"}, "The smoke order is Terminated, not Completed: see https://"),
        (
            {"reason": "payment failed"},
            "The smoke order is Completed, but was not fulfilled (payment failed): see https://",
        ),
        ({"first": [503] * 99}, "The app does not accept the smoke order (last response: 503)"),
    ],
    ids=["never ends", "fails", "is terminated", "is not fulfilled", "unavailable"],
)
def test_deploy_fails_when_the_order_does_not_complete(
    operator: Callable, behaviour: dict, message: str
) -> None:
    person = operator()
    with FunctionApp(**behaviour) as app:
        person.serve(app)
        result = person.run("deploy")
    assert result.exit == 1
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith(message)
    assert DASHBOARD in sentence
    check_silence(result, person)


IN_TRANSIT = '"smokeTest": {"runtimeStatus": "Running", "customStatus": "in transit"}'


@pytest.mark.parametrize(
    ("custom_status", "error"),
    [
        ("in transit", None),
        ("packed", "The smoke order is Running, not Running (in transit): see https://"),
    ],
)
def test_the_smoke_test_expects_what_the_contract_says(
    operator: Callable, custom_status: str, error: str | None
) -> None:
    """A monitor does not complete within minutes, so its contract names another state."""
    person = operator()
    contract = person.project / "requests/contract.json"
    text = contract.read_text(encoding="utf-8")
    usual = '"smokeTest": {"runtimeStatus": "Completed"}'
    assert usual in text
    contract.write_text(text.replace(usual, IN_TRANSIT), encoding="utf-8")
    with FunctionApp(running=None, custom_status=custom_status) as app:
        person.serve(app)
        result = person.run("deploy")
    if error is None:
        assert (result.exit, result.stderr) == (0, "")
        assert "The smoke order is Running: instance order-1" in result.stdout
    else:
        assert result.exit == 1
        assert result.stderr.startswith(error)


def test_deploy_fails_when_the_key_is_of_another_app(operator: Callable) -> None:
    person = operator()
    with FunctionApp(key="another") as app:
        person.serve(app)
        result = person.run("deploy")
    assert result.exit == 1
    assert result.stderr.splitlines() == [
        "The app does not accept the function key: give its default key in SMOKE_TEST_KEY, which"
        " the portal shows under App keys."
    ]
    check_silence(result, person)


def test_deploy_fails_when_nothing_answers(operator: Callable) -> None:
    person = operator()
    with FunctionApp() as app:
        person.serve(app)
    result = person.run("deploy")
    assert result.exit == 1
    assert "smoke order (last response: none)" in result.stderr


def test_deploy_waits_for_the_keys_of_the_host(operator: Callable, app: FunctionApp) -> None:
    """The Azure CLI asks for a key itself, after the upload, and gives up at once."""
    person = operator()
    person.serve(app)
    person.azure.change(host={"starting": 3})
    result = person.succeed("deploy")
    assert "The app is published, but has not started yet" in result.stdout
    assert result.count("functionapp keys list") == 3
    assert [order["id"] for order in app.orders] == ["smoke-test"]

    person.azure.change(host={"starting": 1000})
    result = person.run("deploy")
    assert result.exit == 1
    assert result.stderr.startswith("The app does not start: see its log stream")


def test_the_smoke_order_decides_about_an_app_that_looks_unhealthy(
    operator: Callable, app: FunctionApp
) -> None:
    person = operator()
    person.serve(app)
    person.azure.fault("unavailable", path="/admin/host/status", times=None)
    result = person.succeed("deploy")
    polls = [each for call in result.calls for each in call["requests"] if "admin" in each["url"]]
    assert [each["status"] for each in polls] == [503] * 15
    assert "The app is published, but has not started yet" in result.stdout
    assert [order["id"] for order in app.orders] == ["smoke-test"]


def test_deploy_stops_when_the_app_cannot_be_packaged(operator: Callable) -> None:
    person = operator()
    scripts = person.project / "scripts"
    (scripts / "package.sh").write_text("echo no such package >&2\nexit 1\n")
    (scripts / "package.ps1").write_text("[Console]::Error.WriteLine('no such package')\nexit 1\n")
    result = person.run("deploy")
    assert result.exit == 1
    assert result.stderr == "no such package\n"
    assert "functionapp deployment source config-zip" not in result.commands


def drain(person: Operator, **variables: str) -> Result:
    """Deploy when no instance runs, with variables of another app in the environment."""
    foreign = {"DURABLE_URL": "https://localhost:1", "DURABLE_KEY": "foreign"}
    option = "--drain" if person.shell == "bash" else "-Drain"
    return person.run("deploy", option, **foreign | variables)


def test_deploy_waits_for_running_instances(operator: Callable) -> None:
    person = operator()
    with FunctionApp() as app:
        person.serve(app)
        first = drain(person)
    assert first.exit == 0, first.stderr
    assert "The app has no instances yet: no Durable Functions are deployed.\n" in first.stdout
    assert app.queries == []

    with FunctionApp(lists=[{"a": "Running"}, {"a": "Pending"}, {}]) as app:
        person.serve(app)
        result = drain(person)
    assert result.exit == 0, result.stderr
    assert result.stdout.count("Instances that run: 1. Waiting, 10 minutes left\n") == 2
    assert result.stdout.index("No instance runs.\n") < result.stdout.index("Publishing the app")
    assert [order["id"] for order in app.orders] == ["smoke-test"]
    check_silence(result, person)

    with FunctionApp(lists=[{"a": "Running"}, {}]) as app:
        person.serve(app)
        result = drain(person, DRAIN_MINUTES="0")
    assert (result.exit, app.orders) == (1, [])
    assert result.stderr.startswith("Instances that run after 0 minutes: 1. Set DRAIN_MINUTES")
    assert "functionapp deployment source config-zip" not in result.commands


def test_nothing_secret_is_traced(operator: Callable, app: FunctionApp) -> None:
    """`Operator.execute` looks for the secrets in what is printed."""
    person = operator()
    person.serve(app)
    for script, option in (("provision", ""), ("deploy", ""), ("deploy", "Drain")):
        if person.shell == "bash":
            options = [f"--{option.lower()}"] if option else []
            command = ["bash", "-x", f"scripts/{script}.sh", *options]
        else:
            # Level 2 prints every value that is assigned.
            call = f"./scripts/{script}.ps1{f' -{option}' if option else ''}"
            trace = f"Set-PSDebug -Trace 2; {call}; exit $LASTEXITCODE"
            command = ["pwsh", "-NoProfile", "-Command", trace]
        result = person.execute(command)
        assert result.exit == 0, result.stderr
        assert "account show" in result.stdout + result.stderr, "nothing was traced"
        check_silence(result, person)


def test_no_key_is_an_argument_of_curl(operator: Callable, app: FunctionApp) -> None:
    person = operator()
    if person.shell != "bash":
        return  # PowerShell starts no program for it.
    log = person.azure.folder / "curl.log"
    curl = person.azure.bin / "curl"
    curl.write_text(f'#!/bin/sh\necho "$@" >>"{log}"\nexec "{shutil.which("curl")}" "$@"\n')
    curl.chmod(0o755)
    person.serve(app)
    person.succeed("deploy")
    arguments = log.read_text()
    assert "--data" in arguments
    assert not [secret for secret in SECRETS if secret in arguments]


# GitHub ---------------------------------------------------------------------------------------


def variables_of(person: Operator) -> dict[str, str]:
    data = person.azure.read()
    deploys = next(
        each["properties"]["clientId"]
        for each in data["resources"].values()
        if each["name"] == f"id-{SLUG}-deploy"
    )
    return {
        "AZURE_CLIENT_ID": deploys,
        "AZURE_TENANT_ID": TENANT,
        "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
        "AZURE_FUNCTIONAPP_NAME": person.app,
    }


PREFIX = "repo:contoso@11/orders@22"


def check_deploy_identity(person: Operator, prefix: str = PREFIX) -> None:
    name = f"id-{SLUG}-deploy"
    roles = [role for role in person.azure.roles() if role[0].endswith(name)]
    site = f"{GROUP}/sites/{person.app}"
    assert roles == [(f"user-assigned identity {name}", "Website Contributor", site)]
    resources = person.azure.resources()
    (trust,) = [each for key, each in resources.items() if "/federatedIdentityCredentials/" in key]
    assert trust["properties"]["subject"] == f"{prefix}:environment:production"
    assert trust["properties"]["issuer"] == "https://token.actions.githubusercontent.com"
    assert trust["properties"]["audiences"] == ["api://AzureADTokenExchange"]


def test_configure_github_sets_the_variables(operator: Callable) -> None:
    person = operator("gh")
    first = person.succeed("configure-github", **REPOSITORY)
    state = person.azure.end_state()
    second = person.succeed("configure-github", **REPOSITORY)

    assert person.azure.end_state() == state
    assert first.findings == second.findings == []
    assert person.azure.read()["github"]["variables"] == variables_of(person)
    assert person.azure.read()["github"]["secrets"] == []
    check_deploy_identity(person)
    assert {options["--repo"] for options in first.variables_set} == {"contoso/orders"}


@pytest.mark.parametrize("tools", [(), ("gh",)], ids=["without gh", "not signed in to gh"])
def test_configure_github_prints_the_variables(operator: Callable, tools: tuple) -> None:
    person = operator(*tools)
    github = person.azure.read()["github"]
    person.azure.change(github=github | {"logged_in": False})
    result = person.succeed("configure-github", **REPOSITORY)

    assert person.azure.read()["github"]["variables"] == {}
    for name, value in variables_of(person).items():
        assert f"  {name}={value}" in result.stdout.splitlines()
    check_deploy_identity(person, "repo:contoso/orders")


def test_the_subject_is_that_of_the_repository(operator: Callable) -> None:
    """Its form depends on the age of the repository."""
    old = operator("gh")
    old.azure.change(github=old.azure.read()["github"] | {"subject_prefix": ""})
    old.succeed("configure-github", **REPOSITORY)
    check_deploy_identity(old, "repo:contoso/orders")

    given = operator()
    given.succeed("configure-github", **REPOSITORY, GITHUB_SUBJECT_PREFIX="repo:contoso@1/orders@2")
    check_deploy_identity(given, "repo:contoso@1/orders@2")

    nowhere = operator("gh")
    nowhere.azure.change(github=nowhere.azure.read()["github"] | {"subject_prefix": None})
    before = nowhere.azure.end_state()
    result = nowhere.run("configure-github", **REPOSITORY)
    assert result.exit == 1
    assert "gh could not read contoso/orders: create it on GitHub" in result.stderr
    assert nowhere.azure.end_state() == before


def test_configure_github_names_what_is_wrong(operator: Callable) -> None:
    person = operator("gh")
    for repository in ("", "contoso", "contoso/orders/x", "contoso/or ders"):
        result = person.run("configure-github", GITHUB_REPOSITORY=repository)
        assert result.exit == 1
        assert result.stderr == (
            "GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again.\n"
        )
        assert result.commands == ["account show"]
    person.azure.fault("error", command="gh variable set", code="403", message="Forbidden")
    result = person.run("configure-github", **REPOSITORY)
    assert result.exit == 1
    assert "gh could not set the variable AZURE_CLIENT_ID" in result.stderr


# Teardown -------------------------------------------------------------------------------------


def test_teardown_asks_first(operator: Callable) -> None:
    person = operator()
    before = person.azure.end_state()
    for answer in ("", "no\n", "rg-other\n"):
        result = person.run("teardown", stdin=answer)
        assert result.exit == 1
        assert result.stderr.endswith(f"Not deleted: the answer was not '{GROUP}'.\n")
        assert person.azure.end_state() == before
    assert person.run("teardown", CONFIRM="rg-other").exit == 1
    assert person.azure.end_state() == before

    result = person.run("teardown", stdin=f"{GROUP}\n")
    assert (result.exit, result.stdout.splitlines()[-1]) == (0, "Deleted.")
    assert person.azure.resources() == {}
    assert person.azure.roles() == set()


def test_teardown_can_be_repeated(operator: Callable) -> None:
    person = operator()
    person.succeed("teardown", CONFIRM=GROUP)
    result = person.succeed("teardown", CONFIRM=GROUP)
    assert result.stdout == f"The resource group {GROUP} does not exist: nothing to delete.\n"


STOP = "$ErrorActionPreference = 'Stop'\n$PSNativeCommandUseErrorActionPreference = $true\n"

# README ---------------------------------------------------------------------------------------


README = [("oidc", "flex-consumption"), ("publish-profile", "premium")]
if ALL:
    README += [("oidc", "premium"), ("publish-profile", "flex-consumption")]


@pytest.mark.parametrize(("deploy_auth", "plan"), README)
@pytest.mark.parametrize("shell", SHELLS)
def test_the_commands_of_the_readme(
    bakery: Bakery,
    tmp_path: Path,
    tally: Any,
    app: FunctionApp,
    shell: str,
    deploy_auth: str,
    plan: str,
) -> None:
    """Somebody who knows nothing copies block after block and answers the question at the end."""
    require_azure(shell)
    project = bake(bakery, {"deploy_auth": deploy_auth, "hosting_plan": plan})
    column = {"bash": "bash", "powershell": "PowerShell"}[shell]
    start = "\n".join(project.table_commands("README.md", "Deploy to Azure", column))
    (github,) = project.code_blocks("docs/deploy.md", "Deploy from GitHub", shell)
    end = "\n".join(project.table_commands("docs/deploy.md", "Clean up", column))
    person = Operator(project.path, shell, tmp_path, tally, ("az", "gh"), logged_in=False)
    person.serve(app)

    def copy(block: str) -> None:
        if shell == "bash":
            command = ["bash", "-euo", "pipefail", "-c", block]
        else:
            (tmp_path / "block.ps1").write_text(STOP + block, encoding="utf-8")
            command = ["pwsh", "-NoProfile", str(tmp_path / "block.ps1")]
        result = person.execute(command, stdin=f"{GROUP}\n")
        assert result.exit == 0, result.stdout + result.stderr

    copy(start)
    assert [order["id"] for order in app.orders] == ["smoke-test"]
    copy(github)
    github_state = person.azure.read()["github"]
    if deploy_auth == "oidc":
        assert github_state["variables"] == variables_of(person)
        check_deploy_identity(person)
    else:
        assert github_state["variables"] == {"AZURE_FUNCTIONAPP_NAME": person.app}
        assert github_state["secrets"] == [
            "AZURE_FUNCTIONAPP_PUBLISH_PROFILE",
            "AZURE_FUNCTIONAPP_KEY",
        ]
    copy(end)
    assert person.azure.resources() == {}
