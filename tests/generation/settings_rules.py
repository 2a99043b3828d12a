"""What must agree in the settings of a project, each rule a function that yields files at fault.

`scripts/doctor` of generated projects has the same rules, by the same ids. It finds out from the
files what the user has chosen; here the answers are known, and the files are parsed.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import yaml

from cloud.support.plan_rules import Sent, forbidden

HOST, COMPOSE = "src/host.json", "compose.yaml"
LOCAL, EXAMPLE = "src/local.settings.json", "src/local.settings.example.json"
NAMES, BICEP = "scripts/settings.env", "infra/main.bicep"
SCRIPTS = {
    f"scripts/configure-identity.{shell}": f"scripts/provision.{shell}" for shell in ("sh", "ps1")
}
WORKERS = {
    "python": "python",
    "csharp": "dotnet-isolated",
    "typescript": "node",
    "javascript": "node",
}
CONNECTION = "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"
BUNDLE = "Microsoft.Azure.Functions.ExtensionBundle"
KEYS = ("AccountKey=", "SharedAccessKey=", "SharedAccessSignature=", "sig=", "code=", "Password=")


class ProjectSettings:
    """The settings of a project, locally and in Azure.

    Args:
        variant: the choices of the project.
        read: returns the text of a file.
    """

    def __init__(self, variant: dict[str, str], read: Callable[[str], str]) -> None:
        self.variant = variant
        self.read = read

    @cached_property
    def files(self) -> list[str]:
        """The files that hold settings."""
        if self.variant["provisioning"] == "bicep":
            azure = [BICEP, "infra/main.parameters.json"]
        else:
            azure = [*SCRIPTS.keys(), *SCRIPTS.values(), NAMES]
        return [HOST, LOCAL, EXAMPLE, COMPOSE, *azure]

    @cached_property
    def host(self) -> dict[str, Any]:
        """The content of host.json."""
        return json.loads(self.read(HOST))

    @property
    def durable(self) -> dict[str, Any]:
        """The options of Durable Functions."""
        return self.host["extensions"]["durableTask"]

    @property
    def connection(self) -> str:
        """The name of the setting that holds the connection string of the scheduler."""
        return self.durable["storageProvider"]["connectionStringName"]

    @cached_property
    def local(self) -> dict[str, Any]:
        """The values of the local settings."""
        return json.loads(self.read(LOCAL))["Values"]

    @cached_property
    def services(self) -> dict[str, Any]:
        """The emulators."""
        return yaml.safe_load(self.read(COMPOSE))["services"]

    def port(self, container_port: int) -> int:
        """Return the port of this computer for a port of an emulator."""
        ports = [port for service in self.services.values() for port in service["ports"]]
        (found,) = [port for port in ports if port.endswith(f":{container_port}")]
        return int(found.split(":")[-2])

    @cached_property
    def azure(self) -> dict[str, Sent]:
        """What each file that provisions sends: app settings and properties of the site."""
        if self.variant["provisioning"] == "bicep":
            return {BICEP: _sent_by_bicep(self.read(BICEP))}
        return {file: {"appSettings": _set_by_script(self.read(file))} for file in SCRIPTS}


def _set_by_script(text: str) -> dict[str, str]:
    lines = re.sub(r"[\\`]\n", " ", text).splitlines()
    (command,) = [line for line in lines if "appsettings set" in line]
    words = shlex.split(command)
    return dict(word.split("=", 1) for word in words[words.index("--settings") + 1 :])


def _sent_by_bicep(text: str) -> Sent:
    code = re.sub(r"(?m)\s//.*", "", text)
    (settings,) = re.findall(r"name: 'appsettings'\s+properties: \{\n(.*?)\n    \}", code, re.S)
    (site,) = re.findall(r"siteConfig: \{(.*?)\}", code, re.S)
    return {
        "appSettings": dict(re.findall(r"(\w+): (.+)", settings)),
        "siteConfig": dict.fromkeys(re.findall(r"(\w+):", site), "*"),
    }


def _parts(connection: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in connection.split(";") if part)


def files_can_be_read(project: ProjectSettings) -> Iterator[str]:
    """Each file exists, and JSON is valid."""
    for file in project.files:
        try:
            text = project.read(file)
            if file.endswith(".json"):
                json.loads(text)
        except (FileNotFoundError, json.JSONDecodeError):
            yield file


def _without(project: ProjectSettings, name: str) -> Iterator[str]:
    if not project.local.get(name):
        yield LOCAL
    for file, sent in project.azure.items():
        if name not in sent["appSettings"]:
            yield file


def placeholders_have_values(project: ProjectSettings) -> Iterator[str]:
    """Each %NAME% in host.json has a value, locally and in Azure."""
    for name in re.findall(r"%(\w+)%", project.read(HOST)):
        yield from _without(project, name)


def the_task_hub_exists(project: ProjectSettings) -> Iterator[str]:
    """The hub is that of a setting, and the emulator creates it."""
    name = re.fullmatch(r"%(\w+)%", project.durable.get("hubName", ""))
    if not name:
        yield HOST
        return
    hubs = project.services["scheduler"]["environment"]["DTS_TASK_HUB_NAMES"].split(",")
    if project.local.get(name[1]) and project.local[name[1]] not in hubs:
        yield LOCAL


def the_provider_has_a_connection_string(project: ProjectSettings) -> Iterator[str]:
    """host.json names the scheduler, and a setting that exists locally and in Azure."""
    if project.durable["storageProvider"]["type"] != "azureManaged":
        yield HOST
    if re.fullmatch(r"\w+", project.connection):
        yield from _without(project, project.connection)
    else:
        yield HOST


def the_local_connection_string_is_usable(project: ProjectSettings) -> Iterator[str]:
    """It leads to the emulator without a sign-in, or to Azure with one."""
    parts = _parts(project.local.get(project.connection, ""))
    if parts.get("Endpoint", "").startswith("https:"):
        good = parts["Authentication"] not in ("None", "ManagedIdentity")
    else:
        emulator = {"Endpoint": f"http://localhost:{project.port(8080)}", "Authentication": "None"}
        good = parts in ({}, emulator)
    if not good:
        yield LOCAL


def storage_is_the_emulator(project: ProjectSettings) -> Iterator[str]:
    """Azurite serves the ports that the short form means."""
    if project.local["AzureWebJobsStorage"] != "UseDevelopmentStorage=true":
        yield LOCAL
    for port in (10000, 10001, 10002):
        if project.port(port) != port:
            yield COMPOSE


def the_worker_fits_the_language(project: ProjectSettings) -> Iterator[str]:
    """The runtime is that of the language, locally and in Azure."""
    worker = WORKERS[project.variant["language"]]
    if project.local["FUNCTIONS_WORKER_RUNTIME"] != worker:
        yield LOCAL
    creators = [BICEP] if project.variant["provisioning"] == "bicep" else SCRIPTS.values()
    for file in creators:
        pattern = r"--runtime ([\w-]+)|WORKER_RUNTIME: '(.+)'|runtime: \{ name: '([\w-]+)'"
        found = {"".join(groups) for groups in re.findall(pattern, project.read(file))}
        if found != {worker}:
            yield file


def values_are_texts(project: ProjectSettings) -> Iterator[str]:
    """The Core Tools accept nothing else."""
    if not all(isinstance(value, str) for value in project.local.values()):
        yield LOCAL


def no_file_has_a_key(project: ProjectSettings) -> Iterator[str]:
    """Azure is reached by identity, the emulators without a key."""
    for file in project.files:
        if file in (LOCAL, EXAMPLE, NAMES) and any(key in project.read(file) for key in KEYS):
            yield file


def extensions_fit_the_language(project: ProjectSettings) -> Iterator[str]:
    """C# has its extensions as packages, the others in a bundle with the Durable Task Scheduler."""
    bundle = project.host.get("extensionBundle")
    if project.variant["language"] == "csharp":
        good = bundle is None
    else:
        good = bundle == {"id": BUNDLE, "version": "[4.36.0, 5.0.0)"}
    if not good:
        yield HOST


def the_client_id_fits_the_identity(project: ProjectSettings) -> Iterator[str]:
    """A user-assigned identity is found by its client id only, and the other one has none."""
    for file, sent in project.azure.items():
        text = sent["appSettings"].get(project.connection)
        wanted = project.variant["identity"] == "user-assigned"
        if text and ("ClientID=" in text) != wanted:
            yield file


def the_plan_accepts_the_settings(project: ProjectSettings) -> Iterator[str]:
    """What a plan refuses is in `tests/data`."""
    for file, sent in project.azure.items():
        if forbidden(project.variant["hosting_plan"], sent):
            yield file


def versions_are_comparable(project: ProjectSettings) -> Iterator[str]:
    """Instances have versions with a dot, and wait for an app that accepts them."""
    options = project.durable
    strategies = options["versionMatchStrategy"], options["versionFailureStrategy"]
    version = re.fullmatch(r"\d+\.\d+", options["defaultVersion"])
    if not version or strategies != ("CurrentOrOlder", "Reject"):
        yield HOST


RULES: dict[str, Callable[[ProjectSettings], Iterator[str]]] = {
    "DOC001": files_can_be_read,
    "DOC002": placeholders_have_values,
    "DOC003": the_task_hub_exists,
    "DOC004": the_provider_has_a_connection_string,
    "DOC005": the_local_connection_string_is_usable,
    "DOC006": storage_is_the_emulator,
    "DOC007": the_worker_fits_the_language,
    "DOC008": values_are_texts,
    "DOC009": no_file_has_a_key,
    "DOC010": extensions_fit_the_language,
    "DOC011": the_client_id_fits_the_identity,
    "DOC012": the_plan_accepts_the_settings,
    "DOC013": versions_are_comparable,
}


def violations(variant: dict[str, str], read: Callable[[str], str]) -> list[str]:
    """Return the id and the file of each violated rule; only DOC001 when a file is not readable."""
    project = ProjectSettings(variant, read)
    unreadable = [f"DOC001 {file}" for file in files_can_be_read(project)]
    return unreadable or [f"{id} {file}" for id, rule in RULES.items() for file in rule(project)]
