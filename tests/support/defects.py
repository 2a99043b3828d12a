"""Seeded defects: tests replace a text by a defect and expect that a check reports it."""

import os
from typing import NamedTuple

import pytest

# Of its own kind, `make test` seeds as many defects in each pattern; the weekly job seeds all.
OWN_DEFECTS = None if os.environ.get("SEEDED_DEFECTS") == "all" else 2


class SeededDefect(NamedTuple):
    """A replaced text in a file, and the text by which a check reports it.

    Args:
        file: its path, or a glob that matches no other file.
        old: text of the file.
        new: text in its place.
        finding: part of the report.
    """

    file: str
    old: str
    new: str
    finding: str = ""

    def seed(self, text: str) -> str:
        """Return the text of the file with the defect."""
        return seed(text, self.old, self.new)


def seed(text: str, old: str, new: str) -> str:
    """Return a text with a defect in the first place that has `old`."""
    assert old in text, f"no place for the defect: {old!r}"
    return text.replace(old, new, 1)


def each_defect(defects: dict[str, SeededDefect]) -> pytest.MarkDecorator:
    """Run a test once per defect of a table that describes each by its key."""
    return pytest.mark.parametrize("defect", defects.values(), ids=defects.keys())


def of_patterns(
    defects: dict[str, dict[str, SeededDefect]],
) -> list[tuple[str, str, SeededDefect]]:
    """Return (pattern, description, defect): all of the first pattern, some of each other one.

    Args:
        defects: for each pattern its defects, the first pattern with those that all can have.
    """
    first, *_ = defects
    return [
        (pattern, name, defect)
        for pattern, own in defects.items()
        for name, defect in list(own.items())[: None if pattern == first else OWN_DEFECTS]
    ]
