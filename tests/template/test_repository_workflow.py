"""The workflow of this repository covers every language and pattern, and reports what fails."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from linters import schema
from machine import BROWSERS, summary_of_skips
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


def test_every_variant_runs_in_the_core_tools() -> None:
    e2e = yaml.safe_load((TEMPLATE.root / ".github/workflows/e2e.yml").read_text("utf-8"))
    variants = e2e["jobs"]["contract"]["strategy"]["matrix"]
    assert variants["language"] == TEMPLATE.choices["language"]
    assert variants["pattern"] == TEMPLATE.choices["pattern"]


@pytest.mark.parametrize("job", ["azd"])
def test_every_language_is_in_a_job(job: str) -> None:
    languages = [entry["language"] for entry in matrix(job)["include"]]
    assert languages == TEMPLATE.choices["language"]


# Programs read these themselves.
READ_BY_PROGRAMS = {"GH_TOKEN", "GH_REPO"}


def test_scripts_use_each_variable_of_their_step() -> None:
    for path in sorted((TEMPLATE.root / ".github/workflows").glob("*.yml")):
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            for step in job.get("steps", []):
                for name in step.get("env", {}).keys() - READ_BY_PROGRAMS:
                    assert f"${name}" in step["run"], f"{path.name}: {name} is not used"


def test_every_job_that_fails_on_a_schedule_is_reported() -> None:
    scheduled = []
    for path in sorted((TEMPLATE.root / ".github/workflows").glob("*.yml")):
        workflow = yaml.safe_load(path.read_text("utf-8"))
        if "schedule" in workflow[True]:  # YAML 1.1 reads the key `on` so
            scheduled.append(path.name)
            jobs = workflow["jobs"]
            assert set(jobs["report"]["needs"]) == jobs.keys() - {"report", "gate"}, path.name
    assert scheduled == ["test.yml", "versions.yml"]


def test_jobs_are_bounded_and_only_the_report_may_write() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] for job in JOBS.values() if "steps" in job)
    assert [name for name, job in JOBS.items() if "permissions" in job] == ["report"]


def test_a_reason_for_skips_is_printed_once_with_its_number() -> None:
    reasons = ["Skipped: no dotnet", "Skipped: no pwsh", "Skipped: no dotnet"]

    assert summary_of_skips(reasons) == ["skipped 2: no dotnet", "skipped 1: no pwsh"]


@pytest.mark.skipif(os.name == "nt", reason="a script of Linux")
@pytest.mark.parametrize("browser", [None, *BROWSERS])
def test_the_full_test_run_installs_a_browser_only_where_there_is_none(
    tmp_path: Path, browser: str | None
) -> None:
    for tool in ("bash", "dirname", "env"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    for tool in ("apt-get", "make", "id", "sudo", *([browser] if browser else [])):
        (tmp_path / tool).write_text(f'#!/usr/bin/env bash\necho "{tool} $*"\n', "utf-8")
        (tmp_path / tool).chmod(0o755)

    script = str(TEMPLATE.root / ".ci/run")
    result = subprocess.run([script], env={"PATH": str(tmp_path)}, capture_output=True, text=True)

    installs = [
        "sudo apt-get update",
        "sudo apt-get install -y --no-install-recommends chromium",
    ]
    expected = [*([] if browser else installs), "make test ARGS=--no-skips"]
    assert result.stdout.splitlines() == expected, result.stderr


# Forms, Dependabot and pre-commit ---------------------------------------------------------------


SCHEMAS = {
    "dependabot": "dependabot.yml",
    "github-workflows": "workflows/*.yml",
    "github-issue-config": "ISSUE_TEMPLATE/config.yml",
    "github-issue-forms": "ISSUE_TEMPLATE/[!c]*.yml",
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_files_of_github_follow_their_schema(name: str) -> None:
    files = sorted((TEMPLATE.root / ".github").glob(SCHEMAS[name]))
    assert files
    assert schema(name)(*files) == ""


def test_dependabot_updates_what_this_repository_has() -> None:
    bot = yaml.safe_load((TEMPLATE.root / ".github/dependabot.yml").read_text("utf-8"))
    assert {each["package-ecosystem"] for each in bot["updates"]} == {"github-actions", "uv"}


def test_the_hooks_of_pre_commit_run_what_contributors_run() -> None:
    config = yaml.safe_load((TEMPLATE.root / ".pre-commit-config.yaml").read_text("utf-8"))
    (repository,) = config["repos"]
    assert repository["repo"] == "local", "others are downloaded"
    lint, rules = (hook["entry"] for hook in repository["hooks"])
    agents = (TEMPLATE.root / "AGENTS.md").read_text("utf-8")
    for command in (lint, rules.replace(" -q", "")):
        assert f"| `{command}` | before each commit" in agents


def test_the_weekly_job_leaves_no_seeded_defect_out() -> None:
    """A selection by name would miss the tests that are named after what they seed."""
    job = JOBS["seeded-defects"]
    assert job["env"] == {"SEEDED_DEFECTS": "all"}
    assert job["steps"][-1]["run"] == 'make test ARGS="--no-skips"'


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
