"""`make release` in a scratch repository: the commit, the tag, and each refusal."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from checkout import commit, git
from template import TEMPLATE

TOOL = "tools/release.py"
CHANGELOG = "# Changelog\n\n## Unreleased\n\n### Added\n\n- This.\n"
WORKFLOW = yaml.safe_load((TEMPLATE.root / ".github/workflows/release.yml").read_text("utf-8"))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a repository with the files that a release changes, before the release 0.1.0.

    The version and the changelog are not those of today: they change with each release.
    """
    (tmp_path / "tools").mkdir()
    for file in ("pyproject.toml", "Makefile", TOOL):
        shutil.copy(TEMPLATE.root / file, tmp_path / file)
    edit(tmp_path, "pyproject.toml", r'\nversion = "[^"]*"', '\nversion = "0.1.0"')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "config", "user.name", "Test")
    git(tmp_path, "config", "user.email", "test@example.com")
    commit(tmp_path)
    return tmp_path


def edit(root: Path, file: str, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, (root / file).read_text("utf-8"), flags=re.DOTALL)
    assert count
    (root / file).write_text(text, encoding="utf-8")


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / TOOL), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_release_is_a_commit_with_a_tag(clone: Path) -> None:
    before = git(clone, "rev-parse", "HEAD")

    result = run(clone, "0.1.0")

    assert (result.returncode, result.stderr) == (0, "")
    assert "git push origin main v0.1.0" in result.stdout
    assert git(clone, "rev-parse", "v0.1.0^{commit}") == git(clone, "rev-parse", "HEAD")
    assert git(clone, "status", "--porcelain") == ""
    assert f'last = "{before}"' in (clone / "pyproject.toml").read_text("utf-8")
    changelog = (clone / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"## Unreleased\n\n## 0\.1\.0 - \d{4}-\d\d-\d\d\n\n### Added\n", changelog)


def test_the_notes_of_a_tag_are_its_part_of_the_changelog(clone: Path) -> None:
    expected = (clone / "CHANGELOG.md").read_text("utf-8").partition("## Unreleased")[2].strip()
    run(clone, "0.1.0")

    assert run(clone, "verify", "v0.1.0").stdout.strip() == expected


@pytest.mark.parametrize("version", ["", "1", "v0.1.0", "0.1", "01.0.0", "0.1.0-rc.1", "0.1.0\n"])
def test_no_version_is_refused(clone: Path, version: str) -> None:
    check_refused(clone, version, "is no version")


def test_a_changed_tree_is_refused(clone: Path) -> None:
    (clone / "new.txt").touch()
    check_refused(clone, "0.1.0", "The working tree has changes")


def test_another_branch_is_refused(clone: Path) -> None:
    git(clone, "switch", "--quiet", "--create", "topic")
    check_refused(clone, "0.1.0", "on the branch main")


def test_an_existing_tag_is_refused(clone: Path) -> None:
    git(clone, "tag", "v0.1.0")
    check_refused(clone, "0.1.0", "The tag v0.1.0 exists")


def test_a_lower_version_is_refused(clone: Path) -> None:
    check_refused(clone, "0.0.9", "0.0.9 is lower than 0.1.0")


def test_an_empty_changelog_is_refused(clone: Path) -> None:
    edit(clone, "CHANGELOG.md", "(## Unreleased\n).*", r"\1")
    commit(clone)
    check_refused(clone, "0.1.0", 'nothing below "## Unreleased"')


def test_a_part_of_the_changelog_is_not_written_twice(clone: Path) -> None:
    edit(clone, "CHANGELOG.md", "\\Z", "\n## 0.1.0 - 2026-01-01\n\n- This.\n")
    commit(clone)
    check_refused(clone, "0.1.0", "has a part 0.1.0 already")


def check_refused(root: Path, version: str, message: str) -> None:
    before = (git(root, "rev-parse", "HEAD"), git(root, "tag"), git(root, "status", "--short"))
    result = run(root, version)

    assert (result.returncode, result.stdout) == (1, "")
    assert message in result.stderr
    after = (git(root, "rev-parse", "HEAD"), git(root, "tag"), git(root, "status", "--short"))
    assert after == before


def test_the_workflow_refuses_a_tag_that_does_not_agree(clone: Path) -> None:
    (step,) = [
        step for step in WORKFLOW["jobs"]["test"]["steps"] if "verify" in step.get("run", "")
    ]
    assert step["run"] == f'python {TOOL} verify "$TAG"'

    other_version = run(clone, "verify", "v0.2.0")
    no_part = run(clone, "verify", "v0.1.0")

    assert "The tag v0.2.0 is not v0.1.0" in other_version.stderr
    assert "CHANGELOG.md has no part 0.1.0" in no_part.stderr
    assert (other_version.returncode, no_part.returncode) == (1, 1)


def test_only_the_job_that_publishes_may_write() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    jobs = WORKFLOW["jobs"]
    assert [name for name, job in jobs.items() if "permissions" in job] == ["publish"]
    assert jobs["publish"]["needs"] == "test"
