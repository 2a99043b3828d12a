"""The Bicep compiler as a process that answers many questions: its start takes seconds.

Source: `bicep jsonrpc --stdio`, the protocol of the Bicep CLI for programs.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from fakes.azure_resource_manager.state import SUBSCRIPTION


class BicepCompiler:
    """A running compiler; a context manager that ends it."""

    def __enter__(self) -> "BicepCompiler":
        """Start the compiler."""
        command = ["bicep", "jsonrpc", "--stdio"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        return self

    def __exit__(self, *_: object) -> None:
        """End the compiler, which ends with its input."""
        self._process.communicate(timeout=30)

    def findings(self, path: Path) -> list[str]:
        """Return what the compiler and its linter say of a file, and whether it is formatted."""
        compiled = self._ask("compile", path=str(path))
        found = [f"{each['code']}: {each['message']}" for each in compiled["diagnostics"]]
        if self._ask("format", path=str(path))["contents"] != path.read_text(encoding="utf-8"):
            found.append("not formatted as by `bicep format`")
        return found

    def template(self, path: Path) -> dict[str, Any]:
        """Return the ARM template of a Bicep file."""
        return json.loads(self._ask("compile", path=str(path))["contents"])

    def snapshot(self, parameters: Path, group: str, location: str) -> dict[str, Any]:
        """Return what a deployment of a .bicepparam file would create, evaluated."""
        where = {
            "tenantId": None,
            "subscriptionId": SUBSCRIPTION,
            "resourceGroup": group,
            "location": location,
            "deploymentName": None,
        }
        answer = self._ask("getSnapshot", path=str(parameters), metadata=where, externalInputs=[])
        return json.loads(answer["snapshot"])

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        request = {"jsonrpc": "2.0", "id": 1, "method": f"bicep/{method}", "params": parameters}
        body = json.dumps(request).encode()
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()
        length = 0
        while header := self._process.stdout.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        answer = json.loads(self._process.stdout.read(length))
        assert "error" not in answer, answer["error"]
        return answer["result"]
