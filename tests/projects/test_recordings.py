"""The recorded histories of the template are what the in-memory host records today.

`make histories` writes them: it runs this test with `WRITE_HISTORIES`.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from functions_host.host import Host
from functions_host.worker import Worker
from recordings import folder_of, for_csharp, record
from running_app import PATTERNS, App

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
