"""The entrance: every request of a tool goes through `respond`."""

from typing import Any

from . import (  # noqa: F401  each registers its requests and rules
    authorization,
    durable_task,
    extension_index,
    faults,
    graph,
    hosts,
    identities,
    monitoring,
    plans,
    providers,
    scm,
    stacks,
    storage,
    subscriptions,
    web,
)
from .errors import ArmError, NotSimulated
from .http import Request, ServiceResponse
from .paths import Path
from .providers import check_registered
from .rights import check_rights
from .routing import ARM, Call, find_route
from .state import State
from .store import respond as respond_from_store

POLLS = 2  # how often a slow operation is "not yet" finished


def respond(state: State, request: Request, call: dict[str, Any]) -> tuple[ServiceResponse, list]:
    """Return the response and the findings of a request; `call` is as in `faults.due`.

    Raises:
        faults.ResponseLost: the network is gone.
        faults.Hanging: there is never a response.
        NotSimulated: the fake has no behaviour for the request.
    """
    fault = faults.due(state, request, call)
    if fault and fault["kind"] == "hang":
        raise faults.Hanging
    found = Call(state, request)
    try:
        error = faults.error_of(fault, state, request) if fault else None
        if error:
            raise error
        response = _perform(found)
    except ArmError as error:
        response = ServiceResponse(error.body, error.status)
        if error.code == "TooManyRequests":
            response.headers["Retry-After"] = "1"
    if fault and fault["kind"] == "lost":
        call["failed"]["network"] = fault
        raise faults.ResponseLost
    if fault and fault["kind"] == "slow":
        _be_slow(state, request, response)
    return response, found.findings


def _perform(call: Call) -> ServiceResponse:
    request, state = call.request, call.state
    if polled := _poll(state, request):
        return polled
    if request.host == ARM:
        _check_request(state, request)
    if found := find_route(request):
        handler, names = found
        return handler(call, **names)
    if request.host != ARM or not Path(request.path).namespace:
        raise NotSimulated(f"{request.method} {request.url}")
    return respond_from_store(call)


def _check_request(state: State, request: Request) -> None:
    """Check what holds for every request to Azure Resource Manager."""
    if "authorization" not in request.headers:
        raise ArmError(401, "AuthenticationFailed", "Authentication failed.")
    if "api-version" not in request.query:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise ArmError(400, "MissingApiVersionParameter", message)
    path = Path(request.path)
    known = {each["id"].lower() for each in state.data["subscriptions"]}
    if path.subscription and path.subscription.lower() not in known:
        message = f"The subscription '{path.subscription}' could not be found."
        raise ArmError(404, "SubscriptionNotFound", message)
    check_rights(state, request)
    if path.group and path.namespace and request.method != "HEAD":
        check_registered(state, path.namespace)


def _be_slow(state: State, request: Request, response: ServiceResponse) -> None:
    """Turn a response into one of an operation that still runs."""
    if request.method not in ("PUT", "PATCH", "DELETE") or response.status >= 400:
        return
    operation = f"/subscriptions/x/providers/{Path(request.path).namespace}/operations/slow"
    state.data["slow"] = {"path": operation, "left": POLLS}
    response.headers["Azure-AsyncOperation"] = f"https://{ARM}{operation}?api-version=1"
    response.headers["Retry-After"] = "1"
    response.status = 202 if request.method == "DELETE" else 201


def _poll(state: State, request: Request) -> ServiceResponse | None:
    slow = state.data.get("slow")
    if not slow or request.path != slow["path"]:
        return None
    slow["left"] -= 1
    status = "InProgress" if slow["left"] >= 0 else "Succeeded"
    return ServiceResponse({"status": status}, headers={"Retry-After": "1"})
