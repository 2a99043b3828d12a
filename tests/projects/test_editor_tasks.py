"""What F5 runs in a fresh clone: every task that the task of the host depends on, for real."""

import json
import os
import shutil
from pathlib import Path

import pytest

from bakery import Bakery
from emulators import install_fakes, scheduler, serve, storage
from installed_project import node_variables
from machine import require
from shell import run_in_bash
from template import TEMPLATE
from vscode import HOST, Editor, command_line, working_folder

pytestmark = pytest.mark.slow

# What the installation or the build must have left for the host, by language.
INSTALLED = {
    "python": ".venv/lib/python3*/site-packages/azure/durable_functions/__init__.py",
    "csharp": "src/bin/Debug/net10.0/Orders.dll",
    "typescript": "src/dist/orders/orchestrator.js",
    "javascript": "src/node_modules/durable-functions/package.json",
}
# Written by the extension before the tasks run: validateWorkerRuntime of vscode-azurefunctions.
WRITTEN = {"IsEncrypted": False, "Values": {"FUNCTIONS_WORKER_RUNTIME": ""}}


def variables(language: str, folder: Path) -> dict[str, str]:
    """Return the environment in which the tools of a language work."""
    if language == "python":
        require("python3")
        return {}
    if language == "csharp":
        require("dotnet")
        packages = {"NUGET_PACKAGES": str(folder / "packages"), "NuGetAudit": "false"}
        return packages | {"DOTNET_NOLOGO": "1"}
    return node_variables()


@pytest.mark.parametrize("language", TEMPLATE.choices["language"])
def test_f5_works_in_a_fresh_clone(bakery: Bakery, tmp_path: Path, language: str) -> None:
    generated = bakery.bake(language=language)
    editor = Editor.of(generated)
    project = tmp_path / "project"
    shutil.copytree(generated.path, project)
    (project / "src/local.settings.json").write_text(json.dumps(WRITTEN, indent=4))

    extra = variables(language, tmp_path)
    path = extra.pop("PATH", os.environ["PATH"])
    extra["PATH"] = f"{install_fakes(tmp_path / 'fakes')}{os.pathsep}{path}"
    extra["CALLS"] = str(tmp_path / "calls")
    with serve(scheduler) as first, serve(storage) as second:
        extra |= {"SCHEDULER": f"127.0.0.1:{first}", "STORAGE": f"127.0.0.1:{second}"}
        for _ in range(2):  # the second time, everything is there
            for task in editor.chain(HOST):
                command = " ".join(f"'{word}'" for word in quoted(command_line(task, project)))
                folder = working_folder(task, project)
                result = run_in_bash(command, folder, tmp_path, **extra)
                assert result.returncode == 0, f"{task['label']}: {result.stdout}{result.stderr}"

    assert list(project.glob(INSTALLED[language]))
    for file in generated.files - {"src/local.settings.json"}:
        assert (project / file).read_bytes() == (generated.path / file).read_bytes(), file
    # The Core Tools read the settings where they start.
    settings = json.loads((folder / "local.settings.json").read_text(encoding="utf-8"))
    assert "DURABLE_TASK_SCHEDULER_CONNECTION_STRING" in settings["Values"]
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[-1] == f"func host start in {folder.name}"
    assert "docker compose up --detach" in calls


def quoted(words: list[str]) -> list[str]:
    """Return the words for a shell that takes them in single quotes."""
    return [word.replace("'", "'\\''") for word in words]
