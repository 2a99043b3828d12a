"""Runs a fake tool that is a program of its own, such as `gh`.

`fakes.<name>.tool` has `parse(argv)`, which returns the command and its parameters, and
`run(call)`, which returns what is printed. Both fail with the errors below. Calls are recorded as
those of the Azure CLI are (`azure_cli/record.py`), and meet the same faults.
"""

import argparse
import importlib
import os
import shlex
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from fakes.azure_cli.record import Record
from fakes.azure_resource_manager.state import State, locked

GAP = 70  # the exit code of a call that the fake cannot perform


class CallFailed(Exception):
    """A call that ends with a message on stderr and exit code 1."""


class ToolNotSimulated(Exception):
    """A call for which the fake has no behaviour: it fails the test, never pretends success."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are those of the tool."""

    def __init__(self, prog: str) -> None:
        """Make a parser without `--help`."""
        super().__init__(prog=prog, add_help=False)

    def error(self, message: str) -> NoReturn:
        """Fail with the message."""
        raise CallFailed(f"{self.prog}: {message}")


class ToolCall:
    """A parsed call: `call["name"]` is a parameter."""

    def __init__(self, state: State, command: str, parameters: dict[str, Any]) -> None:
        """Make a call."""
        self.state = state
        self.command = command
        self.parameters = parameters

    def __getitem__(self, name: str) -> Any:
        """Return a parameter, or None."""
        return self.parameters.get(name)


def main(name: str, arguments: list[str]) -> int:
    """Perform a call and return its exit code."""
    tool = importlib.import_module(f"fakes.{name}.tool")
    record = Record(name, arguments)
    code, output, error, fault = 0, "", "", None
    try:
        command, parameters = tool.parse(arguments)
        if hasattr(tool, "read_input"):
            parameters |= tool.read_input(command, parameters)
        with locked(os.environ["FAKE_AZURE_STATE"]) as state:
            fault = _due(state, record, name)
            if fault and fault["kind"] == "error":
                raise CallFailed(fault["message"])
            if not fault or fault["kind"] == "lost":
                output = tool.run(ToolCall(state, command, parameters))
        if fault and fault["kind"] == "lost":
            raise CallFailed("error connecting: connection reset by peer")
    except CallFailed as failure:
        code, error = 1, str(failure)
    except Exception:
        record.fail(traceback.format_exc())
        code, error = GAP, traceback.format_exc()
    while fault and fault["kind"] == "hang":
        time.sleep(60)
    record.end(code)
    sys.stdout.write(output)
    sys.stderr.write(f"{error}\n" if error else "")
    return code


def _due(state: State, record: Record, name: str) -> dict[str, Any] | None:
    """Return the fault that a call meets: a fault of a request does not concern it."""
    met = None
    for fault in state.data["faults"]:
        command = f"{name} {record.command} "
        if (
            fault.get("call", record.number) == record.number
            and command.startswith(f"{fault.get('command', command.strip())} ")
            and not fault.keys() & {"request", "method", "path"}
        ):
            fault["seen"] = fault.get("seen", 0) + 1
            position, times = fault["seen"] - 1 - fault.get("skip", 0), fault.get("times", 1)
            if met is None and position >= 0 and (times is None or position < times):
                met = fault
    return met


START = (
    "import sys; sys.path.append(sys.argv.pop(1)); from fakes.tool import main; "
    "sys.exit(main(sys.argv[1], sys.argv[2:]))"
)


def write_launcher(folder: Path, name: str) -> None:
    """Write the program of a fake tool into a folder for PATH."""
    tests = str(Path(__file__).parents[1])
    start = shlex.join([sys.executable, "-I", "-S", "-c", START, tests, name])
    path = folder / name
    path.write_text(f'#!/bin/sh\nexec {start} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
