"""A generated project does what its README says, with the commands of its README."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pathspec
import pytest

from bakery import Bakery, Project
from conftest import require
from template import TEMPLATE

pytestmark = pytest.mark.slow


def variants_in(language: str) -> list[dict[str, str]]:
    """Return each variant of the code in a language: other choices do not change it."""
    chosen = {"language": language, "license": "MIT"}
    return [variant for variant in TEMPLATE.variants() if chosen.items() <= variant.items()]


def pattern_of(variant: dict[str, str]) -> str:
    return variant["pattern"]


def run_in_bash(
    commands: str, folder: Path, home: Path, **extra: str
) -> subprocess.CompletedProcess:
    """Run README commands as a user would: one shell, an empty home, no virtual environment."""
    variables = {name: os.environ[name] for name in os.environ if not name.startswith("PYTEST")}
    variables.pop("VIRTUAL_ENV", None)
    path = [at for at in variables["PATH"].split(os.pathsep) if ".venv" not in Path(at).parts]
    variables |= {"HOME": str(home), "PATH": os.pathsep.join(path), **extra}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=600,
    )


class Workshop:
    """A copy of a generated project whose README commands have installed its tools.

    Args:
        project: the generated project.
        folder: an empty folder for the copy and for the home of its user.
        variables: further environment variables of all commands.
    """

    def __init__(self, project: Project, folder: Path, **variables: str) -> None:
        self._variables = variables
        self.home = folder / "home"
        self.home.mkdir()
        self.path = folder / "project"
        shutil.copytree(project.path, self.path)
        self.test, self.lint = project.readme_commands("Test it")
        self.installed = self.run(self.test + self.lint)

    def run(self, commands: str) -> subprocess.CompletedProcess:
        return run_in_bash(commands, self.path, self.home, **self._variables)

    @contextmanager
    def mistake(self, file: str, old: str, new: str) -> Iterator[None]:
        """Plant a mistake in a file of the project and take it back afterwards."""
        path = self.path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")

    def files_for_git(self) -> set[str]:
        """Return what a first commit of the project would hold."""
        commands = "git init -q && git add -A && git ls-files"
        return set(self.run(commands).stdout.split())

    def run_tests(self) -> str:
        """Run the last command of the test block without installing again; return what it says."""
        activate = next(line for line in self.test.splitlines() if line.startswith("source "))
        result = self.run(f"{activate}\n{self.test.splitlines()[-1]}")
        return "" if result.returncode == 0 else result.stdout + result.stderr


@pytest.fixture(scope="module", params=variants_in("python"), ids=pattern_of)
def workshop(
    request: pytest.FixtureRequest, bakery: Bakery, tmp_path_factory: pytest.TempPathFactory
) -> Workshop:
    return Workshop(bakery.bake(**request.param), tmp_path_factory.mktemp("workshop"))


def test_the_commands_of_the_readme_pass(workshop: Workshop) -> None:
    output = workshop.installed.stdout + workshop.installed.stderr
    assert workshop.installed.returncode == 0, output
    (passed,) = re.findall(r"(\d+) passed", output)
    assert int(passed) > 50
    assert not re.search(r"failed|skipped|warning", output.partition("passed")[0][-200:])
    assert "All checks passed!" in output
    assert "0 errors, 0 warnings" in output


def test_the_tests_leave_the_project_as_git_wants_it(workshop: Workshop) -> None:
    """What tools write is ignored by git, so a first commit holds the project only."""
    committed = workshop.files_for_git()
    generated = {path for path in committed if (workshop.path / path).exists()}
    assert "src/local.settings.json" not in committed
    assert not [path for path in committed if ".venv" in path or "__pycache__" in path]
    assert generated == committed


ORCHESTRATOR = "src/orders/orchestrator.py"


@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        pytest.param(
            ORCHESTRATOR,
            '"ship_order", RETRY, order)',
            '"ship_order", RETRY, order | {"at": __import__("time").time()})',
            "NonDeterministicOrchestratorError",
            id="a clock in the orchestrator",
        ),
        pytest.param(
            ORCHESTRATOR,
            '"validate_order", order)',
            '"validate_order", order | {"id": str(__import__("uuid").uuid4())})',
            "NonDeterministicOrchestratorError",
            id="a random id in the orchestrator",
        ),
        pytest.param(
            ORCHESTRATOR, '"ship_order"', '"shiporder"', "shiporder", id="a wrong activity name"
        ),
        pytest.param(
            ORCHESTRATOR,
            "max_number_of_attempts=3",
            "max_number_of_attempts=2",
            "attempts=2",
            id="fewer attempts",
        ),
        pytest.param(
            ORCHESTRATOR,
            'yield context.call_activity_with_retry("ship_order"',
            'context.call_activity_with_retry("ship_order"',
            "test_a_shipping_that_fails_for_good",
            id="a forgotten yield",
        ),
        pytest.param(
            "src/orders/http.py", '"process_order"', '"process"', "process", id="a wrong starter"
        ),
        pytest.param("src/orders/http.py", '["POST"]', '["GET"]', "POST", id="another HTTP method"),
        pytest.param(
            "src/function_app.py",
            "app.register_functions(activities.blueprint)\n",
            "",
            "validate_order",
            id="a blueprint that is not registered",
        ),
        pytest.param(
            "src/function_app.py",
            "AuthLevel.FUNCTION",
            "AuthLevel.ANONYMOUS",
            "AuthLevel",
            id="an endpoint without a key",
        ),
        pytest.param(
            "src/orders/models.py",
            "[A-Za-z0-9._-]{1,64}",
            "[A-Za-z0-9._/-]{1,64}",
            "slash",
            id="a wider rule",
        ),
        pytest.param(
            "src/orders/models.py",
            "must be a number",
            "must be numeric",
            "must be numeric",
            id="another message",
        ),
        pytest.param(
            "src/orders/activities.py",
            'if not order["items"]',
            'if order["items"] is None',
            "order has no items",
            id="a rule that never applies",
        ),
    ],
)
def test_the_projects_own_tests_find_a_mistake(
    workshop: Workshop, file: str, old: str, new: str, finding: str
) -> None:
    with workshop.mistake(file, old, new):
        assert finding in workshop.run_tests()


def test_the_deployment_package_holds_the_app_only(bakery: Bakery) -> None:
    src = bakery.bake().path / "src"
    ignored = pathspec.GitIgnoreSpec.from_lines((src / ".funcignore").read_text().splitlines())
    files = {path.relative_to(src).as_posix() for path in src.rglob("*") if path.is_file()}

    assert {file for file in files if not ignored.match_file(file)} == {
        ".funcignore",
        "function_app.py",
        "host.json",
        "orders/__init__.py",
        "orders/activities.py",
        "orders/http.py",
        "orders/models.py",
        "orders/orchestrator.py",
        "requirements.txt",
    }


class DotnetWorkshop(Workshop):
    """A copy of a generated C# project that was restored and built."""

    def run_tests(self) -> str:
        """Build what has changed and run the tests; return what they say when they fail.

        The analyzers stay out of it: the tests must find what those would refuse.
        """
        build = "dotnet build tests --no-restore --verbosity quiet -p:RunAnalyzers=false"
        result = self.run(f"{build} && dotnet tests/bin/Debug/net10.0/Orders.Tests.dll")
        return "" if result.returncode == 0 else result.stdout + result.stderr


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the package folder that all C# projects of the session share."""
    return str(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module", params=variants_in("csharp"), ids=pattern_of)
def csharp(
    request: pytest.FixtureRequest,
    bakery: Bakery,
    packages: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> DotnetWorkshop:
    require("dotnet")
    return DotnetWorkshop(
        bakery.bake(**request.param),
        tmp_path_factory.mktemp("csharp"),
        NUGET_PACKAGES=packages,
        NuGetAudit="false",  # an advisory of today is no mistake of the template
        DOTNET_CLI_TELEMETRY_OPTOUT="1",
        DOTNET_NOLOGO="1",
    )


def test_csharp_the_commands_of_the_readme_pass(csharp: DotnetWorkshop) -> None:
    output = csharp.installed.stdout + csharp.installed.stderr
    assert csharp.installed.returncode == 0, output
    (passed,) = re.findall(r"succeeded: (\d+)", output)
    assert int(passed) > 50
    assert "failed: 0" in output
    assert "skipped: 0" in output


def test_csharp_a_build_from_scratch_has_no_warning(csharp: DotnetWorkshop) -> None:
    build = csharp.run("dotnet build -warnaserror --no-incremental --no-restore")
    assert build.returncode == 0, build.stdout


def test_csharp_the_tests_leave_the_project_as_git_wants_it(csharp: DotnetWorkshop) -> None:
    committed = csharp.files_for_git()
    assert "src/local.settings.json" not in committed
    assert "src/Program.cs" in committed
    assert not [path for path in committed if {"bin", "obj"} & set(Path(path).parts)]


CSHARP_ORCHESTRATOR = "src/OrderOrchestrator.cs"
CSHARP_SHIPPING = "nameof(OrderActivities.ShipOrder), order, Retry"


@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        pytest.param(
            CSHARP_ORCHESTRATOR,
            CSHARP_SHIPPING,
            'nameof(OrderActivities.ShipOrder), order with { Id = $"{DateTime.UtcNow:O}" }, Retry',
            "NonDeterministicOrchestratorException",
            id="a clock in the orchestrator",
        ),
        pytest.param(
            CSHARP_ORCHESTRATOR,
            CSHARP_SHIPPING,
            'nameof(OrderActivities.ShipOrder), order with { Id = $"{DateTime.UtcNow:s}" }, Retry',
            "NonDeterministicOrchestratorException",
            id="a clock without fractions of a second in the orchestrator",
        ),
        pytest.param(
            CSHARP_ORCHESTRATOR,
            "nameof(OrderActivities.ValidateOrder), order",
            'nameof(OrderActivities.ValidateOrder), order with { Id = $"{Guid.NewGuid()}" }',
            "NonDeterministicOrchestratorException",
            id="a random id in the orchestrator",
        ),
        pytest.param(
            CSHARP_ORCHESTRATOR,
            "nameof(OrderActivities.ShipOrder)",
            '"ShiporderTypo"',
            "ShiporderTypo",
            id="a wrong activity name",
        ),
        pytest.param(
            CSHARP_ORCHESTRATOR,
            "maxNumberOfAttempts: 3",
            "maxNumberOfAttempts: 2",
            "Attempts = 2",
            id="fewer attempts",
        ),
        pytest.param(
            CSHARP_ORCHESTRATOR,
            "FromSeconds(5)",
            "FromSeconds(50)",
            "00:00:50",
            id="a longer interval",
        ),
        pytest.param(
            CSHARP_ORCHESTRATOR,
            "            await context.CallActivityAsync(nameof(OrderActivities.ShipOrder)",
            "            _ = context.CallActivityAsync(nameof(OrderActivities.ShipOrder)",
            "A_shipping_that_fails_for_good",
            id="a forgotten await",
        ),
        pytest.param(
            CSHARP_ORCHESTRATOR,
            "if (reason is not null)",
            "if (reason?.Length != 0)",
            "CS8604",
            id="a possible null",
        ),
        pytest.param(
            "src/OrderHttp.cs",
            "nameof(OrderOrchestrator.ProcessOrder)",
            '"Process"',
            '"Process"',
            id="a wrong orchestrator name in the starter",
        ),
        pytest.param("src/OrderHttp.cs", '"post"', '"get"', '"get"', id="another HTTP method"),
        pytest.param(
            "src/OrderHttp.cs",
            "AuthorizationLevel.Function",
            "AuthorizationLevel.Anonymous",
            "Anonymous",
            id="an endpoint without a key",
        ),
        pytest.param(
            "src/OrderHttp.cs",
            """        response.Headers.Add("Retry-After", "10");
        await response.WriteAsJsonAsync(urls, cancellationToken);
""",
            """        await response.WriteAsJsonAsync(urls, cancellationToken);
        response.Headers.Add("Retry-After", "10");
""",
            "Retry-After",
            id="a header after the body",
        ),
        pytest.param(
            "src/OrderParser.cs",
            "[A-Za-z0-9._-]{1,64}",
            "[A-Za-z0-9._/-]{1,64}",
            "sku has a slash",
            id="a wider rule",
        ),
        pytest.param(
            "src/OrderParser.cs",
            "must be a number",
            "must be numeric",
            "must be numeric",
            id="another message",
        ),
        pytest.param(
            "src/OrderActivities.cs",
            "Function(nameof(ShipOrder))",
            'Function("Ship")',
            '"Ship"',
            id="a function with another name than its method",
        ),
        pytest.param(
            "src/OrderActivities.cs",
            "Items.Count: 0",
            "Items.Count: 0, Total: < 0",
            "order has no items",
            id="a rule that never applies",
        ),
        pytest.param(
            "src/Program.cs",
            "JsonNamingPolicy.CamelCase",
            "JsonNamingPolicy.SnakeCaseLower",
            "order_id",
            id="other names in JSON",
        ),
    ],
)
def test_csharp_the_projects_own_tests_find_a_mistake(
    csharp: DotnetWorkshop, file: str, old: str, new: str, finding: str
) -> None:
    with csharp.mistake(file, old, new):
        assert finding in csharp.run_tests()


def test_csharp_the_format_is_checked(csharp: DotnetWorkshop) -> None:
    with csharp.mistake("src/Program.cs", "    public static void", "   public static void"):
        result = csharp.run(csharp.lint)
    assert result.returncode != 0
    assert "WHITESPACE" in result.stdout + result.stderr


def test_csharp_the_deployment_package_holds_the_app_only(csharp: DotnetWorkshop) -> None:
    publish = csharp.run("dotnet publish src --no-restore --output package")
    assert publish.returncode == 0, publish.stdout
    files = {path.name for path in (csharp.path / "package").iterdir()}
    shutil.rmtree(csharp.path / "package")

    assert {"Orders.dll", "Orders.deps.json", "Orders.runtimeconfig.json", "host.json"} <= files
    assert not [file for file in files if "settings" in file or "xunit" in file or "Test" in file]
