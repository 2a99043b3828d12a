"""`az rest`, for what scripts cannot get otherwise: resources by id, and three actions of apps.

A failure ends with exit code 1, also for status 404: azure-cli-core makes an error of its own kind
of it (`util.py`, `send_raw_request`).
"""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..call import Call
from ..errors import CallFailed, NotFound, NotSimulated
from . import resources
from .apps import functionapp_keys_list
from .deployments import profile_of, profile_xml

HOST = "management.azure.com"
CHANGEABLE = ("/config/web", "/basicpublishingcredentialspolicies/")


def rest(call: Call) -> Any:
    """Perform a request to Azure Resource Manager."""
    url = urlsplit(call["url"].replace("{subscriptionId}", call.subscription.id))
    if url.netloc not in ("", HOST):
        raise NotSimulated(f"az rest to {url.netloc}")
    given = parse_qs(url.query).keys() | {
        each.split("=")[0] for each in call["uri_parameters"] or []
    }
    if "api-version" not in given:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise CallFailed(f'Bad Request({{"error":{{"message":"{message}"}}}})')
    try:
        return _request(call, url.path)
    except NotFound as error:
        raise CallFailed(f"Not Found({error})") from error


def _request(call: Call, path: str) -> Any:
    if call["method"] == "get":
        return resources.find(call.subscription, path)
    if call["method"] == "post":
        return _act(call, *path.rsplit("/", 1))
    if call["method"] in ("put", "patch") and any(part in path.lower() for part in CHANGEABLE):
        resource = resources.find(call.subscription, path)
        resource["properties"] |= json.loads(call["body"] or "{}").get("properties", {})
        resources.restart_app_of(call.subscription, resource)
        return resource
    raise NotSimulated(f"az rest --method {call['method']} {path}")


def _act(call: Call, path: str, action: str) -> Any:
    app = resources.find(call.subscription, path.removesuffix("/host/default"))
    if action.lower() == "publishxml":
        return profile_xml(profile_of(call.subscription, app))
    if action.lower() == "listkeys" and path.endswith("/host/default"):
        call.parameters |= {"group": app["resourceGroup"], "name": app["name"]}
        return functionapp_keys_list(call)
    if action.lower() == "syncfunctiontriggers":
        return None
    raise NotSimulated(f"az rest --method post …/{action}")
