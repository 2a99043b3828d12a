"""The editor's files and the dev container of generated projects."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from editor_rules import violations

from bakery import Bakery
from template import TEMPLATE
from vscode import HOST, Editor, command_line, working_folder

languages = pytest.mark.parametrize("language", TEMPLATE.choices["language"])


@pytest.fixture
def editor(bakery: Bakery, language: str) -> Editor:
    return Editor.of(bakery.bake(language=language))


@languages
def test_the_editor_keeps_the_rules(editor: Editor) -> None:
    assert violations(editor) == []


@languages
def test_the_files_that_tasks_name_exist(bakery: Bakery, language: str) -> None:
    project = bakery.bake(language=language)
    for task in Editor.of(project).tasks.values():
        for windows in (False, True):
            for word in command_line(task, project.path, windows):
                if word.startswith(("scripts/", "src/")):
                    assert (project.path / word).is_file(), task["label"]


def test_the_host_of_csharp_starts_where_the_build_puts_the_app(bakery: Bakery) -> None:
    project = bakery.bake(language="csharp")
    framework = re.search("<TargetFramework>(.*)<", project.read("Directory.Build.props"))
    assert framework
    editor = Editor.of(project)
    folder = project.path / "src/bin/Debug" / framework[1]
    assert working_folder(editor.tasks[HOST], project.path) == folder
    assert f"bin/Release/{framework[1]}/" in editor.settings["azureFunctions.deploySubpath"]


# Seeded defects ---------------------------------------------------------------------------------


def change(path: str, value: Any) -> Callable[[Editor], None]:
    """Return what sets a value of an editor: "part/key/key", where None removes the key."""

    def apply(editor: Editor) -> None:
        part, *keys, last = path.split("/")
        data = getattr(editor, part)
        for key in keys:
            data = data[key]
        if value is None:
            del data[last]
        else:
            data[last] = value

    return apply


INSTALL = "npm install (functions)"
COPY = (
    "test -f src/local.settings.json || cp src/local.settings.example.json src/local.settings.json"
)
DEFECTS = {
    "emulators are validated": (
        "python",
        change("settings/azureFunctions.validateEmulators", None),
        "the extension validates the emulators",
    ),
    "a list of processes": (
        "csharp",
        change("configuration/processId", "${command:pickProcess}"),
        "F5 shows a list of processes",
    ),
    "F5 does not start the host": (
        "csharp",
        change("configuration/preLaunchTask", None),
        f"F5 does not run the task {HOST}",
    ),
    "F5 before npm ci": (
        "javascript",
        change(f"tasks/{HOST}/dependsOn", ["settings", "emulators"]),
        "'npm install (functions)'",
    ),
    "the build before the installation": (
        "typescript",
        change(
            f"tasks/{HOST}/dependsOn",
            ["settings", "emulators", "npm build (functions)", INSTALL],
        ),
        "but runs",
    ),
    "all at the same time": (
        "python",
        change(f"tasks/{HOST}/dependsOrder", None),
        f"the dependencies of {HOST} run at the same time",
    ),
    "syntax of bash": (
        "javascript",
        change(f"tasks/{INSTALL}/command", COPY),
        "needs one certain shell",
    ),
    "syntax of PowerShell": (
        "javascript",
        change(f"tasks/{INSTALL}/windows", {"command": "if (Test-Path src) { npm ci }"}),
        "needs one certain shell",
    ),
    "bash on Windows": ("python", change("tasks/emulators/windows", None), "runs bash on Windows"),
    "another script on Windows": (
        "python",
        change("tasks/package/windows/args", ["-NoProfile", "-File", "scripts/start.ps1"]),
        "runs bash on Windows",
    ),
    "no such program": (
        "csharp",
        change("tasks/publish/command", "dotnet publish"),
        "publish has no program of the name dotnet publish",
    ),
    "no task before a deployment": (
        "csharp",
        change("settings/azureFunctions.preDeployTask", "package"),
        "the task before a deployment does not exist",
    ),
    "a question for a matcher": (
        "python",
        change("tasks/settings/problemMatcher", None),
        "settings has no problem matcher",
    ),
}


@pytest.mark.parametrize(("language", "defect", "finding"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_seeded_defect_is_found(
    editor: Editor, defect: Callable[[Editor], None], finding: str
) -> None:
    changed = copy.deepcopy(editor)
    defect(changed)
    assert finding in "\n".join(violations(changed))


# Dev container ----------------------------------------------------------------------------------

# The newest major version of each feature. Sources: devcontainer-feature.json in
# devcontainers/features (July 2026) and in Azure/azure-dev (August 2026).
FEATURES = {
    "ghcr.io/azure/azure-dev/azd": "0",
    "ghcr.io/devcontainers/features/azure-cli": "1",
    "ghcr.io/devcontainers/features/docker-in-docker": "4",
    "ghcr.io/devcontainers/features/github-cli": "1",
    "ghcr.io/devcontainers/features/node": "2",
    "ghcr.io/devcontainers/features/powershell": "2",
}


@languages
def test_the_dev_container_has_current_tools(bakery: Bakery, language: str) -> None:
    project = bakery.bake(language=language)
    container = project.json(".devcontainer/devcontainer.json")
    assert container["image"].startswith("mcr.microsoft.com/devcontainers/")
    features = dict(name.rsplit(":", 1) for name in container["features"])
    assert features == {name: FEATURES[name] for name in features}
    node = {"ghcr.io/devcontainers/features/node"}
    wanted = FEATURES.keys() - (node if "node" in container["image"] else set())
    assert features.keys() == wanted  # PowerShell among them: half of the scripts need it


@languages
def test_docker_installs_on_the_image(bakery: Bakery, language: str) -> None:
    """Debian trixie has no Moby: install.sh of the feature docker-in-docker ends with an error."""
    features = bakery.bake(language=language).json(".devcontainer/devcontainer.json")["features"]
    (options,) = [value for name, value in features.items() if "docker-in-docker" in name]
    assert options == {"moby": False}
