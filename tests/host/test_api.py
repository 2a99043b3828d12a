"""The management URLs of an instance."""

from __future__ import annotations

import json

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


SHOW_ALL = "showHistory=true&showHistoryOutput=true"


def test_the_history_is_shown_when_asked_for(host: Host) -> None:
    urls = host.request("POST", "/api/orchestrators/retried").json()
    host.run()
    url = urls["statusQueryGetUri"]
    assert "historyEvents" not in host.request("GET", url).json()
    shown = host.request("GET", f"{url}&{SHOW_ALL}").json()["historyEvents"]
    attempt = ["TaskFailed", "TimerCreated", "TimerFired"]
    kinds = [event["EventType"] for event in shown]
    assert kinds == ["ExecutionStarted", *attempt * 3, "ExecutionCompleted"]
    assert shown[-1]["Result"] == "gave up"
    times = [event["Timestamp"] for event in shown]
    assert times == sorted({*times}), "each event has a time of its own"
    hidden = host.request("GET", f"{url}&showHistory=True&showInput=false").json()
    assert hidden["input"] is None
    assert not any({"Input", "Result"} & {*event} for event in hidden["historyEvents"])


def test_an_ended_race_has_no_fired_timer(host: Host) -> None:
    instance_id = start(host, "race", query="?id=raced")
    host.run(until=NOW)
    host.raise_event(instance_id, "Approval", 1)
    host.run(until=NOW)
    url = f"/runtime/webhooks/durabletask/instances/{instance_id}?{SHOW_ALL}"
    shown = host.request("GET", url).json()["historyEvents"]
    kinds = ["ExecutionStarted", "TimerCreated", "EventRaised", "ExecutionCompleted"]
    assert [event["EventType"] for event in shown] == kinds


def test_signals_are_part_of_the_history(host: Host) -> None:
    instance_id = start(host, "tally", "B-7", query="?id=tallied")
    host.run()
    url = f"/runtime/webhooks/durabletask/instances/{instance_id}?{SHOW_ALL}"
    shown = host.request("GET", url).json()["historyEvents"]
    sent = [event for event in shown if event["EventType"] == "EventSent"]
    requests = [json.loads(event["Input"]) for event in sent]
    assert [(each["op"], each["signal"]) for each in requests][:3] == [
        ("add", True),
        ("add", True),
        ("get", False),
    ]
    assert {event["InstanceId"].lower() for event in sent} == {"@sales@b-7"}
    assert len({each["id"] for each in requests}) == len(requests)


def test_fixed_instance_id(host: Host) -> None:
    assert start(host, "race", query="?id=fixed") == "fixed"
    host.run(until=NOW)
    again = host.request("POST", "/api/orchestrators/race?id=fixed")
    assert again.status == 500
    host.run()
    assert start(host, "race", query="?id=fixed") == "fixed"
    host.run()
