"""What a local run does before `func start`: settings, and emulators that are ready."""

import json
import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from bakery import Bakery
from emulators import (
    Answer,
    install_fakes,
    ready_at_third_attempt,
    scheduler,
    serve,
    silent,
    storage,
    web_server,
)
from machine import require

pytestmark = pytest.mark.slow
shells = pytest.mark.parametrize("shell", ["bash", "pwsh"])

KEY = "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"


class Run:
    """A copy of the default project, without local settings, whose scripts find fakes on PATH."""

    def __init__(self, bakery: Bakery, folder: Path, shell: str) -> None:
        require(shell)
        self.shell = shell
        self.project = folder / "project"
        shutil.copytree(bakery.bake(language="csharp").path, self.project)
        self.settings = self.project / "src/local.settings.json"
        self.settings.unlink()
        self.calls = folder / "calls"
        fakes = install_fakes(folder / "fakes")
        dotnet = fakes / "dotnet"  # scripts/start only looks for it: the Core Tools build the app
        dotnet.touch(0o755)
        self.variables = {
            "CALLS": str(self.calls),
            "DOCKER_FAILS": "",
            "EMULATOR_TIMEOUT": "60",
            "PATH": f"{fakes}{os.pathsep}{os.environ['PATH']}",
            "SCHEDULER": "",
            "STORAGE": "",
        }

    def __call__(self, script: str, *options: str, **extra: str) -> subprocess.CompletedProcess:
        """Run a script of the project."""
        ending = {"bash": "sh", "pwsh": "ps1"}[self.shell]
        return subprocess.run(
            [self.shell, f"scripts/{script}.{ending}", *options],
            cwd=self.project,
            env=os.environ | self.variables | extra,
            capture_output=True,
            text=True,
            timeout=60,  # a script that waits for ever for one response is killed
        )

    def with_servers(
        self, dts: Answer, azurite: Answer, **extra: str
    ) -> subprocess.CompletedProcess:
        """Run `scripts/start` while servers answer on the ports that docker names."""
        with ExitStack() as servers:
            ports = [servers.enter_context(serve(answer)) for answer in (dts, azurite)]
            addresses = [f"127.0.0.1:{port}" for port in ports]
            return self("start", "--verbose", SCHEDULER=addresses[0], STORAGE=addresses[1], **extra)

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def run(bakery: Bakery, tmp_path: Path, shell: str) -> Run:
    return Run(bakery, tmp_path, shell)


# Emulators --------------------------------------------------------------------------------------


@shells
def test_the_app_starts_when_both_emulators_answer(run: Run) -> None:
    result = run.with_servers(scheduler, storage)
    assert result.returncode == 0, result.stderr
    assert run.called()[-1] == "func start --verbose in src"
    assert "docker compose up --detach" in run.called()
    assert "http://localhost:9082" in result.stdout
    assert KEY in json.loads(run.settings.read_text())["Values"]


@shells
def test_it_waits_for_emulators_that_need_a_moment(run: Run) -> None:
    result = run.with_servers(ready_at_third_attempt(scheduler), ready_at_third_attempt(storage))
    assert result.returncode == 0, result.stderr
    assert run.called()[-1].startswith("func start")


@shells
@pytest.mark.parametrize("other", [silent, web_server], ids=["silent", "another program"])
@pytest.mark.parametrize("service", ["scheduler", "storage"])
def test_an_open_port_is_no_ready_emulator(run: Run, service: str, other: Answer) -> None:
    answers = {"scheduler": (other, storage), "storage": (scheduler, other)}[service]
    result = run.with_servers(*answers, EMULATOR_TIMEOUT="0")
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"The {service} emulator does not answer on port ")
    assert f"after 0 seconds: see 'docker compose logs {service}'" in line
    assert not any(call.startswith("func") for call in run.called())


@shells
def test_each_emulator_is_told_from_the_other(run: Run) -> None:
    for service, answer in {"scheduler": storage, "storage": scheduler}.items():
        result = run.with_servers(answer, answer, EMULATOR_TIMEOUT="0")
        assert result.stderr.startswith(f"The {service} emulator does not answer")


@shells
def test_a_docker_that_names_no_port_means_that_of_the_container(run: Run) -> None:
    result = run("emulators", EMULATOR_TIMEOUT="0")
    if result.returncode == 0:
        pytest.skip("an emulator answers on port 8080 of this machine")
    assert "on port 8080 after 0 seconds" in result.stderr


@shells
@pytest.mark.parametrize(
    ("fails", "message"),
    [
        ("info", "docker does not answer: the reason"),
        ("compose version", "docker compose is missing: install the Compose plugin of Docker."),
        ("compose up --detach", "the emulators did not start: is another program using port 8080"),
    ],
)
def test_what_docker_refuses_is_said(run: Run, fails: str, message: str) -> None:
    result = run("start", DOCKER_FAILS=fails)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith(message)
    assert not any(call.startswith("func") for call in run.called())


@shells
@pytest.mark.parametrize("limit", ["soon", "-1", "1.5"])
def test_a_limit_that_is_no_number_is_refused(run: Run, limit: str) -> None:
    result = run("emulators", EMULATOR_TIMEOUT=limit)
    assert result.returncode == 1
    message = f"EMULATOR_TIMEOUT is '{limit}': it must be a number of seconds, as in 60.\n"
    assert result.stderr == message
    assert run.called() == []


# Settings ---------------------------------------------------------------------------------------

# Source: setLocalAppSetting and validateWorkerRuntime of microsoft/vscode-azurefunctions, which
# add the worker runtime to a file that they create; `func init` adds the storage as well.
WORKER = {"IsEncrypted": False, "Values": {"FUNCTIONS_WORKER_RUNTIME": "dotnet-isolated"}}
STORAGE = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}
CREATED = {
    "nothing": None,
    "an empty file": "",
    "a blank file": "\r\n",
    "no values": json.dumps({"IsEncrypted": False}),
    "empty values": json.dumps({"IsEncrypted": False, "Values": {}}),
    "the extension": json.dumps(WORKER, indent=4),
    "the extension, in one line": json.dumps(WORKER, separators=(",", ":")),
    "the extension, on Windows": json.dumps(WORKER, indent=4).replace("\n", "\r\n"),
    "func init": json.dumps(WORKER | {"Values": STORAGE | WORKER["Values"]}, indent=2),
    "func init, without storage": json.dumps(
        WORKER | {"Values": {"AzureWebJobsStorage": ""} | WORKER["Values"]}, indent=2
    ),
}


@shells
@pytest.mark.parametrize("text", CREATED.values(), ids=CREATED.keys())
def test_settings_that_tools_created_are_replaced(run: Run, text: str | None) -> None:
    if text is not None:
        run.settings.write_text(text, newline="")
    result = run("local-settings")
    assert result.returncode == 0, result.stderr
    example = run.settings.with_name("local.settings.example.json")
    assert run.settings.read_bytes() == example.read_bytes()


def values_of(project: Path) -> dict[str, str]:
    text = (project / "src/local.settings.example.json").read_text(encoding="utf-8")
    return json.loads(text)["Values"]


USERS = {
    "a setting": WORKER | {"Values": WORKER["Values"] | {"MY_SETTING": "mine"}},
    "a storage account": WORKER | {"Values": {"AzureWebJobsStorage": "AccountName=mine"}},
    "a host option": WORKER | {"Host": {"LocalHttpPort": 7072}},
    "encrypted": WORKER | {"IsEncrypted": True},
    "a connection string": WORKER | {"ConnectionStrings": {"Mine": "Server=mine"}},
}


@shells
@pytest.mark.parametrize("settings", USERS.values(), ids=USERS.keys())
def test_settings_of_a_user_are_kept_and_what_is_missing_is_said(run: Run, settings: dict) -> None:
    run.settings.write_text(json.dumps(settings, indent=2))
    result = run("local-settings")
    assert json.loads(run.settings.read_text()) == settings
    assert result.returncode == 1
    missing = [name for name in values_of(run.project) if name not in settings["Values"]]
    assert KEY in missing
    assert result.stderr == (
        f"src/local.settings.json has no {', '.join(missing)}: "
        "copy what is missing from src/local.settings.example.json.\n"
    )


@shells
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_names_of_any_kind_are_looked_for(run: Run, line_end: str) -> None:
    own = dict.fromkeys(("PAYMENT_V2_URL", "paymentUrl", "AzureWebJobs.shipOrder.Disabled"), "x")
    values = values_of(run.project)
    text = json.dumps({"IsEncrypted": False, "Values": values | own}, indent=2)
    example = run.settings.with_name("local.settings.example.json")
    example.write_bytes(text.replace("\n", line_end).encode())
    run.settings.write_text(json.dumps({"Values": values}))
    result = run("local-settings")
    assert result.returncode == 1
    assert result.stderr.startswith(f"src/local.settings.json has no {', '.join(own)}: copy")
    assert run("local-settings", **own).returncode == 0


@shells
def test_complete_settings_are_left_alone(run: Run) -> None:
    values = values_of(run.project) | {KEY: "Endpoint=https://mine;Authentication=DefaultAzure"}
    text = json.dumps({"Values": values}, separators=(" ,", " :"))
    run.settings.write_text(text)
    result = run("local-settings")
    assert (result.returncode, result.stderr, result.stdout) == (0, "", "")
    assert run.settings.read_text() == text


@shells
def test_an_environment_variable_stands_for_a_setting(run: Run) -> None:
    values = {name: value for name, value in values_of(run.project).items() if name != KEY}
    run.settings.write_text(json.dumps({"Values": values | {"MY_SETTING": "mine"}}))
    assert run("local-settings").returncode == 1
    assert run("local-settings", **{KEY: "Endpoint=https://mine"}).returncode == 0
