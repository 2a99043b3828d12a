"""A generated project does what its README says, with the commands of its README."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pathspec
import pytest

from bakery import Bakery
from mistakes import FOUND_BY_LINTERS, FOUND_BY_TESTS, Mistake, in_language
from template import TEMPLATE
from workshop import LANGUAGES, Workshop

pytestmark = pytest.mark.slow

PROJECTS = [
    variant
    for variant in TEMPLATE.variants()
    if variant["language"] in LANGUAGES and variant["license"] == "MIT"
]


def project_id(variant: dict[str, str]) -> str:
    return f"{variant['language']}-{variant['pattern']}"


def default_project(language: str) -> dict[str, str]:
    """Return the first variant of a language: its answers to other questions are the defaults."""
    return next(variant for variant in PROJECTS if variant["language"] == language)


class Workshops:
    """The workshop of each project; those of one language share what they install."""

    def __init__(self, bakery: Bakery, new_folder: Callable[[], Path]) -> None:
        self._bakery = bakery
        self._new_folder = new_folder
        self._workshops: dict[str, Workshop] = {}
        self._packages: dict[str, Path | None] = {}

    def of(self, variant: dict[str, str]) -> Workshop:
        """Return the workshop of a project; its README commands have run."""
        name = project_id(variant)
        if name not in self._workshops:
            language = variant["language"]
            workshop = Workshop(
                self._bakery.bake(**variant),
                language,
                self._new_folder(),
                self._packages.get(language),
            )
            self._packages.setdefault(language, workshop.packages)
            self._workshops[name] = workshop
        return self._workshops[name]


@pytest.fixture(scope="module")
def workshops(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory) -> Workshops:
    return Workshops(bakery, lambda: tmp_path_factory.mktemp("workshop"))


@pytest.fixture(params=PROJECTS, ids=project_id)
def workshop(request: pytest.FixtureRequest, workshops: Workshops) -> Workshop:
    return workshops.of(request.param)


def test_the_commands_of_the_readme_pass(workshop: Workshop) -> None:
    output = workshop.installed.stdout + workshop.installed.stderr
    assert workshop.installed.returncode == 0, output
    (passed,) = re.findall(workshop.facts.passed, output)
    assert int(passed) > 50
    assert not re.search(workshop.facts.not_clean, output)
    for clean in workshop.facts.lint_is_clean:
        assert clean in output


def test_the_tests_leave_the_project_as_git_wants_it(workshop: Workshop) -> None:
    """What tools write is ignored by git, so a first commit holds the project only."""
    commands = "git init -q && git add -A && git ls-files"
    committed = set(workshop.run(commands).stdout.split())
    assert committed == workshop.files - {"src/local.settings.json"}


@pytest.fixture
def plant() -> Iterator[Callable[[Workshop, Mistake], None]]:
    """Return a function that plants a mistake in a project; it is taken back afterwards."""
    originals: dict[Path, str] = {}

    def plant(workshop: Workshop, mistake: Mistake) -> None:
        path = workshop.path / mistake.path(workshop.language)
        text = path.read_text(encoding="utf-8")
        originals.setdefault(path, text)
        assert mistake.old in text
        path.write_text(text.replace(mistake.old, mistake.new, 1), encoding="utf-8")

    yield plant
    for path, text in originals.items():
        path.write_text(text, encoding="utf-8")


def with_mistakes(mistakes: dict) -> list:
    """Return each project with each mistake that its language can have."""
    return [
        pytest.param(variant, mistake, id=f"{project_id(variant)}-{name}")
        for variant in PROJECTS
        for name, mistake in in_language(mistakes, variant["language"]).items()
    ]


@pytest.mark.parametrize(("variant", "mistake"), with_mistakes(FOUND_BY_TESTS))
def test_the_projects_own_tests_find_a_mistake(
    workshops: Workshops, plant: Callable, variant: dict[str, str], mistake: Mistake
) -> None:
    workshop = workshops.of(variant)
    plant(workshop, mistake)
    assert mistake.finding in workshop.run_tests()


@pytest.mark.parametrize(("variant", "mistake"), with_mistakes(FOUND_BY_LINTERS))
def test_the_projects_own_linters_find_a_mistake(
    workshops: Workshops, plant: Callable, variant: dict[str, str], mistake: Mistake
) -> None:
    workshop = workshops.of(variant)
    plant(workshop, mistake)
    assert mistake.finding in workshop.run_linters()


def files_to_deploy(src: Path) -> set[str]:
    """Return the files that `.funcignore` leaves in a package, read as git reads `.gitignore`."""
    ignored = pathspec.GitIgnoreSpec.from_lines((src / ".funcignore").read_text().splitlines())
    files = {path.relative_to(src).as_posix() for path in src.rglob("*") if path.is_file()}
    return {file for file in files if not ignored.match_file(file)}


def files_that_core_tools_deploy(src: Path) -> set[str]:
    """Return them as `func azure functionapp publish` does: a pattern is the start of a path."""
    lines = (src / ".funcignore").read_text().splitlines()
    patterns = [line.removeprefix("/") for line in lines if not line.startswith("#")]
    starts = "|".join(re.escape(pattern).replace(r"\*", "[^/]+") for pattern in patterns)
    files = {path.relative_to(src).as_posix() for path in src.rglob("*") if path.is_file()}
    return {file for file in files if not re.match(rf"(?:{starts})\b", file)}


def test_the_deployment_package_holds_the_app_only(bakery: Bakery) -> None:
    assert files_to_deploy(bakery.bake().path / "src") == {
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


# Loads a package as the Node.js worker does, and prints the functions that it registers.
LIST_FUNCTIONS = """
const Module = require('node:module');
const path = require('node:path');
const names = [];
const core = { setProgrammingModel() {}, registerFunction: ({ name }) => names.push(name) };
const load = Module.prototype.require;
Module.prototype.require = function (id) {
  return id === '@azure/functions-core' ? core : load.call(this, id);
};
const { main } = require(path.resolve('package.json'));
require('node:fs').globSync(main).forEach((file) => require(path.resolve(file)));
console.log(names.sort().join(' '));
"""


@pytest.mark.parametrize(
    ("language", "app"), [("typescript", "dist/orders"), ("javascript", "orders")]
)
def test_the_deployment_package_of_node_holds_the_app_and_its_packages(
    workshops: Workshops, tmp_path: Path, language: str, app: str
) -> None:
    workshop = workshops.of(default_project(language))
    src = tmp_path / "src"
    shutil.copytree(workshop.path / "src", src, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(workshop.packages, src / "node_modules", symlinks=True)
    built = workshop.run("npm run build --if-present && npm prune --omit=dev", src)
    assert built.returncode == 0, built.stdout + built.stderr

    files = files_to_deploy(src)
    packages = {file for file in files if file.startswith("node_modules/")}
    assert files == files_that_core_tools_deploy(src)
    assert files - packages == {
        ".funcignore",
        f"{app}/activities.js",
        f"{app}/http.js",
        f"{app}/models.js",
        f"{app}/orchestrator.js",
        "host.json",
        "package-lock.json",
        "package.json",
    }
    for tool in ("typescript", "eslint", "prettier", "@types"):
        assert not any(file.startswith(f"node_modules/{tool}/") for file in packages), tool

    (tmp_path / "list.cjs").write_text(LIST_FUNCTIONS, encoding="utf-8")
    for file in files:
        (tmp_path / "package" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(src / file, tmp_path / "package" / file)
    listed = workshop.run("node ../list.cjs", tmp_path / "package")
    functions = ["processOrder", "processPayment", "shipOrder", "startOrder", "validateOrder"]
    assert listed.stdout.split() == functions, listed.stderr


@pytest.mark.parametrize("language", ["typescript", "javascript"])
def test_a_node_that_is_too_old_is_refused_with_the_version_needed(
    workshops: Workshops, plant: Callable, language: str
) -> None:
    workshop = workshops.of(default_project(language))
    plant(workshop, Mistake("src/package.json", '">=22"', '">=99"', ""))
    refusal = workshop.findings("cd src && npm ci --dry-run")
    assert "EBADENGINE" in refusal
    assert '{"node":">=99"}' in refusal
