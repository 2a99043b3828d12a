"""Runs inside the app's environment: indexes the app and serves calls (see worker.py).

Microsoft's library worker (package azure-functions-runtime) does the work. It takes the module
of protocol messages from its caller, so plain objects replace gRPC and protobuf. Its registry
is global to the process: one process per app.
"""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
import os
import sys
import traceback
from types import SimpleNamespace
from typing import Any, TextIO

HOST_VERSION = "4.0.0"


class StatusResult(SimpleNamespace):
    Failure = 0
    Success = 1


class BindingInfo(SimpleNamespace):
    """Directions and data types have the numbers of the protocol; the indexer compares them."""

    out = 1
    inout = 2
    undefined = 0


class Messages:
    """Replaces the module of protocol messages: every other message is a plain object."""

    StatusResult = StatusResult
    BindingInfo = BindingInfo

    def __getattr__(self, name: str) -> type[SimpleNamespace]:
        return SimpleNamespace


class OneOf(SimpleNamespace):
    """A protobuf union with one member set."""

    def WhichOneof(self, _union: str) -> str:
        return next(name for name in self.__dict__ if name != "name")


def typed_data_in(data: dict[str, Any]) -> OneOf:
    """Typed data of a call, as the message that the library worker reads."""
    if "bytes" in data:
        return OneOf(bytes=base64.b64decode(data["bytes"]))
    if "http" in data:
        http = dict(data["http"])
        return OneOf(http=SimpleNamespace(**{**http, "body": typed_data_in(http["body"])}))
    return OneOf(**data)


def typed_data_out(data: SimpleNamespace | None) -> dict[str, Any] | None:
    """Typed data of a result, as JSON."""
    if data is None:
        return None
    values = vars(data)
    if "bytes" in values:
        return {"bytes": base64.b64encode(values["bytes"]).decode()}
    if "http" in values:
        http = values["http"]
        return {
            "http": {
                "status_code": http.status_code,
                "headers": dict(http.headers),
                "body": typed_data_out(http.body),
            }
        }
    return values


def claim_stdout() -> TextIO:
    """The stream for responses; from here on, the output of the app goes to stderr."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return stream


async def index(runtime: Any, folder: str) -> dict[str, Any]:
    """Load the app and list its functions, or return the error."""
    request = SimpleNamespace(
        worker_init_request=SimpleNamespace(
            function_app_directory=folder, capabilities={}, host_version=HOST_VERSION
        )
    )
    properties = {"host": "127.0.0.1", "protos": Messages()}
    envelope = SimpleNamespace(request=request, properties=properties)
    loaded = await runtime.worker_init_request(envelope)
    if loaded.result.status != StatusResult.Success:
        failure = loaded.result.exception
        return {"error": f"{failure.message}\n{failure.stack_trace}"}
    metadata = await runtime.functions_metadata_request(envelope)
    return {"functions": [describe(item) for item in metadata.function_metadata_results or []]}


def describe(item: SimpleNamespace) -> dict[str, Any]:
    bindings = [json.loads(text) for text in item.raw_bindings]
    return {"name": item.name, "id": item.function_id, "bindings": bindings}


async def invoke(runtime: Any, function_id: str, inputs: list[dict[str, Any]]) -> dict[str, Any]:
    """Call one function and return the response of worker.py's protocol."""
    invocation = SimpleNamespace(
        invocation_id="invocation",
        function_id=function_id,
        input_data=[OneOf(name=i["name"], data=typed_data_in(i["data"])) for i in inputs],
        trigger_metadata={},
        trace_context=SimpleNamespace(trace_parent="", trace_state="", attributes={}),
        retry_context=SimpleNamespace(retry_count=0, max_retry_count=0, exception=None),
    )
    request = SimpleNamespace(invocation_request=invocation)
    response = await runtime.invocation_request(SimpleNamespace(request=request))
    if response.result.status != StatusResult.Success:
        failure = response.result.exception
        return {"error": failure.message, "details": failure.stack_trace}
    return {"value": typed_data_out(response.return_value)}


def load(loop: asyncio.AbstractEventLoop) -> tuple[Any, dict[str, Any]]:
    """Import the library worker and index the app in the current folder."""
    folder = os.getcwd()
    sys.path[0] = folder  # in place of the folder of this script
    try:
        runtime = importlib.import_module("azure_functions_runtime")
        runtime.start_threadpool_executor()
        return runtime, loop.run_until_complete(index(runtime, folder))
    except BaseException:  # SystemExit too: a module may call exit() while it is imported
        return None, {"error": traceback.format_exc()}


def main() -> None:
    output = claim_stdout()

    def respond(message: dict[str, Any]) -> None:
        print(json.dumps(message), file=output, flush=True)

    # One loop for all calls: the durable client keeps its HTTP session on it.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    runtime, indexed = load(loop)
    respond(indexed)
    ids = {item["name"]: item["id"] for item in indexed.get("functions", [])}
    for line in sys.stdin:
        call = json.loads(line)
        respond(loop.run_until_complete(invoke(runtime, ids[call["function"]], call["inputs"])))


if __name__ == "__main__":
    main()
