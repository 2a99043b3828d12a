from typing import Any

import pytest

from app import CONTRACT, FUNCTIONS
from replay import Activity, Replay, Retry

ITEMS = [{"sku": sku, "quantity": 2, "unitPrice": 10.0} for sku in ("A-1", "B-2", "A-1")]
ORDER = {"id": "order-1001", "items": ITEMS, "total": 60.0}
RETRY = Retry(attempts=3, interval=5_000)

VALIDATION = Activity("validate_order", ORDER)
RESERVATIONS = [
    Activity("reserve_item", {"orderId": "order-1001", "item": item}, RETRY) for item in ITEMS
]
PAYMENT = Activity("process_payment", ORDER, RETRY)
SHIPPING = Activity("ship_order", ORDER, RETRY)


def not_fulfilled(reason: str) -> dict[str, Any]:
    return {"success": False, "orderId": "order-1001", "reason": reason}


def start(order: dict[str, Any] = ORDER) -> Replay:
    return Replay(FUNCTIONS["process_order"], order)


@pytest.fixture
def run() -> Replay:
    """Return a workflow whose order is valid."""
    run = start()
    assert run.waits_for == [VALIDATION]
    run.complete(None)
    return run


def fail_for_good(run: Replay, step: Activity) -> None:
    for _ in range(RETRY.attempts):
        assert step in run.waits_for
        run.fail(of=step)


def reserve_all(run: Replay) -> None:
    for reservation in RESERVATIONS:
        run.complete(2, of=reservation)


def test_all_items_are_reserved_at_once_then_paid_and_shipped(run: Replay) -> None:
    assert run.waits_for == RESERVATIONS
    reserve_all(run)
    assert run.waits_for == [PAYMENT]
    run.complete()
    assert run.waits_for == [SHIPPING]
    run.complete()
    assert run.output == {"success": True, "orderId": "order-1001", "reserved": 6}


def test_reservations_may_end_in_any_order(run: Replay) -> None:
    for reservation, units in zip(reversed(RESERVATIONS), (1, 2, 4), strict=True):
        assert PAYMENT not in run.waits_for
        run.complete(units, of=reservation)
    run.complete()
    run.complete()

    assert run.output["reserved"] == 7


def test_an_order_that_is_not_valid_reserves_nothing() -> None:
    run = start()
    run.complete("order has no items")

    assert run.output == not_fulfilled("order has no items")


def test_a_reservation_may_fail_twice(run: Replay) -> None:
    run.fail(of=RESERVATIONS[1])
    run.fail(of=RESERVATIONS[1])
    reserve_all(run)

    assert run.waits_for == [PAYMENT]


def test_a_reservation_that_fails_for_good_waits_for_the_others(run: Replay) -> None:
    fail_for_good(run, RESERVATIONS[1])
    assert run.waits_for == [RESERVATIONS[0], RESERVATIONS[2]]
    run.complete(2, of=RESERVATIONS[0])
    run.complete(2, of=RESERVATIONS[2])

    assert run.output == not_fulfilled("not reserved: B-2")


def test_the_reason_has_each_sku_once_in_the_order_of_the_items(run: Replay) -> None:
    for reservation in reversed(RESERVATIONS):
        fail_for_good(run, reservation)

    assert run.output == not_fulfilled("not reserved: A-1, B-2")


@pytest.mark.parametrize(
    ("completed", "failed", "reason"),
    [([], PAYMENT, "payment failed"), ([PAYMENT], SHIPPING, "shipping failed")],
    ids=["payment", "shipping"],
)
def test_a_step_that_fails_for_good_ends_the_workflow(
    run: Replay, completed: list[Activity], failed: Activity, reason: str
) -> None:
    reserve_all(run)
    for step in completed:
        run.complete(of=step)
    fail_for_good(run, failed)

    assert run.output == not_fulfilled(reason)


@pytest.mark.parametrize("case", CONTRACT["completed"], ids=lambda case: case["name"])
def test_the_workflow_with_its_activities(case: dict[str, Any]) -> None:
    run = Replay(FUNCTIONS["process_order"], case["body"])

    assert run.run(FUNCTIONS) == case["output"]
