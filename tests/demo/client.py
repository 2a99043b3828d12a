"""A running demo, and a small client for its requests."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions_demo.live import LiveHost
from template import TEMPLATE

ORDER = {
    "id": "order-1001",
    "items": [{"sku": "A-1", "quantity": 2, "unitPrice": 10.0}],
    "total": 20.0,
}
WAIT_SECONDS = 20


@dataclass
class RunningDemo:
    """A demo on a free port."""

    origin: str
    live: LiveHost

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Send a request; return the status and the JSON of the response."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.origin}{path}", data, method=method)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def order(self, **changes: Any) -> str:
        """Send an order to the app; return the id of the instance."""
        status, accepted = self.send("POST", "/api/orders", ORDER | changes)
        assert status == 202, accepted
        return accepted["id"]

    def instance(self, instance_id: str) -> dict[str, Any]:
        """What the page shows of an instance."""
        return self.send("GET", f"/demo/instances/{instance_id}")[1]

    def wait(self, instance_id: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until an instance is as the caller wants it."""
        end = time.monotonic() + WAIT_SECONDS
        while not until(instance := self.instance(instance_id)):
            assert time.monotonic() < end, instance
            time.sleep(0.02)
        return instance

    def finish(self, instance_id: str) -> dict[str, Any]:
        """Wait until an instance has ended, and skip all timers on the way."""

        def ended(instance: dict[str, Any]) -> bool:
            self.send("POST", f"/demo/timer/skip?instance={instance_id}")
            return instance["status"] not in ("Pending", "Running")

        return self.wait(instance_id, ended)


def block_of(document: str, heading: str) -> str:
    """Return the code block of a section of a document."""
    text = (TEMPLATE.root / document).read_text(encoding="utf-8")
    (section,) = re.findall(rf"^#+ {heading}\n(.*?)(?:^## |\Z)", text, re.MULTILINE | re.DOTALL)
    (block,) = re.findall(r"^```bash\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return block


def bars(instance: dict[str, Any], generation: int = -1) -> list[tuple[str, str, str]]:
    """Name of the row, kind and state of each bar."""
    rows = instance["generations"][generation]["rows"]
    return [(row["name"], bar["kind"], bar["state"]) for row in rows for bar in row["bars"]]
