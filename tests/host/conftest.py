"""Fixtures that load the sample apps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions_host.environments import create_node_modules, create_python_environment
from functions_host.host import Host
from functions_host.worker import Worker, node_worker, python_worker
from machine import require

from . import samples


@pytest.fixture(scope="session")
def python_app_env(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interpreter of an environment for Python apps."""
    return create_python_environment(tmp_path_factory.mktemp("python-apps") / "venv")


@pytest.fixture(scope="session")
def node_app_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `node_modules` folder for JavaScript apps, which must live below the folder that has it."""
    require("node", "npm")
    return create_node_modules(tmp_path_factory.mktemp("node-apps"))


@pytest.fixture(scope="session")
def load(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> samples.LoadApp:
    """Return a function that writes a sample app to a new folder and loads it."""

    def load_app(language: str, app: str, **options: Any) -> Worker:
        folder = tmp_path_factory.mktemp(app)
        if language == "python":
            python = request.getfixturevalue("python_app_env")
            return python_worker(python, samples.write_python_app(folder, app, **options))
        modules = request.getfixturevalue("node_app_modules")
        return node_worker(samples.write_node_app(modules.parent / folder.name, app, **options))

    return load_app


@pytest.fixture(scope="session", params=samples.LANGUAGES)
def host(request: pytest.FixtureRequest, load: samples.LoadApp) -> Iterator[Host]:
    """Yield a host with the app `patterns`; calls and instances of all tests add up."""
    with Host(load(request.param, "patterns")) as running:
        yield running
