"""Bakes the template: each variant once per test session, and single files without a bake."""

import contextlib
import hashlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest import mock

import jinja2
from cookiecutter.exceptions import FailedHookException
from cookiecutter.generate import generate_context
from cookiecutter.prompt import prompt_for_config
from cookiecutter.utils import create_env_with_context
from pytest_cookies.plugin import Cookies

from template import TEMPLATE, files_below


class Project:
    """A generated project."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def files(self) -> set[str]:
        """The path of each file, as it was generated."""
        return {path.as_posix() for path in files_below(self.path)}

    def read(self, path: str) -> str:
        """Return the text of a file."""
        return (self.path / path).read_text(encoding="utf-8")

    def json(self, path: str) -> Any:
        """Return the data of a JSON file."""
        return json.loads(self.read(path))

    def digests(self) -> dict[str, str]:
        """Return a hash of the content of each file."""
        return {
            file: hashlib.sha256((self.path / file).read_bytes()).hexdigest() for file in self.files
        }

    def code_blocks(self, document: str, heading: str, language: str = "bash") -> list[str]:
        """Return the code blocks in a language of a section of a document, in order."""
        blocks = self._section(document, heading).split(f"```{language}\n")[1:]
        return [block.partition("```")[0] for block in blocks]

    def table_commands(self, document: str, heading: str, column: str) -> list[str]:
        """Return the commands in a column of the tables of a section, from top to bottom."""
        commands: list[str] = []
        position = None
        for line in self._section(document, heading).splitlines():
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            if not line.startswith("|"):
                position = None
            elif column in cells:
                position = cells.index(column)
            elif position is not None and cells[position].startswith("`"):
                commands.append(cells[position].strip("`"))
        return commands

    def _section(self, document: str, heading: str) -> str:
        section: list[str] = []
        inside = fenced = False
        for line in self.read(document).splitlines(keepends=True):
            fenced ^= line.startswith("```")
            if line.startswith("## ") and not fenced:
                inside = line == f"## {heading}\n"
            elif inside:
                section.append(line)
        assert section, f"{document} has no section {heading}"
        return "".join(section)


# Variants and their projects.
Baked = list[tuple[dict[str, str], Project]]
# One path for each distinct content, by the file's path in the project and a hash of the content.
Contents = dict[tuple[str, str], Path]


def distinct_files(projects: Iterable[Project]) -> Contents:
    """Return each distinct content that a file has in these projects."""
    found: Contents = {}
    for project in projects:
        for file, digest in project.digests().items():
            found.setdefault((file, digest), project.path / file)
    return found


class Bakery:
    """Bakes projects with pytest-cookies and keeps them for the session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._projects: dict[str, Project] = {}
        self._config = folder / "config.yaml"
        self._config.write_text(
            f"cookiecutters_dir: {json.dumps(str(folder / 'cookiecutters'))}\n"
            f"replay_dir: {json.dumps(str(folder / 'replay'))}\n",
            encoding="utf-8",
        )

    def bake(self, **answers: str) -> Project:
        """Return the project of these answers; other questions have their defaults.

        Hooks run in this process and Jinja compiles each text once, which is three times as fast
        as `bake_into` and the tests of the command line, which do it as cookiecutter does.
        """
        key = json.dumps(answers, sort_keys=True)
        if key not in self._projects:
            folder = Path(tempfile.mkdtemp(prefix="bake-", dir=self._folder))
            self._projects[key] = self.bake_here(folder, answers)
        return self._projects[key]

    def bake_here(self, folder: Path, answers: dict[str, str]) -> Project:
        """Bake into a folder, in this process.

        Raises:
            FailedHookException: a hook refused the answers.
        """
        with mock.patch("cookiecutter.hooks.run_script", run_hook_here), compiled_once():
            return self.bake_into(folder, answers)

    def bake_into(self, folder: Path, answers: dict[str, str]) -> Project:
        """Bake into a folder.

        Raises:
            FailedHookException: a hook refused the answers.
        """
        cookies = Cookies(str(TEMPLATE.root), lambda _: folder, self._config)
        result = cookies.bake(extra_context=answers)
        if result.exception is not None:
            raise result.exception
        assert result.exit_code == 0
        return Project(Path(result.project_path))


def run_hook_here(script: str, cwd: str) -> None:
    """Run a rendered hook in this process instead of one of its own."""
    with contextlib.chdir(cwd):
        try:
            runpy.run_path(script, run_name="__main__")
        except SystemExit as end:
            if end.code:
                raise FailedHookException(f"Hook script failed: {end.code}") from end


_compile = jinja2.Environment.compile
_compiled: dict[tuple, Any] = {}


def _compile_once(environment: jinja2.Environment, source: str, *arguments: Any) -> Any:
    key = (source, *arguments, environment.comment_start_string, environment.trim_blocks)
    if key not in _compiled:
        _compiled[key] = _compile(environment, source, *arguments)
    return _compiled[key]


def compiled_once() -> AbstractContextManager:
    """Let Jinja compile each text once per process, whatever environment asks for it."""
    return mock.patch.object(jinja2.Environment, "compile", _compile_once)


def run_cookiecutter(
    *arguments: str, cwd: Path, template: Path = TEMPLATE.root, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run the real command line, in a home folder of its own.

    Args:
        arguments: options and `key=value` answers.
        cwd: where the project is written.
        template: the template folder.
        options: further options of `subprocess.run`.
    """
    command = [sys.executable, "-m", "cookiecutter", str(template), *arguments]
    home = {"HOME": str(cwd / ".home"), "USERPROFILE": str(cwd / ".home")}
    options = {"capture_output": True, "text": True, "encoding": "utf-8", "timeout": 60} | options
    return subprocess.run(command, cwd=cwd, env=os.environ | home, **options)


class Renderer:
    """Renders single files of the template as a bake with typed answers would."""

    def __init__(self) -> None:
        self._raw = generate_context(str(TEMPLATE.root / "cookiecutter.json"))
        self.defaults = self.context({})
        self._environment = create_env_with_context({"cookiecutter": self.defaults})
        folders = [TEMPLATE.project, TEMPLATE.root / "templates"]
        self._environment.loader = jinja2.FileSystemLoader(folders)

    def context(self, answers: dict[str, str]) -> dict[str, Any]:
        """Return the context with each answer exactly as it was typed."""
        literal = {key: typed(value) for key, value in answers.items()}
        raw = {"cookiecutter": self._raw["cookiecutter"] | literal}
        with compiled_once():
            return dict(prompt_for_config(raw, no_input=True))

    def render(self, path: str, answers: dict[str, str]) -> str:
        """Return the text of a file of the project folder for these typed answers."""
        template = self._environment.get_template(path)
        return template.render(cookiecutter=self.defaults | answers)


def typed(text: str) -> str:
    """Return the answer that renders to a text: cookiecutter renders answers that are arguments."""
    if text.isprintable() and "{" not in text and "<##" not in text:
        return text
    return "{{ " + json.dumps(text, ensure_ascii=False) + " }}"
