"""Generated TypeScript and JavaScript projects do what their README says, and find mistakes."""

import re

import pytest

from bakery import Bakery
from installed_project import Workshop, node_variables
from template import TEMPLATE

pytestmark = pytest.mark.slow

LANGUAGES = ("typescript", "javascript")


class NodeWorkshop(Workshop):
    """A copy of a generated project for Node.js."""

    def run_tests(self) -> str:
        """Run the project's tests; return what they say when they fail."""
        return self.findings("cd src && npm test")

    def run_linters(self) -> str:
        """Run the project's linters; return what they say when they fail."""
        return self.findings("cd src\n" + self.lint)


@pytest.fixture(scope="module")
def workshops(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory) -> dict[str, NodeWorkshop]:
    """Return the default project of each language, installed."""
    return {
        language: NodeWorkshop(
            bakery.bake(**TEMPLATE.code_variants(language)[0]),
            tmp_path_factory.mktemp(language),
            **node_variables(),
        )
        for language in LANGUAGES
    }


@pytest.fixture(params=LANGUAGES)
def workshop(request: pytest.FixtureRequest, workshops: dict[str, NodeWorkshop]) -> NodeWorkshop:
    return workshops[request.param]


def test_the_commands_of_the_readme_pass(workshop: NodeWorkshop) -> None:
    output = workshop.installed.stdout + workshop.installed.stderr
    assert workshop.installed.returncode == 0, output
    (passed,) = re.findall(r"(?m)^\S+ pass (\d+)$", output)
    assert int(passed) > 50
    assert not re.search(r"(?mi)^\S+ (fail|cancelled|skipped|todo) [1-9]|npm warn|Warning:", output)
    assert "All matched files use Prettier code style!" in output


def test_the_tests_leave_the_project_as_git_wants_it(workshop: NodeWorkshop) -> None:
    """What tools write is ignored by git, so a first commit holds the project only."""
    assert workshop.files_for_git() == workshop.files - {"src/local.settings.json"}


ORCHESTRATOR = "src/orders/orchestrator"

# What is wrong -> file without suffix, old text, new text, what the finding mentions.
FOUND_BY_TESTS = {
    "a clock in the orchestrator": (
        ORCHESTRATOR,
        "'shipOrder', RETRY, order)",
        "'shipOrder', RETRY, { ...order, at: Date.now() })",
        "NonDeterministicOrchestratorError",
    ),
    "a random id in the orchestrator": (
        ORCHESTRATOR,
        "'validateOrder', order)",
        "'validateOrder', { ...order, id: crypto.randomUUID() })",
        "NonDeterministicOrchestratorError",
    ),
    "a wrong activity name": (ORCHESTRATOR, "'shipOrder'", "'shiporder'", "shiporder"),
    "fewer attempts": (
        ORCHESTRATOR,
        "RetryOptions(5_000, 3)",
        "RetryOptions(5_000, 2)",
        "attempts: 2",
    ),
    "a forgotten yield": (
        ORCHESTRATOR,
        "yield context.df.callActivityWithRetry('shipOrder'",
        "context.df.callActivityWithRetry('shipOrder'",
        "a shipping that fails for good",
    ),
    "a wrong starter": ("src/orders/http", "'processOrder'", "'process'", "+     'process',"),
    "another HTTP method": ("src/orders/http", "['POST']", "['GET']", "'GET'"),
    "a function that is not registered": (
        "src/orders/activities",
        "df.app.activity('validateOrder', { handler: validateOrder });\n",
        "",
        "-   validateOrder:",
    ),
    "a main that matches no file": (
        "src/package.json",
        "orders/*.js",
        "order/*.js",
        "-   validateOrder:",
    ),
    "an endpoint without a key": (
        "src/orders/http",
        "'function'",
        "'anonymous'",
        "'anonymous'",
    ),
    "a wider rule": ("src/orders/models", "[A-Za-z0-9._-]", "[A-Za-z0-9._/-]", "slash"),
    "another message": (
        "src/orders/models",
        "must be a number",
        "must be numeric",
        "must be numeric",
    ),
    "a rule that never applies": (
        "src/orders/activities",
        "order.items.length === 0",
        "order.items.length < 0",
        "order has no items",
    ),
}

FOUND_BY_LINTERS = {
    ("typescript", "a promise that nobody awaits"): (
        "src/orders/http",
        "const instanceId",
        "client.startNew('processOrder');\n    const instanceId",
        "no-floating-promises",
    ),
    ("javascript", "a misspelt field"): (
        "src/orders/activities",
        "order.total <= 0",
        "order.totl <= 0",
        "totl",
    ),
    ("typescript", "a name that nobody uses"): (
        "src/orders/http",
        "{ InvalidOrderError, parseOrder }",
        "{ fulfilled, InvalidOrderError, parseOrder }",
        "no-unused-vars",
    ),
    ("javascript", "a line that is not formatted"): (
        "src/orders/activities",
        "PAYMENT_LIMIT = 1",
        "PAYMENT_LIMIT =  1",
        "activities",
    ),
}


def with_suffix(file: str, language: str) -> str:
    """Return the path of a file that each language writes with a suffix of its own."""
    return file if "." in file else file + {"typescript": ".ts", "javascript": ".js"}[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mistake", FOUND_BY_TESTS.values(), ids=FOUND_BY_TESTS.keys())
def test_the_projects_own_tests_find_a_mistake(
    workshops: dict[str, NodeWorkshop], language: str, mistake: tuple[str, str, str, str]
) -> None:
    file, old, new, finding = mistake
    workshop = workshops[language]
    with workshop.mistake(with_suffix(file, language), old, new):
        assert finding in workshop.run_tests()


@pytest.mark.parametrize(
    ("language", "mistake"),
    [(language, mistake) for (language, _), mistake in FOUND_BY_LINTERS.items()],
    ids=[" ".join(key) for key in FOUND_BY_LINTERS],
)
def test_the_projects_own_linters_find_a_mistake(
    workshops: dict[str, NodeWorkshop], language: str, mistake: tuple[str, str, str, str]
) -> None:
    file, old, new, finding = mistake
    workshop = workshops[language]
    with workshop.mistake(with_suffix(file, language), old, new):
        assert finding in workshop.run_linters()


def test_a_node_that_is_too_old_is_refused_with_the_version_needed(workshop: NodeWorkshop) -> None:
    with workshop.mistake("src/package.json", '">=22"', '">=99"'):
        refusal = workshop.findings("cd src && npm ci --dry-run")
    assert "EBADENGINE" in refusal
    assert '{"node":">=99"}' in refusal
