"""What the tests of the fake service share: a service with requests in short form."""

import json
from typing import Any

from . import service
from .http import Request, ServiceResponse
from .routing import ARM
from .state import SUBSCRIPTION, State

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
PROVIDERS = f"{GROUP}/providers"
ACCOUNT = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/stshop"
SCHEDULER = f"{PROVIDERS}/Microsoft.DurableTask/schedulers/dts"
HUB = f"{SCHEDULER}/taskHubs/default"
IDENTITY = f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/id-shop"
PLAN = f"{PROVIDERS}/Microsoft.Web/serverfarms/plan"
SITE = f"{PROVIDERS}/Microsoft.Web/sites/app"
CONSUMPTION = {"ipAllowlist": ["0.0.0.0/0"], "sku": {"name": "Consumption"}}


class Service:
    """The fake service, without a tool in front of it."""

    def __init__(self, **changes: Any) -> None:
        """Make a service; `changes` replace keys of `state.new()`."""
        self.state = State({"unregistered_providers": []} | changes)
        self.findings: list[str] = []
        self.call: dict[str, Any] = {"number": 1, "request": 0, "command": "", "failed": {}}

    def ask(
        self, method: str, path: str, body: Any = None, host: str = ARM, **headers: str
    ) -> ServiceResponse:
        """Return the response to a request; `findings` are those of the last one."""
        url = f"https://{host}{path}"
        url += ("&" if "?" in url else "?") + "api-version=1"
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        request = Request(method, url, {"Authorization": "Bearer x"} | headers, data)
        self.call["request"] += 1
        response, findings = service.respond(self.state, request, self.call)
        self.findings = [finding["kind"] for finding in findings]
        return response

    def put(self, path: str, **body: Any) -> Any:
        """Put what must be accepted, and return what the service made of it."""
        response = self.ask("PUT", path, body)
        assert response.status in (200, 201), response.data
        return response.data

    def get(self, path: str) -> Any:
        """Return what must exist."""
        response = self.ask("GET", path)
        assert response.status == 200, response.data
        return response.data

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Return status and code of a request that must fail."""
        response = self.ask(method, path, body)
        assert response.status >= 400, response.data
        error = response.data.get("error") or {"code": response.data["Details"][2]["ErrorEntity"]}
        code = error["code"]
        return response.status, code if isinstance(code, str) else code["ExtendedCode"] or code[
            "Code"
        ]

    def assign(
        self, principal: str, role: str, scope: str, kind: str | None = "ServicePrincipal"
    ) -> ServiceResponse:
        """Ask for a role assignment."""
        from .authorization import DEFINITION, ROLES

        properties = {
            "principalId": principal,
            "roleDefinitionId": DEFINITION.format(SUBSCRIPTION, ROLES[role]),
            "principalType": kind,
        }
        name = f"{len(self.state.data['assignments']):08}"
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
        return self.ask("PUT", path, {"properties": properties})


def grouped(**changes: Any) -> Service:
    """Return a service with the resource group rg."""
    made = Service(**changes)
    made.put(GROUP, location="centralus")
    return made


def ready(**changes: Any) -> Service:
    """Return a service with all that a function app needs."""
    made = grouped(**changes)
    keyless = {"allowSharedKeyAccess": False}
    made.put(ACCOUNT, location="centralus", sku={"name": "Standard_LRS"}, properties=keyless)
    made.put(IDENTITY, location="centralus")
    made.put(SCHEDULER, location="centralus", properties=CONSUMPTION)
    made.put(HUB, properties={})
    made.put(PLAN, location="centralus", sku={"name": "FC1"}, properties={"reserved": True})
    return made


def with_app(plan: str = "FC1", settings: dict[str, str] | None = None, **changes: Any) -> Service:
    """Return a service with a function app on a plan of this SKU."""
    made = ready(**changes)
    made.put(PLAN, location="centralus", sku={"name": plan}, properties={"reserved": True})
    pairs = [{"name": name, "value": value} for name, value in (settings or {}).items()]
    made.put(
        SITE,
        location="centralus",
        identity={"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
        properties={"serverFarmId": PLAN, "siteConfig": {"appSettings": pairs}},
    )
    return made
