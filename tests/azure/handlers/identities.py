"""User-assigned identities and their federated credentials."""

from typing import Any

from ..call import Call
from ..errors import ServiceError
from ..subscription import TENANT, Subscription
from .groups import tags_of

IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
CREDENTIAL = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
MOST_CREDENTIALS = 20


def identity_create(call: Call) -> Any:
    """Create an identity, or keep the ids of the existing one."""
    return flat(put_identity(call, call["resource_name"], call["location"]))


def put_identity(call: Call, name: str, location: str | None) -> dict[str, Any]:
    """Create an identity with its principal, or keep those of the existing one."""
    subscription, group = call.subscription, call["group"]
    existing = subscription.find(subscription.resource_id(group, IDENTITY, name))
    identity = subscription.put(
        group, IDENTITY, name, location=location, tags=tags_of(call["tags"])
    )
    ids = existing["properties"] if existing else _new_principal(subscription, name)
    identity["properties"] = ids
    return identity


def _new_principal(subscription: Subscription, name: str) -> dict[str, Any]:
    client = subscription.generate_guid(f"client id of {name}")
    principal = subscription.add_principal("user-assigned identity", name, client)
    return {"clientId": client, "principalId": principal, "tenantId": TENANT}


def flat(identity: dict[str, Any]) -> dict[str, Any]:
    """Return the identity with its ids beside `id`, as Azure CLI prints it."""
    return {key: value for key, value in identity.items() if key != "properties"} | identity[
        "properties"
    ]


def identity_show(call: Call) -> Any:
    """Return an identity."""
    return flat(call.subscription.get(call["group"], IDENTITY, call["resource_name"]))


def identity_list(call: Call) -> Any:
    """Return the identities of a group or of the subscription."""
    return [flat(each) for each in call.subscription.all(IDENTITY, call["group"])]


def identity_delete(call: Call) -> None:
    """Delete an identity; deleting what is absent succeeds."""
    name = call["resource_name"]
    identifier = call.subscription.resource_id(call["group"], IDENTITY, name)
    if call.subscription.find(identifier):
        call.subscription.delete(identifier)


def identity_federated_credential_create(call: Call) -> Any:
    """Create a credential or replace it.

    Exactly one audience, at most 20 credentials, an issuer and subject under one name only
    (learn.microsoft.com: "Important considerations and restrictions for federated identity
    credentials").
    """
    names = call["identity_name"], call["name"]
    _check_credential(call)
    credential = call.subscription.put(
        call["group"],
        CREDENTIAL,
        *names,
        properties={
            "audiences": call["audiences"],
            "issuer": call["issuer"],
            "subject": call["subject"],
        },
    )
    return flat(credential)


def _check_credential(call: Call) -> None:
    for name in ("issuer", "subject"):
        if not call[name]:
            raise ServiceError("BadRequest", f"The property '{name}' is required.")
    if len(call["audiences"]) != 1:
        raise ServiceError("BadRequest", "Exactly one audience is required.")
    others = [each for each in _credentials(call) if each["name"] != call["name"]]
    if len(others) >= MOST_CREDENTIALS:
        raise ServiceError("BadRequest", "Too many federated identity credentials.")
    for other in others:
        properties = other["properties"]
        if (properties["issuer"], properties["subject"]) == (call["issuer"], call["subject"]):
            message = "Issuer and subject combination already exists for this Managed Identity."
            raise ServiceError("BadRequest", message)


def _credentials(call: Call) -> list[dict[str, Any]]:
    name = call["identity_name"]
    return call.subscription.below(call.subscription.resource_id(call["group"], IDENTITY, name))


def identity_federated_credential_show(call: Call) -> Any:
    """Return a credential."""
    names = call["identity_name"], call["name"]
    return flat(call.subscription.get(call["group"], CREDENTIAL, *names))


def identity_federated_credential_list(call: Call) -> Any:
    """Return the credentials of an identity."""
    call.subscription.get(call["group"], IDENTITY, call["identity_name"])
    return [flat(each) for each in _credentials(call)]


def identity_federated_credential_delete(call: Call) -> None:
    """Delete a credential; deleting what is absent succeeds."""
    names = call["identity_name"], call["name"]
    identifier = call.subscription.resource_id(call["group"], CREDENTIAL, *names)
    if call.subscription.find(identifier):
        call.subscription.delete(identifier)
