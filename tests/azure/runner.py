"""Runs scripts against a simulated subscription, for tests.

The scripts find `az`, `azd` and `gh`, as the test wants, in a folder that comes first on PATH.
Tools that the test does not want are hidden, even if the machine has the real ones.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import subscription as state
from .errors import NotSimulated

HERE = Path(__file__).parent
TOOLS = ("az", "azd", "gh")
# Variables of the machine that would change what the tools or the scripts do.
FOREIGN = ("AZURE_", "AZ_", "GH_", "GITHUB_", "FUNCTIONS_", "PYTEST", "VIRTUAL_ENV")
TIMED_OUT = 124  # the exit code of `timeout`


@dataclass(frozen=True)
class Result:
    """What a run left behind: `calls` are the lines of the log, `findings` those of all calls."""

    exit: int
    stdout: str
    stderr: str
    calls: list[dict[str, Any]]

    @property
    def findings(self) -> list[tuple[str, str]]:
        """Return (kind, text) of each finding, in the order of the calls."""
        found = [finding for call in self.calls for finding in call["findings"]]
        return [(finding["kind"], finding["text"]) for finding in found]

    @property
    def commands(self) -> list[str]:
        """Return the command of each call, without `az`."""
        return [call["command"] for call in self.calls]


class Subscription:
    """A simulated subscription with the tools that reach it."""

    def __init__(self, folder: Path, tools: tuple[str, ...] = TOOLS, **changes: Any) -> None:
        """Make a new subscription in a folder; `changes` replace keys of `subscription.new()`."""
        self.folder = folder
        self.state = folder / "subscription.json"
        self.bin = folder / "bin"
        self._faults: list[dict[str, Any]] = []
        self._runs = 0
        self._hidden = [tool for tool in TOOLS if tool not in tools]
        self.bin.mkdir(parents=True, exist_ok=True)
        for tool in tools:
            _write_launcher(self.bin, tool)
        if changes or not self.state.exists():
            self.change(**changes)

    def read(self) -> dict[str, Any]:
        """Return everything that the state holds."""
        return state.load(str(self.state)).data

    def change(self, **changes: Any) -> None:
        """Replace keys of the state, such as `logged_in=False` or `principal_delay=0`."""
        current = state.load(str(self.state))
        current.data |= changes
        state.save(current, str(self.state))

    def fault(self, kind: str, **when: Any) -> None:
        """Let calls of the next run fail: see `faults.py` for the kinds and conditions."""
        self._faults.append({"kind": kind, **when})

    def run(
        self,
        script: list[str],
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        timeout: float = 120,
        stdin: str = "",
    ) -> Result:
        """Run a command line; a run that lasts too long is killed with all its children.

        A call for which the stand-in has no behaviour fails the test, not only the script.
        """
        self._runs += 1
        log = self.folder / f"calls-{self._runs}.jsonl"
        self.change(calls=0, faults={})
        variables = self._variables(log) | (env or {})
        self._faults = []
        exit_code, stdout, stderr = _run(script, cwd or self.folder, variables, timeout, stdin)
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        calls = [json.loads(line) for line in lines]
        for call in calls:  # whatever the script made of it
            if call["exit"] == NotSimulated.exit_code:
                raise AssertionError(f"{call['tool']} {call['argv']}: {call['error']}")
        return Result(exit_code, stdout, stderr, calls)

    def az(self, *arguments: str, **options: Any) -> Result:
        """Run one call of `az`."""
        return self.run([str(self.bin / _launcher_name("az")), *arguments], **options)

    def _variables(self, log: Path) -> dict[str, str]:
        kept = {name: os.environ[name] for name in os.environ if not name.startswith(FOREIGN)}
        folders = [
            hide(Path(folder), self._hidden, self.folder / "path")
            for folder in kept.get("PATH", "").split(os.pathsep)
            if folder
        ]
        return kept | {
            "AZ_FAULT": json.dumps(self._faults) if self._faults else "",
            "AZ_LOG": str(log),
            "AZ_STATE": str(self.state),
            "HOME": str(self.folder),
            "PATH": os.pathsep.join([str(self.bin), *folders]),
        }

    # What exists ----------------------------------------------------------------------------

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the resources by short id: `group`, `group/type/name/subtype/name`."""
        return {short(each["id"]): each for each in self.read()["resources"].values()}

    def roles(self) -> set[tuple[str, str, str]]:
        """Return (principal, role, scope): `user-assigned identity id-shop`, …, short id."""
        data = self.read()
        known = data["principals"]
        return {
            (
                _principal_name(known.get(each["principalId"])),
                each["roleDefinitionName"],
                short(each["scope"]),
            )
            for each in data["assignments"].values()
        }

    def settings(self, app: str) -> dict[str, str]:
        """Return the app settings of a function app."""
        settings = self.read()["settings"]
        return next(its for key, its in settings.items() if key.endswith(f"/sites/{app.lower()}"))

    def end_state(self) -> dict[str, Any]:
        """Return all that exists, free of made-up values: equal if two scripts did the same.

        Ids, keys, endpoints and names that the service makes up are replaced by what they are
        (`<client id of id-shop>`), so a second identity or plan is still a difference.
        """
        data = self.read()
        visible = {
            "resources": {key: _lasting(each) for key, each in self.resources().items()},
            "roles": sorted(self.roles()),
            "settings": {short(key): each for key, each in data["settings"].items()},
            "extensions": data["extensions"],
            "providers": data["providers"],
            "github": data["github"],
        }
        text = json.dumps(visible, sort_keys=True)
        for value in sorted(data["generated"], key=len, reverse=True):
            text = text.replace(value, f"<{data['generated'][value]}>")
            text = text.replace(value.lower(), f"<{data['generated'][value]}>")
        return json.loads(text)


def _principal_name(facts: dict[str, Any] | None) -> str:
    return f"{facts['kind']} {facts['name']}" if facts else "deleted principal"


def short(identifier: str) -> str:
    """Return the id of a resource without its subscription and providers: `group/type/name`."""
    parts = identifier.split("/")[4:]
    kept = parts[:1] + (parts[3:] if parts[1:2] == ["providers"] else parts[1:])
    return "/".join(kept) or "subscription"


def _lasting(resource: dict[str, Any]) -> dict[str, Any]:
    passing = {"id", "readyAt", "started"}
    return {key: value for key, value in resource.items() if key not in passing}


def _launcher_name(tool: str) -> str:
    return f"{tool}.cmd" if os.name == "nt" else tool


def _write_launcher(folder: Path, tool: str) -> None:
    """Write a file that starts a stand-in with this Python, without its slow start-up parts."""
    start = f'"{sys.executable}" -I -S "{HERE / "bin" / tool}"'
    text = f"@{start} %*\r\n" if os.name == "nt" else f'#!/bin/sh\nexec {start} "$@"\n'
    path = folder / _launcher_name(tool)
    path.write_bytes(text.encode())
    path.chmod(0o755)


def hide(folder: Path, tools: list[str], links: Path) -> str:
    """Return a folder for PATH that has the programs of another one, but not these tools."""
    names = {name for tool in tools for name in (tool, f"{tool}.exe", f"{tool}.cmd")}
    if not any((folder / name).exists() for name in names):
        return str(folder)
    copy = links / folder.as_posix().strip("/").replace("/", "-").replace(":", "")
    copy.mkdir(parents=True, exist_ok=True)
    for program in folder.iterdir():
        if program.name not in names and not (copy / program.name).is_symlink():
            (copy / program.name).symlink_to(program)
    return str(copy)


def _run(
    script: list[str], cwd: Path, variables: dict[str, str], timeout: float, stdin: str
) -> tuple[int, str, str]:
    process = subprocess.Popen(
        script,
        cwd=cwd,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        _kill(process)
        stdout, stderr = process.communicate()
        return TIMED_OUT, stdout, stderr
    return process.returncode, stdout, stderr


def _kill(process: subprocess.Popen) -> None:
    """Kill the process, where possible with the processes that it has started."""
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, 9)
