"""The recorded histories of the template are what the in-memory host records today.

`make histories` writes them: it runs this test with `WRITE_HISTORIES`.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bakery import Bakery
from functions_host.host import Host
from functions_host.worker import Worker
from recordings import folder_of, for_csharp, record
from running_app import PATTERNS, App
from shell import run_in_bash

WRITE = "WRITE_HISTORIES"

pytestmark = pytest.mark.slow  # installs packages


def check_folder(folder: Path, texts: dict[str, str]) -> None:
    """Assert that a folder holds exactly these texts, or write them."""
    expected = {f"{name}.json": text for name, text in texts.items()}
    if os.environ.get(WRITE):
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        for name, text in expected.items():
            (folder / name).write_text(text, encoding="utf-8")
    found = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    assert found == expected, "run `make histories` if the difference is intended"


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("language", ["python", "javascript"])
def test_the_recordings_are_those_of_today(
    language: str, pattern: str, load: Callable[[str, str], Worker]
) -> None:
    with Host(load(language, pattern)) as host:
        app = App(host, language, pattern)
        texts = record(app)

    check_folder(folder_of(language, pattern), texts)
    if language == "javascript":
        functions = app.contract["functions"]
        csharp = {name: for_csharp(text, functions) for name, text in texts.items()}
        check_folder(folder_of("csharp", pattern), csharp)


def test_the_script_saves_the_same_file(
    load: Callable[[str, str], Worker], bakery: Bakery, tmp_path: Path
) -> None:
    """`scripts/record-history` of a project records what `make histories` has recorded."""
    pattern = PATTERNS[0]
    project = tmp_path / "project"
    shutil.copytree(bakery.bake(language="python", pattern=pattern).path, project)
    with Host(load("python", pattern)) as host:
        app = App(host, "python", pattern)
        record(app)
        started = app.post("orders", json.dumps(app.order).encode())
        app_url = started.headers["location"].partition("/runtime/")[0]
        command = "bash scripts/record-history.sh payment-failed again"
        result = run_in_bash(command, project, tmp_path, DURABLE_URL=app_url)

    assert result.stdout == "Saved tests/histories/again.json. The tests replay it from now on.\n"
    saved = project / "tests/histories/again.json"
    recorded = folder_of("python", pattern) / "payment-failed.json"
    assert saved.read_bytes() == recorded.read_bytes()
