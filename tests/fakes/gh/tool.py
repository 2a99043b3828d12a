"""Login, the repository, its variables, secrets and environment."""

import re
import sys
from typing import Any

from fakes.tool import CallFailed, Parser, ToolCall, ToolNotSimulated

SUBJECT = re.compile(r"/?repos/([^/]+/[^/]+)/actions/oidc/customization/sub")
ENVIRONMENT = re.compile(r"/?repos/([^/]+/[^/]+)/environments/([^/]+)")


def read_input(command: str, parameters: dict[str, Any]) -> dict[str, str]:
    """Read the value that `gh secret set` and `gh variable set` take from a pipe.

    This comes before the state is locked: the `az` whose output it reads needs the lock, too.
    """
    if command.endswith(" set") and parameters["body"] is None:
        return {"body": sys.stdin.read().strip()}
    return {}


def parse(argv: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the command and its parameters."""
    if argv == ["--version"]:
        return "gh --version", {}
    words = 1 if argv[:1] == ["api"] else 2
    command = " ".join(argv[:words])
    add = ARGUMENTS.get(command)
    if add is None:
        raise ToolNotSimulated(f"gh {' '.join(argv)}")
    parser = Parser(prog=f"gh {command}")
    add(parser)
    return f"gh {command}", vars(parser.parse_args(argv[words:]))


def _add_value(parser: Parser) -> None:
    parser.add_argument("name")
    parser.add_argument("--body", "-b")
    parser.add_argument("--env", "-e")
    parser.add_argument("--repo", "-R")


def _add_view(parser: Parser) -> None:
    parser.add_argument("repository", nargs="?")
    parser.add_argument("--json", required=True, choices=["nameWithOwner"])
    parser.add_argument("--jq", "-q", required=True, choices=[".nameWithOwner"])


def _add_api(parser: Parser) -> None:
    parser.add_argument("path")
    parser.add_argument("--method", "-X", default="GET", type=str.upper)
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--jq", "-q")


ARGUMENTS: dict[str, Any] = {
    "api": _add_api,
    "auth status": lambda parser: parser.add_argument("--hostname"),
    "repo view": _add_view,
    "secret set": _add_value,
    "variable set": _add_value,
}


def run(call: ToolCall) -> str:
    """Perform the command and return what is printed."""
    github = call.state.data["github"]
    if call.command == "gh --version":
        return "gh version 2.83.0\n"
    if not github["logged_in"]:
        raise CallFailed("You are not logged into any GitHub hosts. To log in, run: gh auth login")
    if call.command == "gh auth status":
        return "github.com\n  Logged in to github.com account dev (keyring)\n"
    if call.command == "gh repo view":
        return f"{_repository(call, call['repository'])}\n"
    if call.command == "gh api":
        return _api(call)
    return _set(call)


def _repository(call: ToolCall, given: str | None) -> str:
    """Return a repository as GitHub spells it, whose names are the same in other letters."""
    known = call.state.data["github"]["repository"]
    if not (given or known):
        raise CallFailed("no git remotes found")
    same = known and given and known.lower() == given.lower()
    return known if same else given or known


def _api(call: ToolCall) -> str:
    if SUBJECT.fullmatch(call["path"]) and call["jq"] == '.sub_claim_prefix // ""':
        return f"{_subject(call)}\n"
    found = ENVIRONMENT.fullmatch(call["path"])
    if not found or call["method"] != "PUT":
        raise ToolNotSimulated(f"gh api --method {call['method']} {call['path']}")
    environments = call.state.data["github"].setdefault("environments", [])
    if found[2] not in environments:
        environments.append(found[2])
    return "" if call["silent"] else f'{{"name": "{found[2]}"}}\n'


def _subject(call: ToolCall) -> str:
    """Return how the subject of tokens starts: empty for repositories of before July 15, 2026."""
    prefix = call.state.data["github"].get("subject_prefix")
    if prefix is None:
        raise CallFailed("gh: Not Found (HTTP 404)")
    return prefix


def _set(call: ToolCall) -> str:
    """Keep variables, but of secrets the names only."""
    github = call.state.data["github"]
    _repository(call, call["repo"])
    environments = github.get("environments", [])
    if call["env"] and call["env"] not in environments:
        raise CallFailed("failed to fetch public key: HTTP 404: Not Found")
    value = call["body"]
    if not value:
        raise CallFailed("no value given")
    if call.command == "gh variable set":
        github["variables"][call["name"]] = value
    elif call["name"] not in github["secrets"]:
        github["secrets"].append(call["name"])
    return ""
