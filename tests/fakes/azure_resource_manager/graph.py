"""Microsoft Graph: who is signed in, and names of principals.

Source: reference of `GET /me`, `getByIds`, `GET /servicePrincipals`, `GET /users`. `/me` needs a
person; a guest may read only the own profile, and no other object of the directory.
"""

import re
from typing import Any

from .errors import ArmError
from .http import ServiceResponse
from .routing import Call, route
from .state import USER

GRAPH = r"graph\.microsoft\.com"


def _refused(message: str, status: int = 403) -> ArmError:
    code = "Authorization_RequestDenied" if status == 403 else "Request_BadRequest"
    return ArmError(status, code, message)


@route("GET", "/v1.0/me", GRAPH)
def me(call: Call) -> ServiceResponse:
    """Return the person who is signed in; a service principal is none, a guest is refused."""
    user = call.state.data["user"]
    if user["type"] != "user":
        raise _refused("/me request is only valid with delegated authentication flow.", 400)
    if user["guest"]:
        raise _refused("Insufficient privileges to complete the operation.")
    person = {"displayName": "Dev", "id": USER, "userPrincipalName": user["name"]}
    return ServiceResponse(
        {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users"} | person
    )


@route("POST", "/v1.0/directoryObjects/getByIds", GRAPH)
def by_ids(call: Call) -> ServiceResponse:
    """Return the principals with these object ids."""
    _check_may_read(call)
    known = call.state.data["principals"]
    ids = call.request.json["ids"]
    return ServiceResponse({"value": [_object(each, known[each]) for each in ids if each in known]})


@route("GET", "/v1.0/(?P<kind>servicePrincipals|users)", GRAPH)
def search(call: Call, kind: str) -> ServiceResponse:
    """Return the principals whose id or name the filter names."""
    _check_may_read(call)
    names = set(re.findall(r"'([^']*)'", call.request.query.get("$filter", "")))
    found = [
        _object(principal, facts)
        for principal, facts in call.state.data["principals"].items()
        if names & {principal, facts["client"], facts["name"]}
        and (facts["kind"] == "User") == (kind.lower() == "users")
    ]
    return ServiceResponse({"value": found})


def _check_may_read(call: Call) -> None:
    user = call.state.data["user"]
    if user["guest"] or user["type"] != "user":
        raise _refused("Insufficient privileges to complete the operation.")


def _object(principal: str, facts: dict[str, Any]) -> dict[str, Any]:
    if facts["kind"] == "User":
        kind = {"@odata.type": "#microsoft.graph.user", "userPrincipalName": facts["name"]}
    else:
        kind = {
            "@odata.type": "#microsoft.graph.servicePrincipal",
            "appId": facts["client"],
            "servicePrincipalNames": [facts["client"]],
        }
    return {"id": principal, "displayName": facts["name"], **kind}
