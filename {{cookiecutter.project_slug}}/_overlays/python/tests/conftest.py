import json
from unittest.mock import AsyncMock

import azure.durable_functions as df
import pytest

# What the host passes to a durable client: where it listens, and the URLs of an instance.
HOST = {
    "taskHubName": "default",
    "creationUrls": {},
    "managementUrls": {
        "id": "INSTANCE",
        "statusQueryGetUri": "http://localhost:7071/instances/INSTANCE",
        "sendEventPostUri": "http://localhost:7071/instances/INSTANCE/raiseEvent/{eventName}",
        "terminatePostUri": "http://localhost:7071/instances/INSTANCE/terminate",
    },
    "rpcBaseUrl": "http://localhost:7071/",
}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> df.DurableOrchestrationClient:
    """Return the SDK's own client; only the calls that leave the process are replaced."""
    client = df.DurableOrchestrationClient(json.dumps(HOST))
    monkeypatch.setattr(client, "start_new", AsyncMock(return_value="instance-1"))
    for call in ("get_status", "raise_event", "read_entity_state"):
        monkeypatch.setattr(client, call, AsyncMock())
    return client
