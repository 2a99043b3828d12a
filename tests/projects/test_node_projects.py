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

LANGUAGES = {".ts": "typescript", ".js": "javascript"}
REPLAY_HELPER_TESTS = Path(__file__).parent / "replay"


class InstalledNodeProject(InstalledProject):
    """A copy of a generated project for Node.js with its packages."""

    def run_tests(self) -> str:
        """Run the project's tests; return their output if they fail."""
        return self.findings("cd src && npm test")

    def run_linters(self) -> str:
        """Run the project's linters; return their output if they fail."""
        return self.findings("cd src\n" + self.lint)


@pytest.fixture(scope="module")
def firsts(
    bakery: Bakery, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, InstalledNodeProject]:
    """The first pattern in each language, installed as its README says."""
    return {
        language: InstalledNodeProject(
            bakery.bake(**TEMPLATE.code_variants(language)[0]),
            tmp_path_factory.mktemp(language),
            **node_variables(),
        )
        for language in LANGUAGES.values()
    }


@pytest.fixture(params=LANGUAGES.values())
def first(
    request: pytest.FixtureRequest, firsts: dict[str, InstalledNodeProject]
) -> InstalledNodeProject:
    return firsts[request.param]


@pytest.fixture(scope="module")
def installed(
    request: pytest.FixtureRequest,
    firsts: dict[str, InstalledNodeProject],
    bakery: Bakery,
    tmp_path_factory: pytest.TempPathFactory,
) -> InstalledNodeProject:
    """Each pattern in each language; the patterns of a language share its packages."""
    language, pattern = request.param
    if pattern == TEMPLATE.defaults["pattern"]:
        return firsts[language]
    return InstalledNodeProject(
        bakery.bake(language=language, pattern=pattern),
        tmp_path_factory.mktemp(language),
        shares=(firsts[language], "src/node_modules"),
        **node_variables(),
    )


@pytest.mark.parametrize("language", LANGUAGES.values())
def test_all_patterns_have_the_same_packages(bakery: Bakery, language: str) -> None:
    projects = [bakery.bake(**variant) for variant in TEMPLATE.code_variants(language)]
    for file in ("src/package.json", "src/package-lock.json"):
        assert len({project.read(file) for project in projects}) == 1


def test_the_tests_leave_the_project_clean_for_git(first: InstalledNodeProject) -> None:
    """Git ignores what tools write, so a first commit has only files of the project."""
    assert first.files_for_git() == first.files - {"src/local.settings.json"}


@pytest.mark.parametrize("language", LANGUAGES.values())
def test_the_replay_helper_finds_what_breaks_a_replay(
    firsts: dict[str, InstalledNodeProject], language: str
) -> None:
    first = firsts[language]
    (tests,) = (REPLAY_HELPER_TESTS / language).iterdir()
    with first.changes({f"src/tests/{tests.name}": tests.read_text(encoding="utf-8")}):
        assert first.run_tests() == ""


ORCHESTRATOR = "src/orders/orchestrator.[jt]s"
ACTIVITIES = "src/orders/activities.[jt]s"
HTTP = "src/orders/http.[jt]s"
MODELS = "src/orders/models.[jt]s"

FOUND_BY_TESTS = {
    "function-chaining": {
        "a clock in the orchestrator": SeededDefect(
            ORCHESTRATOR,
            "shipOrder(order)",
            "shipOrder({ ...order, at: Date.now() })",
            "NonDeterministicOrchestratorError",
        ),
        "a random id in the orchestrator": SeededDefect(
            ORCHESTRATOR,
            "validateOrder(order)",
            "validateOrder({ ...order, id: crypto.randomUUID() })",
            "NonDeterministicOrchestratorError",
        ),
        "a wrong activity": SeededDefect(
            ORCHESTRATOR, "yield shipOrder", "yield processPayment", "'shipOrder'"
        ),
        "fewer attempts": SeededDefect(
            ORCHESTRATOR, "RetryOptions(5_000, 3)", "RetryOptions(5_000, 2)", "attempts: 2"
        ),
        "a forgotten yield": SeededDefect(
            ORCHESTRATOR, "yield shipOrder", "shipOrder", "yield each task"
        ),
        "a wrong starter": SeededDefect(HTTP, "'processOrder'", "'process'", "status code: 404"),
        "another HTTP method": SeededDefect(HTTP, "['POST']", "['GET']", "'GET'"),
        "an endpoint without a key": SeededDefect(HTTP, "'function'", "'anonymous'", "'anonymous'"),
        "no log of the started instance": SeededDefect(
            HTTP, "Started instance", "Instance", "Started instance instance-1"
        ),
        "an activity under another name": SeededDefect(
            ACTIVITIES, "activity('shipOrder'", "activity('ship'", "-   shipOrder:"
        ),
        "a main that matches no file": SeededDefect(
            "src/package.json", "orders/*.js", "order/*.js", "-   validateOrder:"
        ),
        "a wider rule": SeededDefect(MODELS, "[A-Za-z0-9._-]", "[A-Za-z0-9._/-]", "slash"),
        "another idea of blank": SeededDefect(MODELS, r"\u{feff}]", "]", "byte order mark"),
        "numbers in strings": SeededDefect(
            MODELS, "unitPrice: z.number(", "unitPrice: z.coerce.number(", "unitPrice is a string"
        ),
        "another message": SeededDefect(
            MODELS, "must be a number", "must be numeric", "must be numeric"
        ),
        "a rule that never applies": SeededDefect(
            ACTIVITIES, "order.items.length === 0", "order.items.length < 0", "order has no items"
        ),
    },
}

FOUND_BY_LINTERS = {
    "a promise that nobody awaits": SeededDefect(
        "src/orders/http.ts",
        "const instanceId",
        "client.startNew('processOrder');\n  const instanceId",
        "no-floating-promises",
    ),
    "a misspelt field": SeededDefect(
        "src/orders/activities.js", "order.total <= 0", "order.totl <= 0", "totl"
    ),
    "a name that nobody uses": SeededDefect(
        "src/orders/http.ts", "{ orderSchema,", "{ fulfilled, orderSchema,", "no-unused-vars"
    ),
    "a line that is not formatted": SeededDefect(
        "src/orders/activities.js", "PAYMENT_LIMIT = 1", "PAYMENT_LIMIT =  1", "activities"
    ),
}

VARIANTS = [(language, pattern) for language in LANGUAGES.values() for pattern in FOUND_BY_TESTS]


@pytest.mark.parametrize("installed", VARIANTS, ids="-".join, indirect=True, scope="module")
def test_the_commands_of_the_readme_pass(installed: InstalledNodeProject) -> None:
    output = installed.readme_run.stdout + installed.readme_run.stderr
    assert installed.readme_run.returncode == 0, output
    (passed,) = re.findall(r"(?m)^\S+ pass (\d+)$", output)
    assert int(passed) > 50
    assert not re.search(r"(?mi)^\S+ (fail|cancelled|skipped|todo) [1-9]|npm warn|Warning:", output)
    assert "All matched files use Prettier code style!" in output


@pytest.mark.parametrize(
    ("installed", "defect"),
    [
        pytest.param(variant, defect, id="-".join([*variant, name]))
        for variant in VARIANTS
        for name, defect in FOUND_BY_TESTS[variant[1]].items()
    ],
    indirect=["installed"],
    scope="module",
)
def test_the_projects_own_tests_find_a_seeded_defect(
    installed: InstalledNodeProject, defect: SeededDefect
) -> None:
    with installed.seeded(defect):
        assert defect.finding in installed.run_tests()


@each_defect(FOUND_BY_LINTERS)
def test_the_projects_own_linters_find_a_seeded_defect(
    firsts: dict[str, InstalledNodeProject], defect: SeededDefect
) -> None:
    first = firsts[LANGUAGES[Path(defect.file).suffix]]
    with first.seeded(defect):
        assert defect.finding in first.run_linters()


def test_a_node_that_is_too_old_is_refused_with_the_version_needed(
    first: InstalledNodeProject,
) -> None:
    with first.seeded(SeededDefect("src/package.json", '">=22"', '">=99"')):
        output = first.findings("cd src && npm ci --dry-run")
    assert "EBADENGINE" in output
    assert '{"node":">=99"}' in output
