import asyncio
import json
from typing import Any

import azure.functions as func
import pytest
from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

from app import BINDINGS, CONTRACT, FUNCTIONS, body_of

APPROVAL = {"approved": True, "approver": "ann"}


def status(value: str) -> DurableOrchestrationStatus:
    return DurableOrchestrationStatus.from_json({"runtimeStatus": value})


def approve(client: Any, body: bytes, instance_id: str = "instance-1") -> func.HttpResponse:
    request = func.HttpRequest(
        "POST",
        f"http://localhost:7071/api/orders/{instance_id}/approval",
        route_params={"instanceId": instance_id},
        body=body,
    )
    return asyncio.run(FUNCTIONS["approve_order"](request, client))


@pytest.fixture
def waiting(client: Any) -> Any:
    """Return the client of an instance that waits for an approval."""
    client.get_status.return_value = status("Running")
    return client


def check_refused(response: func.HttpResponse, status_code: int, message: str) -> None:
    assert response.status_code == status_code
    assert response.mimetype == "application/json"
    assert json.loads(response.get_body()) == {"error": message}


def test_the_endpoint_is_a_post_that_needs_a_key() -> None:
    (trigger,) = (b for b in BINDINGS["approve_order"] if b["type"] == "httpTrigger")

    assert trigger["route"] == "orders/{instanceId}/approval"
    assert trigger["methods"] == [func.HttpMethod.POST]
    assert trigger["authLevel"] == func.AuthLevel.FUNCTION


@pytest.mark.parametrize("approved", [True, False])
def test_an_approval_reaches_the_workflow(waiting: Any, approved: bool) -> None:
    approval = APPROVAL | {"approved": approved}

    response = approve(waiting, json.dumps(approval | {"note": "dropped"}).encode())

    assert response.status_code == 202
    assert response.get_body() == b""
    waiting.raise_event.assert_awaited_once_with("instance-1", "Approval", approval)


@pytest.mark.parametrize("case", CONTRACT["rejectedApprovals"], ids=lambda case: case["name"])
def test_a_malformed_approval_is_refused(waiting: Any, case: dict[str, Any]) -> None:
    check_refused(approve(waiting, body_of(case)), 400, case["error"])
    waiting.raise_event.assert_not_awaited()


def test_an_unknown_instance_is_not_found(client: Any) -> None:
    client.get_status.return_value = DurableOrchestrationStatus.from_json("")

    response = approve(client, body_of({"body": APPROVAL}))

    check_refused(response, 404, "no order workflow has this id")
    client.raise_event.assert_not_awaited()


@pytest.mark.parametrize("ended", ["Completed", "Failed", "Terminated", "Canceled"])
def test_a_workflow_that_has_ended_is_a_conflict(client: Any, ended: str) -> None:
    client.get_status.return_value = status(ended)

    response = approve(client, body_of({"body": APPROVAL}))

    check_refused(response, 409, "the order workflow has ended")
    client.raise_event.assert_not_awaited()


def test_a_workflow_that_ends_meanwhile_is_a_conflict(client: Any) -> None:
    client.get_status.side_effect = [status("Running"), status("Completed")]
    client.raise_event.side_effect = Exception("Instance with ID instance-1 is gone")

    response = approve(client, body_of({"body": APPROVAL}))

    check_refused(response, 409, "the order workflow has ended")


def test_a_failure_of_the_host_is_not_the_fault_of_the_caller(waiting: Any) -> None:
    waiting.raise_event.side_effect = Exception("no task hub")

    with pytest.raises(Exception, match="no task hub"):
        approve(waiting, body_of({"body": APPROVAL}))


def test_a_status_that_cannot_be_read_is_not_an_unknown_id(client: Any) -> None:
    failure = {"Message": "Something went wrong", "ExceptionMessage": "PermissionDenied"}
    client.get_status.return_value = DurableOrchestrationStatus.from_json(failure)

    with pytest.raises(RuntimeError, match="the status of instance instance-1 could not be read"):
        approve(client, body_of({"body": APPROVAL}))


def test_an_id_cannot_lead_to_another_url(waiting: Any) -> None:
    approve(waiting, body_of({"body": APPROVAL}), instance_id="a/b?c")

    assert waiting.get_status.await_args.args == ("a%2Fb%3Fc",)
