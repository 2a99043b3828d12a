"""Versions of instances: which one a new instance gets, and which instances an app may run.

An instance keeps its version, also when it continues as new. Names, defaults and rules are those of
`DurableTaskOptions` in the extension, and of `VersioningSettings` in DurableTask.Core.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .settings import extension_options

MATCH_STRATEGIES = ("None", "Strict", "CurrentOrOlder")
FAILURE_STRATEGIES = ("Reject", "Fail")
MISMATCH = "VersionMismatch: Orchestration version did not comply with Worker Versioning"


@dataclass(frozen=True)
class Versions:
    """The options of host.json about versions."""

    default: str = ""
    match_strategy: str = "CurrentOrOlder"
    failure_strategy: str = "Reject"

    @classmethod
    def of(cls, app_folder: Path) -> Versions:
        """Read the options of an app. Raises ValueError for an unknown strategy."""
        options = extension_options(app_folder, "durableTask")
        return cls(
            options.get("defaultVersion") or "",
            _choice(options, "versionMatchStrategy", MATCH_STRATEGIES, cls.match_strategy),
            _choice(options, "versionFailureStrategy", FAILURE_STRATEGIES, cls.failure_strategy),
        )

    def accepts(self, version: str) -> bool:
        """Whether the app may run an instance of this version."""
        if self.match_strategy == "None":
            return True
        if self.match_strategy == "Strict":
            return version == self.default
        return _order(version, self.default) <= 0

    @property
    def fails_others(self) -> bool:
        """Whether an instance of another version fails. Otherwise it waits for another app."""
        return self.failure_strategy == "Fail"


def _choice(options: dict[str, Any], name: str, choices: tuple[str, ...], default: str) -> str:
    value = str(options.get(name, default))
    for choice in choices:
        if choice.lower() == value.lower():
            return choice
    raise ValueError(f"host.json: {name} is {value}, not one of {', '.join(choices)}")


def _order(one: str, other: str) -> int:
    """Compare as the extension does: numbers with dots by their parts, all others as text."""
    parts, other_parts = _parts(one), _parts(other)
    if parts and other_parts:
        return (parts > other_parts) - (parts < other_parts)
    text, other_text = one.strip().upper(), other.strip().upper()
    return (text > other_text) - (text < other_text)


def _parts(version: str) -> tuple[int, ...]:
    """The parts of a `System.Version`, which has two to four; empty if it is none."""
    is_version = re.fullmatch(r"\d+(\.\d+){1,3}", version)
    return tuple(int(part) for part in version.split(".")) if is_version else ()
