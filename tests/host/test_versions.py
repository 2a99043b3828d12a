"""Versions: what instances get, what orchestrators see, and which instances an app may run."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery
from functions_host.host import Host
from functions_host.versions import MISMATCH, Versions
from machine import require

from .samples import LANGUAGES, LoadApp, finish, start, write_host_json


@pytest.fixture(scope="module", params=LANGUAGES)
def versioned(request: pytest.FixtureRequest, load: LoadApp) -> Iterator[Host]:
    """Yield a host whose app has version 2.0."""
    with Host(load(request.param, "patterns", durable={"defaultVersion": "2.0"})) as running:
        yield running


@pytest.mark.slow
def test_a_new_instance_and_its_children_get_the_version_of_the_app(versioned: Host) -> None:
    assert finish(versioned, "versioned") == ["2.0", "2.0", "1.5"]


@pytest.mark.slow
def test_the_client_may_give_another_version(versioned: Host) -> None:
    instance_id = start(versioned, "version_of", query="?version=1.0")
    versioned.run()
    assert versioned.status(instance_id)["output"] == "1.0"


@pytest.mark.slow
def test_the_next_generation_keeps_the_version(versioned: Host) -> None:
    instance_id = start(versioned, "versioned_generations", query="?version=1.0")
    versioned.run()
    assert versioned.status(instance_id)["output"] == "1.0"


@pytest.mark.slow
def test_the_status_shows_the_version(versioned: Host) -> None:
    instance_id = start(versioned, "version_of", query="?version=1.0")
    path = "/runtime/webhooks/durabletask/instances"
    (listed,) = (s for s in _json(versioned, path) if s["instanceId"] == instance_id)
    assert listed["version"] == _json(versioned, f"{path}/{instance_id}")["version"] == "1.0"


@pytest.mark.slow
def test_an_instance_of_a_newer_version_waits_for_another_app(versioned: Host) -> None:
    instance_id = start(versioned, "version_of", query="?version=2.1")
    versioned.run()
    versioned.run()
    status = versioned.status(instance_id)
    assert (status["runtimeStatus"], versioned.history(instance_id)) == ("Pending", [])


@pytest.mark.slow
def test_an_instance_runs_as_soon_as_the_app_accepts_it(load: LoadApp) -> None:
    with Host(load("python", "patterns", durable={"defaultVersion": "1.0"})) as host:
        instance_id = start(host, "version_of", query="?version=2.0")
        host.run()
        host.durable.orchestrations.versions = Versions("2.0")  # the next deployment
        host.run()
        assert host.status(instance_id)["output"] == "2.0"


@pytest.mark.slow
def test_an_instance_of_another_version_fails_if_host_json_says_so(load: LoadApp) -> None:
    options = {"defaultVersion": "1.0", "versionFailureStrategy": "Fail"}
    with Host(load("python", "patterns", durable=options)) as host:
        instance_id = start(host, "version_of", query="?version=2.0")
        host.run()
        status = host.status(instance_id)
        assert (status["runtimeStatus"], status["output"]) == ("Failed", MISMATCH)


@pytest.mark.slow
def test_an_app_without_a_version_runs_instances_without_one(host: Host) -> None:
    instance_id = start(host, "version_of")
    host.run()
    status = host.status(instance_id)
    assert (status["output"], "version" in status) == ("", False)


@pytest.mark.parametrize(
    ("strategy", "accepted"),
    [
        ("None", ["", "1.0", "9.0", "10.0", "10.0.0", "10.1", "beta"]),
        ("Strict", ["10.0"]),
        ("CurrentOrOlder", ["", "1.0", "9.0", "10.0"]),
    ],
)
def test_the_strategy_decides_what_an_app_runs(strategy: str, accepted: list[str]) -> None:
    """Versions with dots are numbers: 9.0 is older than 10.0, and 10.0 is older than 10.0.0."""
    versions = Versions("10.0", match_strategy=strategy)
    offered = ["", "1.0", "9.0", "10.0", "10.0.0", "10.1", "beta"]
    assert [version for version in offered if versions.accepts(version)] == accepted


def test_versions_without_dots_are_compared_as_text() -> None:
    """As in the extension: `System.Version` has two parts at least."""
    assert Versions("9").accepts("10")
    assert not Versions("10").accepts("9")
    assert Versions("beta").accepts("Alpha")


def test_the_options_are_read_from_host_json(tmp_path: Path) -> None:
    options = {"defaultVersion": "3.0", "versionMatchStrategy": "strict"}
    write_host_json(tmp_path, options)
    assert Versions.of(tmp_path) == Versions("3.0", "Strict", "Reject")


def test_an_unknown_strategy_is_refused(tmp_path: Path) -> None:
    write_host_json(tmp_path, {"versionMatchStrategy": "Newest"})
    with pytest.raises(ValueError, match="versionMatchStrategy is Newest, not one of None, Strict"):
        Versions.of(tmp_path)


# The query of generated projects ------------------------------------------------------------------

SHELLS = {
    "bash": ["bash", "-euo", "pipefail", "-c", "url=$0 key=none\n"],
    "powershell": ["pwsh", "-NoProfile", "-CommandWithArgs", "$url = $args[0]; $key = 'none'\n"],
}


@pytest.mark.slow
@pytest.mark.parametrize("language", SHELLS)
def test_the_query_of_the_document_shows_which_instances_are_left(
    load: LoadApp, bakery: Bakery, language: str
) -> None:
    *shell, values = SHELLS[language]
    require(shell[0], "curl")
    section = "docs/change.md", "See which instances are left"
    (query,) = bakery.bake().code_blocks(*section, language)
    with Host(load("python", "patterns", durable={"defaultVersion": "2.0"})) as host:
        started = [_start(host, version) for version in ("1.0", "2.0")]
        url = started[0]["statusQueryGetUri"].partition("/runtime")[0]
        left = _words(shell, values + query, url)
        distance = 2 if language == "bash" else 1  # bash prints the names of the fields
        for instance, version in zip(started, ("1.0", "2.0"), strict=True):
            assert left[left.index(instance["id"]) + distance] == version
        host.run()
        assert not {instance["id"] for instance in started} & {*_words(shell, values + query, url)}


def _start(host: Host, version: str) -> dict[str, str]:
    response = host.request("POST", f"/api/orchestrators/version_of?version={version}")
    started: dict[str, str] = response.json()
    return started


def _words(shell: list[str], script: str, url: str) -> list[str]:
    """Run a script, and return the words that it prints; `grep` fails when it finds nothing."""
    result = subprocess.run([*shell, script, url], capture_output=True, text=True, timeout=60)
    assert (result.returncode in (0, 1), result.stderr) == (True, "")
    return re.findall(r"[\w.]+", result.stdout)


def _json(host: Host, path: str) -> Any:
    return json.loads(host.request("GET", path).body)
