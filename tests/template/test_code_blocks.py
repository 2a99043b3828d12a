"""Each code block of each document passes the checks, and each kind of defect is found."""

import code_blocks
import pytest

from bakery import Renderer
from template import PROJECT_FOLDER, TEMPLATE, tracked_files

GENERATED = (
    "README.md",
    "AGENTS.md",
    "docs/change.md",
    "docs/deploy.md",
    "docs/troubleshooting.md",
)


def test_every_code_block_of_the_repository_passes() -> None:
    found = [
        block
        for name in tracked_files(TEMPLATE.root)
        if name.endswith(".md") and not name.startswith(("templates/", PROJECT_FOLDER))
        for block in code_blocks.blocks(name, (TEMPLATE.root / name).read_text(encoding="utf-8"))
    ]
    assert {block.document for block in found} >= {"README.md", "docs/teams.md"}
    assert [problem for block in found for problem in code_blocks.problems(block)] == []


def test_every_code_block_of_generated_documents_passes() -> None:
    renderer = Renderer()
    found = set()
    for variant in TEMPLATE.near_variants():
        if variant["language"] == TEMPLATE.defaults["language"]:
            derived = {}
        else:
            derived = renderer.context({"language": variant["language"]})
        for document in GENERATED:
            text = renderer.render(document, derived | variant)
            found |= set(code_blocks.blocks(document, text))
    assert {block.language for block in found} >= {"bash", "powershell", "text", "mermaid"}
    assert [problem for block in found for problem in code_blocks.problems(block)] == []


DEFECTS = {
    "a language without a check": ("cobol", "x", "no check for a block of cobol"),
    "no language": ("", "x", "no check for a block of no language"),
    "bash that does not parse": ("bash", "if true; then", "unexpected end of file"),
    "JSON that does not parse": ("json", "{,}", "Expecting property name"),
    "Python that does not parse": ("python", "def f(", "was never closed"),
    "YAML that does not parse": ("yaml", "a: [", "expected the node content"),
    "a target": ("bash", "make tset", "the Makefile has no target tset"),
    "a target after a variable": ("text", "OUT=x make nwe", "the Makefile has no target nwe"),
    "a script of bash": ("bash", "bash scripts/deply.sh", "no project has scripts/deply.sh"),
    "a script of PowerShell": ("powershell", "./scripts/x.ps1", "no project has scripts/x.ps1"),
    "a question": ("bash", "make new ARGS='langauge=x'", "the template has no question langauge"),
    "an option": ("text", "uvx cookiecutter --noinput .", "cookiecutter has no option --noinput"),
}


@pytest.mark.parametrize(("language", "text", "finding"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_seeded_defect_is_found(language: str, text: str, finding: str) -> None:
    (block,) = code_blocks.blocks("a.md", f"```{language}\n{text}\n```\n")
    assert any(finding in problem for problem in code_blocks.problems(block))
