"""Mistakes that the tests and linters of a generated project must find, in each language.

A file has no suffix where each language has its own.
"""

from dataclasses import dataclass

SUFFIXES = {"python": ".py", "typescript": ".ts", "javascript": ".js"}


@dataclass(frozen=True)
class Mistake:
    """One text of a file that is replaced by another, and what the finding must mention."""

    file: str
    old: str
    new: str
    finding: str

    def path(self, language: str) -> str:
        """Return the file in the project of a language."""
        return self.file if "." in self.file else self.file + SUFFIXES[language]


ORCHESTRATOR = "src/orders/orchestrator"
NON_DETERMINISTIC = "NonDeterministicOrchestratorError"

# What is wrong -> the mistake in each language; "node" stands for TypeScript and JavaScript.
FOUND_BY_TESTS: dict[str, dict[str, Mistake]] = {
    "a clock in the orchestrator": {
        "python": Mistake(
            ORCHESTRATOR,
            '"ship_order", RETRY, order)',
            '"ship_order", RETRY, order | {"at": __import__("time").time()})',
            NON_DETERMINISTIC,
        ),
        "node": Mistake(
            ORCHESTRATOR,
            "'shipOrder', RETRY, order)",
            "'shipOrder', RETRY, { ...order, at: Date.now() })",
            NON_DETERMINISTIC,
        ),
    },
    "a random id in the orchestrator": {
        "python": Mistake(
            ORCHESTRATOR,
            '"validate_order", order)',
            '"validate_order", order | {"id": str(__import__("uuid").uuid4())})',
            NON_DETERMINISTIC,
        ),
        "node": Mistake(
            ORCHESTRATOR,
            "'validateOrder', order)",
            "'validateOrder', { ...order, id: crypto.randomUUID() })",
            NON_DETERMINISTIC,
        ),
    },
    "a wrong activity name": {
        "python": Mistake(ORCHESTRATOR, '"ship_order"', '"shiporder"', "shiporder"),
        "node": Mistake(ORCHESTRATOR, "'shipOrder'", "'shiporder'", "shiporder"),
    },
    "fewer attempts": {
        "python": Mistake(
            ORCHESTRATOR, "max_number_of_attempts=3", "max_number_of_attempts=2", "attempts=2"
        ),
        "node": Mistake(
            ORCHESTRATOR, "RetryOptions(5_000, 3)", "RetryOptions(5_000, 2)", "attempts: 2"
        ),
    },
    "a forgotten yield": {
        "python": Mistake(
            ORCHESTRATOR,
            'yield context.call_activity_with_retry("ship_order"',
            'context.call_activity_with_retry("ship_order"',
            "test_a_shipping_that_fails_for_good",
        ),
        "node": Mistake(
            ORCHESTRATOR,
            "yield context.df.callActivityWithRetry('shipOrder'",
            "context.df.callActivityWithRetry('shipOrder'",
            "a shipping that fails for good",
        ),
    },
    "a wrong starter": {
        "python": Mistake("src/orders/http", '"process_order"', '"process"', "process"),
        "node": Mistake("src/orders/http", "'processOrder'", "'process'", "+     'process',"),
    },
    "another HTTP method": {
        "python": Mistake("src/orders/http", '["POST"]', '["GET"]', "POST"),
        "node": Mistake("src/orders/http", "['POST']", "['GET']", "'GET'"),
    },
    "a function that is not registered": {
        "python": Mistake(
            "src/function_app",
            "app.register_functions(activities.blueprint)\n",
            "",
            "validate_order",
        ),
        "node": Mistake(
            "src/orders/activities",
            "df.app.activity('validateOrder', { handler: validateOrder });\n",
            "",
            "-   validateOrder:",
        ),
    },
    "a main that matches no file": {
        "node": Mistake("src/package.json", "orders/*.js", "order/*.js", "-   validateOrder:"),
    },
    "an endpoint without a key": {
        "python": Mistake(
            "src/function_app", "AuthLevel.FUNCTION", "AuthLevel.ANONYMOUS", "AuthLevel"
        ),
        "node": Mistake("src/orders/http", "'function'", "'anonymous'", "'anonymous'"),
    },
    "a parameter that is not bound": {
        "python": Mistake(
            "src/orders/activities",
            'input_name="order"',
            'input_name="orders"',
            "test_every_parameter_is_bound",
        ),
    },
    "a client that is not bound": {
        "python": Mistake(
            "src/orders/http",
            'client_name="client"',
            'client_name="starter"',
            "test_every_parameter_is_bound",
        ),
    },
    "a context that is not bound": {
        "python": Mistake(
            ORCHESTRATOR,
            'context_name="context"',
            'context_name="ctx"',
            "test_every_parameter_is_bound",
        ),
    },
    "a second app": {
        "python": Mistake(
            "src/function_app",
            "app = df.DFApp(",
            "other = df.DFApp()\napp = df.DFApp(",
            "test_the_app_is_the_only_one_in_its_module",
        ),
    },
    "a wider rule": {
        "python": Mistake("src/orders/models", "[A-Za-z0-9._-]", "[A-Za-z0-9._/-]", "slash"),
        "node": Mistake("src/orders/models", "[A-Za-z0-9._-]", "[A-Za-z0-9._/-]", "slash"),
    },
    "another message": {
        "python": Mistake(
            "src/orders/models", "must be a number", "must be numeric", "must be numeric"
        ),
        "node": Mistake(
            "src/orders/models", "must be a number", "must be numeric", "must be numeric"
        ),
    },
    "a rule that never applies": {
        "python": Mistake(
            "src/orders/activities",
            'if not order["items"]',
            'if order["items"] is None',
            "order has no items",
        ),
        "node": Mistake(
            "src/orders/activities",
            "order.items.length === 0",
            "order.items.length < 0",
            "order has no items",
        ),
    },
}

FOUND_BY_LINTERS: dict[str, dict[str, Mistake]] = {
    "a name that nobody uses": {
        "python": Mistake("src/orders/http", "import json\n", "import json\nimport math\n", "F401"),
        "node": Mistake(
            "src/orders/http",
            "{ InvalidOrderError, parseOrder }",
            "{ fulfilled, InvalidOrderError, parseOrder }",
            "no-unused-vars",
        ),
    },
    "a misspelt field": {
        "python": Mistake("src/orders/activities", '["total"] <= 0', '["totl"] <= 0', "totl"),
        "javascript": Mistake(
            "src/orders/activities", "order.total <= 0", "order.totl <= 0", "totl"
        ),
    },
    "a promise that nobody awaits": {
        "typescript": Mistake(
            "src/orders/http",
            "const instanceId",
            "client.startNew('processOrder');\n    const instanceId",
            "no-floating-promises",
        ),
    },
    "a line that is not formatted": {
        "python": Mistake(
            "src/orders/activities", "PAYMENT_LIMIT = 1", "PAYMENT_LIMIT =  1", "activities"
        ),
        "node": Mistake(
            "src/orders/activities", "PAYMENT_LIMIT = 1", "PAYMENT_LIMIT =  1", "activities"
        ),
    },
}


def in_language(mistakes: dict[str, dict[str, Mistake]], language: str) -> dict[str, Mistake]:
    """Return the mistakes that a language can have, by what is wrong."""
    keys = {language} if language == "python" else {language, "node"}
    return {name: row[key] for name, row in mistakes.items() for key in keys & row.keys()}
