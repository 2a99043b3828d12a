"""What the editor's files of a project must be, each rule a function that yields violations.

VS Code cannot run here, so each rule names its source.
"""

import re
from collections.abc import Callable, Iterator

from vscode import HOST, Editor, Task

# What must run before the host, by language: the installation first of all (wizard of the
# extension: JavaScriptInitVSCodeStep, TypeScriptInitVSCodeStep, PythonInitVSCodeStep, and
# DotnetInitVSCodeStep of microsoft/vscode-azurefunctions).
PREPARATIONS = {
    "Python": ["pip install (functions)"],
    "JavaScript": ["npm install (functions)"],
    "TypeScript": ["npm install (functions)", "npm build (functions)"],
    "C#": ["build (functions)"],
}


def emulators_are_left_to_the_task(editor: Editor) -> Iterator[str]:
    """The extension looks for emulators before the task starts them, and offers others.

    Source: vscode-azurefunctions, src/debug/validatePreDebug.ts; the setting is true by default.
    """
    if editor.settings.get("azureFunctions.validateEmulators") is not False:
        yield "the extension validates the emulators"


def debugging_starts_the_host(editor: Editor) -> Iterator[str]:
    """F5 runs the task of the host; for .NET the extension finds the process of the worker.

    Source: vscode-azurefunctions, src/commands/pickFuncProcess.ts and FuncDebugProviderBase.ts,
    which know the task by this name; launch.json of durable-functions-quickstart-dotnet-azd.
    """
    if editor.configuration.get("preLaunchTask") != HOST:
        yield f"F5 does not run the task {HOST}"
    wanted = "${command:azureFunctions.pickProcess}"
    if editor.configuration["type"] == "coreclr" and editor.configuration["processId"] != wanted:
        yield "F5 shows a list of processes"


def tasks_are_prepared_in_order(editor: Editor) -> Iterator[str]:
    """Settings come before the build, which copies them; all ends before the host starts.

    Source: VS Code, "Compound tasks": dependencies run in parallel without `dependsOrder`.
    """
    prepared = PREPARATIONS[editor.settings["azureFunctions.projectLanguage"]]
    labels = [task["label"] for task in editor.chain(HOST)]
    wanted = ["settings", "emulators", *prepared, HOST]
    if [label for label in labels if label in wanted] != wanted:
        yield f"{HOST} must run {wanted}, but runs {labels}"
    for task in editor.chain(HOST):
        several = isinstance(task.get("dependsOn"), list)
        if several and task.get("dependsOrder") != "sequence":
            yield f"the dependencies of {task['label']} run at the same time"


def every_task_runs_in_every_shell(editor: Editor) -> Iterator[str]:
    """A task of type `shell` runs in PowerShell, cmd or Git Bash, whichever a user has chosen.

    Source: VS Code, "Custom tasks": `shell` uses the default terminal profile, `process` none.
    """
    for task in editor.tasks.values():
        if task["type"] == "shell":
            commands = [task["command"], task.get("windows", {}).get("command", "")]
            if not all(re.fullmatch(r"[a-z ]*", command) for command in commands):
                yield f"the command of {task['label']} needs one certain shell"
        elif task["type"] == "process":
            yield from problems_of_process(task)


def problems_of_process(task: Task) -> Iterator[str]:
    """A program is one word, and a script has a twin for PowerShell 7 that Windows runs.

    Windows runs no `bash` of its own choice: that name can be the one of WSL.
    """
    windows = task.get("windows", {})
    if " " in task["command"] + windows.get("command", ""):
        yield f"{task['label']} has no program of the name {task['command']}"
    if task["command"] == "bash":
        twins = [argument.replace(".sh", ".ps1") for argument in task["args"]]
        if windows != {"command": "pwsh", "args": ["-NoProfile", "-File", *twins]}:
            yield f"{task['label']} runs bash on Windows"


def the_task_before_a_deployment_exists(editor: Editor) -> Iterator[str]:
    """The extension runs `preDeployTask` by its label."""
    if editor.settings["azureFunctions.preDeployTask"] not in editor.tasks:
        yield "the task before a deployment does not exist"


def problem_matchers_are_chosen(editor: Editor) -> Iterator[str]:
    """VS Code asks for a problem matcher when a task has none."""
    for task in editor.tasks.values():
        if "problemMatcher" not in task:
            yield f"{task['label']} has no problem matcher"


RULES: list[Callable[[Editor], Iterator[str]]] = [
    emulators_are_left_to_the_task,
    debugging_starts_the_host,
    tasks_are_prepared_in_order,
    every_task_runs_in_every_shell,
    the_task_before_a_deployment_exists,
    problem_matchers_are_chosen,
]


def violations(editor: Editor) -> list[str]:
    """Return what all rules say."""
    return [violation for rule in RULES for violation in rule(editor)]
