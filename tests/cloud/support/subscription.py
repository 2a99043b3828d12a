"""Runs scripts with the Azure CLI in front of a fake subscription, for tests.

The scripts find `az`, `azd` and `gh`, as the test wants, in a folder that comes first on PATH.
Tools that the test does not want are hidden, even if the machine has the real ones.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakes import tool as other_tools
from fakes.azure_cli import launcher, profile, record, wheels
from fakes.azure_resource_manager import state
from fakes.azure_resource_manager.paths import short

TOOLS = ("az", "azd", "gh")
# Variables of the machine that would change what the tools or the scripts do.
FOREIGN = ("AZURE_", "AZ_", "GH_", "GITHUB_", "FUNCTIONS_", "PYTEST", "VIRTUAL_ENV")
TIMED_OUT = 124  # the exit code of `timeout`


@dataclass(frozen=True)
class Result:
    """What a run left behind; `calls` are those of the tools (`record.read`)."""

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
        """Return the command of each call, without `az`; another tool stands before its own."""
        return [
            call["command"] if call["tool"] == "az" else f"{call['tool']} {call['command']}"
            for call in self.calls
        ]

    @property
    def variables_set(self) -> list[dict[str, str]]:
        """Return the options of each call of `gh variable set`."""
        found = [call["argv"] for call in self.calls if call["argv"][:2] == ["variable", "set"]]
        return [dict(zip(argv[3::2], argv[4::2], strict=False)) for argv in found]

    def count(self, command: str) -> int:
        """Return how many calls there were of a command."""
        return sum(each == command for each in self.commands)


class Subscription:
    """A fake subscription with the tools that reach it."""

    def __init__(
        self,
        folder: Path,
        tools: tuple[str, ...] = TOOLS,
        extensions: dict[str, str] | None = None,
        **changes: Any,
    ) -> None:
        """Make a new subscription in a folder.

        Args:
            folder: where its state is, and the configuration of the Azure CLI.
            tools: those on PATH besides those of the machine.
            extensions: versions of the installed extensions by name; None for the usual ones.
            changes: replace keys of `state.new()`.
        """
        self.folder = folder
        self.state = folder / "state.json"
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        self._faults: list[dict[str, Any]] = []
        self._runs = 0
        self._hidden = [tool for tool in TOOLS if tool not in tools]
        for name in tools:
            if name == "az":
                self._write_az(extensions, changes)
            else:
                other_tools.write_launcher(self.bin, name)
        self.change(**changes)

    def _write_az(self, extensions: dict[str, str] | None, changes: dict[str, Any]) -> None:
        prepared = launcher.server_socket().parent
        launcher.write_az(self.bin)
        shutil.copytree(prepared / "config", self.folder / "config")
        if changes.get("logged_in", True):
            profile.signed_in(self.folder / "config", **changes)
        else:
            profile.write(self.folder / "config", [])
        if extensions is None:
            shutil.copytree(prepared / "extensions", self.folder / "extensions")
            return
        (self.folder / "extensions").mkdir()
        (self.folder / "config" / "extensionIndex.json").unlink()
        for name, version in extensions.items():
            wheels.install(name, version, self.folder / "extensions")

    def read(self) -> dict[str, Any]:
        """Return everything that the state holds."""
        return state.load(str(self.state)).data

    def change(self, **changes: Any) -> None:
        """Replace keys of the state, such as `principal_delay=0`."""
        with state.locked(str(self.state)) as current:
            if "user" in changes:  # the facts that are not given remain
                changes["user"] = current.data["user"] | changes["user"]
            current.data |= changes

    def fault(self, kind: str, **when: Any) -> None:
        """Let requests of the next run fail: see `faults.py` for the kinds and conditions."""
        self._faults.append({"kind": kind, **when})

    def run(
        self,
        script: list[str],
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        timeout: float = 120,
        stdin: str | None = "",
    ) -> Result:
        """Run a command line; a run that lasts too long is killed with all its children.

        A call for which a test double has no behaviour fails the test, not only the script.
        """
        self._runs += 1
        log = self.folder / f"calls-{self._runs}.jsonl"
        self.change(calls=0, faults=self._faults)
        self._faults = []
        variables = self._variables(log) | (env or {})
        exit_code, stdout, stderr = _run(script, cwd or self.folder, variables, timeout, stdin)
        self.change(faults=[])
        calls = record.read(log)
        for call in calls:  # whatever the script made of it
            assert not call["gaps"], f"{call['tool']} {call['argv']}: {call['gaps']}"
        return Result(exit_code, stdout, stderr, calls)

    def az(self, *arguments: str, **options: Any) -> Result:
        """Run one call of `az`."""
        return self.run([str(self.bin / "az"), *arguments], **options)

    def _variables(self, log: Path) -> dict[str, str]:
        kept = {name: os.environ[name] for name in os.environ if not name.startswith(FOREIGN)}
        folders = [
            hide(Path(folder), self._hidden, self.folder / "path")
            for folder in kept.get("PATH", "").split(os.pathsep)
            if folder
        ]
        found = kept | {
            "AZURE_CONFIG_DIR": str(self.folder / "config"),
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_EXTENSION_DIR": str(self.folder / "extensions"),
            "FAKE_AZURE_LOG": str(log),
            "FAKE_AZURE_STATE": str(self.state),
            "HOME": str(self.folder),
            "PATH": os.pathsep.join([str(self.bin), *folders]),
        }
        if (self.bin / "az").exists():
            found["FAKE_AZURE_CLI_SOCKET"] = str(launcher.server_socket())
        return found

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

        Ids, keys, endpoints and names that the service or the Azure CLI makes up are replaced by
        what they are (`<client id of id-shop>`), so a second identity is still a difference.
        """
        data = self.read()
        visible = {
            "resources": {key: _lasting(each) for key, each in self.resources().items()},
            "roles": sorted(self.roles()),
            "settings": {short(key): each for key, each in data["settings"].items()},
            "deployments": {short(key): each["deployment"] for key, each in data["apps"].items()},
            "unregistered providers": data["unregistered_providers"],
            "github": data["github"],
        }
        text = json.dumps(visible, sort_keys=True)
        for value in sorted(data["generated"], key=len, reverse=True):
            text = text.replace(value, f"<{data['generated'][value]}>")
            text = text.replace(value.lower(), f"<{data['generated'][value]}>")
        return json.loads(text)


def _principal_name(facts: dict[str, Any] | None) -> str:
    return f"{facts['kind']} {facts['name']}" if facts else "deleted principal"


def _lasting(resource: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in resource.items() if key != "id"}


def hide(folder: Path, tools: list[str], links: Path) -> str:
    """Return a folder for PATH that has the programs of another one, but not these tools."""
    if not any((folder / name).exists() for name in tools):
        return str(folder)
    copy = links / folder.as_posix().strip("/").replace("/", "-").replace(":", "")
    copy.mkdir(parents=True, exist_ok=True)
    for program in folder.iterdir():
        if program.name not in tools and not (copy / program.name).is_symlink():
            (copy / program.name).symlink_to(program)
    return str(copy)


def _run(
    script: list[str], cwd: Path, variables: dict[str, str], timeout: float, stdin: str | None
) -> tuple[int, str, str]:
    process = subprocess.Popen(
        script,
        cwd=cwd,
        env=variables,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        stdout, stderr = process.communicate()
        return TIMED_OUT, stdout, stderr
    return process.returncode, stdout, stderr
