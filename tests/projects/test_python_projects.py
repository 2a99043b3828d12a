"""A generated Python project does what its README says, and its tests find mistakes in it."""

import re

import pytest

from bakery import Bakery
from installed_project import Workshop, pattern_of
from template import TEMPLATE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=TEMPLATE.code_variants("python"), ids=pattern_of)
def workshop(
    request: pytest.FixtureRequest, bakery: Bakery, tmp_path_factory: pytest.TempPathFactory
) -> Workshop:
    return Workshop(bakery.bake(**request.param), tmp_path_factory.mktemp("workshop"))


def test_the_commands_of_the_readme_pass(workshop: Workshop) -> None:
    output = workshop.installed.stdout + workshop.installed.stderr
    assert workshop.installed.returncode == 0, output
    (passed,) = re.findall(r"^=+ (\d+) passed in [\d.]+s =+$", output, flags=re.MULTILINE)
    assert int(passed) > 50
    assert "All checks passed!" in output
    assert "0 errors, 0 warnings" in output


def test_the_tests_leave_the_project_as_git_wants_it(workshop: Workshop) -> None:
    """What tools write is ignored by git, so a first commit holds the project only."""
    assert workshop.files_for_git() == workshop.files - {"src/local.settings.json"}


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
            "src/orders/activities.py",
            'input_name="order"',
            'input_name="orders"',
            "test_every_parameter_is_bound",
            id="a parameter that is not bound",
        ),
        pytest.param(
            "src/orders/http.py",
            'client_name="client"',
            'client_name="starter"',
            "test_every_parameter_is_bound",
            id="a client that is not bound",
        ),
        pytest.param(
            ORCHESTRATOR,
            'context_name="context"',
            'context_name="ctx"',
            "test_every_parameter_is_bound",
            id="a context that is not bound",
        ),
        pytest.param(
            "src/function_app.py",
            "app = df.DFApp(",
            "other = df.DFApp()\napp = df.DFApp(",
            "test_the_app_is_the_only_one_in_its_module",
            id="a second app",
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
