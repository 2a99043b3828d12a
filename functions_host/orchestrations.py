"""Orchestrations: instances, their episodes and their ends.

An orchestrator that has returned remains `Running` until its open tasks have ended, hence an
uncancelled timer keeps it running (Durable Task Framework; documented with durable timers).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from .agenda import Agenda, Job
from .entities import Entities
from .errors import InstanceEndedError, UnknownFunctionError, UnknownInstanceError
from .functions import Functions
from .histories import child_ended, execution_ended, execution_started, unread_events
from .instances import Execution, ExecutionOutcome, Instance, Task, outcome_of
from .protocol import Action, Decision, Event, EventType, event, new_id
from .replays import Replays
from .tasks import Tasks
from .versions import MISMATCH, Versions


class Orchestrations:
    """Creates instances and delivers events to them, each of which runs an episode."""

    def __init__(
        self, agenda: Agenda, functions: Functions, versions: Versions, long_timers: bool
    ) -> None:
        self.instances: dict[str, Instance] = {}
        self.versions = versions
        self._rejected: list[Job] = []
        self.entities = Entities(agenda, functions, self.deliver)
        self._agenda = agenda
        self._functions = functions
        self._replays = Replays(functions, long_timers)
        self._tasks = Tasks(agenda, functions, self.entities, self.deliver, self.start, long_timers)

    def start(
        self,
        name: str,
        value: Any,
        instance_id: str | None = None,
        version: str | None = None,
        parent: tuple[Instance, Execution, Task] | None = None,
    ) -> str:
        """Create an instance and return its id. It gets the app's version if none is given.

        Raises:
            UnknownFunctionError: there is no such orchestrator.
            InstanceEndedError: an instance with this id exists and has not ended.
        """
        self._functions.find(name, "orchestrationTrigger")
        instance_id = instance_id or new_id()
        known = self.instances.get(instance_id)
        if known is not None and not known.ended:
            raise InstanceEndedError(f"instance {instance_id} exists, it is {known.status}")
        now = self._agenda.now
        version = self.versions.default if version is None else version
        instance = Instance(instance_id, name, now, now, Execution(value), version, parent)
        self.instances[instance_id] = instance
        self.deliver(instance, instance.execution, None)
        return instance_id

    def find(self, instance_id: str) -> Instance:
        """The instance with this id. Raises UnknownInstanceError."""
        if instance_id not in self.instances:
            raise UnknownInstanceError(f"no instance with id {instance_id}")
        return self.instances[instance_id]

    def find_running(self, instance_id: str) -> Instance:
        """The instance with this id. Raises UnknownInstanceError, InstanceEndedError."""
        instance = self.find(instance_id)
        if instance.ended:
            raise InstanceEndedError(f"instance {instance_id} is {instance.status}")
        return instance

    def deliver(
        self, instance: Instance, execution: Execution | None, completion: Event | None
    ) -> None:
        """Queue an episode. `execution` is None for events that outlive a continue-as-new."""
        self._agenda.add(partial(self._receive, instance, execution, completion))

    def end(self, instance: Instance, outcome: ExecutionOutcome) -> None:
        """End an instance, and tell the parent if there is one."""
        if instance.ended:
            return
        instance.status, instance.output = outcome.status, outcome.output
        instance.updated = self._agenda.now
        instance.execution.history += execution_ended(outcome, self._agenda.now)
        if instance.parent is not None:
            parent, execution, task = instance.parent
            self.deliver(parent, execution, child_ended(task, outcome, self._agenda.now))

    def offer_rejected(self) -> None:
        """Queue again what was of another version, as the extension does with its work items."""
        self._agenda.add(*self._rejected)
        self._rejected.clear()

    def _refuse(self, instance: Instance, episode: Job) -> None:
        if self.versions.fails_others:
            self.end(instance, ExecutionOutcome("Failed", MISMATCH))
        else:
            self._rejected.append(episode)

    def _receive(
        self, instance: Instance, execution: Execution | None, completion: Event | None
    ) -> None:
        if instance.ended or (execution is not None and execution is not instance.execution):
            return
        if instance.suspended:
            instance.held.append(partial(self._receive, instance, execution, completion))
            return
        if not self.versions.accepts(instance.version):
            self._refuse(instance, partial(self._receive, instance, execution, completion))
            return
        self._record(instance, completion)
        if instance.execution.outcome is None:
            self._run_episode(instance)
        self._close_if_done(instance)

    def _record(self, instance: Instance, completion: Event | None) -> None:
        """Write what begins an episode, once: with a new worker, a lost episode begins again."""
        execution, now = instance.execution, self._agenda.now
        history = execution.history
        if history if completion is None else any(past is completion for past in history):
            return
        if execution.outcome is None:  # otherwise only open tasks keep the instance running
            history.append(event(EventType.ORCHESTRATOR_STARTED, now))
        history.append(execution_started(instance, now) if completion is None else completion)
        if completion is not None:
            self._tasks.complete(instance, completion)

    def _run_episode(self, instance: Instance) -> None:
        self._agenda.count_step(f"instance {instance.id} ({instance.name})")
        now = self._agenda.now
        history = instance.execution.history
        decision = self._replays.decide(instance, history)
        instance.status = "Running"
        instance.updated = now
        if decision.custom_status is not None:
            instance.custom_status = decision.custom_status
        self._functions.note_error(instance.name, decision.error)
        self._apply(instance, decision)
        history.append(event(EventType.ORCHESTRATOR_COMPLETED, now))
        for played in history:
            played["IsPlayed"] = True

    def _apply(self, instance: Instance, decision: Decision) -> None:
        """Schedule the actions that are new, and note the end if there is one."""
        execution = instance.execution
        known = len(execution.actions)
        for action, (_, task) in zip(decision.actions, execution.actions, strict=False):
            if task is not None and action.get("isCanceled"):
                self._tasks.cancel(execution, task)
        try:
            for action in decision.actions[known:]:
                task = self._tasks.schedule(instance, action)
                execution.actions.append((action, task))
                execution.asked.append(self._agenda.now)
        except UnknownFunctionError as error:
            decision = Decision(error=str(error))
        execution.outcome = outcome_of(instance, decision)

    def _close_if_done(self, instance: Instance) -> None:
        execution = instance.execution
        waiting = any(isinstance(key, int) for key in execution.open)
        if execution.outcome is None or waiting:
            return
        if execution.outcome.restart is None:
            self.end(instance, execution.outcome)
        else:
            self._restart(instance, execution.outcome.restart)

    def _restart(self, instance: Instance, action: Action) -> None:
        """Begin the next generation; events that nobody has waited for go with it."""
        unread = unread_events(instance.execution)
        instance.earlier.append(instance.execution)
        instance.execution = Execution(action.get("input"))
        instance.custom_status = None  # belongs to the generation
        self._agenda.add_first(  # before events that are queued already
            partial(self._receive, instance, instance.execution, None),
            *(partial(self._receive, instance, None, raised) for raised in unread),
        )
