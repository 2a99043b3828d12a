import asyncio
import json
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest
from azure.durable_functions.models.EntityStateResponse import EntityStateResponse

from app import BINDINGS, CONTRACT, FUNCTIONS


def process(*operations: tuple[str, Any], state: int | None = None) -> dict[str, Any]:
    """Have the SDK process operations of an entity, and return what it answers to the host."""
    # The orchestrator sends the input as JSON text, and the host encodes that text once more.
    batch = [
        {"id": str(number), "name": name, "input": json.dumps(json.dumps(input_)), "signal": True}
        for number, (name, input_) in enumerate(operations)
    ]
    request = {
        "self": {"name": "sales", "key": "A-1"},
        "exists": state is not None,
        "state": None if state is None else json.dumps(state),
        "batch": batch,
    }
    return json.loads(df.Entity.create(FUNCTIONS["sales"])(json.dumps(request)))


def test_the_first_order_creates_the_entity() -> None:
    answer = process(("add", 2))

    assert answer["entityExists"]
    assert json.loads(answer["entityState"]) == 2


def test_orders_add_up() -> None:
    answer = process(("add", 2), ("add", 5), state=10)

    assert json.loads(answer["entityState"]) == 17


def test_an_unknown_operation_is_an_error_and_changes_nothing() -> None:
    answer = process(("remove", 2), state=10)

    assert answer["results"][0]["isError"]
    assert json.loads(answer["entityState"]) == 10


def get(client: Any, sku: str) -> func.HttpResponse:
    request = func.HttpRequest(
        "GET", f"http://localhost:7071/api/sales/{sku}", route_params={"sku": sku}, body=b""
    )
    return asyncio.run(FUNCTIONS["get_sales"](request, client))


def test_the_endpoint_is_a_get_that_needs_a_key() -> None:
    (trigger,) = (b for b in BINDINGS["get_sales"] if b["type"] == "httpTrigger")

    assert trigger["route"] == "sales/{sku}"
    assert trigger["methods"] == [func.HttpMethod.GET]
    assert trigger["authLevel"] == func.AuthLevel.FUNCTION


def test_the_sales_of_a_sku(client: Any) -> None:
    client.read_entity_state.return_value = EntityStateResponse(True, 17)

    response = get(client, "A-1")

    (entity,) = client.read_entity_state.await_args.args
    assert (entity.name, entity.key) == ("sales", "A-1")
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert json.loads(response.get_body()) == {"sku": "A-1", "quantity": 17}


def test_a_sku_without_sales_is_not_found(client: Any) -> None:
    client.read_entity_state.return_value = EntityStateResponse(False)

    response = get(client, "A-1")

    assert response.status_code == 404
    assert json.loads(response.get_body()) == {"error": "no sales of this SKU"}


@pytest.mark.parametrize("case", CONTRACT["rejectedSkus"], ids=lambda case: case["name"])
def test_a_malformed_sku_is_refused(client: Any, case: dict[str, str]) -> None:
    response = get(client, case["sku"])

    assert response.status_code == 400
    assert json.loads(response.get_body()) == {"error": case["error"]}
    client.read_entity_state.assert_not_awaited()
