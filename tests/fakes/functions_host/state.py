"""What the executor keeps about orchestrations and entities, and the rules on it.

Identity matters, not equality: an event belongs to the very execution that asked for it.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .errors import NonDeterminismError
from .protocol import Action, ActionType, Decision, Event, EventType, describe, kind, signature
from .worker import Answer, TypedData

ENDED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})


@dataclass(eq=False)
class Task:
    """Something with an id that an execution waits for. `retry_of` marks a retry timer."""

    id: int
    action: Action
    attempt: int = 1
    retry_of: Task | None = None


@dataclass
class Outcome:
    """How an execution ended; `restart` is the action of a continue-as-new."""

    status: str
    output: Any = None
    restart: Action | None = None


@dataclass(eq=False)
class Execution:
    """One generation of an instance: continue-as-new starts the next one."""

    input: Any
    history: list[Event] = field(default_factory=list)
    actions: list[tuple[Action, Task | None]] = field(default_factory=list)
    open: dict[int | str, Task] = field(default_factory=dict)
    next_id: int = 0
    outcome: Outcome | None = None

    def new_task(self, action: Action, attempt: int = 1, retry_of: Task | None = None) -> Task:
        task = Task(self.next_id, action, attempt, retry_of)
        self.next_id += 1
        self.open[task.id] = task
        return task


@dataclass(eq=False)
class Instance:
    """An orchestration instance. `parent` is instance, execution and task that wait for it."""

    id: str
    name: str
    created: datetime
    updated: datetime
    execution: Execution
    parent: tuple[Instance, Execution, Task] | None = None
    status: str = "Pending"
    output: Any = None
    custom_status: Any = None
    suspended: bool = False
    held: list[Callable[[], None]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return self.status in ENDED


@dataclass
class Entity:
    state: str | None = None
    exists: bool = False


@dataclass
class Interception:
    """An answer in place of an activity's own, for `times` calls (None: all of them).

    `when` limits it to calls whose decoded input it accepts; others do not count.
    """

    reply: Answer
    times: int | None
    when: Callable[[Any], bool] | None = None

    def answer(self, value: Any) -> Answer | None:
        """The answer to a call with this input, or None if the app is to be called."""
        if self.times == 0 or (self.when is not None and not self.when(value)):
            return None
        if self.times is not None:
            self.times -= 1
        return self.reply


def task_key(completion: Event) -> int | str:
    """What an event completes; an entity's answer has the id of the request as its name."""
    key: int | str = next(
        completion[name] for name in ("TaskScheduledId", "TimerId", "Name") if name in completion
    )
    return key


def compare_actions(instance: Instance, actions: list[Action]) -> None:
    """Compare the recorded actions with the new ones; fewer actions are an error as well."""
    where = f"instance {instance.id} ({instance.name})"
    for index, (action, _) in enumerate(instance.execution.actions):
        if index >= len(actions):
            raise NonDeterminismError(f"{where} no longer asks to {describe(action)}")
        if signature(action) != signature(actions[index]):
            raise NonDeterminismError(
                f"{where} asked to {describe(action)}, in a replay to {describe(actions[index])}"
            )


def difference(first: Decision, second: Decision) -> str:
    for one, two in itertools.zip_longest(first.actions, second.actions):
        if one != two:
            return f"{describe(one or two)} was {json.dumps(one)}, then {json.dumps(two)}"
    names = ("is_done", "output", "error", "custom_status")
    changed = [name for name in names if getattr(first, name) != getattr(second, name)]
    return ", ".join(
        f"{name} was {getattr(first, name)!r}, then {getattr(second, name)!r}" for name in changed
    )


def outcome_of(instance: Instance, decision: Decision) -> Outcome | None:
    if decision.error is not None:
        text = f"Orchestrator function '{instance.name}' failed: {decision.error}"
        return Outcome("Failed", text)
    if decision.continued is not None:
        return Outcome("Running", restart=decision.continued)
    return Outcome("Completed", decision.output) if decision.is_done else None


def next_attempt(execution: Execution, failed: Task) -> Task | None:
    """The repetition after a retry timer, or None if that was the timer after the last one."""
    if failed.attempt >= failed.action["retryOptions"]["maxNumberOfAttempts"]:
        return None
    return execution.new_task(failed.action, attempt=failed.attempt + 1)


def retry_delay(failed: Task) -> timedelta:
    options = failed.action["retryOptions"]
    growth = (options.get("backoffCoefficient") or 1) ** (failed.attempt - 1)
    delay = options["firstRetryIntervalInMilliseconds"] * growth
    longest = options.get("maxRetryIntervalInMilliseconds") or delay
    return timedelta(milliseconds=min(delay, longest))


def unread_events(execution: Execution) -> list[Event]:
    """External events beyond those that the code has waited for."""
    waits = Counter(
        action["externalEventName"]
        for action, _ in execution.actions
        if kind(action) is ActionType.WAIT_FOR_EXTERNAL_EVENT
    )
    sent = {
        json.loads(e["Input"])["id"]
        for e in execution.history
        if e["EventType"] == EventType.EVENT_SENT
    }
    unread = []
    for past in execution.history:
        if past["EventType"] != EventType.EVENT_RAISED or past["Name"] in sent:
            continue
        waits[past["Name"]] -= 1
        if waits[past["Name"]] < 0:
            unread.append({**past, "IsPlayed": False})
    return unread


def json_text(data: TypedData | None) -> str:
    """The result of an activity as JSON text, whatever kind of typed data it came as."""
    if data is None:
        return "null"
    if "json" in data:
        text: str = data["json"]
        return text
    return json.dumps(next(iter(data.values())))
