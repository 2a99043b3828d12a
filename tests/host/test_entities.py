"""Signals, calls and states of entities."""

from __future__ import annotations

import pytest

from functions_host.host import Host

from .samples import finish

pytestmark = pytest.mark.slow  # installs packages


def test_entity(host: Host) -> None:
    assert host.entity("Sales", "A-1") is None
    assert host.request("GET", "/api/sales/A-1").status == 404
    assert host.request("POST", "/api/sales/A-1", b"4").status == 202
    host.run()
    assert finish(host, "tally", "A-1") == {"total": 9, "failed": True}
    assert host.entity("sales", "A-1") == 9
    assert host.request("GET", "/api/sales/A-1").json() == 9
