import logging

import pytest

from app import CONTRACT, FUNCTIONS

ORDER = CONTRACT["completed"][0]["body"]


def test_reserve_inventory(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        FUNCTIONS["reserve_inventory"](ORDER)

    assert "Reserved 1 item(s) for order order-1001" in caplog.text


def test_reserve_inventory_refuses_a_sku_that_is_sold_out() -> None:
    sold_out = ORDER["items"][0] | {"sku": "SOLD-OUT-1"}

    with pytest.raises(ValueError, match="SKU SOLD-OUT-1 is sold out"):
        FUNCTIONS["reserve_inventory"](ORDER | {"items": [*ORDER["items"], sold_out]})


def test_release_inventory(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        FUNCTIONS["release_inventory"](ORDER)

    assert "Released 1 item(s) of order order-1001" in caplog.text
