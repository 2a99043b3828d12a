"""The app under test as the Functions host sees it: its functions and bindings by name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from function_app import app

# An app lists its functions only once, so this module does it for all tests.
_INDEXED = {str(function.get_function_name()): function for function in app.get_functions()}


def _undecorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the code of the project without the wrappers that the SDK puts around it."""
    for attribute in ("client_function", "orchestrator_function", "entity_function"):
        function = getattr(function, attribute, function)
    return function


FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: _undecorated(function.get_user_function()) for name, function in _INDEXED.items()
}

BINDINGS: dict[str, list[dict[str, Any]]] = {
    name: function.get_dict_repr()["bindings"] for name, function in _INDEXED.items()
}


def _read_requests(file: str) -> Any:
    path = Path(__file__).parents[1] / "requests" / file
    return json.loads(path.read_text(encoding="utf-8"))


# The functions of the app, and the orders that it must complete with an output.
CONTRACT = _read_requests("contract.json")

# The requests that the app must accept, with the order that reaches the workflow.
ACCEPTED = _read_requests("accepted.json")

# The requests that the app must refuse.
REJECTED = _read_requests("rejected.json")


def body_of(case: dict[str, Any]) -> bytes:
    """Return the request body of a case of these files."""
    return (case["text"] if "text" in case else json.dumps(case["body"])).encode()
