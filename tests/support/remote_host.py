"""An app that another program runs, such as the Core Tools: what HTTP shows of it."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from functions_host.host import Headers, Response
from functions_host.protocol import decode

ENDED = {"Completed", "Failed", "Terminated", "Canceled"}
POLL = 0.25  # seconds
# An instance that does not change for so long waits for an event or for hours. Between two attempts
# of an activity are five seconds, unless the clock is virtual.
SETTLED = float(os.environ.get("APP_SETTLES", "12"))  # seconds
REQUEST_TIMEOUT = 30.0  # seconds


class RemoteHost:
    """Has the methods of `Host` that need no more than HTTP; time is real."""

    def __init__(self, url: str) -> None:
        """Take the address of the app, without a path."""
        self._url = url.rstrip("/")
        self._management: dict[str, dict[str, str]] = {}
        # Which activities run cannot be seen from here.
        self.calls: list[tuple[str, Any]] = []

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request to a path or to a whole URL; remember the instance that it starts."""
        url = path if path.startswith("http") else self._url + path
        request = urllib.request.Request(
            url, data=body or None, headers=dict(headers or {}), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT) as sent:
                response = Response(sent.status, Headers(sent.headers.items()), sent.read())
        except urllib.error.HTTPError as error:
            response = Response(error.code, Headers(error.headers.items()), error.read())
        self._remember(response)
        return response

    def _remember(self, response: Response) -> None:
        if response.status == 202 and response.body:
            urls = response.json()
            if "statusQueryGetUri" in urls:
                self._management[urls["id"]] = urls

    def status(self, instance_id: str) -> dict[str, Any]:
        """Return the status of an instance that was started by `request`."""
        response = self.request("GET", self._management[instance_id]["statusQueryGetUri"])
        assert response.status in (200, 202), response
        status = response.json()
        return {**status, "input": decode(status["input"])}

    def raise_event(self, instance_id: str, name: str, data: Any) -> None:
        """Send an event to the management URL of an instance."""
        url = self._management[instance_id]["sendEventPostUri"].replace("{eventName}", name)
        body = json.dumps(data).encode()
        response = self.request("POST", url, body, {"content-type": "application/json"})
        assert response.status == 202, response

    def run(self, until: timedelta | None = None) -> None:
        """Wait until each instance has ended or changes no more; the clock cannot be moved."""
        for instance_id in self._management:
            self._settle(instance_id)

    def _settle(self, instance_id: str) -> None:
        last, changed = None, time.monotonic()
        while time.monotonic() - changed < SETTLED:
            status = self.status(instance_id)
            if status["runtimeStatus"] in ENDED:
                return
            state = (status["runtimeStatus"], status["customStatus"], status["lastUpdatedTime"])
            if state != last:
                last, changed = state, time.monotonic()
            time.sleep(POLL)

    def forget(self) -> None:
        """Wait no longer for the instances that were started so far."""
        self._management.clear()
