from typing import Any

import pytest

from app import CONTRACT, FUNCTIONS
from replay import Activity, Replay, Retry

ORDER = CONTRACT["completed"][0]["body"]
RETRY = Retry(attempts=3, interval=5_000)

VALIDATION = Activity("validate_order", ORDER)
RESERVATION = Activity("reserve_inventory", ORDER, RETRY)
PAYMENT = Activity("process_payment", ORDER, RETRY)
SHIPPING = Activity("ship_order", ORDER, RETRY)
REFUND = Activity("refund_payment", ORDER, RETRY)
RELEASE = Activity("release_inventory", ORDER, RETRY)


def not_fulfilled(
    reason: str, compensated: list[str], not_compensated: list[str]
) -> dict[str, Any]:
    return {
        "success": False,
        "orderId": "order-1001",
        "reason": reason,
        "compensated": compensated,
        "notCompensated": not_compensated,
    }


def start(order: dict[str, Any] = ORDER) -> Replay:
    return Replay(FUNCTIONS["process_order"], order)


@pytest.fixture
def run() -> Replay:
    """Return a workflow whose order is valid."""
    run = start()
    assert run.waits_for == [VALIDATION]
    run.complete(None)
    return run


def complete(run: Replay, *steps: Activity) -> None:
    for step in steps:
        assert run.waits_for == [step]
        run.complete()


def fail_for_good(run: Replay, step: Activity) -> None:
    for _ in range(RETRY.attempts):
        assert run.waits_for == [step]
        run.fail()


def test_a_good_order_is_reserved_paid_and_shipped(run: Replay) -> None:
    complete(run, RESERVATION, PAYMENT, SHIPPING)

    assert run.output == {"success": True, "orderId": "order-1001"}


def test_an_order_that_is_not_valid_has_nothing_to_undo() -> None:
    run = start()
    run.complete("order has no items")

    assert run.output == not_fulfilled("order has no items", [], [])


def test_a_reservation_that_fails_has_nothing_to_undo(run: Replay) -> None:
    fail_for_good(run, RESERVATION)

    assert run.output == not_fulfilled("reservation failed", [], [])


def test_a_payment_that_fails_releases_the_inventory(run: Replay) -> None:
    complete(run, RESERVATION)
    fail_for_good(run, PAYMENT)
    complete(run, RELEASE)

    assert run.output == not_fulfilled("payment failed", ["inventory"], [])


def test_a_shipping_that_fails_refunds_then_releases(run: Replay) -> None:
    complete(run, RESERVATION, PAYMENT)
    fail_for_good(run, SHIPPING)
    complete(run, REFUND, RELEASE)

    assert run.output == not_fulfilled("shipping failed", ["payment", "inventory"], [])


def test_a_compensation_that_fails_does_not_stop_the_others(run: Replay) -> None:
    complete(run, RESERVATION, PAYMENT)
    fail_for_good(run, SHIPPING)
    fail_for_good(run, REFUND)
    complete(run, RELEASE)

    assert run.output == not_fulfilled("shipping failed", ["inventory"], ["payment"])


def test_all_compensations_may_fail(run: Replay) -> None:
    complete(run, RESERVATION, PAYMENT)
    for step in (SHIPPING, REFUND, RELEASE):
        fail_for_good(run, step)

    assert run.output == not_fulfilled("shipping failed", [], ["payment", "inventory"])


def test_steps_and_compensations_may_fail_twice(run: Replay) -> None:
    for step in (RESERVATION, PAYMENT):
        run.fail()
        run.fail()
        complete(run, step)
    fail_for_good(run, SHIPPING)
    for step in (REFUND, RELEASE):
        run.fail()
        run.fail()
        complete(run, step)

    assert run.output == not_fulfilled("shipping failed", ["payment", "inventory"], [])


@pytest.mark.parametrize("case", CONTRACT["completed"], ids=lambda case: case["name"])
def test_the_workflow_with_its_activities(case: dict[str, Any]) -> None:
    run = Replay(FUNCTIONS["process_order"], case["body"])

    assert run.run(FUNCTIONS) == case["output"]
