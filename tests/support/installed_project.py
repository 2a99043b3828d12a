"""Installed projects: their README commands, their own tests, and seeded defects."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bakery import Project
from defects import SeededDefect
from machine import require
from shell import run_in_bash

INSTALLS = re.compile(r"-m venv|pip install|npm (ci|install)")


def pattern_of(variant: dict[str, str]) -> str:
    return variant["pattern"]


class ProjectCopy:
    """A copy of a generated project that a test may change.

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

    def run(
        self, commands: str, folder: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess:
        """Run commands in the folder of the project, or in another."""
        return run_in_bash(commands, folder or self.path, self.home, **self._variables | variables)

    def read(self, file: str) -> str:
        """Return the text of a file."""
        return (self.path / file).read_text(encoding="utf-8")

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

    @contextmanager
    def changes(self, texts: dict[str, str]) -> Iterator[None]:
        """Write files of the project and restore them afterwards."""
        before = {}
        for file, text in texts.items():
            path = self.path / file
            before[path] = path.read_bytes() if path.exists() else None
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        try:
            yield
        finally:
            for path, content in before.items():
                path.unlink() if content is None else path.write_bytes(content)

    def files_for_git(self) -> set[str]:
        """Return the files of a first commit of the project."""
        commands = "git init -q && git add -A && git ls-files"
        return set(self.run(commands).stdout.split())

    def package(self, shell: str, **variables: str) -> subprocess.CompletedProcess:
        """Run `scripts/package` in a shell: `bash` or `pwsh`."""
        require(shell)
        script = {"bash": "package.sh", "pwsh": "package.ps1"}[shell]
        return self.run(f"{shell} scripts/{script}", **variables)


class InstalledProject(ProjectCopy):
    """A copy of a generated project whose README commands have installed its tools.

    Args:
        shares: a project whose packages this one uses, and the folder that has them. The commands
            that install something are left out.
    """

    def __init__(
        self,
        project: Project,
        folder: Path,
        shares: tuple["InstalledProject", str] | None = None,
        **variables: str,
    ) -> None:
        super().__init__(project, folder, **variables)
        if shares:
            other, packages = shares
            (self.path / packages).symlink_to(other.path / packages)
            self.test = "".join(
                line for line in self.test.splitlines(True) if not INSTALLS.search(line)
            )
        self.readme_run = self.run(self.test + self.lint)


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
