"""Prints what the Azure CLI knows about the options of an extension's commands, as JSON.

Run by `test_real_extensions.py` with the Python of the Azure CLI: its only argument is the first
words of the commands, such as `durabletask`; AZURE_EXTENSION_DIR says where the extension is.
"""

import json
import sys
from typing import Any

from azure.cli.core import get_default_cli


def options(prefix: str) -> dict[str, dict[str, Any]]:
    """Return the options of each command: whether each is needed, its values, its choices."""
    cli = get_default_cli()
    loader = cli.commands_loader_cls(cli)
    cli.invocation = cli.invocation_cls(
        cli_ctx=cli,
        commands_loader_cls=cli.commands_loader_cls,
        parser_cls=cli.parser_cls,
        help_cls=cli.help_cls,
    )
    cli.invocation.commands_loader = loader
    loader.load_command_table([*prefix.split(), "list"])
    found = {}
    for name in sorted(
        each for each in loader.command_table if f"{each} ".startswith(f"{prefix} ")
    ):
        loader.command_name = name
        cli.invocation.data["command_string"] = name
        loader.load_arguments(name)
        command = loader.command_table[name]
        command.load_arguments()
        found[name] = {
            " ".join(sorted(argument.options_list)): _facts(argument.type.settings)
            for argument in command.arguments.values()
            if getattr(argument, "options_list", None)
        }
    return found


def _facts(settings: dict[str, Any]) -> dict[str, Any]:
    choices = settings.get("choices")
    return {
        "required": bool(settings.get("required")),
        "nargs": settings.get("nargs"),
        "choices": sorted(map(str, choices)) if choices else None,
    }


if __name__ == "__main__":
    json.dump(options(sys.argv[1]), sys.stdout)
