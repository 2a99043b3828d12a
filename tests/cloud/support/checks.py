"""What is expected of a provisioned project, whichever test provisioned it."""

import hashlib
import json
import re

from bakery import Project
from fakes.azure_resource_manager.state import SUBSCRIPTION

from .operator import GROUP, SHELLS, SLUG, Operator, Result

CONTENT_SHARE = "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"
OF_THE_SCRIPTS = {"AzureWebJobsStorage__accountName", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"}
OF_THE_IDENTITY = {"AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId"}
# What `az functionapp create` writes by itself.
OF_AZURE = {"APPLICATIONINSIGHTS_CONNECTION_STRING"}
OF_AZURE_ON_A_PLAN = {
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_RUNTIME",
    "MACHINEKEY_DecryptionKey",
    "WEBSITES_ENABLE_APP_SERVICE_STORAGE",
}


def check_findings(combination: dict, *runs: Result) -> None:
    """Nothing is found, but that Elastic Premium needs a key."""
    kinds = {kind for run in runs for kind, _ in run.findings}
    assert kinds == ({"shared-keys"} if combination["hosting_plan"] == "premium" else set())


def check_names(operator: Operator) -> None:
    """Unique names come from the subscription and the group: another group has other names."""
    digest = hashlib.sha256(f"{SUBSCRIPTION}/{GROUP}".lower().encode()).hexdigest()[:6]
    assert operator.app == f"{SLUG}-{digest}"


def check_order(run: Result) -> None:
    """The app starts for the last time when its identity has all roles."""
    from_the_end = run.commands[::-1]
    assert "functionapp restart" in from_the_end
    restart = from_the_end.index("functionapp restart")
    assert restart < from_the_end.index("role assignment create"), "a role after the last restart"


def check_messages(operator: Operator, first: Result) -> None:
    """The end shows where everything is, and how to go on."""
    suffix = SHELLS[operator.shell]
    app, dashboard, following = first.stdout.splitlines()[-3:]
    assert app == f"App:       https://{operator.app}.azurewebsites.net"
    assert re.fullmatch(rf"Dashboard: https://\S+{GROUP}\S+/taskHubs/default", dashboard)
    assert following == f"Next:      {suffix[0]} scripts/deploy.{suffix[1]}"
    assert "Creating the function app" in first.stdout


def check_messages_of_second_run(first: Result, second: Result) -> None:
    """What exists is named, and the end is that of the first run."""
    assert first.stdout.splitlines()[-3:] == second.stdout.splitlines()[-3:]
    kept = "The scheduler exists; its IP allowlist remains as it is"
    assert {kept, "The function app exists"} <= {*second.stdout.splitlines()}


def check_settings(combination: dict, project: Project, operator: Operator) -> None:
    """The app has the settings that host.json reads and known others; only one may hold a key."""
    durable = project.json("src/host.json")["extensions"]["durableTask"]
    connection = durable["storageProvider"]["connectionStringName"]
    expected = {connection, durable["hubName"].strip("%")} | OF_THE_SCRIPTS | OF_AZURE
    own = combination["identity"] == "system-assigned"
    if not own:
        expected |= OF_THE_IDENTITY
    if combination["hosting_plan"] != "flex-consumption":
        expected |= OF_AZURE_ON_A_PLAN | {"WEBSITE_RUN_FROM_PACKAGE"}
    if combination["hosting_plan"] == "premium":
        expected |= {CONTENT_SHARE, "WEBSITE_CONTENTSHARE"}
    settings = operator.azure.settings(operator.app)
    assert settings.keys() == expected
    assert settings.get("WEBSITE_RUN_FROM_PACKAGE", "1") == "1"
    with_key = {name for name, value in settings.items() if re.search("Key=[^;]*==", value)}
    assert with_key == ({CONTENT_SHARE} & expected)
    identity = next(
        (each for each in operator.azure.resources() if "userAssignedIdentities" in each), None
    )
    assert (identity is None) == own
    parts = dict(part.split("=", 1) for part in settings[connection].split(";"))
    assert parts.keys() == {"Endpoint", "Authentication"} | (set() if own else {"ClientID"})


def check_roles(combination: dict, operator: Operator) -> None:
    """The identity has three roles, each on one resource; the person one for the dashboard."""
    storage = next(each for each in operator.azure.resources() if "/storageAccounts/" in each)
    storage = "/".join(storage.split("/")[:3])
    hub = f"{GROUP}/schedulers/{SLUG}/taskHubs/default"
    if combination["identity"] == "user-assigned":
        app = f"user-assigned identity id-{SLUG}"
    else:
        app = f"system identity app {operator.app}"
    expected = {
        (app, "Durable Task Data Contributor", hub),
        (app, "Storage Blob Data Owner", storage),
        (app, "Monitoring Metrics Publisher", f"{GROUP}/components/appi-{SLUG}"),
        ("User dev@contoso.com", "Durable Task Data Contributor", hub),
    }
    if combination["hosting_plan"] == "flex-consumption":
        # by `az functionapp create`, for the container of the packages
        expected.add((app, "Storage Blob Data Contributor", storage))
    assert operator.azure.roles() == expected


def check_resources(combination: dict, operator: Operator) -> None:
    """Each choice has its effect on the resources."""
    resources = operator.azure.resources()
    properties = {name: each.get("properties", {}) for name, each in resources.items()}
    site = f"{GROUP}/sites/{operator.app}"
    plan = combination["hosting_plan"]
    tiers = [each["sku"]["name"] for name, each in resources.items() if "/serverfarms/" in name]
    assert tiers == [{"flex-consumption": "FC1", "premium": "EP1", "app-service": "P0V3"}[plan]]
    scheduler = properties[f"{GROUP}/schedulers/{SLUG}"]
    assert scheduler["sku"]["name"].lower() == combination["scheduler_sku"]
    assert scheduler["ipAllowlist"] == ["0.0.0.0/0"]
    policies = f"{site}/basicPublishingCredentialsPolicies"
    assert properties[f"{policies}/scm"]["allow"] == (
        combination["deploy_auth"] == "publish-profile"
    )
    assert properties[f"{policies}/ftp"]["allow"] is False
    config = properties[f"{site}/config/web"]
    assert config["alwaysOn"] == (plan == "app-service")
    # Flex Consumption has no FTP, and refuses the property.
    assert config.get("ftpsState") == (None if plan == "flex-consumption" else "Disabled")
    assert config["functionsRuntimeScaleMonitoringEnabled"] == (plan == "premium")
    assert properties[site]["httpsOnly"] is True
    (storage,) = [each for each in properties.values() if "allowSharedKeyAccess" in each]
    assert storage["allowSharedKeyAccess"] == (plan == "premium")
    assert storage["allowBlobPublicAccess"] is False
    assert properties[f"{GROUP}/components/appi-{SLUG}"]["DisableLocalAuth"], "DisableLocalAuth"


def same(results: list[Result]) -> Result:
    """Return the result of bash; PowerShell must have said the same."""
    first, second = ((each.exit, *map(neutral, (each.stdout, each.stderr))) for each in results)
    assert first == second
    return results[0]


def neutral(text: str) -> str:
    """Return what a script has printed, without the shell and names that the Azure CLI makes up."""
    text = re.sub(r"roleAssignments/[0-9a-f-]{36}", "roleAssignments/GUID", text)
    text = text.replace("--drain", "-Drain")
    text = re.sub(r"(?:(?:bash|pwsh) )?\S*(scripts/[\w-]+)\.(?:sh|ps1)", r"\1", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def failure(results: list[Result]) -> str:
    """Return the last sentence of scripts that failed in the same way."""
    result = same(results)
    assert result.exit == 1, result.stdout + result.stderr
    return result.stderr.splitlines()[-1]


def lasting_state(person: Operator) -> dict:
    """Return the end state without plans and containers that a failed creation leaves behind."""
    state = person.azure.end_state()
    resources = {
        key: each
        for key, each in state["resources"].items()
        if not each["type"].endswith(("/containers", "/serverfarms"))
    }
    # Storage Blob Data Owner includes the role that the Azure CLI grants when it creates an app.
    roles = [each for each in state["roles"] if each[1] != "Storage Blob Data Contributor"]
    text = json.dumps(state | {"resources": resources, "roles": roles}, sort_keys=True)
    for number in range(2, 6):  # a made-up value of the second try is as good as one of the first
        text = text.replace(f" #{number}>", ">")
    return json.loads(text)
