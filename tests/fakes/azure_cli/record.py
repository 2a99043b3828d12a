"""Records calls of tools as JSON lines: what is asked, each request, how it ends.

A line for each step, so that a call that is killed has left what it did before.
"""

import array
import fcntl
import json
import os
import select
import stat
import termios
from typing import Any

from fakes.azure_resource_manager.state import locked


class Record:
    """The record of one call, written to the file that FAKE_AZURE_LOG names."""

    def __init__(self, tool: str, arguments: list[str]) -> None:
        """Begin a call and count it in the state."""
        with locked(os.environ["FAKE_AZURE_STATE"]) as state:
            state.data["calls"] += 1
            state.data["total"] += 1
            self.number = state.data["calls"]
        self.requests = 0
        self.failed: dict[str, Any] = {}
        self.command = command_of(arguments)
        self.writes("begin", tool=tool, argv=arguments, command=self.command)
        if tool == "az" and arguments[:1] == ["role"] and "--assignee" in arguments:
            self.find("assignee", " ".join(arguments))

    def next_request(self, method: str, url: str, body: Any) -> dict[str, Any]:
        """Begin a request; return what faults are compared with."""
        self.requests += 1
        self.writes("request", method=method, url=url, body=body)
        return {
            "number": self.number,
            "request": self.requests,
            "command": self.command,
            "failed": self.failed,
        }

    def answered(self, status: int | str) -> None:
        """Record the status of the response to the last request."""
        self.writes("response", status=status)

    def find(self, kind: str, text: str) -> None:
        """Record a finding."""
        self.writes("finding", kind=kind, text=text)

    def fail(self, reason: str) -> None:
        """Record that the test double is not able to do this: the test fails."""
        self.writes("gap", reason=reason)

    def end(self, code: int) -> None:
        """Record the exit code, and whether the call could have waited for input."""
        if not input_has_ended():
            self.find("open-stdin", self.command)
        self.writes("end", exit=code)

    def writes(self, step: str, **facts: Any) -> None:
        """Append a line; a short write to a file opened for appending is not torn apart."""
        line = json.dumps({"call": self.number, "step": step, **facts}) + "\n"
        log = os.open(os.environ["FAKE_AZURE_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(log, line.encode())
        os.close(log)


def command_of(arguments: list[str]) -> str:
    """Return the words before the first option."""
    words = []
    for argument in arguments:
        if argument.startswith("-"):
            break
        words.append(argument)
    return " ".join(words)


def input_has_ended() -> bool:
    """Return whether standard input is closed, the null device, or a pipe that nobody fills."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return True
    if stat.S_ISCHR(mode):
        return os.fstat(0).st_rdev == os.stat(os.devnull).st_rdev
    if not stat.S_ISFIFO(mode) and not stat.S_ISSOCK(mode):
        return False
    poll = select.poll()
    poll.register(0, select.POLLIN)
    events = dict(poll.poll(200)).get(0, 0)  # ms: the one who started the call may be slow
    waiting = array.array("i", [0])
    fcntl.ioctl(0, termios.FIONREAD, waiting)
    return waiting[0] == 0 and bool(events & (select.POLLHUP | select.POLLIN))


def read(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Return calls with `requests`, `findings`, `gaps` and `exit` (None: killed)."""
    calls: dict[int, dict[str, Any]] = {}
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    for line in lines:
        number, step = line.pop("call"), line.pop("step")
        if step == "begin":
            empty = {"requests": [], "findings": [], "gaps": [], "exit": None}
            calls[number] = {"number": number, **line, **empty}
            continue
        call = calls[number]
        if step == "request":
            call["requests"].append({**line, "status": None})
        elif step == "response":
            call["requests"][-1]["status"] = line["status"]
        elif step == "finding":
            call["findings"].append(line)
        elif step == "gap":
            call["gaps"].append(line["reason"])
        else:
            call["exit"] = line["exit"]
    return list(calls.values())
