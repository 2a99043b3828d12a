"""All that makes the Azure CLI of the tests differ from the real one.

* where its configuration and extensions are: the environment of each call says so
* who is signed in: credentials without Microsoft Entra
* where requests go: to the fake service, in this process; every other connection is refused
* how long it waits between two polls: not at all
"""

import contextlib
import http.client
import importlib
import io
import logging
import os
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from fakes.azure_cli import wheels
from fakes.azure_cli.profile import signed_in
from fakes.azure_cli.record import Record
from fakes.azure_resource_manager import extension_index, service
from fakes.azure_resource_manager.errors import NotSimulated
from fakes.azure_resource_manager.faults import Hanging, ResponseLost
from fakes.azure_resource_manager.http import Request, ServiceResponse
from fakes.azure_resource_manager.state import SUBSCRIPTION, USER_NAME, locked, new

NOWHERE = "/nowhere/azure-cli"  # the configuration folder before a call says where it is
# Commands that import what calls need: they run once, against a service that nobody uses.
WARM_UP = """
version
group create -n rg -l centralus -o none
provider register -n Microsoft.DurableTask
provider show -n Microsoft.DurableTask --query registrationState -o tsv
extension list -o table
storage account create -g rg -n stwarm --sku Standard_LRS -o none
identity create -g rg -n id-warm -o none
identity federated-credential list -g rg --identity-name id-warm
monitor log-analytics workspace create -g rg -n log-warm -o none
monitor app-insights component create -g rg --app appi -l centralus -o none
durabletask scheduler create -g rg -n dts --sku-name Consumption --ip-allowlist 0.0.0.0/0 -o none
durabletask taskhub create -g rg -s dts -n default -o none
durabletask taskhub show -g rg -s dts -n default -o none
functionapp create -g rg -n warm -s stwarm -f centralus --runtime python --app-insights appi \
    --runtime-version 3.13 --assign-identity [system] -o none
functionapp config appsettings set -g rg -n warm --settings A=b -o none
resource show -g rg -n stwarm --resource-type Microsoft.Storage/storageAccounts -o none
ad signed-in-user show --query id -o tsv
role assignment list --scope /subscriptions/{subscription} -o none
rest -u /subscriptions?api-version=2022-12-01 -o none
functionapp deployment source config-zip -g rg -n warm --src /nowhere -o none
"""
record: Record
kept_paths: list[tuple[Any, str, str]] = []  # set when everything is imported
real_sleep = time.sleep


def prepare(folder: Path) -> None:
    """Replace what must not reach the outside, and import what calls need.

    `folder` gets `config`, the configuration of an Azure CLI that knows its commands and who is
    signed in, and `extensions`, with both fakes.
    """
    os.environ["AZURE_CONFIG_DIR"] = NOWHERE
    from azure.cli.core import _profile
    from requests.adapters import HTTPAdapter

    _profile._create_identity_instance = lambda *_, **__: Identity()
    HTTPAdapter.send = _send  # type: ignore[method-assign]
    socket.socket.connect = _refuse_connection  # type: ignore[method-assign]
    time.sleep = lambda _: None
    extension_index.build_wheel = wheels.build
    for name, versions in new()["extension_index"].items():
        wheels.install(name, versions[-1], folder / "extensions")
    os.environ |= {
        "AZURE_CONFIG_DIR": str(folder / "config"),
        "AZURE_EXTENSION_DIR": str(folder / "extensions"),
        "FAKE_AZURE_STATE": str(folder / "state.json"),
        "FAKE_AZURE_LOG": str(folder / "calls.jsonl"),
    }
    signed_in(folder / "config")
    _import_core()
    kept_paths.extend(_paths_of_modules())
    for line in WARM_UP.replace("\\\n", " ").strip().splitlines():
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            run(line.format(subscription=SUBSCRIPTION).split())


def _import_core() -> None:
    """Import the modules that keep paths of the configuration."""
    for name in ("", ".cloud", ".extension.operations", ".intercept_survey", ".telemetry", ".util"):
        importlib.import_module(f"azure.cli.core{name}")


def run(arguments: list[str]) -> int:
    """Run the Azure CLI in the environment of this process and return its exit code."""
    global record
    record = Record("az", arguments)
    code = 1
    try:
        code = _run(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as end:
        if type(end).__name__ == "NotPerformed":  # of an extension
            _fail(str(end))
        raise
    finally:
        record.end(code)
    return code


def _run(arguments: list[str]) -> int:
    _use_folders()
    from azure.cli.core import get_default_cli
    from knack.log import CLI_LOGGER_NAME

    logger = logging.getLogger(CLI_LOGGER_NAME)
    for each in (logger, logging.getLogger()):
        each.handlers.clear()  # those of the warm-up
    cli = get_default_cli()
    logger.addHandler(_Warnings())
    code = cli.invoke(arguments)
    if code == 0 and "--query" in arguments and cli.result and cli.result.result is None:
        record.find("empty-query", arguments[arguments.index("--query") + 1])
    return code


class _Warnings(logging.Handler):
    """Records warnings that something ends or goes, whether they are printed or not."""

    WORDS = ("deprecat", "end-of-life", "will be removed", "will be retired", "breaking change")

    def emit(self, entry: logging.LogRecord) -> None:
        """Record a warning."""
        text = entry.getMessage()
        if entry.levelno == logging.WARNING and any(word in text.lower() for word in self.WORDS):
            record.find("deprecated", text)


# Folders ----------------------------------------------------------------------------------------


def _use_folders() -> None:
    """Put the folders of this call where the modules have kept those of the import."""
    from azure.cli.core import extension
    from knack.config import CLIConfig

    folder = os.environ["AZURE_CONFIG_DIR"]
    for module, name, value in kept_paths:
        setattr(module, name, value.replace(NOWHERE, folder, 1))
    extension.az_config = CLIConfig(config_dir=folder, config_env_var_prefix="AZURE")
    extension.EXTENSIONS_DIR = os.environ["AZURE_EXTENSION_DIR"]
    _forget_other_extensions(Path(extension.EXTENSIONS_DIR))


def _forget_other_extensions(folder: Path) -> None:
    """Let extensions be imported again whose files are not those that were imported."""
    loaded = {name: each for name, each in sys.modules.items() if name.startswith("azext_")}
    for package in {name.split(".")[0] for name in loaded}:
        files = [
            Path(each.__file__)
            for name, each in loaded.items()
            if f"{name}.".startswith(f"{package}.")
        ]
        home = Path(loaded[package].__file__).parents[1]
        here = folder / home.name
        if here.is_dir() and any(_differ(each, here / each.relative_to(home)) for each in files):
            sys.path[:] = [each for each in sys.path if each != str(home)]
            for name in loaded:
                if f"{name}.".startswith(f"{package}."):
                    del sys.modules[name]


def _differ(one: Path, other: Path) -> bool:
    return not other.exists() or one.read_bytes() != other.read_bytes()


def _paths_of_modules() -> list[tuple[Any, str, str]]:
    """Return (module, name, value) of each variable with a path below the folder of the import."""
    return [
        (module, name, value)
        for key, module in list(sys.modules.items())
        if key.startswith("azure.cli")
        for name, value in vars(module).items()
        if isinstance(value, str) and value.startswith(NOWHERE)
    ]


# Credentials ------------------------------------------------------------------------------------


class Identity:
    """What the Azure CLI uses to sign in and to get tokens."""

    def acquire_token(self, scopes: list[str], **_: Any) -> dict[str, Any]:
        """Return a token that the fake service accepts."""
        return {"access_token": "made-up-token", "token_type": "Bearer", "expires_in": 3600}

    def get_user_credential(self, _: str) -> "Identity":
        """Return the credential of a person."""
        return self

    get_service_principal_credential = get_user_credential

    def login_with_auth_code(self, **_: Any) -> dict[str, str]:
        """Sign in."""
        return {"username": USER_NAME}

    login_with_device_code = login_with_auth_code

    def logout_user(self, _: str) -> None:
        """Sign out."""

    logout_service_principal = logout_user

    def logout_all_users(self) -> None:
        """Sign everybody out."""

    logout_all_service_principal = logout_all_users


# Requests ---------------------------------------------------------------------------------------


def _send(adapter: Any, prepared: Any, **_: Any) -> Any:
    """Answer a request of the library `requests` by the fake service."""
    import requests
    from urllib3 import HTTPResponse

    body = prepared.body or b""
    if not isinstance(body, bytes):
        body = body.encode() if isinstance(body, str) else b"".join(body)
    request = Request(prepared.method, prepared.url, dict(prepared.headers), body)
    try:
        response = _respond(request)
    except ResponseLost:
        lost = "Remote end closed connection without response"
        text = f"('Connection aborted.', RemoteDisconnected('{lost}'))"
        raise requests.exceptions.ConnectionError(text, request=prepared) from None
    raw = HTTPResponse(
        body=io.BytesIO(response.body),
        headers=response.headers | {"Content-Length": str(len(response.body))},
        status=response.status,
        preload_content=False,
        request_method=request.method,
    )
    raw.reason = http.client.responses.get(response.status, "")
    return adapter.build_response(prepared, raw)


def _respond(request: Request) -> ServiceResponse:
    path = os.environ["FAKE_AZURE_STATE"]
    content = request.headers.get("content-type", "")
    body = request.json if request.body and "json" in content else None
    call = record.next_request(request.method, request.url, body)
    try:
        with locked(path) as state:
            try:
                response, findings = service.respond(state, request, call)
            except (ResponseLost, Hanging) as end:  # what has happened is kept
                response, findings, lost = ServiceResponse(), [], end
            else:
                lost = None
    except NotSimulated as gap:
        _fail(f"the fake service has no behaviour for {gap}")
    except Exception:  # a mistake of the fake must not look like a refusal of Azure
        _fail(traceback.format_exc())
    for finding in findings:
        record.find(finding["kind"], finding["text"])
    if isinstance(lost, Hanging):
        record.answered("hangs")
        while True:
            real_sleep(60)
    record.answered("lost" if lost else response.status)
    if lost:
        raise lost
    return response


def _refuse_connection(connection: socket.socket, address: Any) -> None:
    if connection.family == socket.AF_UNIX:
        return _connect(connection, address)
    _fail(f"the Azure CLI of the tests reaches no network, and it wants to reach {address}")


_connect = socket.socket.connect


def _fail(reason: str) -> NoReturn:
    """End the call at once, so that neither the Azure CLI nor a script can make less of it."""
    record.fail(reason)
    os.write(2, f"ERROR: {reason}\n".encode())
    os._exit(70)
