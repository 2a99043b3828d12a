"""Variants and their projects, for the modules that check each of them."""

import pytest

from bakery import Baked, Bakery
from template import TEMPLATE


@pytest.fixture(
    scope="module",
    params=[TEMPLATE.near_variants, pytest.param(TEMPLATE.variants, marks=pytest.mark.slow)],
    ids=lambda variants: variants.__name__,
)
def baked(request: pytest.FixtureRequest, bakery: Bakery) -> Baked:
    """Return variants and their projects."""
    return [(variant, bakery.bake(**variant)) for variant in request.param()]
