"""The oldest and the newest supported cookiecutter write the same project."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from bakery import Bakery, Project
from template import TEMPLATE

pytestmark = pytest.mark.slow


@pytest.fixture
def cookiecutter(request: pytest.FixtureRequest, tmp_path: Path) -> subprocess.CompletedProcess:
    """Return what the command line of a version did in `tmp_path`."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "install", "--quiet"]
    subprocess.run([*pip, f"cookiecutter{request.param}"], check=True, timeout=300)
    command = [scripts / "cookiecutter", TEMPLATE.root, "--no-input", "-o", tmp_path / "out"]
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    return subprocess.run(
        command, env=os.environ | home, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("cookiecutter", ["==2.2.0", ">=2.7,<3"], indirect=True)
def test_a_supported_version_writes_the_same_project(
    cookiecutter: subprocess.CompletedProcess, tmp_path: Path, bakery: Bakery
) -> None:
    assert cookiecutter.returncode == 0, cookiecutter.stderr
    assert Project(tmp_path / "out/order-workflow").digests() == bakery.bake().digests()


@pytest.mark.parametrize("cookiecutter", ["==1.7.3", "==2.1.1"], indirect=True)
def test_an_older_version_is_told_so(
    cookiecutter: subprocess.CompletedProcess, tmp_path: Path
) -> None:
    assert cookiecutter.returncode == 1
    first = cookiecutter.stderr.splitlines()[0]
    assert first == "This template needs cookiecutter 2.2 or newer: please upgrade it."
    assert not list((tmp_path / "out").glob("*"))
