"""Provisioning, deployment, Bicep and azd of generated projects, without Azure (`tests/fakes`)."""

import pytest

pytest.register_assert_rewrite("cloud.support")
