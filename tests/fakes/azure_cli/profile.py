"""Who is signed in, as the Azure CLI keeps it: `azureProfile.json` in its configuration folder."""

import json
from pathlib import Path
from typing import Any

from fakes.azure_resource_manager.state import TENANT, new


def signed_in(folder: Path, **changes: Any) -> None:
    """Write the profile of a user with all subscriptions; `changes` as in `state.new()`."""
    facts = new() | changes
    user = {key: facts["user"][key] for key in ("name", "type")}
    subscriptions = [
        {
            "id": each["id"],
            "name": each["name"],
            "state": "Enabled",
            "user": user,
            "isDefault": number == 0,
            "tenantId": TENANT,
            "environmentName": "AzureCloud",
            "homeTenantId": TENANT,
            "managedByTenants": [],
        }
        for number, each in enumerate(facts["subscriptions"])
    ]
    write(folder, subscriptions)


def write(folder: Path, subscriptions: list[dict[str, Any]]) -> None:
    """Write a profile; one without subscriptions is that of somebody who is not signed in."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"installationId": "tests", "subscriptions": subscriptions})
    (folder / "azureProfile.json").write_text(text, encoding="utf-8")
