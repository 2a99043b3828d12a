"""Checks of the code in documents: each block parses, and what commands and paths name exists."""

import ast
import json
import re
import subprocess
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cache

import yaml
from cookiecutter.cli import main as cookiecutter

from links import MARKDOWN, folders
from template import TEMPLATE

TARGETS = set(
    re.findall(r"^([a-z-]+):", (TEMPLATE.root / "Makefile").read_text(encoding="utf-8"), re.M)
)
NPM_SCRIPTS = {
    script
    for path in TEMPLATE.project.glob("_overlays/*/src/package.json")
    for script in json.loads(path.read_text(encoding="utf-8"))["scripts"]
}
PROJECT_FILES = {path.as_posix() for path in TEMPLATE.shared_files()} | {
    path.as_posix() for overlay in TEMPLATE.overlays.values() for path in overlay.files()
}
PROJECT_FOLDERS = {file.partition("/")[0] for file in PROJECT_FILES if "/" in file}
# Written by provisioning or by a build.
NOT_GENERATED = {"src/local.settings.json", "src/local.settings.azure.json", "src/dist"}
AZD = (
    "auth login",
    "deploy",
    "down",
    "env get-value",
    "env set",
    "pipeline config",
    "provision",
    "up",
)
OPTIONS = {option for parameter in cookiecutter.params for option in parameter.opts}


@dataclass(frozen=True)
class Block:
    """Code in a document, under a heading.

    Args:
        language: that of the fence, or `inline` for code in a sentence or a table.
    """

    document: str
    heading: str
    language: str
    text: str


@cache
def blocks(document: str, text: str) -> tuple[Block, ...]:
    """Return the code blocks of a document, and the code in its sentences."""
    heading = ""
    found = []
    previous = None
    for token in MARKDOWN.parse(text):
        if previous and previous.type == "heading_open":
            heading = token.content
        if token.type == "fence":
            found.append(Block(document, heading, token.info, token.content))
        for child in token.children or []:
            if child.type == "code_inline":
                found.append(Block(document, heading, "inline", child.content))
        previous = token
    return tuple(found)


def problems(document: str, text: str, files: Set[str]) -> Iterator[str]:
    """Yield what is wrong with the code in a document of a folder that has these files."""
    for block in blocks(document, text):
        for problem in wrong_by_itself(block):
            yield f"{document}: {problem}"
        for name in named_files(block):
            if not _exists(name, files):
                yield f"{document}: there is no {name}"


def _exists(name: str, files: Set[str]) -> bool:
    pair = {f"{name}.sh", f"{name}.ps1"}  # `scripts/deploy` stands for both
    return name in files or name in NOT_GENERATED or pair <= files or name in folders(files)


@cache
def wrong_by_itself(block: Block) -> tuple[str, ...]:
    """Return what is wrong with a block in any project."""
    if block.language not in CHECKS:
        return (f"no check for a block of {block.language or 'no language'}",)
    error = CHECKS[block.language](block.text)
    names = commands(block.text) if block.language in WITH_COMMANDS else ()
    return ((error,) if error else ()) + tuple(names)


@cache
def named_files(block: Block) -> frozenset[str]:
    """Return the scripts that commands call, and the files and folders of a project in a text."""
    if block.language not in WITH_COMMANDS:
        return frozenset()
    scripts = re.findall(r"(?<![\w/])(?:\./)?(scripts/[\w-]+\.(?:sh|ps1|py))", block.text)
    words = block.text.split() if block.language == "inline" else []
    paths = {word.rstrip("/") for word in words if re.fullmatch(r"(?:[\w.-]+/)+[\w.-]*", word)}
    return frozenset(scripts) | {
        path for path in paths if path.partition("/")[0] in PROJECT_FOLDERS and path != "tests"
    }


def commands(text: str) -> Iterator[str]:
    """Yield each target, script of npm, question and option that does not exist."""
    for target in re.findall(r"(?:^|[;&|] *)(?:\w+=\S+ )*make ([a-z][\w-]*)", text, re.MULTILINE):
        if target not in TARGETS:
            yield f"the Makefile has no target {target}"
    for script in re.findall(r"npm run ([\w:-]+)", text):
        if script not in NPM_SCRIPTS:
            yield f"no package.json has the script {script}"
    for command in re.findall(r"\bazd ((?:auth |env |pipeline )?[a-z-]+)", text):
        if command not in AZD:
            yield f"azd has no command {command}"
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


def _error(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except (SyntaxError, ValueError, yaml.YAMLError) as error:
        return str(error)
    return ""


NODE = r"(\w+)(\(\[[^][()]+\]\)|\[\([^][()]+\)\]|\[[^][()]+\]|\{[^{}]+\})?"
NODES = rf"{NODE}(?: & {NODE})*"
ARROW = r" (?:-->(?:\|[^|]+\|)?|-\.->|-\. [\w ]+ \.->) "


def _flowchart(text: str) -> str:
    """Check the part of Mermaid that the diagrams use: nodes, arrows, and a label for each node."""
    first, *lines = text.splitlines()
    if first not in ("flowchart LR", "flowchart TD"):
        return f"{first} is no flowchart"
    for line in lines:
        if not re.fullmatch(rf"    {NODES}(?:{ARROW}{NODES})*", line):
            return f"not a line of a flowchart: {line.strip()}"
    nodes = re.findall(NODE, re.sub(ARROW, " & ", "\n".join(lines)))
    unlabelled = {name for name, _ in nodes} - {name for name, label in nodes if label}
    return f"no label: {', '.join(sorted(unlabelled))}" if unlabelled else ""


WITH_COMMANDS = ("bash", "powershell", "text", "inline")
CHECKS: dict[str, Callable[[str], str]] = {
    "bash": _bash,
    "json": lambda text: _error(json.loads, text),
    "python": lambda text: _error(ast.parse, text),
    "yaml": lambda text: _error(yaml.safe_load, text),
    "mermaid": _flowchart,
    # Tests run them (`EXECUTED` in `test_code_blocks.py`), or they are checked for names only.
    "powershell": lambda _: "",
    "csharp": lambda _: "",
    "diff": lambda _: "",
    "javascript": lambda _: "",
    "typescript": lambda _: "",
    "text": lambda _: "",
    "inline": lambda _: "",
}
