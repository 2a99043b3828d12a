"""Counts of what the tests have tried, printed at the end of the session."""

import pytest

# One line each.
TALLIES = pytest.StashKey[list[str]]()


def tell(config: pytest.Config, line: str) -> None:
    """Print a line at the end of the session, also from a process of pytest-xdist."""
    output = getattr(config, "workeroutput", None)
    (config.stash[TALLIES] if output is None else output.setdefault("tallies", [])).append(line)
