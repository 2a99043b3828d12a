"""Function apps: sites, their configuration and settings, policies, actions.

Source: REST reference of Microsoft.Web/sites; `tests/data/flex-consumption.json` for what the Flex
Consumption plan refuses; azure-cli#31414 for the form of that refusal (51021).
"""

import json
import re
from pathlib import Path
from typing import Any

from .app_identities import attach
from .errors import ArmError, WebError, resource_not_found
from .http import ServiceResponse
from .paths import Path as ResourcePath
from .plans import FLEX, PLAN, SITE, WITHOUT_ALWAYS_ON, apps_on, tier_of
from .routing import Call, route, rule
from .state import PUBLISH_PASSWORD, Resource
from .storage import accepts_keys, account_named
from .store import find

SITE_PATH = (
    "/subscriptions/{subscription}/resourcegroups/{group}/providers/Microsoft.Web/sites/{name}"
)
CONFIG = f"{SITE}/config"
POLICY = f"{SITE}/basicPublishingCredentialsPolicies"
FORCED_KEY = "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"  # Elastic Premium
KEY = re.compile(r"(AccountKey|SharedAccessKey|SharedAccessSignature)=", re.IGNORECASE)
DATA = Path(__file__).parents[2] / "data" / "flex-consumption.json"
FORBIDDEN = json.loads(DATA.read_text(encoding="utf-8"))
NOT_ON_FLEX = {each.lower() for each in FORBIDDEN["forbiddenSiteConfig"]}
SETTINGS_NOT_ON_FLEX = {each.lower() for each in FORBIDDEN["forbiddenAppSettings"]}


# Sites ------------------------------------------------------------------------------------------


@rule("put", SITE)
def put_site(call: Call, app: Resource, existing: Resource | None) -> None:
    """Create an app or replace it; the settings only if the request has some."""
    name, properties = app["name"], app["properties"]
    if existing is None:
        _check_free(call, name)
    plan = call.state.find(_plan_id(app, existing))
    if plan is None:
        raise resource_not_found(PLAN, properties["serverFarmId"].rsplit("/", 1)[-1], "")
    tier = plan["sku"]["tier"]
    config = properties.pop("siteConfig", None) or {}
    settings = config.pop("appSettings", None)
    _check_config(config, tier)
    app["kind"] = app.get("kind") or "functionapp,linux"
    app["properties"] = _site_properties(app, existing, plan)
    app["identity"] = attach(call.state, app, existing, call.request.json.get("identity"))
    call.state.resources[app["id"].lower()] = app
    _put_parts(call, app, config, tier, existing is None)
    if settings is not None:
        if existing is not None:
            call.find("re-create", f"function app {name}: every setting is replaced")
        _put_settings(call, app, {each["name"]: each.get("value") or "" for each in settings}, tier)
    call.state.life_of(app)["started"] = call.state.data["total"]


def _plan_id(app: Resource, existing: Resource | None) -> str:
    """Return the id of the plan, which a request may also give as a name in the same group."""
    old = (existing or {}).get("properties", {}).get("serverFarmId", "")
    given = app["properties"].get("serverFarmId") or old
    if not given.startswith("/"):
        given = f"{app['id'].rsplit('/', 2)[0]}/serverfarms/{given}"
    app["properties"]["serverFarmId"] = given
    return given


def _check_free(call: Call, name: str) -> None:
    """Names of apps are unique in all of Azure."""
    own = {each["name"].lower() for each in call.state.all(SITE)}
    if name.lower() in own | set(call.state.data["taken"][SITE]):
        raise WebError(409, "Conflict", f"Website with given name {name} already exists.", "54001")


def _site_properties(app: Resource, existing: Resource | None, plan: Resource) -> dict[str, Any]:
    old = (existing or {}).get("properties", {})
    given = {key: each for key, each in app["properties"].items() if each is not None}
    host = f"{app['name'].lower()}.azurewebsites.net"
    kept = {"httpsOnly": False, "functionAppConfig": None, "state": "Running"} | old
    return {
        **kept,
        **{key: given[key] for key in ("httpsOnly", "functionAppConfig") if key in given},
        "defaultHostName": old.get("defaultHostName", host),
        "enabledHostNames": [host],
        "hostNameSslStates": [
            {"name": host, "hostType": "Standard", "sslState": "Disabled"},
            {
                "name": host.replace(".azure", ".scm.azure"),
                "hostType": "Repository",
                "sslState": "Disabled",
            },
        ],
        "reserved": True,
        "serverFarmId": plan["id"],
        "sku": plan["sku"]["tier"],
    }


def _check_config(config: dict[str, Any], tier: str) -> None:
    """Fail as Azure does if the plan forbids a property of the configuration."""
    for key, each in config.items():
        if tier == FLEX and key.lower() in NOT_ON_FLEX and each is not None:
            raise _invalid_on_flex(f"property (Site.SiteConfig.{key})")
    if config.get("alwaysOn") and tier in WITHOUT_ALWAYS_ON:
        message = "AlwaysOn cannot be set for this site as the plan does not allow it."
        raise WebError(409, "Conflict", f"There was a conflict. {message}", "04068")


def _invalid_on_flex(what: str) -> WebError:
    return WebError(
        400,
        "BadRequest",
        f"The following site configuration {what} for Flex Consumption sites is invalid.  Please "
        "remove or rename it before retrying.",
        "51021",
    )


def _put_parts(call: Call, app: Resource, config: dict[str, Any], tier: str, new: bool) -> None:
    """Create or change what every app has: its configuration and two policies."""
    web = f"{app['id']}/config/web"
    defaults = {
        "alwaysOn": False,
        "ftpsState": "FtpsOnly",
        "functionsRuntimeScaleMonitoringEnabled": False,
        "minTlsVersion": "1.2",
    }
    if tier == FLEX:
        del defaults["ftpsState"]
    old = defaults if new else call.state.resources[web.lower()]["properties"]
    given = {key: each for key, each in config.items() if each is not None}
    _put_part(call, web, CONFIG, old | given)
    for policy in ("ftp", "scm") if new else ():
        _put_part(call, f"{app['id']}/{POLICY.rsplit('/', 1)[1]}/{policy}", POLICY, {"allow": True})


def _put_part(call: Call, identifier: str, kind: str, properties: dict[str, Any]) -> None:
    name = identifier.rsplit("/", 1)[1]
    part = {"id": identifier, "name": name, "type": kind, "properties": properties}
    call.state.resources[identifier.lower()] = part


@rule("view", SITE)
def view_site(call: Call, app: Resource) -> Resource:
    """Show an app with the part of its configuration that `GET` on a site has."""
    app["properties"]["siteConfig"] = None
    if host := call.state.data["app_host"]:
        app["properties"]["defaultHostName"] = host
    if tier_of(call.state, app) != FLEX:
        web = call.state.resources[f"{app['id']}/config/web".lower()]["properties"]
        shown = ("alwaysOn", "linuxFxVersion")
        app["properties"]["siteConfig"] = {key: web.get(key) for key in shown}
    app["properties"]["resourceGroup"] = ResourcePath(app["id"]).group
    if app.get("identity") is None:
        app.pop("identity", None)
    return app


@rule("delete", SITE)
def delete_site(call: Call, app: Resource) -> None:
    """Delete the plan of the last app, unless the request says that it remains."""
    plan = app["properties"]["serverFarmId"]
    keep = call.request.query.get("deleteemptyserverfarm") == "false"
    if not keep and len(apps_on(call.state, plan)) == 1:
        call.state.delete(plan)


@route("POST", f"{SITE_PATH}/(?P<action>restart|start|stop)")
def change_state(call: Call, action: str, **_: str) -> ServiceResponse:
    """Start or stop an app: it takes the roles and settings of now."""
    app = find(call, call.request.path.rsplit("/", 1)[0])
    app["properties"]["state"] = "Stopped" if action == "stop" else "Running"
    call.state.life_of(app)["started"] = call.state.data["total"]
    return ServiceResponse(status=200)


# Configuration ----------------------------------------------------------------------------------


@rule("put", CONFIG)
def put_config(call: Call, config: Resource, existing: Resource | None) -> None:
    """Change the configuration of an app under the rules of its plan."""
    app = call.state.resources[config["id"].rsplit("/", 2)[0].lower()]
    given = {key: each for key, each in config["properties"].items() if each is not None}
    old = (existing or {}).get("properties", {})
    changed = {key: each for key, each in given.items() if old.get(key) != each}
    _check_config(changed, tier_of(call.state, app))
    config["properties"] = old | given
    call.state.life_of(app)["started"] = call.state.data["total"]


@route("PUT", f"{SITE_PATH}/config/appsettings")
def put_settings(call: Call, **_: str) -> ServiceResponse:
    """Replace all settings and restart the app."""
    app = find(call, call.request.path.rsplit("/", 2)[0])
    old = dict(call.state.settings_of(app))
    given = {key: each or "" for key, each in call.request.json["properties"].items()}
    _put_settings(call, app, given, tier_of(call.state, app))
    for key, each in given.items():
        if old.get(key) != each:
            _judge(call, key, each)
    call.state.life_of(app)["started"] = call.state.data["total"]
    return _settings(call, app)


def _put_settings(call: Call, app: Resource, settings: dict[str, str], tier: str) -> None:
    for key in sorted(settings) if tier == FLEX else ():
        if key.lower() in SETTINGS_NOT_ON_FLEX:
            raise _invalid_on_flex(f"app setting (Site.SiteConfig.AppSettings.{key})")
    _check_content_share(call, settings)
    for key, what in MADE_UP.items():
        if key in settings:
            call.state.label(what, settings[key])
    call.state.data["settings"][app["id"].lower()] = settings


# Settings whose values the Azure CLI makes up.
MADE_UP = {"MACHINEKEY_DecryptionKey": "machine key", "WEBSITE_CONTENTSHARE": "content share"}


def _check_content_share(call: Call, settings: dict[str, str]) -> None:
    """Azure Files has no access by identity for the content share, so the account needs keys."""
    text = settings.get(FORCED_KEY)
    found = re.search(r"AccountName=([^;]+)", text) if text else None
    account = account_named(call, found[1]) if found else None
    if account and not accepts_keys(account):
        raise WebError(
            400,
            "BadRequest",
            "Creation of storage file share failed with: 'The remote server returned an error: "
            "(403) Forbidden.'. Please check if the storage account is accessible.",
            "99022",
        )


def _judge(call: Call, name: str, value: str) -> None:
    if KEY.search(value):
        call.find("key-in-setting", name)
    parts = [part for part in value.split(";") if part]
    hollow = "=" in value and any(part.rstrip().endswith("=") for part in parts)
    if not value or (hollow and not KEY.search(value)):
        call.find("empty-part", f"{name}={value}")


@route("POST", f"{SITE_PATH}/config/appsettings/list")
def list_settings(call: Call, **_: str) -> ServiceResponse:
    """Return the settings with their values."""
    return _settings(call, find(call, call.request.path.rsplit("/", 3)[0]))


def _settings(call: Call, app: Resource) -> ServiceResponse:
    return ServiceResponse(
        {
            "id": f"{app['id']}/config/appsettings",
            "name": "appsettings",
            "type": CONFIG,
            "properties": call.state.settings_of(app),
        }
    )


@route("GET", f"{SITE_PATH}/config/slotConfigNames")
def slot_settings(call: Call, **_: str) -> ServiceResponse:
    """Return that no setting belongs to a slot."""
    app = find(call, call.request.path.rsplit("/", 2)[0])
    return ServiceResponse({"id": f"{app['id']}/config/slotConfigNames", "properties": {}})


# Publishing -------------------------------------------------------------------------------------


def allows_passwords(call: Call, app: Resource) -> bool:
    """Return whether the SCM site accepts a password."""
    return call.state.resources[f"{app['id']}/{POLICY.rsplit('/', 1)[1]}/scm".lower()][
        "properties"
    ]["allow"]


@route("POST", f"{SITE_PATH}/publishxml")
def publish_profile(call: Call, name: str, **_: str) -> ServiceResponse:
    """Return the publish profile; without basic authentication of the SCM site it is of no use."""
    app = find(call, call.request.path.rsplit("/", 1)[0])
    attributes = {
        "profileName": f"{name} - Zip Deploy",
        "publishMethod": "ZipDeploy",
        "publishUrl": f"{name}.scm.azurewebsites.net:443",
        "userName": f"${name}",
        "userPWD": PUBLISH_PASSWORD if allows_passwords(call, app) else "REDACTED",
        "destinationAppUrl": f"https://{name}.azurewebsites.net",
    }
    text = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    body = f"<publishData><publishProfile {text} /></publishData>".encode()
    return ServiceResponse(body, headers={"Content-Type": "application/xml"})


@route("POST", f"{SITE_PATH}/config/publishingcredentials/list")
def publishing_user(call: Call, name: str, **_: str) -> ServiceResponse:
    """Return the user of the SCM site."""
    app = find(call, call.request.path.rsplit("/", 3)[0])
    properties = {
        "publishingUserName": f"${name}",
        "publishingPassword": PUBLISH_PASSWORD,
        "scmUri": f"https://{name}.scm.azurewebsites.net",
    }
    return ServiceResponse({"id": f"{app['id']}/publishingcredentials/x", "properties": properties})


def apps_named(call: Call, name: str) -> Resource:
    """Return the app with a name, which is unique."""
    for app in call.state.all(SITE):
        if app["name"].lower() == name.lower():
            return app
    raise ArmError(404, "NotFound", f"there is no app {name}")
