"""Generates the project of the demo and installs what it needs, once.

.demo/<language>-<hash of its packages>/      the environment, or `node_modules`
    <hash of template and answers>/<slug>/    the project; Node.js finds the packages above it
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from functions_host.environments import (
    InstallError,
    create_python_environment,
    install_node_modules,
    python_of,
    run_npm,
)
from functions_host.worker import Worker, node_worker, python_worker

ROOT = Path(__file__).parents[1]
TEMPLATE = ("cookiecutter.json", "hooks", "templates", "{{cookiecutter.project_slug}}")
CACHE = ROOT / ".demo"
PACKAGE_FILES = {"python": ["requirements.txt"]}
NODE_PACKAGE_FILES = ["package-lock.json", "package.json"]
DONE = ".installed"

Answers = dict[str, str]
Report = Callable[[str], None]


class DemoError(RuntimeError):
    """The demo cannot start; the text says why, and the way out."""


def questions() -> dict[str, str | list[str]]:
    """The default, or the list of choices, of each question of the template."""
    context = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    return {key: value for key, value in context.items() if not key.startswith("_")}


def check(answers: Answers) -> None:
    """Refuse answers for which there is no demo.

    Raises:
        DemoError: an unknown question or choice, or a language that does not run here.
    """
    asked = questions()
    for key, value in answers.items():
        if key not in asked:
            raise DemoError(f"'{key}' is no question of the template: use {', '.join(asked)}.")
        choices = asked[key]
        if isinstance(choices, list) and value not in choices:
            raise DemoError(f"{key}={value} does not exist: use {', '.join(choices)}.")
    if answers["language"] == "csharp":
        raise DemoError(
            "The demo runs Python, TypeScript and JavaScript only: the worker of C# needs the real "
            'Functions host. For C#, generate a project (make new ARGS="language=csharp") and run '
            "'bash scripts/start.sh' in it, which needs Docker and Core Tools."
        )


def prepare(answers: Answers, report: Report, cache: Path) -> Path:
    """Generate and install the project, unless an earlier run has done it.

    Args:
        answers: answers of the template, with `language` and `pattern`.
        report: gets a line for each step that takes seconds.
        cache: the folder that keeps projects and packages.

    Returns:
        The folder of the project.

    Raises:
        DemoError: cookiecutter or an installer failed, or a tool is missing.
    """
    if answers["language"] != "python":
        _require_node()
    cache.mkdir(parents=True, exist_ok=True)
    key = _digest(_template_files(), json.dumps(answers, sort_keys=True), sys.version)
    found = [done.parent for done in cache.glob(f"*/{key}/{DONE}")]
    if found:
        return _only_folder(found[0])
    report("Generating a project ...")
    with tempfile.TemporaryDirectory(prefix="new-", dir=cache) as folder:
        project = _generate(answers, Path(folder))
        try:
            return _install(project, answers["language"], key, report, cache)
        except InstallError as error:
            raise DemoError(f"The packages of the project cannot be installed:\n{error}") from error


def load(project: Path, language: str) -> Worker:
    """Start a worker for a prepared project. Raises LoadError, WorkerError."""
    if language == "python":
        return python_worker(python_of(project.parents[1] / "packages"), project / "src")
    return node_worker(project / "src")


def _template_files() -> list[Path]:
    paths = [ROOT / name for name in TEMPLATE]
    files = [file for path in paths for file in [path, *path.rglob("*")] if file.is_file()]
    return sorted(file for file in files if file.suffix != ".pyc")


def _digest(files: Iterable[Path], *texts: str) -> str:
    """A short hash of names and contents of files, and of texts."""
    whole = hashlib.sha256("\0".join(texts).encode())
    for file in files:
        whole.update(f"\0{file.name}\0".encode() + file.read_bytes())
    return whole.hexdigest()[:12]


def _generate(answers: Answers, folder: Path) -> Path:
    """Bake the template without questions, and without touching the files of the user's home."""
    config = folder / "config.yaml"
    places = {"cookiecutters_dir": str(folder / "templates"), "replay_dir": str(folder / "replay")}
    config.write_text(json.dumps(places), "utf-8")  # JSON is YAML, too
    output = folder / "project"
    command = [sys.executable, "-m", "cookiecutter", "--no-input", f"--config-file={config}"]
    command += [f"--output-dir={output}", str(ROOT)]
    command += [f"{key}={value}" for key, value in answers.items()]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise DemoError(done.stderr.strip() or done.stdout.strip())
    return _only_folder(output)


def _install(project: Path, language: str, key: str, report: Report, cache: Path) -> Path:
    """Install the packages, move the project below them, and build it."""
    source = project / "src"
    files = [source / name for name in PACKAGE_FILES.get(language, NODE_PACKAGE_FILES)]
    shelf = cache / f"{language}-{_digest(files, sys.version)}"
    if not (shelf / DONE).exists():
        report(f"Installing the packages of the project ({language}) ...")
        shutil.rmtree(shelf, ignore_errors=True)
        shelf.mkdir()
        if language == "python":
            create_python_environment(shelf / "packages", "-r", str(files[0]))
        else:
            for file in files:
                shutil.copy(file, shelf)
            install_node_modules(shelf)
        (shelf / DONE).touch()
    place = shelf / key
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    project = project.rename(place / project.name)
    if language == "typescript":
        report("Building the project ...")
        run_npm(project / "src", "run", "build")
    (place / DONE).touch()
    return project


def _only_folder(folder: Path) -> Path:
    (found,) = (path for path in folder.iterdir() if path.is_dir())
    return found


def _require_node() -> None:
    context = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    oldest = min(context["_versions"]["node"]["development"], key=int)
    advice = f"install Node.js {oldest} or newer (https://nodejs.org), or run the demo in Python."
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise DemoError(f"Node.js is missing: {advice}")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < int(oldest):
        raise DemoError(f"Node.js {version} is too old: {advice}")
