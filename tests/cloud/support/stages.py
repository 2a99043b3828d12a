"""Operators who have come as far as a test needs it: each stage is reached once in a process.

A run of `provision` takes fifty calls of the Azure CLI, so tests that begin later begin with a copy
of the state that such a run has left.
"""

import shutil
from pathlib import Path
from typing import Any

from bakery import Bakery, Project
from template import TEMPLATE

from .operator import CLOUD, Operator, Tally, bake, edited

DEFAULTS = {question: TEMPLATE.choices[question][0] for question in CLOUD}
# The last step of `provision`, without which an app has neither roles nor settings.
LAST_STEP = 'bash "$SCRIPTS/configure-identity.sh"'


class Stages:
    """Makes operators; `created` is before the last step of `provision`, `provisioned` after it."""

    def __init__(self, bakery: Bakery, folder: Path) -> None:
        """Begin with nothing."""
        self._bakery = bakery
        self._folder = folder
        self._states: dict[tuple, Path] = {}

    def project(self, **combination: str) -> Project:
        """Return the project of a combination."""
        return bake(self._bakery, DEFAULTS | combination)

    def operator(
        self,
        stage: str,
        shell: str,
        folder: Path,
        tally: Tally,
        project: Path | None = None,
        tools: tuple[str, ...] = ("az",),
        combination: dict[str, str] | None = None,
        **changes: Any,
    ) -> Operator:
        """Return an operator at a stage: `new`, `created` or `provisioned`.

        `project` is another folder than that of the combination, such as one with a mistake;
        `changes` are as in `Subscription`.
        """
        chosen = combination or {}
        path = project or self.project(**chosen).path
        person = Operator(path, shell, folder, tally, tools, **changes)
        if stage != "new":
            shutil.copy(self._state(stage, chosen), person.azure.state)
            kept = {key: value for key, value in changes.items() if key != "extensions"}
            person.azure.change(**kept)
        return person

    def _state(self, stage: str, combination: dict[str, str]) -> Path:
        """Return the file with the state at a stage."""
        key = (stage, *sorted((DEFAULTS | combination).items()))
        if key not in self._states:
            folder = self._folder / str(len(self._states))
            path = self.project(**combination).path
            if stage == "created":
                path = edited(path, folder, "scripts/provision.sh", LAST_STEP, "exit 0")
            maker = Operator(path, "bash", folder / "maker", Tally())
            maker.succeed("provision")
            self._states[key] = maker.azure.state
        return self._states[key]
