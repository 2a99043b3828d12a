"""Finds the command of a command line and parses its options as Azure CLI does.

The commands, options, choices and defaults come from `tests/data/az-commands.json`, which was read
out of the parsers of azure-cli 2.91.0 (legend: its key `_about`). The parsing itself is argparse,
which is what azure-cli uses: unique prefixes of options are accepted, ambiguous ones are errors.
"""

import argparse
import json
import os
from collections.abc import Iterable
from functools import cache
from typing import Any, NoReturn

from .errors import CallFailed, UsageError
from .shorthand import ShorthandError, parse_dict, parse_list

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")
argparse._ = str  # no translation: it loads `locale`, a tenth of the time of a call
TABLE_ONLY = "\n(The stand-in knows the commands of tests/data/az-commands.json only.)"
TRUE = {"true", "t", "yes", "y", "1"}
GROUPS = ("resource_group", "resource_group_name", "rg_name")


@cache
def load_table() -> dict[str, Any]:
    """Return the facts about all commands."""
    with open(os.path.join(DATA, "az-commands.json"), encoding="utf-8") as file:
        return json.load(file)


def find_command(argv: list[str], names: set[str]) -> tuple[str, list[str]]:
    """Return the command name at the start of the command line, and the arguments after it."""
    groups = {
        name.rsplit(" ", length)[0] for name in names for length in range(name.count(" ") + 1)
    }
    command = ""
    for position, word in enumerate(argv):
        longer = f"{command} {word}".strip()
        if longer in names:
            return longer, argv[position + 1 :]
        if word.startswith("-"):
            break
        if longer not in groups:
            raise UsageError(_misspelled(word, command, names))
        command = longer
    raise UsageError("the following arguments are required: _subcommand")


def _misspelled(word: str, group: str, names: set[str]) -> str:
    depth = group.count(" ") + 1 if group else 0
    siblings = {
        name.split(" ")[depth]
        for name in names
        if f"{name} ".startswith(f"{group} " if group else "")
    }
    message = f"'{word}' is misspelled or not recognized by the system."
    return f"{message}{_hint(word, siblings)}{TABLE_ONLY}"


def _hint(word: str, choices: Iterable[str]) -> str:
    import difflib  # only after a mistake

    similar = difflib.get_close_matches(word, choices, cutoff=0.7)
    return f"\nDid you mean '{similar[0]}' ?" if similar else ""


class Parser(argparse.ArgumentParser):
    """An argument parser with the messages of azure-cli-core's `parser.py`."""

    def error(self, message: str) -> NoReturn:
        """Fail with the message of argparse, as azure-cli does."""
        raise UsageError(message)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            option = action.option_strings[0]
            raise UsageError(
                f"{self.prog}: '{value}' is not a valid value for '{option}'. "
                f"Allowed values: {', '.join(action.choices)}.{_hint(str(value), action.choices)}"
            )


def parse(command: str, arguments: list[str], table: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of one call by parser destination, `group` for every resource group.

    `subscription`, `output`, `query` and the other global options are among them. Parameters that
    were not given are their default or None.
    """
    facts = table["commands"][command]
    parser = Parser(prog=f"az {command}", add_help=False, formatter_class=_formatter)
    for name, options in table["globals"].items():
        _add_global(parser, name, options, table["output"])
    for name, argument in facts["a"].items():
        _add(parser, name, argument)
    parameters = vars(parser.parse_args(arguments))
    for name, argument in facts["a"].items():
        parameters[name] = _convert(argument, parameters[name])
    _require_names_or_ids(facts["a"], parameters)
    for name in GROUPS:
        if name in parameters:
            parameters["group"] = parameters.pop(name)
    return parameters


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Return a formatter with a fixed width: asking the terminal takes 5 ms."""
    return argparse.HelpFormatter(prog, width=100)


def _add_global(parser: Parser, name: str, options: list[str], formats: list[str]) -> None:
    if name == "output":
        parser.add_argument(*options, dest=name, choices=formats, default="json", type=str.lower)
    elif name in ("query", "subscription"):
        parser.add_argument(*options, dest=name)
    else:
        parser.add_argument(*options, dest=name, action="store_true")


def _add(parser: Parser, name: str, argument: dict[str, Any]) -> None:
    required = bool(argument.get("r"))
    if not argument["o"]:  # the only positional argument of the table
        parser.add_argument(name, nargs=argument["n"])
        return
    keywords: dict[str, Any] = {"dest": name, "default": argument.get("d"), "required": required}
    if argument.get("n") == 0:
        keywords |= {"action": "store_const", "const": argument["k"]}
    else:
        keywords |= _value_keywords(argument)
    parser.add_argument(*argument["o"], **keywords)


def _value_keywords(argument: dict[str, Any]) -> dict[str, Any]:
    keywords: dict[str, Any] = {"nargs": argument.get("n")}
    if argument.get("n") == "?":  # a bare option of three states means true
        keywords["const"] = argument.get("k", "true")
    if argument.get("t") in ("list", "dict"):  # repeated options add up
        keywords["action"] = "extend"
        keywords["default"] = None
    if "c" in argument:
        keywords["choices"] = argument["c"]
        if argument.get("ci"):
            spelled = {choice.lower(): choice for choice in argument["c"]}
            keywords["type"] = lambda value: spelled.get(value.lower(), value)
    elif argument.get("t") == "int":
        keywords["type"] = int
    return keywords


def _convert(argument: dict[str, Any], value: Any) -> Any:
    kind = argument.get("t")
    try:
        if kind == "list":
            return argument.get("d") if value is None else parse_list(value)
        if kind == "dict" and value is not None:
            return parse_dict(value)
    except ShorthandError as error:
        option = argument["o"][0]
        raise CallFailed(f"Failed to parse '{option}' argument: {error}") from error
    if isinstance(value, str) and {"true", "false"} <= set(argument.get("c", ())):
        return value in TRUE
    return value


def _require_names_or_ids(facts: dict[str, Any], parameters: dict[str, Any]) -> None:
    """Fail if a command that takes `--ids` got neither ids nor every name."""
    needed = [name for name, argument in facts.items() if argument.get("rid")]
    if not needed or parameters.get("_ids"):
        return
    missing = [facts[name]["o"][0] for name in needed if parameters[name] is None]
    if missing:
        raise CallFailed(f"({' '.join(missing)} | --ids) are required")


def per_id(facts: dict[str, Any], parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one set of parameters for each id of `--ids`, or the parameters themselves."""
    ids = parameters.pop("_ids", None)
    if not ids:
        return [parameters]
    names = [name for name in facts if facts[name].get("rid") and name not in GROUPS]
    return [parameters | _names_of(resource, names) for text in ids for resource in text.split()]


def _names_of(resource: str, names: list[str]) -> dict[str, str]:
    parts = resource.strip("/").split("/")
    if len(parts) < 8 or parts[0].lower() != "subscriptions":
        raise CallFailed(f"invalid resource ID: {resource}")
    return {"group": parts[3], **dict(zip(names, parts[7::2], strict=False))}
