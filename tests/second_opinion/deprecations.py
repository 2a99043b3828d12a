"""What an app uses of the SDK that is deprecated: by warnings while it runs, and by its code."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any


class Deprecations:
    """The deprecated names that an app uses.

    Args:
        folder: the code of the app. What other files use is not its concern.
        sdk: the package that deprecates.
    """

    def __init__(self, folder: Path, sdk: ModuleType) -> None:
        self._folder = folder
        self._deprecated = dict(_deprecated(sdk))
        self._warned: set[str] = set()
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", DeprecationWarning)
        warnings.showwarning = self._record

    def messages(self) -> list[str]:
        """Return what the SDK says about each name, which is the first word."""
        return sorted(self._warned | {self._deprecated[name] for name in self._names()})

    def _record(self, message: Any, category: type, filename: str, *_: Any) -> None:
        if issubclass(category, DeprecationWarning) and self._folder in Path(filename).parents:
            self._warned.add(str(message))

    def _names(self) -> Iterator[str]:
        for file in self._folder.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in self._deprecated:
                    yield node.attr


def _deprecated(sdk: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the classes and methods of the SDK that `warnings.deprecated` marks, with its text."""
    for class_name, each in inspect.getmembers(sdk, inspect.isclass):
        own = vars(each).get("__deprecated__")
        if own:
            yield class_name, own
        for name, method in inspect.getmembers(each, inspect.isroutine):
            if message := getattr(method, "__deprecated__", None):
                yield name, message
