"""A person with a generated project, a shell, and a fake subscription.

`Tally` counts what the tests have tried; the counts are printed at the end of the session.
"""

import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery, Project
from fakes.azure_cli.environment import MISSING, python
from fakes.azure_resource_manager.state import SECRETS
from fakes.function_app import FunctionApp, authority
from machine import require
from tally import tell
from template import TEMPLATE

from .subscription import Result, Subscription

SHELLS = {"bash": ("bash", "sh"), "powershell": ("pwsh", "ps1")}
CLOUD = ("hosting_plan", "scheduler_sku", "identity", "deploy_auth")
COMBINATIONS = [
    dict(zip(CLOUD, values, strict=True))
    for values in itertools.product(*(TEMPLATE.choices[question] for question in CLOUD))
]
# `make test-azure-all` takes every combination and every fault.
ALL = os.environ.get("AZURE_TESTS") == "all"
USUAL = {"scheduler_sku": "consumption", "deploy_auth": "oidc"}


def chosen(combination: dict[str, str]) -> bool:
    """Return whether a combination has a sequence or a value that no other one has."""
    changed = [key for key, value in USUAL.items() if combination[key] != value]
    if not changed:
        return True
    where = {"scheduler_sku": "flex-consumption", "deploy_auth": "premium"}
    usual_identity = combination["identity"] == "user-assigned"
    return len(changed) == 1 and usual_identity and combination["hosting_plan"] == where[changed[0]]


# Each sequence of calls, which the plan and the kind of identity decide, and each other value once.
SAMPLE = [each for each in COMBINATIONS if ALL or chosen(each)]
SLUG = "order-workflow"
GROUP = f"rg-{SLUG}"
PREFIX = "repo:contoso@11/orders@22"  # the subject prefix of the repository in the fake GitHub
# No waiting between attempts, and time enough for a busy machine.
QUICK = {"RETRY_ATTEMPTS": "5", "RETRY_PAUSE": "0", "AZ_TIMEOUT": "60"}


def require_azure(*shells: str) -> None:
    """Skip a test that needs the Azure CLI, or one of these shells, where it is missing."""
    if python() is None:
        pytest.skip(MISSING)
    require(*(SHELLS[shell][0] for shell in shells or SHELLS))


def name_of(combination: dict[str, str]) -> str:
    """Return the id of a parametrised test."""
    return "-".join(combination.values())


def bake(bakery: Bakery, combination: dict[str, str]) -> Project:
    """Return the project of a combination."""
    return bakery.bake(provisioning="azure-cli", **combination)


class Tally(Counter):
    """Counts runs, calls and faults."""

    def add(self, result: Result, shell: str) -> None:
        """Count one run of a script."""
        self[f"runs in {shell}"] += 1
        self["calls"] += len(result.calls)

    def report(self, name: str, config: pytest.Config) -> None:
        """Print the counts at the end of the session."""
        counts = ", ".join(f"{count} {what}" for what, count in sorted(self.items()))
        tell(config, f"{name}: {counts}")


class Operator:
    """Runs the scripts of a project as its README says.

    Args:
        project: the folder of the generated project.
        shell: a key of `SHELLS`.
        folder: where the subscription lives.
        tools: the tools on PATH besides those of the machine.
        tally: counts the runs.
        changes: keys of the subscription's state that differ from a new one, and `extensions`.
    """

    def __init__(
        self,
        project: Path,
        shell: str,
        folder: Path,
        tally: Tally,
        tools: tuple[str, ...] = ("az",),
        **changes: Any,
    ) -> None:
        self.project = folder / "checkout"
        self.shell = shell
        self.azure = Subscription(folder, tools=tools, **changes)
        shutil.copytree(project, self.project)
        _write_package_scripts(self.project / "scripts")
        self._tally = tally
        self.trust: dict[str, str] = {}

    def run(self, script: str, *arguments: str, stdin: str = "", **variables: str) -> Result:
        """Run a script by name; nothing secret may be printed."""
        program, suffix = SHELLS[self.shell]
        return self.execute(
            [program, f"scripts/{script}.{suffix}", *arguments], stdin=stdin, **variables
        )

    def execute(self, command: list[str], stdin: str = "", **variables: str) -> Result:
        """Run a command line in the project's folder; nothing secret may be printed."""
        environment = QUICK | self.trust | variables
        result = self.azure.run(command, self.project, environment, timeout=300, stdin=stdin)
        self._tally.add(result, self.shell)
        for secret in SECRETS:
            assert secret not in result.stdout + result.stderr
        return result

    def succeed(self, script: str, *arguments: str, **variables: str) -> Result:
        """Run a script that must end well, with nothing on stderr."""
        result = self.run(script, *arguments, **variables)
        assert (result.exit, result.stderr) == (0, ""), result.stdout + result.stderr
        return result

    def serve(self, app: FunctionApp) -> None:
        """Let Azure name this app's host as that of the function app; the tools trust it."""
        file = self.azure.folder / "authority.pem"
        authority().cert_pem.write_to_path(str(file))
        self.trust = {"CURL_CA_BUNDLE": str(file), "SSL_CERT_FILE": str(file)}
        self.azure.change(app_host=app.host)

    @property
    def app(self) -> str:
        """The name of the function app."""
        (app,) = [each for each in self.azure.resources().values() if "/sites" in each["type"][-6:]]
        return app["name"]


def _write_package_scripts(folder: Path) -> None:
    """Write `scripts/package` that makes a small package: `test_packages.py` makes real ones."""
    packages = "package/.python_packages/lib/site-packages/azure"
    (folder / "package.sh").write_text(f"mkdir -p {packages}\ncp src/host.json package\n")
    (folder / "package.ps1").write_text(
        f"$null = New-Item $PSScriptRoot/../{packages} -ItemType Directory -Force\n"
        "Copy-Item $PSScriptRoot/../src/host.json $PSScriptRoot/../package\nexit 0\n"
    )


def copy_state(source: Operator, target: Operator) -> Operator:
    """Let an operator begin where another one is."""
    shutil.copy(source.azure.state, target.azure.state)
    return target


def edited(project: Path, folder: Path, file: str, old: str, new: str) -> Path:
    """Return a copy of a project in which one file differs."""
    copy = folder / "project"
    shutil.copytree(project, copy)
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def tallied(name: str) -> Any:
    """Return a fixture that gives a module its tally."""

    @pytest.fixture(scope="module")
    def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
        counts = Tally()
        yield counts
        counts.report(name, request.config)

    return tally
