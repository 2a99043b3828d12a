"""An offline, in-memory Durable host that executes generated function apps."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.samples")  # its assertions explain themselves
