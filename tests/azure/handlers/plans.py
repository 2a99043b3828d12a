"""App Service plans.

Rules: azure-cli 2.91.0, `command_modules/appservice/utils.py` (`get_sku_tier`) and
`_validators.py` (`validate_functionapp_asp_create`).
"""

from typing import Any

from ..call import Call
from ..errors import CallFailed, ServiceError
from ..subscription import Subscription
from .groups import tags_of

PLAN = "Microsoft.Web/serverfarms"
SITE = "Microsoft.Web/sites"
TIERS = {
    "Basic": ("B1", "B2", "B3"),
    "ElasticPremium": ("EP1", "EP2", "EP3"),
    "Free": ("F1",),
    "Premium0V3": ("P0V3",),
    "PremiumV2": ("P1V2", "P2V2", "P3V2"),
    "PremiumV3": ("P1V3", "P2V3", "P3V3"),
    "PremiumV4": ("P0V4", "P1V4", "P2V4", "P3V4"),
    "Standard": ("S1", "S2", "S3"),
}
TIER_OF = {sku: tier for tier, skus in TIERS.items() for sku in skus}
MOST_INSTANCES = 20


def functionapp_plan_create(call: Call) -> Any:
    """Create a plan or change it to the given values."""
    sku = call["sku"].upper()
    if sku not in TIER_OF:
        message = "Invalid sku(pricing tier), please refer to command help for valid values"
        raise CallFailed(message)
    if call["max_burst"] is not None and TIER_OF[sku] != "ElasticPremium":
        raise CallFailed("--max-burst is only supported for Elastic Premium (EP) plans")
    return _put(call, sku, call["number_of_workers"], call["max_burst"])


def appservice_plan_create(call: Call) -> Any:
    """Create a plan of the SKUs that web apps know, which Elastic Premium is not."""
    return _put(call, call["sku"] or "B1", call["number_of_workers"], None)


def _put(call: Call, sku: str, workers: str | int | None, burst: str | None) -> Any:
    plan = call.subscription.put(
        call["group"],
        PLAN,
        call["name"],
        location=call["location"],
        kind="elastic" if TIER_OF.get(sku) == "ElasticPremium" else "linux",
        sku={"capacity": _number("--number-of-workers", workers, 1), "name": sku}
        | {"tier": TIER_OF.get(sku, sku)},
        tags=tags_of(call["tags"]),
        properties={
            "maximumElasticWorkerCount": _number("--max-burst", burst, 1),
            "reserved": bool(call["is_linux"]),
        },
    )
    return flat(plan)


def _number(option: str, text: str | int | None, default: int) -> int:
    try:
        number = default if text is None else int(text)
    except ValueError as error:
        raise CallFailed(f"{option} is expected to be an integer") from error
    if not 0 <= number <= MOST_INSTANCES:
        raise CallFailed(f"{option} is expected to be in the range 0-{MOST_INSTANCES}")
    return number


def flat(plan: dict[str, Any]) -> dict[str, Any]:
    """Return the plan with its properties beside `id`, as Azure CLI prints it."""
    return {key: value for key, value in plan.items() if key != "properties"} | plan["properties"]


def functionapp_plan_show(call: Call) -> Any:
    """Return a plan."""
    return flat(call.subscription.get(call["group"], PLAN, call["name"]))


def appservice_plan_show(call: Call) -> Any:
    """Return a plan."""
    return functionapp_plan_show(call)


def functionapp_plan_delete(call: Call) -> None:
    """Delete a plan that has no apps; deleting what is absent succeeds."""
    plan = call.subscription.find(call.subscription.resource_id(call["group"], PLAN, call["name"]))
    if plan and apps_on(call.subscription, plan["id"]):
        message = "Server farm cannot be deleted because it has web app(s) assigned to it."
        raise ServiceError("Conflict", message)
    if plan:
        call.subscription.delete(plan["id"])


def apps_on(subscription: Subscription, plan: str) -> list[dict[str, Any]]:
    """Return the apps that a plan hosts."""
    apps = subscription.all(SITE)
    return [app for app in apps if app["properties"]["serverFarmId"].lower() == plan.lower()]


def tier_of(subscription: Subscription, app: dict[str, Any]) -> str:
    """Return the tier of the plan that hosts an app, such as FlexConsumption."""
    plan = subscription.find(app["properties"]["serverFarmId"])
    assert plan is not None, "an app has a plan"
    return plan["sku"]["tier"]
