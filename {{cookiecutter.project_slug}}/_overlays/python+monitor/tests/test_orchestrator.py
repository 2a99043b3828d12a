from datetime import datetime, timedelta
from typing import Any

import pytest

from app import CONTRACT, FUNCTIONS
from replay import Activity, Replay, Retry, Timer

ORDER = CONTRACT["completed"][0]["body"]
RETRY = Retry(attempts=3, interval=5_000)

VALIDATION = Activity("validate_order", ORDER)
PAYMENT = Activity("process_payment", ORDER, RETRY)
SHIPPING = Activity("ship_order", ORDER, RETRY)

FULFILLED = {"success": True, "orderId": "order-1001"}


def not_fulfilled(reason: str) -> dict[str, Any]:
    return {"success": False, "orderId": "order-1001", "reason": reason}


def check_of(poll: int) -> Activity:
    return Activity("check_delivery", {"orderId": "order-1001", "poll": poll}, RETRY)


def start(order: dict[str, Any] = ORDER) -> Replay:
    return Replay(FUNCTIONS["process_order"], order)


@pytest.fixture
def run() -> Replay:
    return start()


@pytest.fixture
def shipped(run: Replay) -> Replay:
    """Return a workflow that has shipped its order."""
    for step in (VALIDATION, PAYMENT, SHIPPING):
        assert run.waits_for == [step]
        run.complete(None)
    return run


def fail_for_good(run: Replay, step: Activity) -> None:
    for _ in range(RETRY.attempts):
        assert run.waits_for == [step]
        run.fail()


def tracking(deadline: datetime, polls: int) -> dict[str, Any]:
    return {"deadline": deadline.isoformat(), "polls": polls}


def test_the_delivery_is_checked_as_soon_as_the_order_is_shipped(shipped: Replay) -> None:
    assert shipped.waits_for == [check_of(1)]
    shipped.complete("delivered")

    assert shipped.custom_status == "delivered"
    assert shipped.output == FULFILLED


def test_an_order_in_transit_is_checked_again_in_the_next_generation(shipped: Replay) -> None:
    shipped_at = shipped.now
    shipped.complete("in transit")
    assert shipped.custom_status == "in transit"
    assert shipped.waits_for == [Timer(shipped_at + timedelta(minutes=30))]

    shipped.fire_timer()
    assert shipped.continued_as_new == ORDER | {
        "tracking": tracking(shipped_at + timedelta(days=7), polls=1)
    }
    shipped.start_next_generation()
    assert shipped.waits_for == [check_of(2)]


def test_each_generation_sets_the_custom_status(shipped: Replay) -> None:
    for poll, status in enumerate(["in transit", "in transit", "delivered"], start=1):
        assert shipped.custom_status is None
        assert shipped.waits_for == [check_of(poll)]
        shipped.complete(status)
        assert shipped.custom_status == status
        if status == "in transit":
            shipped.fire_timer()
            shipped.start_next_generation()

    assert shipped.output == FULFILLED


def start_near_the_deadline(minutes: float) -> Replay:
    deadline = start().now + timedelta(minutes=minutes)
    return start(ORDER | {"tracking": tracking(deadline, polls=335)})


def test_the_last_poll_may_be_at_the_deadline() -> None:
    run = start_near_the_deadline(minutes=30)
    run.complete("in transit")
    run.fire_timer()
    run.start_next_generation()

    assert run.waits_for == [check_of(337)]
    run.complete("in transit")
    assert run.output == not_fulfilled("not delivered within 7 days")


def test_no_poll_is_after_the_deadline() -> None:
    run = start_near_the_deadline(minutes=29.9)
    run.complete("in transit")

    assert run.custom_status == "in transit"
    assert run.output == not_fulfilled("not delivered within 7 days")


def test_a_check_may_fail_twice(shipped: Replay) -> None:
    shipped.fail()
    shipped.fail()
    shipped.complete("delivered")

    assert shipped.output == FULFILLED


def test_an_order_that_is_not_valid_is_neither_paid_nor_shipped(run: Replay) -> None:
    run.complete("order has no items")

    assert run.output == not_fulfilled("order has no items")


def test_a_payment_that_fails_for_good_ends_the_workflow(run: Replay) -> None:
    run.complete(None)
    fail_for_good(run, PAYMENT)

    assert run.output == not_fulfilled("payment failed")


def test_a_shipping_that_fails_for_good_ends_the_workflow(run: Replay) -> None:
    run.complete(None)
    run.complete()
    fail_for_good(run, SHIPPING)

    assert run.output == not_fulfilled("shipping failed")


@pytest.mark.parametrize("case", CONTRACT["completed"], ids=lambda case: case["name"])
def test_the_workflow_with_its_activities(case: dict[str, Any]) -> None:
    run = Replay(FUNCTIONS["process_order"], case["body"])

    assert run.run(FUNCTIONS) == case["output"]
