from typing import Any

import pytest

from app import CONTRACT, FUNCTIONS
from replay import Activity, Replay, Retry, Signal

ITEMS = [{"sku": sku, "quantity": 2, "unitPrice": 10.0} for sku in ("A-1", "B-2", "A-1")]
ORDER = {"id": "order-1001", "items": ITEMS, "total": 60.0}
RETRY = Retry(attempts=3, interval=5_000)

VALIDATION = Activity("validate_order", ORDER)
PAYMENT = Activity("process_payment", ORDER, RETRY)
SHIPPING = Activity("ship_order", ORDER, RETRY)

FULFILLED = {"success": True, "orderId": "order-1001"}


def not_fulfilled(reason: str) -> dict[str, Any]:
    return {"success": False, "orderId": "order-1001", "reason": reason}


def start(order: dict[str, Any] = ORDER) -> Replay:
    return Replay(FUNCTIONS["process_order"], order)


@pytest.fixture
def run() -> Replay:
    return start()


def fail_for_good(run: Replay, step: Activity) -> None:
    for _ in range(RETRY.attempts):
        assert step in run.waits_for
        run.fail(of=step)


def test_a_good_order_is_paid_shipped_and_counted(run: Replay) -> None:
    for step in (VALIDATION, PAYMENT, SHIPPING):
        assert run.waits_for == [step]
        assert run.signals == []
        run.complete(None)

    assert run.signals == [Signal("sales", sku, "add", 2) for sku in ("A-1", "B-2", "A-1")]
    assert run.output == FULFILLED


def test_an_order_that_is_not_valid_does_not_count(run: Replay) -> None:
    run.complete("order has no items")

    assert run.output == not_fulfilled("order has no items")
    assert run.signals == []


def test_payment_and_shipping_may_fail_twice(run: Replay) -> None:
    run.complete(None)
    for step in (PAYMENT, SHIPPING):
        run.fail()
        run.fail()
        assert run.waits_for == [step]
        run.complete()

    assert len(run.signals) == 3
    assert run.output == FULFILLED


def test_a_payment_that_fails_for_good_does_not_count(run: Replay) -> None:
    run.complete(None)
    fail_for_good(run, PAYMENT)

    assert run.output == not_fulfilled("payment failed")
    assert run.signals == []


def test_a_shipping_that_fails_for_good_does_not_count(run: Replay) -> None:
    run.complete(None)
    run.complete()
    fail_for_good(run, SHIPPING)

    assert run.output == not_fulfilled("shipping failed")
    assert run.signals == []


@pytest.mark.parametrize("case", CONTRACT["completed"], ids=lambda case: case["name"])
def test_the_workflow_with_its_activities(case: dict[str, Any]) -> None:
    run = Replay(FUNCTIONS["process_order"], case["body"])

    assert run.run(FUNCTIONS) == case["output"]
