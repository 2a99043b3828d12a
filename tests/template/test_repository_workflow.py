"""The workflow of this repository covers every language and pattern, and reports what fails."""

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
    assert set(JOBS["report"]["needs"]) == JOBS.keys() - {"report"}


def test_jobs_are_bounded_and_only_the_report_may_write() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] for job in JOBS.values())
    assert [name for name, job in JOBS.items() if "permissions" in job] == ["report"]


def test_a_reason_for_skips_is_printed_once_with_its_number() -> None:
    reasons = ["Skipped: no dotnet", "Skipped: no pwsh", "Skipped: no dotnet"]

    assert summary_of_skips(reasons) == ["skipped 2: no dotnet", "skipped 1: no pwsh"]
