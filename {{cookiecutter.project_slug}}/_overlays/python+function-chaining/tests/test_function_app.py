"""The exact functions of the app: one that is not registered would be missing without an error."""

import azure.functions as func

from app import BINDINGS, FUNCTIONS


def test_functions() -> None:
    assert set(FUNCTIONS) == {
        "start_order",
        "process_order",
        "validate_order",
        "process_payment",
        "ship_order",
    }


def test_start_order_is_a_post_that_needs_a_key() -> None:
    bindings = {binding["type"]: binding for binding in BINDINGS["start_order"]}

    assert bindings["httpTrigger"]["route"] == "orders"
    assert bindings["httpTrigger"]["methods"] == [func.HttpMethod.POST]
    assert bindings["httpTrigger"]["authLevel"] == func.AuthLevel.FUNCTION
