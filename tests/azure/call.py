"""One call of a tool: what handlers read and where they leave their findings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .subscription import Subscription


@dataclass
class Call:
    """A parsed call. Handlers take one and return the result that `-o` and `--query` print."""

    subscription: Subscription
    command: str
    parameters: dict[str, Any]
    findings: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        """Return a parameter by parser destination, or None; `group` is the resource group."""
        return self.parameters.get(name)

    def find(self, kind: str, text: str) -> None:
        """Record something that works, but that a good script does not do (`findings.KINDS`)."""
        self.findings.append({"kind": kind, "text": text})

    def warn(self, text: str) -> None:
        """Print a warning on stderr, unless `--only-show-errors` was given."""
        self.warnings.append(text)


Handler = Callable[[Call], Any]
