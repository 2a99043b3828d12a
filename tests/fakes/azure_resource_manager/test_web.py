"""Plans, apps, their settings and keys, publishing, and what the host needs."""

import io
import json
import zipfile
from typing import Any

import pytest

from .fixtures import ACCOUNT, GROUP, HUB, IDENTITY, PLAN, SCHEDULER, SITE, Service, with_app
from .state import ACCOUNT_KEY, FUNCTION_KEY, MASTER_KEY
from .web import FORBIDDEN

CONNECTION = "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"
HOST = {
    "extensions": {
        "durableTask": {
            "hubName": "%TASKHUB_NAME%",
            "storageProvider": {"type": "azureManaged", "connectionStringName": CONNECTION},
        }
    }
}
KEYED = f"DefaultEndpointsProtocol=https;AccountName=stshop;AccountKey={ACCOUNT_KEY}"
TELEMETRY = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"


def body_of(**config: Any) -> dict[str, Any]:
    properties = {"serverFarmId": PLAN, "siteConfig": config}
    return {"location": "centralus", "properties": properties}


@pytest.mark.parametrize("name", FORBIDDEN["forbiddenSiteConfig"])
def test_flex_consumption_refuses_properties(name: str) -> None:
    service = with_app()
    assert service.refused("PUT", SITE, body_of(**{name: "x"})) == (400, "51021")
    config = {"properties": {name: "x"}}
    assert service.refused("PATCH", f"{SITE}/config/web", config) == (400, "51021")
    elsewhere = with_app("EP1")
    elsewhere.put(SITE, **body_of(**{name: "x"}))


@pytest.mark.parametrize("name", FORBIDDEN["forbiddenAppSettings"])
def test_flex_consumption_refuses_settings(name: str) -> None:
    service = with_app()
    settings = body_of(appSettings=[{"name": name, "value": "1"}])
    assert service.refused("PUT", SITE, settings) == (400, "51021")
    properties = {"properties": {name: "1"}}
    assert service.refused("PUT", f"{SITE}/config/appsettings", properties) == (400, "51021")
    assert with_app("EP1").ask("PUT", f"{SITE}/config/appsettings", properties).status == 200


@pytest.mark.parametrize(("plan", "accepted"), [("EP1", False), ("P0V3", True), ("FC1", False)])
def test_always_on_depends_on_the_plan(plan: str, accepted: bool) -> None:
    service = with_app(plan)
    body = {"properties": {"alwaysOn": True}}
    assert (service.ask("PATCH", f"{SITE}/config/web", body).status == 200) == accepted


def test_elastic_premium_needs_keys_for_its_content() -> None:
    service = with_app("EP1")
    setting = {"name": "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "value": KEYED}
    body = body_of(appSettings=[setting])
    assert service.refused("PUT", SITE, body) == (400, "99022")
    service.ask("PATCH", ACCOUNT, {"properties": {"allowSharedKeyAccess": True}})
    assert service.ask("PUT", SITE, body).status == 200


def test_names_of_apps_are_unique_in_azure() -> None:
    service = with_app(
        taken={"Microsoft.Web/sites": ["taken"], "Microsoft.Storage/storageAccounts": []}
    )
    taken = SITE.replace("/app", "/Taken")
    assert service.refused("PUT", taken, body_of())[0] == 409
    service.put(GROUP.replace("/rg", "/rg2"), location="centralus")
    assert service.refused("PUT", SITE.replace("/rg/", "/rg2/"), body_of())[0] == 409


def test_an_app_put_again_loses_its_settings() -> None:
    service = with_app(settings={"A": "b"})
    service.put(SITE, **body_of(appSettings=[{"name": "B", "value": "c"}]))
    assert service.findings == ["re-create"]
    listed = service.ask("POST", f"{SITE}/config/appsettings/list").data
    assert listed["properties"] == {"B": "c"}


def test_an_app_put_without_settings_keeps_them() -> None:
    """That is how the Azure CLI assigns an identity."""
    service = with_app(settings={"A": "b"})
    app = service.get(SITE)
    service.put(SITE, **app | {"identity": {"type": "SystemAssigned"}})
    assert service.findings == []
    assert service.get(SITE)["identity"]["type"] == "SystemAssigned"
    assert service.state.settings_of(app) == {"A": "b"}


def test_identities_come_and_go() -> None:
    service = with_app()
    both = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
    service.ask("PATCH", SITE, {"identity": both})
    identity = service.get(SITE)["identity"]
    assert identity["principalId"] in service.state.data["principals"]
    assert list(identity["userAssignedIdentities"]) == [IDENTITY]
    service.ask("PATCH", SITE, {"identity": {"type": "None"}})
    assert "identity" not in service.get(SITE)
    assert identity["principalId"] not in service.state.data["principals"]
    for wrong, code in ((ACCOUNT, 404), ("client-id", 400)):
        asked = {"type": "UserAssigned", "userAssignedIdentities": {wrong: {}}}
        assert service.refused("PUT", SITE, body_of() | {"identity": asked})[0] == code


def test_a_plan_lives_as_long_as_its_apps() -> None:
    service = with_app("B1")
    assert service.refused("DELETE", PLAN) == (409, "Conflict")
    service.ask("DELETE", f"{SITE}?deleteEmptyServerFarm=false")
    assert service.get(PLAN)["sku"]["tier"] == "Basic"
    service.put(SITE, **body_of())
    service.ask("DELETE", SITE)
    assert service.refused("GET", PLAN)[0] == 404


@pytest.mark.parametrize(
    ("setting", "kinds"),
    [
        ({"A": KEYED}, ["key-in-setting"]),
        ({"A": "Endpoint=;Authentication=ManagedIdentity"}, ["empty-part"]),
        ({"A": "Endpoint=x;Authentication=ManagedIdentity;ClientID="}, ["empty-part"]),
        ({"A": ""}, ["empty-part"]),
        ({"A": "Endpoint=x;Authentication=ManagedIdentity"}, []),
        ({"OLD": KEYED}, []),  # was there before
    ],
)
def test_settings_are_judged(setting: dict, kinds: list[str]) -> None:
    service = with_app(settings={"OLD": KEYED})
    service.ask("PUT", f"{SITE}/config/appsettings", {"properties": setting})
    assert service.findings == kinds


# The host ---------------------------------------------------------------------------------------


def running(plan: str = "FC1", **changes: str) -> Service:
    """Return a service with an app whose identity has every right; a change of "-" removes one."""
    service = with_app(plan)
    ids = service.get(IDENTITY)["properties"]
    endpoint = service.get(SCHEDULER)["properties"]["endpoint"]
    service.assign(ids["principalId"], "Storage Blob Data Owner", ACCOUNT)
    service.assign(ids["principalId"], "Durable Task Data Contributor", HUB)
    service.state.data["total"] += 1
    client = ids["clientId"]
    settings = {
        "AzureWebJobsStorage__accountName": "stshop",
        "AzureWebJobsStorage__clientId": client,
        "AzureWebJobsStorage__credential": "managedidentity",
        "TASKHUB_NAME": "default",
        CONNECTION: f"Endpoint={endpoint};Authentication=ManagedIdentity;ClientID={client}",
    } | changes
    given = {name: value for name, value in settings.items() if value != "-"}
    service.ask("PUT", f"{SITE}/config/appsettings", {"properties": given})
    service.state.data["total"] += 1
    return service


def package(*extra: str, host: dict | None = HOST) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in extra:
            archive.writestr(name, "{}")
        if host is not None:
            archive.writestr("host.json", json.dumps(host))
    return buffer.getvalue()


def publish(service: Service, content: bytes, remote: bool = True) -> int:
    path = f"/api/publish?RemoteBuild={remote}&Deployer=az_cli"
    return service.ask("POST", path, content, host="app.scm.azurewebsites.net").status


def test_a_good_app_is_published_without_findings() -> None:
    service = running()
    assert publish(service, package()) == 202
    assert service.findings == []
    latest = service.ask("GET", "/api/deployments/latest", host="app.scm.azurewebsites.net")
    assert latest.data["status"] == 4
    assert service.state.life_of(service.get(SITE))["deployment"]["remoteBuild"] is True


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"TASKHUB_NAME": "-"}, ["deploy-before-settings", "hub-missing", "role-missing"]),
        ({"X": KEYED}, ["deploy-with-key"]),
        ({CONNECTION: "Endpoint=https://x"}, ["wrong-endpoint"]),
        ({"TASKHUB_NAME": "other"}, ["hub-missing", "role-missing"]),
        ({TELEMETRY: "Authorization=AAD"}, ["wrong-identity"]),
        ({"AzureWebJobsStorage__clientId": "other"}, ["wrong-identity"]),
    ],
)
def test_a_deployment_judges_the_app(changes: dict, kinds: list[str]) -> None:
    service = running(**changes)
    publish(service, package())
    assert service.findings == kinds


def test_a_deployment_judges_roles() -> None:
    service = running()
    service.state.data["assignments"].popitem()
    publish(service, package())
    assert service.findings == ["role-missing"]
    principal = service.get(IDENTITY)["properties"]["principalId"]
    service.state.data["total"] += 1
    service.assign(principal, "Durable Task Data Contributor", HUB)
    publish(service, package())
    assert service.findings == ["not-restarted"]
    service.state.data["total"] += 1
    assert service.ask("POST", f"{SITE}/restart").status == 200
    publish(service, package())
    assert service.findings == []


@pytest.mark.parametrize(
    ("content", "remote", "kinds"),
    [
        (package("local.settings.json"), True, ["zip-with-local-settings"]),
        (package(host=None), True, ["zip-without-host"]),
        (package("app/host.json", host=None), True, ["zip-without-host"]),
        (package(), False, ["zip-without-packages"]),
        (package(".python_packages/x"), False, []),
    ],
)
def test_packages_are_judged(content: bytes, remote: bool, kinds: list[str]) -> None:
    service = running()
    runtime = {"runtime": {"name": "python", "version": "3.13"}}
    service.state.resources[SITE.lower()]["properties"]["functionAppConfig"] = runtime
    assert publish(service, content, remote) == 202
    assert service.findings == kinds


def test_only_a_zip_file_of_who_may_is_published() -> None:
    service = running()
    assert publish(service, b"text") == 400
    policy = f"{SITE}/basicPublishingCredentialsPolicies/scm"
    service.put(policy, properties={"allow": False})
    host = "app.scm.azurewebsites.net"
    refused = service.ask("POST", "/api/publish", package(), host=host, Authorization="Basic eA==")
    assert refused.status == 401


def test_a_setting_says_elsewhere_whether_the_server_builds() -> None:
    service = running(
        "P0V3", SCM_DO_BUILD_DURING_DEPLOYMENT="false", FUNCTIONS_WORKER_RUNTIME="node"
    )
    host = "app.scm.azurewebsites.net"
    service.ask("POST", "/api/zipdeploy?isAsync=true", package(), host=host)
    assert service.findings == ["zip-without-packages"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"AzureWebJobsStorage__credential": "other"},
        {"AzureWebJobsStorage__clientId": "other"},
        {"AzureWebJobsStorage__accountName": "other"},
        {"AzureWebJobsStorage": KEYED},  # the account accepts no keys
        {"TASKHUB_NAME": "-"},
    ],
)
def test_the_keys_and_the_status_need_a_running_host(changes: dict) -> None:
    service = running(**changes)
    publish(service, package())
    keys = service.ask("POST", f"{SITE}/host/default/listkeys")
    headers = {"x-functions-key": MASTER_KEY}
    status = service.ask("GET", "/admin/host/status", host="app.azurewebsites.net", **headers)
    if changes:
        assert (keys.status, status.status) == (400, 503)
    else:
        assert keys.data["functionKeys"] == {"default": FUNCTION_KEY}
        assert status.status == 200


def test_a_host_takes_time_to_start() -> None:
    service = running()
    service.state.data["host"] = {"starting": 2}
    statuses = [service.ask("POST", f"{SITE}/host/default/listkeys").status for _ in range(3)]
    assert statuses == [400, 400, 200]
    service.ask("POST", f"{SITE}/stop")
    assert service.ask("POST", f"{SITE}/host/default/listkeys").status == 400


def test_a_publish_profile_is_of_use_with_basic_authentication() -> None:
    service = with_app()
    assert b"made-up-publish-password" in service.ask("POST", f"{SITE}/publishxml").data
    policy = f"{SITE}/basicPublishingCredentialsPolicies/scm"
    service.put(policy, properties={"allow": False})
    profile = service.ask("POST", f"{SITE}/publishxml").data
    assert b"REDACTED" in profile
    assert b"made-up" not in profile
