"""What the executor does next: a queue of jobs, timers, and the virtual clock that they move."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .errors import StepLimitError
from .worker import WorkerError

START = datetime(2026, 1, 1, tzinfo=UTC)
# Seven days of polls every 30 minutes are 336 generations of three episodes each.
STEP_LIMIT = 2000

Job = Callable[[], None]


@dataclass(order=True)
class Timer:
    """A job for later, dropped when nobody needs it any more; `number` keeps equals in order."""

    due: datetime
    number: int
    fire: Job = field(compare=False)
    is_needed: Callable[[], bool] = field(compare=False)


class Agenda:
    """Jobs in order. Threads may add jobs while `run` executes them."""

    def __init__(self, step_limit: int = STEP_LIMIT) -> None:
        self.now = START
        self._step_limit = step_limit
        self._steps = 0
        self._jobs: deque[Job] = deque()
        self._timers: list[Timer] = []
        self._numbers = itertools.count()

    def add(self, *jobs: Job) -> None:
        """Queue jobs."""
        self._jobs.extend(jobs)

    def add_first(self, *jobs: Job) -> None:
        """Queue jobs before all others."""
        self._jobs.extendleft(reversed(jobs))

    def add_timer(self, due: datetime, fire: Job, is_needed: Callable[[], bool]) -> None:
        """Execute a job at a virtual time, unless nobody needs it then."""
        heapq.heappush(self._timers, Timer(due, next(self._numbers), fire, is_needed))

    def take_result(self, take: Job, again: Job) -> None:
        """Take over the result of an activity, here at once.

        A host that lets activities last, and loses their results with the worker, has `again` for
        the second call of the function.
        """
        take()

    def count_step(self, where: str) -> None:
        """Count an episode or entity operation.

        Raises:
            StepLimitError: this `run` has taken too many.
        """
        self._steps += 1
        if self._steps > self._step_limit:
            raise StepLimitError(f"no end after {self._step_limit} steps, last in {where}")

    def run(self, until: timedelta | None = None) -> None:
        """Execute all jobs and move the clock to each timer; `Durable.run` explains `until`."""
        limit = None if until is None else self.now + until
        self._steps = 0
        while True:
            while self.step():
                pass
            timer = self._next_timer()
            if timer is None:
                return
            if limit is not None and timer.due > limit:
                self.now = limit
                return
            self.now = max(self.now, timer.due)

    def step(self) -> bool:
        """Execute the next job, or the next timer that is due; return whether there was one.

        Raises:
            WorkerError: the worker process died; the job is the next one again.
        """
        if not self._jobs:
            timer = self._next_timer()
            if timer is None or timer.due > self.now:
                return False
            self._jobs.append(heapq.heappop(self._timers).fire)
        job = self._jobs.popleft()
        try:
            job()
        except WorkerError:
            self._jobs.appendleft(job)
            raise
        return True

    def _next_timer(self) -> Timer | None:
        """The timer that is due first, of those that somebody needs."""
        while self._timers and not self._timers[0].is_needed():
            heapq.heappop(self._timers)
        return self._timers[0] if self._timers else None
