"""Generated projects at work: their README commands, their own tests, and planted mistakes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from bakery import Project
from machine import require
from shell import run_in_bash
from template import files_below

# What makes the package of a project: the tests do it in each.
package_shells = pytest.mark.parametrize("shell", ["bash", "pwsh"])


def pattern_of(variant: dict[str, str]) -> str:
    return variant["pattern"]


class Workshop:
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
        self.installed = self.run(self.test + self.lint)

    def run(self, commands: str, folder: Path | None = None) -> subprocess.CompletedProcess:
        """Run commands in the folder of the project, or in another."""
        return run_in_bash(commands, folder or self.path, self.home, **self._variables)

    def findings(self, commands: str) -> str:
        """Run commands; return what they say when they fail."""
        result = self.run(commands)
        return "" if result.returncode == 0 else result.stdout + result.stderr

    @contextmanager
    def mistake(self, file: str, old: str, new: str) -> Iterator[None]:
        """Plant a mistake in a file of the project and take it back afterwards."""
        path = self.path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")

    def files_for_git(self) -> set[str]:
        """Return what a first commit of the project would hold."""
        commands = "git init -q && git add -A && git ls-files"
        return set(self.run(commands).stdout.split())

    def package(self, shell: str) -> set[str]:
        """Run `scripts/package` and return the files of the package."""
        require(shell)
        script = {"bash": "package.sh", "pwsh": "package.ps1"}[shell]
        result = self.run(f"{shell} scripts/{script}")
        assert result.returncode == 0, result.stdout + result.stderr
        return {path.as_posix() for path in files_below(self.path / "package")}

    def run_tests(self) -> str:
        """Run the last command of the test block without installing again; return what it says."""
        activate = next(line for line in self.test.splitlines() if line.startswith("source "))
        return self.findings(f"{activate}\n{self.test.splitlines()[-1]}")


@cache
def node_variables() -> dict[str, str]:
    """Return variables by which `node` is one that projects accept; npm fetches it if need be.

    The cache of npm stays that of the user: an empty home would fetch every package again.
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
