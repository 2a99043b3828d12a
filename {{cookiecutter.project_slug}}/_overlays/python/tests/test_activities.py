import logging
from typing import Any

import pytest

from app import CONTRACT, FUNCTIONS

ORDER = CONTRACT["completed"][0]["body"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"items": []}, "order has no items"),
        ({"total": 0}, "total must be greater than 0"),
        ({"total": -1}, "total must be greater than 0"),
        ({"items": [], "total": 0}, "order has no items"),
    ],
)
def test_validate_order(changes: dict[str, Any], reason: str | None) -> None:
    assert FUNCTIONS["validate_order"](ORDER | changes) == reason


def test_process_payment_charges_the_total(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        FUNCTIONS["process_payment"](ORDER)

    assert "Charged 20.00 for order order-1001" in caplog.text


def test_process_payment_refuses_totals_above_the_limit() -> None:
    FUNCTIONS["process_payment"](ORDER | {"total": 10_000})

    with pytest.raises(ValueError, match="refuses totals above 10000"):
        FUNCTIONS["process_payment"](ORDER | {"total": 10_000.01})


def test_ship_order(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        FUNCTIONS["ship_order"](ORDER)

    assert "Shipped order order-1001 with 1 item(s)" in caplog.text
