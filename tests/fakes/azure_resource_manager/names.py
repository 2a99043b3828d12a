"""Names that only the service rejects, each with the service's error.

Source of the rules: "Naming rules and restrictions for Azure resources" and the published schemas
of the resource types. The Azure CLI checks none of them.
"""

import re

from .errors import ArmError

RULES = {
    "Microsoft.Resources/resourceGroups": (
        r"[-\w.()]{0,89}[-\w()]",
        "InvalidResourceGroup",
        "The provided resource group name '{name}' has these invalid characters or length. The "
        "name can only be a letter, digit, '-', '.', '(', ')' or '_', and not end in '.'.",
    ),
    "Microsoft.Storage/storageAccounts": (
        r"[a-z0-9]{3,24}",
        "AccountNameInvalid",
        "{name} is not a valid storage account name. Storage account name must be between 3 and "
        "24 characters in length and use numbers and lower-case letters only.",
    ),
    "Microsoft.Storage/storageAccounts/blobServices/containers": (
        r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*",
        "InvalidResourceName",
        "The specifed resource name contains invalid characters.",
    ),
    "Microsoft.Web/sites": (
        r"(?=.{2,60}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?",
        "BadRequest",
        "Site name '{name}' is invalid: 2-60 letters, digits and hyphens, no hyphen at the ends.",
    ),
    "Microsoft.Web/serverfarms": (
        r"[A-Za-z0-9-]{1,60}",
        "BadRequest",
        "The parameter name has an invalid value: '{name}'.",
    ),
    "Microsoft.DurableTask/schedulers": (
        r"[a-zA-Z0-9-]{3,64}",
        "InvalidResourceName",
        "The resource name '{name}' does not match the pattern '^[a-zA-Z0-9-]{{3,64}}$'.",
    ),
    "Microsoft.ManagedIdentity/userAssignedIdentities": (
        r"[A-Za-z0-9][-\w]{2,127}",
        "InvalidResourceName",
        "The identity name '{name}' is invalid: 3-128 letters, digits, '-' and '_'.",
    ),
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials": (
        r"[a-zA-Z0-9][a-zA-Z0-9-_]{2,119}",
        "InvalidResourceName",
        "The credential name '{name}' is invalid: 3-120 letters, digits, '-' and '_'.",
    ),
    "Microsoft.OperationalInsights/workspaces": (
        r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
        "InvalidParameter",
        "'{name}' does not match the pattern '^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$' or has not "
        "4-63 characters.",
    ),
}
RULES["Microsoft.DurableTask/schedulers/taskHubs"] = RULES["Microsoft.DurableTask/schedulers"]


# "Resolve errors for reserved resource names": whole words, and parts of words.
RESERVED = {
    *("access", "azure", "bing", "bizspark", "biztalk", "cortana", "directx", "dotnet"),
    *("dynamics", "excel", "exchange", "forefront", "groove", "hololens", "hyperv"),
    *("kinect", "lync", "msdn", "o365", "office", "office365", "onedrive", "onenote"),
    *("outlook", "powerpoint", "sharepoint", "skype", "visio", "visualstudio", "xbox"),
}
TRADEMARKS = ("microsoft", "windows")


def check_name(kind: str, name: str) -> None:
    """Fail with the service's error if a resource of this type cannot have the name."""
    folded = name.lower()
    if (
        folded in RESERVED
        or folded.startswith("login")
        or any(mark in folded for mark in TRADEMARKS)
    ):
        message = (
            f"The resource name '{name}' or a part of the name is a trademarked or reserved word."
        )
        raise ArmError(400, "ReservedResourceName", message)
    if kind in RULES:
        pattern, code, message = RULES[kind]
        if not re.fullmatch(pattern, name, re.ASCII):
            raise ArmError(400, code, message.format(name=name))
