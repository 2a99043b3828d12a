"""The real Azure CLI against the fake service: streams, ends, sign-in, extensions."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud.support.operator import require_azure
from cloud.support.subscription import TIMED_OUT, Subscription, hide

pytestmark = pytest.mark.slow

GROUP = ("group", "create", "-n", "rg", "-l", "centralus", "-o", "none")
NOT_FOUND = "ERROR: (ResourceGroupNotFound) Resource group 'other' could not be found."


@pytest.fixture
def azure(tmp_path: Path) -> Callable[..., Subscription]:
    """Return a function that makes a subscription."""
    require_azure("bash")
    return lambda **options: Subscription(tmp_path / "azure", **options)


def bash(subscription: Subscription, script: str, **options: object) -> object:
    return subscription.run(["bash", "-c", script], **options)


@pytest.mark.parametrize(
    ("line", "exit_code", "error"),
    [
        ("group show -n other", 3, NOT_FOUND),
        ("group show --name", 2, "ERROR: argument --name/"),
        ("grup show", 2, "ERROR: 'grup' is misspelled or not recognized by the system."),
        (
            "group delete -n rg",
            1,
            "WARNING: Unable to prompt for confirmation as no tty available.",
        ),
        ("account set -s Test", 1, "ERROR: The subscription of 'test' doesn't exist in cloud"),
        ("extension add -n bastions", 1, "ERROR: No extension found with name 'bastions'"),
    ],
)
def test_errors_and_exit_codes(azure: Callable, line: str, exit_code: int, error: str) -> None:
    result = azure().az(*line.split())
    assert (result.exit, result.stdout) == (exit_code, "")
    assert result.stderr.splitlines()[0].startswith(error)
    assert result.calls[0]["exit"] == exit_code


def test_a_call_is_recorded_with_its_requests(azure: Callable) -> None:
    (call,) = azure().az(*GROUP).calls
    assert (call["tool"], call["argv"]) == ("az", list(GROUP))
    assert (call["command"], call["exit"], call["findings"]) == ("group create", 0, [])
    (request,) = call["requests"]
    assert (request["method"], request["status"]) == ("PUT", 201)
    assert request["url"].startswith("https://management.azure.com/subscriptions/")
    assert request["body"] == {"location": "centralus"}


def test_results_go_through_the_real_output(azure: Callable) -> None:
    subscription = azure()
    subscription.az(*GROUP)
    listed = subscription.az("group", "list", "--query", "[].{b:name,a:location}", "-o", "tsv")
    assert (listed.stdout, listed.findings) == ("rg\tcentralus\n", [])
    empty = subscription.az("group", "show", "-n", "rg", "--query", "propertes.id", "-o", "tsv")
    assert (empty.exit, empty.stdout) == (0, "")
    assert empty.findings == [("empty-query", "propertes.id")]


@pytest.mark.parametrize(
    ("redirection", "found"),
    [("</dev/null", False), ("<&-", False), ("< <(sleep 3)", True), ("<<<text", True)],
)
def test_standard_input_is_that_of_the_caller(
    azure: Callable, redirection: str, found: bool
) -> None:
    result = bash(azure(), f"az account show -o none {redirection}")
    assert (result.exit, result.stderr) == (0, "")
    assert [kind for kind, _ in result.findings] == (["open-stdin"] if found else [])


def test_standard_output_may_be_closed(azure: Callable) -> None:
    result = bash(azure(), "az account show >&- </dev/null; echo $?")
    assert result.stdout == "1\n"


def test_a_call_that_hangs_changes_nothing_and_blocks_nobody(azure: Callable) -> None:
    subscription = azure()
    subscription.fault("hang", call=1)
    failed = subscription.az(*GROUP, timeout=3)
    assert (failed.exit, failed.calls[0]["exit"]) == (TIMED_OUT, None)
    assert failed.calls[0]["requests"][0]["status"] == "hangs"
    assert subscription.resources() == {}
    assert subscription.az(*GROUP).exit == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_call_ends_with_its_client(azure: Callable, number: signal.Signals) -> None:
    subscription = azure()
    subscription.change(faults=[{"kind": "hang"}])
    log = subscription.folder / "calls.jsonl"
    client = subprocess.Popen(
        [str(subscription.bin / "az"), *GROUP],
        env=subscription._variables(log),
        stdin=subprocess.DEVNULL,
    )
    while not log.exists() or "hangs" not in log.read_text():
        time.sleep(0.05)
    client.send_signal(number)
    assert client.wait(timeout=10) == -number
    assert subscription.az(*GROUP).exit == 0, "the call that hung holds the state"


def test_calls_at_the_same_time_lose_nothing(azure: Callable) -> None:
    subscription = azure()
    script = "for n in 1 2 3 4; do az group create -n rg-$n -l uksouth -o none & done; wait"
    result = bash(subscription, script)
    assert sorted(call["number"] for call in result.calls) == [1, 2, 3, 4]
    assert len(subscription.resources()) == 4


def test_a_lost_response_is_an_error_of_the_real_client(azure: Callable) -> None:
    subscription = azure()
    subscription.fault("lost", method="PUT")
    failed = subscription.az(*GROUP)
    assert failed.exit == 1
    assert "Remote end closed connection without response" in failed.stderr
    assert subscription.resources().keys() == {"rg"}


def test_no_other_host_is_reached(azure: Callable) -> None:
    with pytest.raises(AssertionError, match="no behaviour for GET https://example"):
        azure().az("rest", "-u", "https://example.com/", "--skip-authorization-header")


def test_sign_in_and_out(azure: Callable) -> None:
    subscription = azure(logged_in=False)
    refused = subscription.az("account", "show")
    assert (refused.exit, refused.stderr) == (
        1,
        "ERROR: Please run 'az login' to setup account.\n",
    )
    assert subscription.az("login", "-o", "none").exit == 0
    assert subscription.az("account", "set", "-s", "Production").exit == 0
    shown = subscription.az("account", "show", "--query", "[name, user.name]", "-o", "tsv")
    assert shown.stdout == "Production\ndev@contoso.com\n"
    assert subscription.az("logout").exit == 0
    assert subscription.az("account", "show").exit == 1


def test_variables_of_the_machine_do_not_reach_the_script(
    azure: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_DEFAULTS_GROUP", "x")
    script = "echo ${AZURE_DEFAULTS_GROUP-none} $OWN"
    assert bash(azure(), script, env={"OWN": "yes"}).stdout == "none yes\n"


def test_tools_can_be_hidden(tmp_path: Path) -> None:
    machine = tmp_path / "machine"
    machine.mkdir()
    for name in ("gh", "one", "other"):
        (machine / name).write_text("#!/bin/sh\n")
    without = hide(machine, ["gh"], tmp_path / "path")
    assert sorted(os.listdir(without)) == ["one", "other"]
    assert hide(machine, ["az"], tmp_path / "path") == str(machine)


# Extensions -------------------------------------------------------------------------------------

NAMES = ("extension", "list", "--query", "[].[name, version]", "-o", "tsv")


def test_extensions_are_installed_by_the_real_command(azure: Callable) -> None:
    subscription = azure(extensions={"durabletask": "1.0.0b6"})
    assert subscription.az(*NAMES).stdout == "durabletask\t1.0.0b6\n"
    for name in ("durabletask", "application-insights"):
        added = subscription.az("extension", "add", "-n", name, "--upgrade", "--only-show-errors")
        assert (added.exit, added.stderr) == (0, "")
    assert subscription.az(*NAMES).stdout == "application-insights\t2.0.0b1\ndurabletask\t1.0.0b7\n"
    assert subscription.az("durabletask", "scheduler", "list", "-o", "none").exit == 0


SCHEDULER = "durabletask scheduler create -g rg -n dts --sku-name Consumption --ip-allowlist"


@pytest.mark.parametrize(
    ("line", "exit_code", "error"),
    [
        (f"{SCHEDULER} 0.0.0.0/0 10.0.0.0/8", 0, ""),
        (f"{SCHEDULER} [0.0.0.0/0,10.0.0.0/8]", 0, ""),
        (f"{SCHEDULER} 0.0.0.0/0,::/0", 1, "ERROR: (InvalidRequestContent)"),
        (SCHEDULER.replace("--sku-name", "--sku"), 2, "ERROR: ambiguous option: --sku could match"),
        (
            f"{SCHEDULER} ::/0".replace("Consumption", "Free"),
            2,
            "ERROR: az durabletask scheduler create: 'Free' is not",
        ),
        ("durabletask scheduler create -g rg -n dts", 1, "ERROR: The --sku-name parameter is req"),
        ("durabletask scheduler create -g rg -n my_dts --sku-name Consumption", 1, "ERROR: (Inv"),
        (
            "durabletask scheduler create -g rg -n dts --sku-name Dedicated",
            1,
            "ERROR: The --sku-capacity parameter is required when --sku-name is 'Dedicated'.",
        ),
        ("durabletask scheduler show -g rg -n dts", 3, "ERROR: (ResourceNotFound)"),
        ("durabletask scheduler show -n dts", 1, "ERROR: "),
        ("durabletask scheduler delete -g rg -n dts", 1, "WARNING: Unable to prompt for conf"),
        ("durabletask taskhub create -g rg -s dts -n hub", 3, "ERROR: (ParentResourceNotFound)"),
        ("monitor app-insights component show --app appi", 1, "ERROR: Application provided witho"),
    ],
)
def test_commands_of_the_extensions(azure: Callable, line: str, exit_code: int, error: str) -> None:
    subscription = azure(unregistered_providers=[])
    subscription.az(*GROUP)
    result = subscription.az(*line.split(), "-o", "none")
    assert (result.exit, result.stderr[: len(error)]) == (exit_code, error), result.stderr


def test_a_scheduler_from_creation_to_deletion(azure: Callable) -> None:
    subscription = azure(unregistered_providers=[])
    subscription.fault("slow", command="durabletask scheduler create", method="PUT")
    script = f"""
        set -e
        az {" ".join(GROUP)}
        az {SCHEDULER} 0.0.0.0/0 --tags a=b -o none
        az durabletask taskhub create -g rg -s dts -n default -o none
        id=$(az durabletask taskhub show -g rg -s dts -n default --query id -o tsv)
        az durabletask taskhub show --ids "$id" --query name -o tsv
        az durabletask scheduler update -g rg -n dts --sku-name dedicated --sku-capacity 3 -o none
        az durabletask retention-policy create -g rg -s dts -c 5 -d 30 -o none
        az durabletask retention-policy show -g rg -s dts --query properties.retentionPolicies
        az durabletask retention-policy delete -g rg -s dts --yes
        az durabletask taskhub list -g rg -s dts --query "[].name" -o tsv
        az durabletask scheduler list --query "[0].[properties.sku.name, tags.a]" -o tsv
        az durabletask taskhub delete -g rg -s dts -n default --yes
        az durabletask scheduler wait -g rg -n dts --created
        az durabletask scheduler delete -g rg -n dts --yes --no-wait
        az durabletask scheduler wait -g rg -n dts --deleted
    """
    result = bash(subscription, script, stdin=None)
    assert (result.exit, result.stderr) == (0, ""), result.stdout
    lines = result.stdout.split("[", 1)
    assert lines[0] == "default\n"
    policies = json.loads("[" + lines[1][: lines[1].rindex("]") + 1])
    assert [each["retentionPeriodInDays"] for each in policies] == [30, 5]
    assert lines[1][lines[1].rindex("]") + 1 :].split() == ["default", "Dedicated", "b"]


def test_a_command_that_the_fake_cannot_perform_fails_the_test(azure: Callable) -> None:
    with pytest.raises(AssertionError, match="scheduler restart is real"):
        azure().az("durabletask", "scheduler", "restart", "-g", "rg", "-n", "dts")
