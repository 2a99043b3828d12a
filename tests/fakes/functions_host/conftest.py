"""Fixtures that load the sample apps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from . import samples
from .fixtures import node_app_modules, python_app_env
from .host import Host
from .worker import Worker, node_worker, python_worker

__all__ = ["node_app_modules", "python_app_env"]


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
