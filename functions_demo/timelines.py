"""What happened to an instance, as rows and bars for the page.

Times are seconds since the instance was created, as somebody who watched has seen them: a time
that was skipped takes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from functions_host.histories import completed_task
from functions_host.instances import Execution, Instance, Task
from functions_host.protocol import (
    ACTIVITY_CALLS,
    Action,
    ActionType,
    Event,
    EventType,
    decode,
    entity_id,
    fire_time,
    kind,
)
from functions_host.retries import retry_delay

COMPLETIONS = {
    EventType.TASK_COMPLETED: "completed",
    EventType.TASK_FAILED: "failed",
    EventType.TIMER_FIRED: "fired",
}
BEGINNINGS = {
    EventType.TASK_SCHEDULED,
    EventType.TIMER_CREATED,
    EventType.EVENT_SENT,
}


@dataclass
class Skip:
    """The clock was moved forward at a time."""

    at: datetime
    by: timedelta


@dataclass
class Outage:
    """A time without a worker; `end` is None while it lasts."""

    start: datetime
    end: datetime | None = None


@dataclass
class Bar:
    """One stretch of a row. `kind` is attempt, pause, timer, wait or signal."""

    kind: str
    state: str
    start: float
    end: float
    number: int = 0
    seconds: float | None = None  # how long a timer or pause was to last
    result: Any = None
    error: str | None = None


@dataclass
class TimelineRow:
    """One action of the orchestrator, with all its attempts."""

    name: str
    kind: str
    input: Any
    bars: list[Bar] = field(default_factory=list)


@dataclass
class Episode:
    """One run of the orchestrator from its first line."""

    at: float
    reason: str
    replayed: int  # events of the history that it ran through again


def due_timers(instance: Instance) -> list[datetime]:
    """When the running timers of an instance are due, the next one first."""
    execution = instance.execution
    if instance.ended:
        return []
    return sorted(
        _moment(event["FireAt"])
        for event in execution.history
        if event["EventType"] == EventType.TIMER_CREATED and event["EventId"] in execution.open
    )


def count_episodes(instance: Instance) -> int:
    """How often the orchestrator ran from its first line, over all generations."""
    return sum(
        event["EventType"] == EventType.ORCHESTRATOR_STARTED
        for execution in [*instance.earlier, instance.execution]
        for event in execution.history
    )


def timeline(
    instance: Instance, now: datetime, skips: Iterable[Skip], outages: Iterable[Outage]
) -> dict[str, Any]:
    """Everything that the page draws of an instance, as JSON values."""
    outages = list(outages)
    clock = Clock(instance.created, list(skips))
    end = instance.updated if instance.ended else now
    generations = [
        {
            "episodes": [asdict(episode) for episode in _episodes(execution, clock)],
            "rows": [asdict(row) for row in Rows(execution, is_over, outages, end, clock).all()],
        }
        for execution, is_over in [
            *((earlier, True) for earlier in instance.earlier),
            (instance.execution, instance.ended),
        ]
    ]
    return {
        "length": clock.seconds(end),
        "generations": generations,
        "skips": [
            {"at": clock.seconds(skip.at), "seconds": skip.by.total_seconds()}
            for skip in clock.skips
            if instance.created <= skip.at <= end
        ],
        "outages": [
            {"start": clock.seconds(outage.start), "end": clock.seconds(outage.end or end)}
            for outage in outages
            if outage.start <= end and (outage.end or end) >= instance.created
        ],
    }


class Clock:
    """Translates the time of the host into seconds that somebody has waited."""

    def __init__(self, start: datetime, skips: list[Skip]) -> None:
        self.skips = skips
        self._start = start

    def seconds(self, moment: datetime) -> float:
        """Seconds from the start to a moment, at least 0, without what was skipped."""
        waited = moment - self._start
        for skip in self.skips:
            if self._start <= skip.at < moment:
                waited -= min(skip.by, moment - skip.at)
        return round(max(waited.total_seconds(), 0), 3)


class Rows:
    """The rows of one generation."""

    def __init__(
        self,
        execution: Execution,
        is_over: bool,
        outages: list[Outage],
        end: datetime,
        clock: Clock,
    ) -> None:
        self._execution = execution
        self._is_over = is_over
        self._outages = outages
        self._end = end
        self._clock = clock
        history = execution.history
        self._begun = {e["EventId"]: e for e in history if e["EventType"] in BEGINNINGS}
        self._completions = {completed_task(e): e for e in history if e["EventType"] in COMPLETIONS}
        self._raised = [e for e in history if e["EventType"] == EventType.EVENT_RAISED]

    def all(self) -> Iterator[TimelineRow]:
        """Yield a row for each action, in the order in which the orchestrator asked for them."""
        for (action, _), asked in zip(self._execution.actions, self._execution.asked, strict=True):
            if kind(action) is ActionType.WAIT_FOR_EXTERNAL_EVENT:
                yield self._wait(action, asked)
            elif kind(action) is ActionType.SIGNAL_ENTITY:
                yield self._signal(action, asked)
            elif kind(action) in ACTIVITY_CALLS:
                yield self._activity(action)
            elif kind(action) is ActionType.CREATE_TIMER:
                yield self._timer(action)

    def _wait(self, action: Action, asked: datetime) -> TimelineRow:
        """Waiting for an event; each wait takes the first event of its name that is left."""
        name = action["externalEventName"]
        event = next((e for e in self._raised if e["Name"] == name), None)
        row = TimelineRow(name, "wait", None)
        if event is None:
            over = self._is_over or self._execution.outcome is not None
            state = "cancelled" if over else "running"
            row.bars.append(self._bar("wait", state, asked, self._end))
        else:
            self._raised.remove(event)
            arrived = max(_moment(event["Timestamp"]), asked)
            bar = self._bar("wait", "completed", asked, arrived)
            bar.result = decode(decode(event["Input"]))  # the Python client encodes it twice
            row.bars.append(bar)
        return row

    def _signal(self, action: Action, asked: datetime) -> TimelineRow:
        name, key = entity_id(action["instanceId"])
        row = TimelineRow(
            f"{name}/{key}: {action['operation']}", "signal", decode(action.get("input"))
        )
        row.bars.append(self._bar("signal", "completed", asked, asked))
        return row

    def _activity(self, action: Action) -> TimelineRow:
        """An activity with its attempts and the pauses between them."""
        row = TimelineRow(action["functionName"], "activity", decode(action.get("input")))
        for task in self._tasks_of(action):
            if task.retry_of is None:
                row.bars += self._attempts(task)
            elif pause := retry_delay(task.retry_of):  # none after the last attempt
                bar = self._ended("pause", task, self._beginning(task))
                bar.seconds = pause.total_seconds()
                row.bars.append(bar)
        return row

    def _timer(self, action: Action) -> TimelineRow:
        """A timer with its slices."""
        row = TimelineRow("timer", "timer", None)
        for task in self._tasks_of(action):
            start = self._beginning(task)
            bar = self._ended("timer", task, start)
            bar.seconds = round((fire_time(action) - start).total_seconds(), 3)
            row.bars.append(bar)
        return row

    def _tasks_of(self, action: Action) -> Iterator[Task]:
        return (task for task in self._execution.tasks if task.action is action)

    def _beginning(self, task: Task) -> datetime:
        return _moment(self._begun[task.id]["Timestamp"])

    def _attempts(self, task: Task) -> Iterator[Bar]:
        """Yield a bar for each call of the function: more than one if the worker was lost."""
        completion = self._completions.get(task.id)
        for call, next_call in pairwise([*task.calls, None]):  # none before the first call
            without_result = next_call is not None or completion is None
            lost = self._outage_after(call) if without_result else None
            if lost is not None:
                yield self._bar("attempt", "lost", call, lost, task.attempt)
            else:
                yield self._ended("attempt", task, call)

    def _outage_after(self, call: datetime) -> datetime | None:
        return next((outage.start for outage in self._outages if outage.start >= call), None)

    def _ended(self, what: str, task: Task, start: datetime) -> Bar:
        completion = self._completions.get(task.id)
        if completion is None:
            over = task.cancelled or (self._end if self._is_over else None)
            state = "cancelled" if over else "running"
            return self._bar(what, state, start, over or self._end, task.attempt)
        state = COMPLETIONS[EventType(completion["EventType"])]
        bar = self._bar(what, state, start, _moment(completion["Timestamp"]), task.attempt)
        bar.result = decode(completion.get("Result"))
        bar.error = completion.get("Reason")
        return bar

    def _bar(self, what: str, state: str, start: datetime, end: datetime, number: int = 0) -> Bar:
        return Bar(what, state, self._clock.seconds(start), self._clock.seconds(end), number)


def _episodes(execution: Execution, clock: Clock) -> Iterator[Episode]:
    history = execution.history
    names = {
        e["EventId"]: e["Name"] for e in history if e["EventType"] in BEGINNINGS and "Name" in e
    }
    for position, event in enumerate(history[:-1]):
        if event["EventType"] == EventType.ORCHESTRATOR_STARTED:
            reason = _reason(history[position + 1], names)
            yield Episode(clock.seconds(_moment(event["Timestamp"])), reason, position)


def _reason(event: Event, names: dict[int, str]) -> str:
    """Why the orchestrator ran, in words."""
    what = EventType(event["EventType"])
    if what is EventType.EXECUTION_STARTED:
        return "started"
    if what is EventType.EVENT_RAISED:
        return f"event {event['Name']} was raised"
    if what is EventType.TIMER_FIRED:
        return "a timer fired"
    return f"{names.get(event['TaskScheduledId'], 'a task')} {COMPLETIONS[what]}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
