"""The script of the e2e workflow, with fakes of Docker, the emulators and the Core Tools.

What remains unproven is what the fakes replace: `func start` and the containers.
"""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bakery import Bakery
from defects import seed
from emulators import install_fakes, scheduler, serve, storage
from machine import require
from template import TEMPLATE

VARIANT = "python-human-interaction"
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("variant", [VARIANT])]

# The interpreter of the tests runs the fake; the one on PATH is that of the app.
FUNC = f"""#!/bin/sh
echo "func $* in $(basename "$PWD")" >>"$CALLS"
PYTHONPATH="{TEMPLATE.root}" exec "{sys.executable}" "{TEMPLATE.root}/tests/fakes/func.py" \\
    "$@" --python "$(command -v python)"
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class HostRun:
    """A run of the script for a project whose emulators answer."""

    def __init__(self, project: Path, folder: Path, fake_of_func: str = FUNC) -> None:
        self.project = project
        self._calls = folder / "calls"
        fakes = install_fakes(folder / "fakes")
        (fakes / "func").write_text(fake_of_func, encoding="utf-8")
        self._path = f"{fakes}{os.pathsep}{os.environ['PATH']}"

    def __call__(self, variant: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Test the contract of a variant."""
        return self.run("bash", TEMPLATE.root / "tests/e2e.sh", self.project, variant, **extra)

    def run(self, *command: str | Path, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run a command while the emulators answer."""
        with serve(scheduler) as dts, serve(storage) as azurite:
            fakes = {
                "CALLS": str(self._calls),
                "DOCKER_FAILS": "",
                "PATH": self._path,
                "SCHEDULER": f"127.0.0.1:{dts}",
                "STORAGE": f"127.0.0.1:{azurite}",
                "PORT": str(free_port()),
                "APP_SETTLES": "1",
            }
            return subprocess.run(
                command,
                env=os.environ | fakes | extra,
                capture_output=True,
                text=True,
                timeout=300,
            )

    def called(self) -> list[str]:
        return self._calls.read_text("utf-8").splitlines()


@pytest.fixture
def project(bakery: Bakery, python_for_apps: Path, tmp_path: Path) -> Path:
    """Return a Python project that is installed as its README says."""
    require("bash", "curl")
    path = tmp_path / "baked/order-workflow"
    shutil.copytree(bakery.bake(pattern="human-interaction").path, path)
    (path / ".venv").symlink_to(python_for_apps.parents[1])
    return path


def test_the_contract_is_tested_in_a_host(project: Path, tmp_path: Path, variant: str) -> None:
    run = HostRun(project, tmp_path)

    result = run(variant)

    assert result.returncode == 0, result.stdout + result.stderr
    assert " passed" in result.stdout
    assert run.called()[-1] == "docker compose down"


def test_an_app_with_a_defect_fails(project: Path, tmp_path: Path, variant: str) -> None:
    file = project / "src/orders/http.py"
    text = file.read_text("utf-8")
    file.write_text(seed(text, '{"error": message}', '{"message": message}'), encoding="utf-8")

    result = HostRun(project, tmp_path)(variant, PYTEST_ADDOPTS="-x -k malformed")

    assert result.returncode == 1
    assert "a_malformed" in result.stdout


def test_a_host_that_ends_shows_its_log(project: Path, tmp_path: Path, variant: str) -> None:
    run = HostRun(project, tmp_path, "#!/bin/sh\necho 'no such bundle' >&2\nexit 3\n")

    result = run(variant)

    assert result.returncode == 1
    assert "The app does not respond" in result.stderr
    assert "no such bundle" in result.stdout
    assert run.called()[-1] == "docker compose down"


FUNC_WITH_VERSIONS = f"""#!/bin/sh
exec "{sys.executable}" "{TEMPLATE.root}/tests/fakes/func_with_versions.py" "$@"
"""


@pytest.mark.parametrize("ignores", [False, True], ids=["rejects", "ignores"])
def test_an_emulator_that_ignores_versions_is_found(
    project: Path, tmp_path: Path, variant: str, ignores: bool
) -> None:
    run = HostRun(project, tmp_path, FUNC_WITH_VERSIONS)
    modules = f"{TEMPLATE.root}{os.pathsep}{TEMPLATE.root / 'tests/support'}"
    given = {"STATE": str(tmp_path / "state.json"), "PATIENCE": "0.5", "PYTHONPATH": modules}
    script = TEMPLATE.root / "tests/e2e_versions.py"

    extra = {"IGNORES_VERSIONS": "1"} if ignores else {}
    result = run.run(sys.executable, script, project, **given, **extra)

    assert result.returncode == ignores, result.stdout + result.stderr
    assert "version of the order: 2.0" in result.stdout
    message = "The app of version 1.0 left an order of 2.0 Completed."
    assert (message in result.stderr) == ignores
    assert ("func-1.0.log:" in result.stderr) == ignores, "the log of the app"
