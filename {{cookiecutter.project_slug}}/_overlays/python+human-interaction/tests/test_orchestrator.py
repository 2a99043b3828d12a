import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app import CONTRACT, FUNCTIONS
from replay import Activity, Event, Replay, Retry, Timer

ORDER = CONTRACT["completed"][0]["body"]
LARGE_ORDER = ORDER | {"total": 1_000.0}
RETRY = Retry(attempts=3, interval=5_000)

FULFILLED = {"success": True, "orderId": "order-1001"}
APPROVED = {"approved": True, "approver": "ann"}
REJECTED = {"approved": False, "approver": "ann"}


def not_fulfilled(reason: str) -> dict[str, Any]:
    return {"success": False, "orderId": "order-1001", "reason": reason}


def start(order: dict[str, Any] = LARGE_ORDER) -> Replay:
    return Replay(FUNCTIONS["process_order"], order)


def validated(order: dict[str, Any] = LARGE_ORDER) -> Replay:
    """Return a workflow whose order is valid."""
    run = start(order)
    assert run.waits_for == [Activity("validate_order", order)]
    run.complete(None)
    return run


def pay_and_ship(run: Replay, order: dict[str, Any] = LARGE_ORDER) -> None:
    for name in ("process_payment", "ship_order"):
        assert run.waits_for == [Activity(name, order, RETRY)]
        run.complete()


@pytest.mark.parametrize("total", [20.0, 999.99])
def test_a_small_order_needs_no_approval(total: float) -> None:
    order = ORDER | {"total": total}
    run = validated(order)
    pay_and_ship(run, order)

    assert run.output == FULFILLED


def test_a_large_order_waits_for_an_approval() -> None:
    run = validated()

    assert run.waits_for == [Event("Approval"), Timer(run.now + timedelta(hours=72))]
    assert run.custom_status == "waiting for approval"


@pytest.mark.parametrize("data", [APPROVED, json.dumps(APPROVED)], ids=["object", "text"])
def test_an_approval_cancels_the_timer_and_continues(data: Any) -> None:
    run = validated()
    run.raise_event("Approval", data)

    assert run.custom_status == "approved"
    pay_and_ship(run)
    assert run.output == FULFILLED


@pytest.mark.parametrize("data", [REJECTED, json.dumps(REJECTED)], ids=["object", "text"])
def test_a_rejection_ends_the_workflow(data: Any) -> None:
    run = validated()
    run.raise_event("Approval", data)

    assert run.custom_status == "rejected"
    assert run.output == not_fulfilled("rejected by ann")


def test_an_event_that_is_no_approval_fails_the_orchestration() -> None:
    run = validated()

    with pytest.raises(ValidationError, match="approved"):
        run.raise_event("Approval", {"approver": "ann"})


def test_no_answer_in_time_ends_the_workflow() -> None:
    run = validated()
    run.fire_timer()

    assert run.custom_status == "approval timed out"
    assert run.output == not_fulfilled("approval timed out")


def test_an_approval_may_come_before_the_workflow_waits() -> None:
    run = start()
    run.raise_event("Approval", APPROVED)
    run.complete(None)

    assert run.custom_status == "approved"
    pay_and_ship(run)
    assert run.output == FULFILLED


def test_the_first_of_two_approvals_counts() -> None:
    run = validated()
    run.raise_event("Approval", APPROVED)
    run.raise_event("Approval", REJECTED)

    pay_and_ship(run)
    assert run.output == FULFILLED


def test_an_approval_after_the_timeout_changes_nothing() -> None:
    run = validated()
    run.fire_timer()
    run.raise_event("Approval", APPROVED)

    assert run.output == not_fulfilled("approval timed out")


def test_an_order_that_is_not_valid_needs_no_approval() -> None:
    run = start()
    run.complete("order has no items")

    assert run.output == not_fulfilled("order has no items")


@pytest.mark.parametrize(("completed", "reason"), [(0, "payment failed"), (1, "shipping failed")])
def test_a_step_that_fails_for_good_ends_the_workflow(completed: int, reason: str) -> None:
    run = validated(ORDER)
    for _ in range(completed):
        run.complete()
    for _ in range(RETRY.attempts):
        run.fail()

    assert run.output == not_fulfilled(reason)


@pytest.mark.parametrize("case", CONTRACT["completed"], ids=lambda case: case["name"])
def test_the_workflow_with_its_activities(case: dict[str, Any]) -> None:
    run = Replay(FUNCTIONS["process_order"], case["body"])
    for event in case.get("events", []):
        run.raise_event(event["name"], event["data"])

    assert run.run(FUNCTIONS) == case["output"]
