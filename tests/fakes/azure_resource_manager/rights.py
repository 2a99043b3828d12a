"""What the signed-in user may do: the roles of the user, compared with action and scope.

Source: "Azure built-in roles" (actions and notActions of the roles), and the text of
AuthorizationFailed. Reading providers and regions, and checking names, needs no role.
"""

import re

from .errors import ArmError
from .http import Request
from .paths import Path
from .state import State

READ = r".*/read"
ASSIGN = r"microsoft\.authorization/roleassignments/(write|delete)"
# Role -> what it allows, and what it does not allow although the first says so.
ACTIONS = {
    "Owner": (r".*", ""),
    "Contributor": (r".*", r"microsoft\.authorization/.*/(write|delete)"),
    "Reader": (READ, ""),
    "Website Contributor": (rf"microsoft\.web/.*|{READ}", r"microsoft\.authorization/.*/write"),
    "User Access Administrator": (rf"{READ}|microsoft\.authorization/.*", ""),
    "Role Based Access Control Administrator": (rf"{READ}|{ASSIGN}", ""),
}
VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def check_rights(state: State, request: Request) -> None:
    """Fail as Azure does if no role of the user allows the action at the scope."""
    path = Path(request.path)
    if not path.subscription or _is_free(request, path):
        return
    action, scope = _action(request, path), _scope(path)
    for role, granted in state.data["user"]["roles"]:
        allowed, excepted = ACTIONS[role]
        holds = f"{scope.lower()}/".startswith(f"{granted.lower()}/")
        matches = re.fullmatch(allowed, action.lower())
        if holds and matches and not (excepted and re.fullmatch(excepted, action.lower())):
            return
    user = state.data["user"]["name"]
    raise ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{user}' with object id '{user}' does not have authorization to perform "
        f"action '{action}' over scope '{scope}' or the scope is invalid. If access was recently "
        "granted, please refresh your credentials.",
    )


def _is_free(request: Request, path: Path) -> bool:
    """Return whether everybody who sees a subscription may read this."""
    parts = request.path.lower().split("/")[3:]
    if parts[-1:] == ["checknameavailability"]:
        return True  # `az storage account create` asks, and owners of a group may run it
    shared = parts[:1] in ([], ["locations"], ["resourcegroups"], ["resources"], ["providers"])
    return request.method == "GET" and not path.group and shared


def _action(request: Request, path: Path) -> str:
    kind = path.kind if path.namespace else "Microsoft.Resources/subscriptions/resourceGroups"
    if request.method != "POST":
        return f"{kind}/{VERBS[request.method]}"
    if path.is_collection:
        return f"{kind}/action"
    return f"{kind}/{path.names[-1]}/action"


def _scope(path: Path) -> str:
    if path.kind.lower() == "microsoft.authorization/roleassignments":
        return path.text
    return path.text.rsplit("/", 1)[0] if path.is_collection else path.text
