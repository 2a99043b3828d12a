"""Runs an orchestrator without a host, and shows that it is deterministic.

The host keeps no orchestrator in memory. Whenever something happens, it runs the orchestrator
again from its first line, with the history so far. `Replay` keeps that history and has it executed
by the Durable Functions SDK, twice for each event and each time at another date. It fails as soon
as the orchestrator asks for something else than before.
"""

import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import azure.durable_functions as df
import time_machine
from azure.durable_functions.models.actions.ActionType import ActionType
from azure.durable_functions.models.history import HistoryEventType

# No field of the date stays the same, not even the day of the week.
_UNTIL_NEXT_RUN = timedelta(days=401, hours=1, minutes=1, seconds=1, microseconds=1)
_STEP_LIMIT = 1_000
_HOST = json.loads((Path(__file__).parents[1] / "src/host.json").read_text(encoding="utf-8"))
_START = datetime(2024, 1, 1, tzinfo=UTC)
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"

# The version of a new orchestration.
DEFAULT_VERSION: str = _HOST["extensions"]["durableTask"].get("defaultVersion", "")


@dataclass(frozen=True)
class Retry:
    """How often, and how many milliseconds apart, the host tries an activity."""

    attempts: int
    interval: int


@dataclass(frozen=True)
class Activity:
    """A call of an activity."""

    name: str
    input: Any
    retry: Retry | None = None


@dataclass(frozen=True)
class Timer:
    """A durable timer, due at a time in UTC."""

    due: datetime


@dataclass(frozen=True)
class Event:
    """An external event that the orchestrator waits for."""

    name: str


@dataclass(frozen=True)
class Signal:
    """An operation that an entity gets; nobody waits for its result."""

    entity: str
    key: str
    operation: str
    input: Any


@dataclass(frozen=True)
class ContinueAsNew:
    """The end of this generation, and the input of the next."""

    input: Any


Step = Activity | Timer | Event | Signal | ContinueAsNew
S = TypeVar("S", Activity, Timer, Event)


class NonDeterministicOrchestratorError(AssertionError):
    """The orchestrator did not repeat its own past."""


@dataclass(frozen=True)
class _Run:
    """What one execution of the orchestrator from its first line has asked for."""

    steps: list[Step]
    cancelled: list[bool]
    custom_status: Any
    ended: bool
    output: Any


@dataclass
class _Task:
    """A step of the current generation. The SDK numbers what the host has to do, from 0 on."""

    step: Step
    id: int
    is_open: bool
    failed_attempts: int = 0
    pause: int | None = None  # the id of the timer until the next attempt


@dataclass
class _Generation:
    """The history and the tasks since the start, or since the last `continue_as_new`."""

    input: Any
    history: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[_Task] = field(default_factory=list)
    early_events: Counter[str] = field(default_factory=Counter)
    ids: int = 0
    run: _Run | None = None

    def next_id(self) -> int:
        self.ids += 1
        return self.ids - 1

    def open(self, kind: type[S]) -> list[S]:
        return [t.step for t in self.tasks if t.is_open and isinstance(t.step, kind)]

    def task_of(self, step: Step) -> _Task:
        found = [task for task in self.tasks if task.is_open and task.step == step]
        return next((task for task in found if task.step is step), found[0])


class Replay:
    """An orchestration under test; it starts when this object is created.

    Args:
        orchestrator: the generator function, without its decorator.
        input_: what the client passes to `start_new`.
        version: that of the orchestration; a new one gets `defaultVersion` of host.json.
        instance_id: what `context.instance_id` is.
        now: when it starts, in UTC.

    Raises:
        NonDeterministicOrchestratorError: from here and from every method that goes on.
        Exception: what the orchestrator raises.
    """

    def __init__(
        self,
        orchestrator: Callable[..., Any],
        input_: Any,
        version: str = DEFAULT_VERSION,
        *,
        instance_id: str = "instance-1",
        now: datetime = _START,
    ) -> None:
        self._orchestrator = orchestrator
        self._version = version
        self._instance_id = instance_id
        self._wall_clock = _START
        self.now = now
        self._start(input_)

    @property
    def steps(self) -> list[Step]:
        """All steps of this generation, in the order of the calls."""
        return [task.step for task in self._tasks.tasks]

    @property
    def waits_for(self) -> list[Activity | Timer | Event]:
        """The open activities, timers and events, in the order of the calls."""
        steps = (task.step for task in self._tasks.tasks if task.is_open)
        return [step for step in steps if isinstance(step, Activity | Timer | Event)]

    @property
    def custom_status(self) -> Any:
        """The custom status that the orchestrator has set; None if there is none."""
        return self._run.custom_status

    @property
    def signals(self) -> list[Signal]:
        """The signals to entities, in order."""
        return [step for step in self._run.steps if isinstance(step, Signal)]

    @property
    def continued_as_new(self) -> Any:
        """The input of the next generation; None if the orchestrator has not asked for one."""
        step = self._run.steps[-1] if self._run.steps else None
        return step.input if isinstance(step, ContinueAsNew) else None

    @property
    def has_ended(self) -> bool:
        """Whether the orchestrator has returned, or continues as new."""
        return self._run.ended

    @property
    def output(self) -> Any:
        """What the orchestrator returned. The host ends an orchestration when nothing is open."""
        assert self._run.ended, f"the orchestration still waits for {self.waits_for}"
        assert self.continued_as_new is None, "the orchestration continues as new"
        for step in (*self._tasks.open(Activity), *self._tasks.open(Timer)):
            raise AssertionError(f"the orchestrator has returned, but {step} is still open")
        return self._run.output

    def complete(self, result: Any = None, *, of: Activity | None = None) -> None:
        """Let an activity return a result. `of` is optional if only one is open."""
        task = self._tasks.task_of(self._open_activity(of))
        task.is_open = False
        self._happens("TASK_COMPLETED", TaskScheduledId=task.id, Result=_to_json(result))

    def fail(self, reason: str = "failed", *, of: Activity | None = None) -> None:
        """Let one attempt of an activity fail; the host makes the next one after its pause."""
        activity = self._open_activity(of)
        self.fail_attempt(activity, reason)
        if activity.retry:
            if self._tasks.task_of(activity).failed_attempts < activity.retry.attempts:
                self.now += timedelta(milliseconds=activity.retry.interval)
            self.end_pause(activity)

    def fail_attempt(self, activity: Activity, reason: str, details: str = "") -> None:
        """Let one attempt fail. With retry options, a pause follows: after the last one, too."""
        task = self._tasks.task_of(activity)
        task.failed_attempts += 1
        task.is_open = activity.retry is not None
        task.pause = self._tasks.next_id() if activity.retry else None
        self._happens("TASK_FAILED", TaskScheduledId=task.id, Reason=reason, Details=details)

    def end_pause(self, activity: Activity) -> None:
        """Let the next attempt begin, or the activity fail after its last one."""
        assert activity.retry
        task = self._tasks.task_of(activity)
        task.is_open = task.failed_attempts < activity.retry.attempts
        if task.is_open:
            task.id = self._tasks.next_id()
        self._happens("TIMER_FIRED", TimerId=task.pause)

    def fire_timer(self, of: Timer | None = None) -> None:
        """Let an open timer fire, at its time: the earliest, or `of`."""
        timers = self._tasks.open(Timer)
        assert timers, f"no timer is open, the orchestration waits for {self.waits_for}"
        timer = of or min(timers, key=lambda timer: timer.due)
        task = self._tasks.task_of(timer)
        task.is_open = False
        self.now = max(self.now, timer.due)
        self._happens("TIMER_FIRED", TimerId=task.id)

    def raise_event(self, name: str, data: Any = None) -> None:
        """Send an external event; one that comes too early waits until it is asked for."""
        if Event(name) in self._tasks.open(Event):
            self._tasks.task_of(Event(name)).is_open = False
        else:
            self._tasks.early_events[name] += 1
        self._happens("EVENT_RAISED", Name=name, Input=_to_json(data))

    def start_next_generation(self) -> None:
        """Start again with an empty history, as the orchestrator has asked for."""
        assert self.continued_as_new is not None, "the orchestrator has not continued as new"
        self._start(self.continued_as_new)

    def run(self, activities: Mapping[str, Callable[..., Any]]) -> Any:
        """Run to the end with real activities and timers, and return the output.

        Raises:
            AssertionError: the orchestration waits for an event, or does not end.
        """
        for _ in range(_STEP_LIMIT):
            if self.continued_as_new is not None:
                self.start_next_generation()
            elif calls := self._tasks.open(Activity):
                self._run_activity(calls[0], activities)
            elif self._tasks.open(Timer):
                self.fire_timer()
            else:
                return self.output
        raise AssertionError(f"the orchestration has not ended after {_STEP_LIMIT} steps")

    def _run_activity(self, call: Activity, activities: Mapping[str, Callable[..., Any]]) -> None:
        try:
            result = activities[call.name](call.input)
        except Exception as error:
            self.fail(str(error), of=call)
        else:
            self.complete(result, of=call)

    def _open_activity(self, wanted: Activity | None) -> Activity:
        calls = [call for call in self._tasks.open(Activity) if wanted in (None, call)]
        assert calls, f"{wanted or 'an activity'} is not open, but {self.waits_for}"
        assert wanted or len(calls) == 1, f"name the activity with `of`: {self.waits_for}"
        return wanted or calls[0]

    def _start(self, input_: Any) -> None:
        self._tasks = _Generation(_to_json(input_))
        self._happens("EXECUTION_STARTED", Version=self._version, Input=self._tasks.input)

    def _happens(self, event: str, **fields: Any) -> None:
        """Add an event to the history, and run the orchestrator twice with it."""
        for name, more in (("ORCHESTRATOR_STARTED", {}), (event, fields)):
            self._tasks.history.append(
                {
                    "EventType": HistoryEventType[name],
                    "EventId": -1,
                    "IsPlayed": False,
                    "Timestamp": self.now.strftime(_TIME_FORMAT),
                    **more,
                }
            )
        first, second = self._execute(), self._execute()
        _check_same_run(first, second)
        if self._tasks.run:
            _check_same_steps(self._tasks.run.steps, first.steps[: len(self._tasks.run.steps)])
        self._take_over(first)

    def _execute(self) -> _Run:
        created: list[Any] = []
        execute = df.Orchestrator.create(_recording(self._orchestrator, created))
        call = {
            "history": self._tasks.history,
            "input": self._tasks.input,
            "instanceId": self._instance_id,
            "parentInstanceId": None,
            "isReplaying": len(self._tasks.history) > 2,
            "upperSchemaVersion": 1,  # the version in which the SDK starts no timers of its own
        }
        self._wall_clock += _UNTIL_NEXT_RUN
        with time_machine.travel(self._wall_clock), warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"azure\.")
            try:
                state = _from_json(execute(_to_json(call)))
            except Exception as error:
                raise (error.__cause__ or error) from None  # the SDK's own error wraps it
        return _parse_run(state, created)

    @property
    def _run(self) -> _Run:
        assert self._tasks.run
        return self._tasks.run

    def _take_over(self, run: _Run) -> None:
        """Number the new steps as the SDK does, and close what the orchestrator cancelled."""
        self._tasks.run = run
        for step in run.steps[len(self._tasks.tasks) :]:
            is_open = isinstance(step, Activity | Timer)
            if isinstance(step, Event):
                is_open = not self._tasks.early_events[step.name]
                self._tasks.early_events[step.name] -= not is_open
            id_ = -1 if isinstance(step, Event | ContinueAsNew) else self._tasks.next_id()
            self._tasks.tasks.append(_Task(step, id_, is_open))
        for task, cancelled in zip(self._tasks.tasks, run.cancelled, strict=True):
            task.is_open = task.is_open and not cancelled


def _recording(orchestrator: Callable[..., Any], created: list[Any]) -> Callable[..., Any]:
    """Return an orchestrator that notes what it creates, to find a forgotten `yield`."""

    def recording(create: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(create)
        def record(*args: Any, **kwargs: Any) -> Any:
            task = create(*args, **kwargs)
            created.append(task)
            return task

        return record

    @wraps(orchestrator)
    def recorded(context: df.DurableOrchestrationContext) -> Any:
        for name in (
            "call_activity",
            "call_activity_with_retry",
            "create_timer",
            "wait_for_external_event",
        ):
            setattr(context, name, recording(getattr(context, name)))
        return orchestrator(context)

    return recorded


def _parse_run(state: dict[str, Any], created: list[Any]) -> _Run:
    actions = list(_flatten(state["actions"]))
    steps = [_parse_step(action) for action in actions]
    ended = state["isDone"] or any(isinstance(step, ContinueAsNew) for step in steps)
    if ended:
        _check_all_yielded([task.action_repr.to_json() for task in created], actions)
    return _Run(
        steps,
        [action.get("isCanceled", False) for action in actions],
        state.get("customStatus"),
        ended,
        state.get("output"),
    )


def _flatten(actions: list[Any]) -> Iterator[dict[str, Any]]:
    for action in actions:
        if isinstance(action, list):
            yield from _flatten(action)
        elif "compoundActions" in action:
            yield from _flatten(action["compoundActions"])
        else:
            yield action


def _parse_step(action: dict[str, Any]) -> Step:
    match ActionType(action["actionType"]):
        case ActionType.CALL_ACTIVITY:
            return Activity(action["functionName"], _from_json(action["input"]))
        case ActionType.CALL_ACTIVITY_WITH_RETRY:
            options = action["retryOptions"]
            retry = Retry(
                options["maxNumberOfAttempts"], options["firstRetryIntervalInMilliseconds"]
            )
            return Activity(action["functionName"], _from_json(action["input"]), retry)
        case ActionType.CREATE_TIMER:
            due = datetime.strptime(action["fireAt"], _TIME_FORMAT)
            return Timer(due.replace(tzinfo=UTC))
        case ActionType.WAIT_FOR_EXTERNAL_EVENT:
            return Event(action["externalEventName"])
        case ActionType.SIGNAL_ENTITY:
            _, entity, key = action["instanceId"].split("@", 2)
            return Signal(entity, key, action["operation"], _from_json(action["input"]))
        case ActionType.CONTINUE_AS_NEW:
            return ContinueAsNew(_from_json(action["input"]))
        case unknown:
            raise NotImplementedError(f"tests/replay.py: add {unknown.name} to _parse_step")


def _check_all_yielded(created: list[Any], scheduled: list[dict[str, Any]]) -> None:
    rest = list(scheduled)
    for action in _flatten(created):
        if action not in rest:
            raise AssertionError(f"{_parse_step(action)} has no `yield`: the host never gets it")
        rest.remove(action)


def _check_same_run(before: _Run, now: _Run) -> None:
    _check_same_steps(before.steps, now.steps)
    for name in ("cancelled", "custom_status", "ended", "output"):
        if getattr(before, name) != getattr(now, name):
            raise NonDeterministicOrchestratorError(
                f"{name} was {getattr(before, name)}, and is {getattr(now, name)} when replayed"
            )


def _check_same_steps(before: list[Step], now: list[Step]) -> None:
    for number in range(max(len(before), len(now))):
        was, is_ = (steps[number] if number < len(steps) else None for steps in (before, now))
        if was != is_:
            raise NonDeterministicOrchestratorError(
                f"step {number + 1} was {was}, and is {is_} when replayed"
            )


def _to_json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def _from_json(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(token: str) -> None:
    raise ValueError(f"{token} is not JSON: the host could not store it")
