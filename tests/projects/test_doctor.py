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
from defects import seed
from machine import require
from settings_defects import (
    BASH,
    BICEP,
    COMPOSE,
    CONNECTION,
    DEFECTS,
    EXAMPLE,
    HOST,
    KEY,
    LOCAL,
    NAMES,
    PARAMETERS,
    POWERSHELL,
    WITH_BICEP,
)
from template import TEMPLATE

pytestmark = pytest.mark.slow

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
    @{ exit = $LASTEXITCODE; stdout = $output | Out-String; stderr = "$errors" } |
        ConvertTo-Json -Compress
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
    """Return a project for each pair of answers that changes what the doctor reads.

    The rules themselves are checked in every variant by generation/test_settings_coherence.py.
    """
    usual = TEMPLATE.defaults
    projects = {}
    for variant in TEMPLATE.variants():
        changed = {question for question, answer in variant.items() if answer != usual[question]}
        if not changed & {"pattern", "license"} and len(changed) <= 2:
            project = bakery.bake(**variant)
            digests = {file: digest for file, digest in project.digests().items() if file in READ}
            key = json.dumps([digests, variant["language"]], sort_keys=True)
            projects.setdefault(key, project)
    return list(projects.values())


def test_no_project_has_findings(distinct: list[Project]) -> None:
    assert len(distinct) > 30
    for project, said in zip(distinct, diagnose_all([each.path for each in distinct]), strict=True):
        assert said == HEALTHY, project.path


BUNDLES = {
    "[4.36.0, 5.0.0)": True,
    "[4.36.0,5.0.0)": True,
    "[4.*, 5.0.0)": True,
    "[4.30.0, 5.0.0)": True,
    "[4.100.0, 5.0.0)": True,
    "[4.29.9, 5.0.0)": False,
    "[4.3.0, 5.0.0)": False,
    "[4.*, 5.0.0)\\n": False,
    "[4.*, 5.0.0]": False,
    "[4.*, 6.0.0)": False,
    "[5.36.0, 5.0.0)": False,
    "[4x36.0, 5.0.0)": False,
    "4.36.0": False,
    "[*, 5.0.0)": False,
    "": False,
}


def test_the_bundles_that_have_the_provider_are_accepted(bakery: Bakery, tmp_path: Path) -> None:
    """The provider is in the extension bundle since 4.30.0."""
    projects = []
    for number, version in enumerate(BUNDLES):
        projects.append(shutil.copytree(bakery.bake().path, tmp_path / str(number)))
        change(projects[-1], HOST, "[4.36.0, 5.0.0)", version)
    said = dict(zip(BUNDLES, diagnose_all(projects), strict=True))
    assert {version: each == HEALTHY for version, each in said.items()} == BUNDLES
    refused = {each.stderr.split(": ")[0] for each in said.values() if each != HEALTHY}
    assert refused == {f"DOC010 {HOST}"}


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


AT_ONCE = {
    "DOC001": "a brace that does not end",
    "DOC002": "no value for a placeholder from Bicep",
    "DOC003": "another task hub in the emulator",
    "DOC004": "no connection string from Bicep",
    "DOC005": "a managed identity for the emulator",
    "DOC006": "storage in Azure",
    "DOC007": "the worker of another language",
    "DOC008": "a number",
    "DOC009": "a key in the example",
    "DOC010": "no extension bundle",
    "DOC011": "no ClientID from Bicep",
    "DOC012": "a property that Flex Consumption refuses",
    "DOC013": "a version without a dot",
}


def test_all_findings_are_printed_at_once(copy: Callable[..., Path]) -> None:
    project = copy(**WITH_BICEP)
    for name in AT_ONCE.values():
        defect = DEFECTS[name]
        change(project, defect.file, defect.old, defect.new)
    said = diagnose(project)
    findings = [line.split(": ")[0] for line in said.stderr.splitlines()]
    assert findings == [DEFECTS[name].finding for name in AT_ONCE.values()]
    assert [finding.split()[0] for finding in findings] == list(AT_ONCE)


# Other forms of the files ---------------------------------------------------------------------


def minified(text: str) -> str:
    return json.dumps(json.loads(text), separators=(",", ":"))


def commented(text: str) -> str:
    """Add a comment with a setting, and a comma at the end, which the Core Tools accept."""
    text = text.replace("{\n", '{\n  // "TASKHUB_NAME": "https://other",\n', 1)
    return re.sub(r'"\n( *)}', r'", // why\n\1}', text)


FORMS: dict[str, Callable[[str], str]] = {
    "in one line": minified,
    "a token in each line": lambda text: re.sub(r'([{}]|(?<="):|,(?=\n))', r"\n\1\n", text),
    "of Windows": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    "with comments": commented,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_another_form_is_read(copy: Callable[..., Path], form: Callable[[str], str]) -> None:
    project = copy()
    for file in (HOST, LOCAL, EXAMPLE):
        path = project / file
        path.write_text(form(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")
    assert diagnose(project) == HEALTHY
    change(project, LOCAL, "localhost:8080", "localhost:8081")
    change(project, HOST, "4.36.0", "4.29.0")
    said = diagnose(project).stderr
    found = [line.split(": ")[0] for line in said.splitlines()]
    assert found == [f"DOC005 {LOCAL}", f"DOC010 {HOST}"]


@pytest.mark.parametrize(
    ("answers", "file", "line"),
    [({}, PROVISION[0], "TZ=x"), ({}, PROVISION[1], "TZ=x"), (WITH_BICEP, BICEP, "TZ: 'x'")],
    ids=["bash", "PowerShell", "Bicep"],
)
def test_lines_of_windows_are_read(
    copy: Callable[..., Path], answers: dict[str, str], file: str, line: str
) -> None:
    project = copy(**answers)
    for name in [*READ, "scripts/hosting-plans.txt"]:
        if (path := project / name).exists():
            text = path.read_text(encoding="utf-8")
            path.write_text(text, encoding="utf-8", newline="\r\n")
    assert diagnose(project) == HEALTHY
    with (project / file).open("a", encoding="utf-8", newline="\r\n") as script:
        script.write(f"{line}\n")
    remedy = "TZ is not for the plan flex-consumption: remove it"
    assert diagnose(project).stderr == f"DOC012 {file}: {remedy}.\n"


@pytest.mark.parametrize(
    ("answers", "file"),
    [
        *(({}, file) for file in READ if file not in (BICEP, PARAMETERS, LOCAL, *PROVISION)),
        *((WITH_BICEP, file) for file in (BICEP, PARAMETERS)),
        ({}, "scripts/hosting-plans.txt"),
    ],
)
def test_a_missing_file_is_named(
    copy: Callable[..., Path], answers: dict[str, str], file: str
) -> None:
    project = copy(**answers)
    (project / file).unlink()
    missing = f"DOC001 {file}: the file is missing: restore it from the repository.\n"
    assert diagnose(project) == Diagnosis(1, "", missing)


# What works is no finding ---------------------------------------------------------------------

AZURITE = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8==;"
SCHEDULER = "Endpoint=https://orders-a1b2.centralus.durabletask.io;Authentication="
EMULATOR = "Endpoint=http://localhost:8080;Authentication=None"
WORKS = {
    "a scheduler in Azure": [
        (LOCAL, EMULATOR, f"{SCHEDULER}DefaultAzure"),
        (LOCAL, '"default"', '"orders"'),
    ],
    "a sign-in by the Azure CLI": [(LOCAL, EMULATOR, f"{SCHEDULER}AzureCli")],
    "other spellings of a connection string": [
        (LOCAL, EMULATOR, "endpoint=http://127.0.0.1:8080/;AUTHENTICATION=none;")
    ],
    "another port of the emulator": [
        (COMPOSE, "127.0.0.1:8080:8080", "9080:8080"),
        (LOCAL, ":8080", ":9080"),
    ],
    "a task hub in the connection string": [(LOCAL, EMULATOR, f"{EMULATOR};TaskHub=default")],
    "another service on these ports": [
        (COMPOSE, "  storage:\n", "  shop:\n    ports: ['3000:8080', '3001:10000']\n  storage:\n")
    ],
    "another port of storage": [
        (COMPOSE, ":10000:", ":11000:"),
        (LOCAL, "UseDevelopmentStorage=true", f"{AZURITE}BlobEndpoint=http://127.0.0.1:11000/a"),
    ],
    "several task hubs": [(COMPOSE, '"default"', "orders, default")],
    "the task hub of the emulator's own default": [(COMPOSE, "DTS_TASK_HUB_NAMES", "OTHER")],
    "any task hub": [
        (COMPOSE, 'DTS_TASK_HUB_NAMES: "default"', "DTS_USE_DYNAMIC_TASK_HUBS: 'true'"),
        (LOCAL, '"default"', '"orders"'),
    ],
    "a task hub from the environment": [(COMPOSE, '"default"', '"${TASKHUB:-orders}"')],
    "a list of variables": [
        (COMPOSE, 'DTS_TASK_HUB_NAMES: "default"', "- DTS_TASK_HUB_NAMES=default")
    ],
    "the newest bundle": [(HOST, "[4.36.0, 5.0.0)", "[4.*, 5.0.0)")],
    "other strategies of versions": [
        (HOST, "CurrentOrOlder", "strict"),
        (HOST, '"Reject"', '"Fail"'),
        (HOST, '"1.0"', '"2026.11.29"'),
    ],
    "no version": [(HOST, '"defaultVersion": "1.0",', "")],
    "another name of a setting": [
        (file, "TASKHUB_NAME", "ORDERS_HUB") for file in (HOST, LOCAL, BASH, POWERSHELL)
    ],
    "a name that Azure sets": [
        (HOST, '"V2"', '"%WEBSITE_SLOT_NAME%"'),
        (LOCAL, '"Values": {', '"Values": { "WEBSITE_SLOT_NAME": "local",'),
    ],
    "the default of connectionStringName": [
        (HOST, f',\n        "connectionStringName": "{CONNECTION}"', "")
    ],
    "a comment about a setting": [(BASH, "set -euo", "# TZ=x is refused\nset -euo")],
    "a setting of the user": [(LOCAL, '"Values": {', '"Values": { "LIMIT": "5",')],
}


@pytest.mark.parametrize("changes", WORKS.values(), ids=WORKS.keys())
def test_what_works_is_no_finding(
    copy: Callable[..., Path], changes: list[tuple[str, str, str]]
) -> None:
    project = copy()
    for file, old, new in changes:
        change(project, file, old, new)
    assert diagnose(project) == HEALTHY


WITHOUT = {
    "local settings": [LOCAL],
    "scripts for bash": [PROVISION[0], BASH],
    "scripts for PowerShell": [PROVISION[1], POWERSHELL],
    "scripts for Azure": [*PROVISION, BASH, POWERSHELL, NAMES],
}


@pytest.mark.parametrize("files", WITHOUT.values(), ids=WITHOUT.keys())
def test_a_project_without_a_part_has_no_findings(
    copy: Callable[..., Path], files: list[str]
) -> None:
    project = copy()
    for file in files:
        (project / file).unlink()
    assert diagnose(project) == HEALTHY


def test_the_folder_does_not_matter(copy: Callable[..., Path], tmp_path: Path) -> None:
    assert diagnose(copy(), folder=tmp_path) == HEALTHY


def test_an_argument_is_refused(copy: Callable[..., Path]) -> None:
    project = copy()
    for shell, script in (("bash", "doctor.sh"), ("pwsh", "doctor.ps1")):
        said = run(shell, project / "scripts" / script, "--fix")
        assert said.exit == 1
        assert said.stderr.startswith("Unknown argument '--fix': run '")
        told = run(shell, project / "scripts" / script, "--help" if shell == "bash" else "-Help")
        assert (told.exit, told.stderr) == (0, "")
        assert f"Usage: {shell} scripts/{script}\n" in told.stdout
