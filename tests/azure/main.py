"""Performs one call of a tool: `az`, and the few commands of `azd` and `gh` that scripts use.

Environment:

* `AZ_STATE`: path of the JSON file with the simulated subscription; made when missing
* `AZ_LOG`: path of the log, one JSON line per call; optional
* `AZ_FAULT`: what shall fail (`faults.py`); optional
"""

import contextlib
import importlib
import json
import os
import sys
from typing import Any

from . import faults
from .call import Call
from .errors import CallFailed, NotSimulated
from .subscription import Subscription, load, locked, save

NO_TERMINAL = "Unable to prompt for confirmation as no tty available. Use --yes."
COUNTERS = ("calls", "total", "faults")  # these count also the calls that fail
WITHOUT_LOGIN = ("version", "extension", "config", "login", "logout", "bicep")
# The module that handles a command, by the longest beginning of the command that stands here.
MODULES = {
    "account": "accounts",
    "ad": "accounts",
    "appservice": "plans",
    "config": "accounts",
    "durabletask": "schedulers",
    "extension": "accounts",
    "functionapp config": "app_settings",
    "functionapp deployment": "deployments",
    "functionapp identity": "app_identities",
    "functionapp plan": "plans",
    "functionapp": "apps",
    "group": "groups",
    "identity": "identities",
    "login": "accounts",
    "logout": "accounts",
    "monitor": "monitoring",
    "provider": "accounts",
    "resource": "resources",
    "rest": "rest",
    "role": "roles",
    "storage": "storage",
    "version": "accounts",
}


class Outcome:
    """What a call prints and records."""

    def __init__(self, call: Call) -> None:
        """Make the outcome of a call that succeeds and prints nothing."""
        self.call = call
        self.exit_code = 0
        self.output = ""
        self.error = ""
        self.hangs = False


def main(tool: str, argv: list[str]) -> int:
    """Perform a call and return its exit code."""
    path = os.environ.get("AZ_STATE")
    if not path:
        sys.stderr.write(f"The stand-in for {tool} needs AZ_STATE, the path of its state.\n")
        return NotSimulated.exit_code
    if tool == "gh":  # before the lock: the `az` whose output it reads needs the lock, too
        importlib.import_module(".gh_tool", __package__).read_input(argv)
    with locked(path):
        subscription = load(path)
        subscription.data["calls"] += 1
        subscription.data["total"] += 1
        outcome = perform(tool, argv, subscription)
        if outcome.exit_code and outcome.error != faults.LOST_ANSWER:
            _forget_changes(subscription, path)
        save(subscription, path)
        _log(tool, argv, outcome)
    if outcome.hangs:
        faults.hang()
    _print(outcome)
    return outcome.exit_code


def perform(tool: str, argv: list[str], subscription: Subscription) -> Outcome:
    """Parse and execute a call, or meet the fault that AZ_FAULT holds for it."""
    outcome = Outcome(Call(subscription))
    try:
        if tool == "az":
            _perform_az(argv, outcome)
        else:
            module = importlib.import_module(f".{tool}_tool", __package__)
            outcome.call.command, outcome.call.parameters = module.parse(argv)
            _with_faults(outcome, lambda: module.run(outcome.call))
    except CallFailed as error:
        outcome.exit_code = error.exit_code
        outcome.error = str(error)
    except Exception:  # a mistake of the stand-in must not look like a refusal of Azure
        import traceback

        outcome.exit_code = NotSimulated.exit_code
        outcome.error = traceback.format_exc()
    return outcome


def _perform_az(argv: list[str], outcome: Outcome) -> None:
    from . import commands, output

    if argv in (["--version"], ["-v"]):
        argv = ["version", "--output", "yaml"]
    call, table = outcome.call, commands.load_table()
    installed = call.subscription.data["extensions"]
    names = {
        name
        for name, facts in table["commands"].items()
        if facts.get("ext") is None or facts["ext"] in installed
    }
    call.command, arguments = commands.find_command(argv, names)
    call.parameters = commands.parse(call.command, arguments, table)
    search = output.compiled(call["query"])
    facts = table["commands"][call.command]

    def execute() -> str:
        _check_call(call, facts)
        result = _execute(call, commands.per_id(facts["a"], call.parameters))
        return _render(call, result, search)

    _with_faults(outcome, execute)


def _with_faults(outcome: Outcome, execute: Any) -> None:
    call = outcome.call
    fault = faults.due(call.subscription, call.command, call.parameters)
    if fault is None:
        outcome.output = execute()
    elif fault["kind"] == "hang":
        outcome.hangs = True
    else:
        if fault["kind"] == "lost-answer":
            with contextlib.suppress(CallFailed):  # a refusal is lost as well
                execute()
        user = call.subscription.data["user"]["name"]
        faults.fail(fault, user, call.command, call.parameters)


def _check_call(call: Call, facts: dict[str, Any]) -> None:
    data = call.subscription.data
    if not data["logged_in"] and call.command.split()[0] not in WITHOUT_LOGIN:
        raise CallFailed(faults.NOT_LOGGED_IN)
    asks = facts.get("confirm") and not call.command.startswith("extension")
    if asks and not call["yes"]:
        raise CallFailed(NO_TERMINAL)
    if call["subscription"] and call.command != "account set":
        _use_subscription(call, call["subscription"])


def _use_subscription(call: Call, text: str) -> None:
    message = f"The subscription of '{text}' doesn't exist in cloud 'AzureCloud'."
    call.subscription.use_subscription(text, message)


def _execute(call: Call, parameter_sets: list[dict[str, Any]]) -> Any:
    words = call.command.split()
    known = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    module = next((MODULES[name] for name in known if name in MODULES), None)
    name = call.command.replace(" ", "_").replace("-", "_")
    handler = module and getattr(
        importlib.import_module(f".handlers.{module}", __package__), name, None
    )
    if not handler:
        raise NotSimulated(f"az {call.command}")
    results = []
    for call.parameters in parameter_sets:
        results.append(handler(call))
    return results[0] if len(results) == 1 else results


def _render(call: Call, result: Any, search: Any) -> str:
    from . import output

    if search is not None and result is not None:
        result = search(result)
    form = "tsv" if call["xml"] else call["output"]  # `--xml` prints the text as it is
    # An empty answer of a list is an answer; an empty value of anything else is a wrong query.
    asked = search is not None and form != "none" and not call.command.endswith("list")
    if asked and result in (None, "", []):
        call.find("empty-query", f"{call.command} --query {call['query']}")
    return output.render(result, form)


def _forget_changes(subscription: Subscription, path: str) -> None:
    """A call that fails changes nothing but the counters."""
    counters = {name: subscription.data[name] for name in COUNTERS}
    subscription.data = load(path).data | counters


def _log(tool: str, argv: list[str], outcome: Outcome) -> None:
    path = os.environ.get("AZ_LOG")
    if path:
        given = outcome.call.parameters.items()
        record = {
            "number": outcome.call.subscription.data["calls"],
            "tool": tool,
            "argv": argv,
            "command": outcome.call.command,
            "parameters": {name: value for name, value in given if value not in (None, False)},
            "exit": None if outcome.hangs else outcome.exit_code,
            "error": outcome.error,
            "findings": outcome.call.findings,
        }
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


def _print(outcome: Outcome) -> None:
    if not outcome.call["only_show_errors"]:
        for warning in outcome.call.warnings:
            sys.stderr.write(f"WARNING: {warning}\n")
    if outcome.error:
        sys.stderr.write(f"ERROR: {outcome.error}\n")
    elif outcome.output:
        from .output import write

        write(outcome.output)
