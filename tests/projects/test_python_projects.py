"""The README commands of a generated Python project work, and its tests find seeded defects."""

import re

import pytest

from bakery import Bakery
from defects import SeededDefect, each_defect
from installed_project import InstalledProject, pattern_of
from template import TEMPLATE

pytestmark = pytest.mark.slow


class InstalledPythonProject(InstalledProject):
    """A copy of a generated Python project with its virtual environment."""

    def run_tests(self) -> str:
        """Run the project's tests without installing again; return their output if they fail."""
        activate = next(line for line in self.test.splitlines() if line.startswith("source "))
        return self.findings(f"{activate}\n{self.test.splitlines()[-1]}")


@pytest.fixture(scope="module", params=TEMPLATE.code_variants("python"), ids=pattern_of)
def installed(
    request: pytest.FixtureRequest, bakery: Bakery, tmp_path_factory: pytest.TempPathFactory
) -> InstalledPythonProject:
    return InstalledPythonProject(bakery.bake(**request.param), tmp_path_factory.mktemp("python"))


def test_the_commands_of_the_readme_pass(installed: InstalledPythonProject) -> None:
    output = installed.readme_run.stdout + installed.readme_run.stderr
    assert installed.readme_run.returncode == 0, output
    (passed,) = re.findall(r"^=+ (\d+) passed in [\d.]+s =+$", output, flags=re.MULTILINE)
    assert int(passed) > 50
    assert "All checks passed!" in output
    assert "0 errors, 0 warnings" in output


def test_the_tests_leave_the_project_clean_for_git(installed: InstalledPythonProject) -> None:
    """Git ignores what tools write, so a first commit has only files of the project."""
    assert installed.files_for_git() == installed.files - {"src/local.settings.json"}


ORCHESTRATOR = "src/orders/orchestrator.py"

FOUND_BY_TESTS = {
    "a clock in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        '"ship_order", RETRY, order)',
        '"ship_order", RETRY, order | {"at": __import__("time").time()})',
        "NonDeterministicOrchestratorError",
    ),
    "a random id in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        '"validate_order", order)',
        '"validate_order", order | {"id": str(__import__("uuid").uuid4())})',
        "NonDeterministicOrchestratorError",
    ),
    "a wrong activity name": SeededDefect(ORCHESTRATOR, '"ship_order"', '"shiporder"', "shiporder"),
    "fewer attempts": SeededDefect(
        ORCHESTRATOR, "max_number_of_attempts=3", "max_number_of_attempts=2", "attempts=2"
    ),
    "a forgotten yield": SeededDefect(
        ORCHESTRATOR,
        'yield context.call_activity_with_retry("ship_order"',
        'context.call_activity_with_retry("ship_order"',
        "test_a_shipping_that_fails_for_good",
    ),
    "a wrong starter": SeededDefect(
        "src/orders/http.py", '"process_order"', '"process"', "'process'"
    ),
    "another HTTP method": SeededDefect("src/orders/http.py", '["POST"]', '["GET"]', "POST"),
    "a blueprint that is not registered": SeededDefect(
        "src/function_app.py",
        "app.register_functions(activities.blueprint)\n",
        "",
        "validate_order",
    ),
    "an endpoint without a key": SeededDefect(
        "src/function_app.py", "AuthLevel.FUNCTION", "AuthLevel.ANONYMOUS", "AuthLevel"
    ),
    "a parameter that is not bound": SeededDefect(
        "src/orders/activities.py",
        'input_name="order"',
        'input_name="orders"',
        "test_every_parameter_is_bound",
    ),
    "a client that is not bound": SeededDefect(
        "src/orders/http.py",
        'client_name="client"',
        'client_name="starter"',
        "test_every_parameter_is_bound",
    ),
    "a context that is not bound": SeededDefect(
        ORCHESTRATOR,
        'context_name="context"',
        'context_name="ctx"',
        "test_every_parameter_is_bound",
    ),
    "a second app": SeededDefect(
        "src/function_app.py",
        "app = df.DFApp(",
        "other = df.DFApp()\napp = df.DFApp(",
        "test_the_app_is_the_only_one_in_its_module",
    ),
    "a wider rule": SeededDefect(
        "src/orders/models.py", "[A-Za-z0-9._-]{1,64}", "[A-Za-z0-9._/-]{1,64}", "slash"
    ),
    "another message": SeededDefect(
        "src/orders/models.py", "must be a number", "must be numeric", "must be numeric"
    ),
    "a rule that never applies": SeededDefect(
        "src/orders/activities.py",
        'if not order["items"]',
        'if order["items"] is None',
        "order has no items",
    ),
}


@each_defect(FOUND_BY_TESTS)
def test_the_projects_own_tests_find_a_seeded_defect(
    installed: InstalledPythonProject, defect: SeededDefect
) -> None:
    with installed.seeded(defect):
        assert defect.finding in installed.run_tests()
