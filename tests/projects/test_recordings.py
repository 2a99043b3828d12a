"""The recorded histories of the template are what the in-memory host records today.

`make histories` writes them: it runs this test with `WRITE_HISTORIES`.
"""

import os
from pathlib import Path

import pytest

from recordings import folder_of, for_csharp, record
from running_app import App

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


def test_the_recordings_are_those_of_today(app: App) -> None:
    texts = record(app)

    check_folder(folder_of(app.language, app.pattern), texts)
    if app.language == "javascript":
        functions = app.contract["functions"]
        csharp = {name: for_csharp(text, functions) for name, text in texts.items()}
        check_folder(folder_of("csharp", app.pattern), csharp)
