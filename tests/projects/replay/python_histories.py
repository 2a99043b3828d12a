"""What the recorded histories find in a changed app. The variable PATTERN names its pattern.

`tests/projects/test_python_projects.py` runs this file in a generated project.
"""

import importlib
import os
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from recorded_history import ADVICE, HISTORIES, PROJECT, check_history

MODULES = ("app", "function_app", "orders")
EVERY_FILE = "**/*.py"


class PythonChange(NamedTuple):
    """A change of the orchestrator, or of other files.

    Args:
        replacements: regular expressions and what replaces them.
        did: what a message says about the recorded orchestration; nothing if all is well.
        does: what the message says about today's.
        files: which files of `src` are changed.
    """

    replacements: dict[str, str]
    did: str = ""
    does: str = ""
    files: str = "orders/orchestrator.py"

    def is_found_in(self, message: str) -> bool:
        """Return whether a message tells both."""
        recorded, _, today = message.partition(", but today's orchestrator ")
        return self.did in recorded and self.does in today


def in_another_order(first: str, second: str) -> PythonChange:
    """Let two activities change places."""
    swapped = {rf"\b{first}\b": "SECOND", rf"\b{second}\b": first, "SECOND": second}
    name, other = first.partition(".")[2], second.partition(".")[2]
    return PythonChange(swapped, f'called activity "{name}"', f'calls activity "{other}"')


NOTIFY = "    yield context.call_activity('notify', order)\n"
PAYMENT = "    try:\n        yield context.call_activity_with_retry(activities.process_payment"

HARMLESS = {
    "formatting": PythonChange(
        {r"\(activities\.ship_order, ": "(\n            activities.ship_order,\n "}
    ),
    "logging": PythonChange(
        {"(    order = cast)": r'    __import__("logging").info("started")\n\1'}
    ),
    "renamed variables": PythonChange({r'\border\b(?!")': "purchase", r"\breason\b": "why"}),
}
EVERYWHERE = {
    "a renamed activity": PythonChange(
        {r"\bship_order\b": "deliver_order"},
        'called activity "ship_order"',
        'calls activity "deliver_order"',
        EVERY_FILE,
    ),
    "a renamed orchestrator": PythonChange(
        {r"\bprocess_order\b": "handle_order"}, files=EVERY_FILE
    ),
    "a longer pause": PythonChange({"5_000": "6_000"}, "paused 5 s after attempt 1 of activity"),
    "a shorter pause": PythonChange({"5_000": "4_000"}, "paused 5 s after attempt 1 of activity"),
    "more attempts": PythonChange(
        {"attempts=3": "attempts=4"},
        'made no further attempt of activity "process_payment" after attempt 3',
        "pauses 5 s",
    ),
    "fewer attempts": PythonChange(
        {"attempts=3": "attempts=2"},
        'paused 5 s after attempt 2 of activity "process_payment"',
        "makes no further attempt",
    ),
    "a new step at the end": PythonChange(
        {"    return fulfilled|    return ReservedOrder": rf"{NOTIFY}\g<0>"},
        "asked for nothing more",
        'calls activity "notify"',
    ),
    "a failure": PythonChange(
        {"    return fulfilled|    return ReservedOrder": r"    raise ValueError('no')\n\g<0>"},
        "the recorded orchestration",
        "fails: no",
    ),
}
IN_A_ROW = {
    "two steps in another order": in_another_order(
        "activities.process_payment", "activities.ship_order"
    ),
    "a new step": PythonChange(
        {re.escape(PAYMENT): NOTIFY + PAYMENT},
        'called activity "process_payment"',
        'calls activity "notify"',
    ),
    "a step that is missing": PythonChange(
        {r"yield context\.call_activity_with_retry\(activities\.process_payment.*": "pass"},
        'called activity "process_payment"',
        'calls activity "ship_order"',
    ),
    "another input": PythonChange(
        {r"(activities\.process_payment, RETRY, )order": r'\1order["id"]'},
        '"unitPrice": 10.0}], "total": 20.0}',
        'calls activity "process_payment" with "order-1001"',
    ),
    "no pause between attempts": PythonChange(
        {r"call_activity_with_retry\((activities\.process_payment), RETRY": r"call_activity(\1"},
        "started a timer of 5 s",
        'returns {"success": false, "orderId": "order-1001", "reason": "payment failed"}',
    ),
    "another reason": PythonChange(
        {"payment failed": "not paid"},
        'returned {"success": false, "orderId": "order-1001", "reason": "payment failed"}',
        'returns {"success": false, "orderId": "order-1001", "reason": "not paid"}',
    ),
}
OF_PATTERNS = {
    "function-chaining": {
        **IN_A_ROW,
        "no last step": PythonChange(
            {r"yield context\.call_activity_with_retry\(activities\.ship_order.*": "pass"},
            'called activity "ship_order"',
            'returns {"success": true, "orderId": "order-1001"}',
        ),
    },
    "fan-out-fan-in": {
        **IN_A_ROW,
        "items in another order": PythonChange(
            {r'for item in (order\["items"\])\n    \]': r"for item in reversed(\1)\n    ]"},
            '"sku": "A-1", "quantity": 2, "unitPrice": 10.0}}',
            'calls activity "reserve_item" with {"orderId": "order-1001", "item": {"sku": "B-2"',
        ),
        "fewer items": PythonChange(
            {r'for item in (order\["items"\])': r"for item in \1[:1]"},
            'called activity "reserve_item"',
            'waits for activity "reserve_item"',
        ),
    },
    "human-interaction": {
        **IN_A_ROW,
        "no timer": PythonChange(
            {r"(?s)    timeout: .*?event\.result\)": "    return read_approval((yield event))"},
            "started a timer of 259200 s",
            'waits for event "Approval"',
        ),
        "a shorter timer": PythonChange(
            {"hours=72": "hours=24"},
            "started a timer of 259200 s",
            "starts a timer of 86400 s",
        ),
        "another event": PythonChange(
            {'"Approval"': '"Answer"'},
            'called activity "process_payment"',
            'waits for event "Answer" and a timer of 259200 s',
            EVERY_FILE,
        ),
        "a timer that nobody cancels": PythonChange(
            {r"    timeout\.cancel\(\).*\n": ""},
            'returned {"success": true, "orderId": "order-1001"}',
            "waits for a timer of 259200 s",
        ),
        "another custom status": PythonChange(
            {'"waiting for approval"': '"waiting"'},
            'had the custom status "waiting for approval"',
            'has "waiting"',
        ),
    },
    "monitor": {
        **IN_A_ROW,
        "no timer": PythonChange(
            {r"    yield context\.create_timer\(next_poll\)\n": ""},
            "started a timer of 1800 s",
            "continues as new",
        ),
        "a longer timer": PythonChange(
            {"minutes=30": "minutes=60"},
            "started a timer of 1800 s",
            "starts a timer of 3600 s",
        ),
        "another input of the next generation": PythonChange(
            {r'\["polls"\]': '["count"]'}, 'called activity "check_delivery"', "fails: 'count'"
        ),
    },
    "saga": {
        "two steps in another order": in_another_order(
            "inventory.reserve_inventory", "activities.process_payment"
        ),
        "a new step": PythonChange(
            {"    completed: list.*=.*\n": rf"\g<0>{NOTIFY}"},
            'called activity "reserve_inventory"',
            'calls activity "notify"',
        ),
        "no pause between attempts": PythonChange(
            {r"call_activity_with_retry\(step\.activity, RETRY": "call_activity(step.activity"},
            "started a timer of 5 s",
            'calls activity "release_inventory"',
        ),
        "compensations in another order": PythonChange(
            {r"reversed\(completed\)": "completed"},
            'called activity "refund_payment"',
            'calls activity "release_inventory"',
        ),
        "a compensation that is missing": PythonChange(
            {"if step.compensation:": "if step.compensation and not completed:"},
            'called activity "refund_payment"',
            'calls activity "release_inventory"',
        ),
    },
    "aggregator": {
        **IN_A_ROW,
        "signals in another order": PythonChange(
            {r'for item in (order\["items"\]):': r"for item in reversed(\1):"},
            'sent signal "add" to entity "sales" with key "A-1"',
            'sends signal "add" to entity "sales" with key "B-2"',
        ),
        "another quantity": PythonChange(
            {r'item\["quantity"\]': "1"},
            'sent signal "add" to entity "sales" with key "A-1" with input 2',
            'sends signal "add" to entity "sales" with key "A-1" with input 1',
        ),
        "no signals": PythonChange(
            {r"        context\.signal_entity\(.*\n": "        pass\n"},
            'sent signal "add" to entity "sales" with key "A-1"',
            'returns {"success": true, "orderId": "order-1001"}',
        ),
    },
}
CHANGES = {**HARMLESS, **EVERYWHERE, **OF_PATTERNS[os.environ["PATTERN"]]}


def findings(source: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what `check_history` says about an app, history by history."""
    for module in list(sys.modules):
        if module.partition(".")[0] in MODULES:
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.syspath_prepend(source)
    functions = importlib.import_module("app").FUNCTIONS
    found = []
    for file in HISTORIES:
        try:
            check_history(file, functions)
        except AssertionError as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change(change: PythonChange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "src"
    shutil.copytree(PROJECT / "src", source)
    for pattern, text in change.replacements.items():
        count = 0
        for file in source.glob(change.files):
            changed, number = re.subn(pattern, text, file.read_text(encoding="utf-8"))
            file.write_text(changed, encoding="utf-8")
            count += number
        assert count, f"nothing to change: {pattern}"
    found = findings(source, monkeypatch)
    if change in HARMLESS.values():
        assert found == []
    elif not change.did:
        assert len(found) == len(HISTORIES)
        assert all('the app has no orchestrator "process_order"' in message for message in found)
    else:
        assert any(map(change.is_found_in, found)), found
    assert all(message.endswith(ADVICE) for message in found)
