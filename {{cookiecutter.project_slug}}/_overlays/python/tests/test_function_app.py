"""The exact functions of the app: one that is not registered would be missing without an error."""

import inspect
import re

import azure.functions as func

import function_app
from app import BINDINGS, CONTRACT, FUNCTIONS


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_functions() -> None:
    triggers = {
        name: binding["type"]
        for name, bindings in BINDINGS.items()
        for binding in bindings
        if binding["type"].endswith("Trigger")
    }
    assert triggers == {
        snake_case(name): trigger
        for trigger, names in CONTRACT["functions"].items()
        for name in names
    }


def test_the_app_is_the_only_one_in_its_module() -> None:
    apps = [
        value for value in vars(function_app).values() if isinstance(value, func.FunctionRegister)
    ]
    assert apps == [function_app.app]


def test_every_parameter_is_bound() -> None:
    for name, function in FUNCTIONS.items():
        bound = {binding["name"] for binding in BINDINGS[name] if binding["name"] != "$return"}
        assert set(inspect.signature(function).parameters) == bound, name


def test_start_order_is_a_post_that_needs_a_key() -> None:
    bindings = {binding["type"]: binding for binding in BINDINGS["start_order"]}

    assert bindings["httpTrigger"]["route"] == "orders"
    assert bindings["httpTrigger"]["methods"] == [func.HttpMethod.POST]
    assert bindings["httpTrigger"]["authLevel"] == func.AuthLevel.FUNCTION
