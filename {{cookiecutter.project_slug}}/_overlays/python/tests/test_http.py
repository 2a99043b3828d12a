import asyncio
import json
from typing import Any
from unittest.mock import AsyncMock

import azure.durable_functions as df
import azure.functions as func
import pytest

from app import CONTRACT, FUNCTIONS, REJECTED

ORDER = CONTRACT["completed"][0]["body"]

# What the host passes to a durable client: where it listens, and the URLs of an instance.
HOST = {
    "taskHubName": "default",
    "creationUrls": {},
    "managementUrls": {
        "id": "INSTANCE",
        "statusQueryGetUri": "http://localhost:7071/instances/INSTANCE",
        "sendEventPostUri": "http://localhost:7071/instances/INSTANCE/raiseEvent/{eventName}",
        "terminatePostUri": "http://localhost:7071/instances/INSTANCE/terminate",
    },
    "rpcBaseUrl": "http://localhost:7071/",
}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> df.DurableOrchestrationClient:
    """Return the SDK's own client; only the call that leaves the process is replaced."""
    client = df.DurableOrchestrationClient(json.dumps(HOST))
    monkeypatch.setattr(client, "start_new", AsyncMock(return_value="instance-1"))
    return client


def post(client: df.DurableOrchestrationClient, body: bytes) -> func.HttpResponse:
    request = func.HttpRequest("POST", "http://localhost:7071/api/orders", body=body)
    return asyncio.run(FUNCTIONS["start_order"](request, client))


def test_a_good_order_is_started(client: Any) -> None:
    response = post(client, json.dumps(ORDER).encode())

    client.start_new.assert_awaited_once_with("process_order", client_input=ORDER)
    assert response.status_code == 202
    assert response.headers["Retry-After"] == "10"
    assert response.headers["Location"] == "http://localhost:7071/instances/instance-1"
    urls = json.loads(response.get_body())
    assert urls["id"] == "instance-1"
    assert urls["statusQueryGetUri"] == response.headers["Location"]
    assert urls["sendEventPostUri"].endswith("/instances/instance-1/raiseEvent/{eventName}")
    assert urls["terminatePostUri"].endswith("/instances/instance-1/terminate")


def test_a_byte_order_mark_is_ignored(client: Any) -> None:
    assert post(client, b"\xef\xbb\xbf" + json.dumps(ORDER).encode()).status_code == 202


def test_unknown_fields_do_not_reach_the_workflow(client: Any) -> None:
    item = ORDER["items"][0] | {"color": "red"}

    post(client, json.dumps(ORDER | {"items": [item], "note": "gift"}).encode())

    client.start_new.assert_awaited_once_with("process_order", client_input=ORDER)


def check_refused(client: Any, body: bytes, message: str) -> None:
    response = post(client, body)

    assert response.status_code == 400
    assert response.mimetype == "application/json"
    assert json.loads(response.get_body()) == {"error": message}
    client.start_new.assert_not_awaited()


@pytest.mark.parametrize("case", REJECTED, ids=lambda case: case["name"])
def test_a_malformed_order_is_refused(client: Any, case: dict[str, Any]) -> None:
    body = case["text"] if "text" in case else json.dumps(case["body"])

    check_refused(client, body.encode(), case["error"])


def test_a_body_that_is_not_utf_8_is_refused(client: Any) -> None:
    check_refused(client, b'{"id": "\xff"}', "body is not valid JSON")


def test_a_body_that_is_nested_too_deeply_is_refused(client: Any) -> None:
    check_refused(client, b"[" * 100_000, "body is not valid JSON")
