"""The runtimes that Azure Functions offers, by plan, and the regions of Flex Consumption.

The form is that of the REST reference `functionAppStacks`. The values are those that azure-cli
2.91.0 turns into its versions: for .NET "10 (LTS), isolated worker model" becomes `10`. Dates of
the end of life: the support policies of .NET, Node.js and Python.
"""

import datetime
from typing import Any

from .http import ServiceResponse
from .places import DISPLAY_NAMES, FLEX_REGIONS
from .routing import Call, route

# Stack -> (worker runtime, versions of linuxFxVersion by value, newest first, end of life of each,
# versions on Flex Consumption).
STACKS: dict[str, dict[str, Any]] = {
    "dotnet": {
        "worker": "dotnet-isolated",
        "fx": "DOTNET-ISOLATED",
        "versions": {
            "10 (LTS), isolated worker model": ("10.0", "2028-11-14"),
            "9 (STS), isolated worker model": ("9.0", "2026-11-10"),
            "8 (LTS), isolated worker model": ("8.0", "2026-11-10"),
        },
    },
    "node": {
        "worker": "node",
        "fx": "Node",
        "versions": {
            "24 LTS": ("24", "2028-04-30"),
            "22 LTS": ("22", "2027-04-30"),
            "20 LTS": ("20", "2026-04-30"),
        },
    },
    "python": {
        "worker": "python",
        "fx": "Python",
        "versions": {
            "3.14": ("3.14", "2030-10-31"),
            "3.13": ("3.13", "2029-10-31"),
            "3.12": ("3.12", "2028-10-31"),
            "3.11": ("3.11", "2027-10-31"),
        },
    },
}
# The day for which the dates are served: the distance to them does not change with the clock.
TODAY = datetime.date(2026, 11, 23)


@route("GET", "/providers/Microsoft.Web/functionAppStacks")
def all_stacks(call: Call) -> ServiceResponse:
    """Return the stacks of plans other than Flex Consumption."""
    return ServiceResponse({"value": [_stack(name) for name in STACKS]})


@route("GET", "/providers/Microsoft.Web/locations/{location}/functionAppStacks")
def stacks_of_location(call: Call, location: str) -> ServiceResponse:
    """Return one stack of a region, with its sizes on Flex Consumption."""
    wanted = call.request.query.get("stack", "").lower()
    return ServiceResponse({"value": [_stack(name) for name in STACKS if name == wanted]})


def _stack(name: str) -> dict[str, Any]:
    stack = STACKS[name]
    versions = [
        {"displayText": value, "value": value, "stackSettings": _settings(stack, *facts)}
        for value, facts in stack["versions"].items()
    ]
    major = {"displayText": name, "value": name, "minorVersions": versions}
    return {
        "id": f"/providers/Microsoft.Web/functionAppStacks/{name}",
        "name": name,
        "type": "Microsoft.Web/functionAppStacks",
        "properties": {"displayText": name, "value": name, "majorVersions": [major]},
    }


def _settings(stack: dict[str, Any], version: str, end: str) -> dict[str, Any]:
    worker = stack["worker"]
    left = datetime.date.fromisoformat(end) - TODAY
    now = datetime.datetime.now(datetime.UTC)
    size = [{"size": memory, "isDefault": memory == 2048} for memory in (512, 2048, 4096)]
    flex = {
        "skuCode": "FC1",
        "instanceMemoryMB": size,
        "maximumInstanceCount": {
            "lowestMaximumInstanceCount": 40,
            "highestMaximumInstanceCount": 1000,
            "defaultValue": 100,
        },
        "functionAppConfigProperties": {"runtime": {"name": worker, "version": version}},
    }
    linux = {
        "runtimeVersion": f"{stack['fx']}|{version}",
        "remoteDebuggingSupported": False,
        "appInsightsSettings": {"isSupported": True},
        "gitHubActionSettings": {"isSupported": True, "supportedVersion": version},
        "appSettingsDictionary": {"FUNCTIONS_WORKER_RUNTIME": worker},
        "siteConfigPropertiesDictionary": {
            "use32BitWorkerProcess": False,
            "linuxFxVersion": f"{stack['fx']}|{version}",
        },
        "supportedFunctionsExtensionVersions": ["~4"],
        "isDefault": version == next(iter(stack["versions"].values()))[0],
        "isPreview": False,
        "isDeprecated": False,
        "isHidden": False,
        "endOfLifeDate": (now + left).isoformat(),
        "Sku": [flex],
    }
    return {"linuxRuntimeSettings": linux}


@route("GET", "/subscriptions/{subscription}/providers/Microsoft.Web/geoRegions")
def regions(call: Call, subscription: str) -> ServiceResponse:
    """Return the regions of a SKU, by display name."""
    flex = call.request.query.get("sku") == "FlexConsumption"
    names = FLEX_REGIONS if flex else sorted(DISPLAY_NAMES)
    found = [
        {"id": f"{call.request.path}/{name}", "name": text, "properties": {"orgDomain": "LINUX"}}
        for name, text in ((name, DISPLAY_NAMES[name]) for name in names)
    ]
    return ServiceResponse({"value": found})
