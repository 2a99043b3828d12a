"""Deployment of packages, and publish profiles.

Rules: azure-cli 2.91.0, `command_modules/appservice/custom.py` (`enable_zip_deploy_functionapp`,
`check_flex_app_after_deployment`) and `_validators.py` (`validate_functionapp_on_flex_plan`).
"""

import json
import zipfile
from typing import Any
from xml.sax.saxutils import quoteattr

from ..call import Call
from ..errors import CallFailed, ServiceError
from ..subscription import PUBLISH_PASSWORD, Subscription
from . import hosts
from .apps import FLEX, restart
from .plans import SITE, tier_of

UNHEALTHY = (
    "Deployment was successful but the app appears to be unhealthy. Please check the app logs."
)
PACKAGES = {"python": ".python_packages/", "node": "node_modules/"}
NOT_ON_FLEX = (
    "Invalid command. This is not currently supported for Azure Functions on the Flex Consumption "
    "plan."
)


def functionapp_deployment_source_config_zip(call: Call) -> Any:
    """Deploy a package; on Flex Consumption fail afterwards if the host does not run."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    flex = tier_of(call.subscription, app) == FLEX
    remote_build = call["build_remote"]
    if remote_build is None:
        remote_build = flex and app["runtime"][0] == "python"
    host = _read_package(call, call["src"], "" if remote_build else app["runtime"][0])
    _deploy(call, app, host, remote_build)
    if flex:
        return "Deployment was successful."
    return {"active": True, "complete": True, "deployer": "az_cli_functions", "status": 4}


def _read_package(call: Call, path: str, runtime: str) -> dict[str, Any]:
    """Return the host.json of a package; a runtime needs its packages, if nobody adds them."""
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            text = package.read("host.json") if "host.json" in names else b"{}"
    except FileNotFoundError as error:
        raise CallFailed(str(error)) from error
    except zipfile.BadZipFile as error:
        message = "An error occured during deployment. Status Code: 400, Details: not a zip file"
        raise CallFailed(message) from error
    if "host.json" not in names:
        call.find("zip-without-host", path)
    if any(name.rsplit("/", 1)[-1] == "local.settings.json" for name in names):
        call.find("zip-with-local-settings", path)
    packages = PACKAGES.get(runtime)
    if packages and not any(name.startswith(packages) for name in names):
        call.find("zip-without-packages", packages)
    return json.loads(text)


def _deploy(call: Call, app: dict[str, Any], host: dict[str, Any], remote_build: bool) -> None:
    """Deploy a package with this host.json."""
    flex = tier_of(call.subscription, app) == FLEX
    settings = call.subscription.settings_of(app)
    for finding in hosts.findings_of(call.subscription, app, host):
        call.find(*finding)
    broken = hosts.storage_problem(call.subscription, app) or hosts.missing_settings(settings, host)
    if flex and broken:
        raise CallFailed(UNHEALTHY)
    if not flex:
        _choose_build(settings, remote_build)
    app["deployment"] = {"remoteBuild": remote_build}
    restart(call.subscription, app)


def _choose_build(settings: dict[str, str], remote: bool) -> None:
    """Where the plan is not Flex Consumption, settings tell the server whether to build."""
    settings["SCM_DO_BUILD_DURING_DEPLOYMENT"] = str(remote).lower()
    if remote:
        for name in ("ENABLE_ORYX_BUILD", "WEBSITE_RUN_FROM_PACKAGE"):
            settings.pop(name, None)


def functionapp_deployment_list_publishing_profiles(call: Call) -> Any:
    """Return the publish profile; Azure CLI refuses to on Flex Consumption."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    if tier_of(call.subscription, app) == FLEX:
        raise CallFailed(NOT_ON_FLEX)
    profile = profile_of(call.subscription, app)
    return profile_xml(profile) if call["xml"] else [profile]


def profile_of(subscription: Subscription, app: dict[str, Any]) -> dict[str, str]:
    """Return the publish profile: it needs basic authentication of the SCM site."""
    policy = subscription.find(f"{app['id']}/basicPublishingCredentialsPolicies/scm")
    if policy is None or not policy["properties"]["allow"]:
        raise ServiceError("Conflict", "Basic authentication is disabled for the SCM site.")
    name = app["name"]
    return {
        "profileName": f"{name} - Zip Deploy",
        "publishMethod": "ZipDeploy",
        "publishUrl": f"{name}.scm.azurewebsites.net:443",
        "userName": f"${name}",
        "userPWD": PUBLISH_PASSWORD,
    }


def profile_xml(profile: dict[str, str]) -> str:
    """Return a publish profile as XML, the form that a workflow wants."""
    attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in profile.items())
    return f"<publishData><publishProfile {attributes} /></publishData>"
