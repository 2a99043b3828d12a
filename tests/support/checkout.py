"""Copies of this repository that a test may change, and fakes of the programs that it runs."""

import os
import shutil
from pathlib import Path

from template import TEMPLATE, tracked_files


def copy_checkout(folder: Path) -> Path:
    """Copy what git tracks into a new folder, and return it."""
    for file in tracked_files(TEMPLATE.root):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TEMPLATE.root / file, folder / file)
    return folder


class Fakes:
    """A folder for PATH with shell scripts that replace programs.

    Scripts can append to the file `$CALLS`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "fakes"
        self._folder.mkdir()
        self.calls = folder / "calls"
        self.calls.touch()

    def add(self, name: str, script: str) -> None:
        """Replace a program."""
        path = self._folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def variables(self) -> dict[str, str]:
        """Return the environment in which programs find the fakes first."""
        path = f"{self._folder}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "CALLS": str(self.calls)}
