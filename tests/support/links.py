"""The links of Markdown documents: each leads to a file, and to a heading that the file has."""

import itertools
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
# What GitHub shows as text, because no definition has the label.
UNDEFINED = re.compile(r"\[[^\[\]]+\]\[([^\[\]]*)\]")


@dataclass(frozen=True)
class Document:
    """The links of a document, the anchors of its headings, and what is wrong with its labels."""

    links: tuple[str, ...]
    anchors: frozenset[str]
    problems: tuple[str, ...]


@cache
def parse(text: str) -> Document:
    """Return the links and the anchors of a document, as GitHub understands them."""
    environment: dict = {}
    blocks = MARKDOWN.parse(text, environment)
    inline = [child for block in blocks for child in block.children or []]
    links = [link for token in inline if (link := _target(token))]
    return Document(
        tuple(links),
        frozenset(_anchors(blocks)),
        (*_undefined(inline), *_unused(environment.get("references", {}), set(links))),
    )


def _target(token: Token) -> str | None:
    return str(token.attrGet("href") or token.attrGet("src") or "") or None


def _anchors(blocks: list[Token]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for block, content in itertools.pairwise(blocks):
        if block.type == "heading_open":
            words = "".join(child.content for child in content.children or [])
            anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            yield f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor
            seen[anchor] += 1


def _undefined(inline: list[Token]) -> Iterator[str]:
    text = "".join(token.content for token in inline if token.type == "text")
    for label in UNDEFINED.findall(text):
        yield f"the link label {label} has no definition"


def _unused(references: Mapping[str, dict], links: Set[str]) -> Iterator[str]:
    for label, reference in references.items():
        if reference["href"] not in links:
            yield f"no link uses the definition {label.lower()}"


def broken_links(documents: Mapping[str, str], files: Set[str]) -> Iterator[str]:
    """Yield a sentence for each link between documents that leads nowhere.

    Args:
        documents: the text of each document by its path.
        files: the path of each file that exists, documents included.
    """
    known = files | folders(files)
    for name, text in documents.items():
        document = parse(text)
        for problem in document.problems:
            yield f"{name}: {problem}"
        for link in document.links:
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = unquote(link).partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            target = target if path else name
            if target not in known:
                yield f"{name}: {link} leads to no file"
            elif anchor and anchor not in parse(documents.get(target, "")).anchors:
                yield f"{name}: {link} leads to no heading"


def folders(files: Set[str]) -> set[str]:
    """Return the folders that have these files in them, at any depth."""
    return {parent for file in files for parent in _parents(file)}


def _parents(file: str) -> Iterator[str]:
    while file := posixpath.dirname(file):
        yield file
