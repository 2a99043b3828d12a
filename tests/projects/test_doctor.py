"""`scripts/doctor` of generated projects, in both shells: the same findings in the same bytes."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bakery import Bakery, Project
from cloud.support.plan_rules import ANY
from cloud.support.plan_rules import RULES as PLANS
from defects import seed
from machine import require
from settings_defects import (
    BASH,
    BICEP,
    COMPOSE,
    DEFECTS,
    EXAMPLE,
    HOST,
    KEY,
    LOCAL,
    NAMES,
    PARAMETERS,
    POWERSHELL,
    SettingsDefect,
)
from template import TEMPLATE

PROVISION = ("scripts/provision.sh", "scripts/provision.ps1")
READ = [HOST, LOCAL, EXAMPLE, COMPOSE, *PROVISION, BASH, POWERSHELL, NAMES, BICEP, PARAMETERS]
NO_FINDINGS = "The settings agree: no findings.\n"


class Diagnosis(NamedTuple):
    """How the script ended."""

    exit: int
    stdout: str
    stderr: str


HEALTHY = Diagnosis(0, NO_FINDINGS, "")


def diagnose(project: Path, *arguments: str, folder: Path | None = None) -> Diagnosis:
    """Return what both shells say of a project, which must be the same."""
    found = []
    for shell, script in (("bash", "doctor.sh"), ("pwsh", "doctor.ps1")):
        require(shell)
        command = [shell, str(project / "scripts" / script), *arguments]
        result = subprocess.run(command, cwd=folder or project, capture_output=True, timeout=60)
        found.append(Diagnosis(result.returncode, result.stdout.decode(), result.stderr.decode()))
    assert found[0] == found[1]
    return found[0]


@pytest.fixture
def copy(bakery: Bakery, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that returns a copy of a project."""

    def copied(**answers: str) -> Path:
        return shutil.copytree(bakery.bake(**answers).path, tmp_path / "project")

    return copied


def change(project: Path, file: str, old: str, new: str) -> None:
    """Replace a text in a file of a project."""
    path = project / file
    path.write_text(seed(path.read_text(encoding="utf-8"), old, new), encoding="utf-8")


# Every project --------------------------------------------------------------------------------


def test_pattern_and_license_do_not_change_what_the_doctor_reads() -> None:
    others = {*TEMPLATE.choices["pattern"], *TEMPLATE.choices["license"]}
    for overlay in TEMPLATE.overlays.values():
        files = {path.as_posix() for path in overlay.files()}
        assert not (others & set(overlay.choices) and files & set(READ)), overlay
        for file in files & set(READ):
            text = (overlay.path / file).read_text(encoding="utf-8")
            assert "cookiecutter.pattern" not in text + "cookiecutter.license", file
    for file in {path.as_posix() for path in TEMPLATE.shared_files()} & set(READ):
        text = (TEMPLATE.project / file).read_text(encoding="utf-8")
        assert not re.search(r"cookiecutter\.(pattern|license)", text), file


@pytest.fixture(scope="module")
def distinct(bakery: Bakery) -> list[Project]:
    """Return a project for each combination of what the doctor reads."""
    usual = TEMPLATE.defaults
    projects = {}
    for variant in TEMPLATE.variants():
        if all(variant[question] == usual[question] for question in ("pattern", "license")):
            project = bakery.bake(**variant)
            digests = {file: digest for file, digest in project.digests().items() if file in READ}
            key = json.dumps([digests, variant["language"]], sort_keys=True)
            projects.setdefault(key, project)
    return list(projects.values())


@pytest.mark.slow
def test_no_project_has_findings_in_bash(distinct: list[Project]) -> None:
    require("bash")
    for project in distinct:
        script = project.path / "scripts/doctor.sh"
        result = subprocess.run(["bash", str(script)], capture_output=True, text=True, timeout=60)
        assert (result.stdout, result.stderr) == (NO_FINDINGS, ""), project.path


@pytest.mark.slow
def test_no_project_has_findings_in_powershell(distinct: list[Project]) -> None:
    require("pwsh")
    scripts = ",".join(f"'{project.path}/scripts/doctor.ps1'" for project in distinct)
    command = f"foreach ($script in {scripts}) {{ & $script; if ($LASTEXITCODE) {{ $script }} }}"
    result = subprocess.run(
        ["pwsh", "-NoProfile", "-Command", command], capture_output=True, text=True, timeout=600
    )
    assert (result.stdout, result.stderr) == (NO_FINDINGS * len(distinct), "")
    assert len(distinct) > 100


def test_what_plans_refuse_is_that_of_the_tests(bakery: Bakery) -> None:
    """Names that are refused whatever their value: a value cannot be read reliably from text."""
    lines = bakery.bake().read("scripts/hosting-plans.txt").splitlines()
    listed = [tuple(line.split()) for line in lines if not line.startswith("#")]
    assert listed == [
        (plan, name)
        for plan in TEMPLATE.choices["hosting_plan"]
        for part in ("appSettings", "siteConfig")
        for name, value in PLANS[plan]["forbids"].get(part, {}).items()
        if value == ANY
    ]


def test_the_ids_are_those_of_the_document(bakery: Bakery) -> None:
    project = bakery.bake()
    table = re.findall(r"^\| (DOC\d{3}) \|", project.read("docs/settings.md"), re.MULTILINE)
    assert table == sorted({defect.finding.split()[0] for defect in DEFECTS.values()})
    for script in ("scripts/doctor.sh", "scripts/doctor.ps1"):
        text = project.read(script)
        assert set(re.findall(r"\bDOC\d+", text)) == set(table), script
        assert re.findall(r"(?m)^# (DOC\d+)$", text) == table, script


# Seeded defects -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS.keys())
def test_a_seeded_defect_is_found(copy: Callable[..., Path], defect: SettingsDefect) -> None:
    project = copy(**defect.answers)
    change(project, defect.file, defect.old, defect.new)
    result = diagnose(project)
    assert (result.exit, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    id_and_file, wrong, fix = line.split(": ", 2)
    assert id_and_file == defect.finding
    assert wrong
    assert defect.fix in fix
    assert KEY not in line
