"""Generated apps in the in-memory Functions host."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from bakery import Bakery, Project
from functions_host.environments import (
    create_python_environment,
    install_packages,
)
from functions_host.host import Host
from functions_host.worker import Worker, node_worker, python_worker
from installed_project import ProjectCopy, node_variables
from node_workflow import NodeWorkflow
from remote_host import RemoteHost
from running_app import APP_URL, CHANGED_PROJECT, INSTALLED, VARIANTS, App, RemoteApp
from shell import run_in_bash

# All patterns of a language have the same packages: one installation serves them.
PACKAGES = {"python": "src/requirements.txt", "node": "src/package-lock.json"}


@pytest.fixture(scope="session")
def python_for_apps(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has what Python apps need."""
    if installed := os.environ.get(INSTALLED):
        return Path(installed)
    python = create_python_environment(tmp_path_factory.mktemp("python-apps") / "venv")
    requirements = bakery.bake(language="python").path / PACKAGES["python"]
    install_packages(python, "-r", str(requirements))
    return python


@pytest.fixture(scope="session")
def node_modules(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that installs the packages of a language once, and returns their folder."""
    installed: dict[str, Path] = {}

    def install(language: str) -> Path:
        if folder := os.environ.get(INSTALLED):
            return Path(folder)
        if language not in installed:
            folder = tmp_path_factory.mktemp(f"{language}-packages")
            for file in (PACKAGES["node"], "src/package.json"):
                shutil.copy(bakery.bake(language=language).path / file, folder)
            result = run_in_bash("npm ci --no-audit --no-fund", folder, folder, **node_variables())
            assert result.returncode == 0, result.stdout + result.stderr
            installed[language] = folder / "node_modules"
        return installed[language]

    return install


@pytest.fixture(scope="session")
def load(
    request: pytest.FixtureRequest, bakery: Bakery, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Worker]:
    """Return a function that bakes an app and loads it into a worker of its language."""

    def load_app(language: str, pattern: str) -> Worker:
        if changed := os.environ.get(CHANGED_PROJECT):
            project = Project(Path(changed))
        else:
            project = bakery.bake(language=language, pattern=pattern)
        if language == "python":
            return python_worker(request.getfixturevalue("python_for_apps"), project.path / "src")
        variables = node_variables()
        copy = tmp_path_factory.mktemp(language) / "project"
        shutil.copytree(project.path, copy)
        folder = copy / "src"
        packages = request.getfixturevalue("node_modules")(language)
        (folder / "node_modules").symlink_to(packages)
        built = run_in_bash("npm run build --if-present", folder, folder.parent, **variables)
        assert built.returncode == 0, built.stdout + built.stderr
        return node_worker(folder, node=(shutil.which("node", path=variables["PATH"]) or "node",))

    return load_app


@pytest.fixture(scope="module")
def node_workflow(
    bakery: Bakery,
    node_modules: Callable[[str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, str], NodeWorkflow]:
    """Return a function that copies the project of a language and pattern, with its packages."""

    @cache
    def copy(language: str, pattern: str) -> NodeWorkflow:
        project = bakery.bake(language=language, pattern=pattern)
        copied = ProjectCopy(project, tmp_path_factory.mktemp(language), **node_variables())
        (copied.path / "src/node_modules").symlink_to(node_modules(language))
        return NodeWorkflow(copied, language)

    return copy


@pytest.fixture(scope="module", params=VARIANTS, ids="-".join)
def app(request: pytest.FixtureRequest, load: Callable[[str, str], Worker]) -> Iterator[App]:
    """Each variant of an app, running in its host."""
    language, pattern = request.param
    if APP_URL:
        yield RemoteApp(RemoteHost(APP_URL), language, pattern)
        return
    with Host(load(language, pattern)) as host:
        yield App(host, language, pattern)
