"""The shorthand syntax of list and dict arguments: `[a,b]`, `{k:v}`, JSON, `k=v`.

Source: azure-cli 2.91.0, `azure/cli/core/aaz/_arg_action.py` and `_utils.py`, as far as scripts
use it: no index, no null, no partial update of nested properties.
"""

import json
import re
from typing import Any

ATOM = re.compile(r"'((?:[^'/]|/.)*)'|[^,:\[\]{}']+")


class ShorthandError(ValueError):
    """The text is neither JSON nor shorthand."""


def parse_list(values: list[str]) -> list[Any]:
    """Return the elements that the values of one list argument stand for."""
    elements: list[Any] = []
    for value in values:
        parsed = parse_value(value)
        elements += parsed if isinstance(parsed, list) else [parsed]
    return elements


def parse_dict(values: list[str]) -> dict[str, Any]:
    """Return the entries that the values of one dict argument stand for."""
    entries: dict[str, Any] = {}
    for value in values:
        parsed = parse_value(value)
        if isinstance(parsed, dict):
            entries |= parsed
            continue
        key, equals, text = value.partition("=")
        if not equals:
            raise ShorthandError(f"'{value}' is neither key=value nor an object")
        entries[key] = text
    return entries


def parse_value(text: str) -> Any:
    """Return what one value stands for: a list, a dict, or the text itself."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        value, rest = _parse(text)
    if rest:
        raise ShorthandError(f"unexpected '{rest}' in '{text}'")
    return value


def _parse(text: str) -> tuple[Any, str]:
    if text.startswith("["):
        return _parse_items(text[1:], "]")
    if text.startswith("{"):
        return _parse_items(text[1:], "}")
    found = ATOM.match(text)
    if not found:
        raise ShorthandError(f"unexpected '{text}'")
    quoted = found.group(1)
    value = found.group(0).strip() if quoted is None else re.sub("/(.)", r"\1", quoted)
    return value, text[found.end() :]


def _parse_items(text: str, end: str) -> tuple[Any, str]:
    items: list[Any] = []
    entries: dict[str, Any] = {}
    text = text.lstrip()
    while not text.startswith(end):
        value, text = _parse(text)
        if end == "}":
            if not text.startswith(":"):
                raise ShorthandError(f"no ':' after '{value}'")
            entries[value], text = _parse(text[1:].lstrip())
        else:
            items.append(value)
        text = text.lstrip()
        if text.startswith(","):
            text = text[1:].lstrip()
        elif not text.startswith(end):
            raise ShorthandError(f"no '{end}' at the end")
    return (entries if end == "}" else items), text[1:]
