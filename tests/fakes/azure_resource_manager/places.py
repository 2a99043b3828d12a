"""Regions of the simulated Azure: their names, and which service is where.

Incomplete on purpose: enough for a region that has everything, one without the Durable Task
Scheduler and one without Flex Consumption. The scheduler's list is the one known to work.
"""

from .errors import ArmError

DISPLAY_NAMES = {
    "australiaeast": "Australia East",
    "brazilsouth": "Brazil South",
    "centralus": "Central US",
    "eastasia": "East Asia",
    "eastus": "East US",
    "eastus2": "East US 2",
    "francecentral": "France Central",
    "germanywestcentral": "Germany West Central",
    "jioindiawest": "Jio India West",
    "northcentralus": "North Central US",
    "northeurope": "North Europe",
    "southeastasia": "Southeast Asia",
    "swedencentral": "Sweden Central",
    "uksouth": "UK South",
    "westcentralus": "West Central US",
    "westeurope": "West Europe",
    "westus2": "West US 2",
}
SCHEDULER_REGIONS = [
    *("australiaeast", "centralus", "eastasia", "eastus2", "northcentralus"),
    *("northeurope", "southeastasia", "swedencentral", "uksouth", "westus2"),
]
FLEX_REGIONS = sorted(DISPLAY_NAMES.keys() - {"jioindiawest", "westcentralus"})


def normalised(location: str) -> str:
    """Return the name of a region that may be written as its display name ("Central US")."""
    return location.lower().replace(" ", "")


def check_location(kind: str, location: str) -> str:
    """Return the name of the region, or fail as Azure does when the service is not there."""
    name = normalised(location)
    offered = SCHEDULER_REGIONS if kind == "Microsoft.DurableTask/schedulers" else DISPLAY_NAMES
    if name in offered:
        return name
    raise ArmError(
        400,
        "LocationNotAvailableForResourceType",
        f"The provided location '{location}' is not available for resource type '{kind}'. "
        f"List of available regions for the resource type is '{','.join(offered)}'.",
    )
