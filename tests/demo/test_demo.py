"""The demo without a browser: its requests, its timelines, and a worker that is killed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection

import pytest

from functions_demo.timelines import timeline
from functions_host.instances import Execution, Instance
from functions_host.protocol import ActionType

from .client import ORDER, RunningDemo, bars, block_of

pytestmark = pytest.mark.slow  # installs packages


@pytest.fixture(scope="module")
def saga(start_demo: Callable[..., RunningDemo]) -> Iterator[RunningDemo]:
    with start_demo("saga") as demo:
        yield demo


def test_the_app_and_the_management_api_share_the_port(saga: RunningDemo) -> None:
    status, accepted = saga.send("POST", "/api/orders", ORDER)

    assert status == 202
    assert accepted["statusQueryGetUri"].startswith(f"{saga.origin}/runtime/webhooks/durabletask/")
    done = saga.finish(accepted["id"])
    assert done["output"] == {"success": True, "orderId": "order-1001"}
    path = accepted["statusQueryGetUri"].removeprefix(saga.origin)
    assert saga.send("GET", path)[1]["runtimeStatus"] == "Completed"
    assert saga.send("POST", "/api/orders", {"id": ""})[0] == 400


def test_each_activity_has_a_row_and_each_run_of_the_orchestrator_a_mark(saga: RunningDemo) -> None:
    done = saga.finish(saga.order())

    assert bars(done) == [
        (name, "attempt", "completed")
        for name in ("validate_order", "reserve_inventory", "process_payment", "ship_order")
    ]
    episodes = done["generations"][0]["episodes"]
    assert [episode["reason"] for episode in episodes] == [
        "started",
        "validate_order completed",
        "reserve_inventory completed",
        "process_payment completed",
        "ship_order completed",
    ]
    assert [episode["replayed"] for episode in episodes] == [0, 4, 8, 12, 16]
    assert done["episodes"] == 5
    for row in done["generations"][0]["rows"]:
        assert row["input"] == ORDER
        assert row["bars"][0]["end"] - row["bars"][0]["start"] >= 0.05, "the pace"


def test_failed_payments_are_retried_and_the_saga_is_undone(saga: RunningDemo) -> None:
    for _ in range(3):
        saga.send("POST", "/demo/payment/fail")
    assert saga.send("GET", "/demo/state")[1]["paymentsToFail"] == 3
    done = saga.finish(saga.order())

    failed = ("process_payment", "attempt", "failed")
    attempts = [failed, ("process_payment", "pause", "fired")] * 2 + [failed]
    assert bars(done)[2:] == [*attempts, ("release_inventory", "attempt", "completed")]
    payment = done["generations"][0]["rows"][2]["bars"]
    assert [bar["number"] for bar in payment if bar["kind"] == "attempt"] == [1, 2, 3]
    assert {bar["seconds"] for bar in payment if bar["kind"] == "pause"} == {5.0}
    assert "injected failure" in payment[0]["error"]
    assert len(done["skips"]) == 2
    assert done["length"] < 10, "skipped time takes none"
    assert done["output"]["compensated"] == ["inventory"]
    assert saga.send("GET", "/demo/state")[1]["paymentsToFail"] == 0


def test_a_killed_worker_loses_the_running_activity_only(saga: RunningDemo) -> None:
    saga.send("POST", "/demo/pace?seconds=2")
    before = len(saga.live.durable.functions.calls)
    instance_id = saga.order()
    saga.wait(instance_id, lambda i: ("reserve_inventory", "attempt", "running") in bars(i))
    killed = saga.send("POST", "/demo/worker/kill")[1]["worker"]
    down = saga.instance(instance_id)

    assert killed["state"] == "stopped"
    assert bars(down)[-1] == ("reserve_inventory", "attempt", "lost")
    assert saga.send("POST", "/api/orders", ORDER)[0] == 503
    assert saga.send("POST", "/demo/worker/kill")[0] == 200, "a second time changes nothing"

    restarted = saga.send("POST", "/demo/worker/start")[1]["worker"]
    saga.send("POST", "/demo/pace?seconds=0.05")
    done = saga.finish(instance_id)

    assert restarted["state"] == "running"
    assert restarted["process"] != killed["process"]
    assert bars(done)[1:3] == [
        ("reserve_inventory", "attempt", "lost"),
        ("reserve_inventory", "attempt", "completed"),
    ]
    assert done["output"]["success"] is True
    names = [name for name, _ in saga.live.durable.functions.calls[before:]]
    assert names.count("reserve_inventory") == 2, "an activity runs at least once"
    assert names.count("validate_order") == 1, "its result was in the history"
    (outage,) = done["outages"]
    lost, again = (bar for bar in done["generations"][0]["rows"][1]["bars"])
    assert lost["end"] == outage["start"] < outage["end"] <= again["start"]


def test_a_worker_that_dies_by_itself_is_a_problem_and_can_be_started(saga: RunningDemo) -> None:
    saga.live.worker._process.kill()
    status, _ = saga.send("POST", "/api/orders", ORDER)

    assert status == 503
    state = saga.send("GET", "/demo/state")[1]
    assert state["worker"]["state"] == "stopped"
    assert "ended with code -9" in state["problems"][-1]
    saga.send("POST", "/demo/worker/start")
    instance_id = saga.order()
    assert saga.finish(instance_id)["status"] == "Completed"


def test_what_the_demo_refuses(saga: RunningDemo) -> None:
    done = saga.finish(saga.order())["id"]

    assert saga.send("POST", f"/demo/timer/skip?instance={done}")[0] == 409
    assert saga.send("POST", "/demo/timer/skip?instance=unknown")[0] == 404
    assert saga.send("GET", "/demo/instances/unknown")[0] == 404
    assert saga.send("GET", "/demo/unknown")[0] == 404
    assert saga.send("GET", "/demo/worker/kill")[0] == 404, "reading changes nothing"
    for pace in ("", "-1", "11", "nan", "fast"):
        assert saga.send("POST", f"/demo/pace?seconds={pace}")[0] == 409, pace
    assert saga.send("GET", "/page/../server.py")[0] == 404


def test_the_commands_of_the_document(saga: RunningDemo) -> None:
    commands = block_of("docs/demo.md", "Without a browser")
    saga.live.fail_next("process_payment")
    waiting = saga.order()
    saga.wait(waiting, lambda i: ("process_payment", "pause", "running") in bars(i))

    commands = commands.replace("http://127.0.0.1:7071", saga.origin).replace(
        "INSTANCE-ID", waiting
    )
    script = commands.replace("curl ", "curl --fail --silent --show-error --output /dev/null ")
    result = subprocess.run(["bash", "-e"], input=script, capture_output=True, text=True)

    assert (result.returncode, result.stderr) == (0, "")
    assert saga.live.agenda.pace == 3, "the last command"
    saga.send("POST", "/demo/pace?seconds=0.05")
    assert saga.finish(waiting)["status"] == "Completed"


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Origin", "http://example.com", 403),
        ("Host", "example.com", 403),
        ("Origin", "null", 403),
        ("X-Other", "http://example.com", 200),
    ],
)
def test_other_sites_cannot_use_the_demo(
    saga: RunningDemo, header: str, value: str, status: int
) -> None:
    """A page on the internet could send requests to this computer, by name or by DNS rebinding."""
    connection = HTTPConnection(saga.origin.removeprefix("http://"))
    connection.request("POST", "/demo/pace?seconds=0.05", headers={header: value})

    assert connection.getresponse().status == status
    connection.close()


def test_an_activity_that_was_not_called_yet_has_no_bar() -> None:
    """The worker was killed after it had asked for the activity."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    action = {"actionType": ActionType.CALL_ACTIVITY, "functionName": "ship_order", "input": "1"}
    execution = Execution(None)
    execution.actions.append((action, execution.new_task(action)))
    execution.asked.append(now)

    instance = Instance("1", "process_order", now, now, execution)
    (generation,) = timeline(instance, now, [], [])["generations"]

    assert [(row["name"], row["bars"]) for row in generation["rows"]] == [("ship_order", [])]


def test_a_terminated_order_waits_for_nothing(saga: RunningDemo) -> None:
    saga.live.fail_next("process_payment")
    order = saga.order()
    saga.wait(order, lambda i: ("process_payment", "pause", "running") in bars(i))
    saga.send("POST", f"/runtime/webhooks/durabletask/instances/{order}/terminate?reason=test")

    ended = saga.wait(order, lambda i: i["status"] == "Terminated")

    assert bars(ended)[-1] == ("process_payment", "pause", "cancelled")
    assert saga.send("POST", f"/demo/timer/skip?instance={order}")[0] == 409
