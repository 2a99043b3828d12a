"""Compares today's orchestrator with the recorded history of an instance.

A history tells what an orchestrator called, and what happened then. `check_history` lets the same
things happen to today's orchestrator, which must make the same calls: instances that run while it
is deployed break where it makes others.

`scripts/record-history` writes the files. They hold the response of the management API, in which a
call of an activity and its end are one event.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from replay import Activity, ContinueAsNew, Event, Replay, Signal, Timer

PROJECT = Path(__file__).parents[1]
HISTORIES = sorted((PROJECT / "tests/histories").glob("*.json"))
ADVICE = (
    "Running instances like this one would break. Keep the old path for their version and raise "
    '"defaultVersion" in src/host.json: see "Change the workflow" in README.md. '
    "If no instance runs the old code, record the history again."
)

# How far the clocks of two machines are apart, at most.
_TOLERANCE = timedelta(milliseconds=500)
_ACTIVITY_EVENTS = ("TaskCompleted", "TaskFailed", "TaskScheduled")
_KNOWN_EVENTS = (
    *("TaskCompleted", "TaskFailed", "TaskScheduled", "TimerCreated", "TimerFired"),
    *("EventRaised", "EventSent", "ExecutionStarted", "ExecutionCompleted", "ExecutionTerminated"),
    *("ExecutionSuspended", "ExecutionResumed", "ExecutionRewound", "GenericEvent", "HistoryState"),
)
_NOT_RECORDED = object()

Call = Activity | Timer | Signal


def check_history(file: Path, functions: Mapping[str, Callable[..., Any]]) -> None:
    """Replay a recorded history with today's orchestrator.

    Args:
        file: what `scripts/record-history` wrote.
        functions: the functions of the app by name, without their decorators.

    Raises:
        AssertionError: today's orchestrator does not do what the recorded one did.
    """
    name = file.relative_to(PROJECT).as_posix()
    recording = _read(file)
    assert recording, f"{name} is not a recorded history: write it with scripts/record-history."
    events = [_Recorded(*event) for event in enumerate(recording["historyEvents"])]
    _Comparison(name, events).run(functions.get(events[0]["FunctionName"]), recording)


def _read(file: Path) -> dict[str, Any] | None:
    """Return the content of a file; None if it is not the status of an instance with a history."""
    try:
        recording = json.loads(file.read_text(encoding="utf-8"))
        is_history = recording["historyEvents"][0]["EventType"] == "ExecutionStarted"
    except (ValueError, LookupError, TypeError):
        return None
    return recording if is_history else None


@dataclass(frozen=True, eq=False)
class _Recorded:
    """An event of a history, and its place in the file."""

    index: int
    fields: dict[str, Any]

    def __getitem__(self, field: str) -> Any:
        return self.fields.get(field)

    @property
    def kind(self) -> str:
        return self["EventType"]

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self["Timestamp"])

    @property
    def fire_at(self) -> datetime:
        return datetime.fromisoformat(self["FireAt"])

    @property
    def called_at(self) -> str:
        """When the orchestrator made this call."""
        return _sortable(self["ScheduledTime"] or self["Timestamp"])

    @property
    def call(self) -> Call | None:
        """The call of the orchestrator that this event tells about."""
        if self.kind in _ACTIVITY_EVENTS:
            return Activity(self["FunctionName"] or self["Name"], _activity_input(self["Input"]))
        if self.kind == "TimerCreated":
            return Timer(self.fire_at)
        if self.kind == "EventSent":
            _, entity, key = self["InstanceId"].split("@", 2)
            request = json.loads(self["Input"])
            return Signal(entity, key, request["op"], _decoded(request.get("input")))
        return None


class _Comparison:
    """A replay of one history."""

    def __init__(self, name: str, events: list[_Recorded]) -> None:
        self._name = name
        self._events = events
        # The recorded calls in their order. Each call of today's orchestrator claims the next one.
        self._unclaimed = sorted(
            (event for event in events if event.call), key=lambda event: event.called_at
        )
        self._claims: dict[_Recorded, Call] = {}
        self._timers = [event for event in events if event.kind == "TimerCreated"]
        self._attempts: dict[int, int] = {}
        self._pauses: dict[_Recorded, Activity] = {}
        self._held_from = _suspended_at(events)
        self._replay: Replay | None = None
        self._failure: Exception | None = None

    def run(self, orchestrator: Callable[..., Any] | None, recording: dict[str, Any]) -> None:
        """Compare event by event, and the end."""
        started = self._events[0]
        for event in self._events:
            assert event.kind in _KNOWN_EVENTS, (
                f"{self._at(event)} the replay helper has no {event.kind} events: "
                "add them to tests/replay.py."
            )
        assert orchestrator, (
            f'{self._at(started)} the app has no orchestrator "{started["FunctionName"]}". {ADVICE}'
        )
        with self._what_happens():
            self._replay = Replay(
                orchestrator,
                _decoded(started["Input"]),
                recording.get("version", ""),
                instance_id=recording.get("instanceId", ""),
                now=started.time,
            )
        for event in self._events[1:]:
            if event in self._unclaimed and event.call:
                self._differ_from_state(event, event.call)
            if self._replay and not self._failure and event.index < self._held_from:
                self._replay.now = event.time
                with self._what_happens():
                    self._let_happen(event, self._replay)
        self._compare_end(recording.get("customStatus"))

    @contextmanager
    def _what_happens(self) -> Iterator[None]:
        """Note that the orchestrator fails, or compare its new calls."""
        try:
            yield
        except AssertionError as error:
            error.add_note(self._name)
            raise
        except Exception as error:
            self._failure = error
        else:
            self._compare_new_calls()

    def _let_happen(self, event: _Recorded, replay: Replay) -> None:
        match event.kind:
            case "TaskCompleted":
                replay.complete(event["Result"], of=self._activity_of(event))
            case "TaskFailed":
                activity = self._activity_of(event)
                pause = self._pause_after(event, activity)
                replay.fail_attempt(activity, event["Reason"], event["Details"] or "")
                if pause:
                    self._pauses[pause] = activity
                elif activity.retry:
                    replay.end_pause(activity)
            case "TimerFired":
                self._let_fire(event, replay)
            case "EventRaised":
                replay.raise_event(event["Name"], json.loads(event["Input"] or "null"))

    def _activity_of(self, event: _Recorded) -> Activity:
        call = self._claims[event]
        assert isinstance(call, Activity)
        return call

    def _let_fire(self, event: _Recorded, replay: Replay) -> None:
        """End a pause between attempts, or fire a timer that is not cancelled."""
        created = next((t for t in self._timers if t["FireAt"] == event["FireAt"]), event)
        self._timers = [timer for timer in self._timers if timer is not created]
        timer = self._claims.get(created)
        if created in self._pauses:
            replay.end_pause(self._pauses[created])
        elif isinstance(timer, Timer) and any(step is timer for step in replay.waits_for):
            replay.fire_timer(timer)

    def _compare_new_calls(self) -> None:
        assert self._replay
        claimed = {id(call) for call in self._claims.values()}
        for call in self._replay.steps:
            if isinstance(call, Event | ContinueAsNew) or id(call) in claimed:
                continue
            if not self._unclaimed:
                does = f"{_PRESENT[type(call)]} {_object(call, self._replay.now)}"
                self._differ(self._events[-1], "asked for nothing more", does)
            event = self._unclaimed.pop(0)
            self._claims[event] = call
            self._compare_call(event, call, self._replay.now)

    def _compare_call(self, event: _Recorded, call: Call, now: datetime) -> None:
        recorded = event.call
        assert recorded
        if _is_same(recorded, call, event.time - now):
            return
        is_same_object = _object(recorded, event.time) == _object(call, now)
        describe = _object_with_input if is_same_object else _object
        did = f"{_PAST[type(recorded)]} {describe(recorded, event.time)}"
        self._differ(event, did, f"{_PRESENT[type(call)]} {describe(call, now)}")

    def _pause_after(self, event: _Recorded, call: Activity) -> _Recorded | None:
        """Return the timer after a failed attempt, compared and claimed with the next attempt.

        After the last attempt the host creates a timer, too. It fires at once, and then the
        orchestrator gets the error. Old hosts do not record it.
        """
        if call.retry is None:
            return None
        attempt = self._attempts[id(call)] = self._attempts.get(id(call), 0) + 1
        is_last = attempt >= call.retry.attempts
        today = timedelta() if is_last else timedelta(milliseconds=call.retry.interval)
        pauses = [timer for timer in self._timers if timer in self._unclaimed]
        pause = next((timer for timer in pauses if timer.index > event.index), None)
        if pause is None and is_last:
            return None
        if pause is None or not _is_between(
            today, pause.fire_at - pause.time, pause.fire_at - event.time
        ):
            did = f'made no further attempt of activity "{call.name}" after attempt {attempt}'
            if pause and pause.fire_at - pause.time >= _TOLERANCE:
                seconds = _seconds(pause.fire_at - pause.time)
                did = f'paused {seconds} after attempt {attempt} of activity "{call.name}"'
            does = "makes no further attempt" if is_last else f"pauses {_seconds(today)}"
            self._differ(event, did, does)
        self._unclaimed.remove(pause)
        if not is_last:
            self._claim_next_attempt(call, _sortable(pause["FireAt"]))
        return pause

    def _claim_next_attempt(self, call: Activity, earliest: str) -> None:
        for event in self._unclaimed:
            is_attempt = event.call is not None and _is_same(event.call, call, timedelta())
            if is_attempt and event.called_at >= earliest:
                self._unclaimed.remove(event)
                self._claims[event] = call
                return

    def _compare_end(self, custom_status: Any) -> None:
        last = self._events[-1]
        status = last["OrchestrationStatus"]
        state = self._state()
        if status == "Completed":
            did = f"returned {json.dumps(last['Result'])}"
            is_same = state.startswith("returns") and self._output() == last["Result"]
        elif status == "Failed":
            did, is_same = "failed", self._failure is not None
        else:
            did, is_same = "was still running", state.startswith("waits")
        if not is_same:
            self._differ(last, did, state)
        if self._failure or not self._replay:
            return
        if custom_status not in (None, self._replay.custom_status):
            did = f"had the custom status {json.dumps(custom_status)}"
            self._differ(last, did, f"has {json.dumps(self._replay.custom_status)}")

    def _output(self) -> Any:
        return self._replay.output if self._replay else None

    def _state(self, *, with_inputs: bool = False) -> str:
        """What today's orchestrator does at this point."""
        if self._failure or not self._replay:
            return f"fails: {self._failure}"
        replay = self._replay
        kinds = (Activity, Timer) if replay.has_ended else (Activity, Timer, Event)
        describe = _object_with_input if with_inputs else _object
        waits = [describe(step, replay.now) for step in replay.waits_for if isinstance(step, kinds)]
        if waits:
            return f"waits for {' and '.join(waits)}"
        if replay.continued_as_new is not None:
            return "continues as new"
        return f"returns {json.dumps(replay.output)}"

    def _differ_from_state(self, event: _Recorded, call: Call) -> NoReturn:
        """Show what today's orchestrator does instead of a call; inputs only if names are equal."""
        now = event.time
        waits = [_object(step, now) for step in self._replay.waits_for] if self._replay else []
        with_inputs = _object(call, now) in waits
        describe = _object_with_input if with_inputs else _object
        did = f"{_PAST[type(call)]} {describe(call, now)}"
        self._differ(event, did, self._state(with_inputs=with_inputs))

    def _differ(self, event: _Recorded, did: str, does: str) -> NoReturn:
        raise AssertionError(
            f"{self._at(event)} the recorded orchestration {did}, "
            f"but today's orchestrator {does}. {ADVICE}"
        )

    def _at(self, event: _Recorded) -> str:
        return f"{self._name}, historyEvents[{event.index}]:"


_PAST = {Activity: "called", Timer: "started", Signal: "sent"}
_PRESENT = {Activity: "calls", Timer: "starts", Signal: "sends"}


def _object(step: Call | Event, now: datetime) -> str:
    match step:
        case Activity():
            return f'activity "{step.name}"'
        case Timer():
            return f"a timer of {_seconds(step.due - now)}"
        case Event():
            return f'event "{step.name}"'
        case Signal():
            return f'signal "{step.operation}" to entity "{step.entity}" with key "{step.key}"'


def _object_with_input(step: Call | Event, now: datetime) -> str:
    match step:
        case Activity() if step.input is not _NOT_RECORDED:
            return f"{_object(step, now)} with {json.dumps(step.input)}"
        case Signal():
            return f"{_object(step, now)} with input {json.dumps(step.input)}"
        case _:
            return _object(step, now)


def _is_same(recorded: Call, call: Call, delay: timedelta) -> bool:
    """Compare two calls; the recorded orchestrator made its call some time later."""
    match recorded, call:
        case Activity(), Activity():
            is_same_input = recorded.input in (_NOT_RECORDED, call.input)
            return recorded.name == call.name and is_same_input
        case Timer(), Timer():
            return _is_between(recorded.due - call.due, timedelta(), delay)
        case _:
            return recorded == call


def _suspended_at(events: list[_Recorded]) -> int:
    """Return from where on the host holds events back from an orchestrator that is suspended."""
    suspended_at = len(events)
    for event in events:
        if event.kind == "ExecutionSuspended":
            suspended_at = event.index
        elif event.kind == "ExecutionResumed":
            suspended_at = len(events)
    return suspended_at


def _is_between(value: timedelta, lowest: timedelta, highest: timedelta) -> bool:
    return lowest - _TOLERANCE <= value <= highest + _TOLERANCE


def _seconds(duration: timedelta) -> str:
    return f"{round(duration.total_seconds())} s"


def _sortable(time: str) -> str:
    """Return a time as a text that sorts: a date in Python does not hold seven digits."""
    seconds, _, fraction = time.removesuffix("Z").partition(".")
    return f"{seconds}.{fraction:0<7}"


def _activity_input(text: str | None) -> Any:
    """Return the input of an activity, recorded in a list; not every storage provider keeps it."""
    if not text:
        return _NOT_RECORDED
    inputs = json.loads(text)
    is_list_of_one = isinstance(inputs, list) and len(inputs) == 1
    return _decoded(json.dumps(inputs[0] if is_list_of_one else inputs))


def _decoded(text: str | None) -> Any:
    """Return the value of a JSON text, which the SDK for Python has encoded twice."""
    value = json.loads(text or "null")
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
