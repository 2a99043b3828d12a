"""Seeded defects: tests replace a text by a defect and expect that a check reports it."""

from typing import NamedTuple

import pytest


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
