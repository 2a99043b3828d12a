"""Generated projects at work: their tools installed and run with the commands of their README."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bakery import Project
from conftest import require
from shell import node_folder, run_in_bash


@dataclass(frozen=True)
class Language:
    """What the tests know of the tools of a language.

    Args:
        installs: how the lines of the README start that install something.
        packages: the folder of installed packages that projects of this language can share.
        passed: what the test tool says; the group is the number of tests.
        not_clean: what the tools say of tests that did not pass, and of warnings.
        lint_is_clean: what the linters say when they find nothing.
    """

    installs: tuple[str, ...]
    packages: str | None
    passed: str
    not_clean: str
    lint_is_clean: tuple[str, ...]


NODE = Language(
    installs=("npm ci",),
    packages="src/node_modules",
    passed=r"(?m)^\S+ pass (\d+)$",
    not_clean=r"(?mi)^\S+ (fail|cancelled|skipped|todo) [1-9]|npm warn|Warning:",
    lint_is_clean=("All matched files use Prettier code style!",),
)
LANGUAGES = {
    "python": Language(
        installs=("python3 -m venv", "pip ", "uv "),
        packages=None,
        passed=r"(?m)^=+ (\d+) passed in [\d.]+s =+$",
        not_clean=r"[1-9] (failed|skipped|warning|xfailed)",
        lint_is_clean=("All checks passed!", "0 errors, 0 warnings"),
    ),
    "typescript": NODE,
    "javascript": NODE,
}


class Workshop:
    """A copy of a generated project whose README commands have installed its tools.

    Args:
        project: the project.
        language: the language that it is written in.
        folder: where the copy is made.
        packages: packages that another workshop of the language has installed; they are used
            instead of installing again.
    """

    def __init__(
        self, project: Project, language: str, folder: Path, packages: Path | None = None
    ) -> None:
        self.language = language
        self.facts = LANGUAGES[language]
        self.home = folder / "home"
        self.home.mkdir()
        self.path = folder / "project"
        shutil.copytree(project.path, self.path)
        self.files = project.files
        test, self.lint = project.readme_commands("Test it")
        self.test = "".join(
            line for line in test.splitlines(True) if not line.startswith(self.facts.installs)
        )
        if packages is not None:
            copy = self.path / str(self.facts.packages)
            shutil.copytree(packages, copy, symlinks=True, copy_function=os.link)
        self.installed = self.run((test if packages is None else self.test) + self.lint)

    @property
    def packages(self) -> Path | None:
        """The packages that the README commands have installed, if others can use them."""
        return self.path / self.facts.packages if self.facts.packages else None

    def run(self, commands: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run commands as a user would: one shell, an empty home, no virtual environment.

        Args:
            commands: what is typed.
            folder: where, if not in the folder of the project.
        """
        tools, extra = None, {}
        if self.facts is NODE:
            require("node", "npm")
            tools = node_folder()
            extra = {"npm_config_cache": str(Path.home() / ".npm")}  # what a user has, too
        return run_in_bash(commands, folder or self.path, self.home, tools, **extra)

    def findings(self, commands: str) -> str:
        """Run commands without installing again; return what they say when they fail."""
        result = self.run(commands)
        return "" if result.returncode == 0 else result.stdout + result.stderr

    def run_tests(self) -> str:
        """Run the project's tests; return what they say when they fail."""
        return self.findings(self.test)

    def run_linters(self) -> str:
        """Run the project's linters; return what they say when they fail."""
        folder = "".join(line for line in self.test.splitlines(True) if not is_tool(line))
        return self.findings(folder + self.lint)


def is_tool(line: str) -> bool:
    """Tell whether a README command is more than preparation of the shell."""
    return not line.startswith(("source ", "cd "))
