"""Seeded defects: tests replace a text by a defect and expect that a check reports it."""

import os
from typing import NamedTuple, TypeVar

import pytest

# `make test` seeds some defects of a long table; the weekly job seeds all.
ALL = os.environ.get("SEEDED_DEFECTS") == "all"
COMMON_DEFECTS = 4  # of those that every pattern can have
OWN_DEFECTS = 1  # of those that only one pattern can have

Defect = TypeVar("Defect")


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


def sample(defects: dict[str, Defect], size: int) -> dict[str, Defect]:
    """Return defects from all parts of a table, or all of them in the weekly job.

    Args:
        defects: the table: a description of each defect, and the defect.
        size: how many `make test` seeds.
    """
    count = len(defects)
    if ALL or count <= size:
        return defects
    chosen = {number * count // size for number in range(size)}
    return {key: each for number, (key, each) in enumerate(defects.items()) if number in chosen}


def of_patterns(
    defects: dict[str, dict[str, SeededDefect]],
) -> list[tuple[str, str, SeededDefect]]:
    """Return (pattern, description, defect) of a sample.

    Args:
        defects: for each pattern its defects, the first pattern with those that all can have.
    """
    first, *_ = defects
    return [
        (pattern, name, defect)
        for pattern, own in defects.items()
        for name, defect in sample(own, COMMON_DEFECTS if pattern == first else OWN_DEFECTS).items()
    ]
