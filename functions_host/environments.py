"""Environments for apps: Python with the SDKs and the library worker, Node with the SDKs.

Packages come from the package registries. `install_library_worker` also serves generated projects,
whose own environment gets the worker by it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

PYTHON_PACKAGES = ("azure-functions>=1.25,<3", "azure-functions-durable>=1.7,<2")
LIBRARY_WORKER = "azure-functions-runtime==1.3.0"
LIBRARY_WORKER_NEEDS = "azurefunctions-extensions-base"
LIBRARY_WORKER_PYTHON = (3, 13)
NODE_PACKAGES = {"@azure/functions": "^4", "durable-functions": "^3.5.0"}
INSTALL_TIMEOUT_SECONDS = 600


class InstallError(RuntimeError):
    """An installer failed; the text is what it printed."""


def install_library_worker(python: Path) -> None:
    """Add Microsoft's library worker to an environment that has the app's requirements.

    The package asks for Python 3.13 or newer although its code runs on 3.11 and 3.12; there it
    is installed without that check and without its dependencies, of which it needs only one.
    Nothing happens if the worker is there already.

    Args:
        python: interpreter of the environment, Python 3.11 to 3.13, with or without pip.

    Raises:
        InstallError: the installer failed, or there is none.
    """
    if _succeeds(python, "import azure_functions_runtime"):
        return
    version = _run([str(python), "-c", "import sys; print(*sys.version_info[:2])"])
    unchecked = tuple(map(int, version.split())) < LIBRARY_WORKER_PYTHON
    install_packages(python, LIBRARY_WORKER, LIBRARY_WORKER_NEEDS, unchecked=unchecked)


def install_packages(python: Path, *packages: str, unchecked: bool = False) -> None:
    """Install packages by uv, by the environment's own pip, or by that of this Python.

    Args:
        python: interpreter of the environment.
        packages: requirements.
        unchecked: install neither dependencies nor ask whether this Python is supported.

    Raises:
        InstallError: the installer failed, or there is none.
    """
    uv = shutil.which("uv")
    if uv is not None:
        command = [uv, "pip", "install", "--quiet", "--python", str(python), "--compile-bytecode"]
        newest = ".".join(map(str, LIBRARY_WORKER_PYTHON))
        flags = ["--no-deps", "--python-version", newest]
    else:
        command = [str(python), "-m", "pip"]
        if not _succeeds(python, "import pip"):
            command = [sys.executable, "-m", "pip", "--python", str(python)]
        command += ["install", "--quiet", "--disable-pip-version-check"]
        flags = ["--no-deps", "--ignore-requires-python"]
    _run([*command, *(flags if unchecked else []), *packages])


def create_python_environment(folder: Path, *packages: str) -> Path:
    """Make a virtual environment for Python apps and return its interpreter.

    Args:
        folder: where it is created.
        packages: requirements of the app; without them, the SDKs.

    Raises:
        InstallError: an installer failed.
    """
    _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])  # pip would take seconds
    python = python_of(folder)
    install_packages(python, *(packages or PYTHON_PACKAGES))
    install_library_worker(python)
    return python


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    windows = sys.platform == "win32"
    return environment / ("Scripts/python.exe" if windows else "bin/python")


def create_node_modules(folder: Path) -> Path:
    """Install the SDKs for JavaScript apps and return the `node_modules` folder.

    Raises:
        InstallError: npm failed or is missing.
    """
    manifest = {"private": True, "dependencies": NODE_PACKAGES}
    (folder / "package.json").write_text(json.dumps(manifest), "utf-8")
    return install_node_modules(folder, npm_command="install")


def install_node_modules(folder: Path, npm_command: str = "ci") -> Path:
    """Install what `package.json` and the lock file in a folder ask for.

    Returns:
        The `node_modules` folder.

    Raises:
        InstallError: npm failed or is missing.
    """
    run_npm(folder, npm_command, "--no-audit", "--no-fund", "--loglevel=error")
    return folder / "node_modules"


def run_npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder.

    Raises:
        InstallError: npm failed or is missing.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise InstallError("npm is missing")
    _run([npm, *arguments], cwd=folder)


def _succeeds(python: Path, code: str) -> bool:
    return subprocess.run([str(python), "-c", code], capture_output=True).returncode == 0


def _run(command: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_SECONDS
    )
    if done.returncode != 0:
        raise InstallError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout
