"""The Functions host of an app: its keys and its status, and what it needs in order to run.

Source: "Connecting to host storage with an identity"; "Configure managed identity for Durable Task
Scheduler"; the grammar of the connection string is the scheduler's. While a host starts, its keys
are refused with 400 and its status with 503 (azure-functions-host#4567 and others).
"""

import re
from collections.abc import Iterator

from .app_identities import principals_of
from .authorization import has_role
from .durable_task import HUB, SCHEDULER
from .errors import WebError
from .http import ServiceResponse
from .monitoring import COMPONENT
from .routing import Call, route
from .state import FUNCTION_KEY, MASTER_KEY, SYSTEM_KEY, Resource, State
from .storage import ACCOUNT, accepts_keys
from .store import find
from .web import FORCED_KEY, KEY, SITE_PATH, apps_named

STORAGE = "AzureWebJobsStorage"
TELEMETRY = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"
Finding = tuple[str, str]


@route("POST", f"{SITE_PATH}/host/default/listkeys")
def keys(call: Call, **_: str) -> ServiceResponse:
    """Return the keys that the running host holds.

    An extension creates its own when it asks for its address (`DefaultScriptWebHookProvider` of
    azure-functions-host), so an app without a deployment has none.
    """
    app = find(call, call.request.path.rsplit("/", 3)[0])
    if not runs(call.state, app):
        message = "Encountered an error (ServiceUnavailable) from host runtime."
        raise WebError(400, "BadRequest", message)
    deployed = call.state.life_of(app)["deployment"]
    return ServiceResponse(
        {
            "masterKey": MASTER_KEY,
            "functionKeys": {"default": FUNCTION_KEY},
            "systemKeys": {"durabletask_extension": SYSTEM_KEY} if deployed else {},
        }
    )


@route("GET", "/admin/host/status", r"(?P<app>[^.]+)\.azurewebsites\.net")
def status(call: Call) -> ServiceResponse:
    """Return the status of the host to who has the master key."""
    app = apps_named(call, call.request.host.split(".")[0])
    if not runs(call.state, app):
        return ServiceResponse(b"Function host is not running.", 503)
    if call.request.headers.get("x-functions-key") != MASTER_KEY:
        return ServiceResponse(status=401)
    return ServiceResponse({"id": app["name"], "state": "Running"})


def runs(state: State, app: Resource) -> bool:
    """Return whether the host runs.

    The key `starting` of the state `host` is how many requests come before a host that could run.
    """
    if app["properties"]["state"] != "Running" or storage_problem(state, app):
        return False
    host = (state.life_of(app)["deployment"] or {}).get("host") or {}
    if missing_settings(state.settings_of(app), host):
        return False
    left = state.data["host"].get("starting", 0)
    state.data["host"]["starting"] = max(left - 1, 0)
    return left == 0


def storage_problem(state: State, app: Resource) -> str | None:
    """Return why the host cannot use its storage, or None."""
    settings = state.settings_of(app)
    text = settings.get(STORAGE)
    name = parts_of(text).get("accountname") if text else settings.get(f"{STORAGE}__accountName")
    account = next((each for each in state.all(ACCOUNT) if each["name"] == name), None)
    if account is None:
        return f"{STORAGE} names no storage account"
    if text:
        keys_work = accepts_keys(account)
        return None if keys_work else f"{account['name']} accepts no keys"
    client = settings.get(f"{STORAGE}__clientId")
    if client and settings.get(f"{STORAGE}__credential") != "managedidentity":
        return f"{STORAGE}__clientId needs {STORAGE}__credential=managedidentity"
    principal = _principal(app, client)
    if principal is None:
        return f"the app has no identity {client or 'of its own'}"
    if has_role(state, principal, account["id"], {"Storage Blob Data Owner"}):
        return None
    return f"the identity of the app is not Storage Blob Data Owner of {account['name']}"


def parts_of(text: str) -> dict[str, str]:
    """Return the parts of a connection string, keys in lower case."""
    pairs = (part.partition("=") for part in text.split(";") if part)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _principal(app: Resource, client: str | None) -> str | None:
    """Return the principal of the identity with this client id, or of the app's own."""
    principals = principals_of(app)
    return next((each for each, its in principals.items() if its == (client or None)), None)


def missing_settings(settings: dict[str, str], host: Resource) -> list[str]:
    """Return the names of settings that host.json needs and the app does not have."""
    task = host.get("extensions", {}).get("durableTask", {})
    needed = re.findall(r"%([^%]+)%", str(task))
    name = task.get("storageProvider", {}).get("connectionStringName")
    return [each for each in [name, *needed] if each and not settings.get(each)]


def findings_of(state: State, app: Resource, host: Resource) -> Iterator[Finding]:
    """Yield what will go wrong in an app with these settings, roles and this host.json."""
    settings = state.settings_of(app)
    problem = storage_problem(state, app)
    if problem:
        yield "role-missing" if "is not Storage" in problem else "wrong-identity", problem
    for name in missing_settings(settings, host):
        yield "deploy-before-settings", name
    for name, value in settings.items():
        if KEY.search(value) and name != FORCED_KEY:
            yield "deploy-with-key", name
    yield from _scheduler_findings(state, app, host)
    yield from _telemetry_findings(state, app)
    for assignment in state.data["assignments"].values():
        late = assignment["since"] > state.life_of(app)["started"]
        if late and assignment["principalId"] in principals_of(app):
            yield "not-restarted", assignment["roleDefinitionName"]


def _scheduler_findings(state: State, app: Resource, host: Resource) -> Iterator[Finding]:
    settings = state.settings_of(app)
    task = host.get("extensions", {}).get("durableTask", {})
    name = task.get("storageProvider", {}).get("connectionStringName")
    if not settings.get(name or ""):
        return
    parts = parts_of(settings[name])
    scheduler = _scheduler(state, parts.get("endpoint", ""))
    if scheduler is None:
        yield "wrong-endpoint", parts.get("endpoint", "")
        return
    hub = re.sub(r"%([^%]+)%", lambda found: settings.get(found[1], ""), task.get("hubName", ""))
    scope = f"{scheduler['id']}/taskHubs/{hub}"
    if (state.find(scope) or {}).get("type") != HUB:
        yield "hub-missing", hub
    yield from _access_findings(state, app, parts, scope)


def _access_findings(
    state: State, app: Resource, parts: dict[str, str], scope: str
) -> Iterator[Finding]:
    principal = _principal(app, parts.get("clientid"))
    if principal is None or parts.get("authentication", "").lower() != "managedidentity":
        yield "wrong-identity", f"{parts.get('authentication')} {parts.get('clientid')}"
    elif not has_role(state, principal, scope, {"Durable Task Data Contributor"}):
        yield "role-missing", f"Durable Task Data Contributor at {scope}"


def _scheduler(state: State, endpoint: str) -> Resource | None:
    for scheduler in state.all(SCHEDULER):
        if endpoint and endpoint.rstrip("/") == scheduler["properties"]["endpoint"]:
            return scheduler
    return None


def _telemetry_findings(state: State, app: Resource) -> Iterator[Finding]:
    settings = state.settings_of(app)
    if TELEMETRY not in settings:
        return
    principal = _principal(app, parts_of(settings[TELEMETRY]).get("clientid"))
    if principal is None:
        yield "wrong-identity", f"{TELEMETRY}={settings[TELEMETRY]}"
        return
    connection = settings.get("APPLICATIONINSIGHTS_CONNECTION_STRING")
    for component in state.all(COMPONENT):
        if component["properties"]["ConnectionString"] == connection:
            role = "Monitoring Metrics Publisher"
            if not has_role(state, principal, component["id"], {role}):
                yield "role-missing", f"{role} at {component['id']}"
