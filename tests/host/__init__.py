"""Tests of the in-memory Functions host, with sample apps."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.samples")  # its assertions explain themselves
