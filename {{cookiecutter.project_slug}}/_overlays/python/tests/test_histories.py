"""Today's orchestrator does what the recorded histories in `histories` tell."""

from pathlib import Path

import pytest

from app import FUNCTIONS
from recorded_history import check_history

HISTORIES = sorted(Path(__file__).with_name("histories").glob("*.json"))


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
def test_a_recorded_history_is_repeated(file: Path) -> None:
    check_history(file, FUNCTIONS)
