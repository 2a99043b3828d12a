"""What can go wrong while an app is executed; the worker has its own errors."""

from __future__ import annotations


class NonDeterminismError(AssertionError):
    """An orchestrator does not repeat itself: it cannot survive a replay."""


class StepLimitError(RuntimeError):
    """The app keeps the host busy forever."""


class UnsupportedActionError(NotImplementedError):
    """The app uses a feature that this host does not have."""


class UnknownFunctionError(LookupError):
    """No function of that name and kind; the extension refuses such a call."""

    def __init__(self, name: str, trigger: str) -> None:
        what = {"orchestrationTrigger": "orchestrator", "activityTrigger": "activity"}
        function = f"an {what.get(trigger, 'entity')} function"
        super().__init__(f"The function '{name}' doesn't exist, is disabled, or is not {function}.")


class UnknownInstanceError(LookupError):
    """No orchestration instance with that id."""


class InstanceEndedError(RuntimeError):
    """The instance has ended (for events), or has not (for a second start)."""
