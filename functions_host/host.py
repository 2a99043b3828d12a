"""A Functions host for one app: HTTP in front, the Durable executor behind.

    with Host(python_worker(venv_python, app_folder)) as host:
        accepted = host.request("POST", "/api/orders", body)
        host.run()
        assert host.status(accepted.json()["id"])["runtimeStatus"] == "Completed"

Nothing runs in the background: a request only starts, `run` executes.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .agenda import Agenda
from .api import WEBHOOK_PATH, ApiServer, ManagementApi, encode
from .durable import Durable
from .functions import Interception
from .protocol import decode
from .routing import Route, choose, routes
from .settings import extension_options
from .worker import Binding, InvocationResult, TypedData, Worker

DEFAULT_ROUTE_PREFIX = "api"


class Headers(dict[str, str]):
    """Headers of a response; lookup ignores case."""

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__((name.lower(), value) for name, value in items)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


@dataclass(frozen=True)
class Response:
    """The response to a request. `error` is the message of an exception (status 500)."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    error: str = ""

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none."""
        return json.loads(self.body)


class Host:
    """Executes one app; a context manager that ends the worker and the API server."""

    def __init__(
        self,
        worker: Worker,
        agenda: Agenda | None = None,
        long_timers: bool = True,
        server: ApiServer | None = None,
    ) -> None:
        """Take over a loaded app.

        Args:
            worker: from `python_worker` or `node_worker`; closed together with the host.
            agenda: see `Durable`.
            long_timers: see `Durable`.
            server: serves the management API; without it, a new one on a free port.
        """
        self._worker = worker
        self._server = server or ApiServer()
        self._durable = Durable(worker, agenda, long_timers)
        self._api = ManagementApi(self._durable, self._server.origin)
        self._durable.functions.client = self._api.client_binding()
        self._server.api = self._api
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.daemon = True
        self._thread.start()
        self.routes: list[Route] = routes(worker.functions)
        self._prefix = _route_prefix(worker)

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker and the API server. May be called twice."""
        self._worker.close()
        self._server.shutdown()
        self._server.server_close()

    @property
    def durable(self) -> Durable:
        """The executor, for what this class does not show."""
        return self._durable

    @property
    def functions(self) -> dict[str, list[Binding]]:
        """Name of each function and its bindings, exactly as the SDK indexed them."""
        return self._worker.functions

    @property
    def calls(self) -> list[tuple[str, Any]]:
        """Executed activities with their decoded inputs, in order, failing attempts included."""
        return self._durable.functions.calls

    @property
    def errors(self) -> list[str]:
        """Messages of all failed calls of functions, in order."""
        return self._durable.functions.errors

    @property
    def now(self) -> datetime:
        """The virtual time, in UTC."""
        return self._durable.agenda.now

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request to a function or to a management URL; keys are not checked.

        Args:
            method: HTTP method.
            path: path with query, or a whole URL, of which the origin is ignored.
            body: content.
            headers: headers as the client sends them.

        Returns:
            404 when no function has this route and method, 500 (with `error`) when the function
            raises or returns what the host cannot use, 204 when it returns nothing.

        Raises:
            WorkerError: the worker process died.
        """
        parts = urlsplit(path)
        sent = dict(headers or {})
        if parts.path.startswith(WEBHOOK_PATH):
            return self._manage(method, f"{parts.path}?{parts.query}", body, sent)
        below = _below(parts.path, self._prefix)
        found = None if below is None else choose(self.routes, method, below)
        if found is None:
            return Response(404)
        route, values = found
        http = {
            "method": method.upper(),
            "url": f"{self._server.origin}{parts.path}" + (f"?{parts.query}" * bool(parts.query)),
            "headers": {name.lower(): value for name, value in sent.items()},
            "params": values,
            "query": dict(parse_qsl(parts.query, keep_blank_values=True)),
            "body": {"bytes": base64.b64encode(body).decode()},
        }
        functions = self._durable.functions
        result = functions.invoke(route.function, route.trigger, {"http": http})
        functions.note_error(route.function, result.error)
        return _response(result)

    def run(self, until: timedelta | None = None) -> None:
        """Execute what is to be done; see `Durable.run` for the arguments and errors.

        `until=timedelta(0)` stops before the clock would move, for instance to raise an event
        before the timer that it is raced with.
        """
        self._durable.run(until)

    def status(self, instance_id: str) -> dict[str, Any]:
        """The status of an instance, as from the status endpoint but with `input` decoded.

        The endpoint shows the input of a Python orchestrator as a string that holds JSON.

        Raises:
            UnknownInstanceError: there is no such instance.
        """
        status = self._durable.status(instance_id)
        return {**status, "input": decode(status["input"])}

    def history(self, instance_id: str) -> list[dict[str, Any]]:
        """The events of the instance's present generation. Raises UnknownInstanceError."""
        return list(self._durable.orchestrations.find(instance_id).execution.history)

    def raise_event(self, instance_id: str, name: str, data: Any) -> None:
        """Send an event with JSON data, as a POST to the management URL does.

        The Python client's `raise_event` encodes its data once more, so its events reach the
        orchestrator as a text that holds JSON (azure-functions-durable-python issue 295).

        Raises:
            UnknownInstanceError, InstanceEndedError.
        """
        self._durable.raise_event(instance_id, name, data)

    def fail(
        self, activity_name: str, times: int | None, when: Callable[[Any], bool] | None = None
    ) -> None:
        """Let calls of an activity fail without calling the app.

        Args:
            activity_name: name of the activity; an earlier `fail` or `give` for it ends.
            times: how many of the next calls fail; None for all, 0 for no more.
            when: fails only calls whose decoded input this accepts.

        Raises:
            UnknownFunctionError: there is no such activity.
        """
        failure = InvocationResult(error=f"injected failure of {activity_name}")
        self._durable.functions.intercept(activity_name, Interception(failure, times, when))

    def give(
        self,
        activity_name: str,
        result: Any,
        times: int | None,
        when: Callable[[Any], bool] | None = None,
    ) -> None:
        """Let calls of an activity succeed with a result without calling the app.

        Args:
            activity_name: name of the activity; an earlier `fail` or `give` for it ends.
            result: JSON value that the orchestrator gets.
            times: how many of the next calls; None for all, 0 for no more.
            when: only calls whose decoded input this accepts.

        Raises:
            UnknownFunctionError: there is no such activity.
        """
        success = InvocationResult({"json": json.dumps(result)})
        self._durable.functions.intercept(activity_name, Interception(success, times, when))

    def entity(self, name: str, key: str) -> Any:
        """The state of an entity, None when it does not exist. Names ignore case."""
        entity = self._durable.entities.find(name, key)
        return None if entity is None or entity.state is None else json.loads(entity.state)

    def _manage(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        content_type = Headers(headers.items()).get("content-type", "")
        status, more, value = self._api.handle(method.upper(), url, body, content_type)
        items = [("content-type", "application/json"), *more.items()]
        return Response(status, Headers(items), encode(value))


def _route_prefix(worker: Worker) -> str:
    """`extensions.http.routePrefix` of host.json."""
    http = extension_options(worker.app_folder, "http")
    return str(http.get("routePrefix", DEFAULT_ROUTE_PREFIX)).strip("/")


def _below(path: str, prefix: str) -> str | None:
    if not prefix:
        return path
    head, _, rest = path.lstrip("/").partition("/")
    return rest if head.lower() == prefix.lower() else None


def _response(result: InvocationResult) -> Response:
    if result.error is not None:
        return Response(500, error=f"{result.error}\n{result.details}".strip())
    if result.value is None:
        return Response(204)
    http = result.value.get("http")
    if http is None:
        return Response(500, error=f"not an HTTP response: {result.value}")
    status = int(http.get("status_code") or 200)
    return Response(status, Headers(http["headers"].items()), _content(http.get("body")))


def _content(data: TypedData | None) -> bytes:
    if data is None:
        return b""
    if "bytes" in data:
        return base64.b64decode(data["bytes"])
    return str(next(iter(data.values()))).encode()
