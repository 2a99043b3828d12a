"""The README commands of a generated C# project work, and its tests find seeded defects."""

import re
from pathlib import Path

import pytest

from bakery import Bakery
from defects import SeededDefect, each_defect
from installed_project import InstalledProject, pattern_of
from machine import require
from template import TEMPLATE

pytestmark = pytest.mark.slow


class InstalledDotnetProject(InstalledProject):
    """A copy of a generated C# project that was restored and built."""

    def run_tests(self) -> str:
        """Build what has changed and run the tests; return their output if they fail.

        The analyzers do not run: the tests must find the defects that analyzers would report.
        """
        build = "dotnet build tests --no-restore --verbosity quiet -p:RunAnalyzers=false"
        return self.findings(f"{build} && dotnet tests/bin/Debug/net10.0/Orders.Tests.dll")


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the package folder that all C# projects of the session share."""
    return str(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module", params=TEMPLATE.code_variants("csharp"), ids=pattern_of)
def installed(
    request: pytest.FixtureRequest,
    bakery: Bakery,
    packages: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> InstalledDotnetProject:
    require("dotnet")
    return InstalledDotnetProject(
        bakery.bake(**request.param),
        tmp_path_factory.mktemp("csharp"),
        NUGET_PACKAGES=packages,
        NuGetAudit="false",  # a new advisory is not a defect of the template
        DOTNET_CLI_TELEMETRY_OPTOUT="1",
        DOTNET_NOLOGO="1",
    )


def test_the_commands_of_the_readme_pass(installed: InstalledDotnetProject) -> None:
    output = installed.readme_run.stdout + installed.readme_run.stderr
    assert installed.readme_run.returncode == 0, output
    (passed,) = re.findall(r"succeeded: (\d+)", output)
    assert int(passed) > 50
    assert "failed: 0" in output
    assert "skipped: 0" in output


def test_a_build_from_scratch_has_no_warning(installed: InstalledDotnetProject) -> None:
    build = installed.run("dotnet build -warnaserror --no-incremental --no-restore")
    assert build.returncode == 0, build.stdout


def test_the_tests_leave_the_project_clean_for_git(installed: InstalledDotnetProject) -> None:
    committed = installed.files_for_git()
    assert "src/local.settings.json" not in committed
    assert "src/Program.cs" in committed
    assert not [path for path in committed if {"bin", "obj"} & set(Path(path).parts)]


ORCHESTRATOR = "src/OrderOrchestrator.cs"
SHIPPING = "nameof(OrderActivities.ShipOrder), order, Retry"

FOUND_BY_TESTS = {
    "a clock in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        SHIPPING,
        'nameof(OrderActivities.ShipOrder), order with { Id = $"{DateTime.UtcNow:O}" }, Retry',
        "NonDeterministicOrchestratorException",
    ),
    "a clock without fractions of a second in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        SHIPPING,
        'nameof(OrderActivities.ShipOrder), order with { Id = $"{DateTime.UtcNow:s}" }, Retry',
        "NonDeterministicOrchestratorException",
    ),
    "a random id in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        "nameof(OrderActivities.ValidateOrder), order",
        'nameof(OrderActivities.ValidateOrder), order with { Id = $"{Guid.NewGuid()}" }',
        "NonDeterministicOrchestratorException",
    ),
    "a wrong activity name": SeededDefect(
        ORCHESTRATOR, "nameof(OrderActivities.ShipOrder)", '"ShiporderTypo"', "ShiporderTypo"
    ),
    "fewer attempts": SeededDefect(
        ORCHESTRATOR, "maxNumberOfAttempts: 3", "maxNumberOfAttempts: 2", "Attempts = 2"
    ),
    "a longer interval": SeededDefect(
        ORCHESTRATOR, "FromSeconds(5)", "FromSeconds(50)", "00:00:50"
    ),
    "a forgotten await": SeededDefect(
        ORCHESTRATOR,
        "            await context.CallActivityAsync(nameof(OrderActivities.ShipOrder)",
        "            _ = context.CallActivityAsync(nameof(OrderActivities.ShipOrder)",
        "A_shipping_that_fails_for_good",
    ),
    "a possible null": SeededDefect(
        ORCHESTRATOR, "if (reason is not null)", "if (reason?.Length != 0)", "CS8604"
    ),
    "a wrong orchestrator name in the starter": SeededDefect(
        "src/OrderHttp.cs", "nameof(OrderOrchestrator.ProcessOrder)", '"Process"', '"Process"'
    ),
    "another HTTP method": SeededDefect("src/OrderHttp.cs", '"post"', '"get"', '"get"'),
    "an endpoint without a key": SeededDefect(
        "src/OrderHttp.cs",
        "AuthorizationLevel.Function",
        "AuthorizationLevel.Anonymous",
        "Anonymous",
    ),
    "a header after the body": SeededDefect(
        "src/OrderHttp.cs",
        """        response.Headers.Add("Retry-After", "10");
        await response.WriteAsJsonAsync(urls, cancellationToken);
""",
        """        await response.WriteAsJsonAsync(urls, cancellationToken);
        response.Headers.Add("Retry-After", "10");
""",
        "Retry-After",
    ),
    "a wider rule": SeededDefect(
        "src/OrderParser.cs", "[A-Za-z0-9._-]{1,64}", "[A-Za-z0-9._/-]{1,64}", "sku has a slash"
    ),
    "another message": SeededDefect(
        "src/OrderParser.cs", "must be a number", "must be numeric", "must be numeric"
    ),
    "a function with another name than its method": SeededDefect(
        "src/OrderActivities.cs", "Function(nameof(ShipOrder))", 'Function("Ship")', '"Ship"'
    ),
    "a rule that never applies": SeededDefect(
        "src/OrderActivities.cs",
        "Items.Count: 0",
        "Items.Count: 0, Total: < 0",
        "order has no items",
    ),
    "other names in JSON": SeededDefect(
        "src/Program.cs",
        "JsonNamingPolicy.CamelCase",
        "JsonNamingPolicy.SnakeCaseLower",
        "order_id",
    ),
}


@each_defect(FOUND_BY_TESTS)
def test_the_projects_own_tests_find_a_seeded_defect(
    installed: InstalledDotnetProject, defect: SeededDefect
) -> None:
    with installed.seeded(defect):
        assert defect.finding in installed.run_tests()


def test_the_format_is_checked(installed: InstalledDotnetProject) -> None:
    indented = SeededDefect("src/Program.cs", "    public static void", "   public static void")
    with installed.seeded(indented):
        assert "WHITESPACE" in installed.findings(installed.lint)
