"""Events, timers, and orchestrators that continue as new."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions_host.errors import (
    InstanceEndedError,
    UnknownInstanceError,
)
from functions_host.host import Host

from .samples import HOUR, NOW, LoadApp, approve, start

pytestmark = pytest.mark.slow  # installs packages


def test_event_wins_the_race(host: Host) -> None:
    instance_id = start(host, "race")
    host.run(until=NOW)
    assert host.status(instance_id)["customStatus"] == "waiting"
    assert approve(host, instance_id, {"approved": True}).status == 202
    host.run(until=NOW)
    assert host.status(instance_id)["runtimeStatus"] == "Completed"
    assert host.status(instance_id)["output"] == {"approved": True}
    assert approve(host, instance_id, {}).status == 409
    with pytest.raises(InstanceEndedError):
        host.raise_event(instance_id, "Approval", {})


def test_event_may_come_before_the_orchestrator_waits(host: Host) -> None:
    instance_id = start(host, "race")
    host.raise_event(instance_id, "Approval", 7)
    host.run(until=NOW)
    assert host.status(instance_id)["output"] == 7


def test_timer_wins_the_race(host: Host) -> None:
    begin = host.now
    instance_id = start(host, "race")
    host.run(until=71 * HOUR)
    assert host.now - begin == 71 * HOUR
    assert host.status(instance_id)["runtimeStatus"] == "Running"
    host.run()
    assert host.status(instance_id)["output"] == "timed out"
    assert host.now - begin == 72 * HOUR


def test_cancelled_timer_does_not_move_the_clock(host: Host) -> None:
    host.run()  # ends the instances of earlier tests
    begin = host.now
    instance_id = start(host, "race")
    host.run(until=NOW)
    host.raise_event(instance_id, "Approval", 7)
    host.run()
    assert host.now == begin


def test_uncancelled_timer_keeps_the_instance_running(host: Host) -> None:
    instance_id = start(host, "race", "careless")
    host.run(until=NOW)
    host.raise_event(instance_id, "Approval", 7)
    host.run(until=HOUR)
    assert host.status(instance_id)["runtimeStatus"] == "Running"
    host.run()
    assert host.status(instance_id)["output"] == 7


def test_unknown_instance(host: Host) -> None:
    assert approve(host, "nobody", {}).status == 404
    with pytest.raises(UnknownInstanceError):
        host.status("nobody")


def test_timer_longer_than_a_slice(host: Host) -> None:
    begin = host.now
    instance_id = start(host, "long_wait")
    host.run()
    assert host.status(instance_id)["output"] == 10
    assert host.now - begin == timedelta(days=10)
    due = [e["FireAt"][8:10] for e in host.history(instance_id) if e["EventType"] == 10]
    days = [begin + timedelta(days=n) for n in (3, 6, 10)]
    assert due == [f"{day:%d}" for day in days]


def test_python_timers_without_slices(load: LoadApp) -> None:
    """Some storage providers do not tell the SDK how to slice long timers."""
    with Host(load("python", "patterns"), long_timers=False) as host:
        instance_id = start(host, "long_wait")
        host.run()
        assert host.status(instance_id)["output"] == 10
        timers = [e for e in host.history(instance_id) if e["EventType"] == 10]
        assert len(timers) == 1


def test_node_long_timer_can_be_cancelled_after_its_first_slice(load: LoadApp) -> None:
    with Host(load("node", "patterns")) as host:
        instance_id = start(host, "cancelled_long_wait")
        host.run(until=100 * HOUR)
        host.raise_event(instance_id, "Approval", 1)
        host.run(until=NOW)
        assert host.status(instance_id)["runtimeStatus"] == "Completed"


def test_python_client_encodes_events_twice(load: LoadApp) -> None:
    """An event of the Python client is JSON text, an event by the URL is a value."""
    with Host(load("python", "patterns")) as host:
        by_client, by_url = start(host, "raw_event"), start(host, "raw_event")
        host.run()
        approve(host, by_client, {"approved": True})
        host.raise_event(by_url, "Approval", {"approved": True})
        host.run()
        assert host.status(by_client)["output"] == ['{"approved": true}']
        assert host.status(by_url)["output"] == [{"approved": True}]


def test_continue_as_new(host: Host) -> None:
    begin = host.now
    instance_id = start(host, "counter", {"round": 1})
    host.run(until=HOUR)
    status = host.status(instance_id)
    assert (status["input"], status["customStatus"]) == ({"round": 3}, "round 3")
    host.run()
    assert host.status(instance_id)["output"] == 3
    assert host.now - begin == 1.5 * HOUR


def test_continue_as_new_keeps_unread_events(host: Host) -> None:
    instance_id = start(host, "keeper", [])
    for n in range(3):
        host.raise_event(instance_id, "Approval", n)
    host.run(until=NOW)
    assert host.status(instance_id)["customStatus"] == "first generation"
    host.run()
    status = host.status(instance_id)
    assert (status["output"], status["customStatus"]) == ([0, 1, 2], None)
    assert [e["EventType"] for e in host.history(instance_id)][:2] == [12, 0]


def test_next_generation_begins_before_queued_events(host: Host) -> None:
    instance_id = start(host, "collector", [])
    for n in range(3):
        host.raise_event(instance_id, "Approval", n)
    host.run(until=NOW)
    assert host.status(instance_id)["output"] == [0, 1, 2]
    assert [e["EventType"] for e in host.history(instance_id)][:2] == [12, 0]
