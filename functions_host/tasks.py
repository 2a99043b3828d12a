"""Tasks of an execution: each action of an orchestrator that takes an id.

* One counter per execution gives ids; a task takes its id at its place in the flat action list
  (the SDKs' executors count the same way).
* Arguments go from one function to the other untouched, as JSON values, so that each SDK reads
  its own encoding (out-of-process shim of the extension).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from .agenda import Agenda
from .entities import Entities
from .errors import UnsupportedActionError
from .functions import Functions
from .histories import activity_ended, called, completed_task, event_sent, timer_fired
from .instances import Execution, Instance, Task
from .protocol import (
    ACTIVITY_CALLS,
    SUB_ORCHESTRATOR_CALLS,
    Action,
    ActionType,
    Event,
    EventType,
    describe,
    entity_id,
    event,
    fire_time,
    kind,
    repeatable_id,
    timestamp,
)
from .retries import next_task, retry_delay
from .worker import InvocationResult

SHORT_TIMER = timedelta(days=6)
TIMER_SLICE = timedelta(days=3)
ENTITY_OPERATIONS = (ActionType.CALL_ENTITY, ActionType.SIGNAL_ENTITY)
WITHOUT_ID = (ActionType.WAIT_FOR_EXTERNAL_EVENT, ActionType.CONTINUE_AS_NEW)


class Tasks:
    """Begins and completes tasks."""

    def __init__(
        self,
        agenda: Agenda,
        functions: Functions,
        entities: Entities,
        deliver: Callable[[Instance, Execution, Event], None],
        start: Callable[..., str],
        long_timers: bool,
    ) -> None:
        self._agenda = agenda
        self._functions = functions
        self._entities = entities
        self._deliver = deliver
        self._start = start
        self._long_timers = long_timers

    def schedule(self, instance: Instance, action: Action) -> Task | None:
        """Begin an action; None if it takes no id.

        Raises:
            UnknownFunctionError: the app has no such function.
            UnsupportedActionError: this host does not have the feature.
        """
        action_type = kind(action)
        if action_type in WITHOUT_ID:
            return None
        self._check_target(instance, action)
        task = instance.execution.new_task(action)
        if action_type in ENTITY_OPERATIONS:
            self._send_to_entity(instance, task)
        else:
            self._begin(instance, task)
            if action.get("isCanceled"):  # in the same episode: the extension creates it, too
                self.cancel(instance.execution, task)
        return task

    def complete(self, instance: Instance, completion: Event) -> None:
        """Close the task that an event completes, and begin what follows without user code."""
        execution = instance.execution
        task = execution.open.pop(completed_task(completion), None)
        if task is None:
            return
        follower = next_task(execution, task, completion)
        if completion["EventType"] == EventType.TIMER_FIRED and task.retry_of is None:
            follower = self._next_slice(instance, task)
        if follower is not None:
            self._begin(instance, follower)

    def cancel(self, execution: Execution, task: Task) -> None:
        """Close a timer that nobody waits for any more."""
        if execution.open.pop(task.id, None) is not None:
            task.cancelled = self._agenda.now

    def _check_target(self, instance: Instance, action: Action) -> None:
        """Refuse calls of functions that do not exist, as the extension does."""
        action_type = kind(action)
        if action_type in ACTIVITY_CALLS:
            self._functions.find(action["functionName"], "activityTrigger")
        elif action_type in SUB_ORCHESTRATOR_CALLS:
            self._functions.find(action["functionName"], "orchestrationTrigger")
        elif action_type in ENTITY_OPERATIONS:
            self._functions.find_entity(entity_id(action["instanceId"])[0])
        elif action_type is not ActionType.CREATE_TIMER:
            raise UnsupportedActionError(f"{instance.name} uses: {describe(action)}")

    def _begin(self, instance: Instance, task: Task) -> None:
        """Begin a task: the first time, as a retry, or as the next slice of a timer."""
        if task.retry_of is not None:
            self._begin_timer(instance, task, self._agenda.now + retry_delay(task.retry_of))
        elif kind(task.action) is ActionType.CREATE_TIMER:
            self._begin_timer(instance, task, self._end_of_slice(task))
        elif kind(task.action) in ACTIVITY_CALLS:
            self._record(instance, EventType.TASK_SCHEDULED, task, **called(task.action))
            self._agenda.add(partial(self._run_activity, instance, instance.execution, task))
        else:
            created = EventType.SUB_ORCHESTRATION_INSTANCE_CREATED
            self._record(instance, created, task, **called(task.action))
            self._start_child(instance, task)

    def _record(self, instance: Instance, what: EventType, task: Task, **more: Any) -> None:
        instance.execution.history.append(event(what, self._agenda.now, task.id, **more))

    def _run_activity(self, instance: Instance, execution: Execution, task: Task) -> None:
        action = task.action
        task.calls.append(self._agenda.now)
        result = self._functions.invoke_activity(action["functionName"], action.get("input"))
        self._agenda.take_result(
            take=partial(self._end_activity, instance, execution, task, result),
            again=partial(self._run_activity, instance, execution, task),
        )

    def _end_activity(
        self, instance: Instance, execution: Execution, task: Task, result: InvocationResult
    ) -> None:
        self._deliver(instance, execution, activity_ended(task, result, self._agenda.now))

    def _start_child(self, instance: Instance, task: Task) -> None:
        action = task.action
        self._start(
            action["functionName"],
            action.get("input"),
            action.get("instanceId"),
            action.get("version"),
            parent=(instance, instance.execution, task),
        )

    def _send_to_entity(self, instance: Instance, task: Task) -> None:
        execution = instance.execution
        id_ = repeatable_id(instance.id, task.id)
        request = self._entities.send(task.action, (instance, execution), id_)
        del execution.open[task.id]
        if not request["signal"]:  # nobody waits for a signal
            execution.open[id_] = task
        sent = event_sent(task, request, self._agenda.now)
        execution.history.append(sent)

    # Timers --------------------------------------------------------------------------------

    def _begin_timer(self, instance: Instance, task: Task, due: datetime) -> None:
        execution = instance.execution
        self._record(instance, EventType.TIMER_CREATED, task, FireAt=timestamp(due))
        self._agenda.add_timer(
            due,
            fire=partial(self._fire_timer, instance, execution, task, due),
            is_needed=partial(instance.waits_for, execution, task),
        )

    def _fire_timer(
        self, instance: Instance, execution: Execution, task: Task, due: datetime
    ) -> None:
        self._deliver(instance, execution, timer_fired(task, due, self._agenda.now))

    def _end_of_slice(self, task: Task) -> datetime:
        """When a timer is due, or a part of it if the SDK slices long timers."""
        final = fire_time(task.action)
        is_long = self._long_timers and final - self._agenda.now > SHORT_TIMER
        return self._agenda.now + TIMER_SLICE if is_long else final

    def _next_slice(self, instance: Instance, task: Task) -> Task | None:
        execution = instance.execution
        if fire_time(task.action) <= self._agenda.now:
            return None
        follower = execution.new_task(task.action)
        # A cancellation must find the slice that is running now.
        execution.actions = [
            (action, follower if known is task else known) for action, known in execution.actions
        ]
        return follower
