"""The HTTP API of the Durable extension, as far as the SDKs and the management URLs need it.

The same calls exist below two paths: the local one for the SDKs (`rpcBaseUrl` of the client
binding) and the webhook path that management URLs point to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .durable import Durable
from .errors import InstanceEndedError, UnknownFunctionError, UnknownInstanceError
from .merged_histories import merge
from .worker import TypedData

RPC_PATH = "/durabletask/"
WEBHOOK_PATH = "/runtime/webhooks/durabletask/"
TASK_HUB = "TestHub"
ID_PLACEHOLDER = "INSTANCEID"
# Real management URLs carry a key in `code`; tests can check that it never leaks.
QUERY = f"taskHub={TASK_HUB}&connection=Storage&code=management-key"
POLL_AGAIN = timedelta(seconds=10)

ApiResponse = tuple[int, dict[str, str], Any]
Query = dict[str, str]


class BadRequestError(ValueError):
    """The body of a management call is not valid."""


class ManagementApi:
    """Serves management calls from the executor."""

    def __init__(self, durable: Durable, origin: str) -> None:
        self._durable = durable
        self._origin = origin
        self._calls: list[tuple[str, str, Callable[..., ApiResponse]]] = [
            ("POST", r"orchestrators/([^/]+)(?:/([^/]+))?", self._start),
            ("GET", r"instances/?", self._list),
            ("GET", r"instances/([^/]+)", self._status),
            ("DELETE", r"instances/([^/]+)", self._purge),
            ("POST", r"instances/([^/]+)/raiseEvent/([^/]+)", self._raise_event),
            ("POST", r"instances/([^/]+)/(terminate|suspend|resume)", self._control),
            ("GET", r"entities/([^/]+)/([^/]+)", self._read_entity),
            ("POST", r"entities/([^/]+)/([^/]+)", self._signal),
        ]

    def handle(self, method: str, url: str, body: bytes, content_type: str) -> ApiResponse:
        """Serve one call.

        Args:
            method: HTTP method in capitals.
            url: path (with query) below one of the two base paths.
            body: content, usually JSON.
            content_type: media type of the body.

        Returns:
            Status, headers and a JSON value; a value of None means an empty body.
        """
        parts = urlsplit(url)
        path = parts.path.removeprefix(RPC_PATH).removeprefix(WEBHOOK_PATH)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for verb, pattern, call in self._calls:
            found = re.fullmatch(pattern, path, re.IGNORECASE)
            if found and verb == method:
                names = [unquote(name) if name else None for name in found.groups()]
                return _guarded(call, *names, query=query, body=body, content_type=content_type)
        return 404, {}, None

    def management_urls(self, instance_id: str) -> dict[str, str]:
        """The URLs of an instance, as in the body of a 202."""
        base = f"{self._origin}{WEBHOOK_PATH}instances/{instance_id}"
        return {
            "id": instance_id,
            "statusQueryGetUri": f"{base}?{QUERY}",
            "sendEventPostUri": f"{base}/raiseEvent/{{eventName}}?{QUERY}",
            "terminatePostUri": f"{base}/terminate?reason={{text}}&{QUERY}",
            "rewindPostUri": f"{base}/rewind?reason={{text}}&{QUERY}",
            "purgeHistoryDeleteUri": f"{base}?{QUERY}",
            "restartPostUri": f"{base}/restart?{QUERY}",
            "suspendPostUri": f"{base}/suspend?reason={{text}}&{QUERY}",
            "resumePostUri": f"{base}/resume?reason={{text}}&{QUERY}",
        }

    def client_binding(self) -> TypedData:
        """The value of a `durableClient` binding: a string that holds JSON."""
        start = f"{self._origin}{WEBHOOK_PATH}orchestrators/{{functionName}}[/{{instanceId}}]"
        client = {
            "taskHubName": TASK_HUB,
            "creationUrls": {
                "createNewInstancePostUri": f"{start}?{QUERY}",
                "createAndWaitOnNewInstancePostUri": f"{start}?timeout={{timeoutInSeconds}}"
                f"&pollingInterval={{intervalInSeconds}}&{QUERY}",
            },
            "managementUrls": self.management_urls(ID_PLACEHOLDER),
            "baseUrl": f"{self._origin}{WEBHOOK_PATH.rstrip('/')}",
            "requiredQueryStringParameters": QUERY,
            "rpcBaseUrl": f"{self._origin}{RPC_PATH}",
        }
        return {"string": json.dumps(client)}

    def _start(
        self, name: str, instance_id: str | None, query: Query, body: bytes, **_: Any
    ) -> ApiResponse:
        version = query.get("version")
        started = self._durable.orchestrations.start(name, _json(body), instance_id, version)
        urls = self.management_urls(started)
        headers = {"Location": urls["statusQueryGetUri"]}
        return 202, {**headers, **_retry_after()}, urls

    def _list(self, query: Query, **_: Any) -> ApiResponse:
        wanted = [text for text in query.get("runtimeStatus", "").split(",") if text]
        instance_ids = [*self._durable.orchestrations.instances]
        found = [self._durable.status(instance_id) for instance_id in instance_ids]
        return 200, {}, [s for s in found if not wanted or s["runtimeStatus"] in wanted]

    def _status(self, instance_id: str, query: Query, **_: Any) -> ApiResponse:
        status = self._durable.status(instance_id)
        show_input = _flag(query, "showInput", default=True)
        if not show_input:
            status["input"] = None
        if _flag(query, "showHistory"):
            history = self._durable.orchestrations.find(instance_id).execution.history
            show_output = _flag(query, "showHistoryOutput")
            status["historyEvents"] = merge([*history], show_output, show_input)
        if self._durable.orchestrations.find(instance_id).ended:
            return 200, {}, status
        location = self.management_urls(instance_id)["statusQueryGetUri"]
        return 202, {"Location": location, **_retry_after()}, status

    def _purge(self, instance_id: str, **_: Any) -> ApiResponse:
        self._durable.purge(instance_id)
        return 200, {}, {"instancesDeleted": 1}

    def _raise_event(
        self, instance_id: str, name: str, body: bytes, content_type: str, **_: Any
    ) -> ApiResponse:
        self._durable.orchestrations.find(instance_id)
        if content_type.split(";")[0].strip().lower() != "application/json":
            raise BadRequestError("Only application/json request content is supported")
        self._durable.raise_event(instance_id, name, _json(body))
        return 202, {}, None

    def _control(self, instance_id: str, verb: str, query: Query, **_: Any) -> ApiResponse:
        if verb.lower() == "terminate":
            self._durable.terminate(instance_id, query.get("reason", ""))
        elif verb.lower() == "suspend":
            self._durable.suspend(instance_id)
        else:
            self._durable.resume(instance_id)
        return 202, {}, None

    def _read_entity(self, name: str, key: str, **_: Any) -> ApiResponse:
        entity = self._durable.entities.find(name, key)
        if entity is None:
            return 404, {}, None
        return 200, {}, json.loads(entity.state or "null")

    def _signal(self, name: str, key: str, query: Query, body: bytes, **_: Any) -> ApiResponse:
        self._durable.entities.signal(name, key, query.get("op", ""), _json(body))
        return 202, {}, None


class ApiServer(ThreadingHTTPServer):
    """Serves the management API on a local port, for the durable clients of the app."""

    daemon_threads = True
    api: ManagementApi

    def __init__(self, port: int = 0, handler: type[BaseHTTPRequestHandler] | None = None) -> None:
        """Listen on a port, 0 for a free one. Raises OSError when it is in use."""
        super().__init__(("127.0.0.1", port), handler or ApiHandler)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class ApiHandler(BaseHTTPRequestHandler):
    def _serve(self) -> None:
        assert isinstance(self.server, ApiServer)
        length = int(self.headers.get("Content-Length") or 0)
        content_type = self.headers.get("Content-Type") or ""
        body = self.rfile.read(length)
        status, headers, value = self.server.api.handle(self.command, self.path, body, content_type)
        content = encode(value)
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: test output belongs to the tests."""


def encode(value: Any) -> bytes:
    """The body of a response."""
    return b"" if value is None else json.dumps(value).encode()


def _guarded(call: Callable[..., ApiResponse], *names: str | None, **request: Any) -> ApiResponse:
    try:
        return call(*names, **request)
    except UnknownInstanceError:
        return 404, {}, None
    except InstanceEndedError as error:
        starting = call.__name__ == "_start"
        return (409 if starting else 410), {}, {"Message": str(error)}
    except (UnknownFunctionError, BadRequestError) as error:
        message = "One or more of the arguments submitted is incorrect"
        return 400, {}, {"Message": message, "ExceptionMessage": str(error)}


def _json(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except ValueError as error:
        raise BadRequestError(f"Invalid JSON content: {error}") from error


def _flag(query: Query, name: str, default: bool = False) -> bool:
    """A parameter that is true or false, in any case; anything else counts as missing."""
    return {"true": True, "false": False}.get(query.get(name, "").lower(), default)


def _retry_after() -> dict[str, str]:
    return {"Retry-After": str(int(POLL_AGAIN.total_seconds()))}
