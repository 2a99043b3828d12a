"""Rules of single services: schedulers, storage, identities, roles, rights, the directory."""

import pytest

from .fixtures import (
    ACCOUNT,
    CONSUMPTION,
    GROUP,
    HUB,
    IDENTITY,
    PROVIDERS,
    SCHEDULER,
    Service,
    grouped,
    ready,
)
from .graph import GRAPH
from .state import USER

OTHER_GROUP = GROUP.replace("/rg", "/rg2")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sku": {"name": "Free"}}, "InvalidSku"),
        ({"sku": {"name": "Consumption", "capacity": 1}}, "InvalidSku"),
        ({"sku": {"name": "Dedicated"}}, "InvalidSku"),
        ({"sku": {"name": "Dedicated", "capacity": 4}}, "InvalidSku"),
        ({"ipAllowlist": None}, "InvalidRequestContent"),
        ({"ipAllowlist": ["10.0.0.0/8,::/0"]}, "InvalidRequestContent"),
        ({"ipAllowlist": ["any"]}, "InvalidRequestContent"),
        ({"ipAllowlist": ["10.0.0.1", "::/0"]}, None),
        ({"sku": {"name": "Dedicated", "capacity": 3}}, None),
    ],
)
def test_schedulers(changes: dict, code: str | None) -> None:
    service = grouped()
    body = {"location": "centralus", "properties": CONSUMPTION | changes}
    if code:
        assert service.refused("PUT", SCHEDULER, body) == (400, code)
    else:
        service.put(SCHEDULER, **body)


def test_an_empty_allowlist_is_a_finding() -> None:
    service = grouped()
    service.put(SCHEDULER, location="centralus", properties=CONSUMPTION | {"ipAllowlist": []})
    assert service.findings == ["empty-allowlist"]


def test_a_scheduler_put_again_is_reset() -> None:
    service = ready()
    endpoint = service.get(SCHEDULER)["properties"]["endpoint"]
    assert endpoint.endswith(".centralus.durabletask.io")
    mine = CONSUMPTION | {"ipAllowlist": ["10.0.0.0/8"]}
    service.put(SCHEDULER, location="centralus", properties=mine)
    assert service.findings == ["re-create"]
    assert service.get(SCHEDULER)["properties"]["endpoint"] == endpoint


def test_a_hub_needs_a_scheduler_that_is_there_and_goes_before_it() -> None:
    service = ready()
    assert service.refused("DELETE", SCHEDULER) == (409, "CannotDeleteResource")
    service.ask("DELETE", HUB)
    service.state.resources[SCHEDULER.lower()]["properties"]["provisioningState"] = "Failed"
    assert service.refused("PUT", HUB, {"properties": {}}) == (409, "Conflict")
    assert service.ask("DELETE", SCHEDULER).status == 200


@pytest.mark.parametrize(("name", "days", "code"), [("other", 30, 400), ("default", 91, 400)])
def test_retention_policies(name: str, days: int, code: int) -> None:
    service = ready()
    policies = {"retentionPolicies": [{"retentionPeriodInDays": days}]}
    body = {"properties": policies}
    assert service.refused("PUT", f"{SCHEDULER}/retentionPolicies/{name}", body)[0] == code


def test_names_of_storage_accounts_are_unique_in_azure() -> None:
    service = ready(taken={"Microsoft.Storage/storageAccounts": ["sttaken"]})
    service.put(OTHER_GROUP, location="centralus")
    body = {"location": "centralus", "sku": {"name": "Standard_LRS"}}
    taken = ACCOUNT.replace("stshop", "sttaken")
    elsewhere = ACCOUNT.replace("/rg/", "/rg2/")
    assert service.refused("PUT", taken, body) == (409, "StorageAccountAlreadyTaken")
    assert service.refused("PUT", elsewhere, body) == (409, "StorageAccountInAnotherResourceGroup")
    check = f"{'/'.join(GROUP.split('/')[:3])}/providers/Microsoft.Storage/checkNameAvailability"
    answers = [
        service.ask("POST", check, {"name": name}).data["nameAvailable"]
        for name in ("stshop", "sttaken", "stfree")
    ]
    assert answers == [False, False, True]


def test_an_account_that_accepts_keys_is_a_finding() -> None:
    service = ready()
    service.ask("PATCH", ACCOUNT, {"properties": {"allowSharedKeyAccess": True}})
    assert service.findings == ["shared-keys"]


@pytest.mark.parametrize(
    ("name", "properties", "error"),
    [
        ("good", {"issuer": "i"}, (400, "BadRequest")),
        ("good", {"issuer": "i", "subject": "s", "audiences": ["a", "b"]}, (400, "BadRequest")),
        ("x!", {"issuer": "i", "subject": "s", "audiences": ["a"]}, (400, "InvalidResourceName")),
        ("good", {"issuer": "i", "subject": "known", "audiences": ["a"]}, (409, "BadRequest")),
    ],
)
def test_federated_credentials(name: str, properties: dict, error: tuple) -> None:
    service = ready()
    credentials = f"{IDENTITY}/federatedIdentityCredentials"
    known = {"issuer": "i", "subject": "known", "audiences": ["a"]}
    service.put(f"{credentials}/known", properties=known)
    body = {"properties": properties}
    assert service.refused("PUT", f"{credentials}/{name}", body) == error


def test_an_identity_has_at_most_twenty_credentials() -> None:
    service = ready()
    for number in range(21):
        body = {"properties": {"issuer": "i", "subject": str(number), "audiences": ["a"]}}
        path = f"{IDENTITY}/federatedIdentityCredentials/c-{number}"
        response = service.ask("PUT", path, body)
    assert response.status == 400


def test_a_component_put_again_accepts_keys_again() -> None:
    service = grouped()
    component = f"{PROVIDERS}/Microsoft.Insights/components/appi"
    service.put(component, location="centralus", properties={"DisableLocalAuth": True})
    connection = service.get(component)["properties"]["ConnectionString"]
    service.put(component, location="centralus", properties={})
    properties = service.get(component)["properties"]
    assert properties["DisableLocalAuth"] is False
    assert properties["ConnectionString"] == connection


# Roles ------------------------------------------------------------------------------------------


def _principal(service: Service) -> str:
    return service.get(IDENTITY)["properties"]["principalId"]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"principal": "00000000-0000-0000-0000-000000000000"}, "PrincipalNotFound"),
        ({"scope": f"{HUB}2"}, "ResourceNotFound"),
        ({"scope": "/taskHubs/default"}, "MissingSubscription"),
        ({"kind": "User"}, "UnmatchedPrincipalType"),
        ({"kind": None}, "PrincipalNotFound"),  # new, and of no known type
    ],
)
def test_roles_that_cannot_be_assigned(what: dict, code: str) -> None:
    service = ready()
    usual = {"principal": _principal(service), "role": "Reader", "scope": HUB}
    response = service.assign(**usual | what)
    assert response.data["error"]["code"] == code


def test_a_new_principal_is_known_without_its_type_after_a_while() -> None:
    service = ready()
    service.state.data["total"] += 4
    assert service.assign(_principal(service), "Reader", HUB, None).status == 201
    assert service.findings == ["no-principal-type"]


def test_a_role_is_assigned_once() -> None:
    service = ready()
    assert service.assign(_principal(service), "Reader", HUB).status == 201
    again = service.assign(_principal(service), "Reader", HUB)
    assert (again.status, again.data["error"]["code"]) == (409, "RoleAssignmentExists")


def test_broad_roles_and_scopes_are_findings() -> None:
    service = ready()
    service.assign(_principal(service), "Owner", GROUP)
    assert service.findings == ["broad-role", "broad-scope"]


def test_assignments_are_found_at_a_scope_and_above_it() -> None:
    service = ready()
    for scope in (HUB, SCHEDULER, GROUP):
        service.assign(_principal(service), "Reader", scope)
    listed = f"{SCHEDULER}/providers/Microsoft.Authorization/roleAssignments"
    scopes = [each["properties"]["scope"] for each in service.get(listed)["value"]]
    assert scopes == [HUB, SCHEDULER, GROUP]
    scopes = [
        each["properties"]["scope"] for each in service.get(f"{listed}?$filter=atScope()")["value"]
    ]
    assert scopes == [SCHEDULER, GROUP]


# Rights of the signed-in user -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("Owner", {"read", "write", "keys", "assign"}),
        ("Contributor", {"read", "write", "keys"}),
        ("Reader", {"read"}),
        ("User Access Administrator", {"read", "assign"}),
        ("Role Based Access Control Administrator", {"read", "assign"}),
    ],
)
def test_the_rights_of_a_role_on_one_group(role: str, may: set[str]) -> None:
    service = ready()
    service.put(OTHER_GROUP, location="centralus")
    user = {"name": "dev", "type": "user", "guest": False, "roles": [[role, GROUP]]}
    service.state.data["user"] = user
    principal = _principal(service)
    answers = {
        "read": service.ask("GET", ACCOUNT).status,
        "write": service.ask("PATCH", ACCOUNT, {"tags": {"a": "b"}}).status,
        "keys": service.ask("POST", f"{ACCOUNT}/listKeys").status,
        "assign": service.assign(principal, "Reader", HUB).status,
    }
    assert {action for action, status in answers.items() if status < 400} == may
    assert {status for status in answers.values() if status >= 400} <= {403}
    assert service.refused("GET", OTHER_GROUP) == (403, "AuthorizationFailed")
    provider = f"{'/'.join(GROUP.split('/')[:3])}/providers/Microsoft.Web"
    assert service.ask("GET", provider).status == 200  # everybody who sees the subscription
    refused = service.ask("POST", f"{provider}/register")
    assert refused.status == 403
    message = refused.data["error"]["message"]
    assert "action 'Microsoft.Web/register/action' over scope '/subscriptions/" in message


@pytest.mark.parametrize(
    ("user", "status"),
    [({}, 200), ({"guest": True}, 403), ({"type": "servicePrincipal"}, 400)],
)
def test_who_is_signed_in(user: dict, status: int) -> None:
    service = Service()
    service.state.data["user"] |= user
    host = GRAPH.replace("\\", "")
    response = service.ask("GET", "/v1.0/me", host=host)
    assert response.status == status
    assert status != 200 or response.data["id"] == USER
    body = {"ids": [USER]}
    found = service.ask("POST", "/v1.0/directoryObjects/getByIds", body, host=host)
    assert found.status == (200 if status == 200 else 403)
