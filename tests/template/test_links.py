"""Each link between the documents of this repository leads somewhere, and a broken one is found."""

import re

import pytest

from links import broken_links, parse
from template import TEMPLATE, tracked_files

FILES = set(tracked_files(TEMPLATE.root))
DOCUMENTS = TEMPLATE.documents


def test_links_between_documents_lead_somewhere() -> None:
    assert DOCUMENTS.keys() >= {"README.md", "docs/choices.md"}
    assert list(broken_links(DOCUMENTS, FILES)) == []


def test_badges_name_workflows_that_exist() -> None:
    for name, text in DOCUMENTS.items():
        for workflow in re.findall(r"/actions/workflows/([\w.-]+\.yml)", text):
            assert f".github/workflows/{workflow}" in FILES, name


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a](b.md)", "b.md leads to no file"),
        ("[a](docs/)", None),
        ("[a](../a.md)", "../a.md leads to no file"),
        ("[a](docs/d.md#the-first-heading-of-d)", None),
        ("[a](docs/d.md#second)", "docs/d.md#second leads to no heading"),
        ("[a](#top)", "#top leads to no heading"),
        ("# `Top`, of all\n\n[a](#top-of-all)", None),
        ("# Top\n\n## Top\n\n[a](#top-1)", None),
        ("![a](docs/d.png)", "docs/d.png leads to no file"),
        ("[a][b]\n\n[b]: docs/d.md", None),
        ("[a][b]\n\n[b]: docs/x.md", "docs/x.md leads to no file"),
        ("[a][b]", "the link label b has no definition"),
        ("`[a][b]`", None),
        ("[b]: docs/d.md", "no link uses the definition b"),
        ("| a |\n| --- |\n| [a](x.md) |", "x.md leads to no file"),
        ("```text\n[a](b.md)\n```", None),
        ("[a](https://example.com/b.md#c)", None),
        ("[a](%7B%7Bx%7D%7D/b)", None),
    ],
)
def test_a_broken_link_is_found(text: str, problem: str | None) -> None:
    documents = {"a.md": text, "docs/d.md": "# The first heading, of `d`\n"}
    found = list(broken_links(documents, {*documents, "{{x}}/b"}))
    assert found == ([f"a.md: {problem}"] if problem else [])


def test_the_parser_reads_tables_and_headings_as_github_does() -> None:
    document = parse("# What's new?\n\n| a |\n| --- |\n| [b](c) |\n")
    assert document.links == ("c",)
    assert document.anchors == {"whats-new"}
