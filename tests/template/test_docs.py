"""The documents agree with the template."""

import posixpath
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from shell import run_in_bash
from template import PROJECT_FOLDER, TEMPLATE, tracked_files

ROOT = TEMPLATE.root
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_the_questions_with_their_defaults_and_choices() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", README, flags=re.MULTILINE)
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


def test_links_between_documents_lead_somewhere() -> None:
    for name in tracked_files(ROOT):
        if name.endswith(".md") and not name.startswith(("templates/", PROJECT_FOLDER)):
            text = (ROOT / name).read_text(encoding="utf-8")
            for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
                assert (ROOT / name).parent.joinpath(link).exists(), f"{name}: {link}"


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
}


def test_documents_and_comments_name_files_that_exist() -> None:
    names = set(tracked_files(ROOT))
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
