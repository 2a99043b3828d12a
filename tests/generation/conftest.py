"""Variants and their projects, and copies of this repository."""

from pathlib import Path

import pytest

from bakery import Baked, Bakery
from checkout import Fakes, copy_checkout
from template import TEMPLATE


@pytest.fixture(
    scope="module",
    params=[TEMPLATE.near_variants, pytest.param(TEMPLATE.variants, marks=pytest.mark.slow)],
    ids=lambda variants: variants.__name__,
)
def baked(request: pytest.FixtureRequest, bakery: Bakery) -> Baked:
    """Return variants and their projects."""
    return [(variant, bakery.bake(**variant)) for variant in request.param()]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of this repository."""
    return copy_checkout(tmp_path / "checkout")


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    """Return fakes that every program of the test finds first on PATH."""
    fakes = Fakes(tmp_path)
    for name, value in fakes.variables().items():
        monkeypatch.setenv(name, value)
    return fakes
