"""Copies of this repository that a test may change, and fakes of the programs that it runs."""

import os
import shutil
import subprocess
from pathlib import Path

from template import TEMPLATE, tracked_files


def copy_checkout(folder: Path) -> Path:
    """Copy what git tracks into a new folder, and return it."""
    for file in tracked_files(TEMPLATE.root):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TEMPLATE.root / file, folder / file)
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Return the output of git, which must succeed, in a folder and with an identity of its own."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    command = ["git", *identity, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path) -> str:
    """Commit every change; return the name of the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Change")
    return git(folder, "rev-parse", "HEAD")


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
