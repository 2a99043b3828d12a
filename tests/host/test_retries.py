"""Retries, and failures or results that a test gives instead of an activity."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions_host.errors import (
    UnknownFunctionError,
)
from functions_host.host import Host

from .samples import LoadApp, finish, start

pytestmark = pytest.mark.slow  # installs packages


def test_retries_until_success(host: Host) -> None:
    begin, before = host.now, len(host.calls)
    host.fail("flaky", 1)
    assert finish(host, "mixed") == [["fine", 8, "fine"], "last"]
    assert [name for name, _ in host.calls[before:]] == [
        "flaky",
        "double",
        "flaky",
        "flaky",
        "echo",
    ]
    assert host.now - begin == timedelta(seconds=5)


def test_retries_side_by_side(host: Host) -> None:
    begin = host.now
    host.fail("flaky", 3)
    assert finish(host, "mixed") == [["fine", 8, "fine"], "last"]
    assert host.now - begin == timedelta(seconds=5)


def test_retries_in_vain(host: Host) -> None:
    begin, before = host.now, len(host.calls)
    assert finish(host, "retried") == "gave up"
    assert host.calls[before:] == [("flaky", 1)] * 3
    assert host.now - begin == timedelta(seconds=10)  # the last timer fires at once


def test_node_retries_with_backoff(load: LoadApp) -> None:
    with Host(load("node", "patterns")) as host:
        begin = host.now
        assert finish(host, "growing") == "gave up"
        assert host.now - begin == timedelta(seconds=1 + 2 + 3)


def test_injected_failure_forever(host: Host) -> None:
    host.fail("echo", None)
    instance_id = start(host, "chaining", 1)
    host.run()
    host.fail("echo", 0)
    assert host.status(instance_id)["runtimeStatus"] == "Failed"
    assert "injected failure of echo" in host.status(instance_id)["output"]
    with pytest.raises(UnknownFunctionError):
        host.fail("chaining", 1)


def test_intercepted_by_input(host: Host) -> None:
    host.fail("double", None, when=lambda n: n == 2)
    instance_id = start(host, "gather", [1, 2, 3])
    host.run()
    assert host.status(instance_id)["runtimeStatus"] == "Failed"
    host.give("double", 100, times=2)
    assert finish(host, "gather", [1, 2, 3]) == 206
    host.give("double", 0, times=0)
