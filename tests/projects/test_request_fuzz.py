"""Generated requests get the same response in every language: `make fuzz` sends many more."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions_host.host import Host
from functions_host.worker import Worker
from running_app import LANGUAGES, App

pytestmark = [pytest.mark.slow, pytest.mark.fuzz]

ORDER: dict[str, Any] = {
    "id": "order-1001",
    "items": [{"sku": "A-1", "quantity": 2, "unitPrice": 10.0}],
    "total": 20.0,
}
APPROVAL: dict[str, Any] = {"approved": True, "approver": "ann"}

# What parsers and languages disagree about, more often than random values show.
# fmt: off
STRANGE_VALUES = [
    None, True, False, 0, -0.0, 1, 2.0, 1.5, -1, 1_000_000, 1_000_001, 1e308, 5e-324, 2**53 + 1,
    10**400, [], {}, [None], [[]], [{}], {"__proto__": {"id": "x"}}, {"length": 1},
    "", " ", "0", "2", "NaN", "null", "__proto__", "constructor", "A-1", "A-1\n",
    "\x00", "\x1c", "\x85", "\u180e", "\u200b", "\u2028", "\ufeff", "\ufffe", "\uffff",
    "\U0010ffff", "\ud800", "\udc00", "A" * 64, "A" * 65, "x" * 100, "x" * 101,
    "\U0001f4e6" * 100, "\U0001f4e6" * 101, "é" * 100,
]
STRANGE_KEYS = ["__proto__", "constructor", "toString", "Id", "ID", "id ", "", "0", "length"]
# Literals that `json.dumps` does not write.
STRANGE_TEXTS = [
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "-0", "00", "01", "1.", ".5",
    "+1", "0x10", "1_000", "1E+2", "2e0", "2.0e0", "'a'", "undefined", "\\", '"\\u12"',
    '"\\x41"', '"\\ud83d"', '"\\ud83d\\ude00"', '"\\u0000"', '"\t"', '"\n"', "[1,]", "{,}",
    "/**/1", "1 //",
]
# fmt: on

# A copy each time: what is drawn is changed.
values = st.one_of(
    st.sampled_from(STRANGE_VALUES).map(copy.deepcopy),
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    ),
)


def paths(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value of a document."""
    yield path
    if isinstance(document, dict | list):
        keys = document if isinstance(document, dict) else range(len(document))
        for key in keys:
            yield from paths(document[key], (*path, key))


@st.composite
def changed_documents(draw: st.DrawFn, document: Any) -> Any:
    """Draw a document in which some values were replaced, removed or added."""
    holder = {"root": copy.deepcopy(document)}
    for _ in range(draw(st.integers(0, 3))):
        *way, last = draw(st.sampled_from([path for path in paths(holder) if path]))
        place: Any = holder
        for key in way:
            place = place[key]
        match draw(st.sampled_from(["replace", "replace", "remove", "add"])):
            case "replace":
                place[last] = draw(values)
            case "remove" if way:
                del place[last]
            case "add" if isinstance(place[last], dict):
                place[last][draw(st.sampled_from(STRANGE_KEYS) | st.text())] = draw(values)
            case "add" if isinstance(place[last], list):
                place[last].append(draw(values))
    return holder["root"]


@st.composite
def bodies(draw: st.DrawFn, document: Any) -> bytes:
    """Draw a request body: mostly JSON, sometimes with a literal or a byte that breaks it."""
    text = json.dumps(draw(changed_documents(document)), ensure_ascii=draw(st.booleans()))
    if draw(st.integers(0, 3)) == 0:
        old = draw(st.sampled_from(["20.0", "10.0", "2", '"order-1001"', '"A-1"', "true", '"ann"']))
        text = text.replace(old, draw(st.sampled_from(STRANGE_TEXTS)), 1)
    body = text.encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 5)) == 0:
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.binary(max_size=3)) + body[at + draw(st.integers(0, 2)) :]
    if draw(st.integers(0, 9)) == 0:
        body = draw(st.sampled_from([b"\xef\xbb\xbf", b" \n\t\r", b"\xc2\xa0", b"\x0c"])) + body
    return body


@pytest.fixture(scope="module")
def apps(load: Callable[[str, str], Worker]) -> Iterator[list[App]]:
    """The app with the most requests to parse, in each language."""
    pattern = "human-interaction"
    with contextlib.ExitStack() as hosts:
        yield [
            App(hosts.enter_context(Host(load(language, pattern))), language, pattern)
            for language in LANGUAGES
        ]


def check_same(apps: list[App], path: str, body: bytes, accepted: int) -> None:
    """Every language accepts a request, or refuses it with the same message."""
    responses = {}
    for app in apps:
        response = app.post(path, body)
        assert response.status in (400, accepted), (app.language, response)
        refusal = response.json() if response.status == 400 else None
        responses[app.language] = (response.status, refusal)
    assert len(set(map(repr, responses.values()))) == 1, responses


same = settings(suppress_health_check=list(HealthCheck))


@same
@given(body=bodies(ORDER))
def test_orders_get_the_same_response(apps: list[App], body: bytes) -> None:
    check_same(apps, "orders", body, accepted=202)


@same
@given(body=bodies(APPROVAL))
def test_approvals_get_the_same_response(apps: list[App], body: bytes) -> None:
    check_same(apps, "orders/unknown/approval", body, accepted=404)
