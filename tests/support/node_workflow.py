"""The workflow of a generated TypeScript or JavaScript project, changed and tested by itself."""

import json
import re
from collections.abc import Callable, Iterable
from functools import partial

from defects import seed
from installed_project import ProjectCopy

SUFFIXES = {"typescript": "ts", "javascript": "js"}

# A file of `src/orders/` without its suffix, and what happens to its text.
Edit = tuple[str, Callable[[str], str]]


def replaced(old: str, new: str, file: str = "orchestrator") -> Edit:
    """Replace the first place of a text."""
    return file, partial(seed, old=old, new=new)


def swapped(one: str, other: str) -> Edit:
    """Swap two texts of the orchestrator."""
    texts = {one: other, other: one}
    either = "|".join(re.escape(text) for text in texts)
    return "orchestrator", lambda text: re.sub(either, lambda found: texts[found[0]], text)


class NodeWorkflow:
    """The workflow of a project, and the tests that replay it.

    Args:
        project: a copy with its packages.
        language: `typescript` or `javascript`.
    """

    def __init__(self, project: ProjectCopy, language: str) -> None:
        self.project = project
        self._suffix = SUFFIXES[language]
        self._is_compiled = language == "typescript"

    def path(self, file: str) -> str:
        """Return the path of a file of `src/orders/`."""
        return f"src/orders/{file}.{self._suffix}"

    @property
    def folder_of_tests(self) -> str:
        """The folder of the tests that run: TypeScript compiles them."""
        return "src/dist/tests" if self._is_compiled else "src/tests"

    def edited(self, edits: Iterable[Edit]) -> dict[str, str]:
        """Return the changed files with their texts."""
        texts: dict[str, str] = {}
        for file, edit in edits:
            path = self.path(file)
            texts[path] = edit(texts.get(path) or self.project.read(path))
        return texts

    def run_tests(self, *names: str) -> str:
        """Return the report of some tests, `histories` for example."""
        compile = "src/node_modules/.bin/tsc --noCheck -p src && " if self._is_compiled else ""
        files = " ".join(f"{self.folder_of_tests}/{name}.test.js" for name in names)
        result = self.project.run(f"{compile}node --test --test-reporter=spec {files}")
        return result.stdout + result.stderr

    def lint(self, file: str) -> list[str]:
        """Return what the determinism rules find in a file of `src/orders/`."""
        command = f"npx eslint --format json ../{self.path(file)}"
        result = self.project.run(command, self.project.path / "src")
        assert result.returncode < 2, result.stderr
        (found,) = json.loads(result.stdout)
        return [
            message["message"]
            for message in found["messages"]
            if (message["ruleId"] or "").startswith("no-restricted-")
        ]
