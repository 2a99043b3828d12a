"""Projects follow the template with cruft, and keep what users changed.

The template of the tests is a repository with up to three commits: the last release, if this clone
has it, the template of today, and a next release that changes one heading of the README.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest

from bakery import Bakery, Project, files_below
from checkout import Fakes, commit
from tally import tell
from template import TEMPLATE

pytestmark = pytest.mark.slow

CRUFT = Path(sys.executable).with_name("cruft")
PARTS = ["cookiecutter.json", "hooks", "templates", TEMPLATE.project.name]
LAST = tomllib.loads((TEMPLATE.root / "pyproject.toml").read_text("utf-8"))["tool"]["releases"]
HEADING, NEXT_HEADING = "## Deploy to Azure\n", "## Deploy the app to Azure\n"
TITLE, OWN_TITLE = "# Order Workflow\n", "# Our shop\n"
OWN_FILE = "src/our_service.txt"
SETTINGS, OWN_SETTINGS = "src/local.settings.json", '{"IsEncrypted": false, "Values": {}}\n'
OWN_CHANGES = {"README.md", OWN_FILE, SETTINGS}
# A project that is its repository, and one of several in a repository.
PLACES = {"own repository": ".", "monorepo": "services/shop"}
ROLES = [f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
IDENTITY = dict.fromkeys(ROLES, "test@example.com")
# Questions whose choices replace most of the code. `make test-updates-all` tries every change of
# them, `make test` one of each.
ASKED = ["language", "pattern"]
ALL = os.environ.get("UPDATE_TESTS") == "all"


def has_last_release() -> bool:
    """Return whether this clone has the commit of the last release: a shallow one may not."""
    command = ["git", "-C", TEMPLATE.root, "cat-file", "-e", f"{LAST['last']}^{{commit}}"]
    return subprocess.run(command, capture_output=True).returncode == 0


# From which states of the template the tests update.
STARTS = ["last", "today"] if has_last_release() else ["today"]


def run(*command: str | Path, cwd: Path) -> str:
    """Return the output of a command that must succeed."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | IDENTITY,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return (result.stdout + result.stderr).strip()


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) == 1, f"{file}: {old}"
    file.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


@dataclass
class Releases:
    """A template repository, and the commit of each of its states."""

    repository: Path
    commits: dict[str, str]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Releases:
    """Return the template as its last, its present and its next release."""
    repository = tmp_path_factory.mktemp("template")
    commits = {}
    run("git", "init", "--quiet", cwd=repository)
    if "last" in STARTS:
        archive = repository.with_suffix(".tar")
        archived = ["git", "archive", "--output", archive, LAST["last"], *PARTS]
        run(*archived, cwd=TEMPLATE.root)
        run("tar", "-xf", archive, "-C", repository, cwd=repository)
        commits["last"] = commit(repository)
        run("git", "rm", "-r", "--quiet", *PARTS, cwd=repository)
    else:
        tell(
            pytestconfig,
            f"updates: not tested from the last release. This clone does not have {LAST['last']}: "
            "run `git fetch --unshallow`",
        )
    for file in run("git", "ls-files", "-z", *PARTS, cwd=TEMPLATE.root).strip("\0").split("\0"):
        (repository / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TEMPLATE.root / file, repository / file)
    commits["today"] = commit(repository)
    replace(repository / TEMPLATE.project.name / "README.md", HEADING, NEXT_HEADING)
    commits["next"] = commit(repository)
    return Releases(repository, commits)


@pytest.fixture(scope="module")
def created(releases: Releases, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that creates a project from a state of the template, once for each."""

    @cache
    def create(start: str, **answers: str) -> Path:
        output = tmp_path_factory.mktemp(start)
        options = ["--no-input", "--skip", SETTINGS, "--output-dir", output]
        options += ["--checkout", releases.commits[start], "--extra-context", json.dumps(answers)]
        run(CRUFT, "create", *options, releases.repository, cwd=output)
        (project,) = output.iterdir()
        return project

    return create


@dataclass
class Generated:
    """A project that cruft created, in a repository that has other projects or none."""

    path: Path
    repository: Path
    releases: Releases

    def change(self) -> None:
        """Change a line, and add a file, as a user does."""
        replace(self.path / "README.md", TITLE, OWN_TITLE)
        (self.path / OWN_FILE).write_text("ours\n", encoding="utf-8")
        (self.path / SETTINGS).write_text(OWN_SETTINGS, encoding="utf-8")

    def update(self, to: str, **answers: str) -> str:
        """Update to a state of the template; return what cruft prints."""
        options = ["--variables-to-update", json.dumps(answers)] if answers else []
        target = self.releases.commits[to]
        output = run(
            CRUFT, "update", "--skip-apply-ask", "--checkout", target, *options, cwd=self.path
        )
        assert json.loads(self.read(".cruft.json"))["commit"] == target
        return output

    def read(self, file: str) -> str:
        return (self.path / file).read_text("utf-8")

    def check_own_files(self) -> None:
        """Nothing that a user added is changed, also not what git ignores."""
        assert self.read(OWN_FILE) == "ours\n"
        assert self.read(SETTINGS) == OWN_SETTINGS

    def conflicts(self) -> list[str]:
        """Return the files that git reports as not merged."""
        return run("git", "diff", "--name-only", "--diff-filter=U", cwd=self.repository).split()

    def differences(self, expected: Project) -> set[str]:
        """Return the files that are not those of a project that was generated anew."""
        generated = {file for file in files_below(self.path) if file.parts[0] != ".git"}
        files = (generated | set(files_below(expected.path))) - {Path(".cruft.json")}
        return {
            file.as_posix()
            for file in files
            if content(self.path / file) != content(expected.path / file)
        }


def content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


@pytest.fixture
def generate(
    releases: Releases, created: Callable[..., Path], tmp_path: Path
) -> Callable[..., Generated]:
    """Return a function that puts a new project into a repository, not committed yet."""

    def put(start: str, place: str, **answers: str) -> Generated:
        repository = tmp_path / "repository"
        path = repository / PLACES[place]
        shutil.copytree(created(start, **answers), path)
        run("git", "init", "--quiet", cwd=repository)
        return Generated(path, repository, releases)

    return put


@pytest.fixture
def project(generate: Callable[..., Generated], request: pytest.FixtureRequest) -> Generated:
    """Return a committed project with later changes, both as the documents advise."""
    generated = generate(*request.param)
    commit(generated.repository)
    generated.change()
    commit(generated.repository)
    return generated


@pytest.mark.parametrize(
    "project",
    [(start, place) for start in STARTS[: None if ALL else 1] for place in PLACES],
    ids=" in ".join,
    indirect=True,
)
def test_a_project_becomes_the_one_of_the_next_release(project: Generated, bakery: Bakery) -> None:
    project.update("next")

    assert project.conflicts() == []
    assert project.differences(bakery.bake()) == OWN_CHANGES
    assert project.read("README.md") == (
        bakery.bake().read("README.md").replace(HEADING, NEXT_HEADING).replace(TITLE, OWN_TITLE)
    )
    project.check_own_files()


def switches() -> list[tuple[str, str, str]]:
    """Return questions, and from which choice to which one a project changes."""
    pairs = {question: list(permutations(TEMPLATE.choices[question], 2)) for question in ASKED}
    if not ALL:
        pairs = {question: [(all_[0][0], all_[-1][0])] for question, all_ in pairs.items()}
    return [(question, *pair) for question, found in pairs.items() for pair in found]


@pytest.mark.parametrize(("question", "old", "new"), switches())
def test_a_project_changes_a_choice(
    generate: Callable[..., Generated], bakery: Bakery, question: str, old: str, new: str
) -> None:
    # The last release may not have offered another choice than the default.
    start = STARTS[0] if old == TEMPLATE.choices[question][0] else "today"
    project = generate(start, "monorepo", **{question: old})
    commit(project.repository)
    project.change()
    commit(project.repository)

    project.update("next", **{question: new})

    assert project.conflicts() == []
    assert project.differences(bakery.bake(**{question: new})) == OWN_CHANGES
    assert project.read("README.md").startswith(OWN_TITLE)
    project.check_own_files()


DOCUMENT = Project(TEMPLATE.root)


def block(heading: str) -> str:
    """Return the commands of a section of the document."""
    (commands,) = DOCUMENT.code_blocks("docs/updating.md", heading)
    return commands


def test_the_commands_of_the_document(releases: Releases, tmp_path: Path) -> None:
    """Create from the template of today, update to the next one, change the language."""
    template = tmp_path / "template"
    run("git", "clone", "--quiet", releases.repository, template, cwd=tmp_path)
    run("git", "reset", "--quiet", "--hard", releases.commits["today"], cwd=template)
    project = tmp_path / "order-workflow"
    fakes = Fakes(tmp_path)
    fakes.add("uvx", f'program=$1; shift; exec "{CRUFT.parent}/$program" "$@"')

    def follow(heading: str, folder: Path) -> str:
        commands = block(heading).replace("gh:ORG/cookiecutter-durable-functions", str(template))
        environment = os.environ | IDENTITY | fakes.variables()
        result = subprocess.run(
            ["bash", "-e", "-c", commands],
            cwd=folder,
            env=environment,
            input="\n" * 20,  # the defaults
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    follow("Create a project that can be updated", tmp_path)
    run("git", "pull", "--quiet", cwd=template)
    assert "README.md" in follow("Update it", project)
    assert NEXT_HEADING in (project / "README.md").read_text("utf-8")
    assert follow("Resolve a conflict", project) == ""
    commit(project)
    follow("Change a choice", project)
    assert (project / "src/Orders.csproj").is_file()
    assert not (project / "src/function_app.py").exists()


@pytest.mark.parametrize(
    "project", [("today", place) for place in (PLACES if ALL else ["monorepo"])], indirect=True
)
def test_a_line_that_both_changed_is_marked_as_a_conflict(project: Generated) -> None:
    replace(project.path / "README.md", HEADING, "## Ship it\n")
    commit(project.repository)

    output = project.update("next")

    place = project.path.relative_to(project.repository)
    assert project.conflicts() == [(place / "README.md").as_posix()]
    (both,) = DOCUMENT.code_blocks("docs/updating.md", "Resolve a conflict", "text")
    assert both in project.read("README.md")
    assert "README.md' with conflicts" in output


@pytest.mark.parametrize("place", PLACES if ALL else ["own repository"])
def test_without_a_commit_of_the_new_project_a_conflict_is_a_rej_file(
    generate: Callable[..., Generated], place: str
) -> None:
    project = generate("today", place)
    replace(project.path / "README.md", HEADING, "## Ship it\n")
    commit(project.repository)

    output = project.update("next")

    assert "*.rej" in output
    rejected = project.read("README.md.rej")
    assert f"-{HEADING}+{NEXT_HEADING}" in rejected
    assert "## Ship it\n" in project.read("README.md")
