"""Generated projects at work: their README commands, their own tests, and planted mistakes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bakery import Project
from machine import require
from shell import run_in_bash


def pattern_of(variant: dict[str, str]) -> str:
    return variant["pattern"]


class Copy:
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
        self.test, self.lint = project.readme_commands("Run the tests")

    def run(
        self, commands: str, folder: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess:
        """Run commands in the folder of the project, or in another."""
        return run_in_bash(commands, folder or self.path, self.home, **self._variables | variables)

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

    @contextmanager
    def changes(self, texts: dict[str, str]) -> Iterator[None]:
        """Write files of the project and take them back afterwards."""
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

    def read(self, file: str) -> str:
        """Return the text of a file."""
        return (self.path / file).read_text(encoding="utf-8")

    def files_for_git(self) -> set[str]:
        """Return what a first commit of the project would hold."""
        commands = "git init -q && git add -A && git ls-files"
        return set(self.run(commands).stdout.split())

    def package(self, shell: str, **variables: str) -> subprocess.CompletedProcess:
        """Run `scripts/package` in a shell: `bash` or `pwsh`."""
        require(shell)
        script = {"bash": "package.sh", "pwsh": "package.ps1"}[shell]
        return self.run(f"{shell} scripts/{script}", **variables)


class Workshop(Copy):
    """A copy of a generated project whose README commands have installed its tools."""

    def __init__(self, project: Project, folder: Path, **variables: str) -> None:
        super().__init__(project, folder, **variables)
        self.installed = self.run(self.test + self.lint)

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
