"""One port for everything: the app's routes, the management API, the demo's commands, its page."""

from __future__ import annotations

import json
import mimetypes
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from functions_host.api import RPC_PATH, WEBHOOK_PATH, ApiServer, encode
from functions_host.errors import UnknownInstanceError
from functions_host.host import Response
from functions_host.instances import Instance
from functions_host.protocol import decode
from functions_host.worker import WorkerError

from .live import LiveHost
from .timelines import count_episodes, timeline

PAGE = Path(__file__).parent / "page"
PAYMENT = "ProcessPayment"
SLOWEST = 10.0
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class RefusedError(RuntimeError):
    """A command that is not possible now; the text says why."""


@dataclass
class About:
    """What the page says about the app, and what can be sent to it."""

    title: str
    description: str
    orders: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


def about(project: Path, description: str) -> About:
    """Read the orders and events of a project's `requests/contract.json`."""
    contract = json.loads((project / "requests/contract.json").read_text("utf-8"))
    cases = contract["completed"]
    orders = [{"name": case["name"], "body": case["body"]} for case in cases]
    events: list[dict[str, Any]] = []
    for case in cases:
        events += [event for event in case.get("events", []) if event not in events]
    title = (project / "README.md").read_text("utf-8").splitlines()[0].lstrip("# ")
    return About(title, description, orders, events)


class Commands:
    """What the page asks for and does, below `/demo`."""

    def __init__(self, live: LiveHost, about: About) -> None:
        self._live = live
        self._about = about
        self._payment = live.find_activity(PAYMENT)
        self._posts: dict[str, Callable[[dict[str, str]], None]] = {
            "worker/kill": self._kill_worker,
            "worker/start": self._start_worker,
            "timer/skip": self._skip_timer,
            "payment/fail": self._fail_payment,
            "pace": self._set_pace,
        }

    def handle(self, method: str, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """Serve one request; `path` is below `/demo/`."""
        try:
            if method == "GET" and path == "state":
                return 200, self.state()
            if method == "GET" and path.startswith("instances/"):
                return 200, self.instance(path.removeprefix("instances/"))
            if method == "POST" and path in self._posts:
                self._posts[path](query)
                return 200, self.state()
        except UnknownInstanceError as error:
            return 404, {"error": str(error)}
        except (RefusedError, WorkerError) as error:
            return 409, {"error": str(error)}
        return 404, {"error": "the demo has no such command: docs/demo.md lists them"}

    def state(self) -> dict[str, Any]:
        """The state of the host, with a line for each instance, the newest first."""
        live = self._live
        with live.lock:
            instances = [*live.durable.orchestrations.instances.values()]
            return {
                "about": vars(self._about),
                "worker": {"state": live.worker_state, "process": live.worker.pid},
                "pace": live.agenda.pace,
                "payment": self._payment,
                "paymentsToFail": live.failures_left(self._payment) if self._payment else 0,
                "problems": live.problems,
                "entities": live.entities(),
                "instances": [self._summary(each) for each in reversed(instances)],
            }

    def instance(self, instance_id: str) -> dict[str, Any]:
        """The timeline of an instance. Raises UnknownInstanceError."""
        live = self._live
        with live.lock:
            instance = live.durable.orchestrations.find(instance_id)
            agenda = live.agenda
            return {
                **self._summary(instance),
                "input": decode(instance.execution.input),
                "output": decode(instance.output),
                **timeline(instance, agenda.now, agenda.skips, live.outages),
            }

    def _summary(self, instance: Instance) -> dict[str, Any]:
        status = self._live.durable.status(instance.id)
        order = decode(instance.execution.input)
        return {
            "id": instance.id,
            "name": instance.name,
            "order": order.get("id") if isinstance(order, dict) else None,
            "status": status["runtimeStatus"],
            "customStatus": status["customStatus"],
            "created": status["createdTime"],
            "episodes": count_episodes(instance),
        }

    def _kill_worker(self, _: dict[str, str]) -> None:
        self._live.kill_worker()

    def _start_worker(self, _: dict[str, str]) -> None:
        self._live.start_worker()

    def _skip_timer(self, query: dict[str, str]) -> None:
        instance = self._live.durable.orchestrations.find(query.get("instance", ""))
        if not self._live.skip_timer(instance):
            raise RefusedError("this instance waits for no timer")

    def _fail_payment(self, _: dict[str, str]) -> None:
        if self._payment is None:
            raise RefusedError("this app has no activity for payments")
        self._live.fail_next(self._payment)

    def _set_pace(self, query: dict[str, str]) -> None:
        try:
            seconds = float(query.get("seconds", ""))
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= SLOWEST:
            raise RefusedError(f"seconds must be a number from 0 to {SLOWEST:g}")
        self._live.agenda.pace = seconds


class DemoServer(ApiServer):
    """Serves everything on one local port; `begin` adds what needs the host."""

    def __init__(self, port: int) -> None:
        """Listen. Raises OSError when the port is in use."""
        super().__init__(port, DemoHandler)
        self.live: LiveHost | None = None
        self.commands: Commands | None = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about a browser that has closed a connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def begin(self, live: LiveHost, commands: Commands) -> None:
        """Serve the app and its page from now on."""
        self.live, self.commands = live, commands


class DemoHandler(BaseHTTPRequestHandler):
    """Sends a request to the part that serves it."""

    protocol_version = "HTTP/1.1"
    server: DemoServer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._is_trusted():
            self._send(Response(403, body=b'{"error": "this host serves its own page only"}'))
            return
        parts = urlsplit(self.path)
        if parts.path.startswith((WEBHOOK_PATH, RPC_PATH)):
            self._manage(body)
        elif self.server.live is None or self.server.commands is None:
            self._send_json(503, {"error": "the app is starting"})
        elif parts.path.startswith("/demo/"):
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            path = unquote(parts.path.removeprefix("/demo/"))
            self._send_json(*self.server.commands.handle(self.command, path, query))
        elif self.command == "GET" and (file := page_file(parts.path)) is not None:
            media = mimetypes.guess_type(file.name)[0] or "text/plain"
            self._send(Response(200, body=file.read_bytes()), f"{media}; charset=utf-8")
        else:
            headers = dict(self.headers.items())
            self._send(self.server.live.request(self.command, self.path, body, headers))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def _is_trusted(self) -> bool:
        """Refuse other sites, which a browser would let send requests to this computer."""
        port = self.server.server_address[1]
        own = {f"127.0.0.1:{port}", f"localhost:{port}"}
        origin = self.headers.get("Origin")
        return self.headers.get("Host") in own and origin in (None, *(f"http://{o}" for o in own))

    def _manage(self, body: bytes) -> None:
        content_type = self.headers.get("Content-Type") or ""
        status, headers, value = self.server.api.handle(self.command, self.path, body, content_type)
        self._send_json(status, value, headers)

    def _send_json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        response = Response(status, body=encode(value))
        self._send(response, "application/json", headers)

    def _send(
        self,
        response: Response,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        content = response.body or response.error.encode()
        all_headers = {
            "content-type": content_type,
            **HEADERS,
            **response.headers,
            **(headers or {}),
        }
        self.send_response(response.status)
        for name, text in all_headers.items():
            if name.lower() not in ("content-length", "date", "server"):
                self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: the page asks for the state all the time."""


def page_file(path: str) -> Path | None:
    """The file of the page that a path means."""
    files = {f"/page/{file.name}": file for file in PAGE.iterdir()}
    files |= {"/": PAGE / "index.html", "/favicon.ico": PAGE / "icon.svg"}
    return files.get(path)
