"""The second opinion reports what its pages lack; the runs themselves are weekly."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import compare
import prereleases
import pytest
from deprecations import Deprecations
from packaging.version import Version

from template import TEMPLATE

Used = Callable[..., list[str]]
PAGE = (TEMPLATE.root / "docs/next-sdks.md").read_text(encoding="utf-8")


@pytest.fixture
def sdk() -> ModuleType:
    """Return an SDK that deprecates a class and a method, as `warnings.deprecated` marks them."""
    module = ModuleType("sdk")

    class RetryOptions:
        __deprecated__ = "RetryOptions is deprecated; use RetryPolicy instead."

    class Client:
        def start_new(self) -> None: ...

        def start(self) -> None: ...

    Client.start_new.__deprecated__ = "start_new is deprecated; use start instead."
    module.RetryOptions, module.Client = RetryOptions, Client
    return module


@pytest.fixture
def used(sdk: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Used:
    """Return a function that returns what an app with this code uses."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)

    def run(code: str, warned_in: Path = tmp_path / "app.py") -> list[str]:
        (tmp_path / "app.py").write_text(code, encoding="utf-8")
        with warnings.catch_warnings():
            deprecations = Deprecations(tmp_path, sdk)
            where = str(warned_in)
            warnings.warn_explicit("limit is deprecated", DeprecationWarning, where, 1)
            warnings.warn_explicit("odd syntax", SyntaxWarning, where, 1)
            return deprecations.messages()

    return run


def test_uses_are_found_in_the_code_and_by_warnings(used: Used, sdk: ModuleType) -> None:
    code = "RETRY = sdk.RetryOptions()\nasync def f(client):\n    await client.start_new()\n"
    assert used(code) == [
        "RetryOptions is deprecated; use RetryPolicy instead.",
        "limit is deprecated",
        "start_new is deprecated; use start instead.",
    ]
    assert used("client.start()", warned_in=Path(sdk.__name__) / "worker.py") == []


def test_the_page_must_list_what_is_used_and_nothing_else() -> None:
    listed = compare.names_in(PAGE)
    assert {"RetryOptions", "start_new"} <= listed
    assert not {name for name in listed if "-" in name or "." in name}, "another table"
    messages = [f"{name} is deprecated; use another" for name in listed]
    assert [*compare.problems(messages, listed)] == []
    (missing,) = compare.problems(messages, listed - {"start_new"})
    assert "does not list start_new, which a project uses: start_new is deprecated" in missing
    (needless,) = compare.problems(messages, listed | {"purge"})
    assert "lists purge, which no project uses" in needless


def test_a_crash_is_a_difference(tmp_path: Path) -> None:
    """The project is an empty folder, and this Python has not the next SDK."""
    result = compare.run_contract(sys.executable, tmp_path)
    assert "Traceback" in result["differences"][0]


@pytest.mark.parametrize(
    ("published", "news"),
    [
        (["3.4.0", "3.5.0"], False),
        (["3.5.0", "3.6.1"], False),
        (["3.5.0", "4.0.0-beta.1"], True),
        (["3.5.0", "4.0.0"], True),
        (["3.5.0", "4.0.0", "4.1.0-preview.2"], True),
        (["3.0.0-alpha.5", "3.5.0"], False),
        ([], True),
    ],
)
def test_only_a_pre_release_or_a_major_version_is_news(published: list[str], news: bool) -> None:
    versions = [Version(each) for each in published]
    found = [*prereleases.problems("durable-functions", Version("3.5.0"), versions)]
    assert bool(found) == news


def test_every_package_has_a_command_and_each_answer_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {
        "npm": '["3.4.0", "3.5.0"]',
        "dotnet": '{"searchResult": [{"packages": [{"version": "1.16.5"}]}]}',
        sys.executable: '{"versions": ["2.0.0rc3", "1.7.0"]}',
    }
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **_: subprocess.CompletedProcess(command, 0, answers[command[0]]),
    )
    newest = {name: max(prereleases.versions(name)) for name in prereleases.covered_versions(PAGE)}
    assert {str(each) for each in newest.values()} == {"2.0.0rc3", "3.5.0", "1.16.5"}
    assert len(newest) == 4
