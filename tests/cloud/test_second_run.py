"""What a second run of provisioning restores and keeps: docs/provisioning.md, row by row."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery

from .support.operator import (
    GROUP,
    SHELLS,
    SLUG,
    Operator,
    bake,
    copy_state,
    require_azure,
    tallied,
)

tally = tallied("second run")
DOCUMENT = "docs/provisioning.md"
SCALING = "functionsRuntimeScaleMonitoringEnabled"
INGESTION = "publicNetworkAccessForIngestion"
PREMIUM = {"hosting_plan": "premium", "identity": "user-assigned"}
FLEX = {"hosting_plan": "flex-consumption", "identity": "system-assigned"}
APP_SERVICE = {"hosting_plan": "app-service", "identity": "system-assigned"}

# (part of the short id, path of the property, what somebody sets, what holds after a second run)
Row = tuple[str, str, Any, Any]
ON_EACH_PLAN: dict[str, list[Row]] = {
    "HTTPS only (app, storage account)": [
        ("/sites/APP", "properties.httpsOnly", False, True),
        ("/storageAccounts/ACCOUNT", "properties.supportsHttpsTrafficOnly", False, True),
    ],
    "TLS version (app, storage account)": [
        ("/sites/APP/config/web", "properties.minTlsVersion", "1.0", "1.2"),
        ("/storageAccounts/ACCOUNT", "properties.minimumTlsVersion", "TLS1_0", "TLS1_2"),
    ],
    "Publishing with a password": [
        ("/basicPublishingCredentialsPolicies/scm", "properties.allow", True, False),
        ("/basicPublishingCredentialsPolicies/ftp", "properties.allow", True, False),
    ],
    "Public access to blobs": [
        ("/storageAccounts/ACCOUNT", "properties.allowBlobPublicAccess", True, False),
    ],
    "Keys of Application Insights": [
        (f"/components/appi-{SLUG}", "properties.DisableLocalAuth", False, True),
    ],
    "Tags of the resource group and of all resources": [
        (f"^{GROUP}$", "tags", {"cost": "42"}, {"cost": "42"}),
        ("/storageAccounts/ACCOUNT", "tags", {"cost": "42"}, {"cost": "42"}),
        (f"/workspaces/log-{SLUG}", "tags", {"cost": "42"}, {"cost": "42"}),
        (f"/components/appi-{SLUG}", "tags", {"cost": "42"}, {"cost": "42"}),
        (f"/schedulers/{SLUG}", "tags", {"cost": "42"}, {"cost": "42"}),
        ("/sites/APP", "tags", {"cost": "42"}, {"cost": "42"}),
        (f"/userAssignedIdentities/id-{SLUG}", "tags", {"cost": "42"}, {"cost": "42"}),
        (f"/serverfarms/plan-{SLUG}", "tags", {"cost": "42"}, {"cost": "42"}),
    ],
    "Log Analytics: retention, access from public networks": [
        (f"/workspaces/log-{SLUG}", "properties.retentionInDays", 90, 90),
        (f"/workspaces/log-{SLUG}", f"properties.{INGESTION}", "Disabled", "Disabled"),
    ],
    "Scheduler: IP allowlist, SKU": [
        (f"/schedulers/{SLUG}", "properties.ipAllowlist", ["10.0.0.0/8"], ["10.0.0.0/8"]),
    ],
    "Scheduler in the state Failed": [
        (f"/schedulers/{SLUG}", "properties.provisioningState", "Failed", "Succeeded"),
    ],
}
OF_A_PLAN: dict[str, dict[str, list[Row]]] = {
    "premium": {
        "FTP (Elastic Premium, App Service)": [
            ("/sites/APP/config/web", "properties.ftpsState", "AllAllowed", "Disabled"),
        ],
        "Always On (App Service), scaling on the task hub (Elastic Premium)": [
            ("/sites/APP/config/web", f"properties.{SCALING}", False, True),
        ],
        "Plan: SKU, number of instances": [
            (f"/serverfarms/plan-{SLUG}", "sku.name", "EP2", "EP2"),
            (f"/serverfarms/plan-{SLUG}", "sku.capacity", 3, 3),
            (f"/serverfarms/plan-{SLUG}", "properties.maximumElasticWorkerCount", 5, 5),
        ],
    },
    "app-service": {
        "FTP (Elastic Premium, App Service)": [
            ("/sites/APP/config/web", "properties.ftpsState", "AllAllowed", "Disabled"),
        ],
        "Always On (App Service), scaling on the task hub (Elastic Premium)": [
            ("/sites/APP/config/web", "properties.alwaysOn", False, True),
        ],
        "Keys of the storage account": [
            ("/storageAccounts/ACCOUNT", "properties.allowSharedKeyAccess", True, False),
        ],
    },
    "flex-consumption": {
        "Keys of the storage account": [
            ("/storageAccounts/ACCOUNT", "properties.allowSharedKeyAccess", True, False),
        ],
    },
}
OTHER_ROWS = {
    "Identity of the app",
    "Roles of the identity",
    "Settings of the app that the scripts write, with all connection strings",
    "Settings of the app that you have added",
    "A resource in another region than `LOCATION`",
    "Extensions of the Azure CLI",
}


def test_the_document_has_these_rows(bakery: Bakery) -> None:
    table = re.findall(r"^\| (.+?) \| .+ \|$", bakery.bake().read(DOCUMENT), re.MULTILINE)
    rows = {row for plan in OF_A_PLAN.values() for row in plan} | ON_EACH_PLAN.keys() | OTHER_ROWS
    assert set(table) == rows | {"Property", "---"}


@pytest.fixture(scope="module")
def first(
    bakery: Bakery, tmp_path_factory: pytest.TempPathFactory, tally: Any
) -> Callable[[dict[str, str]], Operator]:
    """Return a function that provisions a combination, once, with bash."""
    require_azure()
    made: dict[str, Operator] = {}

    def provision(combination: dict[str, str]) -> Operator:
        plan = combination["hosting_plan"]
        if plan not in made:
            project = bake(bakery, combination)
            made[plan] = Operator(project.path, "bash", tmp_path_factory.mktemp(plan), tally)
            made[plan].succeed("provision")
        return made[plan]

    return provision


@pytest.fixture
def again(first: Callable, tmp_path: Path, tally: Any) -> Callable[..., Operator]:
    """Return a function that makes an operator who begins where the first run has ended."""

    def begin(combination: dict[str, str], shell: str) -> Operator:
        start = first(combination)
        return copy_state(start, Operator(start.project, shell, tmp_path, tally))

    return begin


def places(person: Operator, resources: dict, rows: list[Row]) -> Iterator[tuple[Row, dict, str]]:
    """Yield each row with the object and the name of its property, where the plan has it."""
    account = next(each["name"] for each in resources.values() if "Accounts" in each["type"][-8:])
    for row in rows:
        pattern = row[0].replace("APP", person.app).replace("ACCOUNT", account)
        *above, name = row[1].split(".")
        for short, resource in person.azure.resources().items():
            if re.search(f"{pattern}$", short, re.IGNORECASE):
                place = resources[resource["id"].lower()]
                for key in above:
                    place = place[key]
                yield row, place, name


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "combination", [PREMIUM, FLEX, APP_SERVICE], ids=lambda each: "-".join(each.values())
)
def test_a_second_run(again: Callable, combination: dict[str, str], shell: str) -> None:
    """Somebody has changed everything; the identity of the app is gone with its roles."""
    require_azure(shell)
    person = again(combination, shell)
    table = ON_EACH_PLAN | OF_A_PLAN[combination["hosting_plan"]]
    rows = [row for each in table.values() for row in each]
    state = person.azure.read()
    settings = person.azure.settings(person.app)
    roles = {each for each in person.azure.roles() if "Blob Data Contributor" not in each[1]}
    for row, place, name in places(person, state["resources"], rows):
        assert row[2:] == (place.get(name), row[3]) or place.get(name) != row[2]
        place[name] = row[2]
    (app,) = [each for each in state["resources"].values() if each["type"] == "Microsoft.Web/sites"]
    app["identity"] = None
    changed = {
        "MINE": "kept",
        "TASKHUB_NAME": "other",
        "AzureWebJobsStorage": "DefaultEndpointsProtocol=https;AccountName=other",
    }
    (names,) = state["settings"].values()
    lost = {"APPLICATIONINSIGHTS_CONNECTION_STRING", "WEBSITE_RUN_FROM_PACKAGE"}
    left = {key: each for key, each in names.items() if key not in lost} | changed
    person.azure.change(
        resources=state["resources"],
        assignments={},
        settings=dict.fromkeys(state["settings"], left),
    )

    result = person.succeed("provision")

    found = {
        f"{row[0]} {row[1]}": place.get(name)
        for row, place, name in places(person, person.azure.read()["resources"], rows)
    }
    assert found == {f"{row[0]} {row[1]}": row[3] for row in rows if f"{row[0]} {row[1]}" in found}
    assert len(found) >= 17
    assert person.azure.settings(person.app) == settings | {"MINE": "kept"}
    assert {each for each in person.azure.roles() if each[0] != "deleted principal"} == roles
    assert "monitor app-insights component create" not in result.commands, "keys for a moment"
    assert "extension add" not in result.commands
    assert "The scheduler is in the state Failed: creating it again" in result.stdout
