"""Orders and results as they travel between HTTP, orchestrator and activities: plain JSON."""

import json
from collections.abc import Mapping
from typing import Annotated, NotRequired, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

T = TypeVar("T")

# A name is not blank: it has more than white space, U+001C to U+001F and U+FEFF.
Name = Annotated[str, Field(strict=True, max_length=100, pattern=r"[^\s\x1c-\x1f\u{feff}]")]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Quantity = Annotated[Number, Field(ge=1, le=1_000_000, multiple_of=1), AfterValidator(int)]
Sku = Annotated[str, Field(strict=True, pattern=r"^[A-Za-z0-9._-]{1,64}$")]

NAME_RULE = "must be a non-empty string of at most 100 characters"
SKU_RULE = "must be 1 to 64 letters, digits, '.', '_' or '-'"
ORDER_RULES = {
    "id": NAME_RULE,
    "items": "must be a list",
    "sku": SKU_RULE,
    "quantity": "must be a whole number from 1 to 1000000",
    "unitPrice": "must be a number",
    "total": "must be a number",
}


class OrderItem(TypedDict):
    """One line of an order; the price is per unit."""

    sku: Sku
    quantity: Quantity
    unitPrice: Number


class Order(TypedDict):
    """A well-formed order. `validate_order` decides whether it can be processed."""

    id: Name
    items: list[OrderItem]
    total: Number


class OrderResult(TypedDict):
    """The output of the workflow; `reason` is there when the order was not fulfilled."""

    success: bool
    orderId: str
    reason: NotRequired[str]


class InvalidRequestError(ValueError):
    """A request that breaks a rule; the message is meant for the caller."""


def fulfilled(order: Order) -> OrderResult:
    """Return the output of a workflow that did all its work."""
    return {"success": True, "orderId": order["id"]}


def not_fulfilled(order: Order, reason: str) -> OrderResult:
    """Return the output of a workflow that ended early, and why."""
    return {"success": False, "orderId": order["id"], "reason": reason}


def parse_order(body: bytes) -> Order:
    """Read an order from a request body; fields that an order does not have are dropped.

    Raises InvalidRequestError for the first rule that the body breaks.
    """
    return parse_body(body, TypeAdapter(Order), ORDER_RULES)


def parse_body(body: bytes, shape: TypeAdapter[T], rules: Mapping[str, str]) -> T:
    """Read an object of a shape from a request body; `rules` has the message of each field.

    Raises InvalidRequestError for the first rule that the body breaks.
    """
    document = _load_json(body)
    if not isinstance(document, dict):
        raise InvalidRequestError("body must be a JSON object")
    try:
        return shape.validate_python(document)
    except ValidationError as error:
        raise InvalidRequestError(_message(error.errors()[0]["loc"], rules)) from error


def _message(location: tuple[int | str, ...], rules: Mapping[str, str]) -> str:
    field = location[-1]
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    rule = "must be an object" if isinstance(field, int) else rules[field]
    return f"{name.removeprefix('.')} {rule}"


def _load_json(body: bytes) -> object:
    try:
        # JSON has one kind of number: reading all of them as float also tells them from booleans.
        return json.loads(
            body.decode("utf-8-sig"), parse_int=float, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("body is not valid JSON") from error


def _refuse_constant(token: str) -> None:
    raise ValueError(f"{token} is not JSON")
