"""Each code block of the repository's documents passes the checks, and each defect is found."""

import pytest

from code_blocks import PROJECT_FILES, blocks, problems
from template import TEMPLATE, tracked_files

FILES = PROJECT_FILES | set(tracked_files(TEMPLATE.root))
COMMANDS = ("bash", "powershell", "text", "javascript")

# The section of each block with commands or code, and the module that runs it.
EXECUTED = {
    ("README.md", "Generate a project"): "tests/template/test_docs.py",
    ("README.md", "What you get"): "tests/template/test_docs.py",
    ("docs/demo.md", "The demo"): "tests/demo/test_command.py",
    ("docs/demo.md", "Without a browser"): "tests/demo/test_demo.py",
    ("docs/maintaining.md", "From a choice to files"): "tests/template/test_docs.py",
    ("docs/teams.md", "Give your company's defaults"): "tests/template/test_backstage.py",
    ("docs/teams.md", "Repeat a project with a replay file"): "tests/template/test_backstage.py",
    ("docs/teams.md", "Generate in a pipeline"): "tests/template/test_backstage.py",
    ("docs/teams.md", "Offer the template in Backstage"): "tests/template/test_backstage.py",
}


def test_every_code_block_passes() -> None:
    for name, text in TEMPLATE.documents.items():
        assert list(problems(name, text, FILES)) == []


def test_every_block_of_commands_is_executed_by_a_test() -> None:
    found = {
        (block.document, block.heading)
        for name, text in TEMPLATE.documents.items()
        for block in blocks(name, text)
        if block.language in COMMANDS and name != "docs/updating.md"
    }
    assert found == EXECUTED.keys()
    for (document, _), module in EXECUTED.items():
        assert f'"{document}"' in (TEMPLATE.root / module).read_text(encoding="utf-8"), module


DEFECTS = {
    "a language without a check": ("cobol", "x", "no check for a block of cobol"),
    "no language": ("", "x", "no check for a block of no language"),
    "bash that does not parse": ("bash", "if true; then", "unexpected end of file"),
    "JSON that does not parse": ("json", "{,}", "Expecting property name"),
    "Python that does not parse": ("python", "def f(", "was never closed"),
    "YAML that does not parse": ("yaml", "a: [", "expected the node content"),
    "a diagram of another kind": ("mermaid", "pie", "pie is no flowchart"),
    "a target": ("bash", "make tset", "the Makefile has no target tset"),
    "a target after a variable": ("text", "OUT=x make nwe", "the Makefile has no target nwe"),
    "a script of bash": ("bash", "bash scripts/deply.sh", "there is no scripts/deply.sh"),
    "a script of PowerShell": ("powershell", "./scripts/x.ps1", "there is no scripts/x.ps1"),
    "a script of npm": ("bash", "npm run lnit", "no package.json has the script lnit"),
    "a command of azd": ("text", "azd env get APP_URL", "azd has no command env get"),
    "a question": ("bash", "make new ARGS='langauge=x'", "the template has no question langauge"),
    "an option": ("text", "uvx cookiecutter --noinput .", "cookiecutter has no option --noinput"),
}


@pytest.mark.parametrize(("language", "text", "finding"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_seeded_defect_is_found(language: str, text: str, finding: str) -> None:
    found = list(problems("a.md", f"```{language}\n{text}\n```\n", FILES))
    assert any(finding in problem for problem in found)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("`make tset`", "a.md: the Makefile has no target tset"),
        ("`scripts/deploy`", None),
        ("`scripts/deplyo`", "a.md: there is no scripts/deplyo"),
        ("| a |\n| --- |\n| `pwsh scripts/a.ps1` |", "a.md: there is no scripts/a.ps1"),
        ("`src/orders/`", None),
        ("`src/order/`", "a.md: there is no src/order"),
        ("`https://example.com/src/a`", None),
    ],
)
def test_code_in_a_sentence_is_checked(text: str, finding: str | None) -> None:
    assert list(problems("a.md", text, FILES)) == ([finding] if finding else [])
