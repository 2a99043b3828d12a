"""Rules that hold for all resources, and failures on demand."""

import json
from pathlib import Path

import pytest

from .errors import NotSimulated
from .faults import Hanging, ResponseLost
from .fixtures import (
    ACCOUNT,
    CONSUMPTION,
    GROUP,
    HUB,
    IDENTITY,
    PLAN,
    PROVIDERS,
    SCHEDULER,
    SITE,
    Service,
    grouped,
    ready,
    with_app,
)
from .http import Request
from .service import respond
from .state import OTHER_SUBSCRIPTION, load, locked

ELSEWHERE = {"location": "eastus2"}


@pytest.mark.parametrize(
    ("method", "path", "body", "error"),
    [
        ("GET", GROUP.replace("/rg", "/other"), None, (404, "ResourceGroupNotFound")),
        ("GET", GROUP.replace("0b1f", "ffff"), None, (404, "SubscriptionNotFound")),
        ("PUT", GROUP, ELSEWHERE, (409, "InvalidResourceGroupLocation")),
        ("PUT", f"{GROUP}.", ELSEWHERE, (400, "InvalidResourceGroup")),
        ("GET", f"{ACCOUNT}2", None, (404, "ResourceNotFound")),
        ("PUT", f"{ACCOUNT}-2", ELSEWHERE, (400, "AccountNameInvalid")),
        ("PUT", ACCOUNT, ELSEWHERE, (409, "InvalidResourceLocation")),
        ("PUT", f"{ACCOUNT}2", {"location": "moon"}, (400, "LocationNotAvailableForResourceType")),
        ("PUT", f"{SCHEDULER}2/taskHubs/hub", {}, (404, "ParentResourceNotFound")),
        ("PUT", f"{SCHEDULER}-microsoft", {}, (400, "ReservedResourceName")),
        ("PUT", f"{PROVIDERS}/Microsoft.Web/sites/login-1", {}, (400, "ReservedResourceName")),
        ("PUT", f"{PROVIDERS}/Microsoft.Web/serverfarms/azure", {}, (400, "ReservedResourceName")),
        ("GET", "/subscriptions/x", None, (404, "SubscriptionNotFound")),
    ],
)
def test_the_service_refuses(method: str, path: str, body: dict, error: tuple) -> None:
    service = ready()
    before = json.dumps(service.state.resources)
    assert service.refused(method, path, body) == error
    assert json.dumps(service.state.resources) == before


def test_requests_need_a_version_and_a_token() -> None:
    service = grouped()
    for url, headers, code in (
        (f"https://management.azure.com{GROUP}", {"Authorization": "x"}, "MissingApiVersion"),
        (f"https://management.azure.com{GROUP}?api-version=1", {}, "AuthenticationFailed"),
    ):
        response, _ = respond(service.state, Request("GET", url, headers, b""), service.call)
        assert response.data["error"]["code"].startswith(code)


def test_names_are_compared_without_case() -> None:
    service = ready()
    assert service.get(ACCOUNT.replace("stshop", "STSHOP").replace("/rg", "/RG"))["id"] == ACCOUNT
    service.put(GROUP.replace("/rg", "/RG"), location="centralus")
    assert service.get(GROUP)["name"] == "rg"


def test_what_is_put_again_without_a_change_is_the_same() -> None:
    service = ready()
    before = json.dumps(service.state.resources)
    keyless = {"allowSharedKeyAccess": False}
    service.put(ACCOUNT, location="centralus", sku={"name": "Standard_LRS"}, properties=keyless)
    service.put(IDENTITY, location="centralus")
    service.put(SCHEDULER, location="centralus", properties=CONSUMPTION)
    service.put(HUB, properties={})
    assert json.dumps(service.state.resources) == before


def test_a_group_put_again_loses_its_tags() -> None:
    service = Service()
    service.put(GROUP, location="centralus", tags={"team": "orders"})
    service.put(GROUP, location="centralus")
    assert service.get(GROUP)["tags"] == {}


def test_lists_and_patches() -> None:
    service = ready()
    accounts = service.get(ACCOUNT.rsplit("/", 1)[0])["value"]
    assert [each["name"] for each in accounts] == ["stshop"]
    assert [each["name"] for each in service.get(f"{SCHEDULER}/taskHubs")["value"]] == ["default"]
    patched = service.ask("PATCH", ACCOUNT, {"tags": {"a": "b"}}).data
    assert patched["tags"] == {"a": "b"}
    assert patched["properties"]["allowSharedKeyAccess"] is False
    names = {each["name"] for each in service.get(f"{GROUP}/resources")["value"]}
    assert names == {"stshop", "id-shop", "dts", "plan"}


def test_a_deleted_group_takes_all_with_it() -> None:
    service = with_app(settings={"A": "b"})
    principal = service.get(IDENTITY)["properties"]["principalId"]
    assert service.assign(principal, "Reader", HUB).status == 201
    assert service.ask("DELETE", GROUP).status == 200
    data = service.state.data
    assert (data["resources"], data["settings"], data["assignments"]) == ({}, {}, {})
    assert principal not in data["principals"]
    assert service.ask("HEAD", GROUP).status == 404


def test_subscriptions_are_separate_places() -> None:
    service = ready()
    other = ACCOUNT.replace(ACCOUNT.split("/")[2], OTHER_SUBSCRIPTION)
    assert service.refused("GET", other) == (404, "ResourceGroupNotFound")


def test_an_unknown_request_is_a_gap_of_the_fake() -> None:
    with pytest.raises(NotSimulated, match="example"):
        Service().ask("GET", "/", host="example.com")


# Providers --------------------------------------------------------------------------------------


def test_a_new_subscription_registers_first() -> None:
    service = grouped(unregistered_providers=["Microsoft.Web"])
    farms = PLAN.rsplit("/", 1)[0]
    for method, path, body in (("PUT", PLAN, {"sku": {"name": "B1"}}), ("GET", farms, None)):
        assert service.refused(method, path, body) == (409, "MissingSubscriptionRegistration")
    provider = "/".join([*GROUP.split("/")[:3], "providers", "microsoft.web"])
    assert service.get(provider)["registrationState"] == "NotRegistered"
    assert service.ask("POST", f"{provider}/register").status == 200
    assert service.get(provider)["registrationState"] == "Registered"
    assert service.get(farms) == {"value": []}


# Failures on demand -----------------------------------------------------------------------------


def test_a_lost_response_has_had_its_effect() -> None:
    service = Service(faults=[{"kind": "lost"}])
    with pytest.raises(ResponseLost):
        service.put(GROUP, location="centralus")
    with pytest.raises(ResponseLost):  # the network is gone until the call ends
        service.get(GROUP)
    service.call["failed"].clear()
    assert service.get(GROUP)["name"] == "rg"


def test_a_request_that_hangs_has_no_effect() -> None:
    service = Service(faults=[{"kind": "hang"}])
    with pytest.raises(Hanging):
        service.put(GROUP, location="centralus")
    assert service.state.resources == {}


def test_a_slow_operation_is_not_ready_yet() -> None:
    service = grouped(faults=[{"kind": "slow", "path": "/schedulers/"}])
    response = service.ask("PUT", SCHEDULER, {"location": "centralus", "properties": CONSUMPTION})
    operation = response.headers["Azure-AsyncOperation"].split("azure.com")[1]
    states = [service.get(operation)["status"] for _ in range(3)]
    assert states == ["InProgress", "InProgress", "Succeeded"]


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ({"request": 2}, [404, 503, 404]),
        ({"method": "GET", "times": 2}, [503, 503, 404]),
        ({"path": "schedulers"}, [404, 404, 404]),
        ({"skip": 1, "times": None}, [404, 503, 503]),
        ({"call": 2}, [404, 404, 404]),
        ({"command": "group"}, [503, 404, 404]),
        ({"command": "gro"}, [404, 404, 404]),
    ],
)
def test_a_fault_meets_the_requests_that_match(fault: dict, statuses: list[int]) -> None:
    service = Service(faults=[{"kind": "unavailable", **fault}])
    service.call["command"] = "group show"
    found = [service.ask("GET", f"{GROUP}{number}").status for number in range(3)]
    assert found == statuses


def test_a_request_that_is_repeated_in_a_call_fails_again() -> None:
    """The Azure CLI repeats requests by itself: a fault is not over with the first of them."""
    service = Service(faults=[{"kind": "conflict"}])
    assert [service.ask("GET", GROUP).status for _ in range(2)] == [409, 409]
    service.call["failed"].clear()
    assert service.ask("GET", GROUP).status == 404


# The file ---------------------------------------------------------------------------------------


def test_the_state_is_saved_only_when_all_went_well(tmp_path: Path) -> None:
    path = str(tmp_path / "state.json")
    with locked(path) as state:
        state.data["total"] = 5

    def fail() -> None:
        with locked(path) as state:
            state.data["total"] = 6
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert load(path).data["total"] == 5


def test_made_up_values_are_told_apart() -> None:
    state = Service().state
    assert state.generate("plan") != state.generate("plan")
    assert list(state.data["generated"].values()) == ["plan", "plan #2"]
    state.label("plan", "given")
    state.label("plan", "given")
    assert state.data["generated"]["given"] == "plan #3"


def test_sites_are_known_by_their_own_ids() -> None:
    assert with_app().get(SITE)["id"] == SITE
