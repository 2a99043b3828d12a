"""App Service plans.

Source: REST reference of Microsoft.Web/serverfarms; "Azure App Service plan SKUs". A plan that is
put again gets what the request says: instances and burst that it does not name are reset.
"""

from .errors import ArmError, WebError
from .routing import Call, rule
from .state import Resource, State

PLAN = "Microsoft.Web/serverfarms"
SITE = "Microsoft.Web/sites"
FLEX, ELASTIC = "FlexConsumption", "ElasticPremium"
TIERS = {
    "Basic": ("B1", "B2", "B3"),
    ELASTIC: ("EP1", "EP2", "EP3"),
    FLEX: ("FC1",),
    "Free": ("F1",),
    "Premium0V3": ("P0V3",),
    "PremiumV2": ("P1V2", "P2V2", "P3V2"),
    "PremiumV3": ("P1V3", "P2V3", "P3V3"),
    "PremiumV4": ("P0V4", "P1V4", "P2V4", "P3V4"),
    "Standard": ("S1", "S2", "S3"),
}
TIER_OF = {sku: tier for tier, skus in TIERS.items() for sku in skus}
WITHOUT_ALWAYS_ON = (FLEX, ELASTIC, "Free")


@rule("put", PLAN)
def put_plan(call: Call, plan: Resource, existing: Resource | None) -> None:
    """Complete a plan by what its SKU means."""
    sku = plan.get("sku") or {}
    tier = TIER_OF.get(sku.get("name", ""))
    if tier is None:
        raise WebError(400, "BadRequest", f"The SKU '{sku.get('name')}' is not offered.")
    if tier == FLEX:
        call.state.label("plan of the app", plan["name"])
    properties = plan["properties"]
    plan["sku"] = {"name": sku["name"], "tier": tier}
    if tier != FLEX:
        plan["sku"]["capacity"] = sku.get("capacity") or 1
    plan["kind"] = {ELASTIC: "elastic", FLEX: "functionapp"}.get(tier, "linux")
    plan["properties"] = {
        "maximumElasticWorkerCount": int(properties.get("maximumElasticWorkerCount") or 1),
        "provisioningState": "Succeeded",
        "reserved": bool(properties.get("reserved")),
        "status": "Ready",
    }


@rule("delete", PLAN)
def delete_plan(call: Call, plan: Resource) -> None:
    """A plan goes after its apps."""
    if apps_on(call.state, plan["id"]):
        message = "Server farm cannot be deleted because it has web app(s) assigned to it."
        raise ArmError(409, "Conflict", message)


def apps_on(state: State, plan: str) -> list[Resource]:
    """Return the apps that a plan hosts."""
    apps = state.all(SITE)
    return [app for app in apps if app["properties"]["serverFarmId"].lower() == plan.lower()]


def tier_of(state: State, app: Resource) -> str:
    """Return the tier of the plan that hosts an app, such as FlexConsumption."""
    plan = state.find(app["properties"]["serverFarmId"])
    assert plan is not None, "an app has a plan"
    return plan["sku"]["tier"]
