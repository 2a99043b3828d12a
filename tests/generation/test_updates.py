"""Projects of the last release follow the template with cruft, and keep what users changed."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from template import TEMPLATE

pytestmark = pytest.mark.slow

CRUFT = [Path(sys.executable).parent / "uv", "tool", "run", "--quiet", "cruft@2.16.0"]
TITLE = "# Our own title"
OWN = "src/our_service.txt"


def run(*command: str | Path, cwd: Path) -> str:
    """Return the output of a command that must succeed."""
    identity = {
        f"GIT_{who}_{what}": "test@example.com"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | identity,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.strip()


def commit(folder: Path) -> None:
    run("git", "add", "--all", cwd=folder)
    run("git", "commit", "--quiet", "--message", "Change", cwd=folder)


@pytest.fixture(scope="module")
def last_release() -> str:
    """Return the commit of the last release, which a shallow clone does not have."""
    project = tomllib.loads((TEMPLATE.root / "pyproject.toml").read_text("utf-8"))
    last = project["tool"]["releases"]["last"]
    known = subprocess.run(["git", "cat-file", "-e", f"{last}^{{commit}}"], cwd=TEMPLATE.root)
    if known.returncode:
        pytest.fail(f"This clone does not have the last release, {last}: git fetch --unshallow")
    return last


@pytest.fixture(params=[".", "services/shop"], ids=["own repository", "monorepo"])
def project(request: pytest.FixtureRequest, tmp_path: Path, last_release: str) -> Path:
    """Return a committed project of the last release, with changes of its own."""
    repository = tmp_path / "repository"
    output = (repository / request.param).resolve().parent
    output.mkdir(parents=True, exist_ok=True)
    slug = "repository" if request.param == "." else "shop"
    answers = json.dumps({"project_slug": slug})
    run(
        *CRUFT,
        "create",
        "--no-input",
        "--checkout",
        last_release,
        "--skip",
        "src/local.settings.json",
        "--extra-context",
        answers,
        TEMPLATE.root,
        cwd=output,
    )
    run("git", "init", "--quiet", cwd=repository)
    folder = repository / request.param
    readme = folder / "README.md"
    _, _, rest = readme.read_text("utf-8").partition("\n")
    readme.write_text(f"{TITLE}\n{rest}", encoding="utf-8")
    (folder / OWN).write_text("ours\n", encoding="utf-8")
    commit(repository)
    return folder


def update(project: Path, **changes: str) -> None:
    """Update to the template of today."""
    head = run("git", "rev-parse", "HEAD", cwd=TEMPLATE.root)
    options = ["--variables-to-update", json.dumps(changes)] if changes else []
    run(*CRUFT, "update", "--skip-apply-ask", "--checkout", head, *options, cwd=project)


def check_kept(project: Path) -> None:
    """Nothing of the user is lost, and nothing is left to resolve."""
    assert (project / "README.md").read_text("utf-8").startswith(f"{TITLE}\n")
    assert (project / OWN).read_text("utf-8") == "ours\n"
    assert list(project.rglob("*.rej")) == []
    head = run("git", "rev-parse", "HEAD", cwd=TEMPLATE.root)
    assert json.loads((project / ".cruft.json").read_text("utf-8"))["commit"] == head


def test_a_project_follows_the_template(project: Path) -> None:
    assert not (project / "scripts/doctor.sh").exists()

    update(project)

    check_kept(project)
    assert (project / "scripts/doctor.sh").is_file()


def test_a_project_changes_its_pattern(project: Path) -> None:
    update(project, pattern="saga")

    check_kept(project)
    functions = json.loads((project / "requests/contract.json").read_text("utf-8"))["functions"]
    expected = TEMPLATE.contract("saga")["functions"]
    assert functions == expected


def test_a_project_changes_its_language(project: Path) -> None:
    assert (project / "src/function_app.py").is_file()

    update(project, language="typescript")

    check_kept(project)
    assert (project / "src/package.json").is_file()
    assert list(project.rglob("*.py")) == []
