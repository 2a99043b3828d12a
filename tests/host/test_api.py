"""The management URLs of an instance."""

from __future__ import annotations

import pytest

from functions_host.host import Host

from .samples import NOW, start

pytestmark = pytest.mark.slow  # installs packages


def test_terminate(host: Host) -> None:
    urls = host.request("POST", "/api/orchestrators/race").json()
    host.run(until=NOW)
    url = urls["terminatePostUri"].replace("{text}", "enough")
    assert host.request("POST", url).status == 202
    host.run()
    status = host.status(urls["id"])
    assert (status["runtimeStatus"], status["output"]) == ("Terminated", "enough")
    assert host.request("POST", url).status == 410


def test_suspend_and_resume(host: Host) -> None:
    urls = host.request("POST", "/api/orchestrators/race").json()
    host.run(until=NOW)
    assert host.request("POST", urls["suspendPostUri"]).status == 202
    host.raise_event(urls["id"], "Approval", 1)
    host.run(until=NOW)
    assert host.status(urls["id"])["runtimeStatus"] == "Suspended"
    host.request("POST", urls["resumePostUri"])
    host.run(until=NOW)
    assert host.status(urls["id"])["output"] == 1


def test_send_event(host: Host) -> None:
    urls = host.request("POST", "/api/orchestrators/race").json()
    url = urls["sendEventPostUri"].replace("{eventName}", "Approval")
    json_type = {"content-type": "application/json"}
    assert host.request("POST", url, b"{}").status == 400
    assert host.request("POST", url, b"{", json_type).status == 400
    assert host.request("POST", url, b'{"by": "me"}', json_type).status == 202
    host.run(until=NOW)
    assert host.status(urls["id"])["output"] == {"by": "me"}
    unknown = url.replace(urls["id"], "nobody")
    assert host.request("POST", unknown, b"1", json_type).status == 404


def test_purge_and_list(host: Host) -> None:
    urls = host.request("POST", "/api/orchestrators/chaining", b"1").json()
    host.run()
    listed = host.request("GET", "/runtime/webhooks/durabletask/instances").json()
    assert urls["id"] in [status["instanceId"] for status in listed]
    assert host.request("DELETE", urls["purgeHistoryDeleteUri"]).json() == {"instancesDeleted": 1}
    assert host.request("DELETE", urls["purgeHistoryDeleteUri"]).status == 404


def test_fixed_instance_id(host: Host) -> None:
    assert start(host, "race", query="?id=fixed") == "fixed"
    host.run(until=NOW)
    again = host.request("POST", "/api/orchestrators/race?id=fixed")
    assert again.status == 500
    host.run()
    assert start(host, "race", query="?id=fixed") == "fixed"
    host.run()
