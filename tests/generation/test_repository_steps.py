"""The scripts in the workflows of this repository, each run as GitHub runs it, in a copy of it.

Fakes replace what needs another machine. What no test runs is in the table `NOT_HERE`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from checkout import Fakes, git
from machine import require
from template import TEMPLATE

pytestmark = pytest.mark.slow

# Why no test of this repository runs a step.
NOT_HERE = {
    "Install PSScriptAnalyzer": "needs the PowerShell Gallery",
    "Install the Core Tools": "needs a download of several hundred megabytes",
    "Test the contract": "tests/projects/test_e2e.py runs the script with fakes",
    "Test what the emulator does with versions": "tests/projects/test_e2e.py runs it with fakes",
    "Restore, build, format, test": "tests/projects runs these commands of the README",
    "Every required job succeeded": "tests/template/test_repository_workflow.py runs it",
    "The tag agrees with the version and the changelog": "tests/template/test_release.py runs it",
    "Raise the versions": "tests/generation/test_raise_versions.py runs each function",
}


def scripts() -> dict[str, str]:
    """Return each different script, by the name of its step or by its first line."""
    found: dict[str, str] = {}
    for path in sorted((TEMPLATE.root / ".github/workflows").glob("*.yml")):
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            for step in job.get("steps", []):
                if "run" in step:
                    key = step.get("name") or step["run"].partition("\n")[0]
                    if found.setdefault(key, step["run"]) != step["run"]:
                        found[f"{key} ({path.stem}, {name})"] = step["run"]
    return found


SCRIPTS = scripts()


class Runner:
    """Runs scripts as GitHub does, in a copy of this repository."""

    def __init__(self, checkout: Path, fakes: Fakes) -> None:
        self.checkout = checkout
        self.fakes = fakes
        (checkout / ".venv").symlink_to(Path(sys.executable).parents[1])
        for name in ("python", "python3"):
            fakes.add(name, f'exec "{sys.executable}" "$@"')

    def __call__(
        self, script: str, folder: str = ".", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script; it may fail."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.checkout / folder,
            env=os.environ | self.fakes.variables() | variables,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def succeed(self, script: str, folder: str = ".", **variables: str) -> str:
        """Run a script that must succeed; return what it prints."""
        result = self(script, folder, **variables)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def calls(self) -> list[str]:
        """Return the calls that the fakes have noted so far, and forget them."""
        lines = self.fakes.calls.read_text("utf-8").splitlines()
        self.fakes.calls.write_text("", encoding="utf-8")
        return lines


@pytest.fixture
def runner(checkout: Path, fakes: Fakes) -> Runner:
    require("bash", "make")
    return Runner(checkout, fakes)


# Each function runs the step of its name.
EXECUTED: dict[str, Callable[[str, Runner], None]] = {}


def runs(*steps: str) -> Callable:
    """Register what runs some steps."""

    def register(function: Callable[[str, Runner], None]) -> Callable:
        EXECUTED.update(dict.fromkeys(steps, function))
        return function

    return register


@runs(*(step for step in SCRIPTS if step.startswith("make ")))
def make(script: str, runner: Runner) -> None:
    """The target exists, and the options reach the program."""
    printed = runner.succeed(script, MAKEFLAGS="n", ARGS="")
    _, _, options = script.partition("ARGS=")
    assert options.strip('"') in printed


@runs("Test with the newest Azure CLI")
def newest_azure_cli(script: str, runner: Runner) -> None:
    printed = runner.succeed(script, MAKEFLAGS="n")
    assert '"azure-cli"' in printed, "without a version"
    assert "AZURE_TESTS=all" in printed


@runs(*(step for step in SCRIPTS if step.startswith("python -m pip ")))
def pip(script: str, runner: Runner) -> None:
    runner.succeed(script, PIP_DRY_RUN="1", PIP_DISABLE_PIP_VERSION_CHECK="1")


@runs(*(step for step in SCRIPTS if "pytest " in step and not step.startswith("make ")))
def pytest_(script: str, runner: Runner) -> None:
    paths = "tests/template/test_modules.py" if "tests/" not in script else ""
    printed = runner.succeed(script, PYTEST_ADDOPTS=f"--collect-only -q -p no:xdist {paths}")
    assert "error" not in printed


@runs("Generate", "Generate (test, azd)", "Generate (test, csharp)")
def generate(script: str, runner: Runner) -> None:
    """The choices of the job reach the project."""
    runner.succeed(script, LANGUAGE="csharp", PATTERN="saga")
    project = runner.checkout / "baked/order-workflow"
    assert (project / "src/Orders.csproj").is_file()
    assert (project / "azure.yaml").is_file() == ("provisioning=bicep" in script)
    contract = (project / "requests/contract.json").read_text("utf-8")
    assert ("ReserveInventory" in contract) == ("PATTERN" in script)


@runs("Install the packages of the app")
def install_app(script: str, runner: Runner) -> None:
    write_pip(runner)
    (runner.checkout / "src").mkdir()
    (runner.checkout / "src/requirements.txt").touch()
    runner.succeed(script, "src/..")
    assert runner.calls() == ["pip install --requirement src/requirements.txt"]


def write_pip(runner: Runner) -> None:
    """Let `python -m venv .venv` create an environment whose pip only notes its calls."""
    (runner.checkout / ".venv").unlink()
    note = '#!/bin/sh\\necho "pip $*" >>"$CALLS"\\n'
    runner.fakes.add(
        "python",
        f"mkdir -p .venv/bin && printf '{note}' >.venv/bin/pip && chmod +x .venv/bin/pip",
    )


@runs("Choose the emulator")
def emulator(script: str, runner: Runner) -> None:
    compose = runner.checkout / "compose.yaml"
    shutil.copy(TEMPLATE.project / "compose.yaml", compose)
    before = compose.read_text("utf-8")
    runner.succeed(script, TAG="latest")
    changed = set(compose.read_text("utf-8").splitlines()) - set(before.splitlines())
    assert changed == {"    image: mcr.microsoft.com/dts/dts-emulator:latest"}


@runs("Package")
def azd_package(script: str, runner: Runner) -> None:
    """A package without the proof of its language, or with local settings, is refused."""
    require("unzip")
    write_pip(runner)
    runner.fakes.add("azd", '[ "$1" != package ] || cp "$PACKAGE" "$4"')
    proof = "node_modules/durable-functions/"
    complete = {"host.json": True, f"{proof}package.json": True, "src/local.settings.json": False}
    project = runner.checkout / "baked/project"
    project.mkdir(parents=True)

    def package(**changes: bool) -> int:
        archive = runner.checkout / "package.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for name, included in (complete | changes).items():
                if included:
                    file.writestr(name, "")
        return runner(script, "baked/project", PROOF=proof, PACKAGE=str(archive)).returncode

    assert package() == 0
    for name, included in complete.items():
        assert package(**{name: not included}) == 1, name


@runs("The package holds the host's extensions and the function metadata")
def csharp_package(script: str, runner: Runner) -> None:
    """A package without an extension, a function or host.json is refused."""
    require("jq")
    names = ["StartOrder", "ProcessOrder"]
    project = runner.checkout
    for folder in ("scripts", "requests"):
        (project / folder).mkdir()
    (project / "scripts/package.sh").write_text(":\n", encoding="utf-8")
    contract = (
        '{"functions": {"httpTrigger": ["StartOrder"], "orchestrationTrigger": ["ProcessOrder"]}}'
    )
    (project / "requests/contract.json").write_text(contract, encoding="utf-8")
    (project / "package/.azurefunctions").mkdir(parents=True)
    (project / "package/host.json").touch()
    metadata = project / "package/functions.metadata"
    metadata.write_text("".join(f'"name": "{name}"\n' for name in names), encoding="utf-8")
    runner.succeed(script)

    (project / "package/local.settings.json").touch()
    assert runner(script).returncode == 1
    (project / "package/local.settings.json").unlink()
    metadata.write_text('"name": "StartOrder"\n"name": "ProcessOrders"\n', encoding="utf-8")
    assert runner(script).returncode == 1


@runs("The analyzers refuse a clock and an unknown activity")
def analyzers(script: str, runner: Runner) -> None:
    """The defects are seeded in the orchestrator of today, one after the other."""
    seeds = {"DURABLE0001": "DateTime.UtcNow", "DURABLE2003": 'CallActivityAsync.*\\"Unknown\\"'}
    found = "\n".join(
        f'tr -d "\\n" <src/OrderOrchestrator.cs | grep -q "{seed}" && echo "error {rule}" && exit 1'
        for rule, seed in seeds.items()
    )
    overlay = TEMPLATE.project / "_overlays/csharp+function-chaining/src"
    (runner.checkout / "src").mkdir()
    shutil.copy(overlay / "OrderOrchestrator.cs", runner.checkout / "src")
    runner.fakes.add("dotnet", f"{found}\nexit 0")
    runner.succeed(script)

    runner.fakes.add("dotnet", f"{found.splitlines()[0]}\nexit 0")
    assert runner(script).returncode == 1, "an analyzer that finds nothing"


@runs("Install the real extensions")
def extensions(script: str, runner: Runner) -> None:
    python = runner.checkout / ".venv-azure-cli/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$AZURE_EXTENSION_DIR $*" >>"$CALLS"\n', encoding="utf-8")
    python.chmod(0o755)
    runner.succeed(script, REAL_EXTENSIONS="folder")
    added = [call.split(" --name ")[1].split()[0] for call in runner.calls()]
    assert added == ["durabletask", "application-insights"]


def offer(runner: Runner, question: str, choices: list[str]) -> None:
    """Let the copy of the template offer fewer choices, which takes less time."""
    path = runner.checkout / "cookiecutter.json"
    context = json.loads(path.read_text("utf-8")) | {question: choices}
    path.write_text(json.dumps(context), encoding="utf-8")


@runs("Generate, update and test")
def newest_dependencies(script: str, runner: Runner) -> None:
    patterns = ["function-chaining", "saga"]
    offer(runner, "pattern", patterns)
    runner.fakes.add("dotnet", 'echo "$* in $(basename "$(dirname "$PWD")")" >>"$CALLS"')
    runner.succeed(script, LANGUAGE="csharp")
    assert runner.calls() == [
        f"{command} in {pattern}"
        for pattern in patterns
        for command in ("package update", "build", "test --no-build")
    ]


@runs("Open an issue, or add to the open one")
def report(script: str, runner: Runner) -> None:
    runner.fakes.add("gh", 'echo "$1 $2 $3" >>"$CALLS"; [ "$2" != list ] || echo "$OPEN"')
    runner.succeed(script, OPEN="", RUN="https://example.com/1", TITLE="The weekly tests fail")
    assert [call.split()[1] for call in runner.calls()] == ["list", "create"]
    runner.succeed(script, OPEN="42", RUN="https://example.com/1", TITLE="The weekly tests fail")
    assert [call.split()[1:] for call in runner.calls()][1] == ["comment", "42"]


@runs("Create the release")
def create_release(script: str, runner: Runner) -> None:
    runner.fakes.add("gh", 'echo "$*" >>"$CALLS"; cat "$8" >>"$CALLS"')
    part = "## 9.9.9 - 2026-01-01\n\n### Added\n\n- This.\n"
    (runner.checkout / "CHANGELOG.md").write_text(f"# Changelog\n\n{part}", encoding="utf-8")
    project = runner.checkout / "pyproject.toml"
    text = re.sub(r'(?m)^version = ".*"$', 'version = "9.9.9"', project.read_text("utf-8"))
    project.write_text(text, encoding="utf-8")

    runner.succeed(script, TAG="v9.9.9", RUNNER_TEMP=str(runner.checkout))
    call, *notes = runner.calls()
    assert call.startswith("release create v9.9.9 --verify-tag")
    assert "### Added" in notes
    assert runner(script, TAG="v9.9.8", RUNNER_TEMP=str(runner.checkout)).returncode == 1
    assert runner.calls() == [], "no release without its part of the changelog"


def with_remote(runner: Runner) -> Path:
    """Commit the copy of this repository; return an empty repository to push to."""
    remote = runner.checkout.parent / "remote"
    git(runner.checkout.parent, "init", "--quiet", "--bare", str(remote))
    git(runner.checkout, "init", "--quiet", "--initial-branch=main")
    git(runner.checkout, "add", "--all")
    git(runner.checkout, "commit", "--quiet", "--message", "State")
    return remote


@runs("Publish the examples")
def examples(script: str, runner: Runner) -> None:
    """A project of each language, and a commit only when one has changed."""
    languages = ["csharp", "python"]
    offer(runner, "language", languages)
    remote = with_remote(runner)
    runner.fakes.add("gh", 'echo "$*" >>"$CALLS"')

    def publish() -> tuple[str, int]:
        printed = runner.succeed(script, REMOTE=str(remote))
        return printed.strip(), int(git(remote, "rev-list", "--count", "examples"))

    assert publish() == ("Published.", 1)
    assert publish() == ("The examples have not changed.", 1)
    readme = runner.checkout / TEMPLATE.project.name / "README.md"
    readme.write_text(readme.read_text("utf-8") + "\nMore.\n", encoding="utf-8")
    assert publish() == ("Published.", 2)
    assert runner.calls() == ["auth setup-git"] * 3
    published = git(remote, "ls-tree", "--name-only", "examples").split()
    assert published == ["README.md", *languages]
    changed = git(remote, "show", "--format=", "--name-only", "examples").split()
    assert changed == [f"{language}/README.md" for language in languages]
    assert not git(remote, "ls-tree", "-r", "examples", "python/src/local.settings.json")


@runs("Open a pull request, or update the open one")
def pull_request(script: str, runner: Runner) -> None:
    """No change: nothing. The first change: a pull request. Later ones: only a push."""
    remote = with_remote(runner)
    runner.fakes.add("gh", 'echo "$1 $2" >>"$CALLS"; [ "$2" != list ] || echo "$OPEN"')
    runner.succeed(script, REMOTE=str(remote), OPEN="")
    assert runner.calls() == []

    for opened, expected in (("", ["pr create"]), ("7", [])):
        with (runner.checkout / "LICENSE").open("a", encoding="utf-8") as file:
            file.write("changed\n")
        runner.succeed(script, REMOTE=str(remote), OPEN=opened)
        assert runner.calls() == ["auth setup-git", "pr list", *expected]
        assert git(remote, "show", "--format=", "--name-only", "raise-versions") == "LICENSE"
        git(runner.checkout, "switch", "--quiet", "main")
        git(runner.checkout, "branch", "--quiet", "-D", "raise-versions")


@pytest.mark.parametrize("step", sorted(EXECUTED))
def test_a_step_runs(step: str, runner: Runner) -> None:
    EXECUTED[step](SCRIPTS[step], runner)


def test_every_step_is_executed_or_has_a_reason() -> None:
    assert SCRIPTS.keys() == EXECUTED.keys() | NOT_HERE.keys()
    assert not EXECUTED.keys() & NOT_HERE.keys()
