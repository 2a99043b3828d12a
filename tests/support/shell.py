"""Runs the commands of a README as a user would."""

import os
import subprocess
from pathlib import Path


def run_in_bash(
    commands: str, folder: Path, home: Path, **extra: str
) -> subprocess.CompletedProcess:
    """Run README commands as a user would: one shell, an empty home, no virtual environment."""
    variables = {name: os.environ[name] for name in os.environ if not name.startswith("PYTEST")}
    variables |= {"HOME": str(home), **extra}
    variables.pop("VIRTUAL_ENV", None)
    path = [at for at in variables["PATH"].split(os.pathsep) if ".venv" not in Path(at).parts]
    variables["PATH"] = os.pathsep.join(path)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=600,
    )
