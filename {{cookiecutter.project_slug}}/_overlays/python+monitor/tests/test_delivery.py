import logging

import pytest

from app import FUNCTIONS


@pytest.mark.parametrize(
    ("poll", "status"),
    [(1, "in transit"), (2, "in transit"), (3, "delivered"), (4, "delivered")],
)
def test_check_delivery(poll: int, status: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert FUNCTIONS["check_delivery"]({"orderId": "order-1001", "poll": poll}) == status

    assert f"Order order-1001 is {status}" in caplog.text
