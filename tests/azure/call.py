"""One call of a tool: what handlers read and where they leave their findings."""

from collections.abc import Callable
from typing import Any

from .findings import KINDS
from .subscription import Subscription


class Call:  # no dataclass: importing those takes a third of the time of a call
    """A parsed call. Handlers take one and return the result that `-o` and `--query` print."""

    def __init__(self, subscription: Subscription) -> None:
        """Make a call that is not parsed yet."""
        self.subscription = subscription
        self.command = ""
        self.parameters: dict[str, Any] = {}
        self.findings: list[dict[str, str]] = []
        self.warnings: list[str] = []

    def __getitem__(self, name: str) -> Any:
        """Return a parameter by parser destination, or None; `group` is the resource group."""
        return self.parameters.get(name)

    def find(self, kind: str, text: str) -> None:
        """Record something that works, but that a good script does not do (`findings.KINDS`)."""
        assert kind in KINDS, kind
        self.findings.append({"kind": kind, "text": text})

    def warn(self, text: str) -> None:
        """Print a warning on stderr, unless `--only-show-errors` was given."""
        self.warnings.append(text)


Handler = Callable[[Call], Any]
