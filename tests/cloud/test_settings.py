"""Settings are checked before anything else: one sentence, both shells alike, no call of Azure."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery, Project

from .support.checks import failure
from .support.operator import SHELLS, Operator, bake, require_azure, tallied

tally = tallied("settings")
SETTINGS = "scripts/settings.env"
PREMIUM = {"hosting_plan": "premium", "identity": "user-assigned"}
NEEDED = [
    *("PROJECT", "LOCATION", "RESOURCE_GROUP", "SCHEDULER_NAME", "TASK_HUB_NAME", "IDENTITY_NAME"),
    *("LOG_ANALYTICS_NAME", "APP_INSIGHTS_NAME", "PLAN_NAME", "IP_ALLOWLIST"),
]
COMPUTED = ["APP_NAME", "STORAGE_ACCOUNT"]  # may be empty
ELSEWHERE = "It is defined in scripts/settings.env or in the environment."


@pytest.fixture
def project(bakery: Bakery) -> Project:
    return bake(bakery, PREMIUM)


@pytest.fixture
def refused(project: Project, tmp_path: Path, tally: Any) -> Callable[..., str]:
    """Return a function that runs a script in both shells, and returns what both say."""
    require_azure()
    text = project.read(SETTINGS)
    people = [Operator(project.path, shell, tmp_path / shell, tally) for shell in SHELLS]

    def run(
        change: Callable[[str], str | bytes | None] = str, script: str = "provision", **env: str
    ) -> str:
        results = []
        for person in people:
            changed = change(text)
            file = person.project / SETTINGS
            if changed is None:
                file.unlink()
            else:
                file.write_bytes(changed if isinstance(changed, bytes) else changed.encode())
            results.append(person.run(script, GITHUB_REPOSITORY="contoso/orders", **env))
            assert results[-1].calls == []
            assert len(results[-1].stderr.splitlines()) == 1
        return failure(results)

    return run


def replaced(name: str, line: str) -> Callable[[str], str]:
    """Return a function that replaces the line of a setting."""
    return lambda text: re.sub(rf"^{name}=.*\n", line, text, count=1, flags=re.MULTILINE)


def test_a_setting_that_is_missing_or_empty(refused: Callable) -> None:
    for name in NEEDED:
        sentence = f"{name} has no value: set it in scripts/settings.env."
        assert refused(replaced(name, "")) == sentence
        assert refused(replaced(name, f"{name}=\n")) == sentence


@pytest.mark.parametrize("script", ["configure-identity", "deploy", "teardown", "configure-github"])
def test_every_script_looks_at_the_settings(refused: Callable, script: str) -> None:
    name = "IDENTITY_NAME" if script == "configure-identity" else "LOCATION"
    assert refused(replaced(name, ""), script).startswith(f"{name} has no value: ")
    assert refused(str, script, AZ_TIMEOUT="soon").startswith("AZ_TIMEOUT=soon is not possible: ")


@pytest.mark.parametrize(
    "line",
    ["LOCATON=centralus", "Location=centralus", "LOCATION", " LOCATION=centralus", "export A=b"],
)
def test_a_line_that_is_no_setting(refused: Callable, line: str) -> None:
    """A misspelt name is named, not the setting that it leaves without a value."""
    said = refused(replaced("LOCATION", f"{line}\n"))
    assert said.startswith(
        f"The line '{line}' of scripts/settings.env is not possible: use NAME=value, with one of"
    )
    assert all(name in said for name in NEEDED + COMPUTED)


def test_a_setting_that_is_there_twice(refused: Callable) -> None:
    said = refused(lambda text: f"{text}\nLOCATION=eastus2\n")
    assert said == "scripts/settings.env has LOCATION twice: delete one of the lines."


def test_a_file_from_windows(refused: Callable) -> None:
    """It has CR LF and a byte order mark; what is wrong in it is seen as before."""
    said = refused(lambda text: b"\xef\xbb\xbf" + f"PLAN_NAME=a b\n{text}".encode())
    assert said.startswith("scripts/settings.env has PLAN_NAME twice")
    said = refused(lambda text: replaced("LOCATION", "LOCATION=x\n")(text).replace("\n", "\r\n"))
    assert said.startswith("LOCATION=x is not possible: use ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROJECT", "My_Shop"),
        ("LOCATION", "Central US"),
        ("LOCATION", "central us # the best"),
        ("RESOURCE_GROUP", "ends-in-a-dot."),
        ("RESOURCE_GROUP", "x" * 91),
        ("SCHEDULER_NAME", "-leading"),
        ("TASK_HUB_NAME", "ab"),
        ("IDENTITY_NAME", "*"),
        ("LOG_ANALYTICS_NAME", "log"),
        ("APP_INSIGHTS_NAME", "a/b"),
        ("PLAN_NAME", "my plan"),
        ("APP_NAME", "shop-"),
        ("APP_NAME", "'shop'"),
        ("STORAGE_ACCOUNT", "Shop"),
        ("STORAGE_ACCOUNT", "sh\u00f6p"),
        ("IP_ALLOWLIST", "10.0.0.0/8,1.2.3.4"),
        ("IP_ALLOWLIST", "*"),
    ],
)
def test_a_value_that_is_not_possible(refused: Callable, name: str, value: str) -> None:
    said = refused(replaced(name, f"{name}={value}\n"))
    assert said.startswith(f"{name}={value} is not possible: use ")
    assert said.endswith(ELSEWHERE)
    assert refused(**{name: value}) == said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("AZ_TIMEOUT", value) for value in ("soon", "1.5", "08", " 5", "0")),
        *(("RETRY_ATTEMPTS", value) for value in ("-1", "1e3")),
        *(("RETRY_PAUSE", value) for value in ("999999", "0x10")),
    ],
)
def test_a_number_that_is_none(refused: Callable, name: str, value: str) -> None:
    said = refused(**{name: value})
    assert said.startswith(f"{name}={value} is not possible: use a whole number from ")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_smoke_test_checks_its_environment(
    project: Project, tmp_path: Path, tally: Any, shell: str
) -> None:
    require_azure(shell)
    person = Operator(project.path, shell, tmp_path, tally)
    for given, sentence in [
        ({}, "SMOKE_TEST_URL must be the address of the app: set it to https://"),
        ({"SMOKE_TEST_URL": "http://shop.example"}, "SMOKE_TEST_URL must be the address"),
        ({"SMOKE_TEST_URL": "https://shop.example"}, "SMOKE_TEST_KEY is not set: give the"),
        ({"RETRY_PAUSE": "1.5"}, "RETRY_PAUSE=1.5 is not possible: use a whole number from 0"),
    ]:
        result = person.run("smoke-test", **given)
        assert result.exit == 1
        assert result.stderr.startswith(sentence)


def test_a_file_that_is_missing(refused: Callable) -> None:
    said = refused(lambda text: None)
    assert said == "scripts/settings.env is missing: restore it from the repository."


@pytest.mark.parametrize("shell", SHELLS)
def test_the_environment_wins_and_is_named(
    project: Project, tmp_path: Path, tally: Any, shell: str
) -> None:
    """Who has a common variable such as LOCATION for something else can see it."""
    require_azure(shell)
    person = Operator(project.path, shell, tmp_path, tally, logged_in=False)
    result = person.run("teardown", LOCATION="eastus2", APP_NAME="shop")
    first, *_ = result.stdout.splitlines()
    assert first == "From the environment, not from scripts/settings.env: LOCATION APP_NAME"
    assert "From the environment" not in person.run("teardown").stdout
