"""Runs an orchestrator without a host, and shows that it is deterministic.

The host keeps no orchestrator in memory: whenever a step completes, it runs the orchestrator again
from its first line, with the results so far. `Replay` does the same, twice for each step and each
time at another date, and fails as soon as the orchestrator asks for something else than before.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.durable_functions as df
import time_machine

# No field of the date stays the same, not even the day of the week.
_UNTIL_NEXT_RUN = timedelta(days=401, hours=1, minutes=1, seconds=1, microseconds=1)


@dataclass(frozen=True)
class Retry:
    """How often, and how many milliseconds apart, the host tries an activity."""

    attempts: int
    interval: int


@dataclass(frozen=True)
class Activity:
    """A call of an activity that the orchestrator waits for."""

    name: str
    input: Any
    retry: Retry | None = None


@dataclass(frozen=True)
class Finished:
    """The end of the orchestration."""

    output: Any


Step = Activity | Finished


class NonDeterministicOrchestratorError(AssertionError):
    """The orchestrator did not repeat its own past."""


class _Context:
    """The part of `df.DurableOrchestrationContext` that the orchestrator uses."""

    current_utc_datetime = datetime(2024, 1, 1, tzinfo=UTC)

    def __init__(self, input_: Any) -> None:
        self._input = input_
        self._uuids = 0

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"tests/replay.py does not know context.{name} yet: add it to _Context"
        )

    def new_uuid(self) -> str:
        self._uuids += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, str(self._uuids)))

    def get_input(self) -> Any:
        return _through_json(self._input)

    def call_activity(self, name: str, input_: Any = None) -> Activity:
        return Activity(name, _through_json(input_))

    def call_activity_with_retry(
        self, name: str, retry_options: df.RetryOptions, input_: Any = None
    ) -> Activity:
        retry = Retry(
            retry_options.max_number_of_attempts,
            retry_options.first_retry_interval_in_milliseconds,
        )
        return Activity(name, _through_json(input_), retry)


class Replay:
    """An orchestration under test; it starts when this object is made.

    Args:
        orchestrator: the generator function, without its decorator.
        input_: what the client passes to `start_new`.

    Raises:
        NonDeterministicOrchestratorError: from here and from every method that runs a step.
    """

    def __init__(self, orchestrator: Callable[..., Any], input_: Any) -> None:
        self._orchestrator = orchestrator
        self._input = input_
        self._history: list[Any] = []
        self._steps: list[Step] = []
        self._failed_attempts = 0
        self._now = datetime(2024, 1, 1, tzinfo=UTC)
        self._replay()

    @property
    def waits_for(self) -> Activity:
        """The activity call whose result the orchestrator needs next."""
        step = self._steps[-1]
        assert isinstance(step, Activity), f"the orchestration has ended: {step}"
        return step

    @property
    def output(self) -> Any:
        """What the orchestrator returned."""
        step = self._steps[-1]
        assert isinstance(step, Finished), f"the orchestration still waits for {step}"
        return step.output

    def complete(self, result: Any = None) -> None:
        """Let the activity return a result."""
        assert self.waits_for
        self._resume_with(_through_json(result))

    def fail(self) -> None:
        """Let one attempt of the activity fail; the orchestrator hears of the last one only."""
        self._failed_attempts += 1
        retry = self.waits_for.retry
        if retry is None or self._failed_attempts == retry.attempts:
            self._resume_with(Exception(f"{self.waits_for.name} failed"))

    def run(self, activities: Mapping[str, Callable[..., Any]]) -> Any:
        """Run to the end with real activities and return the output."""
        while isinstance(self._steps[-1], Activity):
            activity = activities[self.waits_for.name]
            try:
                result = activity(self.waits_for.input)
            except Exception:
                self.fail()
            else:
                self.complete(result)
        return self.output

    def _resume_with(self, event: Any) -> None:
        self._history.append(event)
        self._failed_attempts = 0
        self._replay()

    def _replay(self) -> None:
        past, self._steps = self._steps, self._steps_of_one_run()
        for known in (past, self._steps_of_one_run()):
            _check_same(known, self._steps[: len(known)])

    def _steps_of_one_run(self) -> list[Step]:
        self._now += _UNTIL_NEXT_RUN
        with time_machine.travel(self._now):
            orchestration = self._orchestrator(_Context(self._input))
            steps: list[Step] = []
            try:
                steps.append(next(orchestration))
                for event in self._history:
                    steps.append(_resume(orchestration, event))
            except StopIteration as end:
                steps.append(Finished(_through_json(end.value)))
            return steps


def _resume(orchestration: Any, event: Any) -> Step:
    if isinstance(event, Exception):
        return orchestration.throw(event)
    return orchestration.send(event)


def _check_same(known: list[Step], now: list[Step]) -> None:
    for number, (before, after) in enumerate(zip(known, now, strict=True), start=1):
        if before != after:
            raise NonDeterministicOrchestratorError(
                f"step {number} was {before}, and is {after} when replayed"
            )


def _through_json(value: Any) -> Any:
    """Return what is left of a value after its way through the task hub."""
    return json.loads(json.dumps(value, allow_nan=False))
