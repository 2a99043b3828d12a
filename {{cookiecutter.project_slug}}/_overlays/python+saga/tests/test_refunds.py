import logging

import pytest

from app import CONTRACT, FUNCTIONS


def test_refund_payment(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        FUNCTIONS["refund_payment"](CONTRACT["completed"][0]["body"])

    assert "Refunded 20.00 for order order-1001" in caplog.text
