"""The process that holds a function app, and the messages exchanged with it.

Host and worker exchange one JSON object per line over the worker's stdin and stdout:

* first line from the worker: `{"functions": [{"name": …, "bindings": […]}]}` or `{"error": text}`
* request: `{"function": name, "inputs": [{"name": binding, "data": typed data}]}`
* response: `{"value": typed data or null}` or `{"error": message, "details": stack trace}`

Typed data is the union that the Functions host uses: an object with exactly one of the keys
`string`, `json` (a JSON text), `int`, `double`, `bytes` (base64 here) or `http`.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CALL_TIMEOUT_SECONDS = 60.0
KEPT_STDERR_LINES = 200

Binding = dict[str, Any]
TypedData = dict[str, Any]


class WorkerError(RuntimeError):
    """The worker process died or did not respond; the text ends with its stderr."""


class LoadError(WorkerError):
    """The app cannot be loaded or indexed; the text is the worker's own."""


@dataclass(frozen=True)
class InvocationResult:
    """The result of a call: `error` is None on success, else the message of the exception."""

    value: TypedData | None = None
    error: str | None = None
    details: str = ""


class Worker:
    """A function app, loaded in its own process.

    `functions` maps each function's name to its bindings, exactly as the SDK indexed them.
    """

    def __init__(
        self,
        command: Sequence[str],
        app_folder: Path,
        settings: Mapping[str, str] | None = None,
        timeout: float = CALL_TIMEOUT_SECONDS,
    ) -> None:
        """Start the process and load the app.

        Args:
            command: program and arguments; one of the worker scripts beside this file.
            app_folder: folder with `host.json`; the worker's working directory.
            settings: app settings, added to the environment of the worker.
            timeout: seconds that loading or one call may take.

        Raises:
            LoadError: the app cannot be loaded or indexed.
            WorkerError: the process died or did not respond.
        """
        self.app_folder = app_folder
        self.functions: dict[str, list[Binding]] = {}
        self._command = list(command)
        self._environment = _environment(settings or {})
        self._timeout = timeout
        self._stderr: deque[str] = deque(maxlen=KEPT_STDERR_LINES)
        self._turn = threading.Lock()
        self._start()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def restart(self) -> None:
        """End the process, start another one and load the app again.

        Raises:
            LoadError, WorkerError: see `__init__`.
        """
        self.close()  # also ends a call that is waiting for its result
        with self._turn:
            self._stderr.clear()
            self._start()

    def _start(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            self._command,
            cwd=self.app_folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._readers = [
            threading.Thread(target=self._read_stdout, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        try:
            self._load()
        except WorkerError:
            self.close()
            raise

    def invoke(self, function: str, inputs: Iterable[tuple[str, TypedData]]) -> InvocationResult:
        """Call a function and wait for its result. Calls of several threads take turns.

        Args:
            function: name of an indexed function.
            inputs: value of each `in` binding, by the name of the binding.

        Raises:
            WorkerError: the process died or did not respond in time. An exception of the
                function is no error here, it is in the result.
        """
        data = [{"name": name, "data": value} for name, value in inputs]
        with self._turn:
            self._send({"function": function, "inputs": data})
            response = self._receive(f"calling {function}")
        details = response.get("details") or ""
        return InvocationResult(response.get("value"), response.get("error"), details)

    def stderr(self) -> str:
        """The last lines that worker and app have printed."""
        return "".join(self._stderr)

    def close(self) -> None:
        """End the process. May be called twice."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(timeout=5)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                _close_quietly(stream)

    def _load(self) -> None:
        message = self._receive("loading the app")
        if "error" in message:
            raise LoadError(message["error"])
        self.functions = {item["name"]: item["bindings"] for item in message["functions"]}

    def _send(self, message: dict[str, Any]) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(message) + "\n")
            stdin.flush()
        except (OSError, ValueError) as error:
            raise self._died("taking a call") from error

    def _receive(self, doing: str) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=self._timeout)
        except queue.Empty:
            self._process.kill()
            text = f"no response for {self._timeout:g} s while {doing}\n{self.stderr()}"
            raise WorkerError(text) from None
        if line is None:
            raise self._died(doing)
        message: dict[str, Any] = json.loads(line)
        return message

    def _died(self, doing: str) -> WorkerError:
        code = self._process.wait()
        self._readers[1].join(timeout=5)
        return WorkerError(f"the worker ended with code {code} while {doing}\n{self.stderr()}")

    def _read_stdout(self) -> None:
        stdout, lines = self._process.stdout, self._lines
        assert stdout is not None
        for line in stdout:
            if line.endswith("\n"):  # a process that dies can leave a part of a line
                lines.put(line)
        lines.put(None)

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._stderr.append(line)


def python_worker(
    python: Path | str, app_folder: Path, settings: Mapping[str, str] | None = None
) -> Worker:
    """Load a Python app.

    Args:
        python: interpreter of the app's environment; needs the app's requirements and the
            library worker (`fixtures.install_library_worker`).
        app_folder: folder with `function_app.py` and `host.json`.
        settings: app settings, added to the environment.

    Raises:
        LoadError, WorkerError: see `Worker`.
    """
    return Worker([str(python), str(HERE / "python_worker.py")], app_folder, settings)


def node_worker(
    app_folder: Path,
    settings: Mapping[str, str] | None = None,
    node: Sequence[str] = ("node",),
) -> Worker:
    """Load a compiled TypeScript app or a JavaScript app, with its own `node_modules`.

    Stricter than the worker in Azure, which goes on with zero functions when a file throws, a
    dependency is missing or `main` matches nothing: here all of that is a LoadError.

    Args:
        app_folder: folder with `package.json` and `host.json`.
        settings: app settings, added to the environment.
        node: command that runs Node 20 or newer.

    Raises:
        LoadError, WorkerError: see `Worker`.
    """
    return Worker([*node, str(HERE / "node_worker.cjs")], app_folder, settings)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of the test run, without what would change the app's own behaviour."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "PYTHONHOME", "NODE_OPTIONS", "NODE_PATH"}
    }
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # leave no trace in the app's folder
    # The JavaScript client obeys proxy settings, even for the local management API.
    environment["NO_PROXY"] = environment["no_proxy"] = "127.0.0.1,localhost"
    environment.update(settings)
    return environment


def _close_quietly(stream: Any) -> None:
    with contextlib.suppress(OSError):  # unsent bytes to a process that is gone
        stream.close()
