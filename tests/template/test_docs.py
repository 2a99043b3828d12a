"""The documents agree with the template."""

import itertools
import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakery import Renderer
from code_blocks import PROJECT_FILES, blocks
from defects import seed
from links import folders
from shell import run_in_bash
from template import PROJECT_FOLDER, TEMPLATE, tracked_files, tracked_texts

ROOT = TEMPLATE.root
README = TEMPLATE.documents["README.md"]


def section(heading: str) -> str:
    """Return the text of a section of the README."""
    return README.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 130


def test_the_readme_links_the_orchestrator_of_each_pattern_in_each_language() -> None:
    """The links themselves are checked with all others."""
    links = re.findall(r"\[([\w#]+)\]\(.*?/_overlays/([\w+-]+)/.*?\)", section("What you get"))
    languages = TEMPLATE.context["_languages"]
    assert links == [
        (languages[language]["name"], f"{language}+{pattern}")
        for pattern in TEMPLATE.choices["pattern"]
        for language in TEMPLATE.choices["language"]
    ]


def tree(document: str) -> list[str]:
    """Return the files and folders in the first column of a diagram."""
    (block,) = [
        block.text
        for block in blocks(document, TEMPLATE.documents[document])
        if block.language == "text" and block.heading.startswith(("What you get", "From a choice"))
    ]
    names = " ".join(line.strip().partition("  ")[0] for line in block.splitlines())
    return [name.rstrip("/") for name in re.findall(r"\S*\w\S*/|[\w-]+\.\w+", names)]


def test_the_tree_of_the_readme_is_that_of_projects() -> None:
    known = PROJECT_FILES | folders(PROJECT_FILES)
    assert {"README.md", "src", "infra", "azure.yaml", ".github"} <= set(tree("README.md"))
    assert [path for path in tree("README.md") if path not in known] == []


def test_the_tree_of_the_document_for_maintainers_is_that_of_the_template() -> None:
    names = {*folders(set(tracked_files(ROOT))), *tracked_files(ROOT)}
    known = names | {name.removeprefix(f"{PROJECT_FOLDER}/") for name in names}
    paths = tree("docs/maintaining.md")
    assert {"cookiecutter.json", "_overlays/python", "_rendered/azure-cli"} <= set(paths)
    assert [path for path in paths if path not in known] == []


@pytest.mark.slow
def test_the_commands_without_a_checkout_work(tmp_path: Path) -> None:
    """With cookiecutter of the tests instead of `uvx`, this checkout instead of GitHub, and Enter
    as the answer to each question."""
    (commands,) = [
        block.text
        for block in blocks("README.md", README)
        if (block.heading, block.language) == ("Generate a project", "text")
    ]
    local = commands.replace("uvx cookiecutter", f"'{sys.executable}' -m cookiecutter").replace(
        "gh:ORG/cookiecutter-durable-functions", f"'{ROOT}'"
    )
    subprocess.run(
        ["bash", "-euc", local],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path)},
        input="\n" * len(TEMPLATE.questions),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (tmp_path / "order-workflow/src/function_app.py").exists()
    assert "# My Shop\n" in (tmp_path / "my-shop/README.md").read_text(encoding="utf-8")
    assert (tmp_path / "my-shop/src/OrderOrchestrator.cs").exists()


def test_the_readme_lists_the_questions_with_their_defaults_and_choices() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", section("Choices"), flags=re.MULTILINE)
    assert [key for key, _, _ in rows] == list(TEMPLATE.questions)
    for key, default, values in rows:
        answer = TEMPLATE.questions[key]
        if isinstance(answer, list):
            assert default == f"`{answer[0]}`"
            assert values == ", ".join(f"`{choice}`" for choice in answer)
        elif "{" not in answer:
            assert default == f"`{answer}`"


def test_every_choice_is_documented() -> None:
    choices = (ROOT / "docs/choices.md").read_text(encoding="utf-8")
    for question, values in TEMPLATE.choices.items():
        assert f"| `{question}` |" in choices
        for value in values if question != "license" else []:
            assert f"**{value}**" in choices, value


def test_every_folder_with_tests_is_documented() -> None:
    readme = (ROOT / "tests/README.md").read_text(encoding="utf-8")
    for test in (ROOT / "tests").rglob("test_*.py"):
        folder = test.parent.relative_to(ROOT / "tests").as_posix()
        assert f"| `{folder}/` |" in readme, folder


def test_every_command_of_the_makefile_is_explained() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`make ([a-z-]+)", contributing))
    assert documented == {line.split()[0] for line in listed.stdout.splitlines()} - {"help"}


FILE = re.compile(
    r"`((?:[\w.+,{}-]+/)*[\w.-]+"
    r"\.(?:bicep|cs|csproj|env|js|json|md|mjs|props|ps1|py|sh|toml|ts|txt|yaml|yml))`"
)
# Written by the tools of a project, or by somebody who follows a document.
NOT_TRACKED = {
    "azureProfile.json",
    "index.json",
    "functions.metadata",
    "local.settings.azure.json",
    "local.settings.json",
    "src/local.settings.azure.json",
    "src/local.settings.json",
    "config.yaml",
    "company.yaml",
    "invoices.json",
    "src/tests/recordOrder.test.js",
    "src/tests/recordOrder.test.ts",
    "tests/RecordOrderTests.cs",
    "tests/test_record_order.py",
}


def test_documents_and_comments_name_files_that_exist() -> None:
    names = set(tracked_texts(ROOT))
    known = NOT_TRACKED | names | {posixpath.basename(name) for name in names}
    for overlay in TEMPLATE.overlays.values():
        known |= {path.as_posix() for path in overlay.files()}
    known |= {path.as_posix() for path in TEMPLATE.shared_files()}
    for name in names:
        text = (ROOT / name).read_bytes().decode("utf-8")
        for file in FILE.findall(text):
            in_its_folder = posixpath.normpath(posixpath.join(posixpath.dirname(name), file))
            assert {posixpath.normpath(file), in_its_folder} & known, f"{name} names {file}"


@pytest.mark.slow
def test_the_first_commands_of_the_readme_work_in_a_fresh_checkout(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in tracked_files(ROOT):
        target = checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    home = tmp_path / "home"
    home.mkdir()
    (command,) = re.findall(r'^make new ARGS="--no-input"$', README, flags=re.MULTILINE)

    result = run_in_bash(command, checkout, home)

    assert result.returncode == 0, result.stdout + result.stderr
    readme = tmp_path / "order-workflow" / "README.md"
    assert f"Next: open {readme}; its first commands test the project.\n" in result.stdout
    assert readme.exists()
    elsewhere = run_in_bash("OUT=elsewhere make new ARGS=--no-input", checkout, home)
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert (checkout / "elsewhere" / "order-workflow" / "README.md").exists()

    refused = run_in_bash("OUT=README.md/x make new ARGS=--no-input", checkout, home)
    assert refused.returncode != 0
    assert "OUT=README.md/x is no folder that you can write to" in refused.stderr


PORTAL = {
    key: TEMPLATE.choices[key]
    for key in ("hosting_plan", "scheduler_sku", "identity", "provisioning")
}
PORTAL_VARIANTS = [
    dict(zip(PORTAL, choices, strict=True)) for choices in itertools.product(*PORTAL.values())
]


def portal_problems(document: str, sources: str) -> Iterator[str]:
    """Yield what the steps for the portal name besides what provisioning does."""
    section = document.partition("## Use the Azure portal")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d)\. ([^|]+) \| .+ \| `([^`]+)` \|$", section, flags=re.MULTILINE)
    if [int(number) for number, _, _ in rows] != list(range(1, len(rows) + 1)) or len(rows) < 5:
        yield "the steps are not numbered from 1"
    for _, step, name in rows:
        call = f"{name.removeprefix('az ')} "
        if (
            call not in sources
            and f"resource {name} " not in sources
            and f" {name} '" not in sources
        ):
            yield f"{step}: provisioning has no {name}"


def provisioning_sources(renderer: Renderer, variant: dict[str, str]) -> str:
    """Return what creates the resources of a variant."""
    if variant["provisioning"] == "bicep":
        return renderer.render("_rendered/bicep/infra/main.bicep", variant)
    scripts = [
        renderer.render(f"_rendered/azure-cli/scripts/{name}.sh", variant)
        for name in ("provision", "configure-identity")
    ]
    common = TEMPLATE.project / "_overlays/azure-cli/scripts/common.sh"
    return "\n".join([*scripts, common.read_text(encoding="utf-8")])


def test_the_portal_route_and_the_costs_are_those_of_the_choices() -> None:
    renderer = Renderer()
    for variant in PORTAL_VARIANTS:
        document = renderer.render("docs/deploy.md", variant)
        assert list(portal_problems(document, provisioning_sources(renderer, variant))) == []
        portal, costs = (
            document.partition(f"## {heading}\n")[2].partition("\n## ")[0]
            for heading in ("Use the Azure portal", "Costs")
        )
        assert ("ClientID=" in portal) == (variant["identity"] == "user-assigned")
        assert f"**{variant['scheduler_sku'].capitalize()}** SKU" in portal
        assert f"| Scheduler, {variant['scheduler_sku'].capitalize()} |" in costs
        plans = {
            "flex-consumption": "Flex Consumption",
            "premium": "Elastic Premium EP1",
            "app-service": "App Service P0V3",
        }
        assert [plan for plan, name in plans.items() if f"| {name} |" in costs] == [
            variant["hosting_plan"]
        ]
        assert re.search(r"as of [A-Z][a-z]+ \d+, 20\d\d", costs)
        assert all("](https://" in row for row in costs.splitlines() if "| [" in row)
        assert not re.search(r"[$€£] ?\d|\d ?(?:USD|EUR)", costs), "no invented figures"


def test_a_step_of_the_portal_that_provisioning_lacks_is_found() -> None:
    renderer = Renderer()
    for provisioning, old in (("azure-cli", "az role assignment"), ("bicep", "appToTaskHub")):
        variant = TEMPLATE.defaults | {"provisioning": provisioning}
        document = seed(renderer.render("docs/deploy.md", variant), f"`{old}", f"`{old}s")
        (problem,) = portal_problems(document, provisioning_sources(renderer, variant))
        assert problem.startswith("Role: provisioning has no ")
