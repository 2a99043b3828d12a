"""What surrounds the Bicep file: `azure.yaml`, its hooks, GitHub, and the README's commands."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bakery import Bakery, Project
from fakes.azd.tool import DEPLOY_CLIENT, OUTPUTS
from fakes.azure_resource_manager.state import SUBSCRIPTION, TENANT
from fakes.function_app import FunctionApp
from machine import require
from template import TEMPLATE

from .support.operator import PREFIX, SHELLS, Operator, Tally, tallied

pytestmark = pytest.mark.slow
tally = tallied("azd")

ENDPOINT = "https://order-workflow-x1.centralus.durabletask.io"
VARIABLES = {
    "AZURE_CLIENT_ID": DEPLOY_CLIENT,
    "AZURE_TENANT_ID": TENANT,
    "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
    "AZURE_FUNCTIONAPP_NAME": OUTPUTS["AZURE_FUNCTIONAPP_NAME"],
}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    require(SHELLS[request.param][0])
    return request.param


@pytest.fixture
def operator(bakery: Bakery, tmp_path: Path, tally: Tally, shell: str) -> Callable[..., Operator]:
    """Return a function that makes an operator of a Bicep project who has run `azd up`."""

    def begin(*tools: str, **changes: Any) -> Operator:
        project = bakery.bake(provisioning="bicep").path
        values = {"AZURE_SUBSCRIPTION_ID": SUBSCRIPTION, "AZURE_RESOURCE_GROUP": "rg-shop"}
        known = {"azd": values | OUTPUTS} | changes
        return Operator(project, shell, tmp_path, tally, ("azd", *tools), **known)

    return begin


def test_the_stand_in_has_the_outputs_of_the_bicep_file(bakery: Bakery) -> None:
    bicep = bakery.bake(provisioning="bicep").read("infra/main.bicep")
    outputs = set(re.findall(r"^output (\w+) ", bicep, flags=re.MULTILINE))
    assert outputs == OUTPUTS.keys() | {"DEPLOY_CLIENT_ID"}


def test_azd_deploys_the_package(bakery: Bakery) -> None:
    """`remoteBuild` is refused by azd where the plan is not Flex Consumption."""
    for language in TEMPLATE.choices["language"]:
        for plan in TEMPLATE.choices["hosting_plan"]:
            project = bakery.bake(provisioning="bicep", language=language, hosting_plan=plan)
            service = yaml.safe_load(project.read("azure.yaml"))["services"]["app"]
            assert (service["project"], service["host"]) == ("src", "function")
            assert service["language"] in ("python", "csharp", "ts", "js")
            flex = plan == "flex-consumption" and language != "csharp"
            assert service.get("remoteBuild") == (False if flex else None)
            if language == "csharp":
                assert "dist" not in service, "azd publishes .NET projects itself"
                continue
            assert service["dist"] == "../package"
            hook = service["hooks"]["prepackage"]
            assert hook["posix"] == {"shell": "sh", "run": "bash ../scripts/package.sh"}
            assert hook["windows"] == {"shell": "pwsh", "run": "../scripts/package.ps1"}


def test_hooks_name_scripts_that_exist(bakery: Bakery) -> None:
    project = bakery.bake(provisioning="bicep")
    hooks = yaml.safe_load(project.read("azure.yaml"))["hooks"]["postprovision"]
    assert {hook["run"].split()[-1] for hook in hooks.values()} <= project.files


def test_parameters_are_those_of_the_bicep_file(bakery: Bakery) -> None:
    """A parameter without a default that nobody gives would make azd ask."""
    for deploy_auth in TEMPLATE.choices["deploy_auth"]:
        project = bakery.bake(provisioning="bicep", deploy_auth=deploy_auth)
        given = project.json("infra/main.parameters.json")["parameters"]
        declared = re.findall(
            r"^param (\w+) \S+( =)?", project.read("infra/main.bicep"), re.MULTILINE
        )
        assert given.keys() <= {name for name, _ in declared}
        assert {name for name, default in declared if not default} <= given.keys()
        assert given["projectName"] == {"value": "order-workflow"}
        assert given["location"] == {"value": "${AZURE_LOCATION}"}


def test_the_settings_for_azure_leave_the_emulator_alone(operator: Callable) -> None:
    person = operator()
    src = person.project / "src"
    (src / "local.settings.json").write_text('{"mine": true}\n')
    result = person.succeed(
        "write-azure-settings", SCHEDULER_ENDPOINT=ENDPOINT, TASK_HUB_NAME="parcels"
    )

    assert "src/local.settings.azure.json" in result.stdout
    written = json.loads((src / "local.settings.azure.json").read_text())
    example = json.loads((src / "local.settings.example.json").read_text())
    assert written["Values"].pop("TASKHUB_NAME") == "parcels"
    connection = written["Values"].pop("DURABLE_TASK_SCHEDULER_CONNECTION_STRING")
    assert connection == f"Endpoint={ENDPOINT};Authentication=DefaultAzure"
    for name in ("TASKHUB_NAME", "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"):
        del example["Values"][name]
    assert written == example
    assert (src / "local.settings.json").read_text() == '{"mine": true}\n'


def test_the_settings_for_azure_need_what_azd_knows(operator: Callable) -> None:
    person = operator()
    result = person.run("write-azure-settings", SCHEDULER_ENDPOINT=ENDPOINT)
    assert result.exit == 1
    assert result.stderr == "TASK_HUB_NAME is not set: run 'azd provision', which runs this.\n"
    assert not (person.project / "src/local.settings.azure.json").exists()


def test_configure_github_sets_the_variables(operator: Callable) -> None:
    person = operator("gh")
    result = person.succeed("configure-github", GITHUB_REPOSITORY="contoso/orders")

    assert person.azure.read()["azd"]["DEPLOY_REPOSITORY"] == "contoso/orders"
    assert person.azure.read()["azd"]["DEPLOY_SUBJECT_PREFIX"] == PREFIX
    assert person.azure.read()["github"]["variables"] == VARIABLES
    provision = result.commands.index("azd provision")
    assert [each for each in result.commands[:provision] if each.startswith("azd env set ")]
    assert {options["--repo"] for options in result.variables_set} == {"contoso/orders"}


@pytest.mark.parametrize("tools", [(), ("gh",)], ids=["without gh", "not signed in to gh"])
def test_configure_github_prints_the_variables(operator: Callable, tools: tuple) -> None:
    github = {"logged_in": False, "repository": None, "variables": {}, "secrets": []}
    person = operator(*tools, github=github)
    result = person.succeed("configure-github", GITHUB_REPOSITORY="contoso/orders")

    assert person.azure.read()["github"]["variables"] == {}
    for name, value in VARIABLES.items():
        assert f"  {name}={value}" in result.stdout.splitlines()


@pytest.mark.parametrize(
    ("changes", "repository", "message"),
    [
        (
            {},
            "contoso",
            "GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again.",
        ),
        (
            {"azd": None},
            "contoso/orders",
            "azd has no environment: run 'azd up', then run this again.",
        ),
        (
            {"logged_in": False},
            "contoso/orders",
            "azd could not provision: correct the error above, then run this again.",
        ),
    ],
    ids=["no repository", "no environment", "no login"],
)
def test_configure_github_says_what_is_wrong(
    operator: Callable, changes: dict, repository: str, message: str
) -> None:
    person = operator("gh", **changes)
    result = person.run("configure-github", GITHUB_REPOSITORY=repository)
    assert result.exit == 1
    assert result.stderr.splitlines()[-1] == message
    assert person.azure.read()["github"]["variables"] == {}


def test_configure_github_explains_itself(operator: Callable) -> None:
    person = operator("gh")
    for option in ("--help", "-h"):
        result = person.run("configure-github", option)
        assert (result.exit, result.stderr, result.calls) == (0, "", [])
        assert result.stdout.startswith("Lets the deploy workflow of a GitHub repository sign in")
        assert not re.search(r"^#|param\(|set -", result.stdout, flags=re.MULTILINE)
    result = person.run("configure-github", "now")
    assert (result.exit, result.calls) == (1, [])
    assert result.stderr.startswith("Unknown argument 'now': run '")


STOP = "$ErrorActionPreference = 'Stop'\n$PSNativeCommandUseErrorActionPreference = $true\n"


@pytest.mark.parametrize("deploy_auth", TEMPLATE.choices["deploy_auth"])
def test_the_commands_of_the_readme(
    bakery: Bakery, tmp_path: Path, tally: Tally, shell: str, deploy_auth: str
) -> None:
    """The app is one that the scripts have made: what is tested is that the commands fit."""
    scripts = bakery.bake(provisioning="azure-cli", deploy_auth=deploy_auth).path
    tools = ("az", "azd", "gh")
    person = Operator(scripts, "bash", tmp_path / "azure", tally, tools)
    person.succeed("provision")
    values = {"AZURE_RESOURCE_GROUP": "rg-order-workflow", "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION}
    with FunctionApp() as app:
        person.serve(app)
        outputs = OUTPUTS | {"AZURE_FUNCTIONAPP_NAME": person.app, "APP_URL": app.url}
        person.azure.change(azd=values | outputs)
        project = bakery.bake(provisioning="bicep", deploy_auth=deploy_auth)
        (allow,) = project.code_blocks("docs/deploy.md", "Provision and deploy", "text")
        (smoke,) = project.code_blocks("docs/deploy.md", "Run the smoke test", shell)
        (github,) = project.code_blocks("docs/deploy.md", "Deploy from GitHub", shell)
        results = [run_block(person, project, shell, block) for block in (smoke, github, allow)]

    assert [result.exit for result in results] == [0, 0, 0], results[-1].stderr
    assert json.loads(person.azure.read()["azd"]["SCHEDULER_IP_ALLOWLIST"]) == ["203.0.113.0/24"]
    assert [order["id"] for order in app.orders] == ["smoke-test"]
    state = person.azure.read()["github"]
    if deploy_auth == "oidc":
        assert state["variables"].keys() == VARIABLES.keys()
    else:
        assert state["variables"] == {"AZURE_FUNCTIONAPP_NAME": person.app}
        assert state["secrets"] == ["AZURE_FUNCTIONAPP_PUBLISH_PROFILE", "AZURE_FUNCTIONAPP_KEY"]


def run_block(person: Operator, project: Project, shell: str, block: str) -> Any:
    person.project = project.path
    if shell == "bash":
        return person.execute(["bash", "-euo", "pipefail", "-c", block])
    script = person.azure.folder / "block.ps1"
    script.write_text(STOP + block, encoding="utf-8")
    return person.execute(["pwsh", "-NoProfile", str(script)])
