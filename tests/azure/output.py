"""Prints results as Azure CLI does: `--query` and the formats of `-o`.

Source of the rules: knack's `output.py` and `query.py`, which azure-cli 2.91.0 uses.
"""

import json
import re
import sys
from collections import OrderedDict
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .errors import UsageError

NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
PLAIN = re.compile(r"[A-Za-z_/][\w/ .@-]*")
NOT_PLAIN = {"true", "false", "yes", "no", "on", "off", "null"}
SKIPPED_COLUMNS = {"id", "type", "etag"}


def compiled(query: str | None) -> Callable[[Any], Any] | None:
    """Return the search that `--query` stands for, or fail as argparse does."""
    if query is None:
        return None
    if NAMES.fullmatch(query):  # most queries: not worth the time of importing jmespath
        return lambda result: _member(result, query.split("."))
    jmespath = _jmespath()
    try:
        expression = jmespath.compile(query)
    except (ValueError, KeyError) as error:
        message = f"argument --query: invalid jmespath_type value: {query!r}"
        raise UsageError(message) from error
    options = jmespath.Options(dict_cls=OrderedDict)
    return lambda result: expression.search(result, options)


def _jmespath() -> ModuleType:
    try:
        import jmespath
    except ImportError:  # started with `python -S`: most calls have no query
        import site

        site.main()
        import jmespath
    return jmespath


def _member(result: Any, path: list[str]) -> Any:
    for name in path:
        result = result.get(name) if isinstance(result, dict) else None
    return result


def render(result: Any, form: str) -> str:
    """Return the text of a result; nothing at all for None, as Azure CLI does."""
    if result is None or form == "none":
        return ""
    return FORMATS[form](result)


def write(text: str) -> None:
    """Write to stdout in UTF-8 with Unix line ends."""
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _json(result: Any) -> str:
    return json.dumps(result, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _tsv(result: Any) -> str:
    rows = result if isinstance(result, list) else [result]
    return "".join(f"{_tsv_row(row)}\n" for row in rows)


def _tsv_row(row: Any) -> str:
    if isinstance(row, bool):
        return str(row).lower()
    if isinstance(row, OrderedDict):
        return "\t".join(map(_tsv_cell, row.values()))
    if isinstance(row, dict):
        return "\t".join(_tsv_cell(row[key]) for key in sorted(row))
    return "\t".join(map(_tsv_cell, row)) if isinstance(row, list) else _tsv_cell(row)


def _tsv_cell(value: Any) -> str:
    if isinstance(value, list):
        return str(len(value))
    return "" if isinstance(value, dict) else str(value)


def _table(result: Any) -> str:
    rows = [_table_row(row) for row in (result if isinstance(result, list) else [result])]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if not columns:
        return "\n"
    cells = [[str(row.get(column, "")) for column in columns] for row in rows]
    widths = [  # a heading has room for two more letters
        max(len(name) + 2, *(len(line[at]) for line in cells)) for at, name in enumerate(columns)
    ]
    lines = [columns, ["-" * width for width in widths], *cells]
    padded = (zip(line, widths, strict=True) for line in lines)
    texts = ("  ".join(f"{text:<{size}}" for text, size in line) for line in padded)
    return "".join(f"{text.rstrip()}\n" for text in texts)


def _table_row(row: Any) -> dict[str, Any]:
    if isinstance(row, list):
        return {f"Column{number}": value for number, value in enumerate(row, 1)}
    if not isinstance(row, dict):
        return {"Result": row}
    keys = row if isinstance(row, OrderedDict) else sorted(row)
    return {
        key[:1].upper() + key[1:]: row[key]
        for key in keys
        if key not in SKIPPED_COLUMNS and row[key] is not None
        if not isinstance(row[key], (list, dict))
    }


def _yaml(result: Any) -> str:
    return "".join(f"{line}\n" for line in _yaml_lines(result))


def _yaml_lines(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key in sorted(value) for line in _yaml_entry(f"{key}:", value[key])]
    if isinstance(value, list) and value:
        return [
            f"{'  ' if number else '- '}{line}"
            for item in value
            for number, line in enumerate(_yaml_lines(item))
        ]
    return [_yaml_scalar(value)]


def _yaml_entry(key: str, value: Any) -> list[str]:
    lines = _yaml_lines(value)
    if not isinstance(value, (dict, list)) or not value:
        return [f"{key} {lines[0]}"]
    return [key, *(line if isinstance(value, list) else f"  {line}" for line in lines)]


def _yaml_scalar(value: Any) -> str:
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in NOT_PLAIN:
        return value.strip() if value == value.strip() else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


FORMATS = {
    "json": _json,
    "jsonc": _json,
    "tsv": _tsv,
    "table": _table,
    "yaml": _yaml,
    "yamlc": _yaml,
}
