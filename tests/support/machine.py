"""What the machine that runs the tests offers."""

import shutil
from pathlib import Path

import pytest


def memory_folder() -> Path | None:
    """Return a folder in memory that holds all variants, where the system has one: it is faster."""
    folder = Path("/dev/shm")
    roomy = folder.exists() and shutil.disk_usage(folder).free >= 2**30  # bytes
    return folder if roomy else None


def require(*tools: str) -> None:
    """Skip a test for which a tool is missing; `--no-skips` fails the session then."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not on PATH: {', '.join(missing)}")
