"""A fake of `func start --port PORT`: serves the Python app in the current folder in memory.

Work goes on in the background, as in the real host. The clock is virtual: pauses cost no time, but
an hour does not pass within a test.
"""

import argparse
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from functions_host.host import Host, Response
from functions_host.worker import python_worker

ONE_STEP = timedelta(seconds=10)


class FuncServer(ThreadingHTTPServer):
    """Serves one host, whose management URLs point to another port, one request at a time."""

    daemon_threads = True

    def __init__(self, host: Host, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self._host = host
        self._lock = threading.Lock()

    def respond(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        """Let the app, or the management API, respond."""
        with self._lock:
            return self._host.request(method, path, body, headers)

    def work(self) -> None:
        """Execute what requests have started, until the process ends."""
        while True:
            with self._lock:
                self._host.run(until=ONE_STEP)
            threading.Event().wait(0.02)


class _Handler(BaseHTTPRequestHandler):
    def _serve(self) -> None:
        assert isinstance(self.server, FuncServer)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        response = self.server.respond(self.command, self.path, body, dict(self.headers.items()))
        self.send_response(response.status)
        for name, value in response.headers.items():
            if name != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


def main(arguments: list[str]) -> None:
    """Serve the app of the current folder with the interpreter of its environment."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["start"])
    parser.add_argument("--port", type=int, default=7071)
    parser.add_argument("--python", type=Path, required=True)
    options = parser.parse_args(arguments)
    with Host(python_worker(options.python, Path.cwd())) as host:
        server = FuncServer(host, options.port)
        threading.Thread(target=server.work, daemon=True).start()
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
