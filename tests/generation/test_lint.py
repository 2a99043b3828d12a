"""Every distinct file of the generated projects passes the linter of its language."""

import itertools
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from bakery import Bakery, Contents, distinct_files
from bicep_compiler import BicepCompiler
from defects import seed
from linters import (
    BIN,
    DATA,
    json_layout,
    linters,
    pymarkdown,
    run,
    shellcheck,
    shfmt,
    yamllint,
)
from machine import require
from tally import tell
from template import TEMPLATE

BICEP = "infra/main.bicep"


@pytest.fixture(
    scope="module",
    params=[TEMPLATE.default_variants, pytest.param(TEMPLATE.variants, marks=pytest.mark.slow)],
    ids=lambda variants: variants.__name__,
)
def contents(request: pytest.FixtureRequest, bakery: Bakery) -> Contents:
    """Return one path for each distinct content that a file has in these variants."""
    projects = [bakery.bake(**variant) for variant in request.param()]
    found = distinct_files(projects)
    files = sum(len(project.files) for project in projects)
    counts = f"{len(projects)} variants, {files} files, {len(found)} distinct contents"
    tell(request.config, f"{request.param.__name__}: {counts}")
    return found


def with_new_lines(paths: list[Path]) -> list[Path]:
    """Leave out documents that have no two lines in sequence that an earlier one does not have.

    A README differs by a paragraph for each choice, so there are as many as combinations.
    """
    seen: set[tuple[str, str]] = set()
    kept = []
    for path in paths:
        pairs = set(itertools.pairwise(path.read_text(encoding="utf-8").splitlines()))
        if not pairs <= seen:
            kept.append(path)
        seen |= pairs
    return kept


def test_every_distinct_file_passes_its_linters(
    contents: Contents, request: pytest.FixtureRequest
) -> None:
    paths = defaultdict(list)
    for (file, _), path in contents.items():
        for linter in linters(file):
            paths[linter].append(path)
    paths[pymarkdown] = with_new_lines(paths[pymarkdown])
    checks = f"{sum(map(len, paths.values()))} checks of files by {len(paths)} linters"
    tell(request.config, f"{request.node.callspec.id}: {checks}")
    assert "".join(linter(*found) for linter, found in paths.items()) == ""
    assert paths.keys() >= {shellcheck, shfmt, yamllint, pymarkdown, json_layout}


def test_powershell(contents: Contents) -> None:
    scripts = [path for (file, _), path in contents.items() if file.endswith(".ps1")]
    assert scripts
    if shutil.which("pwsh-lint"):
        allowed = [option for tool in ("docker", "func", "gh") for option in ("--allow", tool)]
        command = ["pwsh-lint", *scripts, *allowed]
    else:
        require("pwsh")
        check = "Invoke-ScriptAnalyzer -EnableExit -Path"
        command = ["pwsh", "-NoProfile", "-Command", ";".join(f"{check} '{at}'" for at in scripts)]
    assert run(*command, cwd=DATA) == ""


@pytest.mark.slow
def test_bicep(bakery: Bakery, compiler: BicepCompiler) -> None:
    variants = [each for each in TEMPLATE.variants() if each["provisioning"] == "bicep"]
    projects = [bakery.bake(**variant) for variant in variants]
    files = {project.read(BICEP): project.path / BICEP for project in projects}
    assert len(files) >= 24
    for path in files.values():
        assert compiler.findings(path) == [], path


@pytest.mark.parametrize(
    "variant",
    TEMPLATE.code_variants("python"),
    ids=lambda variant: variant["pattern"],
)
def test_python(bakery: Bakery, variant: dict[str, str]) -> None:
    project = bakery.bake(**variant).path
    cache = "--no-cache"
    assert run(BIN / "ruff", "check", cache, cwd=project) == ""
    assert run(BIN / "ruff", "format", "--check", cache, cwd=project) == ""


@pytest.fixture
def broken(bakery: Bakery, tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Return a function that copies a file of the default project and seeds a defect."""

    def break_file(file: str, old: str, new: str) -> Path:
        path = tmp_path / Path(file).name
        path.write_text(seed(bakery.bake().read(file), old, new), encoding="utf-8")
        return path

    return break_file


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        ("scripts/emulators.sh", 'until "$check" "$port"', 'until "$check" $port', "SC2086"),
        ("scripts/messages.sh", "    exit 1", "  exit 1", "+    exit 1"),
        ("compose.yaml", "    ports:", "     ports:", "wrong indentation"),
        ("compose.yaml", "    ports:", "    port:", "Unevaluated properties are not allowed"),
        ("README.md", "## How it works", "### How it works", "MD001"),
        ("src/host.json", '"azureManaged"', '"durabletask-scheduler"', "azureManaged"),
        ("src/host.json", '"%TASKHUB_NAME%"', '"TASKHUB_NAME"', "%[A-Z_]+%"),
        ("src/host.json", "[4.36.0, 5.0.0)", "[4.29.0, 5.0.0)", "does not match"),
        ("src/host.json", '"version": "V2"', '"partitionCount": 4', "Additional properties"),
        ("src/host.json", '"hubName"', '"hubname"', "Additional properties"),
    ],
)
def test_a_seeded_defect_is_found(
    broken: Callable[[str, str, str], Path], file: str, old: str, new: str, finding: str
) -> None:
    path = broken(file, old, new)
    assert finding in "".join(linter(path) for linter in linters(file))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("var tags =", "var unused = 1\nvar tags =", "no-unused-vars"),
        ("allowBlobPublicAccess:", "allowBlobPublicAcess:", "BCP089"),
        ("  sku: { name: 'Standard_LRS' }", "    sku: { name: 'Standard_LRS' }", "not formatted"),
    ],
    ids=["an unused variable", "an unknown property", "the format"],
)
def test_a_seeded_defect_of_bicep_is_found(
    bakery: Bakery, compiler: BicepCompiler, tmp_path: Path, old: str, new: str, finding: str
) -> None:
    project = bakery.bake(provisioning="bicep")
    for file in (project.path / BICEP).parent.iterdir():
        shutil.copy(file, tmp_path)
    path = tmp_path / Path(BICEP).name
    path.write_text(seed(project.read(BICEP), old, new), encoding="utf-8")
    assert finding in "\n".join(compiler.findings(path))


def test_the_workflows_of_this_repository() -> None:
    folder = TEMPLATE.root / ".github/workflows"
    assert yamllint(*folder.glob("*.yml")) == ""
    assert run(BIN / "zizmor", "--offline", "--quiet", folder, cwd=folder) == ""


def test_the_documents_of_this_repository() -> None:
    assert pymarkdown(*TEMPLATE.root.glob("*.md"), *TEMPLATE.root.glob("docs/*.md")) == ""
