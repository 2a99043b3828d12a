"""Chains, fan-out, sub-orchestrations, and orchestrators that fail."""

from __future__ import annotations

import pytest

from functions_host.host import Host

from .samples import finish, start

pytestmark = pytest.mark.slow  # installs packages


def test_chaining_hands_values_on(host: Host) -> None:
    before = len(host.calls)
    for value in ({"n": 1, "ü": [True, None]}, "text", "5", 2.5, [1], True, "", 0):
        assert finish(host, "chaining", value) == [value, None]
    assert host.calls[before : before + 3] == [
        ("echo", {"n": 1, "ü": [True, None]}),
        ("echo", {"n": 1, "ü": [True, None]}),
        ("echo", None),
    ]


def test_custom_status_is_the_last_one(host: Host) -> None:
    instance_id = start(host, "chaining", 1)
    assert host.status(instance_id)["runtimeStatus"] == "Pending"
    host.run()
    assert host.status(instance_id)["customStatus"] == {"step": "second"}
    assert host.status(instance_id)["input"] == 1


def test_accepted_response_leads_to_the_status(host: Host) -> None:
    response = host.request("POST", "/api/orchestrators/chaining", b"1")
    urls = response.json()
    assert response.headers["LOCATION"] == urls["statusQueryGetUri"]
    assert response.headers["Retry-After"] == "10"
    assert {"id", "sendEventPostUri", "terminatePostUri", "purgeHistoryDeleteUri"} <= {*urls}
    pending = host.request("GET", urls["statusQueryGetUri"])
    assert (pending.status, pending.json()["runtimeStatus"]) == (202, "Pending")
    host.run()
    done = host.request("GET", response.headers["Location"])
    assert (done.status, done.json()["output"]) == (200, [1, None])


def test_every_history_has_the_activities(host: Host) -> None:
    instance_id = start(host, "chaining", 1)
    host.run()
    scheduled = [e["Name"] for e in host.history(instance_id) if e["EventType"] == 4]
    assert scheduled == ["echo", "echo", "echo"]


def test_fan_out_and_in(host: Host) -> None:
    assert finish(host, "gather", [1, 2, 3]) == 12


def test_sub_orchestrations(host: Host) -> None:
    instance_id = start(host, "parent")
    host.run()
    assert host.status(instance_id)["output"] == [{"n": 1}, "text", True]
    assert host.status(f"{instance_id}-child")["output"] == "text"


def test_unknown_functions(host: Host) -> None:
    refused = host.request("POST", "/api/orchestrators/nobody", b"1")
    assert refused.status == 500
    assert "not an orchestrator function" in refused.error
    instance_id = start(host, "stranger")
    host.run()
    assert host.status(instance_id)["runtimeStatus"] == "Failed"
    assert "'nobody' doesn't exist" in host.status(instance_id)["output"]


def test_failing_orchestrator(host: Host) -> None:
    instance_id = start(host, "broken")
    host.run()
    status = host.status(instance_id)
    assert status["runtimeStatus"] == "Failed"
    assert status["output"] == "Orchestrator function 'broken' failed: broken on purpose"
    assert host.errors[-1] == "broken: broken on purpose"
