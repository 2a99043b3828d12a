"""What each pattern adds to the contract, over HTTP, in every language that runs here."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from running_app import CONTRACTS, VARIANTS, App, body_of, over_http

pytestmark = pytest.mark.slow
NOW = timedelta(0)
ORDER = {"id": "order-1001", "items": [{"sku": "A-1", "quantity": 2, "unitPrice": 10.0}]}
SMALL, LARGE = ORDER | {"total": 20.0}, ORDER | {"total": 1_000.0}


def of(pattern: str) -> pytest.MarkDecorator:
    """Run a test in each language, for one pattern."""
    variants = [variant for variant in VARIANTS if variant[1] == pattern]
    return pytest.mark.parametrize("app", variants, ids="-".join, indirect=True, scope="module")


@pytest.fixture(autouse=True)
def no_leftovers(app: App) -> Iterator[None]:
    """Leave nothing for the next test: no injected result, and nothing to be executed."""
    yield
    app.reset()
    app.host.run()


def items(*skus: str) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": 2, "unitPrice": 10.0} for sku in skus]


# Function chaining --------------------------------------------------------------------------------


@of("function-chaining")
def test_the_steps_run_one_after_the_other(app: App) -> None:
    _, calls = app.process(SMALL)

    assert app.names(calls) == ["ValidateOrder", "ProcessPayment", "ShipOrder"]


# Fan-out/fan-in -----------------------------------------------------------------------------------


@of("fan-out-fan-in")
def test_all_items_are_reserved_at_once(app: App) -> None:
    """The second and third reservation start before the pause of the first is over."""
    app.host.fail(
        app.spelled("ReserveItem"), times=1, when=lambda value: value["item"]["sku"] == "A-1"
    )
    status, calls = app.process(SMALL | {"items": items("A-1", "B-2", "C-3")})

    reserved = [value for name, value in calls if name == app.spelled("ReserveItem")]
    assert [value["item"]["sku"] for value in reserved] == ["A-1", "B-2", "C-3", "A-1"]
    assert reserved[0] == {"orderId": "order-1001", "item": items("A-1")[0]}
    assert app.names(calls)[-2:] == ["ProcessPayment", "ShipOrder"]
    assert status["output"] == {"success": True, "orderId": "order-1001", "reserved": 6}


@of("fan-out-fan-in")
def test_nothing_is_paid_when_a_reservation_fails_for_good(app: App) -> None:
    order = SMALL | {"items": items("SOLD-OUT-2", "A-1", "SOLD-OUT-1", "SOLD-OUT-2")}
    status, calls = app.process(order)

    assert status["output"] == {
        "success": False,
        "orderId": "order-1001",
        "reason": "not reserved: SOLD-OUT-2, SOLD-OUT-1",
    }
    assert app.names(calls) == ["ValidateOrder"] + ["ReserveItem"] * 10


# Human interaction --------------------------------------------------------------------------------

WAITING = "waiting for approval"
APPROVED = {"approved": True, "approver": "ann"}
REJECTED = {"approved": False, "approver": "bob"}
FULFILLED = {"success": True, "orderId": "order-1001"}


def not_fulfilled(reason: str) -> dict[str, Any]:
    return {"success": False, "orderId": "order-1001", "reason": reason}


def approve(app: App, instance_id: str, approval: object = APPROVED) -> tuple[int, Any]:
    """Send an approval and return the status code and the body of the response."""
    response = app.post(f"orders/{instance_id}/approval", json.dumps(approval).encode())
    return response.status, response.json() if response.body else None


def wait_for_approval(app: App) -> str:
    """Start an order that needs an approval, and run it until it waits."""
    instance_id = app.start(LARGE)
    app.host.run(until=NOW)
    status = app.host.status(instance_id)
    assert (status["runtimeStatus"], status["customStatus"]) == ("Running", WAITING)
    return instance_id


def end_of(app: App, instance_id: str) -> dict[str, Any]:
    """Run an instance to its end and return its output."""
    app.host.run()
    status = app.host.status(instance_id)
    assert status["runtimeStatus"] == "Completed"
    assert status["customStatus"] != WAITING
    return status["output"]


@over_http
@of("human-interaction")
@pytest.mark.parametrize(
    ("approval", "output"),
    [(APPROVED, FULFILLED), (REJECTED, not_fulfilled("rejected by bob"))],
    ids=["approved", "rejected"],
)
def test_an_approval_ends_the_wait(app: App, approval: object, output: object) -> None:
    instance_id = wait_for_approval(app)

    assert approve(app, instance_id, approval) == (202, None)
    assert end_of(app, instance_id) == output


@of("human-interaction")
@pytest.mark.parametrize("approval", [APPROVED, REJECTED], ids=["approved", "rejected"])
def test_an_approval_cancels_the_timer(app: App, approval: object) -> None:
    started = app.host.now
    instance_id = wait_for_approval(app)

    approve(app, instance_id, approval)
    end_of(app, instance_id)
    assert app.host.now == started


@over_http
@of("human-interaction")
def test_an_approval_may_come_before_the_workflow_waits(app: App) -> None:
    instance_id = app.start(LARGE)

    assert approve(app, instance_id) == (202, None)
    assert end_of(app, instance_id) == FULFILLED


@of("human-interaction")
def test_the_first_of_two_approvals_counts(app: App) -> None:
    instance_id = wait_for_approval(app)

    assert approve(app, instance_id, APPROVED) == (202, None)
    assert approve(app, instance_id, REJECTED) == (202, None)
    assert end_of(app, instance_id) == FULFILLED
    assert approve(app, instance_id, REJECTED) == (409, {"error": "the order workflow has ended"})


@of("human-interaction")
def test_an_approval_as_the_timer_fires_comes_first_or_is_refused(app: App) -> None:
    in_time = wait_for_approval(app)
    app.host.run(until=timedelta(hours=72) - timedelta(microseconds=1))
    assert approve(app, in_time) == (202, None)
    assert end_of(app, in_time) == FULFILLED

    too_late = wait_for_approval(app)
    app.host.run(until=timedelta(hours=72))
    assert approve(app, too_late) == (409, {"error": "the order workflow has ended"})
    assert end_of(app, too_late) == not_fulfilled("approval timed out")


@of("human-interaction")
def test_an_approval_that_arrives_between_the_timer_and_the_end_changes_nothing(app: App) -> None:
    """The workflow still pauses before the next attempt, so that it has not ended yet."""
    instance_id = wait_for_approval(app)
    app.host.raise_event(instance_id, "Approval", APPROVED)
    app.fail("ProcessPayment", times=1)
    app.host.run(until=timedelta(seconds=1))

    assert approve(app, instance_id, REJECTED) == (202, None)
    assert end_of(app, instance_id) == FULFILLED


@of("human-interaction")
def test_the_wait_ends_after_72_hours(app: App) -> None:
    started = app.host.now
    instance_id = wait_for_approval(app)

    assert end_of(app, instance_id) == not_fulfilled("approval timed out")
    assert app.host.now - started == timedelta(hours=72)


@of("human-interaction")
@pytest.mark.parametrize("data", [REJECTED, json.dumps(REJECTED)], ids=["object", "text"])
def test_an_event_may_come_from_the_management_url(app: App, data: Any) -> None:
    instance_id = wait_for_approval(app)
    url = f"/runtime/webhooks/durabletask/instances/{instance_id}/raiseEvent/Approval"
    sent = app.host.request(
        "POST", url, json.dumps(data).encode(), {"content-type": "application/json"}
    )

    assert sent.status == 202
    assert end_of(app, instance_id) == not_fulfilled("rejected by bob")


@over_http
@of("human-interaction")
def test_an_unknown_instance_is_not_found(app: App) -> None:
    not_found = (404, {"error": "no order workflow has this id"})

    for instance_id in ("unknown", "a%2Fb", "a%3Fb=c", "%C3%A4", "a%20b"):
        assert approve(app, instance_id) == not_found, instance_id


@of("human-interaction")
def test_a_terminated_workflow_is_a_conflict(app: App) -> None:
    instance_id = wait_for_approval(app)
    url = f"/runtime/webhooks/durabletask/instances/{instance_id}/terminate?reason=test"
    assert app.host.request("POST", url).status == 202
    app.host.run()

    assert approve(app, instance_id) == (409, {"error": "the order workflow has ended"})


@over_http
@of("human-interaction")
@pytest.mark.parametrize(
    "case", CONTRACTS["human-interaction"]["rejectedApprovals"], ids=lambda case: case["name"]
)
def test_a_malformed_approval_is_refused(app: App, case: dict[str, Any]) -> None:
    """The body is checked first: an unknown instance makes no difference."""
    response = app.post("orders/unknown/approval", body_of(case))

    assert (response.status, response.json()) == (400, {"error": case["error"]})


@over_http
@of("human-interaction")
def test_the_approval_route_takes_post_only(app: App) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert app.host.request(method, "/api/orders/unknown/approval").status == 404


# Monitor ------------------------------------------------------------------------------------------


@of("monitor")
def test_the_delivery_is_polled_every_30_minutes_in_a_generation_of_its_own(app: App) -> None:
    started, before = app.host.now, len(app.host.calls)
    instance_id = app.start(SMALL)
    lengths = []
    for status in ("in transit", "in transit", "delivered"):
        app.host.run(until=NOW)
        assert app.host.status(instance_id)["customStatus"] == status
        lengths.append(len(app.host.history(instance_id)))
        if status != "delivered":
            assert app.host.status(instance_id)["runtimeStatus"] == "Running"
            app.host.run(until=timedelta(minutes=30))

    assert app.host.status(instance_id)["output"] == FULFILLED
    assert app.host.now - started == timedelta(hours=1)
    calls = app.host.calls[before:]
    polls = [value for name, value in calls if name == app.spelled("CheckDelivery")]
    assert polls == [{"orderId": "order-1001", "poll": poll} for poll in (1, 2, 3)]
    assert app.names(calls).count("ProcessPayment") == 1
    assert lengths[1] < lengths[0], "the history starts anew"


@of("monitor")
def test_an_order_that_does_not_arrive_ends_after_7_days(app: App) -> None:
    app.host.give(app.spelled("CheckDelivery"), "in transit", times=None)
    started = app.host.now
    status, calls = app.process(SMALL)

    assert status["output"] == not_fulfilled("not delivered within 7 days")
    assert status["customStatus"] == "in transit"
    assert app.host.now - started == timedelta(days=7)
    assert app.names(calls).count("CheckDelivery") == 7 * 24 * 2 + 1


@of("monitor")
def test_a_caller_cannot_skip_steps_by_tracking(app: App) -> None:
    tracking = {"deadline": "2999-01-01T00:00:00Z", "polls": 2}
    _, calls = app.process(SMALL | {"tracking": tracking})

    assert app.names(calls)[:4] == ["ValidateOrder", "ProcessPayment", "ShipOrder", "CheckDelivery"]


# Saga ---------------------------------------------------------------------------------------------

STEPS = ["ValidateOrder", "ReserveInventory", "ProcessPayment", "ShipOrder"]


@of("saga")
@pytest.mark.parametrize(
    ("failed", "reason", "compensations", "compensated"),
    [
        ("ReserveInventory", "reservation failed", [], []),
        ("ProcessPayment", "payment failed", ["ReleaseInventory"], ["inventory"]),
        (
            "ShipOrder",
            "shipping failed",
            ["RefundPayment", "ReleaseInventory"],
            ["payment", "inventory"],
        ),
    ],
)
def test_the_completed_steps_are_undone_in_reverse(
    app: App, failed: str, reason: str, compensations: list[str], compensated: list[str]
) -> None:
    app.fail(failed, times=None)
    status, calls = app.process(SMALL)

    steps = STEPS[: STEPS.index(failed)]
    assert app.names(calls) == [*steps, *[failed] * 3, *compensations]
    assert all(value == SMALL for _, value in calls)
    assert status["output"] == not_fulfilled(reason) | {
        "compensated": compensated,
        "notCompensated": [],
    }


@of("saga")
def test_a_compensation_that_fails_for_good_is_reported_and_the_others_run(app: App) -> None:
    app.fail("ShipOrder", times=None)
    app.fail("RefundPayment", times=None)
    status, calls = app.process(SMALL)

    assert app.names(calls)[-4:] == ["RefundPayment"] * 3 + ["ReleaseInventory"]
    assert status["output"] == not_fulfilled("shipping failed") | {
        "compensated": ["inventory"],
        "notCompensated": ["payment"],
    }


@of("saga")
def test_a_compensation_is_retried(app: App) -> None:
    app.fail("ProcessPayment", times=None)
    app.fail("ReleaseInventory", times=2)
    status, calls = app.process(SMALL)

    assert app.names(calls)[-3:] == ["ReleaseInventory"] * 3
    assert status["output"]["compensated"] == ["inventory"]


# Aggregator ---------------------------------------------------------------------------------------


def sales(app: App, sku: str) -> tuple[int, Any]:
    response = app.host.request("GET", f"/api/sales/{sku}")
    return response.status, response.json()


@of("aggregator")
def test_the_sales_of_concurrent_orders_add_up(app: App) -> None:
    started = [
        app.start(SMALL | {"items": items(*skus)})
        for skus in (("X-1", "X-2"), ("X-1", "X-1"), ("X-2", "X-3"))
    ]
    app.host.run()

    assert all(app.host.status(each)["output"] == FULFILLED for each in started)
    assert sales(app, "X-1") == (200, {"sku": "X-1", "quantity": 6})
    assert sales(app, "X-2") == (200, {"sku": "X-2", "quantity": 4})
    assert sales(app, "X-3") == (200, {"sku": "X-3", "quantity": 2})


@over_http
@of("aggregator")
def test_sales_are_counted_soon_after_the_order(app: App) -> None:
    """The workflow does not wait for the entity."""
    app.process(SMALL | {"items": items("Soon-1")})

    for _ in range(20):
        if sales(app, "Soon-1")[0] == 200:
            break
        time.sleep(0.5)  # seconds
    assert sales(app, "Soon-1") == (200, {"sku": "Soon-1", "quantity": 2})


@over_http
@of("aggregator")
def test_a_sku_that_nobody_has_bought_is_not_found(app: App) -> None:
    assert sales(app, "nothing") == (404, {"error": "no sales of this SKU"})


@of("aggregator")
def test_upper_and_lower_case_are_different_skus(app: App) -> None:
    app.process(SMALL | {"items": items("Case-1")})

    assert sales(app, "Case-1") == (200, {"sku": "Case-1", "quantity": 2})
    assert sales(app, "case-1")[0] == 404


@of("aggregator")
@pytest.mark.parametrize(
    ("sku", "total", "failed"),
    [("no-total", 0, None), ("not-paid", 20.0, "ProcessPayment"), ("not-sent", 20.0, "ShipOrder")],
)
def test_an_order_that_fails_does_not_count(
    app: App, sku: str, total: float, failed: str | None
) -> None:
    if failed:
        app.fail(failed, times=None)
    app.process(SMALL | {"items": items(sku), "total": total})

    assert sales(app, sku)[0] == 404


@over_http
@of("aggregator")
@pytest.mark.parametrize(
    ("sku", "status"),
    [("%20", 400), ("A" * 65, 400), ("%C3%84-1", 400), ("A%0A", 400), ("A" * 64, 404)],
)
def test_a_sku_follows_the_rule_of_orders(app: App, sku: str, status: int) -> None:
    assert sales(app, sku)[0] == status
    if status == 400:
        message = "sku must be 1 to 64 letters, digits, '.', '_' or '-'"
        assert sales(app, sku)[1] == {"error": message}


@over_http
@of("aggregator")
def test_the_sales_route_takes_get_only(app: App) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert app.host.request(method, "/api/sales/A-1").status == 404
