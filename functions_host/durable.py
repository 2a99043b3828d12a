"""Executes orchestrations, activities and entities of one app, in memory, with a virtual clock.

The part that the Durable extension plays in Azure. It calls the functions through a `Worker`
and keeps everything else: instances, histories, timers, entities. Deliberately left out: entity
locks, rewind, durable HTTP calls, several completion events per episode.

| Module | Concern |
| --- | --- |
| `agenda` | queue of jobs, timers, virtual clock |
| `functions` | functions of the app, and results that a test gives instead |
| `orchestrations` | instances, episodes, ends |
| `versions` | which version an instance gets, which instances an app may run |
| `instances`, `histories` | what is kept of an orchestration, the events in its history |
| `merged_histories` | the history as the management API shows it |
| `replays` | calls of orchestrators, comparison of their decisions |
| `tasks`, `retries` | activities, sub-orchestrations, timers, further attempts |
| `entities` | state and operations of entities |
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any

from .agenda import Agenda
from .functions import Functions
from .histories import event_raised
from .instances import ExecutionOutcome
from .orchestrations import Orchestrations
from .versions import Versions
from .worker import Worker


class Durable:
    """The executor. Only `run` executes anything; all other methods note what is to be done.

    That is why threads of the management API may call it while `run` waits for a function: they
    queue jobs and set flags, the histories belong to `run` alone.
    """

    def __init__(
        self, worker: Worker, agenda: Agenda | None = None, long_timers: bool = True
    ) -> None:
        """Prepare for an app; nothing is executed yet.

        Args:
            worker: the loaded app.
            agenda: queue and clock; without it, a new one with the usual limit of steps.
            long_timers: tell the SDK to slice timers longer than 6 days. Not every storage
                provider does so; the JavaScript SDK cannot create timers without.
        """
        self.agenda = agenda or Agenda()
        self.functions = Functions(worker)
        versions = Versions.of(worker.app_folder)
        self.orchestrations = Orchestrations(self.agenda, self.functions, versions, long_timers)
        self.entities = self.orchestrations.entities

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
        self.orchestrations.offer_rejected()
        self.agenda.run(until)

    def raise_event(self, instance_id: str, name: str, value: Any) -> None:
        """Send an external event with a JSON value.

        Raises:
            UnknownInstanceError, InstanceEndedError.
        """
        instance = self.orchestrations.find_running(instance_id)
        raised = event_raised(name, json.dumps(value), self.agenda.now)
        self.orchestrations.deliver(instance, None, raised)

    def terminate(self, instance_id: str, reason: str) -> None:
        """End an instance. Raises UnknownInstanceError, InstanceEndedError."""
        instance = self.orchestrations.find_running(instance_id)
        outcome = ExecutionOutcome("Terminated", reason)
        self.agenda.add(partial(self.orchestrations.end, instance, outcome))

    def suspend(self, instance_id: str) -> None:
        """Hold an instance's events back. Raises UnknownInstanceError, InstanceEndedError."""
        self.orchestrations.find_running(instance_id).suspended = True

    def resume(self, instance_id: str) -> None:
        """Undo `suspend`. Raises UnknownInstanceError, InstanceEndedError."""
        instance = self.orchestrations.find_running(instance_id)
        instance.suspended = False
        self.agenda.add(*instance.held)
        instance.held.clear()

    def purge(self, instance_id: str) -> None:
        """Delete an instance. Raises UnknownInstanceError."""
        del self.orchestrations.instances[self.orchestrations.find(instance_id).id]

    def status(self, instance_id: str) -> dict[str, Any]:
        """The body of the status endpoint. Raises UnknownInstanceError."""
        instance = self.orchestrations.find(instance_id)
        suspended = instance.suspended and not instance.ended
        return {
            "name": instance.name,
            "instanceId": instance.id,
            **({"version": instance.version} if instance.version else {}),
            "runtimeStatus": "Suspended" if suspended else instance.status,
            "input": instance.execution.input,
            "customStatus": instance.custom_status,
            "output": instance.output,
            "createdTime": f"{instance.created:%Y-%m-%dT%H:%M:%SZ}",
            "lastUpdatedTime": f"{instance.updated:%Y-%m-%dT%H:%M:%SZ}",
        }
