"""`scripts/drain` waits for instances, in both shells alike."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery
from fakes.azure_resource_manager.state import FUNCTION_KEY, MASTER_KEY, SYSTEM_KEY
from fakes.function_app import FunctionApp

from .support.checks import failure, same
from .support.operator import SHELLS, Operator, Result, require_azure, tallied

pytestmark = pytest.mark.slow
tally = tallied("drain")
Drain = Callable[..., list[Result]]
NOTHING = {"DURABLE_URL": "https://localhost:1", "DURABLE_KEY": SYSTEM_KEY, "DRAIN_MINUTES": "0"}


@pytest.fixture
def people(bakery: Bakery, tmp_path: Path, tally: Any) -> list[Operator]:
    """Return an operator for each shell; `scripts/drain` does not need a subscription."""
    require_azure()
    project = bakery.bake(provisioning="bicep").path
    return [Operator(project, shell, tmp_path / shell, tally, tools=()) for shell in SHELLS]


@pytest.fixture
def drain(people: list[Operator]) -> Drain:
    """Return a function that drains an app once for each shell, each time a new one."""

    def run(
        behaviour: Mapping[str, Any], kind: type[FunctionApp] = FunctionApp, **variables: str
    ) -> list[Result]:
        results = []
        for person in people:
            with kind(**behaviour) as app:
                person.serve(app)
                given = {"DURABLE_URL": app.url, "DURABLE_KEY": SYSTEM_KEY} | variables
                results.append(person.run("drain", **given))
                for query in app.queries:
                    assert query["runtimeStatus"] == ["Running,Pending"]
                    assert query["showInput"] == ["false"], "inputs can be large, and secret"
        return results

    return run


def success(results: list[Result]) -> list[str]:
    """Return what both shells have printed, when they ended well."""
    result = same(results)
    assert (result.exit, result.stderr) == (0, "")
    return result.stdout.splitlines()


def test_no_instance_runs(drain: Drain) -> None:
    """An ended instance, a suspended one and an entity do not keep anybody waiting."""
    others = {"a": "Completed", "b": "Failed", "c": "Suspended", "@stock@A-1": "Running"}
    assert success(drain({"lists": [{}]})) == ["No instance runs."]
    assert success(drain({"lists": [others]})) == ["No instance runs."]


def test_it_waits_until_the_instances_have_ended(drain: Drain) -> None:
    lists = [
        {"a": "Running", "b": "Pending", "@stock@A-1": "Running"},
        {"a": "Completed", "b": "Running"},
        {"a": "Completed", "b": "Completed"},
    ]
    assert success(drain({"lists": lists})) == [
        "Instances that run: 2. Waiting, 10 minutes left",
        "Instances that run: 1. Waiting, 10 minutes left",
        "No instance runs.",
    ]


@pytest.mark.parametrize("status", ["Running", "Pending"])
def test_it_fails_when_the_time_is_over(drain: Drain, status: str) -> None:
    """The instance ends with the second look, which must not happen."""
    lists = [{"a": status}, {"a": "Completed"}]
    assert failure(drain({"lists": lists}, DRAIN_MINUTES="0")) == (
        "Instances that run after 0 minutes: 1. Set DRAIN_MINUTES to wait longer; for instances"
        " that run for days, see 'Deployments and running work' in docs/deploy.md."
    )


def test_it_pauses_between_two_looks(people: list[Operator]) -> None:
    bash, powershell = people
    sleep = bash.azure.bin / "sleep"
    sleep.write_text('#!/bin/sh\necho "slept $1"\n')
    sleep.chmod(0o755)
    function = 'function Start-Sleep($Seconds) { Write-Output "slept $Seconds" }'
    call = f"{function}; ./scripts/drain.ps1; exit $LASTEXITCODE"
    results = []
    for person, command in (
        (bash, ["bash", "scripts/drain.sh"]),
        (powershell, ["pwsh", "-NoProfile", "-Command", call]),
    ):
        with FunctionApp(lists=[{"a": "Running"}, {}]) as app:
            person.serve(app)
            given = {"DURABLE_URL": app.url, "DURABLE_KEY": SYSTEM_KEY, "RETRY_PAUSE": "7"}
            results.append(person.execute(command, **given))
    assert success(results) == [
        "Instances that run: 1. Waiting, 10 minutes left",
        "slept 7",
        "No instance runs.",
    ]


@pytest.mark.parametrize("empty_page", [False, True])
def test_every_page_counts(drain: Drain, empty_page: bool) -> None:
    lists = [{f"order-{number}": "Running" for number in range(5)}, {}]
    lines = success(drain({"lists": lists, "page_size": 2, "empty_page": empty_page}))
    assert lines == ["Instances that run: 5. Waiting, 10 minutes left", "No instance runs."]


def test_instances_on_the_last_page_only(drain: Drain) -> None:
    """The pages before it can be full of entities."""
    lists = [{"@stock@A-1": "Running", "@stock@A-2": "Running", "order-1": "Running"}, {}]
    lines = success(drain({"lists": lists, "page_size": 1}))
    assert lines == ["Instances that run: 1. Waiting, 10 minutes left", "No instance runs."]


def test_an_app_that_is_not_deployed_yet(drain: Drain) -> None:
    """The host has neither a webhook nor a key of an extension that it has not loaded."""
    nothing = ["The app has no instances yet: no Durable Functions are deployed."]
    assert success(drain({"first": [404]})) == nothing
    assert success(drain({"first": [503]}, DURABLE_KEY="none")) == nothing


def test_the_master_key_is_as_good(drain: Drain) -> None:
    assert success(drain({}, DURABLE_KEY=MASTER_KEY)) == ["No instance runs."]


def test_a_function_key_is_not_enough(drain: Drain) -> None:
    assert failure(drain({}, DURABLE_KEY=FUNCTION_KEY, DRAIN_MINUTES="0")) == (
        "The app does not accept the key: give its system key durabletask_extension in"
        " DURABLE_KEY, which the portal shows under App keys."
    )


def test_an_app_that_starts(drain: Drain) -> None:
    assert success(drain({"first": [503, 502]})) == [
        "Instances that run: unknown (last response: 503). Waiting, 10 minutes left",
        "Instances that run: unknown (last response: 502). Waiting, 10 minutes left",
        "No instance runs.",
    ]


@pytest.mark.parametrize("status", [302, 403])
def test_an_error_of_the_app(drain: Drain, status: int) -> None:
    assert failure(drain({"first": [status] * 9}, DRAIN_MINUTES="0")) == (
        f"Cannot read which instances run (last response: {status}): see the log stream of the app"
        " in the portal."
    )


def test_a_page_of_a_login_is_no_empty_list(drain: Drain) -> None:
    """A proxy can answer 200 to everything."""
    assert "(last response: 200)" in failure(drain({"first": [200]}, DRAIN_MINUTES="0"))


def test_an_error_on_a_later_page(drain: Drain) -> None:
    """What is known until then is not the number of instances."""

    class Breaks(FunctionApp):
        def list(self, key: str | None, query: Any, token: str) -> tuple[int, Any, dict[str, str]]:
            return (500, None, {}) if token else super().list(key, query, token)

    lists = [{"a": "Running", "b": "Running"}]
    results = drain({"lists": lists, "page_size": 1}, Breaks, DRAIN_MINUTES="0")
    assert "Cannot read which instances run (last response: 500)" in failure(results)


def test_nothing_answers(people: list[Operator]) -> None:
    results = [person.run("drain", **NOTHING) for person in people]
    assert "(last response: none)" in failure(results)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"DURABLE_URL": ""}, "DURABLE_URL must be the address of the app: set it to https://"),
        ({"DURABLE_URL": "http://contoso.com"}, "DURABLE_URL must be the address"),
        ({"DURABLE_URL": "http://localhost.contoso.com"}, "DURABLE_URL must be the address"),
        ({"DURABLE_KEY": ""}, "DURABLE_KEY is not set: give the system key durabletask_extension"),
        ({"DRAIN_MINUTES": "-1"}, "DRAIN_MINUTES=-1 is not possible: use a whole number from 0 to"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_it_checks_its_environment(
    people: list[Operator], given: dict[str, str], sentence: str
) -> None:
    assert failure([person.run("drain", **NOTHING | given) for person in people]).startswith(
        sentence
    )


def test_help_and_other_arguments(people: list[Operator]) -> None:
    for person in people:
        option = "--help" if person.shell == "bash" else "-Help"
        told = person.succeed("drain", option).stdout
        assert "DURABLE_KEY is the system key durabletask_extension" in told
        assert f"{SHELLS[person.shell][0]} scripts/drain." in told
    refused = failure([person.run("drain", "now", **NOTHING) for person in people])
    assert refused.startswith("Unknown argument 'now'")


def test_the_key_is_neither_traced_nor_an_argument(people: list[Operator], tmp_path: Path) -> None:
    """`Operator.execute` looks for the secrets in what is printed."""
    bash, powershell = people
    log = tmp_path / "curl.log"
    curl = bash.azure.bin / "curl"
    curl.write_text(f'#!/bin/sh\necho "$@" >>"{log}"\nexec "{shutil.which("curl")}" "$@"\n')
    curl.chmod(0o755)
    trace = "Set-PSDebug -Trace 2; ./scripts/drain.ps1; exit $LASTEXITCODE"
    for person, command in (
        (bash, ["bash", "-x", "scripts/drain.sh"]),
        (powershell, ["pwsh", "-NoProfile", "-Command", trace]),
    ):
        with FunctionApp(lists=[{"a": "Running"}, {}]) as app:
            person.serve(app)
            result = person.execute(command, DURABLE_URL=app.url, DURABLE_KEY=SYSTEM_KEY)
        assert result.exit == 0, result.stderr
    arguments = log.read_text()
    assert "--dump-header" in arguments
    assert SYSTEM_KEY not in arguments
