"""Starts the server of the Azure CLI once for a process of tests, and writes the scripts' `az`."""

import atexit
import os
import shlex
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from .environment import MISSING, python

HERE = Path(__file__).parent
START = 60  # seconds: the import takes two with warm caches


@cache
def server_socket() -> Path:
    """Return the socket of the running server; it ends with this process."""
    program = python()
    if program is None:
        raise FileNotFoundError(MISSING)
    folder = tempfile.TemporaryDirectory(prefix="az-")
    path = Path(folder.name) / "socket"
    # Its imports take ten times as long without bytecode, so it is kept.
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(
        [str(program), "-P", str(HERE / "server.py"), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=environment | {"AZURE_CORE_COLLECT_TELEMETRY": "no"},
    )

    def stop() -> None:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait(timeout=10)
        folder.cleanup()

    atexit.register(stop)
    deadline = time.monotonic() + START
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the server of the Azure CLI does not start")
        time.sleep(0.02)
    return path


def write_az(folder: Path) -> None:
    """Write the `az` of scripts into a folder for PATH."""
    path = folder / "az"
    client = shlex.join([sys.executable, "-I", "-S", str(HERE / "client.py")])
    path.write_text(f'#!/bin/sh\nexec {client} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
