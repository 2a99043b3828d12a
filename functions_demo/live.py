"""The in-memory host in real time: activities last, timers wait, the worker can be killed.

Functions are called when they are due; the host holds back the result of an activity for a while,
as if the function had taken that long. A result that is held back is lost with the worker, so the
function is called again: an activity runs at least once.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from functions_host.agenda import Agenda, Job
from functions_host.api import ApiServer
from functions_host.host import Host, Response
from functions_host.instances import Instance
from functions_host.worker import Worker, WorkerError

from .timelines import Outage, Skip, due_timers

TICK_SECONDS = 0.02


@dataclass
class HeldResult:
    """The result of an activity that arrives at a time of the monotonic clock."""

    arrival: float
    take: Job
    again: Job


class LiveAgenda(Agenda):
    """Jobs in real time. `pace` is how long an activity lasts, in seconds."""

    def __init__(self, pace: float) -> None:
        super().__init__()
        self.pace = pace
        self.skips: list[Skip] = []
        self._offset = datetime.now(UTC) - timedelta(seconds=time.monotonic())
        self._held: list[HeldResult] = []
        self.tick()

    def tick(self) -> None:
        """Set the clock."""
        self.now = self._offset + timedelta(seconds=time.monotonic())

    def step(self) -> bool:
        """Execute what is due now; see `Agenda.step`."""
        self.tick()
        arrived = [held for held in self._held if held.arrival <= time.monotonic()]
        for held in arrived:
            self._held.remove(held)
            self.add(held.take)
        worked = super().step()
        if not worked:
            self._steps = 0  # the limit is for a host that is busy without a pause
        return worked

    def take_result(self, take: Job, again: Job) -> None:
        """Hold a result back."""
        self._held.append(HeldResult(time.monotonic() + self.pace, take, again))

    def lose_results(self) -> None:
        """Forget the results that are held back; their activities are called again."""
        self.add(*(held.again for held in self._held))
        self._held.clear()

    def skip_to(self, due: datetime) -> None:
        """Move the clock forward."""
        self.tick()
        self.skips.append(Skip(self.now, due - self.now))
        self._offset += due - self.now
        self.tick()


class LiveHost:
    """Executes one app in a thread of its own; a context manager that ends everything."""

    def __init__(self, worker: Worker, server: ApiServer, pace: float) -> None:
        """Take over a loaded app.

        Args:
            worker: from `projects.load`; closed together with this host.
            server: serves the management API; closed together with this host.
            pace: seconds that each activity takes.
        """
        self.agenda = LiveAgenda(pace)
        self.outages: list[Outage] = []
        self.problems: list[str] = []
        self.worker_state = "running"
        self.worker = worker
        # Readers hold it while they look, the thread while it takes a step. Functions that are
        # called meanwhile may call the management API, which does without.
        self.lock = threading.Lock()
        self._host = Host(worker, agenda=self.agenda, server=server)
        self.durable = self._host.durable
        self._command = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def __enter__(self) -> LiveHost:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._host.close()
        self._thread.join()

    def request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        """Send a request to the app; 503 while it has no worker."""
        if self.worker_state == "running":
            process = self.worker.pid
            try:
                return self._host.request(method, path, body, headers)
            except WorkerError as error:
                self._lose_worker(process, str(error))
        message = b'{"error": "the worker is not running: start it again"}'
        return Response(503, body=message)

    def kill_worker(self) -> None:
        """End the process of the worker at once. Nothing happens if it does not run."""
        self._lose_worker(self.worker.pid)

    def start_worker(self) -> None:
        """Start the worker again. Nothing happens if it runs.

        Raises:
            WorkerError: the app cannot be loaded.
        """
        with self._command:
            if self.worker_state == "running":
                return
            self.worker_state = "starting"
            try:
                self.worker.restart()
            except WorkerError:
                self.worker_state = "stopped"
                raise
            with self.lock:
                self.agenda.tick()
                self.outages[-1].end = self.agenda.now
                self.worker_state = "running"

    def skip_timer(self, instance: Instance) -> bool:
        """Move the clock to the next timer of an instance; return whether it has one."""
        with self.lock:
            timers = due_timers(instance)
            if not timers:
                return False
            if timers[0] > self.agenda.now:
                self.agenda.skip_to(timers[0])
            return True

    def fail_next(self, activity: str) -> None:
        """Let one more of the next calls of an activity fail."""
        with self.lock:
            self._host.fail(activity, self.failures_left(activity) + 1)

    def failures_left(self, activity: str) -> int:
        """How many of the next calls of an activity fail."""
        given = self.durable.functions.interception(activity)
        return (given.times or 0) if given else 0

    def find_activity(self, name: str) -> str | None:
        """The activity that the contract calls by a name, as the language writes it."""
        for function, bindings in self._host.functions.items():
            is_activity = any(binding["type"] == "activityTrigger" for binding in bindings)
            if is_activity and function.replace("_", "").lower() == name.lower():
                return function
        return None

    def entities(self) -> list[dict[str, Any]]:
        """Each entity with its state."""
        names = ("name", "key", "state")
        return [dict(zip(names, each, strict=True)) for each in self.durable.entities.states()]

    def _lose_worker(self, process: int, problem: str | None = None) -> None:
        with self._command:
            if self.worker_state != "running" or self.worker.pid != process:
                return  # somebody else has noticed it
            self.worker_state = "stopped"
            self.worker.close()  # outside the lock: it ends the call that a step is waiting for
            with self.lock:
                self.agenda.tick()
                self.outages.append(Outage(self.agenda.now))
                self.agenda.lose_results()
                if problem:
                    self.problems.append(problem)

    def _work(self) -> None:
        while not self._closing.wait(TICK_SECONDS):
            process = self.worker.pid
            try:
                with self.lock:
                    while self.worker_state == "running" and self.agenda.step():
                        pass
                    self.agenda.tick()
            except WorkerError as error:
                self._lose_worker(process, str(error))
            except Exception as error:  # the page shows it, and other instances go on
                self.problems.append(str(error))
