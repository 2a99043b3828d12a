"""The SCM site (Kudu) of an app: publishing of packages.

Source: "Deployment technologies in Azure Functions"; the requests are those of azure-cli 2.91.0
(`enable_zip_deploy_flex`, `enable_zip_deploy`).
"""

import base64
import io
import json
import zipfile
from typing import Any

from . import hosts
from .http import ServiceResponse
from .routing import Call, route
from .state import PUBLISH_PASSWORD, Resource
from .web import allows_passwords, apps_named

SCM = r"[^.]+\.scm\.azurewebsites\.net"
PACKAGES = {"python": ".python_packages/", "node": "node_modules/"}
SUCCESS = 4


@route("POST", "/api/publish", SCM)
def publish(call: Call) -> ServiceResponse:
    """Publish a package on Flex Consumption: the request says whether the server builds."""
    text = call.request.query.get("remotebuild", "")
    return _deploy(call, text.lower() == "true")


@route("POST", "/api/zipdeploy", SCM)
def zip_deploy(call: Call) -> ServiceResponse:
    """Publish a package elsewhere: a setting says whether the server builds."""
    app = apps_named(call, call.request.host.split(".")[0])
    setting = call.state.settings_of(app).get("SCM_DO_BUILD_DURING_DEPLOYMENT", "true")
    return _deploy(call, setting.lower() in ("true", "1"))


def _deploy(call: Call, remote_build: bool) -> ServiceResponse:
    app = apps_named(call, call.request.host.split(".")[0])
    if not _authorized(call, app):
        return ServiceResponse(b"", 401)
    try:
        with zipfile.ZipFile(io.BytesIO(call.request.body)) as package:
            host = _read_package(call, app, package, remote_build)
    except zipfile.BadZipFile:
        return ServiceResponse(b"not a zip file", 400)
    for finding in hosts.findings_of(call.state, app, host):
        call.find(*finding)
    life = call.state.life_of(app)
    life["deployment"] = {"remoteBuild": remote_build, "host": host}
    life["started"] = call.state.data["total"]
    return ServiceResponse(b"deployment-1", 202)


def _authorized(call: Call, app: Resource) -> bool:
    """Return whether the token or the password of the request is accepted."""
    kind, _, value = call.request.headers.get("authorization", "").partition(" ")
    if kind == "Bearer":
        return bool(value)
    expected = base64.b64encode(f"${app['name']}:{PUBLISH_PASSWORD}".encode()).decode()
    return allows_passwords(call, app) and value == expected


def _read_package(
    call: Call, app: Resource, package: zipfile.ZipFile, remote_build: bool
) -> dict[str, Any]:
    """Return the host.json of a package; a runtime needs its packages, if nobody adds them."""
    names = package.namelist()
    if "host.json" not in names:
        call.find("zip-without-host", app["name"])
    if any(name.rsplit("/", 1)[-1] == "local.settings.json" for name in names):
        call.find("zip-with-local-settings", app["name"])
    packages = None if remote_build else PACKAGES.get(_runtime(call, app))
    if packages and not any(name.startswith(packages) for name in names):
        call.find("zip-without-packages", packages)
    return json.loads(package.read("host.json")) if "host.json" in names else {}


def _runtime(call: Call, app: Resource) -> str:
    config = app["properties"].get("functionAppConfig")
    if config:
        return config["runtime"]["name"]
    return call.state.settings_of(app).get("FUNCTIONS_WORKER_RUNTIME", "")


@route("GET", "/api/deployments/latest", SCM)
def latest(call: Call) -> ServiceResponse:
    """Return that the deployment has succeeded."""
    return ServiceResponse(
        {"id": "deployment-1", "status": SUCCESS, "complete": True, "active": True}
    )


@route("GET", "/api/settings", SCM)
def settings(call: Call) -> ServiceResponse:
    """Return the settings that the SCM site has taken over."""
    app = apps_named(call, call.request.host.split(".")[0])
    return ServiceResponse(dict(call.state.settings_of(app)))
