"""Changes of C# orchestrators, and what the replay of recorded histories says to them.

Each change becomes an orchestrator of its own in one project, so that one build serves all.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

ORCHESTRATOR = "src/OrderOrchestrator.cs"
VALIDATION = (
    "await context.CallActivityAsync<string?>(nameof(OrderActivities.ValidateOrder), order);"
)
PAYMENT = "await context.CallActivityAsync(nameof(OrderActivities.ProcessPayment), order, Retry);"
SHIPPING = "await context.CallActivityAsync(nameof(OrderActivities.ShipOrder), order, Retry);"


class CsharpChange(NamedTuple):
    """A change of an orchestrator.

    Args:
        edits: texts of the orchestrator, each with the text in its place.
        finding: part of a difference to a recorded history; empty if there must be none.
    """

    edits: tuple[tuple[str, str], ...]
    finding: str = ""

    def apply(self, text: str) -> str:
        """Return the changed text of an orchestrator."""
        for old, new in self.edits:
            assert old in text, f"no place for the change: {old!r}"
            text = text.replace(old, new)
        return text


def replaced(old: str, new: str, finding: str = "") -> CsharpChange:
    """Return a change of one text."""
    return CsharpChange(((old, new),), finding)


def swapped(first: str, second: str, finding: str) -> CsharpChange:
    """Return a change of the order of two texts."""
    return CsharpChange(((first, "\0"), (second, first), ("\0", second)), finding)


def instead(was: str, now: str) -> str:
    """Return the difference between the recorded orchestrator and today's."""
    return f"the recorded orchestration {was}, but today's orchestrator {now}"


def calls(was: str, now: str) -> str:
    """Return the difference between two activities."""
    return instead(f'called activity "{was}"', f'calls activity "{now}".')


HARMLESS = {
    "other white space": CsharpChange((("{\n", "{\n\n"), ("await ", "await\n                "))),
    "a log line": CsharpChange(
        (
            (
                "        if (reason is not null)",
                '        context.CreateReplaySafeLogger("Order").LogInformation("Validated");\n'
                "        if (reason is not null)",
            ),
            ("\nnamespace", "\nusing Microsoft.Extensions.Logging;\n\nnamespace"),
        )
    ),
    "a renamed variable": replaced("reason", "why"),
    "an iterator": replaced(
        "OrderOrchestrator\n{",
        "OrderOrchestrator\n{\n"
        "    public static IEnumerable<string> Skus(Order order)\n"
        "    {\n"
        "        foreach (OrderItem item in order.Items)\n"
        "        {\n"
        "            yield return item.Sku;\n"
        "        }\n"
        "    }\n",
    ),
    "the id of the instance": replaced(
        "        if (reason is not null)",
        '        if (context.InstanceId == "instance-1")\n'
        "        {\n"
        '            throw new InvalidOperationException("no id");\n'
        "        }\n\n"
        "        if (reason is not null)",
    ),
}
"""Changes that no running instance notices."""

COMMON = {
    "reordered steps": swapped(
        "nameof(OrderActivities.ProcessPayment)",
        "nameof(OrderActivities.ShipOrder)",
        calls("ProcessPayment", "ShipOrder"),
    ),
    "a renamed activity": replaced(
        "nameof(OrderActivities.ShipOrder)", '"SendOrder"', calls("ShipOrder", "SendOrder")
    ),
    "an added step": replaced(
        PAYMENT,
        f'await context.CallActivityAsync("CheckFraud", order);\n{PAYMENT}',
        calls("ProcessPayment", "CheckFraud"),
    ),
    "an added last step": replaced(
        SHIPPING,
        f'{SHIPPING}\nawait context.CallActivityAsync("SendMail", order);',
        'but today\'s orchestrator calls activity "SendMail".',
    ),
    "a removed step": replaced(
        SHIPPING, "", 'called activity "ShipOrder", but today\'s orchestrator '
    ),
    "a longer interval": replaced(
        "FromSeconds(5)", "FromSeconds(50)", "but today's orchestrator pauses 50 s."
    ),
    "fewer attempts": replaced(
        "maxNumberOfAttempts: 3",
        "maxNumberOfAttempts: 2",
        "but today's orchestrator makes no further attempt.",
    ),
    "more attempts": replaced(
        "maxNumberOfAttempts: 3",
        "maxNumberOfAttempts: 4",
        "after attempt 3, but today's orchestrator pauses 5 s.",
    ),
    "a lost retry policy": replaced(
        PAYMENT, PAYMENT.replace(", Retry", ""), "started a timer of 5 s, but today's orchestrator "
    ),
    "another input": replaced(
        SHIPPING, SHIPPING.replace("order,", "order with { Total = 1 },"), '"total":1}. Running'
    ),
    "another output": replaced(
        "OrderResult.Fulfilled(order)",
        'OrderResult.NotFulfilled(order, "closed")',
        'returns {"success":false,"orderId":"order-1001","reason":"closed"}.',
    ),
}
"""Changes that every pattern can have. The texts of findings are those of all languages."""

TIMER = "a timer of 259200 s"

CHANGES: dict[str, dict[str, CsharpChange]] = {
    "function-chaining": COMMON,
    "fan-out-fan-in": COMMON
    | {
        "another output": replaced(
            "(long)units.Result",
            "1L",
            'returns {"reserved":2,"success":true,"orderId":"order-1001"}.',
        ),
        "reservations in another order": replaced(
            "order.Items.Select(",
            "order.Items.Reverse().Select(",
            'calls activity "ReserveItem" with ',
        ),
        "reservations one after the other": replaced(
            "Task<int>[] reservations = "
            "order.Items.Select(item => ReserveAsync(context, order, item)).ToArray();",
            "List<Task<int>> reservations = []; foreach (OrderItem item in order.Items) "
            "{ reservations.Add(ReserveAsync(context, order, item)); "
            "await Task.WhenAny(reservations[^1]); }",
            instead('called activity "ReserveItem"', 'waits for activity "ReserveItem".'),
        ),
    },
    "human-interaction": COMMON
    | {
        "a removed timer": replaced(
            "(Approval.EventName, ApprovalTimeout)",
            "(Approval.EventName)",
            instead(f"started {TIMER}", 'waits for event "Approval".'),
        ),
        "a shorter timer": replaced(
            "FromHours(72)",
            "FromHours(24)",
            instead(f"started {TIMER}", "starts a timer of 86400 s."),
        ),
        "a longer timer": replaced(
            "FromHours(72)",
            "FromDays(7)",
            instead("asked for nothing more", "starts a timer of 345600 s."),
        ),
        "another event": replaced(
            "Approval.EventName",
            '"Approved"',
            instead('called activity "ProcessPayment"', f'waits for {TIMER} and event "Approved".'),
        ),
        "another custom status": replaced(
            '"waiting for approval"',
            '"waiting"',
            instead('had the custom status "waiting for approval"', 'has "waiting".'),
        ),
    },
    "monitor": COMMON
    | {
        "a removed timer": replaced(
            "await context.CreateTimer(nextPoll, CancellationToken.None);",
            "",
            instead("started a timer of 1800 s", "continues as new."),
        ),
        "a longer timer": replaced(
            "FromMinutes(30)",
            "FromHours(1)",
            instead("started a timer of 1800 s", "starts a timer of 3600 s."),
        ),
        "polls that are not counted": replaced(
            "tracking.Polls + 1", "tracking.Polls + 2", 'with {"orderId":"order-1001","poll":'
        ),
    },
    "saga": COMMON
    | {
        "compensations in the order of the steps": replaced(
            "in compensations)",
            "in compensations.Reverse())",
            calls("RefundPayment", "ReleaseInventory"),
        ),
        "a compensation without attempts": replaced(
            "compensation.Activity, order, Retry",
            "compensation.Activity, order",
            'started a timer of 5 s, but today\'s orchestrator calls activity "ReleaseInventory".',
        ),
    },
    "aggregator": COMMON
    | {
        "another operation": replaced(
            "nameof(Sales.Add)",
            '"Increase"',
            instead(
                'sent signal "Add" to entity "sales" with key "A-1"',
                'sends signal "Increase" to entity "sales" with key "A-1".',
            ),
        ),
        "a lost signal": replaced(
            "in order.Items)",
            "in order.Items.Take(1))",
            instead(
                'sent signal "Add" to entity "sales" with key "B-2"',
                'returns {"success":true,"orderId":"order-1001"}.',
            ),
        ),
        "another quantity": replaced(
            "item.Quantity", "item.Quantity + 1", 'with key "A-1" with input 3.'
        ),
    },
}


def valued(code: str, finding: str, member: str = "") -> CsharpChange:
    """Return a change whose code gives `value`, a text that the first activity gets."""
    validation = VALIDATION.replace("order)", "order with { Id = value })")
    return CsharpChange(
        (
            (f"string? reason = {VALIDATION}", f"{code}\nstring? reason = {validation}"),
            ("OrderOrchestrator\n{", f"OrderOrchestrator\n{{\n{member}"),
            ("\nnamespace", "\nusing System.Diagnostics;\n\nnamespace"),
        ),
        finding,
    )


NOT_DETERMINISTIC = {
    "a clock": valued('string value = $"{DateTime.UtcNow:O}";', "context.CurrentUtcDateTime"),
    "a date": valued('string value = $"{DateTime.Today:O}";', "context.CurrentUtcDateTime"),
    "a stopwatch": valued(
        'string value = $"{Stopwatch.GetTimestamp()}";', "context.CurrentUtcDateTime"
    ),
    "a random value": valued('string value = $"{Random.Shared.NextInt64()}";', "in an activity"),
    "a uuid": valued('string value = $"{Guid.NewGuid()}";', "context.NewGuid()"),
    "an environment variable": valued(
        'string value = Environment.GetEnvironmentVariable("HOME") ?? "";', "in an activity"
    ),
    "a machine name": valued("string value = Environment.MachineName;", "in an activity"),
    "a sleep": valued('Thread.Sleep(1);\nstring value = "1";', "context.CreateTimer"),
    "a delay": valued('await Task.Delay(1);\nstring value = "1";', "context.CreateTimer"),
    "a file": valued('string value = $"{File.Exists("orders.txt")}";', "files in an activity"),
    "a file without a thread": valued(
        "string value = await File.ReadAllTextAsync(typeof(Order).Assembly.Location);",
        "files in an activity",
    ),
    "a request": valued(
        'string value = await new HttpClient().GetStringAsync("http://localhost:9");',
        "other services in an activity",
    ),
    "a thread": valued('string value = await Task.Run(() => "1");', "they run in parallel"),
    "a process": valued(
        'string value = $"{Process.GetCurrentProcess().Id}";', "processes in an activity"
    ),
    "another thread after an await": CsharpChange(
        ((VALIDATION, VALIDATION.replace(";", ".ConfigureAwait(false);")),), "as they are"
    ),
    "a value of the first run": valued(
        "string value = Host;",
        "in an activity",
        "private static readonly string Host = Environment.MachineName;",
    ),
    "static state": valued(
        'string value = $"{runs++}";', "no state in static fields", "private static int runs;"
    ),
}
"""Changes after which an orchestrator may do something else when it runs again."""


def changed_project(
    read: Callable[[str], str], histories: dict[str, str], changes: dict[str, CsharpChange]
) -> dict[str, str]:
    """Return the files that add an orchestrator for each change, with histories of its own.

    Args:
        read: returns the text of a file of the project.
        histories: the recorded histories of the project by their names.
        changes: the changes by their names.
    """
    files = {}
    for number, (name, change) in enumerate(changes.items()):
        text = change.apply(read(ORCHESTRATOR))
        text = text.replace("namespace Orders;", f"namespace Orders.Changed{number};")
        text = text.replace("nameof(ProcessOrder)", f'"ProcessOrder{number}"')
        files[f"src/Changed{number}.cs"] = text
        for history, recorded in histories.items():
            renamed = recorded.replace('"ProcessOrder"', f'"ProcessOrder{number}"')
            files[f"tests/histories/{name}, {history}"] = renamed
    return files


Events = list[dict[str, Any]]


class RecordedFile(NamedTuple):
    """A file in `tests/histories`, made from a history that the orchestrator repeats.

    Args:
        make: returns the text of the file, given a history with two failed attempts.
        finding: part of the message; empty if there must be none.
    """

    make: Callable[[dict[str, Any]], Any]
    finding: str = ""


def with_events(change: Callable[[Events], Events]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a function that changes the events of a history."""
    return lambda history: history | {"historyEvents": change(history["historyEvents"])}


def without_inputs(events: Events) -> Events:
    """Return events as a storage has them that keeps no inputs of activities."""
    return events[:1] + [event | {"Input": None} for event in events[1:]]


def on_slow_machines(events: Events) -> Events:
    """Return events three seconds apart. The orchestrator runs one second after what woke it."""
    slow: Events = []
    timers: dict[str, str] = {}
    for number, event in enumerate(events):
        times = {"Timestamp": 3 * number, "ScheduledTime": 3 * number - 2}
        if event["EventType"] == "TimerCreated":
            timers[event["FireAt"]] = later(event["FireAt"], 3 * number - 2)
        moved = {name: later(event[name], more) for name, more in times.items() if name in event}
        moved |= {"FireAt": timers[event["FireAt"]]} if "FireAt" in event else {}
        slow.append(event | moved)
    return slow


def later(time: str, seconds: int) -> str:
    """Return a time that is some seconds later."""
    return (datetime.fromisoformat(time) + timedelta(seconds=seconds)).isoformat()


def terminated(events: Events) -> Events:
    """Return events of an instance that somebody terminates after its validation."""
    time = events[1]["Timestamp"]
    end = {"OrchestrationStatus": "Terminated", "Result": "stop", "Timestamp": time}
    return [
        *events[:2],
        {"EventType": "TaskScheduled", "Name": "ProcessPayment", "Timestamp": time},
        {"EventType": "ExecutionTerminated", "Input": "stop", "Timestamp": time},
        {"EventType": "ExecutionCompleted", **end},
    ]


SUSPENDED = {"EventType": "ExecutionSuspended", "FunctionName": None, "Input": None}
DETAILS = {"FailureDetails": {"ErrorType": "Orders.PaymentDeclined", "ErrorMessage": "declined"}}


def failed_validation(events: Events) -> Events:
    """Return events of an orchestrator that cannot read what its first activity returned."""
    end = {"OrchestrationStatus": "Failed", "Result": "no"}
    return [events[0], events[1] | {"Result": 5}, events[-1] | end]


FILES = {
    "no events": RecordedFile(
        lambda _: {"historyEvents": None},
        "tests/histories/no events.json is not a recorded history: write it with "
        "scripts/record-history.",
    ),
    "no JSON": RecordedFile(lambda _: "<html>", "no JSON.json is not a recorded history: write"),
    "an unknown orchestrator": RecordedFile(
        with_events(lambda events: [events[0] | {"FunctionName": "ShipParcel"}, *events[1:]]),
        'historyEvents[0]: the app has no orchestrator "ShipParcel". Running instances like',
    ),
    "an unknown event": RecordedFile(
        with_events(
            lambda events: [
                *events,
                events[0] | {"EventType": "SubOrchestrationInstanceCreated"},
            ]
        ),
        "historyEvents[11]: the replay helper has no SubOrchestrationInstanceCreated events: "
        "add them to tests/Replay/.",
    ),
    "a custom status": RecordedFile(
        lambda history: history | {"customStatus": "paid"},
        instead('had the custom status "paid"', "has null."),
    ),
    "a failure": RecordedFile(
        with_events(
            lambda events: [
                *events[:-1],
                events[-1] | {"OrchestrationStatus": "Failed", "Result": "no"},
            ]
        ),
        instead("failed", 'returns {"success":true,"orderId":"order-1001"}.'),
    ),
    "an end that is missing": RecordedFile(
        with_events(lambda events: events[:-1]),
        instead("was still running", 'returns {"success":true,"orderId":"order-1001"}.'),
    ),
    "a result of another type": RecordedFile(
        with_events(lambda events: [events[0], events[1] | {"Result": 5}, *events[2:]]),
        instead('called activity "ProcessPayment"', "fails: The JSON value could not be converted"),
    ),
    "the custom status of a failed instance": RecordedFile(
        lambda history: with_events(failed_validation)(history) | {"customStatus": "validated"}
    ),
    "one activity twice": RecordedFile(
        with_events(
            lambda events: [
                *events[:1],
                events[1] | {"Input": '["other"]', "ScheduledTime": events[-1]["Timestamp"]},
                *events[1:],
            ]
        ),
        instead(
            'called activity "ValidateOrder" with "other"',
            'waits for activity "ValidateOrder" with {"id":"order-1001",',
        ),
    ),
    "no start": RecordedFile(
        with_events(lambda events: events[1:]), "no start.json is not a recorded history: write"
    ),
    "a suspended instance": RecordedFile(
        with_events(lambda events: [events[0], {**events[1], **SUSPENDED}, events[1]])
    ),
    "details of errors": RecordedFile(
        with_events(lambda events: [each | DETAILS for each in events])
    ),
    "no inputs": RecordedFile(with_events(without_inputs)),
    "slow machines": RecordedFile(with_events(on_slow_machines)),
    "a terminated instance": RecordedFile(with_events(terminated)),
}
"""Files that a user may have, and mistakes in them."""


def recorded_files(history: str) -> dict[str, str]:
    """Return the text of each file, given a history with two failed attempts."""
    made = {name: file.make(json.loads(history)) for name, file in FILES.items()}
    return {
        f"tests/histories/{name}.json": text if isinstance(text, str) else json.dumps(text)
        for name, text in made.items()
    }


def differences(output: str) -> dict[str, str]:
    """Return the messages of the recorded-history tests by the files of `tests/histories`."""
    return {
        file: message
        for message, file in re.findall(r"(tests/histories/([^\n]+?)\.json\b[^\n]*)", output)
    }
