"""The README commands of generated TypeScript and JavaScript projects work.

Their tests and linters find seeded defects.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

from bakery import Bakery
from defects import SeededDefect, of_patterns
from installed_project import InstalledProject, node_variables
from template import TEMPLATE
from workflow_change import WorkflowChange

pytestmark = pytest.mark.slow

LANGUAGES = {".ts": "typescript", ".js": "javascript"}
FIRST = TEMPLATE.defaults["pattern"]
PASSED = re.compile(r"ok \d+ - |# Subtest: ")
REPLAY_HELPER_TESTS = Path(__file__).parent / "replay/node/helper.test.js"


class InstalledNodeProject(InstalledProject):
    """A copy of a generated project for Node.js with its packages."""

    @property
    def folder_of_tests(self) -> str:
        """The folder in `src/` of the tests that run: TypeScript compiles them."""
        return "dist/tests" if (self.path / "src/orders/http.ts").exists() else "tests"

    def run_tests(self, files: Iterable[Path] = ()) -> str:
        """Run the project's tests, or some files; return the report without the passed tests."""
        commands = "npm test"
        if files:
            names = " ".join(f"{self.folder_of_tests}/{file.stem}.js" for file in files)
            commands = f"npm run build --if-present -- --noCheck && node --test {names}"
        output = self.findings(f"cd src && {commands}")
        return "".join(line for line in output.splitlines(True) if not PASSED.match(line))

    def run_linters(self) -> str:
        """Run the project's linters; return their output if they fail."""
        return self.findings("cd src\n" + self.lint)


@pytest.fixture(scope="module")
def install(
    bakery: Bakery, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], InstalledNodeProject]:
    """Return a function that installs a pattern in a language once.

    The first pattern is installed as its README says; the others share its packages.
    """

    @cache
    def install(language: str, pattern: str) -> InstalledNodeProject:
        shares = None if pattern == FIRST else (install(language, FIRST), "src/node_modules")
        project = bakery.bake(language=language, pattern=pattern)
        folder = tmp_path_factory.mktemp(language)
        return InstalledNodeProject(project, folder, shares=shares, **node_variables())

    return install


@pytest.fixture
def installed(
    request: pytest.FixtureRequest, install: Callable[[str, str], InstalledNodeProject]
) -> InstalledNodeProject:
    return install(*request.param)


@pytest.fixture(params=LANGUAGES.values())
def first(
    request: pytest.FixtureRequest, install: Callable[[str, str], InstalledNodeProject]
) -> InstalledNodeProject:
    return install(request.param, FIRST)


def test_the_workflow_is_changed_as_the_document_says(first: InstalledNodeProject) -> None:
    change = WorkflowChange(first.read)
    condition = "if (context.df.version !== '1.0') {\n"
    for_all = SeededDefect(
        "src/orders/orchestrator.[jt]s", condition, condition.replace("1.0", "0"), ""
    )
    with first.changes(change.app):
        assert "payment and shipping may fail twice" in first.run_tests()
        with first.changes(change.tests):
            assert first.run_tests() == ""
            assert first.run_linters() == ""
            with first.seeded(for_all):
                assert "payment and shipping may fail twice" in first.run_tests()


@pytest.mark.parametrize("language", LANGUAGES.values())
def test_all_patterns_have_the_same_packages(bakery: Bakery, language: str) -> None:
    projects = [bakery.bake(**variant) for variant in TEMPLATE.code_variants(language)]
    for file in ("src/package.json", "src/package-lock.json"):
        assert len({project.read(file) for project in projects}) == 1


def test_the_tests_leave_the_project_clean_for_git(first: InstalledNodeProject) -> None:
    """Git ignores what tools write, so a first commit has only files of the project."""
    assert first.files_for_git() == first.files - {"src/local.settings.json"}


def test_the_replay_helper_finds_what_breaks_a_replay(first: InstalledNodeProject) -> None:
    assert first.findings("cd src && npm run build --if-present") == ""
    file = f"{first.folder_of_tests}/{REPLAY_HELPER_TESTS.name}"
    with first.changes({f"src/{file}": REPLAY_HELPER_TESTS.read_text(encoding="utf-8")}):
        assert first.findings(f"cd src && node --test {file}") == ""


ORCHESTRATOR = "src/orders/orchestrator.[jt]s"
ACTIVITIES = "src/orders/activities.[jt]s"
HTTP = "src/orders/http.[jt]s"
MODELS = "src/orders/models.[jt]s"
INVENTORY = "src/orders/inventory.[jt]s"
APPROVAL = "src/orders/approval.[jt]s"
SALES = "src/orders/sales.[jt]s"

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
    "fan-out-fan-in": {
        "reservations one after the other": SeededDefect(
            ORCHESTRATOR,
            "yield context.df.Task.all(tasks)",
            "tasks.slice()",
            "all items are reserved at once",
        ),
        "a reservation that failed is ignored": SeededDefect(
            ORCHESTRATOR, "missing.add(sku)", "missing.delete(sku)", "not reserved"
        ),
        "an order that ends before all reservations have ended": SeededDefect(
            ORCHESTRATOR,
            "// It starts them all,",
            "return { reserved: 0, missing: new Set(['B-2']) };\n    //",
            "a reservation that fails for good waits for the others",
        ),
        "the result of a reservation is ignored": SeededDefect(
            ORCHESTRATOR,
            "return { reserved, missing }",
            "return { reserved: items.length * 2, missing }",
            "reservations may end in any order",
        ),
        "SKUs that are named twice": SeededDefect(
            ORCHESTRATOR,
            "[...missing].join",
            "order.items.map(({ sku }) => sku).join",
            "the reason has each SKU once",
        ),
        "an item that is never sold out": SeededDefect(
            INVENTORY, "'SOLD-OUT'", "'GONE'", "reserveItem refuses a SKU that is sold out"
        ),
    },
    "human-interaction": {
        "a timer that nobody cancels": SeededDefect(
            ORCHESTRATOR, "timeout.cancel();", "", "cancel timers"
        ),
        "a rejection that is ignored": SeededDefect(
            ORCHESTRATOR,
            "!approval.approved",
            "!approval.approver",
            "a rejection ends",
        ),
        "an event that must be an object": SeededDefect(
            APPROVAL,
            "typeof event === 'string' ? JSON.parse(event) : event",
            "event",
            "an approval cancels the timer and continues: text",
        ),
        "an event that is not checked": SeededDefect(
            APPROVAL, "approvalSchema.parse(", "Object(", "an event that is no approval"
        ),
        "a higher limit": SeededDefect(
            ORCHESTRATOR, "LIMIT = 1_000", "LIMIT = 1_001", "a large order waits for an approval"
        ),
        "another event": SeededDefect(
            APPROVAL, "EVENT = 'Approval'", "EVENT = 'Approved'", "an approval reaches the workflow"
        ),
        "an ended workflow that is told to go on": SeededDefect(
            APPROVAL, "  df.OrchestrationRuntimeStatus.Terminated,\n", "", "conflict: Terminated"
        ),
        "a wrong status code": SeededDefect(
            APPROVAL, "errorResponse(409", "errorResponse(410", "conflict: Completed"
        ),
        "an unknown id that is an error of the server": SeededDefect(
            APPROVAL, "'HTTP 404'", "'HTTP 410'", "an unknown instance is not found"
        ),
        "an id that leads to another URL": SeededDefect(
            APPROVAL, "encodeURIComponent(", "String(", "an id cannot lead to another URL"
        ),
    },
    "monitor": {
        "no next generation": SeededDefect(
            ORCHESTRATOR,
            "context.df.continueAsNew(",
            "JSON.stringify(",
            "an order in transit is checked again, in the next generation",
        ),
        "a custom status of the first generation only": SeededDefect(
            ORCHESTRATOR,
            "context.df.setCustomStatus(status)",
            "if (poll === 1) context.df.setCustomStatus(status)",
            "each generation sets the custom status",
        ),
        "a deadline that moves": SeededDefect(
            ORCHESTRATOR,
            "{ ...tracking, polls: poll }",
            "{ deadline: nextPoll.toISOString(), polls: poll }",
            "an order in transit is checked again",
        ),
        "a count of polls that stands still": SeededDefect(
            ORCHESTRATOR, "polls: poll }", "polls: 0 }", "each generation sets the custom status"
        ),
        "a poll after the deadline": SeededDefect(
            ORCHESTRATOR,
            "if (nextPoll > ",
            "if (context.df.currentUtcDateTime > ",
            "no poll is after the deadline",
        ),
    },
    "saga": {
        "compensations in the order of the steps": SeededDefect(
            ORCHESTRATOR,
            "completed.toReversed()",
            "completed",
            "a shipping that fails refunds, then releases",
        ),
        "a compensation without attempts": SeededDefect(
            ORCHESTRATOR,
            "yield activity(order).withRetry(RETRY);\n      compensated",
            "yield activity(order);\n      compensated",
            "a payment that fails releases the inventory",
        ),
        "a compensation that fails stops the others": SeededDefect(
            ORCHESTRATOR,
            "notCompensated.push(name);",
            "notCompensated.push(name);\n      break;",
            "a compensation that fails does not stop the others",
        ),
        "a step that failed is compensated, too": SeededDefect(
            ORCHESTRATOR,
            "    // The SDK throws",
            "    if (compensation) completed.push(compensation);\n    // The SDK throws",
            "a reservation that fails has nothing to undo",
        ),
        "the wrong compensation": SeededDefect(
            ORCHESTRATOR,
            "activity: releaseInventory",
            "activity: refundPayment",
            "a payment that fails releases the inventory",
        ),
        "an order that is never sold out": SeededDefect(
            INVENTORY, "'SOLD-OUT'", "'GONE'", "reserveInventory refuses a SKU that is sold out"
        ),
    },
    "aggregator": {
        "a signal that is lost": SeededDefect(
            ORCHESTRATOR, "of order.items)", "of order.items.slice(1))", "shipped and counted"
        ),
        "an order that counts before it is shipped": SeededDefect(
            ORCHESTRATOR,
            "  // The SDK throws",
            "  context.df.signalEntity(salesOf('A-1'), 'add', 2);\n  // The SDK throws",
            "a payment that fails for good does not count",
        ),
        "a state that does not add up": SeededDefect(
            SALES, "setState(sold + quantity)", "setState(quantity)", "orders add up"
        ),
        "a wrong status code": SeededDefect(
            SALES, "errorResponse(404", "errorResponse(410", "a SKU without sales is not found"
        ),
        "a key in lower case": SeededDefect(
            SALES, "'sales', sku)", "'sales', sku.toLowerCase())", "shipped and counted"
        ),
        "an unknown operation that is ignored": SeededDefect(
            SALES, "throw new Error(", "return void (", "an unknown operation is an error"
        ),
        "an entity that is not registered": SeededDefect(
            SALES, "df.app.entity('sales', sales);", "", "the first order creates the entity"
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


@pytest.mark.parametrize("installed", VARIANTS, ids="-".join, indirect=True)
def test_the_commands_of_the_readme_pass(installed: InstalledNodeProject) -> None:
    output = installed.readme_run.stdout + installed.readme_run.stderr
    assert installed.readme_run.returncode == 0, output
    (passed,) = re.findall(r"(?m)^\S+ pass (\d+)$", output)
    assert int(passed) > 50
    assert not re.search(r"(?mi)^\S+ (fail|cancelled|skipped|todo) [1-9]|npm warn|Warning:", output)
    assert "All matched files use Prettier code style!" in output


def own_tests(language: str, pattern: str) -> list[Path]:
    """Return the tests that a pattern adds; for the first pattern, nothing: all tests count."""
    if pattern == FIRST:
        return []
    overlay = TEMPLATE.overlays[f"_overlays/{language}+{pattern}"]
    return [file for file in overlay.files() if ".test." in file.name]


@pytest.mark.parametrize(
    ("installed", "tests", "defect"),
    [
        pytest.param(
            (language, pattern),
            own_tests(language, pattern),
            defect,
            id=f"{language}-{pattern}-{name}",
        )
        for language in LANGUAGES.values()
        for pattern, name, defect in of_patterns(FOUND_BY_TESTS)
    ],
    indirect=["installed"],
)
def test_the_projects_own_tests_find_a_seeded_defect(
    installed: InstalledNodeProject, tests: list[Path], defect: SeededDefect
) -> None:
    with installed.seeded(defect):
        assert defect.finding in installed.run_tests(tests)


@pytest.mark.parametrize(
    ("installed", "defect"),
    [
        pytest.param((language, FIRST), defect, id=f"{language}-{name}")
        for name, defect in FOUND_BY_LINTERS.items()
        for language in [LANGUAGES[Path(defect.file).suffix]]
    ],
    indirect=["installed"],
)
def test_the_projects_own_linters_find_a_seeded_defect(
    installed: InstalledNodeProject, defect: SeededDefect
) -> None:
    with installed.seeded(defect):
        assert defect.finding in installed.run_linters()


def test_a_node_that_is_too_old_is_refused_with_the_version_needed(
    first: InstalledNodeProject,
) -> None:
    with first.seeded(SeededDefect("src/package.json", '">=22"', '">=99"')):
        output = first.findings("cd src && npm ci --dry-run")
    assert "EBADENGINE" in output
    assert '{"node":">=99"}' in output
