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
)
from template import TEMPLATE

PROVISION = ("scripts/provision.sh", "scripts/provision.ps1")
READ = [HOST, LOCAL, EXAMPLE, COMPOSE, *PROVISION, BASH, POWERSHELL, NAMES, BICEP, PARAMETERS]


class Diagnosis(NamedTuple):
    """How the script ended."""

    exit: int
    stdout: str
    stderr: str


def no_bytes_differ(in_bash: Diagnosis, in_powershell: Diagnosis) -> Diagnosis:
    """Return what both shells say."""
    assert in_bash == in_powershell
    return in_bash


def run(shell: str, script: Path, *arguments: str, folder: Path | None = None) -> Diagnosis:
    """Run a script; its output is not decoded as text, which would hide CR."""
    require(shell)
    command = [shell, str(script), *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, timeout=60)
    return Diagnosis(result.returncode, result.stdout.decode(), result.stderr.decode())


def diagnose(project: Path, *arguments: str, folder: Path | None = None) -> Diagnosis:
    """Return what both shells say of a project."""
    scripts = project / "scripts"
    return no_bytes_differ(
        run("bash", scripts / "doctor.sh", *arguments, folder=folder),
        run("pwsh", scripts / "doctor.ps1", *arguments, folder=folder),
    )


# One process for many projects: PowerShell needs longer to start than to read the files.
IN_POWERSHELL = """
foreach ($project in SCRIPTS) {
    $errors = [IO.StringWriter]::new()
    [Console]::SetError($errors)
    $output = & $project
    ConvertTo-Json @{ exit = $LASTEXITCODE; stdout = $output | Out-String; stderr = "$errors" } -Compress
}
"""


def diagnose_all(projects: list[Path]) -> list[Diagnosis]:
    """Return what both shells say of projects."""
    require("pwsh")
    scripts = ",".join(f"'{project}/scripts/doctor.ps1'" for project in projects)
    command = ["pwsh", "-NoProfile", "-Command", IN_POWERSHELL.replace("SCRIPTS", scripts)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    said = [Diagnosis(**json.loads(line)) for line in result.stdout.splitlines()]
    in_bash = [run("bash", project / "scripts/doctor.sh") for project in projects]
    return [no_bytes_differ(*pair) for pair in zip(in_bash, said, strict=True)]


HEALTHY = Diagnosis(0, "The settings agree: no findings.\n", "")


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
def test_no_project_has_findings(distinct: list[Project]) -> None:
    assert len(distinct) > 100
    for project, said in zip(distinct, diagnose_all([each.path for each in distinct]), strict=True):
        assert said == HEALTHY, project.path


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


@pytest.fixture(scope="module")
def diagnoses(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Diagnosis]:
    """Return what the doctors say of a project with each defect."""
    folder = tmp_path_factory.mktemp("defects")
    projects = []
    for number, defect in enumerate(DEFECTS.values()):
        path = bakery.bake(**TEMPLATE.defaults | defect.answers).path
        projects.append(shutil.copytree(path, folder / str(number)))
        change(projects[-1], defect.file, defect.old, defect.new)
    return dict(zip(DEFECTS, diagnose_all(projects), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", DEFECTS)
def test_a_seeded_defect_is_found(diagnoses: dict[str, Diagnosis], name: str) -> None:
    said = diagnoses[name]
    assert said.exit == 1
    assert said.stdout == ""
    (line,) = said.stderr.splitlines()
    id_and_file, wrong, fix = line.split(": ", 2)
    assert id_and_file == DEFECTS[name].finding
    assert wrong
    assert DEFECTS[name].fix in fix
    assert KEY not in line
