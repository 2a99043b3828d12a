"""Installed projects: their README commands, their own tests, and seeded defects."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from bakery import Project
from defects import SeededDefect
from machine import require
from shell import run_in_bash
from template import files_below

# Every test of a package runs in both shells.
package_shells = pytest.mark.parametrize("shell", ["bash", "pwsh"])


def pattern_of(variant: dict[str, str]) -> str:
    return variant["pattern"]


class InstalledProject:
    """A copy of a generated project whose README commands have installed its tools.

    Args:
        project: the generated project.
        folder: an empty folder for the copy and for the home of its user.
        variables: further environment variables of all commands.
    """

    def __init__(self, project: Project, folder: Path, **variables: str) -> None:
        self._variables = variables
        self.home = folder / "home"
        self.home.mkdir()
        self.path = folder / "project"
        shutil.copytree(project.path, self.path)
        self.files = project.files
        self.test, self.lint = project.code_blocks("README.md", "Run the tests")
        self.readme_run = self.run(self.test + self.lint)

    def run(self, commands: str, folder: Path | None = None) -> subprocess.CompletedProcess:
        """Run commands in the folder of the project, or in another."""
        return run_in_bash(commands, folder or self.path, self.home, **self._variables)

    def findings(self, commands: str) -> str:
        """Run commands; return their output if they fail, otherwise nothing."""
        result = self.run(commands)
        return "" if result.returncode == 0 else result.stdout + result.stderr

    @contextmanager
    def seeded(self, defect: SeededDefect) -> Iterator[None]:
        """Seed a defect in the project and remove it afterwards."""
        (path,) = self.path.glob(defect.file)
        text = path.read_text(encoding="utf-8")
        path.write_text(defect.seed(text), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")

    def files_for_git(self) -> set[str]:
        """Return the files of a first commit of the project."""
        commands = "git init -q && git add -A && git ls-files"
        return set(self.run(commands).stdout.split())

    def package(self, shell: str) -> set[str]:
        """Run `scripts/package` and return the files of the package."""
        require(shell)
        script = {"bash": "package.sh", "pwsh": "package.ps1"}[shell]
        result = self.run(f"{shell} scripts/{script}")
        assert result.returncode == 0, result.stdout + result.stderr
        return {path.as_posix() for path in files_below(self.path / "package")}


@cache
def node_variables() -> dict[str, str]:
    """Return variables that put a supported `node` on PATH; npm downloads it if necessary.

    npm uses the cache of the user: with an empty home, it would download every package again.
    """
    require("node", "npm")
    find = "node -p 'process.execPath'"
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True)
    if int(version.stdout.lstrip("v").split(".")[0]) < 22:
        find = f'npx -y -p node@22 -c "{find}"'
    found = subprocess.run(["bash", "-c", find], check=True, capture_output=True, text=True)
    folder = str(Path(found.stdout.strip()).parent)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "npm_config_cache": str(Path.home() / ".npm")}
