"""Checks of the code blocks of documents: each parses, and what its commands name exists."""

import ast
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import yaml
from cookiecutter.cli import main as cookiecutter

from template import TEMPLATE

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGETS = set(
    re.findall(r"^([a-z-]+):", (TEMPLATE.root / "Makefile").read_text(encoding="utf-8"), re.M)
)
PROJECT_FILES = {path.as_posix() for path in TEMPLATE.shared_files()} | {
    path.as_posix() for overlay in TEMPLATE.overlays.values() for path in overlay.files()
}
OPTIONS = {option for parameter in cookiecutter.params for option in parameter.opts}


@dataclass(frozen=True)
class Block:
    """A code block, in a document, with the language of its fence."""

    document: str
    language: str
    text: str


def blocks(document: str, text: str) -> Iterator[Block]:
    """Yield the code blocks of a document."""
    for language, code in FENCE.findall(text):
        yield Block(document, language, code)


def problems(block: Block) -> Iterator[str]:
    """Yield what is wrong with a code block."""
    if block.language not in CHECKS:
        yield f"{block.document}: no check for a block of {block.language or 'no language'}"
        return
    error = CHECKS[block.language](block.text)
    if error:
        yield f"{block.document}: {error}"
    if block.language in ("bash", "powershell", "text"):
        for problem in commands(block.text):
            yield f"{block.document}: {problem}"


def commands(text: str) -> Iterator[str]:
    """Yield each target, script and question that commands name and that does not exist."""
    for target in re.findall(r"(?:^|[;&|] *)(?:\w+=\S+ )*make ([a-z][\w-]*)", text, re.MULTILINE):
        if target not in TARGETS:
            yield f"the Makefile has no target {target}"
    for script in re.findall(r"(?<![\w/])(?:\./)?(scripts/[\w-]+\.(?:sh|ps1|py))", text):
        if script not in PROJECT_FILES:
            yield f"no project has {script}"
    for line in text.splitlines():
        if re.search(r"\b(?:cookiecutter|make new)\b", line):
            yield from _answers(line)


def _answers(line: str) -> Iterator[str]:
    for key in re.findall(r"(?<![\w-])([a-z_]+)=", line):
        if key not in TEMPLATE.questions:
            yield f"the template has no question {key}"
    if re.search(r"\bcookiecutter (?!.*\bcruft\b)", line):
        for option in re.findall(r" (--[a-z-]+)", line):
            if option not in OPTIONS:
                yield f"cookiecutter has no option {option}"


def _bash(text: str) -> str:
    return subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True).stderr


def _python(text: str) -> str:
    return _error(ast.parse, text)


def _error(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except (SyntaxError, ValueError, yaml.YAMLError) as error:
        return str(error)
    return ""


CHECKS: dict[str, Callable[[str], str]] = {
    "bash": _bash,
    "json": lambda text: _error(json.loads, text),
    "python": _python,
    "yaml": lambda text: _error(yaml.safe_load, text),
    # tests/cloud runs the blocks of PowerShell, tests/projects makes the changes of docs/change.md.
    "powershell": lambda _: "",
    "csharp": lambda _: "",
    "diff": lambda _: "",
    "javascript": lambda _: "",
    "typescript": lambda _: "",
    "mermaid": lambda _: "",
    "text": lambda _: "",
}
