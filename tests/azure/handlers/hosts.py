"""What the Functions host of an app needs in order to run, judged by what exists.

Rules: pages "Connecting to host storage with an identity" and "Configure managed identity for
Durable Task Scheduler"; the grammar of the connection string is the scheduler's.
"""

import re
from collections.abc import Iterator
from typing import Any

from ..subscription import Subscription
from .app_identities import principals_of
from .app_settings import FORCED_KEY, KEY
from .monitoring import COMPONENT
from .schedulers import HUB, SCHEDULER
from .storage import ACCOUNT, has_role

STORAGE = "AzureWebJobsStorage"
TELEMETRY = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"
Finding = tuple[str, str]


def storage_problem(subscription: Subscription, app: dict[str, Any]) -> str | None:
    """Return why the host cannot use its storage, or None."""
    settings = subscription.settings_of(app)
    text = settings.get(STORAGE)
    name = parts_of(text).get("accountname") if text else settings.get(f"{STORAGE}__accountName")
    account = next((each for each in subscription.all(ACCOUNT) if each["name"] == name), None)
    if account is None:
        return f"{STORAGE} names no storage account"
    if text:
        keys_work = account["properties"]["allowSharedKeyAccess"] is not False
        return None if keys_work else f"{account['name']} accepts no keys"
    client = settings.get(f"{STORAGE}__clientId")
    if client and settings.get(f"{STORAGE}__credential") != "managedidentity":
        return f"{STORAGE}__clientId needs {STORAGE}__credential=managedidentity"
    principal = _principal(app, client)
    if principal is None:
        return f"the app has no identity {client or 'of its own'}"
    if has_role(subscription, principal, account["id"], {"Storage Blob Data Owner"}):
        return None
    return f"the identity of the app is not Storage Blob Data Owner of {account['name']}"


def parts_of(text: str) -> dict[str, str]:
    """Return the parts of a connection string, keys in lower case."""
    pairs = (part.partition("=") for part in text.split(";") if part)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _principal(app: dict[str, Any], client: str | None) -> str | None:
    """Return the principal of the identity with this client id, or of the app's own."""
    principals = principals_of(app)
    return next((each for each, its in principals.items() if its == (client or None)), None)


def missing_settings(settings: dict[str, str], host: dict[str, Any]) -> list[str]:
    """Return the names of settings that host.json needs and the app does not have."""
    task = host.get("extensions", {}).get("durableTask", {})
    needed = re.findall(r"%([^%]+)%", str(task))
    name = task.get("storageProvider", {}).get("connectionStringName")
    return [each for each in [name, *needed] if each and not settings.get(each)]


def findings_of(
    subscription: Subscription, app: dict[str, Any], host: dict[str, Any]
) -> Iterator[Finding]:
    """Yield what will go wrong in an app with these settings, roles and this host.json."""
    settings = subscription.settings_of(app)
    problem = storage_problem(subscription, app)
    if problem:
        yield "role-missing" if "is not Storage" in problem else "wrong-identity", problem
    for name in missing_settings(settings, host):
        yield "deploy-before-settings", name
    for name, value in settings.items():
        if KEY.search(value) and name != FORCED_KEY:
            yield "deploy-with-key", name
    yield from _scheduler_findings(subscription, app, host)
    yield from _telemetry_findings(subscription, app)
    for assignment in subscription.data["assignments"].values():
        late = assignment["since"] > app["started"]
        if late and assignment["principalId"] in principals_of(app):
            yield "not-restarted", assignment["roleDefinitionName"]


def _scheduler_findings(
    subscription: Subscription, app: dict[str, Any], host: dict[str, Any]
) -> Iterator[Finding]:
    settings = subscription.settings_of(app)
    task = host.get("extensions", {}).get("durableTask", {})
    name = task.get("storageProvider", {}).get("connectionStringName")
    if not settings.get(name or ""):
        return
    parts = parts_of(settings[name])
    scheduler = _scheduler(subscription, parts.get("endpoint", ""))
    if scheduler is None:
        yield "wrong-endpoint", parts.get("endpoint", "")
        return
    hub = re.sub(r"%([^%]+)%", lambda found: settings.get(found[1], ""), task.get("hubName", ""))
    scope = f"{scheduler['id']}/taskHubs/{hub}"
    if (subscription.find(scope) or {}).get("type") != HUB:
        yield "hub-missing", hub
    yield from _access_findings(subscription, app, parts, scope)


def _access_findings(
    subscription: Subscription, app: dict[str, Any], parts: dict[str, str], scope: str
) -> Iterator[Finding]:
    principal = _principal(app, parts.get("clientid"))
    if principal is None or parts.get("authentication", "").lower() != "managedidentity":
        yield "wrong-identity", f"{parts.get('authentication')} {parts.get('clientid')}"
    elif not has_role(subscription, principal, scope, {"Durable Task Data Contributor"}):
        yield "role-missing", f"Durable Task Data Contributor at {scope}"


def _scheduler(subscription: Subscription, endpoint: str) -> dict[str, Any] | None:
    for scheduler in subscription.all(SCHEDULER):
        if endpoint and endpoint.rstrip("/") == scheduler["properties"]["endpoint"]:
            return scheduler
    return None


def _telemetry_findings(subscription: Subscription, app: dict[str, Any]) -> Iterator[Finding]:
    settings = subscription.settings_of(app)
    if TELEMETRY not in settings:
        return
    principal = _principal(app, parts_of(settings[TELEMETRY]).get("clientid"))
    if principal is None:
        yield "wrong-identity", f"{TELEMETRY}={settings[TELEMETRY]}"
        return
    connection = settings.get("APPLICATIONINSIGHTS_CONNECTION_STRING")
    for component in subscription.all(COMPONENT):
        if component["properties"]["connectionString"] == connection:
            role = "Monitoring Metrics Publisher"
            if not has_role(subscription, principal, component["id"], {role}):
                yield "role-missing", f"{role} at {component['id']}"
