"""Each seeded defect of the sample app `orders` makes a good test of the app fail."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from defects import seed
from functions_host.errors import NonDeterminismError, UnknownInstanceError
from functions_host.worker import LoadError

from .samples import LANGUAGES, LoadApp, check_orders

pytestmark = pytest.mark.slow  # installs packages


class AppDefect(NamedTuple):
    """A replaced text in the source of an app, and the error that it causes."""

    old: str
    new: str
    error: type[Exception]
    message: str

    def seed(self, source: str) -> str:
        """Return the source with the defect."""
        return seed(source, self.old, self.new)


CALL_SHIP = 'context.call_activity("ship", order["id"])'
PYTHON_DEFECTS = {
    "wrong activity": AppDefect(
        'activity("ship"', 'activity("shipp"', AssertionError, "'shipp' doesn"
    ),
    "wrong starter target": AppDefect(
        'start_new("process"', 'start_new("proces"', AssertionError, "500 .*'proces' doesn"
    ),
    "client mismatch": AppDefect(
        'client_name="client"', 'client_name="starter"', LoadError, "start"
    ),
    "forgotten yield": AppDefect(f"yield {CALL_SHIP}", CALL_SHIP, AssertionError, "'pay'"),
    "forgotten await": AppDefect("await client", "client", AssertionError, "500 .*coroutine"),
    "fewer attempts": AppDefect("(5000, 3)", "(5000, 2)", AssertionError, "payment failed"),
    "unserialisable": AppDefect('{"paid": order["total"]}', "{1, 2}", AssertionError, "payment fa"),
    "missing decorator": AppDefect(
        '@bp.activity_trigger(input_name="order_id")', "", AssertionError, "function list"
    ),
    "wall clock": AppDefect(
        '"ship", order["id"]',
        '"ship", str(__import__("time").time())',
        NonDeterminismError,
        "'ship'",
    ),
    "blueprint": AppDefect("app.register_functions(bp)", "", AssertionError, "function list"),
    "GET": AppDefect('methods=["POST"]', 'methods=["GET"]', AssertionError, "HTTP surface"),
    "import": AppDefect("import json", "import jsonn", LoadError, "jsonn"),
    "syntax": AppDefect("def ship(", "def ship((", LoadError, "SyntaxError"),
    "exit": AppDefect("import json", "import json\nraise SystemExit(1)", LoadError, "SystemExit"),
    "two apps": AppDefect(
        "import json",
        "import json\nfrom azure.functions import FunctionApp\nother = FunctionApp()",
        LoadError,
        "More than one",
    ),
}

CALL_SHIP_JS = "context.df.callActivity('ship', order.id)"
NODE_DEFECTS = {
    "wrong activity": AppDefect(
        "Activity('ship'", "Activity('shipp'", AssertionError, "'shipp' doesn"
    ),
    "wrong starter target": AppDefect(
        "startNew('process'", "startNew('proces'", AssertionError, "500 .*'proces' doesn"
    ),
    "no client": AppDefect(
        "[df.input.durableClient()]", "[]", AssertionError, "500 .*durable client"
    ),
    "forgotten yield": AppDefect(f"yield {CALL_SHIP_JS}", CALL_SHIP_JS, AssertionError, "'pay'"),
    "forgotten await": AppDefect("await client", "client", UnknownInstanceError, "Promise"),
    "fewer attempts": AppDefect("(5000, 3)", "(5000, 2)", AssertionError, "payment failed"),
    "unserialisable": AppDefect(
        "{ paid: order.total }", "{ paid: 1n }", AssertionError, "payment fa"
    ),
    "missing registration": AppDefect(
        "df.app.activity('ship',", "({}).none?.('ship',", AssertionError, "function list"
    ),
    "wall clock": AppDefect(
        "'ship', order.id", "'ship', Date.now()", NonDeterminismError, "'ship'"
    ),
    "GET": AppDefect("['POST']", "['GET']", AssertionError, "HTTP surface"),
    "duplicate": AppDefect("activity('pay'", "activity('ship'", LoadError, '"ship" has already'),
    "missing module": AppDefect(
        "'durable-functions'", "'durable-function'", LoadError, "Cannot find"
    ),
    "throws": AppDefect("const df", "throw new Error('sudden');\nconst df", LoadError, "sudden"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_app_without_defects_passes(load: LoadApp, language: str) -> None:
    check_orders(load(language, "orders"))


@pytest.mark.parametrize("defect", PYTHON_DEFECTS.values(), ids=PYTHON_DEFECTS.keys())
def test_a_defect_in_python_is_found(load: LoadApp, defect: AppDefect) -> None:
    with pytest.raises(defect.error, match=f"(?s){defect.message}"):
        check_orders(load("python", "orders", change=defect.seed))


@pytest.mark.parametrize("defect", NODE_DEFECTS.values(), ids=NODE_DEFECTS.keys())
def test_a_defect_in_javascript_is_found(load: LoadApp, defect: AppDefect) -> None:
    with pytest.raises(defect.error, match=f"(?s){defect.message}"):
        check_orders(load("node", "orders", change=defect.seed))
