"""Fixtures of the tests of Azure, which `make test-fast` leaves out: they start many programs."""

from pathlib import Path

import pytest

from bakery import Bakery

from .support.operator import SHELLS, require_azure
from .support.stages import Stages


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def stages(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Return what makes operators at a stage."""
    require_azure()
    return Stages(bakery, tmp_path_factory.mktemp("stages"))


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Return each shell in turn."""
    require_azure(request.param)
    return request.param
