"""The linters of generated projects refuse what makes an orchestrator non-deterministic.

C# has the analyzers of Durable Functions, which the job `csharp` runs with the real packages, and a
test of the project: `test_csharp_projects.py` seeds its defects.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bakery import Bakery
from installed_project import ProjectCopy, node_variables
from linters import BIN

# For each defect its code, and the alternative that the linter names.
PYTHON = {
    "a clock": ("import time\n\nvalue = time.time()", "current_utc_datetime"),
    "a sleep": ("from time import sleep\n\nsleep(1)", "create_timer"),
    "a date": ("from datetime import datetime\n\nvalue = datetime.now()", "current_utc_datetime"),
    "a day": ("import datetime as dt\n\nvalue = dt.date.today()", "current_utc_datetime"),
    "a random value": ("from random import random\n\nvalue = random()", "in an activity"),
    "a uuid": ("from uuid import uuid4\n\nvalue = uuid4()", "new_uuid"),
    "an environment": ('import os\n\nvalue = os.environ["HOME"]', "environment"),
    "a file": ('value = open("/etc/hostname").read()', "`open()`"),
    "a request": (
        'from urllib.request import urlopen\n\nvalue = urlopen("http://localhost")',
        "other services in an activity",
    ),
    "a thread": ("from threading import Thread\n\nvalue = Thread()", "task_all"),
    "a process": ('import subprocess\n\nvalue = subprocess.run(["ls"])', "in an activity"),
    "asyncio": ("import asyncio\n\nvalue = asyncio.sleep(1)", "durable tasks"),
}
NODE = {
    "a clock": ("exports.value = Date.now();", "currentUtcDateTime"),
    "a date": ("exports.value = new Date();", "currentUtcDateTime"),
    "a date as text": ("exports.value = Date();", "currentUtcDateTime"),
    "a precise clock": ("exports.value = performance.now();", "currentUtcDateTime"),
    "a random value": ("exports.value = Math.random();", "in an activity"),
    "a uuid": ("exports.value = crypto.randomUUID();", "newGuid"),
    "an environment": ("exports.value = process.env.HOME;", "environment"),
    "a sleep": ("setTimeout(() => {}, 1);", "createTimer"),
    "a file": ("exports.value = require('node:fs').readFileSync('x');", "files"),
    "a thread": ("exports.value = require('worker_threads');", "threads"),
    "a request": ("exports.value = fetch('http://localhost');", "networks"),
    "a promise": ("exports.value = Promise.resolve(1);", "Task.all"),
    "an async function": ("exports.run = async () => {};", "Task.all"),
    "an await": ("exports.run = async () => { await exports.task; };", "Task.all"),
    "a hidden import": ("exports.value = import('node:fs');", "at the top"),
    "a hidden global": ("exports.value = globalThis.crypto.randomUUID();", "by its name"),
}
TYPESCRIPT = {
    name: (
        code.replace("exports.value =", "export const value =").replace(
            "exports.run =", "export const run ="
        ),
        message,
    )
    for name, (code, message) in NODE.items()
} | {
    "a file": (
        "import { readFileSync } from 'node:fs';\nexport const value = readFileSync('x');",
        "files",
    ),
    "a thread": (
        "import { Worker } from 'worker_threads';\nexport const value = Worker;",
        "threads",
    ),
    "an await": ("export const run = async (task: Promise<void>) => { await task; };", "Task.all"),
}
DEFECTS = {"python": PYTHON, "javascript": NODE, "typescript": TYPESCRIPT}
SUFFIXES = {"python": "py", "javascript": "js", "typescript": "ts"}


def file_names(kind: str, language: str) -> list[str]:
    """Return a file in `src/orders/` for each defect of a language."""
    return [f"{kind}_{number}.{SUFFIXES[language]}" for number in range(len(DEFECTS[language]))]


def findings_of_ruff(project: ProjectCopy) -> dict[str, str]:
    """Return the findings of the determinism rules by file."""
    command = f"{BIN}/ruff check --no-cache --output-format json src tests"
    found: dict[str, str] = {}
    for each in json.loads(project.run(command).stdout):
        if each["code"] in ("PTH123", "TID251"):
            name = Path(each["filename"]).name
            found[name] = found.get(name, "") + each["message"] + "\n"
    return found


def findings_of_eslint(project: ProjectCopy) -> dict[str, str]:
    """Return the findings of the `no-restricted-` rules by file."""
    result = project.run("npx eslint --format json", project.path / "src")
    assert result.returncode < 2, result.stderr
    return {
        Path(file["filePath"]).name: text
        for file in json.loads(result.stdout)
        if (
            text := "".join(
                f"{each['message']}\n"
                for each in file["messages"]
                if (each["ruleId"] or "no rule").startswith("no-restricted-")
            )
        )
    }


@pytest.fixture
def lint(
    request: pytest.FixtureRequest, bakery: Bakery, tmp_path: Path
) -> Callable[[str, dict[str, str]], dict[str, str]]:
    """Return a function that adds files to `src/orders/` and returns the findings by file."""

    def find(language: str, files: dict[str, str]) -> dict[str, str]:
        variables = {} if language == "python" else node_variables()
        project = ProjectCopy(bakery.bake(language=language), tmp_path, **variables)
        for name, code in files.items():
            (project.path / "src/orders" / name).write_text(code + "\n", encoding="utf-8")
        if language == "python":
            return findings_of_ruff(project)
        packages = request.getfixturevalue("node_modules")(language)
        # eslint resolves its plugins from the real folder, and tsc its types.
        (project.path / "src/node_modules").symlink_to(packages)
        return findings_of_eslint(project)

    return find


@pytest.mark.parametrize(
    "language",
    [
        "python",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("typescript", "javascript")),
    ],
)
def test_each_defect_is_found_in_orchestrators_only(
    lint: Callable[[str, dict[str, str]], dict[str, str]], language: str
) -> None:
    defects = DEFECTS[language]
    assert len(defects) >= 12
    orchestrators = file_names("orchestrator", language)
    codes = [code for code, _ in defects.values()]
    others = dict(zip(file_names("activities", language), codes, strict=True))
    found = lint(language, dict(zip(orchestrators, codes, strict=True)) | others)
    missed = {
        name: found.get(file, "no finding")
        for file, (name, (_, alternative)) in zip(orchestrators, defects.items(), strict=True)
        if alternative not in found.get(file, "")
    }
    assert missed == {}
    assert found.keys() <= set(orchestrators)
