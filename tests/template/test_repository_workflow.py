"""The workflow of this repository covers every language and pattern, and reports what fails."""

import os
import subprocess
from typing import Any

import pytest
import yaml

from machine import summary_of_skips
from template import TEMPLATE

WORKFLOW = yaml.safe_load((TEMPLATE.root / ".github/workflows/test.yml").read_text("utf-8"))
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]


def matrix(job: str) -> dict[str, list[Any]]:
    """Return the matrix of a job."""
    return JOBS[job]["strategy"]["matrix"]


def test_csharp_is_built_with_the_real_packages_in_every_pattern() -> None:
    assert matrix("csharp")["pattern"] == TEMPLATE.choices["pattern"]


def test_every_language_gets_its_newest_packages() -> None:
    assert matrix("newest-dependencies")["language"] == TEMPLATE.choices["language"]


@pytest.mark.parametrize("job", ["azd"])
def test_every_language_is_in_a_job(job: str) -> None:
    languages = [entry["language"] for entry in matrix(job)["include"]]
    assert languages == TEMPLATE.choices["language"]


def test_every_job_that_fails_is_reported() -> None:
    assert set(JOBS["report"]["needs"]) == JOBS.keys() - {"report", "gate"}


def test_jobs_are_bounded_and_only_the_report_may_write() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] for job in JOBS.values())
    assert [name for name, job in JOBS.items() if "permissions" in job] == ["report"]


def test_a_reason_for_skips_is_printed_once_with_its_number() -> None:
    reasons = ["Skipped: no dotnet", "Skipped: no pwsh", "Skipped: no dotnet"]

    assert summary_of_skips(reasons) == ["skipped 2: no dotnet", "skipped 1: no pwsh"]


# Every step that runs a script is known here --------------------------------------------------

COMMANDS = "a command of the Makefile, which developers run"
INSTALL = "installs the packages that the tests have already"
GITHUB = "writes to GitHub"
REAL = "needs packages or tools that only a machine with the whole internet has"

# What a test of this repository executes.
TESTED = {"Every required job succeeded", "The tag agrees with the version and the changelog"}
# What cannot run here, and why.
NOT_RUN = {
    "make": COMMANDS,
    "Test with the newest Azure CLI": COMMANDS,
    ".venv/bin/pytest": COMMANDS,
    "python -m pytest": COMMANDS,
    "python -m pip": INSTALL,
    "Install PSScriptAnalyzer": REAL,
    "Install the real extensions": REAL,
    "Generate, update and test": REAL,
    "Generate": "runs the command line that tests/generation runs with other answers",
    "Package": REAL,
    "Restore, build, format, test": REAL,
    "The package holds the host's extensions and the function metadata": REAL,
    "The analyzers refuse a clock and an unknown activity": REAL,
    "Open an issue, or add to the open one": GITHUB,
    "Create the release": GITHUB,
}


def runs() -> dict[str, list[str]]:
    """Return the scripts of all workflows by the name of the step, or by their command."""
    found: dict[str, list[str]] = {}
    for path in (TEMPLATE.root / ".github/workflows").glob("*.yml"):
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            for step in job["steps"]:
                if "run" in step:
                    found.setdefault(step.get("name") or command(step["run"]), []).append(
                        step["run"]
                    )
    return found


def command(script: str) -> str:
    """Return the key of a step without a name: its program, with the module of Python."""
    words = script.split()
    return " ".join(words[:3] if words[:2] == ["python", "-m"] else words[:1])


def test_every_step_is_executed_by_a_test_or_has_a_reason() -> None:
    assert runs().keys() == TESTED | NOT_RUN.keys()
    assert not TESTED & NOT_RUN.keys()


def test_every_command_of_the_makefile_in_a_workflow_exists() -> None:
    makefile = (TEMPLATE.root / "Makefile").read_text("utf-8")
    for script in [*runs()["make"], *runs()["Test with the newest Azure CLI"]]:
        assert f"\n{script.split()[1]}:" in makefile, script


# The gate ------------------------------------------------------------------------------------


def test_the_gate_needs_every_job_of_a_pull_request() -> None:
    weekly = {name for name, job in JOBS.items() if "schedule" in job.get("if", "")}
    assert JOBS["gate"]["if"] == "always()"
    assert set(JOBS["gate"]["needs"]) == JOBS.keys() - weekly - {"gate"}


@pytest.mark.parametrize("results", ["success", "success success success success"])
def test_the_gate_passes_when_every_job_succeeded(results: str) -> None:
    assert run_gate(results).returncode == 0


@pytest.mark.parametrize("result", ["failure", "cancelled", "skipped"])
def test_the_gate_fails_with_any_other_result(result: str) -> None:
    gate = run_gate(f"success {result} success")

    assert gate.returncode == 1
    assert gate.stderr == f"A required job ended with: {result}\n"


def run_gate(results: str) -> subprocess.CompletedProcess[str]:
    """Run the step of the gate as GitHub does."""
    (step,) = JOBS["gate"]["steps"]
    return subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        env=os.environ | {"RESULTS": results},
        capture_output=True,
        text=True,
    )
