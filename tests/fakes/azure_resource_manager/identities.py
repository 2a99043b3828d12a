"""User-assigned identities and their federated credentials.

Source: "Important considerations and restrictions for federated identity credentials": exactly one
audience, at most 20 credentials, an issuer and subject under one name only.
"""

from .errors import ArmError
from .routing import Call, rule
from .state import TENANT, Resource

IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
CREDENTIAL = f"{IDENTITY}/federatedIdentityCredentials"
MOST_CREDENTIALS = 20


@rule("put", IDENTITY)
def put_identity(call: Call, identity: Resource, existing: Resource | None) -> None:
    """Give a new identity its principal, or keep that of the existing one."""
    name = identity["name"]
    if existing:
        identity["properties"] = existing["properties"]
        return
    client = call.state.generate_guid(f"client id of {name}")
    principal = call.state.add_principal("user-assigned identity", name, client)
    identity["properties"] = {"clientId": client, "principalId": principal, "tenantId": TENANT}


@rule("put", CREDENTIAL)
def put_credential(call: Call, credential: Resource, existing: Resource | None) -> None:
    """Check a credential."""
    properties = credential["properties"]
    for name in ("issuer", "subject"):
        if not properties.get(name):
            raise ArmError(400, "BadRequest", f"The property '{name}' is required.")
    if len(properties.get("audiences") or []) != 1:
        raise ArmError(400, "BadRequest", "Exactly one audience is required.")
    owner = credential["id"].rsplit("/", 2)[0]
    others = [each for each in call.state.below(owner) if each["id"] != credential["id"]]
    if len(others) >= MOST_CREDENTIALS:
        raise ArmError(400, "BadRequest", "Too many federated identity credentials.")
    for other in others:
        theirs = other["properties"]
        same = ("issuer", "subject")
        if [theirs[each] for each in same] == [properties[each] for each in same]:
            message = "Issuer and subject combination already exists for this Managed Identity."
            raise ArmError(409, "BadRequest", message)
