"""Orders and results as they travel between HTTP, orchestrator and activities: plain JSON."""

import json
import math
import re
from typing import Any, NotRequired, TypedDict


class OrderItem(TypedDict):
    """One line of an order; the price is per unit."""

    sku: str
    quantity: int
    unitPrice: float


class Order(TypedDict):
    """A well-formed order. `validate_order` decides whether it can be processed."""

    id: str
    items: list[OrderItem]
    total: float


class OrderResult(TypedDict):
    """The output of the workflow; `reason` is there when the order was not fulfilled."""

    success: bool
    orderId: str
    reason: NotRequired[str]


class InvalidOrderError(ValueError):
    """A request body that is not a well-formed order; the message is meant for the caller."""


def fulfilled(order: Order) -> OrderResult:
    """Return the output of a workflow that did all its work."""
    return {"success": True, "orderId": order["id"]}


def not_fulfilled(order: Order, reason: str) -> OrderResult:
    """Return the output of a workflow that ended early, and why."""
    return {"success": False, "orderId": order["id"], "reason": reason}


def parse_order(body: bytes) -> Order:
    """Read an order from a request body; fields that an order does not have are dropped.

    Raises InvalidOrderError for the first rule that the body breaks.
    """
    document = _require_object(_load_json(body), "body must be a JSON object")
    return {
        "id": _require_id(document.get("id")),
        "items": [
            _parse_item(item, f"items[{index}]")
            for index, item in enumerate(_require_list(document.get("items"), "items"))
        ],
        "total": _require_number(document.get("total"), "total"),
    }


def _parse_item(value: Any, name: str) -> OrderItem:
    item = _require_object(value, f"{name} must be an object")
    return {
        "sku": _require_sku(item.get("sku"), f"{name}.sku"),
        "quantity": _require_quantity(item.get("quantity"), f"{name}.quantity"),
        "unitPrice": _require_number(item.get("unitPrice"), f"{name}.unitPrice"),
    }


def _load_json(body: bytes) -> Any:
    try:
        # JSON has one kind of number: reading all of them as float also tells them from booleans.
        return json.loads(
            body.decode("utf-8-sig"), parse_int=float, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise InvalidOrderError("body is not valid JSON") from error


def _refuse_constant(token: str) -> None:
    raise ValueError(f"{token} is not JSON")


def _require_object(value: Any, message: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidOrderError(message)
    return value


def _require_list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidOrderError(f"{name} must be a list")
    return value


def _require_id(value: Any) -> str:
    # JSON can escape half of a character that UTF-16 writes in two; nothing can store that.
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > 100
        or re.search(r"[\ud800-\udfff]", value)
    ):
        raise InvalidOrderError("id must be a non-empty string of at most 100 characters")
    return value


def _require_sku(value: Any, name: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", value):
        raise InvalidOrderError(f"{name} must be 1 to 64 letters, digits, '.', '_' or '-'")
    return value


def _require_quantity(value: Any, name: str) -> int:
    if not isinstance(value, float) or not value.is_integer() or not 1 <= value <= 1_000_000:
        raise InvalidOrderError(f"{name} must be a whole number from 1 to 1000000")
    return int(value)


def _require_number(value: Any, name: str) -> float:
    if not isinstance(value, float) or not math.isfinite(value):
        raise InvalidOrderError(f"{name} must be a number")
    return value
