"""Executes orchestrations, activities and entities of one app, in memory, with a virtual clock.

The part that the Durable extension plays in Azure. It calls the functions through a `Worker`
and keeps everything else: instances, histories, timers, entities. Deliberately left out: entity
locks, rewind, durable HTTP calls, several completion events per episode.

Rules that look odd, and where they come from:

* One counter per execution gives ids; a task takes its id where it stands in the flat action
  list (the SDKs' executors count the same way).
* The timer before the next attempt, and the attempt, take ids before the code resumes and never
  show up as actions. One more timer follows the last failed attempt (the SDKs' retryable tasks).
* An orchestrator that has returned stays `Running` until its open tasks have ended, hence an
  uncancelled timer keeps it running (Durable Task Framework; documented with durable timers).
* Arguments go from one function to the other untouched, as JSON values, so that each SDK reads
  its own encoding (out-of-process shim of the extension).
"""

from __future__ import annotations

import heapq
import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from .errors import (
    InstanceEndedError,
    NonDeterminismError,
    StepLimitError,
    UnknownFunctionError,
    UnknownInstanceError,
    UnsupportedActionError,
)
from .protocol import (
    ACTIVITY_CALLS,
    LONG_TIMER_INTERVAL,
    MAXIMUM_SHORT_TIMER,
    SUB_ORCHESTRATOR_CALLS,
    Action,
    ActionType,
    Decision,
    Event,
    EventType,
    decode,
    describe,
    entity_id,
    event,
    fire_time,
    kind,
    new_id,
    read_decision,
    timestamp,
)
from .state import (
    Entity,
    Execution,
    Instance,
    Interception,
    Outcome,
    Task,
    compare_actions,
    difference,
    json_text,
    next_attempt,
    outcome_of,
    retry_delay,
    task_key,
    unread_events,
)
from .worker import Answer, Binding, TypedData, Worker

START = datetime(2026, 1, 1, tzinfo=UTC)
SHORT_TIMER = timedelta(days=6)
TIMER_SLICE = timedelta(days=3)
# Seven days of polls every 30 minutes are 336 generations of three episodes each.
STEP_LIMIT = 2000
REPLAY_GAP_SECONDS = 0.002


class Durable:
    """The executor. Only `run` executes anything; all other methods note what is to be done.

    That is what makes it safe to be called by the management API's threads while `run` waits
    for a function: they append to queues and set flags, the histories belong to `run` alone.
    """

    def __init__(
        self,
        worker: Worker,
        step_limit: int = STEP_LIMIT,
        long_timers: bool = True,
    ) -> None:
        """Prepare for an app; nothing is executed yet.

        Args:
            worker: the loaded app.
            step_limit: episodes and entity operations that one `run` may take.
            long_timers: tell the SDK to slice timers longer than 6 days. Not every storage
                provider does so; the JavaScript SDK cannot make timers without.
        """
        self.now = START
        self.instances: dict[str, Instance] = {}
        self.entities: dict[tuple[str, str], Entity] = {}
        self.calls: list[tuple[str, Any]] = []
        self.errors: list[str] = []
        self._worker = worker
        self.client: TypedData | None = None  # value of `durableClient` bindings
        self._step_limit = step_limit
        self._long_timers = long_timers
        self._ready: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[datetime, int, Instance, Execution, Task]] = []
        self._order = itertools.count()
        self._interceptions: dict[str, Interception] = {}
        self._steps = 0

    # What clients can do -------------------------------------------------------------------

    def start(
        self,
        name: str,
        value: Any,
        instance_id: str | None = None,
        parent: tuple[Instance, Execution, Task] | None = None,
    ) -> str:
        """Create an instance and return its id.

        Raises:
            UnknownFunctionError: there is no such orchestrator.
            InstanceEndedError: an instance with this id exists and has not ended.
        """
        self.find(name, "orchestrationTrigger")
        instance_id = instance_id or new_id()
        known = self.instances.get(instance_id)
        if known is not None and not known.ended:
            raise InstanceEndedError(f"instance {instance_id} exists, it is {known.status}")
        instance = Instance(instance_id, name, self.now, self.now, Execution(value), parent)
        self.instances[instance_id] = instance
        self._deliver(instance, instance.execution, None)
        return instance_id

    def raise_event(self, instance_id: str, name: str, value: Any) -> None:
        """Send an external event with a JSON value.

        Raises:
            UnknownInstanceError, InstanceEndedError.
        """
        instance = self._living(instance_id)
        raised = event(EventType.EVENT_RAISED, self.now, Name=name, Input=json.dumps(value))
        self._deliver(instance, None, raised)

    def terminate(self, instance_id: str, reason: str) -> None:
        """End an instance. Raises UnknownInstanceError, InstanceEndedError."""
        instance = self._living(instance_id)
        self._ready.append(partial(self._end, instance, Outcome("Terminated", reason)))

    def suspend(self, instance_id: str) -> None:
        """Hold an instance's events back. Raises UnknownInstanceError, InstanceEndedError."""
        self._living(instance_id).suspended = True

    def resume(self, instance_id: str) -> None:
        """Undo `suspend`. Raises UnknownInstanceError, InstanceEndedError."""
        instance = self._living(instance_id)
        instance.suspended = False
        self._ready.extend(instance.held)
        instance.held.clear()

    def purge(self, instance_id: str) -> None:
        """Forget an instance. Raises UnknownInstanceError."""
        self.instance(instance_id)
        del self.instances[instance_id]

    def signal(self, name: str, key: str, operation: str, value: Any) -> None:
        """Send a one-way operation to an entity. Raises UnknownFunctionError."""
        self._find_entity(name)
        request = {"id": new_id(), "name": operation, "input": json.dumps(value), "signal": True}
        self._ready.append(partial(self._run_entity, name.lower(), key, request, None))

    def instance(self, instance_id: str) -> Instance:
        """The instance with this id. Raises UnknownInstanceError."""
        if instance_id not in self.instances:
            raise UnknownInstanceError(f"no instance with id {instance_id}")
        return self.instances[instance_id]

    def status(self, instance_id: str) -> dict[str, Any]:
        """What the status endpoint shows. Raises UnknownInstanceError."""
        instance = self.instance(instance_id)
        suspended = instance.suspended and not instance.ended
        return {
            "name": instance.name,
            "instanceId": instance.id,
            "runtimeStatus": "Suspended" if suspended else instance.status,
            "input": instance.execution.input,
            "customStatus": instance.custom_status,
            "output": instance.output,
            "createdTime": f"{instance.created:%Y-%m-%dT%H:%M:%SZ}",
            "lastUpdatedTime": f"{instance.updated:%Y-%m-%dT%H:%M:%SZ}",
        }

    def entity(self, name: str, key: str) -> Entity | None:
        """The entity, or None when it does not exist. Names ignore case."""
        entity = self.entities.get((name.lower(), key))
        return entity if entity is not None and entity.exists else None

    # What tests can do ---------------------------------------------------------------------

    def intercept(self, activity: str, interception: Interception) -> None:
        """Answer calls of an activity instead of the app; replaces an earlier interception.

        Raises UnknownFunctionError when there is no such activity.
        """
        self.find(activity, "activityTrigger")
        self._interceptions[activity] = interception

    def run(self, until: timedelta | None = None) -> None:
        """Execute what is to be done, moving the clock on to the next timer as needed.

        Args:
            until: how far the clock may move. With it the clock ends there if a timer is left;
                zero executes only what can be done now. Without it, until nothing is left.

        Raises:
            NonDeterminismError: an orchestrator did not repeat itself.
            StepLimitError: too many steps.
            UnsupportedActionError: the app uses what this host does not have.
            WorkerError: the worker process died.
        """
        limit = None if until is None else self.now + until
        self._steps = 0
        while True:
            while self._ready:
                self._ready.popleft()()
            due = self._next_timer()
            if due is None:
                return
            if limit is not None and due > limit:
                self.now = limit
                return
            self.now = max(self.now, due)
            self._fire_timer()

    def find(self, name: str, trigger: str) -> Binding:
        """The trigger binding of a function. Raises UnknownFunctionError."""
        for binding in self._worker.functions.get(name, []):
            if binding["type"] == trigger:
                return binding
        raise UnknownFunctionError(name, trigger)

    def invoke(self, name: str, trigger: Binding, value: TypedData) -> Answer:
        """Call a function with its trigger's value and with the durable client if it asks for it.

        Raises WorkerError when the worker process died.
        """
        inputs = [(trigger["name"], value)]
        for binding in self._worker.functions[name]:
            if binding["type"] == "durableClient" and self.client is not None:
                inputs.append((binding["name"], self.client))
        return self._worker.invoke(name, inputs)

    def note_error(self, function: str, error: str | None) -> None:
        """Keep the message of a failed call; nothing happens if `error` is None."""
        if error is not None:
            self.errors.append(f"{function}: {error}")

    # Episodes ------------------------------------------------------------------------------

    def _living(self, instance_id: str) -> Instance:
        instance = self.instance(instance_id)
        if instance.ended:
            raise InstanceEndedError(f"instance {instance_id} is {instance.status}")
        return instance

    def _deliver(
        self, instance: Instance, execution: Execution | None, completion: Event | None
    ) -> None:
        """Queue an episode. `execution` is None for events that outlive a continue-as-new."""
        self._ready.append(partial(self._receive, instance, execution, completion))

    def _receive(
        self, instance: Instance, execution: Execution | None, completion: Event | None
    ) -> None:
        if instance.ended or (execution is not None and execution is not instance.execution):
            return
        if instance.suspended:
            instance.held.append(partial(self._receive, instance, execution, completion))
            return
        if completion is not None:
            self._settle(instance, completion)
        if instance.execution.outcome is None:
            self._episode(instance, completion)
        elif completion is not None:  # the code has returned, only open tasks keep it running
            instance.execution.history.append(completion)
        self._close_if_done(instance)

    def _episode(self, instance: Instance, completion: Event | None) -> None:
        self._count_step(f"instance {instance.id} ({instance.name})")
        execution = instance.execution
        history = execution.history
        new = [event(EventType.ORCHESTRATOR_STARTED, self.now)]
        if completion is None:
            started = event(
                EventType.EXECUTION_STARTED,
                self.now,
                Name=instance.name,
                Version="",
                Input=json.dumps(execution.input),
            )
            new.append(started)
        else:
            new.append(completion)
        decision = self._ask(instance, history + new)
        history += new
        instance.status = "Running"
        instance.updated = self.now
        if decision.custom_status is not None:
            instance.custom_status = decision.custom_status
        self.note_error(instance.name, decision.error)
        self._apply(instance, decision)
        history.append(event(EventType.ORCHESTRATOR_COMPLETED, self.now))
        for past in history:
            past["IsPlayed"] = True

    def _count_step(self, where: str) -> None:
        self._steps += 1
        if self._steps > self._step_limit:
            raise StepLimitError(f"no end after {self._step_limit} steps, last in {where}")

    def _ask(self, instance: Instance, history: list[Event]) -> Decision:
        """Call the orchestrator twice with one history: the answers must be equal."""
        trigger = self.find(instance.name, "orchestrationTrigger")
        payload = {"string": json.dumps(self._payload(instance, history))}
        first = self._decision(instance, trigger, payload)
        time.sleep(REPLAY_GAP_SECONDS)  # the wall clock of the app must have moved on
        second = self._decision(instance, trigger, payload)
        if first != second:
            raise NonDeterminismError(
                f"instance {instance.id} ({instance.name}) gave two answers to one history: "
                + difference(first, second)
            )
        return first

    def _payload(self, instance: Instance, history: list[Event]) -> dict[str, Any]:
        payload = {
            "history": history,
            "input": instance.execution.input,
            "instanceId": instance.id,
            "isReplaying": len(history) > 2,
            "parentInstanceId": instance.parent[0].id if instance.parent else None,
            "upperSchemaVersion": 2,
            "upperSchemaVersionNew": 3,
            "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
        }
        if self._long_timers:
            payload["maximumShortTimerDuration"] = MAXIMUM_SHORT_TIMER
            payload["longRunningTimerIntervalDuration"] = LONG_TIMER_INTERVAL
        return payload

    def _decision(self, instance: Instance, trigger: Binding, payload: TypedData) -> Decision:
        answer = self.invoke(instance.name, trigger, payload)
        return read_decision((answer.value or {}).get("json"), answer.error)

    def _apply(self, instance: Instance, decision: Decision) -> None:
        """Schedule the actions that are new, and note the end if there is one."""
        execution = instance.execution
        known = len(execution.actions)
        compare_actions(instance, decision.actions)
        for action, (_, task) in zip(decision.actions, execution.actions, strict=False):
            if task is not None and action.get("isCanceled"):
                execution.open.pop(task.id, None)
        try:
            for action in decision.actions[known:]:
                task = self._schedule(instance, action)
                execution.actions.append((action, task))
        except UnknownFunctionError as error:
            decision = Decision(error=str(error))
        execution.outcome = outcome_of(instance, decision)

    # Tasks ---------------------------------------------------------------------------------

    def _schedule(self, instance: Instance, action: Action) -> Task | None:
        """Begin an action; None if it takes no id."""
        action_type = kind(action)
        if action_type in (ActionType.WAIT_FOR_EXTERNAL_EVENT, ActionType.CONTINUE_AS_NEW):
            return None
        self._check_target(instance, action)
        task = instance.execution.new_task(action)
        if action_type is ActionType.SIGNAL_ENTITY:
            del instance.execution.open[task.id]  # nobody waits for a signal
            name, key = entity_id(action["instanceId"])
            self.signal(name, key, action["operation"], action.get("input"))
        elif action_type is ActionType.CALL_ENTITY:
            self._call_entity(instance, task)
        elif action.get("isCanceled"):  # a timer, cancelled before it was ever set
            del instance.execution.open[task.id]
        else:
            self._begin(instance, task)
        return task

    def _check_target(self, instance: Instance, action: Action) -> None:
        """Refuse calls of functions that do not exist, as the extension does."""
        action_type = kind(action)
        if action_type in ACTIVITY_CALLS:
            self.find(action["functionName"], "activityTrigger")
        elif action_type in SUB_ORCHESTRATOR_CALLS:
            self.find(action["functionName"], "orchestrationTrigger")
        elif action_type in (ActionType.CALL_ENTITY, ActionType.SIGNAL_ENTITY):
            self._find_entity(entity_id(action["instanceId"])[0])
        elif action_type is not ActionType.CREATE_TIMER:
            raise UnsupportedActionError(f"{instance.name} uses: {describe(action)}")

    def _begin(self, instance: Instance, task: Task) -> None:
        """Begin a task: the first time, as a repetition, or as the next slice of a timer."""
        execution = instance.execution
        if task.retry_of is not None:
            self._begin_timer(instance, task, self.now + retry_delay(task.retry_of))
        elif kind(task.action) is ActionType.CREATE_TIMER:
            final = fire_time(task.action)
            long = self._long_timers and final - self.now > SHORT_TIMER
            self._begin_timer(instance, task, self.now + TIMER_SLICE if long else final)
        elif kind(task.action) in ACTIVITY_CALLS:
            self._record(instance, EventType.TASK_SCHEDULED, task)
            self._ready.append(partial(self._run_activity, instance, execution, task))
        else:
            self._record(instance, EventType.SUB_ORCHESTRATION_CREATED, task)
            self._start_child(instance, task)

    def _begin_timer(self, instance: Instance, task: Task, due: datetime) -> None:
        self._record(instance, EventType.TIMER_CREATED, task, FireAt=timestamp(due))
        entry = (due, next(self._order), instance, instance.execution, task)
        heapq.heappush(self._timers, entry)

    def _record(self, instance: Instance, what: EventType, task: Task, **more: Any) -> None:
        name = task.action.get("functionName", "")
        instance.execution.history.append(event(what, self.now, task.id, Name=name, **more))

    def _start_child(self, instance: Instance, task: Task) -> None:
        action = task.action
        parent = (instance, instance.execution, task)
        self.start(action["functionName"], action.get("input"), action.get("instanceId"), parent)

    def _run_activity(self, instance: Instance, execution: Execution, task: Task) -> None:
        name, value = task.action["functionName"], task.action.get("input")
        self.calls.append((name, decode(value)))
        interception = self._interceptions.get(name)
        answer = interception.answer(decode(value)) if interception else None
        if answer is None:
            data = {"string": value} if isinstance(value, str) else {"json": json.dumps(value)}
            answer = self.invoke(name, self.find(name, "activityTrigger"), data)
        self.note_error(name, answer.error)
        if answer.error is None:
            result = json_text(answer.value)
            completion = event(
                EventType.TASK_COMPLETED, self.now, TaskScheduledId=task.id, Result=result
            )
        else:
            reason = f"Activity function '{name}' failed: {answer.error}"
            completion = event(
                EventType.TASK_FAILED,
                self.now,
                TaskScheduledId=task.id,
                Reason=reason,
                Details=answer.details,
            )
        self._deliver(instance, execution, completion)

    def _settle(self, instance: Instance, completion: Event) -> None:
        """Close the task that an event completes, and begin what follows without user code."""
        execution = instance.execution
        task = execution.open.pop(task_key(completion), None)
        if task is None:
            return
        failed = (EventType.TASK_FAILED, EventType.SUB_ORCHESTRATION_FAILED)
        follower = None
        if completion["EventType"] in failed and "retryOptions" in task.action:
            follower = execution.new_task(task.action, retry_of=task)
        elif task.retry_of is not None:
            follower = next_attempt(execution, task.retry_of)
        elif completion["EventType"] == EventType.TIMER_FIRED:
            follower = self._next_slice(instance, task)
        if follower is not None:
            self._begin(instance, follower)

    def _next_slice(self, instance: Instance, task: Task) -> Task | None:
        execution = instance.execution
        if fire_time(task.action) <= self.now:
            return None
        follower = execution.new_task(task.action)
        # A cancellation must find the slice that is running now.
        execution.actions = [
            (action, follower if known is task else known) for action, known in execution.actions
        ]
        return follower

    def _next_timer(self) -> datetime | None:
        """When the next timer is due, leaving out those that nobody waits for any more."""
        while self._timers:
            due, _, instance, execution, task = self._timers[0]
            current = execution is instance.execution and not instance.ended
            if current and execution.open.get(task.id) is task:
                return due
            heapq.heappop(self._timers)
        return None

    def _fire_timer(self) -> None:
        due, _, instance, execution, task = heapq.heappop(self._timers)
        fired = event(EventType.TIMER_FIRED, self.now, TimerId=task.id, FireAt=timestamp(due))
        self._deliver(instance, execution, fired)

    # Ends ----------------------------------------------------------------------------------

    def _close_if_done(self, instance: Instance) -> None:
        execution = instance.execution
        waiting = any(isinstance(key, int) for key in execution.open)
        if execution.outcome is None or waiting:
            return
        if execution.outcome.restart is None:
            self._end(instance, execution.outcome)
        else:
            self._restart(instance, execution.outcome.restart)

    def _restart(self, instance: Instance, action: Action) -> None:
        """Begin the next generation; events that nobody has waited for go with it."""
        unread = unread_events(instance.execution)
        instance.execution = Execution(action.get("input"))
        instance.custom_status = None  # belongs to the generation
        first = [partial(self._receive, instance, instance.execution, None)]
        first += [partial(self._receive, instance, None, raised) for raised in unread]
        self._ready.extendleft(reversed(first))  # before events that are queued already

    def _end(self, instance: Instance, outcome: Outcome) -> None:
        if instance.ended:
            return
        instance.status, instance.output = outcome.status, outcome.output
        instance.updated = self.now
        if instance.parent is None:
            return
        parent, execution, task = instance.parent
        if outcome.status == "Completed":
            completion = event(
                EventType.SUB_ORCHESTRATION_COMPLETED,
                self.now,
                TaskScheduledId=task.id,
                Result=json.dumps(outcome.output),
            )
        else:
            completion = event(
                EventType.SUB_ORCHESTRATION_FAILED,
                self.now,
                TaskScheduledId=task.id,
                Reason=str(outcome.output),
                Details="",
            )
        self._deliver(parent, execution, completion)

    # Entities ------------------------------------------------------------------------------

    def _find_entity(self, name: str) -> tuple[str, Binding]:
        """Name and trigger of an entity function; ids hold the name in lower case."""
        for function, bindings in self._worker.functions.items():
            for binding in bindings:
                if binding["type"] == "entityTrigger" and function.lower() == name.lower():
                    return function, binding
        raise UnknownFunctionError(name, "entityTrigger")

    def _call_entity(self, instance: Instance, task: Task) -> None:
        """Send a call. Its answer is an event named by the id of the request."""
        action, execution = task.action, instance.execution
        name, key = entity_id(action["instanceId"])
        request = {
            "id": new_id(),
            "name": action["operation"],
            "input": json.dumps(action.get("input")),
            "signal": False,
        }
        execution.open[request["id"]] = execution.open.pop(task.id)
        self._record(instance, EventType.EVENT_SENT, task, Input=json.dumps(request))
        caller = (instance, execution)
        self._ready.append(partial(self._run_entity, name.lower(), key, request, caller))

    def _run_entity(
        self,
        name: str,
        key: str,
        request: dict[str, Any],
        caller: tuple[Instance, Execution] | None,
    ) -> None:
        self._count_step(f"entity {name} {key}")
        entity = self.entities.setdefault((name, key), Entity())
        function, trigger = self._find_entity(name)
        payload = {
            "self": {"name": name, "key": key},
            "exists": entity.exists,
            "state": entity.state,
            "batch": [request],
        }
        answer = self.invoke(function, trigger, {"string": json.dumps(payload)})
        if answer.error is None:
            batch = json.loads((answer.value or {}).get("json") or "{}")
            entity.exists = bool(batch.get("entityExists"))
            entity.state = batch.get("entityState") if entity.exists else None
            result = batch["results"][0]
            for signal in batch.get("signals") or []:
                self._send_signal(signal)
        else:
            result = {"isError": True, "result": json.dumps(answer.error)}
        self._answer_entity_call(function, request, result, caller)

    def _send_signal(self, signal: dict[str, Any]) -> None:
        target = signal["target"]
        value = json.loads(signal["input"]) if signal.get("input") else None
        self.signal(target["name"], target["key"], signal["name"], value)

    def _answer_entity_call(
        self,
        function: str,
        request: dict[str, Any],
        result: dict[str, Any],
        caller: tuple[Instance, Execution] | None,
    ) -> None:
        if result["isError"]:
            self.note_error(f"{function}.{request['name']}", str(result.get("result")))
        if caller is None:
            return
        response = {"result": result.get("result")}
        if result["isError"]:
            response["exceptionType"] = "EntityOperationError"
        raised = event(
            EventType.EVENT_RAISED, self.now, Name=request["id"], Input=json.dumps(response)
        )
        self._deliver(*caller, raised)
