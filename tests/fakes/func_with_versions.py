"""A fake of `func start --port PORT` that knows nothing but versions, for `tests/e2e_versions.py`.

Orders are in the file `STATE`, as the emulator keeps them. An approved order completes when the
app's version is the order's or a higher one, unless `IGNORES_VERSIONS` is set.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

STATE = Path(os.environ["STATE"])
OPTION = "AzureFunctionsJobHost__extensions__durableTask__defaultVersion"
VERSION = os.environ[OPTION]
PORT = int(sys.argv[sys.argv.index("--port") + 1])


class OrderHandler(BaseHTTPRequestHandler):
    """Serves one order, with the id 1."""

    def do_GET(self) -> None:
        if self.path != "/status":
            return self._respond(200, {})
        order = json.loads(STATE.read_text())
        executed = order["version"] <= VERSION or "IGNORES_VERSIONS" in os.environ
        done = order["approved"] and executed
        return self._respond(
            200,
            {
                "runtimeStatus": "Completed" if done else "Running",
                "customStatus": "waiting for approval",
                "version": order["version"],
                "input": None,
            },
        )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/orders":
            STATE.write_text(json.dumps({"version": VERSION, "approved": False}))
            url = f"http://localhost:{PORT}/status"
            return self._respond(202, {"id": "1", "statusQueryGetUri": url})
        STATE.write_text(json.dumps(json.loads(STATE.read_text()) | {"approved": True}))
        return self._respond(202, None)

    def _respond(self, status: int, value: object) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("localhost", PORT), OrderHandler).serve_forever()
