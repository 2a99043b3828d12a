"""Runs the commands of a README as a user would."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

OLDEST_NODE = 22


def run_in_bash(
    commands: str, folder: Path, home: Path, tools: str | None = None, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run README commands as a user would: one shell, no virtual environment.

    Args:
        commands: what is typed.
        folder: where it is typed.
        home: the user's home; an empty one has no settings and no caches.
        tools: a folder of programs that come before those on PATH.
        extra: further environment variables.
    """
    variables = {name: os.environ[name] for name in os.environ if not name.startswith("PYTEST")}
    variables.pop("VIRTUAL_ENV", None)
    path = [at for at in variables["PATH"].split(os.pathsep) if ".venv" not in Path(at).parts]
    path = [tools, *path] if tools else path
    variables |= {"HOME": str(home), "PATH": os.pathsep.join(path), **extra}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=600,
    )


@cache
def node_folder() -> str:
    """Return the folder of a Node.js that projects accept: the machine's own or one from npm."""
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True)
    (major,) = re.findall(r"^v(\d+)", version.stdout)
    which = ["which", "node"]
    if int(major) < OLDEST_NODE:
        which = ["npx", "-y", "-p", f"node@{OLDEST_NODE}", *which]
    found = subprocess.run(which, check=True, capture_output=True, text=True)
    return str(Path(found.stdout.strip()).parent)
