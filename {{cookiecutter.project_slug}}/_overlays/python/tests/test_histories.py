"""Today's orchestrator does what the recorded histories in `histories` tell."""

from pathlib import Path

import pytest

from app import FUNCTIONS
from recorded_history import HISTORIES, check_history


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
def test_a_recorded_history_is_repeated(file: Path) -> None:
    check_history(file, FUNCTIONS)
