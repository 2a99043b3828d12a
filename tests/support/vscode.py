"""The tasks of `.vscode/tasks.json`, in the order in which VS Code runs them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakery import Project

Task = dict[str, Any]
HOST = "func: host start"


@dataclass
class Editor:
    """The settings that VS Code reads from a project."""

    tasks: dict[str, Task]
    settings: dict[str, Any]
    configuration: dict[str, Any]

    @classmethod
    def of(cls, project: Project) -> "Editor":
        """Return what a project sets, with its only debug configuration."""
        (configuration,) = project.json(".vscode/launch.json")["configurations"]
        tasks = project.json(".vscode/tasks.json")["tasks"]
        return cls(
            {task["label"]: task for task in tasks},
            project.json(".vscode/settings.json"),
            configuration,
        )

    def chain(self, label: str) -> Iterator[Task]:
        """Yield what runs for a task, dependencies first.

        Raises:
            KeyError: no task has the name of a dependency.
        """
        task = self.tasks[label]
        needed = task.get("dependsOn", [])
        for name in [needed] if isinstance(needed, str) else needed:
            yield from self.chain(name)
        yield task


def command_line(task: Task, folder: Path, windows: bool = False) -> list[str]:
    """Return the program and the arguments of a task in a project folder."""
    options = task | (task.get("windows", {}) if windows else {})
    words = [options["command"], *options.get("args", [])]
    if task["type"] == "func":  # a task of the extension: the Core Tools run its command
        words = ["func", *words]
    if task["type"] != "process":
        words = " ".join(words).split()
    return [word.replace("${workspaceFolder}", str(folder)) for word in words]


def working_folder(task: Task, folder: Path) -> Path:
    """Return where a task of a project folder runs."""
    return Path(
        task.get("options", {})
        .get("cwd", "${workspaceFolder}")
        .replace("${workspaceFolder}", str(folder))
    )
