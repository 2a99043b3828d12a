"""What the executor keeps about orchestrations.

Identity matters, not equality: an event belongs to the very execution that asked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .protocol import Action, Decision, Event

ENDED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})


@dataclass(eq=False)
class Task:
    """Something with an id that an execution waits for. `retry_of` marks a retry timer.

    `calls` has the time of each call of an activity: several, if its worker was lost.
    """

    id: int
    action: Action
    attempt: int = 1
    retry_of: Task | None = None
    calls: list[datetime] = field(default_factory=list)
    cancelled: datetime | None = None


@dataclass
class ExecutionOutcome:
    """How an execution ended; `restart` is the action of a continue-as-new."""

    status: str
    output: Any = None
    restart: Action | None = None


@dataclass(eq=False)
class Execution:
    """One generation of an instance: continue-as-new starts the next one.

    `asked` has the time of each action; `tasks` has all tasks by id, `open` those not completed.
    """

    input: Any
    history: list[Event] = field(default_factory=list)
    actions: list[tuple[Action, Task | None]] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    open: dict[int | str, Task] = field(default_factory=dict)
    outcome: ExecutionOutcome | None = None

    def new_task(self, action: Action, attempt: int = 1, retry_of: Task | None = None) -> Task:
        """Open a task with the next id."""
        task = Task(len(self.tasks), action, attempt, retry_of)
        self.tasks.append(task)
        self.open[task.id] = task
        return task


@dataclass(eq=False)
class Instance:
    """An orchestration instance.

    `parent` is instance, execution and task that wait for it; `earlier` has the generations before
    `execution`.
    """

    id: str
    name: str
    created: datetime
    updated: datetime
    execution: Execution
    version: str = ""
    parent: tuple[Instance, Execution, Task] | None = None
    status: str = "Pending"
    output: Any = None
    custom_status: Any = None
    suspended: bool = False
    held: list[Callable[[], None]] = field(default_factory=list)
    earlier: list[Execution] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.status in ENDED

    def waits_for(self, execution: Execution, task: Task) -> bool:
        """Whether a task of this generation is still open."""
        current = execution is self.execution and not self.ended
        return current and execution.open.get(task.id) is task


def outcome_of(instance: Instance, decision: Decision) -> ExecutionOutcome | None:
    """The outcome that a decision means, None if the orchestrator waits for something."""
    if decision.error is not None:
        text = f"Orchestrator function '{instance.name}' failed: {decision.error}"
        return ExecutionOutcome("Failed", text)
    if decision.continued is not None:
        return ExecutionOutcome("Running", restart=decision.continued)
    return ExecutionOutcome("Completed", decision.output) if decision.is_done else None
