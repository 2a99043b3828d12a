"""A generated project does what its README says, with the commands of its README."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pathspec
import pytest

from bakery import Bakery, Project
from shell import run_in_bash
from template import TEMPLATE

pytestmark = pytest.mark.slow


class Workshop:
    """A copy of a generated project whose README commands have installed its tools."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.path = folder / "project"
        shutil.copytree(project.path, self.path)
        self.test, self.lint = project.readme_commands("Test it")
        self.installed = self.run(self.test + self.lint)

    def run(self, commands: str) -> subprocess.CompletedProcess:
        return run_in_bash(commands, self.path, self.home)

    def run_tests(self) -> str:
        """Run the last command of the test block without installing again; return what it says."""
        activate = next(line for line in self.test.splitlines() if line.startswith("source "))
        result = self.run(f"{activate}\n{self.test.splitlines()[-1]}")
        return "" if result.returncode == 0 else result.stdout + result.stderr


@pytest.fixture(
    scope="module", params=TEMPLATE.code_variants("python"), ids=lambda variant: variant["pattern"]
)
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
    commands = "git init -q && git add -A && git ls-files"
    committed = set(workshop.run(commands).stdout.split())
    generated = {path for path in committed if (workshop.path / path).exists()}
    assert "src/local.settings.json" not in committed
    assert not [path for path in committed if ".venv" in path or "__pycache__" in path]
    assert generated == committed


@pytest.fixture
def mistake(workshop: Workshop) -> Iterator[Callable[[str, str, str], None]]:
    """Return a function that plants a mistake in the project; it is taken back afterwards."""
    originals: dict[Path, str] = {}

    def plant(file: str, old: str, new: str) -> None:
        path = workshop.path / file
        text = path.read_text(encoding="utf-8")
        originals.setdefault(path, text)
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    yield plant
    for path, text in originals.items():
        path.write_text(text, encoding="utf-8")


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
    workshop: Workshop, mistake: Callable, file: str, old: str, new: str, finding: str
) -> None:
    mistake(file, old, new)
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
