"""A local HTTP server that answers like a deployed order app, for the smoke test of scripts.

It speaks HTTPS as `localhost`: `Operator.serve` lets Azure name it as the host of the app.
Source of the answers: page "HTTP features in Durable Functions" (async operation tracking).
"""

from __future__ import annotations

import functools
import json
import ssl
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

from fakes.azure_resource_manager.state import FUNCTION_KEY, MASTER_KEY, SYSTEM_KEY


@functools.cache
def authority() -> trustme.CA:
    """Return the certificate authority of this run."""
    return trustme.CA()


WEBHOOK = "/runtime/webhooks/durabletask/instances/"
CONTINUATION = "x-ms-continuation-token"
# Lists, after which the app is gone: a script that never ends must not hold up a test.
PATIENCE = 30
ACTIONS = {
    "statusQueryGetUri": "",
    "sendEventPostUri": "/raiseEvent/{eventName}",
    "terminatePostUri": "/terminate",
    "purgeHistoryDeleteUri": "",
    "suspendPostUri": "/suspend",
    "resumePostUri": "/resume",
}


class FunctionApp:
    """The app; a context manager that serves on 127.0.0.1 while it is open.

    It answers the requests that come first with the statuses `first` (401, 404, 503 …), then
    starts one instance per order. An instance is Running for `running` queries and then has the
    status `end`; `running=None` means for ever. With a `reason`, the order was not fulfilled.

    `lists` are the instances that exist, by id with their status, for one list after the other;
    the last one remains. A list has pages of `page_size` instances, and `empty_page` comes before
    them: filters of the storage can leave nothing of a page.
    """

    def __init__(
        self,
        first: Iterable[int] = (),
        running: int | None = 2,
        end: str = "Completed",
        reason: str | None = None,
        key: str = FUNCTION_KEY,
        custom_status: str | None = None,
        lists: Iterable[Mapping[str, str]] = ({},),
        page_size: int = 100,
        empty_page: bool = False,
    ) -> None:
        """Make an app that does not serve yet."""
        self.first = list(first)
        self.running = running
        self.end = end
        self.reason = reason
        self.key = key
        self.custom_status = custom_status
        self.lists = [dict(each) for each in lists]
        self.page_size = page_size
        self.empty_page = empty_page
        self.queries: list[dict[str, list[str]]] = []
        self.orders: list[Any] = []
        self.status_queries: list[str] = []
        self.requests: list[str] = []
        self._queries: dict[str, int] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority().issue_cert("localhost").configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def host(self) -> str:
        """Return the host name with the port."""
        return f"localhost:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Return the base address, without a slash at the end."""
        return f"https://{self.host}"

    def __enter__(self) -> FunctionApp:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def start(self, key: str | None, body: bytes) -> tuple[int, Any]:
        """Answer `POST /api/orders`: a status and the management addresses."""
        if self.first:
            return self.first.pop(0), None
        if key != self.key:
            return 401, None
        try:
            self.orders.append(json.loads(body))
        except ValueError:
            return 400, {"error": "the body is not JSON"}
        instance = f"order-{len(self.orders)}"
        self._queries[instance] = 0
        base = f"{self.url}{WEBHOOK}{instance}"
        query = f"?taskHub=default&connection=Storage&code={SYSTEM_KEY}"
        addresses = {name: f"{base}{action}{query}" for name, action in ACTIONS.items()}
        return 202, {"id": instance, **addresses}

    def query(self, instance: str, code: str | None) -> tuple[int, Any]:
        """Answer a status query: 202 while the instance runs, 200 at the end."""
        if code != SYSTEM_KEY:
            return 401, None
        if instance not in self._queries:
            return 404, None
        self._queries[instance] += 1
        runs = self.running is None or self._queries[instance] <= self.running
        status = "Running" if runs else self.end
        output: dict[str, Any] = {"success": self.end == "Completed" and not self.reason}
        output |= {"reason": self.reason} if self.reason else {}
        return (202 if runs else 200), {
            "name": "process_order",
            "instanceId": instance,
            "runtimeStatus": status,
            "customStatus": self.custom_status,
            "output": None if runs else output,
        }

    def list(
        self, key: str | None, query: dict[str, list[str]], token: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Answer a query for instances: a status, a page, and the header that names the next one.

        Only the system key of the extension, or the master key, may do this. Source:
        `ExtensionWebHookHandler` of azure-functions-host, `HttpApiHandler` of the extension.
        """
        if self.first:
            return self.first.pop(0), None, {"Location": "/login"}
        if len(self.queries) == PATIENCE:
            return 404, None, {}
        if key not in (SYSTEM_KEY, MASTER_KEY):
            return 401, None, {}
        if not token and self.queries and len(self.lists) > 1:
            self.lists.pop(0)
        self.queries.append(query)
        wanted = ",".join(query.get("runtimeStatus", [])).split(",")
        found = [(name, state) for name, state in self.lists[0].items() if state in wanted]
        empty = self.empty_page and not token
        start = int(token.removeprefix("from ") or 0)
        end = start if empty else start + self.page_size
        more = empty or end < len(found)
        page = [
            {"name": "process_order", "instanceId": name, "runtimeStatus": state, "input": None}
            for name, state in found[start:end]
        ]
        return 200, page, {CONTINUATION: f"from {end}" if more else ""}


def _handler(app: FunctionApp) -> type[BaseHTTPRequestHandler]:
    class AppHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            known = urlsplit(self.path).path == "/api/orders"
            key = self.headers.get("x-functions-key")
            self._answer(*(app.start(key, body) if known else (404, None)))

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            if url.path == WEBHOOK.rstrip("/"):
                token = self.headers.get(CONTINUATION, "")
                self._answer(*app.list(self.headers.get("x-functions-key"), query, token))
                return
            code = query.get("code", [self.headers.get("x-functions-key")])[0]
            known = url.path.startswith(WEBHOOK)
            app.status_queries.append(url.query)
            self._answer(*(app.query(url.path[len(WEBHOOK) :], code) if known else (404, None)))

        def _answer(self, status: int, body: Any, headers: Mapping[str, str] = {}) -> None:
            app.requests.append(f"{self.command} {urlsplit(self.path).path} {status}")
            content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status == 202 and "statusQueryGetUri" in body:
                self.send_header("Location", body["statusQueryGetUri"])
                self.send_header("Retry-After", "10")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet: tests read `requests`."""

    return AppHandler
