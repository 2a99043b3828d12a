"""Function apps.

Rules: azure-cli 2.91.0, `command_modules/appservice/custom.py` (`create_functionapp`). A repeated
create replaces every app setting; on Flex Consumption it makes a new plan and a new container.
"""

from typing import Any

from ..call import Call
from ..errors import CallFailed, NotFound, NotSimulated, ServiceError
from ..places import FLEX_REGIONS, normalised
from ..subscription import ACCOUNT_KEY, FUNCTION_KEY, MASTER_KEY, Subscription
from . import app_identities, identities, monitoring, plans, roles, storage
from .groups import tags_of
from .plans import SITE

FLEX = "FlexConsumption"
VERSIONS = {
    "dotnet-isolated": ("8.0", "9.0", "10.0"),
    "java": ("11.0", "17.0", "21.0", "25.0"),
    "node": ("20", "22", "24"),
    "powershell": ("7.4", "7.6"),
    "python": ("3.10", "3.11", "3.12", "3.13", "3.14"),
}
STORAGE_SKUS = {
    *("Standard_GRS", "Standard_RAGRS", "Standard_LRS", "Standard_ZRS", "Standard_GZRS"),
    "Premium_LRS",
}


def functionapp_create(call: Call) -> Any:
    """Create an app, or replace it with all its settings."""
    plan = _plan(call)
    _check_runtime(call, plan["sku"]["tier"])
    _check_not_taken(call)
    account = _account(call)
    existing = find(call.subscription, call["group"], call["name"])
    if existing:
        call.find("re-create", f"function app {call['name']}: every setting is replaced")
    app = _put(call, plan, existing)
    call.subscription.data["settings"][app["id"].lower()] = _settings(call, plan, account)
    if plan["sku"]["tier"] == FLEX:
        _use_deployment_storage(call, app, account)
    if call["assign_identities"] is not None:
        chosen = call["assign_identities"] or [app_identities.SYSTEM]
        app_identities.attach(call.subscription, app, chosen)
        app_identities.grant_scope(call, app)
    app["started"] = call.subscription.data["total"]
    return shown(call.subscription, app)


def find(subscription: Subscription, group: str, name: str) -> dict[str, Any] | None:
    """Return the app, or None."""
    return subscription.find(subscription.resource_id(group, SITE, name))


def _plan(call: Call) -> dict[str, Any]:
    """Return the plan that exists, or make the one of Flex Consumption."""
    places = "plan", "consumption_plan_location", "flexconsumption_location"
    if sum(bool(call[each]) for each in places) != 1:
        raise CallFailed(
            "usage error: You must specify one of these parameter --plan NAME_OR_ID | "
            "--consumption-plan-location LOCATION | --flexconsumption-location LOCATION"
        )
    if call["consumption_plan_location"]:
        raise NotSimulated("The Consumption plan")
    if call["flexconsumption_location"]:
        return _new_flex_plan(call)
    _check_no_flex_options(call)
    if call["plan"].startswith("/"):
        plan = call.subscription.find(call["plan"])
        if plan is None:
            raise NotFound.resource(plans.PLAN, call["plan"].rsplit("/", 1)[-1], call["group"])
        return plan
    return call.subscription.get(call["group"], plans.PLAN, call["plan"])


def _new_flex_plan(call: Call) -> dict[str, Any]:
    location = normalised(call["flexconsumption_location"])
    if location not in FLEX_REGIONS:
        message = "Location is invalid. Use: az functionapp list-flexconsumption-locations"
        raise CallFailed(message)
    stem = "".join(letter for letter in call["group"] if letter.isalnum())
    name = call.subscription.generate(f"plan of {call['name']}", f"ASP-{stem}"[:35] + "-{:.4}")
    sku = {"name": "FC1", "tier": FLEX}
    properties = {"reserved": True}
    return call.subscription.put(
        call["group"], plans.PLAN, name, location=location, sku=sku, properties=properties
    )


def _check_no_flex_options(call: Call) -> None:
    names = (
        *("always_ready_instances", "maximum_instance_count", "instance_memory"),
        *("deployment_storage_name", "deployment_storage_container_name"),
        *("deployment_storage_auth_type", "deployment_storage_auth_value"),
    )
    if any(call[name] for name in names):
        raise CallFailed(
            "usage error: parameters --always-ready-instances, --maximum-instance-count, "
            "--instance-memory, --deployment-storage-name, --deployment-storage-container-name, "
            "--deployment-storage-auth-type and --deployment-storage-auth-value must be used with "
            "parameter --flexconsumption-location, please provide the name of the flex plan "
            "location using --flexconsumption-location."
        )


def _check_runtime(call: Call, tier: str) -> None:
    runtime, version = (call["runtime"] or "").lower(), call["runtime_version"]
    if not runtime:
        raise CallFailed(
            "usage error: --runtime RUNTIME required for linux functions apps without custom image."
        )
    if runtime not in VERSIONS:
        raise CallFailed(f"Runtime '{runtime}' not supported for function apps on this plan.")
    offered = VERSIONS[runtime]
    if tier != FLEX and runtime == "dotnet-isolated":
        offered = ("10", "9", "8")
        if version in offered:
            return
        raise CallFailed(
            f"Invalid version: {version} for runtime {runtime} and os linux. Supported versions for "
            f"runtime {runtime} and os linux are: {list(offered)}."
        )
    if version is not None and not {version, f"{version}.0", version.removesuffix(".0")} & {
        *offered
    }:
        raise CallFailed(
            f"Invalid version {version} for runtime {runtime} for function apps on the {tier} "
            f"plan. Supported versions for runtime {runtime} are {list(offered)}."
        )


def _check_not_taken(call: Call) -> None:
    """App names are unique in all of Azure."""
    name = call["name"].lower()
    own = (app["name"].lower() for app in call.subscription.all(SITE))
    elsewhere = name in own and not find(call.subscription, call["group"], name)
    if elsewhere or name in call.subscription.data["taken"][SITE]:
        message = f"Website with given name {call['name']} already exists."
        raise ServiceError("Conflict", message)


def _account(call: Call) -> dict[str, Any]:
    text = call["storage_account"]
    if text.startswith("/"):
        account = call.subscription.find(text)
        if account is None:
            raise NotFound.resource(storage.ACCOUNT, text.rsplit("/", 1)[-1], call["group"])
    else:
        account = call.subscription.get(call["group"], storage.ACCOUNT, text)
    if account["sku"]["name"] not in STORAGE_SKUS:
        raise CallFailed(f"Storage type {account['sku']['name']} is not allowed")
    return account


def _put(call: Call, plan: dict[str, Any], existing: dict[str, Any] | None) -> dict[str, Any]:
    name, flex = call["name"], plan["sku"]["tier"] == FLEX
    app = call.subscription.put(
        call["group"],
        SITE,
        name,
        location=plan["location"],
        kind="functionapp,linux",
        tags=tags_of(call["tags"]),
        identity=existing["identity"] if existing else None,
        properties={
            "defaultHostName": f"{name.lower()}.azurewebsites.net",
            "functionAppConfig": None,
            "httpsOnly": bool(call["https_only"]),
            "serverFarmId": plan["id"],
            "sku": FLEX if flex else plan["sku"]["tier"],
            "state": "Running",
        },
        runtime=[call["runtime"].lower(), call["runtime_version"]],
        # the container with the package is a new one on Flex Consumption
        deployment=None if flex or not existing else existing["deployment"],
    )
    if not existing:
        _put_parts(call.subscription, app, plan["sku"]["tier"])
    return app


def _put_parts(subscription: Subscription, app: dict[str, Any], tier: str) -> None:
    """Create what every app has: its configuration and the two policies of basic authentication."""
    always_on = tier not in (FLEX, "ElasticPremium")
    config = {
        "alwaysOn": always_on,
        "ftpsState": "FtpsOnly",
        "functionsRuntimeScaleMonitoringEnabled": False,
        "minTlsVersion": "1.2",
    }
    names = app["resourceGroup"], app["name"]
    subscription.put(names[0], f"{SITE}/config", names[1], "web", properties=config)
    for policy in ("ftp", "scm"):
        kind = f"{SITE}/basicPublishingCredentialsPolicies"
        subscription.put(names[0], kind, names[1], policy, properties={"allow": True})


def _connection_string(account: dict[str, Any]) -> str:
    return (
        "DefaultEndpointsProtocol=https;EndpointSuffix=core.windows.net;"
        f"AccountName={account['name']};AccountKey={ACCOUNT_KEY}"
    )


def _settings(call: Call, plan: dict[str, Any], account: dict[str, Any]) -> dict[str, str]:
    """Return the settings that a create writes: always one with an account key."""
    text, tier = _connection_string(account), plan["sku"]["tier"]
    settings = {"AzureWebJobsStorage": text}
    if tier != FLEX:
        settings |= {
            "FUNCTIONS_EXTENSION_VERSION": f"~{call['functions_version'] or '4'}",
            "FUNCTIONS_WORKER_RUNTIME": call["runtime"].lower(),
            "MACHINEKEY_DecryptionKey": call.subscription.generate("machine key"),
            "WEBSITES_ENABLE_APP_SERVICE_STORAGE": "true",
        }
    if tier == "ElasticPremium":
        settings |= _content_share(call, account, text)
    return settings | _telemetry(call, plan, text)


def _content_share(call: Call, account: dict[str, Any], text: str) -> dict[str, str]:
    """Azure Files has no access by identity for the content share, so the account needs keys."""
    if account["properties"]["allowSharedKeyAccess"] is False:
        raise ServiceError(
            "BadRequest",
            "Creation of storage file share failed with: 'The remote server returned an error: "
            "(403) Forbidden.'. Please check if the storage account is accessible.",
        )
    share = call.subscription.generate("content share", f"{call['name'].lower()[:50]}{{}}")
    return {"WEBSITE_CONTENTAZUREFILECONNECTIONSTRING": text, "WEBSITE_CONTENTSHARE": share}


def _telemetry(call: Call, plan: dict[str, Any], text: str) -> dict[str, str]:
    if call["app_insights_key"]:
        return {"APPINSIGHTS_INSTRUMENTATIONKEY": call["app_insights_key"]}
    if call["app_insights"]:
        names = call["group"], monitoring.COMPONENT, call["app_insights"]
        component = call.subscription.get(*names)
    elif call["disable_app_insights"]:
        return {} if plan["sku"]["tier"] == FLEX else {"AzureWebJobsDashboard": text}
    else:
        names = call["group"], call["name"], plan["location"], None
        component = monitoring.put_component(call.subscription, *names, tags={})
    connection = component["properties"]["connectionString"]
    return {"APPLICATIONINSIGHTS_CONNECTION_STRING": connection}


def _use_deployment_storage(call: Call, app: dict[str, Any], account: dict[str, Any]) -> None:
    """Make the container for packages of a Flex app, and let the app into it."""
    subscription, value = call.subscription, call["deployment_storage_auth_value"]
    kind = call["deployment_storage_auth_type"] or "StorageAccountConnectionString"
    authentication = {"type": kind}
    if kind == "SystemAssignedIdentity":
        if value:
            raise CallFailed(
                "--deployment-storage-auth-value is only a valid input when "
                "--deployment-storage-auth-type is set to UserAssignedIdentity or "
                "StorageAccountConnectionString. Please try again with "
                "--deployment-storage-auth-type set to UserAssignedIdentity or "
                "StorageAccountConnectionString."
            )
        _let_in(subscription, app, account, app_identities.SYSTEM)
    elif kind == "UserAssignedIdentity":
        value = value or identities.put_identity(call, f"{app['name']}-id", app["location"])["id"]
        _let_in(subscription, app, account, value)
        authentication["userAssignedIdentityResourceId"] = value
    else:
        name = value or "DEPLOYMENT_STORAGE_CONNECTION_STRING"
        subscription.settings_of(app)[name] = _connection_string(account)
        authentication["storageAccountConnectionStringName"] = name
    container = _new_container(call, account)
    runtime, version = app["runtime"]
    app["properties"]["functionAppConfig"] = {
        "deployment": {
            "storage": {
                "authentication": authentication,
                "type": "blobContainer",
                "value": f"{account['properties']['primaryEndpoints']['blob']}{container}",
            }
        },
        "runtime": {"name": runtime, "version": version},
        "scaleAndConcurrency": {"instanceMemoryMB": 2048, "maximumInstanceCount": 100},
    }


def _new_container(call: Call, account: dict[str, Any]) -> str:
    stem = "".join(letter for letter in call["name"].lower() if letter.isalnum())[:32]
    form = f"app-package-{stem}-{{:.7}}"
    name = call.subscription.generate(f"package container of {call['name']}", form)
    storage.put_container(call.subscription, account, name)
    return name


def _let_in(
    subscription: Subscription, app: dict[str, Any], account: dict[str, Any], identity: str
) -> None:
    app_identities.attach(subscription, app, [identity])
    own = identity == app_identities.SYSTEM
    ids = app["identity"] if own else (subscription.find(identity) or {})["properties"]
    roles.assign(subscription, ids["principalId"], "Storage Blob Data Contributor", account["id"])


def shown(subscription: Subscription, app: dict[str, Any]) -> dict[str, Any]:
    """Return an app as Azure CLI prints it: on Flex Consumption unchanged, else flat.

    So the host name is `properties.defaultHostName` there and `defaultHostName` elsewhere.
    """
    visible = _visible(app)
    if host := subscription.data["app_host"]:
        visible["properties"] = visible["properties"] | {"defaultHostName": host}
    if plans.tier_of(subscription, app) == FLEX:
        return visible
    properties = dict(visible.pop("properties"))
    properties["appServicePlanId"] = properties.pop("serverFarmId")
    return visible | properties


def _visible(app: dict[str, Any]) -> dict[str, Any]:
    hidden = {"deployment", "runtime", "started"}
    return {key: value for key, value in app.items() if key not in hidden}


def functionapp_show(call: Call) -> Any:
    """Return an app."""
    return shown(call.subscription, call.subscription.get(call["group"], SITE, call["name"]))


def functionapp_list(call: Call) -> Any:
    """Return the apps of a group or of the subscription, all of them flat."""
    apps = call.subscription.all(SITE, call["group"])
    return [_visible(each) | each["properties"] for each in apps]


def functionapp_restart(call: Call) -> None:
    """Restart an app."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    restart(call.subscription, app)


def restart(subscription: Subscription, app: dict[str, Any]) -> None:
    """Remember that the app has started now, with the roles that its identity has now."""
    app["started"] = subscription.data["total"]


def functionapp_start(call: Call) -> None:
    """Start an app."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    app["properties"]["state"] = "Running"
    restart(call.subscription, app)


def functionapp_stop(call: Call) -> None:
    """Stop an app."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    app["properties"]["state"] = "Stopped"


def functionapp_delete(call: Call) -> None:
    """Delete an app, and its plan if no other app is on it."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    plan = app["properties"]["serverFarmId"]
    call.subscription.delete(app["id"])
    if not call["keep_empty_plan"] and not plans.apps_on(call.subscription, plan):
        call.subscription.delete(plan)


def functionapp_keys_list(call: Call) -> Any:
    """Return the host keys, which the host keeps in its storage."""
    from .hosts import storage_problem

    app = call.subscription.get(call["group"], SITE, call["name"])
    problem = storage_problem(call.subscription, app)
    if problem or app["properties"]["state"] != "Running":
        message = "Encountered an error (ServiceUnavailable) from host runtime."
        raise ServiceError("BadRequest", message)
    return {"functionKeys": {"default": FUNCTION_KEY}, "masterKey": MASTER_KEY, "systemKeys": {}}


def functionapp_list_flexconsumption_locations(call: Call) -> Any:
    """Return the regions of Flex Consumption."""
    return [{"name": name} for name in FLEX_REGIONS]


def functionapp_list_flexconsumption_runtimes(call: Call) -> Any:
    """Return the versions of a runtime on Flex Consumption."""
    runtime = call["runtime"].lower()
    if runtime not in VERSIONS:
        message = (
            f"Runtime '{runtime}' not supported for function apps on the Flex Consumption plan."
        )
        raise CallFailed(message)
    return [{"runtime": runtime, "version": version} for version in VERSIONS[runtime]]
