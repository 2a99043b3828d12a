import logging

import pytest

from app import FUNCTIONS

ITEM = {"sku": "A-1", "quantity": 2, "unitPrice": 10.0}


def test_reserve_item_returns_the_units(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert FUNCTIONS["reserve_item"]({"orderId": "order-1001", "item": ITEM}) == 2

    assert "Reserved 2 of A-1 for order order-1001" in caplog.text


def test_reserve_item_refuses_a_sku_that_is_sold_out() -> None:
    item = ITEM | {"sku": "SOLD-OUT-1"}

    with pytest.raises(ValueError, match="SKU SOLD-OUT-1 is sold out"):
        FUNCTIONS["reserve_item"]({"orderId": "order-1001", "item": item})
