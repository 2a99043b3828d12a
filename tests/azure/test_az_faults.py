"""Faults on demand, concurrent calls, the log, and the other tools that scripts start."""

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from machine import require

from .conftest import Azure
from .faults import KINDS
from .function_app import FunctionApp
from .runner import TIMED_OUT, Subscription, hide
from .subscription import FUNCTION_KEY
from .test_az_rules import GRANT, HUB

CREATE = ("group", "create", "-n", "rg", "-l", "centralus")


@pytest.fixture
def subscription(tmp_path: Path) -> Subscription:
    """Return an empty subscription for processes."""
    return Subscription(tmp_path)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        *((kind, f"ERROR: ({code}) ") for kind, (code, _) in KINDS.items() if " " not in kind),
        ("not-logged-in", "ERROR: Please run 'az login' to setup account."),
    ],
)
def test_each_kind_of_fault(subscription: Subscription, kind: str, error: str) -> None:
    subscription.fault(kind)
    failed = subscription.az(*CREATE)
    assert (failed.exit, failed.stdout) == (1, "")
    assert failed.stderr.startswith(error)
    assert failed.calls[0]["exit"] == 1
    assert subscription.resources() == {}
    assert subscription.az(*CREATE).exit == 0  # a fault holds for one run


def test_a_fault_may_have_any_text(subscription: Subscription) -> None:
    subscription.fault("error", code="Gone", message="Away.", exit=3)
    failed = subscription.az(*CREATE)
    assert (failed.exit, failed.stderr.splitlines()[0]) == (3, "ERROR: (Gone) Away.")


def test_a_name_may_be_taken(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    azure.ok("group create -n rg -l centralus")
    monkeypatch.setenv("AZ_FAULT", '{"kind": "name-taken"}')
    error = azure.refused("storage account create -g rg -n stshop")[1]
    assert (
        error == "(StorageAccountAlreadyTaken) The storage account named stshop is already taken."
    )


def test_the_answer_may_be_lost(subscription: Subscription) -> None:
    subscription.fault("lost-answer")
    failed = subscription.az(*CREATE)
    assert (failed.exit, failed.stdout) == (1, "")
    assert "RemoteDisconnected" in failed.stderr
    assert subscription.resources().keys() == {"rg"}

    subscription.fault("lost-answer")
    failed = subscription.az("group", "show", "--name", "nowhere")
    assert failed.exit == 1, "a refusal is lost as well"
    assert "RemoteDisconnected" in failed.stderr


def test_a_call_that_hangs_changes_nothing_and_blocks_nobody(subscription: Subscription) -> None:
    subscription.fault("hang", call=1)
    failed = subscription.az(*CREATE, timeout=1)
    assert (failed.exit, failed.calls[0]["exit"]) == (TIMED_OUT, None)
    assert subscription.resources() == {}
    assert subscription.az(*CREATE).exit == 0


@pytest.mark.parametrize(
    ("when", "failed"),
    [
        ({"call": 2}, [2]),
        ({"command": "group show"}, [2]),
        ({"command": "group show", "times": 2}, [2, 4]),
        ({"command": "group show", "times": None}, [2, 4, 5]),
        ({"command": "group show", "skip": 1}, [4]),
        ({"command": "group show", "skip": 1, "times": None}, [4, 5]),
        ({"parameters": {"group": "rg", "location": "centralus"}}, [1]),
        ({"command": "group delete"}, []),
    ],
)
def test_a_fault_meets_the_calls_that_match(
    azure: Azure, monkeypatch: pytest.MonkeyPatch, when: dict, failed: list[int]
) -> None:
    monkeypatch.setenv("AZ_FAULT", json.dumps([{"kind": "conflict", **when}]))
    lines = ["create -n rg -l centralus", "show -n rg", "list", "show -n rg", "show -n rg"]
    errors = [azure(f"group {line}").error for line in lines]
    assert [number for number, error in enumerate(errors, 1) if "Conflict" in error] == failed


def test_faults_count_over_processes(subscription: Subscription) -> None:
    require("bash")
    subscription.fault("conflict", command="group create", times=2)
    script = "for n in 1 2 3; do az group create -n rg -l centralus -o none; done"
    result = subscription.run(["bash", "-c", script])
    assert [call["exit"] for call in result.calls] == [1, 1, 0]
    assert [call["number"] for call in result.calls] == [1, 2, 3]


def test_without_login_nothing_but_local_commands_works(azure: Azure) -> None:
    azure.ok("logout")
    azure.ok("version")
    azure.ok("extension add --name durabletask")
    azure.ok("config set extension.dynamic_install_allow_preview=true")
    assert azure.refused("account show") == (1, "Please run 'az login' to setup account.")
    azure.ok("login")
    azure.ok("account show")


def test_calls_at_the_same_time_lose_nothing(subscription: Subscription) -> None:
    require("bash")
    script = "for n in 1 2 3 4 5 6 7 8; do az group create -n rg-$n -l uksouth & done; wait"
    result = subscription.run(["bash", "-c", script])
    assert sorted(call["number"] for call in result.calls) == list(range(1, 9))
    assert len(subscription.resources()) == 8


def test_the_log_tells_what_was_understood(subscription: Subscription) -> None:
    call = subscription.az(*CREATE).calls[0]
    assert call == {
        "number": 1,
        "tool": "az",
        "argv": list(CREATE),
        "command": "group create",
        "parameters": {"group": "rg", "location": "centralus", "output": "json"},
        "exit": 0,
        "error": "",
        "findings": [],
    }


def test_a_call_without_behaviour_fails_the_test(subscription: Subscription) -> None:
    require("bash")
    with pytest.raises(AssertionError, match="az functionapp list-runtimes is real"):
        subscription.run(["bash", "-c", "az functionapp list-runtimes || true"])


def test_a_mistake_of_the_stand_in_is_no_refusal(azure: Azure) -> None:
    azure.subscription.data["resources"] = None
    exit_code, error = azure.refused("group create -n rg -l centralus")
    assert (exit_code, error) == (70, "Traceback (most recent call last):")


def test_a_query_finds_jmespath(subscription: Subscription) -> None:
    assert subscription.az(*CREATE).exit == 0
    listed = subscription.az("group", "list", "--query", "[].name", "-o", "tsv")
    assert (listed.stdout, listed.stderr) == ("rg\n", "")


def test_warnings_go_to_stderr_unless_hidden(subscription: Subscription) -> None:
    add = ("extension", "add", "--name", "durabletask")
    assert subscription.az(*add).stderr == ""
    assert subscription.az(*add).stderr.startswith("WARNING: Extension 'durabletask'")
    assert subscription.az(*add, "--only-show-errors").stderr == ""


def test_the_tool_starts_without_the_runner(tmp_path: Path) -> None:
    tool = Path(__file__).parent / "bin" / "az"
    variables = {**os.environ, "AZ_STATE": str(tmp_path / "new.json"), "AZ_LOG": "", "AZ_FAULT": ""}
    run = subprocess.run(
        ["python3", tool, *CREATE], env=variables, capture_output=True, text=True, timeout=60
    )
    assert json.loads(run.stdout)["name"] == "rg"
    del variables["AZ_STATE"]
    run = subprocess.run(
        ["python3", tool], env=variables, capture_output=True, text=True, timeout=60
    )
    assert (run.returncode, run.stdout) == (70, "")


def test_tools_can_be_hidden(tmp_path: Path) -> None:
    require("bash")
    machine = tmp_path / "machine"
    machine.mkdir()
    for name in ("gh", "one", "other"):
        (machine / name).write_text("#!/bin/sh\necho real\n")
        (machine / name).chmod(0o755)
    without = hide(machine, ["gh"], tmp_path / "path")
    assert sorted(each.name for each in Path(without).iterdir()) == ["one", "other"]
    assert hide(machine, ["az"], tmp_path / "path") == str(machine)
    subscription = Subscription(tmp_path, tools=("az",))
    result = subscription.run(["bash", "-c", "az version -o none; command -v gh"])
    assert (result.exit, result.stdout, len(result.calls)) == (1, "", 1)


def test_variables_of_the_machine_do_not_reach_the_script(
    subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    require("bash")
    monkeypatch.setenv("AZURE_DEFAULTS_GROUP", "x")
    script = ["bash", "-c", "echo ${AZURE_DEFAULTS_GROUP-none} $APP_URL"]
    assert subscription.run(script, env={"APP_URL": "http://x"}).stdout == "none http://x\n"


def test_gh_records_variables_and_names_of_secrets(azure: Azure) -> None:
    github = azure.subscription.data["github"]
    assert azure("variable set A --body b", "gh").error == "no git remotes found"
    assert azure("variable set A --body b --repo contoso/shop", "gh").exit_code == 0
    github = azure.subscription.data["github"]
    github["repository"] = "contoso/shop"
    assert (
        azure("repo view --json nameWithOwner -q .nameWithOwner", "gh").output == "contoso/shop\n"
    )
    assert azure("secret set S --env production --body x", "gh").exit_code == 1
    environment = "api --method PUT repos/contoso/shop/environments/production --silent"
    assert azure(environment, "gh").exit_code == 0
    assert azure("secret set S --env production --body x", "gh").exit_code == 0
    github = azure.subscription.data["github"]
    assert (github["variables"], github["secrets"]) == ({"A": "b"}, ["S"])
    assert azure("auth status", "gh").exit_code == 0
    github["logged_in"] = False
    assert azure("auth status", "gh").exit_code == 1
    assert azure("issue list", "gh").exit_code == 70
    azure.subscription.data["github"]["logged_in"] = True
    assert azure("api repos", "gh").exit_code == 70
    assert azure("variable set A --body ''", "gh").error == "no value given"
    assert azure("--version", "gh").output.startswith("gh version")


def test_other_tools_meet_faults_too(subscription: Subscription) -> None:
    subscription.fault("conflict", command="gh auth status")
    result = subscription.run([str(subscription.bin / "gh"), "auth", "status"])
    assert (result.exit, result.calls[0]["command"]) == (1, "gh auth status")


def request(url: str, key: str | None = None, body: str | None = None) -> tuple[int, dict]:
    """Return status and JSON of an answer."""
    headers = {"x-functions-key": key} if key else {}
    data = None if body is None else body.encode()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data, headers), timeout=5
        ) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, {}


def test_the_app_runs_orders() -> None:
    with FunctionApp(first=[404, 503], running=1) as app:
        orders = f"{app.url}/api/orders"
        assert [request(orders, FUNCTION_KEY, "{}")[0] for _ in range(2)] == [404, 503]
        assert request(orders, "wrong", "{}")[0] == 401
        assert request(orders, FUNCTION_KEY, "{")[0] == 400
        status, answer = request(orders, FUNCTION_KEY, '{"id": 1}')
        assert (status, answer["id"], app.orders) == (202, "order-1", [{"id": 1}])
        query = answer["statusQueryGetUri"]
        assert request(query.split("?")[0])[0] == 401
        assert request(query.replace("order-1", "order-2"))[0] == 404
        assert [request(query)[1]["runtimeStatus"] for _ in range(2)] == ["Running", "Completed"]
        assert request(f"{app.url}/other")[0] == 404
        assert app.requests[-1] == "GET /other 404"


def test_the_app_may_run_for_ever_or_fail() -> None:
    for running, end, statuses in ((None, "Completed", ["Running"] * 5), (0, "Failed", ["Failed"])):
        with FunctionApp(running=running, end=end) as app:
            query = request(f"{app.url}/api/orders", FUNCTION_KEY, "{}")[1]["statusQueryGetUri"]
            assert [request(query)[1]["runtimeStatus"] for _ in statuses] == statuses


def test_a_grant_may_be_refused_three_times(ready: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    principal = ready.ok("identity show -g rg -n id-shop --query principalId -o tsv")
    fault = {"kind": "principal-not-found", "command": "role assignment create"}
    monkeypatch.setenv("AZ_FAULT", json.dumps(fault))
    line = f"{GRANT} --assignee-object-id {principal} --role Reader --scope {HUB}"
    assert ready.refused(line)[1].startswith(f"(PrincipalNotFound) Principal {principal} does not")
