"""Runs the contract of a Python app on Microsoft's own in-memory backend.

An app for `azure-functions-durable` 1.x runs unchanged on the release candidates of 2.x, which
speak another protocol (gRPC) to an unrelated engine, `durabletask.testing`. If both agree about an
app, neither this repository's host nor the app relies on a peculiarity of one of them.

Usage: python run_contract.py PROJECT
    Prints JSON: "differences" to the contract, and "deprecated", what the SDK says about each
    deprecated name that the app uses.

The backend waits in real time, so the delays of the orchestrator are shortened.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import grpc
from azure.functions.decorators.function_app import FunctionBuilder
from deprecations import Deprecations
from durabletask.internal import helpers
from durabletask.internal import orchestrator_service_pb2 as pb
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from durabletask.testing import create_test_backend

# A timeout must be longer than what the test does meanwhile; the other delays only cost time.
SHORT = {
    "APPROVAL_TIMEOUT": timedelta(seconds=2),
    "POLLING_INTERVAL": timedelta(milliseconds=100),
    "RETRY": df.RetryOptions(first_retry_interval_in_milliseconds=10, max_number_of_attempts=3),
}
CASE_TIMEOUT_SECONDS = 20
# Every app of 2.x has these functions of the SDK.
OF_THE_SDK = {"BuiltIn__HttpActivity", "BuiltIn__HttpPollOrchestrator"}


def name_registered_functions() -> None:
    """Let 2.x call an activity by its registered function, as 1.x does.

    2.0.0rc3 takes the name of any callable from `__name__`, which a registered function lacks.
    """
    create = FunctionBuilder.__init__

    def create_with_name(self: Any, function: Any, *args: Any) -> None:
        create(self, function, *args)
        self.__name__ = function.__name__

    FunctionBuilder.__init__ = create_with_name


class NextApp:
    """The functions of an app, called as the extension calls them.

    Args:
        folder: the folder with `function_app.py`.
    """

    def __init__(self, folder: Path) -> None:
        name_registered_functions()
        sys.path.insert(0, str(folder))
        from orders import orchestrator

        for name, value in SHORT.items():
            if hasattr(orchestrator, name):
                setattr(orchestrator, name, value)
        import function_app

        self.functions = {
            str(each.get_function_name()): each for each in function_app.app.get_functions()
        }

    def triggers(self) -> dict[str, str]:
        """Return the trigger of each function of the app."""
        return {
            name: function.get_trigger().get_binding_name()
            for name, function in self.functions.items()
            if name not in OF_THE_SDK and not name.lower().startswith("builtin")
        }

    def orchestrate(self, request: pb.OrchestratorRequest) -> pb.OrchestratorResponse:
        """Run an orchestrator on its history."""
        started = [
            event.executionStarted
            for event in (*request.pastEvents, *request.newEvents)
            if event.HasField("executionStarted")
        ]
        answer = self._call(started[-1].name, request)
        return pb.OrchestratorResponse.FromString(answer)

    def operate(self, request: pb.EntityRequest) -> pb.EntityBatchResult:
        """Run operations of an entity."""
        batch, _ = helpers.convert_to_entity_batch_request(request)
        name = request.instanceId.split("@")[1]
        return pb.EntityBatchResult.FromString(self._call(name, batch))

    def run_activity(self, request: pb.ActivityRequest) -> pb.ActivityResponse:
        """Run one attempt of an activity."""
        response = pb.ActivityResponse(
            instanceId=request.orchestrationInstance.instanceId, taskId=request.taskId
        )
        try:
            result = self._function(request.name)(json.loads(request.input.value))
        except Exception as error:
            response.failureDetails.CopyFrom(helpers.new_failure_details(error))
        else:
            response.result.value = json.dumps(result)
        return response

    def send(self, name: str, request: func.HttpRequest, client: Any) -> func.HttpResponse:
        """Send a request to an HTTP function."""
        return asyncio.run(self._function(name)(request, client))

    def _function(self, name: str) -> Any:
        return self.functions[name].get_user_function()

    def _call(self, name: str, request: Any) -> bytes:
        body = base64.b64encode(request.SerializeToString()).decode()
        answer = asyncio.run(self._function(name)(func.OrchestrationContext(body)))
        return base64.b64decode(answer)


class Backend:
    """The in-memory backend, and a thread that hands its work to an app."""

    def __init__(self, app: NextApp) -> None:
        port = free_port()
        self._app = app
        self._backend = create_test_backend(port=port)
        self.address = f"127.0.0.1:{port}"
        self._backend.start()
        self.hub = stubs.TaskHubSidecarServiceStub(grpc.insecure_channel(self.address))
        threading.Thread(target=self._work, daemon=True).start()

    def stop(self) -> None:
        """End the backend."""
        self._backend.stop()

    def state(self, instance_id: str) -> pb.OrchestrationState:
        """Return the state of an instance."""
        request = pb.GetInstanceRequest(instanceId=instance_id, getInputsAndOutputs=True)
        return self.hub.GetInstance(request).orchestrationState

    def _work(self) -> None:
        for item in self.hub.GetWorkItems(pb.GetWorkItemsRequest()):
            threading.Thread(target=self._do, args=(item,), daemon=True).start()

    def _do(self, item: pb.WorkItem) -> None:
        match item.WhichOneof("request"):
            case "orchestratorRequest":
                response: Any = self._app.orchestrate(item.orchestratorRequest)
                complete = self.hub.CompleteOrchestratorTask
            case "activityRequest":
                response = self._app.run_activity(item.activityRequest)
                complete = self.hub.CompleteActivityTask
            case "entityRequestV2":
                response = self._app.operate(item.entityRequestV2)
                complete = self.hub.CompleteEntityTask
            case unknown:
                raise NotImplementedError(unknown)
        response.completionToken = item.completionToken
        complete(response)


class Contract:
    """The requests of a project, sent to its app.

    Args:
        project: the folder of a generated project.
    """

    def __init__(self, project: Path) -> None:
        self.requests = project / "requests"
        self.contract = self._read("contract.json")
        self.app = NextApp(project / "src")
        self.backend = Backend(self.app)

    def differences(self) -> Iterator[str]:
        """Yield one line for each difference to the contract."""
        yield from self._functions()
        for case in self._read("rejected.json"):
            status, body = self._post(body_of(case))
            if (status, body) != (400, {"error": case["error"]}):
                yield f"{case['name']}: {status} {body}"
        for case in self.contract["completed"]:
            output = self._process(case)
            if output != case["output"]:
                yield f"{case['name']}: {output} instead of {case['output']}"
        if "entityTrigger" in self.contract["functions"]:
            yield from self._sales()

    def _functions(self) -> Iterator[str]:
        expected = {
            snake_case(name): trigger
            for trigger, names in self.contract["functions"].items()
            for name in names
        }
        if self.app.triggers() != expected:
            yield f"functions: {self.app.triggers()} instead of {expected}"

    def _process(self, case: dict[str, Any]) -> Any:
        status, body = self._post(body_of(case))
        if status != 202:
            return f"{status} {body}"
        for event in case.get("events", ()):
            self.backend.hub.RaiseEvent(
                pb.RaiseEventRequest(
                    instanceId=body["id"],
                    name=event["name"],
                    input=helpers.get_string_value(json.dumps(event["data"])),
                )
            )
        deadline = time.monotonic() + CASE_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            state = self.backend.state(body["id"])
            if state.orchestrationStatus == pb.ORCHESTRATION_STATUS_COMPLETED:
                return json.loads(state.output.value)
            if state.orchestrationStatus == pb.ORCHESTRATION_STATUS_FAILED:
                return state.failureDetails.errorMessage
            time.sleep(0.02)
        return f"no end within {CASE_TIMEOUT_SECONDS} seconds"

    def _sales(self) -> Iterator[str]:
        """Completed orders add up; the entity follows a moment later."""
        items = [
            item
            for case in self.contract["completed"]
            if case["output"]["success"]
            for item in case["body"]["items"]
        ]
        expected = sum(item["quantity"] for item in items if item["sku"] == "A-1")
        for _ in range(100):
            response = self._send("get_sales", "GET", b"", {"sku": "A-1"})
            if response == (200, {"sku": "A-1", "quantity": expected}):
                return
            time.sleep(0.05)
        yield f"sales of A-1: {response} instead of {expected}"

    def _post(self, body: bytes) -> tuple[int, Any]:
        return self._send("start_order", "POST", body, {})

    def _send(self, name: str, method: str, body: bytes, values: dict) -> tuple[int, Any]:
        url = "http://localhost:7071/api/orders"
        request = func.HttpRequest(method, url, route_params=values, body=body)
        response = self.app.send(name, request, self._client())
        return response.status_code, json.loads(response.get_body() or b"null")

    def _client(self) -> str:
        return json.dumps(
            {
                "taskHubName": "default",
                "connectionName": "",
                "creationUrls": {},
                "managementUrls": {},
                "baseUrl": "http://localhost:7071/runtime/webhooks/durabletask",
                "requiredQueryStringParameters": "",
                "rpcBaseUrl": self.backend.address,
            }
        )

    def _read(self, file: str) -> Any:
        return json.loads((self.requests / file).read_text(encoding="utf-8"))


def body_of(case: dict[str, Any]) -> bytes:
    """Return the request body of a case."""
    return (case["text"] if "text" in case else json.dumps(case["body"])).encode()


def snake_case(name: str) -> str:
    """Return the Python name of a function of the contract."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    deprecations = Deprecations(folder / "src", df)
    contract = Contract(folder)
    found = {"differences": [*contract.differences()], "deprecated": deprecations.messages()}
    contract.backend.stop()
    print(json.dumps(found))
