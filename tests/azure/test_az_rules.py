"""The simulated subscription refuses what Azure refuses, and has the side effects of Azure CLI."""

import json
import zipfile
from pathlib import Path

import pytest

from .conftest import HOST, Azure
from .subscription import USER

SCHEDULER = "durabletask scheduler create -g rg -n dts --ip-allowlist 0.0.0.0/0"
SCOPE = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/rg"
ACCOUNT = f"{SCOPE}/providers/Microsoft.Storage/storageAccounts/stshop"
HUB = f"{SCOPE}/providers/Microsoft.DurableTask/schedulers/dts/taskHubs/default"
GRANT = "role assignment create --assignee-principal-type ServicePrincipal"
CREDENTIAL = "identity federated-credential create -g rg --identity-name id-shop --issuer https://i"
FLEX = (
    "functionapp create -g rg -n app -s stshop -f centralus --runtime python --runtime-version 3.13"
)
PLAN = "functionapp plan create -g rg -n plan --is-linux true --sku"
ON_PLAN = "functionapp create -g rg -n app -s stshop -p plan --runtime python --app-insights appi"
SET = "functionapp config appsettings set -g rg -n app --settings"


@pytest.mark.parametrize(
    ("line", "exit_code", "error"),
    [
        ("group show -n other", 3, "(ResourceGroupNotFound)"),
        ("group create -n rg -l eastus", 1, "(InvalidResourceGroupLocation)"),
        ("group create -n rg. -l eastus", 1, "(InvalidResourceGroup)"),
        ("group create -n new -l moon", 1, "(LocationNotAvailableForResourceType)"),
        ("group delete -n other --yes", 3, "(ResourceGroupNotFound)"),
        ("group delete -n rg", 1, "Unable to prompt for confirmation as no tty available."),
        ("group wait -n rg --deleted", 1, "Wait operation timed-out."),
        ("group wait -n rg", 1, "usage error:"),
        ("storage account create -g other -n stnew", 3, "(ResourceGroupNotFound)"),
        ("storage account create -g rg -n st-new", 1, "(AccountNameInvalid)"),
        ("storage account create -g rg -n stshop -l eastus", 1, "(InvalidResourceLocation)"),
        ("storage account create -g rg -n sttaken", 1, "(StorageAccountAlreadyTaken)"),
        ("storage account create -g rg2 -n stshop", 1, "(StorageAccountInAnotherResourceGroup)"),
        ("storage account show -g rg -n stnone", 3, "(ResourceNotFound)"),
        ("storage account show -n stnone", 3, "(ResourceNotFound)"),
        ("storage container create --account-name stshop -n c", 1, "Key based authentication"),
        ("storage container create --account-name stx -n c", 1, "Please check the storage account"),
        ("monitor log-analytics workspace create -g rg -n abc", 1, "(InvalidParameter)"),
        ("monitor log-analytics workspace show -g rg -n none", 3, "(ResourceNotFound)"),
        (
            "monitor app-insights component create -g rg --app a -l centralus --workspace /none",
            3,
            "(ResourceNotFound)",
        ),
        ("monitor app-insights component show --app appi", 1, "--resource-group is required"),
        ("identity create -g rg -n -x", 2, "argument --name/--resource-name/-n: expected one"),
        ("identity create -g rg -n ab", 1, "(InvalidResourceName)"),
        ("identity show -g rg -n id-none", 3, "(ResourceNotFound)"),
        (f"{CREDENTIAL} -n ok", 1, "(BadRequest) The property 'subject' is required."),
        (f"{CREDENTIAL} -n ok --subject s --audiences a b", 1, "(BadRequest) Exactly one audience"),
        (f"{CREDENTIAL} -n x! --subject s", 1, "(InvalidResourceName)"),
        (f"{CREDENTIAL} -n ok2 --subject known", 1, "(BadRequest) Issuer and subject combination"),
        (CREDENTIAL.replace("id-shop", "id-x") + " -n ok --subject s", 3, "(ParentResourceNotFou"),
        (SCHEDULER, 1, "The --sku-name parameter is required."),
        (f"{SCHEDULER} --sku-name Dedicated", 1, "The --sku-capacity parameter is required"),
        (f"{SCHEDULER} --sku-name Dedicated --sku-capacity 4", 1, "(InvalidSku)"),
        (f"{SCHEDULER} --sku-name Consumption --sku-capacity 1", 1, "(InvalidSku)"),
        (f"{SCHEDULER} --sku-name Consumption -l eastus", 1, "(LocationNotAvailableForResource"),
        (f"{SCHEDULER} --sku-name Consumption -l eastus2", 1, "(InvalidResourceLocation)"),
        (f"{SCHEDULER} --sku-name Free", 2, "az durabletask scheduler create: 'Free' is not"),
        (
            "durabletask scheduler create -g rg -n my_sched --sku-name Consumption --ip-allowlist "
            "0.0.0.0/0",
            1,
            "(InvalidResourceName)",
        ),
        (
            "durabletask scheduler update -g rg -n dts --ip-allowlist 10.0.0.0/8,::/0",
            1,
            "(InvalidRequestContent)",
        ),
        ("durabletask scheduler show -g rg -n none", 3, "(ResourceNotFound)"),
        ("durabletask scheduler delete -g rg -n dts --yes", 1, "(CannotDeleteResource)"),
        ("durabletask scheduler wait -g rg -n none --created", 1, "Wait operation timed-out."),
        ("durabletask taskhub create -g rg -s none -n hub", 3, "(ParentResourceNotFound)"),
        ("durabletask taskhub create -g rg -s dts -n my_hub", 1, "(InvalidResourceName)"),
        ("durabletask taskhub delete -g rg -s dts -n default", 1, "Unable to prompt"),
        ("durabletask taskhub wait -g rg -s dts -n none --exists", 1, "Wait operation timed-out."),
        (f"{GRANT} --assignee-object-id PRINCIPAL --role Butler --scope {HUB}", 1, "Role 'Butler'"),
        (
            f"{GRANT} --assignee-object-id CLIENT --role Reader --scope {HUB}",
            1,
            "(PrincipalNotFound)",
        ),
        (
            f"{GRANT} --assignee-object-id PRINCIPAL --role Reader --scope {HUB}2",
            3,
            "(ResourceNotFound)",
        ),
        (
            f"{GRANT} --assignee-object-id PRINCIPAL --role Reader --scope /taskHubs/default",
            3,
            "(MissingSubscription)",
        ),
        (
            f"{GRANT} --assignee-object-id PRINCIPAL --role Reader --scope /subscriptions/a/b",
            1,
            "Invalid scope.",
        ),
        (f"{GRANT} --assignee x --role Reader --scope {HUB}", 1, "usage error: --assignee-object"),
        (f"{GRANT} --role Reader --scope {HUB}", 1, "usage error: --assignee STRING"),
        (
            f"role assignment create --assignee nobody --role Reader --scope {HUB}",
            1,
            "Cannot find user or service principal in graph database for 'nobody'.",
        ),
        (
            "role assignment create --assignee-principal-type User --assignee-object-id PRINCIPAL "
            f"--role Reader --scope {HUB}",
            1,
            "(UnmatchedPrincipalType)",
        ),
        ("role assignment delete --role Reader", 1, "No matched assignments were found to delete"),
        (f"role assignment list -g rg --scope {HUB}", 1, 'Resource group "rg" is redundant'),
        ("role assignment list --assignee a --assignee-object-id b", 1, "Usage error: Provide"),
        (f"{PLAN} Y1", 1, "Invalid sku(pricing tier)"),
        (f"{PLAN} B1 --max-burst 2", 1, "--max-burst is only supported for Elastic Premium"),
        (f"{PLAN} EP1 --min-instances many", 1, "--number-of-workers is expected to be an integer"),
        (f"{PLAN} EP1 --max-burst 21", 1, "--max-burst is expected to be in the range"),
        (f"{FLEX} -p plan", 1, "usage error: You must specify one of these parameter --plan"),
        (FLEX.replace("centralus", "westcentralus"), 1, "Location is invalid."),
        (FLEX.replace("3.13", "3.9"), 1, "Invalid version 3.9 for runtime python"),
        (FLEX.replace("python", "cobol"), 1, "Runtime 'cobol' not supported"),
        (FLEX.replace(" --runtime python", ""), 1, "usage error: --runtime RUNTIME required"),
        (FLEX.replace("stshop", "stnone"), 3, "(ResourceNotFound)"),
        (FLEX.replace("-n app", "-n taken"), 1, "(Conflict) Website with given name taken"),
        (FLEX.replace("-n app", "-n app-"), 1, "(BadRequest) Site name 'app-' is invalid"),
        (f"{FLEX} --assign-identity {ACCOUNT}", 3, "(ResourceNotFound)"),
        (f"{FLEX} --assign-identity CLIENT", 1, "(LinkedInvalidPropertyId)"),
        (f"{FLEX} --app-insights none", 3, "(ResourceNotFound)"),
        (f"{FLEX} --dsat SystemAssignedIdentity --dsav x", 1, "--deployment-storage-auth-value is"),
        (ON_PLAN, 3, "(ResourceNotFound)"),
        (ON_PLAN.replace("-p plan", f"-p {SCOPE}/plan"), 3, "(ResourceNotFound)"),
        (FLEX.replace("-f", "-c"), 70, "The Consumption plan is real"),
        (FLEX.replace("stshop", f"{ACCOUNT}2"), 3, "(ResourceNotFound)"),
        (FLEX.replace("stshop", "stpremium"), 1, "Storage type Premium_ZRS is not allowed"),
        ("identity create -g rg -n id-x --tags a", 1, "Failed to parse '--tags' argument"),
        (f"{ON_PLAN} --dsat SystemAssignedIdentity", 1, "usage error: parameters --always-ready"),
        ("functionapp show -g rg -n app", 3, "(ResourceNotFound)"),
        ("functionapp restart -g rg -n app", 3, "(ResourceNotFound)"),
        ("functionapp identity show -g rg -n app", 3, "(ResourceNotFound)"),
        (f"{SET} A=b", 3, "(ResourceNotFound)"),
        (f"resource update --ids {ACCOUNT} --add a b", 70, "az resource update --add"),
        (f"rest -m put -u {ACCOUNT}?api-version=1", 70, "az rest --method put"),
        (f"rest -m post -u {ACCOUNT}/failover?api-version=1", 70, "az rest --method post"),
        ("resource show --ids /subscriptions/a", 3, "(ResourceGroupNotFound)"),
        (f"resource show --ids {ACCOUNT}2", 3, "(ResourceNotFound)"),
        ("resource show -n x", 1, "(--ids | --resource-group --resource-type --name)"),
        (f"rest -u {ACCOUNT}", 1, "Bad Request"),
        (f"rest -u {ACCOUNT}2?api-version=2024-01-01", 1, "Not Found"),
        ("rest -u https://graph.microsoft.com/v1.0/me", 70, "az rest to graph.microsoft.com"),
        ("account set --subscription Test", 1, "The subscription of 'Test' doesn't exist"),
        ("group list --subscription Test", 1, "The subscription of 'Test' doesn't exist"),
        ("extension add --name durabletasks", 1, "No matching extensions for 'durabletasks'."),
        ("extension show --name bastion", 1, "The extension bastion is not installed."),
        ("provider show --namespace Microsoft.Durable", 3, "(InvalidResourceNamespace)"),
        ("provider register --namespace Microsoft.Network", 70, "provider Microsoft.Network"),
    ],
)
def test_azure_refuses(ready: Azure, line: str, exit_code: int, error: str) -> None:
    ready.subscription.data["taken"] = {
        "Microsoft.Storage/storageAccounts": ["sttaken"],
        "Microsoft.Web/sites": ["taken"],
    }
    ready.ok("group create -n rg2 -l centralus")
    ready.ok(f"{CREDENTIAL} -n known --subject known")
    ready.ok("storage account create -g rg -n stpremium --sku Premium_ZRS")
    for name, field in (("PRINCIPAL", "principalId"), ("CLIENT", "clientId")):
        line = line.replace(
            name, ready.ok(f"identity show -g rg -n id-shop --query {field} -o tsv")
        )
    found = ready.refused(line)
    assert (found[0], found[1][: len(error)]) == (exit_code, error)


@pytest.mark.parametrize(
    "line",
    [
        "group create -n RG -l 'Central US'",
        "storage account create -g rg -n stshop --sku standard_lrs -k false",
        "monitor app-insights component create -g rg --app appi -l centralus",
        "identity create -g rg -n id-shop",
        "durabletask taskhub create -g rg -s dts -n default",
        "monitor log-analytics workspace create -g rg -n log-shop",
        "appservice plan create -g rg -n plan --sku s1 --is-linux",
        "functionapp plan create -g rg -n plan --sku ep1 --min-instances 1 --max-burst 3",
        "provider register --namespace microsoft.durabletask --wait",
        "account set --subscription development",
    ],
)
def test_repeating_changes_nothing(ready: Azure, line: str) -> None:
    ready.ok(line)
    before = json.dumps(ready.subscription.data["resources"])
    ready.ok(line)
    assert json.dumps(ready.subscription.data["resources"]) == before


def test_the_regions_of_the_provider_are_display_names(azure: Azure) -> None:
    show = "provider show --namespace Microsoft.DurableTask"
    query = "resourceTypes[?resourceType=='schedulers'].locations | [0]"
    assert "Central US" in json.loads(azure.ok(f'{show} --query "{query}"'))
    assert azure.ok(f"{show} --query registrationState -o tsv") == "NotRegistered"
    locations = azure.ok("account list-locations --query \"[?name=='uksouth'].displayName\" -o tsv")
    assert locations == "UK South"


def test_a_scheduler_created_again_is_reset(ready: Azure) -> None:
    create = "durabletask scheduler create -g rg -n dts --sku-name Consumption"
    show = "durabletask scheduler show -g rg -n dts --query"
    endpoint = ready.ok(f"{show} properties.endpoint -o tsv")
    assert endpoint.startswith("https://dts-")
    assert endpoint.endswith(".centralus.durabletask.io")
    assert ready.findings(create) == ["empty-allow-list", "re-create"]
    assert json.loads(ready.ok(f"{show} properties.ipAllowlist")) == []
    assert ready.ok(f"{show} properties.endpoint -o tsv") == endpoint


def test_a_scheduler_is_updated_in_part(ready: Azure) -> None:
    ready.ok(
        "durabletask scheduler update -g rg -n dts --public-network-access disabled --tags a=b "
        "--sku-name dedicated --sku-capacity 3"
    )
    shown = json.loads(ready.ok("durabletask scheduler list --query [0]"))
    assert shown["tags"] == {"a": "b"}
    assert shown["properties"]["sku"] == {"name": "Dedicated", "capacity": 3}
    assert shown["properties"]["publicNetworkAccess"] == "Disabled"
    assert shown["properties"]["ipAllowlist"] == ["0.0.0.0/0"]


def test_a_scheduler_without_waiting_is_not_ready_at_once(group: Azure) -> None:
    group.ok(f"{SCHEDULER} --sku-name Dedicated --sku-capacity 1 --no-wait")
    show = "durabletask scheduler show -g rg -n dts --query '[properties.endpoint]' -o tsv"
    hub = "durabletask taskhub create -g rg -s dts -n default"
    assert group.ok(show) == "None"
    assert group.refused(hub)[1].startswith("(Conflict)")
    group.ok("durabletask scheduler wait -g rg -n dts --created")
    assert group.ok(show) != "None"
    group.ok(hub)


def test_hubs_are_deleted_before_their_scheduler(ready: Azure) -> None:
    for _ in range(2):  # deleting what is absent succeeds
        ready.ok("durabletask taskhub delete -g rg -s dts -n default --yes")
    ready.ok("durabletask taskhub wait -g rg -s dts -n default --deleted")
    ready.ok("durabletask taskhub create -g rg -s dts -n default")
    ready.ok("durabletask taskhub wait -g rg -s dts -n default --created")
    ready.ok("durabletask taskhub delete -g rg -s dts -n default --yes")
    assert json.loads(ready.ok("durabletask taskhub list -g rg -s dts")) == []
    for _ in range(2):
        ready.ok("durabletask scheduler delete -g rg -n dts --yes")


def test_a_new_principal_needs_its_type_or_time(ready: Azure) -> None:
    ready.ok("identity create -g rg -n id-new")
    principal = ready.ok("identity show -g rg -n id-new --query principalId -o tsv")
    grant = f"role assignment create --assignee-object-id {principal} --role Reader --scope {HUB}"
    assert ready.refused(grant)[1].startswith("(PrincipalNotFound)")
    assert ready.findings(f"{grant} --assignee-principal-type ServicePrincipal") == []
    for _ in range(ready.subscription.data["principal_delay"]):
        ready.ok("account show")
    assert ready.findings(grant) == ["no-principal-type"]


def test_a_role_is_assigned_once(ready: Azure) -> None:
    principal = ready.ok("identity show -g rg -n id-shop --query principalId -o tsv")
    grant = f"{GRANT} --assignee-object-id {principal} --scope {HUB} --query id --role"
    first = ready.ok(f"{grant} 'Durable Task Data Contributor'")
    assert ready.ok(f"{grant} 0ad04412-c4d5-4796-b79c-f76d14c8d402") == first
    listed = "role assignment list --query length(@) --scope"
    assert ready.ok(f"{listed} {HUB}") == "1"
    assert ready.ok(f"{listed} {SCOPE}") == "0"
    assert ready.ok("role assignment list --query length(@) -g rg") == "0"
    assert ready.ok("role assignment list --query length(@) --all --role Reader") == "0"
    ready.ok(f"role assignment create --assignee {USER} --role Reader --scope {SCOPE}")
    assert ready.ok(f"{listed} {HUB} --include-inherited") == "2"
    ready.ok(f"role assignment delete --scope {HUB} --assignee-object-id {principal}")
    assert ready.ok(f"{listed} {HUB}") == "0"


@pytest.mark.parametrize(
    ("role", "scope", "findings"),
    [
        ("Contributor", HUB, ["assignee", "broad-role"]),
        ("Reader", SCOPE, ["assignee", "broad-scope"]),
        ("Reader", "''", ["assignee", "broad-scope"]),
    ],
)
def test_wide_grants_are_findings(ready: Azure, role: str, scope: str, findings: list[str]) -> None:
    line = f"role assignment create --assignee dev@contoso.com --role {role} --scope {scope}"
    assert ready.findings(line) == findings


def test_a_service_principal_may_not_ask_the_directory(ready: Azure) -> None:
    ready.subscription.data["user"] = {"name": "ci", "type": "servicePrincipal"}
    assert ready.refused("ad signed-in-user show")[0] == 1
    line = f"role assignment create --assignee dev@contoso.com --role Reader --scope {HUB}"
    assert ready.refused(line)[1].startswith("Insufficient privileges")
    assert ready.findings(line.replace("dev@contoso.com", USER)) == ["assignee"]


def test_storage_by_login_needs_a_data_role(ready: Azure) -> None:
    create = "storage container create --account-name stshop -n orders --auth-mode login"
    assert "You do not have the required permissions" in ready(create).error
    user = ready.ok("ad signed-in-user show --query id -o tsv")
    ready.ok(
        "role assignment create --assignee-principal-type User --role 'Storage Blob Data Owner' "
        f"--assignee-object-id {user} --scope {ACCOUNT}"
    )
    assert json.loads(ready.ok(create)) == {"created": True}
    assert json.loads(ready.ok(create)) == {"created": False}
    assert json.loads(ready.ok(create.replace("create", "exists"))) == {"exists": True}


def test_account_names_are_checked_in_all_of_azure(ready: Azure) -> None:
    ready.subscription.data["taken"]["Microsoft.Storage/storageAccounts"] = ["sttaken"]
    check = "storage account check-name --query nameAvailable -o tsv --name"
    names = {name: ready.ok(f"{check} {name}") for name in ("sttaken", "stshop", "stfree")}
    assert names == {"sttaken": "false", "stshop": "false", "stfree": "true"}


def test_keys_of_an_account_are_a_finding(ready: Azure) -> None:
    assert ready.findings("storage account create -g rg -n stnew") == ["shared-keys"]
    ready.ok("storage account update -n stnew -k false --sku standard_zrs")
    assert ready.ok("storage account show -n stnew --query sku.name -o tsv") == "Standard_ZRS"
    assert ready.findings("storage account create -g rg -n stnew") == []
    assert "made-up" in ready.ok("storage account keys list -g rg -n stnew")
    ready.ok("storage account delete -n stnew --yes")


def app(azure: Azure) -> dict:
    """Return the app as `functionapp show` prints it."""
    return json.loads(azure.ok("functionapp show -g rg -n app"))


def settings(azure: Azure) -> dict[str, str]:
    """Return the settings of the app."""
    listed = json.loads(azure.ok("functionapp config appsettings list -g rg -n app"))
    return {each["name"]: each["value"] for each in listed}


def test_a_flex_app_created_again_loses_settings_and_plan(ready: Azure) -> None:
    ready.ok(f"{FLEX} --app-insights appi")
    first = app(ready)
    ready.ok(f"{SET} A=b")
    assert ready.findings(f"{FLEX} --app-insights appi") == ["re-create"]
    second = app(ready)
    assert second["properties"]["serverFarmId"] != first["properties"]["serverFarmId"]
    assert settings(ready).keys() == {
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "AzureWebJobsStorage",
        "DEPLOYMENT_STORAGE_CONNECTION_STRING",
    }
    plans = "resource list -g rg --resource-type Microsoft.Web/serverfarms --query length(@)"
    assert ready.ok(plans) == "2"


def test_the_host_name_stands_elsewhere_on_flex(ready: Azure) -> None:
    ready.ok(FLEX)
    query = "functionapp show -g rg -n app --query"
    assert ready.findings(f"{query} defaultHostName") == ["empty-query"]
    assert ready.ok(f"{query} properties.defaultHostName -o tsv") == "app.azurewebsites.net"
    ready.ok("functionapp delete -g rg -n app")
    ready.ok(f"{PLAN} B1")
    ready.ok(ON_PLAN)
    assert ready.ok(f"{query} defaultHostName -o tsv") == "app.azurewebsites.net"


@pytest.mark.parametrize("kind", ["SystemAssignedIdentity", "UserAssignedIdentity"])
def test_flex_lets_the_deployment_identity_into_the_storage(ready: Azure, kind: str) -> None:
    ready.ok(f"{FLEX} --dsat {kind}")
    assert not any("DEPLOYMENT" in name for name in settings(ready))
    roles = json.loads(ready.ok(f"role assignment list --scope {ACCOUNT}"))
    assert [each["roleDefinitionName"] for each in roles] == ["Storage Blob Data Contributor"]
    principals = json.dumps(app(ready)["identity"])
    assert roles[0]["principalId"] in principals


def test_a_dedicated_app_gets_a_dashboard_key_without_telemetry(ready: Azure) -> None:
    ready.ok(f"{PLAN} P0V3")
    line = ON_PLAN.replace("--app-insights appi", "--disable-app-insights true")
    ready.ok(line)
    assert "AccountKey=" in settings(ready)["AzureWebJobsDashboard"]
    assert settings(ready)["FUNCTIONS_WORKER_RUNTIME"] == "python"
    config = "functionapp config show -g rg -n app --query alwaysOn"
    assert ready.ok(config) == "true"


def test_an_app_takes_its_plan_and_account_by_id(ready: Azure) -> None:
    plan = ready.ok(f"{PLAN} B1 --query id -o tsv")
    ready.ok(
        f"functionapp create -g rg -n app -s {ACCOUNT} -p {plan} --runtime node --runtime-version "
        "22.0 --app-insights-key made-up"
    )
    assert settings(ready)["APPINSIGHTS_INSTRUMENTATIONKEY"] == "made-up"
    listed = ready.ok("functionapp list -g rg --query '[].[name, defaultHostName]' -o tsv")
    assert listed == "app\tapp.azurewebsites.net"
    assert ready.ok("appservice plan show -g rg -n plan --query id -o tsv") == plan


def test_the_configuration_is_changed_in_part(ready: Azure) -> None:
    ready.ok(FLEX)
    ready.ok("functionapp config set -g rg -n app --min-tls-version 1.3 --ftps-state disabled")
    shown = json.loads(ready.ok("functionapp config show -g rg -n app"))
    assert (shown["minTlsVersion"], shown["ftpsState"]) == ("1.3", "Disabled")
    assert shown["alwaysOn"] is False


def test_a_component_of_its_own_is_made_without_telemetry_options(ready: Azure) -> None:
    ready.ok(FLEX)
    assert ready.ok("monitor app-insights component show -g rg --app app --query name") == '"app"'


def test_elastic_premium_needs_keys_for_its_share(ready: Azure) -> None:
    ready.ok(f"{PLAN} EP1")
    assert "storage file share failed" in ready.refused(ON_PLAN)[1]
    ready.ok("storage account update -n stshop -k true")
    ready.ok(ON_PLAN)
    assert settings(ready).keys() > {
        "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
        "WEBSITE_CONTENTSHARE",
    }
    config = "resource update -g rg -n app/config/web --resource-type Microsoft.Web/sites"
    switch = "functionsRuntimeScaleMonitoringEnabled"
    shown = ready.ok(f"{config} --set properties.{switch}=1 --query properties.{switch}")
    assert shown == "true"
    assert ready.ok(f"functionapp config show -g rg -n app --query {switch}") == "true"


@pytest.mark.parametrize("name", ["FUNCTIONS_WORKER_RUNTIME", "WEBSITE_RUN_FROM_PACKAGE"])
def test_flex_refuses_settings_of_other_plans(ready: Azure, name: str) -> None:
    ready.ok(FLEX)
    error = ready.refused(f"{SET} {name}=x")[1]
    assert error.startswith(
        f"(BadRequest) The following app setting (Site.SiteConfig.AppSettings.{name})"
    )


def test_flex_is_never_always_on(ready: Azure) -> None:
    ready.ok(FLEX)
    error = ready.refused("functionapp config set -g rg -n app --always-on true")[1]
    assert error.startswith("(Conflict) AlwaysOn cannot be set")


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("A='x;AccountKey=abc'", "key-in-setting"),
        ("A=", "empty-part"),
        ("A='Endpoint=;Authentication=ManagedIdentity'", "empty-part"),
        ("A='Endpoint=x;Authentication=ManagedIdentity;ClientID='", "empty-part"),
        ("A='Endpoint=x;Authentication=ManagedIdentity'", None),
    ],
)
def test_settings_are_judged(ready: Azure, setting: str, kind: str | None) -> None:
    ready.ok(FLEX)
    assert ready.findings(f"{SET} {setting}") == ([kind] if kind else [])
    assert "abc" not in ready.ok(f"{SET} {setting}")  # values are not printed


def test_settings_are_merged_and_deleted(ready: Azure) -> None:
    ready.ok(FLEX)
    ready.ok(f"{SET} A=1 B=2")
    ready.ok(f"{SET} B=3")
    ready.ok("functionapp config appsettings delete -g rg -n app --setting-names A absent")
    assert settings(ready)["B"] == "3"
    assert "A" not in settings(ready)
    assert ready.ok("functionapp config appsettings list -g rg -n none") == ""
    assert ready.refused(f"{SET} A")[1].startswith("Invalid setting format: 'A'.")
    assert ready.refused(f"{SET} '{{A'")[1].startswith("Failed to parse JSON")
    assert ready.refused(SET.replace("--settings", ""))[1].startswith("Please provide either")
    listed = ready.ok("functionapp config appsettings list -g rg -n app")
    ready.ok(f"{SET} B=4")
    ready.ok(f"{SET} '{listed}'")  # what `list` prints can be set again
    assert settings(ready)["B"] == "3"


def test_identities_are_merged(ready: Azure) -> None:
    ready.ok(FLEX)
    show = "functionapp identity show -g rg -n app --query principalId -o tsv"
    assert ready.findings(show) == ["empty-query"]
    identity = ready.ok("identity show -g rg -n id-shop --query id -o tsv")
    ready.ok(f"functionapp identity assign -g rg -n app --identities {identity}")
    assert ready.findings(show) == ["empty-query"]
    ready.ok("functionapp identity assign -g rg -n app")
    assert ready.ok(show)
    assert app(ready)["identity"]["type"] == "SystemAssigned, UserAssigned"
    ready.ok("functionapp identity remove -g rg -n app")
    assert app(ready)["identity"]["type"] == "UserAssigned"
    ready.ok(f"functionapp identity remove -g rg -n app --identities {identity}")
    assert app(ready)["identity"] is None


def test_scope_on_an_identity_grants_contributor(ready: Azure) -> None:
    line = f"{FLEX} --assign-identity [system] --scope {SCOPE}"
    assert ready.findings(line) == ["scope-on-identity"]
    roles = json.loads(ready.ok(f"role assignment list --scope {SCOPE}"))
    assert [each["roleDefinitionName"] for each in roles] == ["Contributor"]


def test_deleting_a_group_deletes_all_in_it(ready: Azure) -> None:
    ready.ok(f"{FLEX} --assign-identity [system] --dsat SystemAssignedIdentity")
    ready.ok("group delete -n rg --yes --no-wait")
    assert ready.ok("group exists -n rg") == "false"
    data = ready.subscription.data
    assert (data["resources"], data["settings"], data["assignments"]) == ({}, {}, {})
    assert data["principals"].keys() == {USER}


def test_an_assignment_outlives_its_identity(ready: Azure) -> None:
    principal = ready.ok("identity show -g rg -n id-shop --query principalId -o tsv")
    ready.ok(f"{GRANT} --assignee-object-id {principal} --role Reader --scope {HUB}")
    ready.ok("identity delete -g rg -n id-shop")
    assert ready.ok(f"role assignment list --scope {HUB} --query length(@)") == "1"


def test_a_plan_lives_as_long_as_its_apps(ready: Azure) -> None:
    ready.ok(f"{PLAN} B1")
    ready.ok(ON_PLAN)
    delete = "functionapp plan delete -g rg -n plan --yes"
    assert ready.refused(delete)[1].startswith("(Conflict)")
    ready.ok("functionapp delete -g rg -n app --keep-empty-plan")
    ready.ok("functionapp plan show -g rg -n plan")
    ready.ok(delete)
    ready.ok(FLEX)
    ready.ok("functionapp delete -g rg -n app")
    assert ready.ok("resource list -g rg --resource-type Microsoft.Web/serverfarms") == "[]"


def test_the_keys_need_a_running_host(ready: Azure) -> None:
    ready.ok(FLEX)
    keys = "functionapp keys list -g rg -n app --query functionKeys.default -o tsv"
    assert "from host runtime" in ready.refused(keys)[1]  # the account accepts no keys
    ready.ok("storage account update -n stshop -k true")
    assert ready.ok(keys) == "made-up-function-key"
    ready.ok("functionapp stop -g rg -n app")
    assert ready.refused(keys)[0] == 1
    ready.ok("functionapp start -g rg -n app")
    listkeys = f"{SCOPE}/providers/Microsoft.Web/sites/app/host/default/listkeys"
    assert "made-up" in ready.ok(f"rest -m post -u {listkeys}?api-version=2024-11-01")


@pytest.fixture
def running(ready: Azure) -> Azure:
    """Return a subscription with a Flex app whose identity has every right."""
    identity, principal, client = (
        ready.ok(f"identity show -g rg -n id-shop --query {field} -o tsv")
        for field in ("id", "principalId", "clientId")
    )
    grant = f"{GRANT} --assignee-object-id {principal} --role"
    ready.ok(f"{grant} 'Storage Blob Data Owner' --scope {ACCOUNT}")
    ready.ok(f"{grant} 'Durable Task Data Contributor' --scope {HUB}")
    ready.ok(
        f"{FLEX} --app-insights appi --assign-identity {identity} --dsat UserAssignedIdentity "
        f"--dsav {identity}"
    )
    endpoint = ready.ok(
        "durabletask scheduler show -g rg -n dts --query properties.endpoint -o tsv"
    )
    ready.ok(
        f"{SET} AzureWebJobsStorage__accountName=stshop AzureWebJobsStorage__clientId={client} "
        "AzureWebJobsStorage__credential=managedidentity TASKHUB_NAME=default "
        f"'DURABLE_TASK_SCHEDULER_CONNECTION_STRING=Endpoint={endpoint};"
        f"Authentication=ManagedIdentity;ClientID={client}'"
    )
    ready.ok(
        "functionapp config appsettings delete -g rg -n app --setting-names AzureWebJobsStorage"
    )
    return ready


def package(folder: Path, *extra: str, host: dict | None = HOST) -> str:
    """Write a package and return the command that deploys it."""
    with zipfile.ZipFile(folder / "app.zip", "w") as archive:
        for name in extra:
            archive.writestr(name, "{}")
        if host is not None:
            archive.writestr("host.json", json.dumps(host))
    return f"functionapp deployment source config-zip -g rg -n app --src {folder}/app.zip"


def test_a_good_app_is_deployed_without_findings(running: Azure, tmp_path: Path) -> None:
    assert running.findings(package(tmp_path)) == []


def values(azure: Azure) -> dict[str, str]:
    """Return the texts that stand for values of the subscription in the next test."""
    client = azure.ok("identity show -g rg -n id-shop --query clientId -o tsv")
    endpoint = azure.ok("durabletask scheduler list --query [0].properties.endpoint -o tsv")
    name = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"
    return {
        "TELEMETRY": f"'{name}=ClientId={client};Authorization=AAD'",
        "NONE": f"'Endpoint={endpoint};Authentication=None;ClientID={client}'",
    }


@pytest.mark.parametrize(
    ("before", "findings"),
    [
        (f"{SET} 'AzureWebJobsX=AccountKey=x'", ["deploy-with-key"]),
        (f"{SET} DURABLE_TASK_SCHEDULER_CONNECTION_STRING=Endpoint=https://x", ["wrong-endpoint"]),
        (f"{SET} TASKHUB_NAME=other", ["hub-missing", "role-missing"]),
        (f"{SET} TELEMETRY", ["role-missing"]),
        (f"{SET} DURABLE_TASK_SCHEDULER_CONNECTION_STRING=NONE", ["wrong-identity"]),
        ("role assignment delete --role 'Durable Task Data Contributor' --all", ["role-missing"]),
        ("functionapp identity assign -g rg -n app", []),
        (f"{SET} APPLICATIONINSIGHTS_AUTHENTICATION_STRING=Authorization=AAD", ["wrong-identity"]),
        (
            f"role assignment create --role 'Durable Task Data Reader' --scope {HUB} --assignee "
            "id-shop",
            ["not-restarted"],
        ),
    ],
)
def test_a_deployment_judges_the_app(
    running: Azure, tmp_path: Path, before: str, findings: list[str]
) -> None:
    if before.startswith("role assignment delete"):
        before = before.replace("--all", f"--scope {HUB}")
    for name, value in values(running).items():
        before = before.replace(name, value)
    for _ in range(4):  # the app's own new principal becomes known
        running.ok("account show")
    running.ok(before)
    assert running.findings(package(tmp_path)) == findings


@pytest.mark.parametrize(
    "before",
    [
        "functionapp config appsettings delete -g rg -n app --setting-names TASKHUB_NAME",
        f"{SET} AzureWebJobsStorage__credential=other",
        f"{SET} AzureWebJobsStorage__clientId=other",
        f"{SET} AzureWebJobsStorage__accountName=other",
        f"role assignment delete --role 'Storage Blob Data Owner' --scope {ACCOUNT}",
        f"{SET} 'AzureWebJobsStorage=AccountName=stshop;AccountKey=x'",
    ],
)
def test_a_flex_app_that_cannot_start_fails_the_deployment(
    running: Azure, tmp_path: Path, before: str
) -> None:
    running.ok(before)
    exit_code, error = running.refused(package(tmp_path))
    assert (exit_code, error.split(".")[0][-9:]) == (1, "unhealthy")


def test_packages_are_judged(running: Azure, tmp_path: Path) -> None:
    assert running.findings(package(tmp_path, "local.settings.json")) == ["zip-with-local-settings"]
    assert running.findings(package(tmp_path, host=None)) == ["zip-without-host"]
    assert running.findings(package(tmp_path, "app/host.json", host=None)) == ["zip-without-host"]
    on_plan = package(tmp_path).replace("-n app", "-n on-plan")
    running.ok(f"{PLAN} B1")
    running.ok(ON_PLAN.replace("-n app", "-n on-plan"))
    assert "zip-without-packages" in running.findings(on_plan)
    package(tmp_path, ".python_packages/lib/site-packages/azure/durable_functions/__init__.py")
    assert "zip-without-packages" not in running.findings(on_plan)
    assert "zip-without-packages" not in running.findings(
        f"{package(tmp_path)} --build-remote true"
    )
    line = package(tmp_path)
    (tmp_path / "app.zip").write_text("text")
    assert "not a zip file" in running.refused(line)[1]
    (tmp_path / "app.zip").unlink()
    assert "No such file" in running.refused(line)[1]


def test_elsewhere_settings_choose_the_build(ready: Azure, tmp_path: Path) -> None:
    ready.ok(f"{PLAN} B1")
    ready.ok(ON_PLAN)
    ready.ok(f"{SET} ENABLE_ORYX_BUILD=true WEBSITE_RUN_FROM_PACKAGE=1")
    assert "deploy-before-settings" in ready.findings(package(tmp_path))
    assert settings(ready)["SCM_DO_BUILD_DURING_DEPLOYMENT"] == "false"
    assert "WEBSITE_RUN_FROM_PACKAGE" in settings(ready)
    ready.ok(f"{package(tmp_path)} --build-remote true")
    assert settings(ready)["SCM_DO_BUILD_DURING_DEPLOYMENT"] == "true"
    assert not {"ENABLE_ORYX_BUILD", "WEBSITE_RUN_FROM_PACKAGE"} & settings(ready).keys()


PROFILES = "functionapp deployment list-publishing-profiles -g rg -n app"
SCM = (
    "resource update -g rg --namespace Microsoft.Web --parent sites/app -n scm --resource-type "
    "basicPublishingCredentialsPolicies --set properties.allow="
)


def test_a_publish_profile_needs_basic_authentication(ready: Azure) -> None:
    ready.ok(f"{PLAN} B1")
    ready.ok(ON_PLAN)
    ready.ok(f"{SCM}false")
    assert ready.refused(PROFILES)[1].startswith("(Conflict) Basic authentication is disabled")
    policy = f"{SCOPE}/providers/Microsoft.Web/sites/app/basicPublishingCredentialsPolicies/scm"
    body = json.dumps({"properties": {"allow": True}})
    ready.ok(f"rest -m put -u '{policy}?api-version=2024-11-01' -b '{body}'")
    assert ready.ok(f"resource show --ids {policy} --query properties.allow") == "true"
    assert json.loads(ready.ok(PROFILES))[0]["publishMethod"] == "ZipDeploy"
    assert ready.ok(f"{PROFILES} --xml").startswith("<publishData><publishProfile ")


def test_a_publish_profile_of_flex_comes_by_rest_only(ready: Azure) -> None:
    ready.ok(FLEX)
    assert ready.refused(PROFILES)[1].startswith("Invalid command. This is not currently supported")
    url = f"{SCOPE}/providers/Microsoft.Web/sites/app/publishxml?api-version=2024-11-01"
    assert "made-up-publish-password" in ready.ok(f"rest -m post -u {url}")
    assert ready.ok(f"rest -m post -u {url.replace('publishxml', 'syncfunctiontriggers')}") == ""


def test_resources_are_listed_updated_and_deleted(ready: Azure) -> None:
    names = ready.ok("resource list -g rg --query '[].name' -o tsv").split()
    assert sorted(names) == ["appi", "dts", "id-shop", "stshop"]
    assert ready.refused(f"resource update --ids {ACCOUNT} --set a.b=1")[1].startswith("Couldn't")
    assert ready.refused(f"resource update --ids {ACCOUNT} --set a")[1].startswith("usage error")
    ready.ok(f"resource update --ids {ACCOUNT} --set tags.a=b properties.number=2")
    shown = json.loads(ready.ok(f"rest -u {ACCOUNT}?api-version=2024-01-01"))
    assert (shown["tags"], shown["properties"]["number"]) == ({"a": "b"}, 2)
    ready.ok(f"resource wait --ids {ACCOUNT} --exists")
    ready.ok(f"resource delete --ids {ACCOUNT}")
    ready.ok(f"resource wait --ids {ACCOUNT} --deleted")


def test_credentials_of_an_identity(ready: Azure) -> None:
    for number in range(20):
        ready.ok(f"{CREDENTIAL} -n c-{number} --subject s{number}")
    assert ready.refused(f"{CREDENTIAL} -n c-20 --subject s20")[1].startswith(
        "(BadRequest) Too many"
    )
    ready.ok(f"{CREDENTIAL} -n c-1 --subject new")
    names = "-g rg --identity-name id-shop"
    show = f"identity federated-credential show {names} -n c-1 --query subject -o tsv"
    assert ready.ok(show) == "new"
    ready.ok(f"identity federated-credential delete {names} -n c-1 --yes")
    listed = f"identity federated-credential list {names} --query length(@)"
    assert ready.ok(listed) == "19"


def test_another_subscription_is_another_place(group: Azure) -> None:
    assert group.ok("group exists -n rg --subscription production") == "false"
    group.ok("account set --subscription Production")
    assert group.ok("account show --query '[name, isDefault]' -o tsv") == "Production\ntrue"
    assert group.ok("group exists -n rg") == "false"
    group.ok("group create -n rg -l eastus")


def test_lists_for_choosing(azure: Azure) -> None:
    assert "centralus" in azure.ok("functionapp list-flexconsumption-locations -o tsv")
    runtimes = "functionapp list-flexconsumption-runtimes -l centralus --runtime"
    assert "10.0" in azure.ok(f"{runtimes} dotnet-isolated --query [].version -o tsv")
    assert azure.refused(f"{runtimes} cobol")[0] == 1
    role = "role definition list --name 'Durable Task Worker' --query [0].name -o tsv"
    assert azure.ok(role) == "80d0d6b0-f522-40a4-8886-a5a11720c375"
    azure.ok("group create -n rg -l centralus")
    azure.ok("identity create -g rg -n id-x")
    assert azure.ok("identity list -g rg --query [].name -o tsv") == "id-x"
    assert azure.ok("group list --query '[].{b:name,a:location}' -o tsv") == "rg\tcentralus"
    assert "durabletask" in azure.ok("extension list --query [].name -o tsv")
    azure.ok("extension update --name durabletask")
