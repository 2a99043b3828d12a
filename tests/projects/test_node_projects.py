"""The README commands of generated TypeScript and JavaScript projects work.

Their tests and linters find seeded defects.
"""

import re
from pathlib import Path

import pytest

from bakery import Bakery
from defects import SeededDefect, each_defect
from installed_project import InstalledProject, node_variables
from template import TEMPLATE

pytestmark = pytest.mark.slow

SUFFIXES = {"typescript": ".ts", "javascript": ".js"}


class InstalledNodeProject(InstalledProject):
    """A copy of a generated project for Node.js with its packages."""

    def run_tests(self) -> str:
        """Run the project's tests; return their output if they fail."""
        return self.findings("cd src && npm test")

    def run_linters(self) -> str:
        """Run the project's linters; return their output if they fail."""
        return self.findings("cd src\n" + self.lint)


@pytest.fixture(scope="module")
def projects(
    bakery: Bakery, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, InstalledNodeProject]:
    """Return the default project of each language by the suffix of its source files."""
    return {
        suffix: InstalledNodeProject(
            bakery.bake(**TEMPLATE.code_variants(language)[0]),
            tmp_path_factory.mktemp(language),
            **node_variables(),
        )
        for language, suffix in SUFFIXES.items()
    }


@pytest.fixture(params=SUFFIXES.values(), ids=SUFFIXES.keys())
def installed(
    request: pytest.FixtureRequest, projects: dict[str, InstalledNodeProject]
) -> InstalledNodeProject:
    return projects[request.param]


def test_the_commands_of_the_readme_pass(installed: InstalledNodeProject) -> None:
    output = installed.readme_run.stdout + installed.readme_run.stderr
    assert installed.readme_run.returncode == 0, output
    (passed,) = re.findall(r"(?m)^\S+ pass (\d+)$", output)
    assert int(passed) > 50
    assert not re.search(r"(?mi)^\S+ (fail|cancelled|skipped|todo) [1-9]|npm warn|Warning:", output)
    assert "All matched files use Prettier code style!" in output


def test_the_tests_leave_the_project_clean_for_git(installed: InstalledNodeProject) -> None:
    """Git ignores what tools write, so a first commit has only files of the project."""
    assert installed.files_for_git() == installed.files - {"src/local.settings.json"}


ORCHESTRATOR = "src/orders/orchestrator.[jt]s"

FOUND_BY_TESTS = {
    "a clock in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        "'shipOrder', RETRY, order)",
        "'shipOrder', RETRY, { ...order, at: Date.now() })",
        "NonDeterministicOrchestratorError",
    ),
    "a random id in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        "'validateOrder', order)",
        "'validateOrder', { ...order, id: crypto.randomUUID() })",
        "NonDeterministicOrchestratorError",
    ),
    "a wrong activity name": SeededDefect(ORCHESTRATOR, "'shipOrder'", "'shiporder'", "shiporder"),
    "fewer attempts": SeededDefect(
        ORCHESTRATOR,
        "RetryOptions(5_000, 3)",
        "RetryOptions(5_000, 2)",
        "attempts: 2",
    ),
    "a forgotten yield": SeededDefect(
        ORCHESTRATOR,
        "yield context.df.callActivityWithRetry('shipOrder'",
        "context.df.callActivityWithRetry('shipOrder'",
        "a shipping that fails for good",
    ),
    "a wrong starter": SeededDefect(
        "src/orders/http.[jt]s", "'processOrder'", "'process'", "+     'process',"
    ),
    "another HTTP method": SeededDefect("src/orders/http.[jt]s", "['POST']", "['GET']", "'GET'"),
    "a function that is not registered": SeededDefect(
        "src/orders/activities.[jt]s",
        "df.app.activity('validateOrder', { handler: validateOrder });\n",
        "",
        "-   validateOrder:",
    ),
    "a main that matches no file": SeededDefect(
        "src/package.json",
        "orders/*.js",
        "order/*.js",
        "-   validateOrder:",
    ),
    "an endpoint without a key": SeededDefect(
        "src/orders/http.[jt]s",
        "'function'",
        "'anonymous'",
        "'anonymous'",
    ),
    "a wider rule": SeededDefect(
        "src/orders/models.[jt]s", "[A-Za-z0-9._-]", "[A-Za-z0-9._/-]", "slash"
    ),
    "another message": SeededDefect(
        "src/orders/models.[jt]s",
        "must be a number",
        "must be numeric",
        "must be numeric",
    ),
    "a rule that never applies": SeededDefect(
        "src/orders/activities.[jt]s",
        "order.items.length === 0",
        "order.items.length < 0",
        "order has no items",
    ),
}

FOUND_BY_LINTERS = {
    "a promise that nobody awaits": SeededDefect(
        "src/orders/http.ts",
        "const instanceId",
        "client.startNew('processOrder');\n    const instanceId",
        "no-floating-promises",
    ),
    "a misspelt field": SeededDefect(
        "src/orders/activities.js",
        "order.total <= 0",
        "order.totl <= 0",
        "totl",
    ),
    "a name that nobody uses": SeededDefect(
        "src/orders/http.ts",
        "{ InvalidOrderError, parseOrder }",
        "{ fulfilled, InvalidOrderError, parseOrder }",
        "no-unused-vars",
    ),
    "a line that is not formatted": SeededDefect(
        "src/orders/activities.js",
        "PAYMENT_LIMIT = 1",
        "PAYMENT_LIMIT =  1",
        "activities",
    ),
}


@each_defect(FOUND_BY_TESTS)
def test_the_projects_own_tests_find_a_seeded_defect(
    installed: InstalledNodeProject, defect: SeededDefect
) -> None:
    with installed.seeded(defect):
        assert defect.finding in installed.run_tests()


@each_defect(FOUND_BY_LINTERS)
def test_the_projects_own_linters_find_a_seeded_defect(
    projects: dict[str, InstalledNodeProject], defect: SeededDefect
) -> None:
    installed = projects[Path(defect.file).suffix]
    with installed.seeded(defect):
        assert defect.finding in installed.run_linters()


def test_a_node_that_is_too_old_is_refused_with_the_version_needed(
    installed: InstalledNodeProject,
) -> None:
    with installed.seeded(SeededDefect("src/package.json", '">=22"', '">=99"')):
        output = installed.findings("cd src && npm ci --dry-run")
    assert "EBADENGINE" in output
    assert '{"node":">=99"}' in output
