"""Seeded defects: a script with one mistake, which what the other tests look at must show.

Each begins at the stage that its script needs, so that a defect costs one run of one script. All
folders have a space in their names, and standard input holds a line that no script may read.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakery import Project
from defects import sample
from fakes.function_app import FunctionApp

from .support.checks import (
    check_findings,
    check_names,
    check_order,
    check_resources,
    check_roles,
    check_settings,
)
from .support.operator import SHELLS, SLUG, Operator, Result, edited, require_azure, tallied
from .support.stages import DEFAULTS, LAST_STEP, Stages

tally = tallied("seeded defects")

PROVISION, IDENTITY = "scripts/provision", "scripts/configure-identity"
COMMON, DEPLOY = "scripts/common", "scripts/deploy"
CONNECTION = "DURABLE_TASK_SCHEDULER_CONNECTION_STRING=Endpoint=$endpoint;Authentication="
QUOTED = f'"{CONNECTION}ManagedIdentity;ClientID=$client"'
DELETED = "--setting-names AzureWebJobsStorage AzureWebJobsDashboard"
ON_HUB = "ServicePrincipal 'Durable Task Data Contributor' $hub"
METRICS = 'grant "$principal" ServicePrincipal "Monitoring Metrics Publisher" "$insights"'
PREMIUM = {"hosting_plan": "premium"}
LEFT_ALONE = "nobody reads this\n"

Defect = tuple[str, str, str, str]
# Each: file, the text that is there, the mistake, and what is said about it.
NEW: dict[str, Defect] = {
    "a wrong option": (f"{PROVISION}.sh", "--sku-name C", "--sku C", "ambiguous option: --sku"),
    "a wrong choice": (
        f"{PROVISION}.ps1",
        " UserAssignedIdentity ",
        " UserAssigned ",
        "not a valid value",
    ),
    "allowed keys": (
        f"{PROVISION}.ps1",
        "key-access', 'false'",
        "key-access', 'true'",
        "shared-keys",
    ),
    "no IP allowlist": (
        f"{PROVISION}.sh",
        "Consumption --ip-allowlist $IP_ALLOWLIST",
        "Consumption",
        "empty-allowlist",
    ),
    "an allowed password": (f"{PROVISION}.ps1", "allow=false", "allow=true", "assert True == "),
    "telemetry with keys": (f"{PROVISION}.sh", "LocalAuth=true", "LocalAuth=false", "LocalAuth"),
    "the last step is missing": (f"{PROVISION}.sh", LAST_STEP, "", "functionapp restart"),
    "providers are not registered": (
        f"{PROVISION}.sh",
        '"$state" = Registered',
        '"$state" != none',
        "MissingSubscriptionRegistration",
    ),
}
ON_PREMIUM: dict[str, Defect] = {
    "FTP remains enabled (bash)": (f"{PROVISION}.sh", "--ftps-state Disabled", "", "FtpsOnly"),
    "FTP remains enabled (PowerShell)": (
        f"{PROVISION}.ps1",
        "--ftps-state Disabled",
        "",
        "FtpsOnly",
    ),
}
CREATED: dict[str, Defect] = {
    "a wrong role": (f"{IDENTITY}.sh", "Blob Data Owner", "Blob Data Reader", "Blob Data Reader"),
    "a broad role": (f"{IDENTITY}.ps1", "'Monitoring Metrics Publisher'", "Owner", "broad-role"),
    "a wide scope": (
        f"{IDENTITY}.ps1",
        ON_HUB,
        ON_HUB.replace("$hub", "($hub -replace '/taskHubs.*')"),
        f"Durable Task Data Contributor', 'rg-{SLUG}/schedulers/{SLUG}'",
    ),
    "the client id as principal": (
        f"{IDENTITY}.ps1",
        "Grant-Role $principal",
        "Grant-Role $client",
        "still does not find the identity",
    ),
    "a principal that Microsoft Graph has to find": (
        f"{COMMON}.sh",
        '--assignee-object-id "$principal" \\\n            --assignee-principal-type "$kind"',
        '--assignee "$principal"',
        "'assignee'",
    ),
    "a role after the last restart": (
        f"{IDENTITY}.sh",
        METRICS,
        f"trap '{METRICS}' EXIT",
        "a role after the last restart",
    ),
    "a missing quote": (f"{IDENTITY}.sh", QUOTED, QUOTED.strip('"'), "dict_keys.*Endpoint"),
    "a kept key": (f"{IDENTITY}.ps1", DELETED, DELETED.replace(" AzureWebJobsStorage", ""), "Jobs"),
    "no client id": (f"{IDENTITY}.sh", "Identity;ClientID=$client", "Identity", "ClientID"),
    "a wrong query": (f"{IDENTITY}.ps1", "properties.endpoint", "endpoint", "no endpoint of"),
    "a setting that Flex Consumption forbids": (
        f"{IDENTITY}.sh",
        '"TASKHUB_NAME=',
        '"FUNCTIONS_WORKER_RUNTIME=python" "TASKHUB_NAME=',
        "FUNCTIONS_WORKER_RUNTIME|Bad Request",
    ),
    "a suffix of the subscription alone (bash)": (
        f"{COMMON}.sh",
        '\'%s/%s\' "$SUBSCRIPTION_ID" "$RESOURCE_GROUP"',
        "'%s' \"$SUBSCRIPTION_ID\"",
        "does not exist",
    ),
    "a suffix of the subscription alone (PowerShell)": (
        f"{COMMON}.ps1",
        '"$($Settings.SUBSCRIPTION_ID)/$($Settings.RESOURCE_GROUP)"',
        '"$($Settings.SUBSCRIPTION_ID)"',
        "does not exist",
    ),
    "standard input is not closed (bash)": (
        f"{COMMON}.sh",
        'bounded az "$@" --only-show-errors </dev/null',
        'az "$@" --only-show-errors',
        "open-stdin",
    ),
    "standard input is not closed (PowerShell)": (
        f"{COMMON}.ps1",
        "$process.StandardInput.Close()",
        "",
        "open-stdin",
    ),
    "a folder without quotes": (
        f"{COMMON}.sh",
        'done <"$SCRIPTS/settings.env"',
        "done <$SCRIPTS/settings.env",
        "ambiguous redirect",
    ),
}
AGAIN: dict[str, Defect] = {
    "an app without a guard": (f"{PROVISION}.sh", 'exists_here "function app"', "false", "re-crea"),
    "a scheduler without a guard": (
        f"{PROVISION}.ps1",
        "Test-Here 'scheduler' durabletask scheduler show @which",
        "$false",
        "re-create|second run changed",
    ),
}
PROVISIONED: dict[str, Defect] = {
    "the source is published, not the package": (
        f"{DEPLOY}.sh",
        'cd "$SCRIPTS/../package"',
        'cd "$SCRIPTS/../src"',
        "zip-without-packages",
    ),
    "the server builds": (f"{DEPLOY}.sh", "--build-remote false ", "", "remoteBuild"),
    "a temporary folder without quotes": (
        f"{DEPLOY}.sh",
        '--src "$folder/app.zip"',
        "--src $folder/app.zip",
        "unrecognized arguments",
    ),
    "no patience with a host that starts": (
        f"{DEPLOY}.sh",
        ' | *"Failed to fetch host "*',
        "",
        "Failed to fetch host key",
    ),
}


# What is looked at ------------------------------------------------------------------------------


def run(person: Operator, script: str) -> Result:
    """Run a script that must end well, with nothing on stderr."""
    temporary = person.azure.folder / "temporary folder"
    temporary.mkdir(exist_ok=True)
    result = person.run(script, stdin=LEFT_ALONE, TMPDIR=str(temporary))
    assert (result.exit, result.stderr) == (0, ""), result.stdout + result.stderr
    assert not list(temporary.iterdir()), "something was left behind"
    return result


def inspect_new(person: Operator, project: Project, combination: dict[str, str]) -> None:
    person.azure.change(unregistered_providers=["Microsoft.DurableTask", "Microsoft.Web"])
    first = run(person, "provision")
    check_findings(combination, first)
    check_order(first)
    check_names(person)
    check_resources(combination, person)
    check_roles(combination, person)
    check_settings(combination, project, person)


def inspect_created(person: Operator, project: Project, combination: dict[str, str]) -> None:
    result = run(person, "configure-identity")
    check_findings(combination, result)
    check_order(result)
    check_roles(combination, person)
    check_settings(combination, project, person)


def inspect_again(person: Operator, project: Project, combination: dict[str, str]) -> None:
    resources = person.azure.read()["resources"]
    for each in resources.values():
        if each["type"] == "Microsoft.DurableTask/schedulers":
            each["properties"]["ipAllowlist"] = ["10.0.0.0/8"]
    person.azure.change(resources=resources)
    before = person.azure.end_state()
    result = run(person, "provision")
    check_findings(combination, result)
    assert person.azure.end_state() == before, "the second run changed something"


def inspect_provisioned(person: Operator, project: Project, combination: dict[str, str]) -> None:
    person.azure.change(host={"starting": 1})
    with FunctionApp() as app:
        person.serve(app)
        check_findings(combination, run(person, "deploy"))
    (life,) = person.azure.read()["apps"].values()
    assert not life["deployment"]["remoteBuild"], "remoteBuild"


INSPECTIONS: dict[str, tuple[str, Callable, dict[str, Defect], dict[str, str]]] = {
    "new": ("new", inspect_new, NEW, {}),
    "new on Elastic Premium": ("new", inspect_new, ON_PREMIUM, PREMIUM),
    "created": ("created", inspect_created, CREATED, {}),
    "again": ("provisioned", inspect_again, AGAIN, {}),
    "provisioned": ("provisioned", inspect_provisioned, PROVISIONED, {}),
}
SEEDED = [
    pytest.param(inspection, *defect, id=name)
    for inspection, (_, _, defects, _) in INSPECTIONS.items()
    for name, defect in sample(defects, 4).items()
]


@pytest.mark.parametrize(("inspection", "file", "old", "new", "finding"), SEEDED)
def test_a_seeded_defect_is_found(
    stages: Stages,
    tmp_path: Path,
    tally: Any,
    inspection: str,
    file: str,
    old: str,
    new: str,
    finding: str,
) -> None:
    shell = "powershell" if file.endswith(".ps1") else "bash"
    require_azure(shell)
    stage, inspect, _, chosen = INSPECTIONS[inspection]
    project = stages.project(**chosen)
    changed = edited(project.path, tmp_path, file, old, new)
    place = tmp_path / "a folder"
    person = stages.operator(stage, shell, place, tally, changed, combination=chosen)
    with pytest.raises(AssertionError) as caught:
        inspect(person, project, DEFAULTS | chosen)
    assert re.search(finding, str(caught.value)), str(caught.value)
    tally["seeded defects found"] += 1


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("inspection", INSPECTIONS)
def test_scripts_without_a_defect_pass(
    stages: Stages, tmp_path: Path, tally: Any, shell: str, inspection: str
) -> None:
    require_azure(shell)
    stage, inspect, _, chosen = INSPECTIONS[inspection]
    place = tmp_path / "a folder"
    person = stages.operator(stage, shell, place, tally, combination=chosen)
    inspect(person, stages.project(**chosen), DEFAULTS | chosen)
