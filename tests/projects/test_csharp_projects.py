"""A generated C# project does what its README says, and its tests find mistakes in it."""

import re
from pathlib import Path

import pytest

from bakery import Bakery
from installed_project import Workshop, pattern_of
from machine import require
from template import TEMPLATE

pytestmark = pytest.mark.slow


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


@pytest.fixture(scope="module", params=TEMPLATE.code_variants("csharp"), ids=pattern_of)
def workshop(
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


def test_the_commands_of_the_readme_pass(workshop: DotnetWorkshop) -> None:
    output = workshop.installed.stdout + workshop.installed.stderr
    assert workshop.installed.returncode == 0, output
    (passed,) = re.findall(r"succeeded: (\d+)", output)
    assert int(passed) > 50
    assert "failed: 0" in output
    assert "skipped: 0" in output


def test_a_build_from_scratch_has_no_warning(workshop: DotnetWorkshop) -> None:
    build = workshop.run("dotnet build -warnaserror --no-incremental --no-restore")
    assert build.returncode == 0, build.stdout


def test_the_tests_leave_the_project_as_git_wants_it(workshop: DotnetWorkshop) -> None:
    committed = workshop.files_for_git()
    assert "src/local.settings.json" not in committed
    assert "src/Program.cs" in committed
    assert not [path for path in committed if {"bin", "obj"} & set(Path(path).parts)]


ORCHESTRATOR = "src/OrderOrchestrator.cs"
SHIPPING = "nameof(OrderActivities.ShipOrder), order, Retry"


@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        pytest.param(
            ORCHESTRATOR,
            SHIPPING,
            'nameof(OrderActivities.ShipOrder), order with { Id = $"{DateTime.UtcNow:O}" }, Retry',
            "NonDeterministicOrchestratorException",
            id="a clock in the orchestrator",
        ),
        pytest.param(
            ORCHESTRATOR,
            SHIPPING,
            'nameof(OrderActivities.ShipOrder), order with { Id = $"{DateTime.UtcNow:s}" }, Retry',
            "NonDeterministicOrchestratorException",
            id="a clock without fractions of a second in the orchestrator",
        ),
        pytest.param(
            ORCHESTRATOR,
            "nameof(OrderActivities.ValidateOrder), order",
            'nameof(OrderActivities.ValidateOrder), order with { Id = $"{Guid.NewGuid()}" }',
            "NonDeterministicOrchestratorException",
            id="a random id in the orchestrator",
        ),
        pytest.param(
            ORCHESTRATOR,
            "nameof(OrderActivities.ShipOrder)",
            '"ShiporderTypo"',
            "ShiporderTypo",
            id="a wrong activity name",
        ),
        pytest.param(
            ORCHESTRATOR,
            "maxNumberOfAttempts: 3",
            "maxNumberOfAttempts: 2",
            "Attempts = 2",
            id="fewer attempts",
        ),
        pytest.param(
            ORCHESTRATOR,
            "FromSeconds(5)",
            "FromSeconds(50)",
            "00:00:50",
            id="a longer interval",
        ),
        pytest.param(
            ORCHESTRATOR,
            "            await context.CallActivityAsync(nameof(OrderActivities.ShipOrder)",
            "            _ = context.CallActivityAsync(nameof(OrderActivities.ShipOrder)",
            "A_shipping_that_fails_for_good",
            id="a forgotten await",
        ),
        pytest.param(
            ORCHESTRATOR,
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
def test_the_projects_own_tests_find_a_mistake(
    workshop: DotnetWorkshop, file: str, old: str, new: str, finding: str
) -> None:
    with workshop.mistake(file, old, new):
        assert finding in workshop.run_tests()


def test_the_format_is_checked(workshop: DotnetWorkshop) -> None:
    with workshop.mistake("src/Program.cs", "    public static void", "   public static void"):
        result = workshop.run(workshop.lint)
    assert result.returncode != 0
    assert "WHITESPACE" in result.stdout + result.stderr
