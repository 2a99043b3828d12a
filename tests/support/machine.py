"""What the machine that runs the tests offers."""

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

# `.ci/run` installs the first, where it finds none.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def memory_folder() -> Path | None:
    """Return a folder in memory that holds all variants, where the system has one: it is faster."""
    folder = Path("/dev/shm")
    roomy = folder.exists() and shutil.disk_usage(folder).free >= 2**30  # bytes
    return folder if roomy else None


# Where the tools come from that the tests do not install by themselves.
INSTALL = {
    "bicep": "az bicep install, or https://aka.ms/bicep-install",
    "chromium": "apt-get install chromium, or https://www.google.com/chrome",
    "docker": "https://docs.docker.com/get-started/get-docker/",
    "dotnet": "https://dotnet.microsoft.com/download",
    "node": "https://nodejs.org",
    "npm": "https://nodejs.org",
    "pwsh": "https://learn.microsoft.com/powershell/scripting/install/installing-powershell",
}


def require(*tools: str) -> None:
    """Skip a test for which a tool is missing; `--no-skips` fails the session then."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    _skip_without(missing)


def require_browser() -> str:
    """Return the program of Chromium or Chrome; skip a test where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    _skip_without([] if found else ["chromium"])
    return str(found)


def _skip_without(missing: list[str]) -> None:
    if missing:
        hints = [f"{tool} ({INSTALL[tool]})" if tool in INSTALL else tool for tool in missing]
        pytest.skip(f"not on PATH: {', '.join(hints)}")


def summary_of_skips(reasons: Iterable[str]) -> list[str]:
    """Return a line for each reason why tests were skipped, with their number, the most first."""
    counts = Counter(reason.removeprefix("Skipped: ") for reason in reasons)
    return [f"skipped {count}: {reason}" for reason, count in counts.most_common()]
