"""The README commands of a generated C# project work, and its tests find seeded defects."""

import re
from pathlib import Path

import pytest

from bakery import Bakery
from defects import SeededDefect
from installed_project import InstalledProject, pattern_of
from machine import require
from template import TEMPLATE

pytestmark = pytest.mark.slow

VARIANTS = {pattern_of(variant): variant for variant in TEMPLATE.code_variants("csharp")}
REPLAY_TESTS = Path(__file__).parent / "replay" / "csharp" / "ReplayHelperTests.cs"


class InstalledDotnetProject(InstalledProject):
    """A copy of a generated C# project that was restored and built."""

    def run_tests(self) -> str:
        """Build what has changed and run the tests; return their output if they fail.

        The analyzers do not run: the tests must find the defects that analyzers would report.
        """
        build = "dotnet build tests --no-restore --verbosity quiet -p:RunAnalyzers=false"
        return self.findings(f"{build} && dotnet tests/bin/Debug/net10.0/Orders.Tests.dll")


# What no pattern changes is tested in the default pattern.
once = pytest.mark.parametrize(
    "installed", [VARIANTS["function-chaining"]], ids=["function-chaining"], indirect=True
)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the package folder that all C# projects of the session share."""
    return str(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module", params=VARIANTS.values(), ids=VARIANTS.keys())
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

COMMON = {
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
        "is still open when the orchestrator ends",
    ),
    "an await that is not durable": SeededDefect(
        ORCHESTRATOR,
        "        return OrderResult.Fulfilled(order);",
        "        await Task.Delay(1);\n        return OrderResult.Fulfilled(order);",
        "awaits something that is not durable",
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
    "a start that is not logged": SeededDefect(
        "src/OrderHttp.cs", "Started instance {InstanceId}", "Started", "Started instance"
    ),
    "characters that count as two": SeededDefect(
        "src/RequestBody.cs", "name.EnumerateRunes().Count()", "name.Length", "outside the basic"
    ),
    "blank as .NET defines it": SeededDefect(
        "src/RequestBody.cs",
        "!IsBlank(name)",
        "!string.IsNullOrWhiteSpace(name)",
        "separators of information",
    ),
    "the default depth of JSON": SeededDefect(
        "src/RequestBody.cs", "new() { MaxDepth = 128 }", "new()", "nested 100 levels"
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


# The defects of the language are seeded once, in the default pattern.
FOUND_BY_TESTS = {
    "function-chaining": COMMON,
}


@pytest.mark.parametrize(
    ("installed", "defect"),
    [
        pytest.param(VARIANTS[pattern], defect, id=f"{pattern}-{name}")
        for pattern, defects in FOUND_BY_TESTS.items()
        for name, defect in defects.items()
    ],
    indirect=["installed"],
)
def test_the_projects_own_tests_find_a_seeded_defect(
    installed: InstalledDotnetProject, defect: SeededDefect
) -> None:
    with installed.seeded(defect):
        assert defect.finding in installed.run_tests()


@once
def test_the_replay_helper_passes_its_own_tests(installed: InstalledDotnetProject) -> None:
    text = REPLAY_TESTS.read_text(encoding="utf-8")
    with installed.changes({f"tests/{REPLAY_TESTS.name}": text}):
        run = installed.run(f"dotnet test --filter-class Orders.Tests.{REPLAY_TESTS.stem}")
    assert run.returncode == 0, run.stdout
    (passed,) = re.findall(r"succeeded: (\d+)", run.stdout)
    assert int(passed) > 50


@once
def test_the_format_is_checked(installed: InstalledDotnetProject) -> None:
    indented = SeededDefect("src/Program.cs", "    public static void", "   public static void")
    with installed.seeded(indented):
        assert "WHITESPACE" in installed.findings(installed.lint)
