"""The known sequences lead to a running app without keys, and a second run changes nothing."""

import itertools
import json
import zipfile
from pathlib import Path

import pytest

from machine import require

from .conftest import HOST
from .runner import Subscription
from .sequences import provisioning

APP = "func-shop-123456"
ROLES = {
    ("Storage Blob Data Owner", "rg-shop/storageAccounts/stshop123456"),
    ("Durable Task Data Contributor", "rg-shop/schedulers/dts-shop/taskHubs/default"),
    ("Monitoring Metrics Publisher", "rg-shop/components/appi-shop"),
}
BY_ID = """--assignee-object-id "$PRINCIPAL" \\
        --assignee-principal-type ServicePrincipal"""
DEPLOYMENT_ROLE = ("Storage Blob Data Contributor", "rg-shop/storageAccounts/stshop123456")


@pytest.fixture
def azure(tmp_path: Path) -> Subscription:
    """Return an empty subscription, with a package in the folder of the runs."""
    require("bash")
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as package:
        package.writestr("host.json", json.dumps(HOST))
    return Subscription(tmp_path)


VARIANTS = [
    ("flex", "user-assigned"),
    *(
        pytest.param(*variant, marks=pytest.mark.slow)
        for variant in itertools.product(
            ("flex", "dedicated", "premium"), ("system-assigned", "user-assigned")
        )
        if variant != ("flex", "user-assigned")
    ),
]


@pytest.mark.parametrize(("plan", "identity"), VARIANTS)
def test_the_second_run_changes_nothing(azure: Subscription, plan: str, identity: str) -> None:
    sku = "Dedicated" if plan == "dedicated" else "Consumption"
    script = ["bash", "-c", provisioning(plan, identity, sku, oidc=True)]
    first = azure.run(script)
    assert (first.exit, first.stderr) == (0, "")
    state = azure.end_state()
    second = azure.run(script)
    assert (second.exit, second.stderr) == (0, "")
    assert azure.end_state() == state
    keys = [("shared-keys", "storage account stshop123456")] if plan == "premium" else []
    assert first.findings == second.findings == keys
    assert azure.roles() == _expected_roles(plan, identity)
    with_key = {name for name, value in azure.settings(APP).items() if "AccountKey" in value}
    assert with_key == ({"WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"} if keys else set())


def _expected_roles(plan: str, identity: str) -> set[tuple[str, str, str]]:
    of_system = identity == "system-assigned"
    app = f"system identity app {APP}" if of_system else "user-assigned identity id-shop"
    roles = {(app, *role) for role in ROLES}
    if plan == "flex":
        roles.add((app, *DEPLOYMENT_ROLE))
    deploy = "user-assigned identity id-shop-deploy"
    return roles | {(deploy, "Website Contributor", f"rg-shop/sites/{APP}")}


@pytest.mark.slow
def test_the_smoke_test_gets_the_key(azure: Subscription) -> None:
    assert azure.run(["bash", "-c", provisioning("flex", "user-assigned")]).exit == 0
    read = f"functionapp keys list -g rg-shop -n {APP} --query functionKeys.default -o tsv"
    assert azure.az(*read.split()).stdout == "made-up-function-key\n"


@pytest.mark.slow
def test_end_states_do_not_depend_on_made_up_values(azure: Subscription, tmp_path: Path) -> None:
    script = ["bash", "-c", provisioning("flex", "user-assigned")]
    assert azure.run(script).exit == 0
    other = Subscription(tmp_path / "other")
    assert other.az("group", "create", "-n", "rg-x", "-l", "centralus").exit == 0
    assert other.az("identity", "create", "-g", "rg-x", "-n", "id-x").exit == 0
    assert other.az("group", "delete", "-n", "rg-x", "--yes").exit == 0
    assert other.run(script, cwd=tmp_path).exit == 0
    assert other.read()["principals"].keys() != azure.read()["principals"].keys()
    assert other.end_state() == azure.end_state()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("written", "wrong", "finding"),
    [
        ("--query properties.endpoint", "--query endpoint", "empty-query"),
        ("--ip-allowlist 0.0.0.0/0", "", "empty-allow-list"),
        ("--allow-shared-key-access false", "", "shared-keys"),
        ("ClientID=$CLIENT", "", "wrong-identity"),
        ("--setting-names AzureWebJobsStorage ", "--setting-names ", "deploy-with-key"),
        ('grant "Durable Task Data Contributor"', "# ", "role-missing"),
        ('grant "Monitoring Metrics Publisher"', "# ", "role-missing"),
        (BY_ID, '--assignee "$CLIENT"', "assignee"),
    ],
)
def test_a_mistake_that_runs_is_a_finding(
    azure: Subscription, written: str, wrong: str, finding: str
) -> None:
    script = provisioning("dedicated", "user-assigned")
    assert written in script
    result = azure.run(["bash", "-c", script.replace(written, wrong)])
    assert result.exit == 0, result.stderr
    assert finding in {kind for kind, _ in result.findings}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("written", "wrong", "error"),
    [
        ("--sku-name Consumption", "--sku consumption", "ambiguous option: --sku"),
        ("--sku-name Consumption", "", "The --sku-name parameter is required."),
        ("--sku-name Consumption", "--sku-name Dedicated", "--sku-capacity parameter is required"),
        ("--ip-allowlist 0.0.0.0/0", "--ip-allowlist a,b", "'a,b' in ipAllowlist"),
        ('"Durable Task Data Contributor"', '"Durable Task Hub Owner"', "doesn't exist"),
        ("--query principalId", "--query clientId", "PrincipalNotFound"),
        (' "$SCHED_ID/taskHubs/$HUB"', ' "$SCHED_ID/taskHubs/other"', "ResourceNotFound"),
        ("az durabletask taskhub create", "true az durabletask taskhub create", "ResourceNotFound"),
        ("SA=stshop123456", "SA=st-shop", "AccountNameInvalid"),
        ("LOC=centralus", "LOC=westeurope", "LocationNotAvailableForResourceType"),
        ("az identity create", "true az identity create", "ResourceNotFound"),
        ('"AzureWebJobsStorage__accountName=$SA"', "X=1", "appears to be unhealthy"),
        ('"TASKHUB_NAME=$HUB"', "X=1", "appears to be unhealthy"),
        ('grant "Storage Blob Data Owner"', "# ", "appears to be unhealthy"),
    ],
)
def test_a_mistake_that_azure_refuses_stops_the_script(
    azure: Subscription, written: str, wrong: str, error: str
) -> None:
    script = provisioning("flex", "user-assigned")
    assert written in script
    result = azure.run(["bash", "-c", script.replace(written, wrong)])
    assert result.exit != 0
    assert error in result.stderr
