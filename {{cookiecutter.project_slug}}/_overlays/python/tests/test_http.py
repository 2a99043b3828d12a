import asyncio
import json
import logging
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from app import ACCEPTED, CONTRACT, FUNCTIONS, REJECTED, body_of

ORDER = CONTRACT["completed"][0]["body"]


def post(client: df.DurableOrchestrationClient, body: bytes) -> func.HttpResponse:
    request = func.HttpRequest("POST", "http://localhost:7071/api/orders", body=body)
    return asyncio.run(FUNCTIONS["start_order"](request, client))


def test_a_good_order_is_started(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        response = post(client, json.dumps(ORDER).encode())

    client.start_new.assert_awaited_once_with("process_order", client_input=ORDER)
    assert "Started instance instance-1 for order order-1001" in caplog.text
    assert response.status_code == 202
    assert response.headers["Retry-After"] == "10"
    assert response.headers["Location"] == "http://localhost:7071/instances/instance-1"
    urls = json.loads(response.get_body())
    assert urls["id"] == "instance-1"
    assert urls["statusQueryGetUri"] == response.headers["Location"]
    assert urls["sendEventPostUri"].endswith("/instances/instance-1/raiseEvent/{eventName}")
    assert urls["terminatePostUri"].endswith("/instances/instance-1/terminate")


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["name"])
def test_an_order_reaches_the_workflow(client: Any, case: dict[str, Any]) -> None:
    assert post(client, body_of(case)).status_code == 202

    client.start_new.assert_awaited_once_with("process_order", client_input=case["order"])


def check_refused(client: Any, body: bytes, message: str) -> None:
    response = post(client, body)

    assert response.status_code == 400
    assert response.mimetype == "application/json"
    assert json.loads(response.get_body()) == {"error": message}
    client.start_new.assert_not_awaited()


@pytest.mark.parametrize("case", REJECTED, ids=lambda case: case["name"])
def test_a_malformed_order_is_refused(client: Any, case: dict[str, Any]) -> None:
    check_refused(client, body_of(case), case["error"])


def test_a_body_that_is_not_utf_8_is_refused(client: Any) -> None:
    check_refused(client, b'{"id": "\xff"}', "body is not valid JSON")


def test_a_body_that_is_nested_too_deeply_is_refused(client: Any) -> None:
    check_refused(client, b"[" * 100_000, "body is not valid JSON")
