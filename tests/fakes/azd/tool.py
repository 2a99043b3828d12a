"""The values of one environment, and `azd provision`.

It reads no Bicep, which `test_bicep.py` compares with the scripts; it knows the names of the
outputs of `infra/main.bicep`, and a test compares those, too.
"""

from typing import Any

from fakes.azure_resource_manager.state import TENANT
from fakes.tool import CallFailed, Parser, ToolCall, ToolNotSimulated

# Outputs of infra/main.bicep that do not depend on what exists.
OUTPUTS = {
    "APP_URL": "https://order-workflow-abc123.azurewebsites.net",
    "AZURE_FUNCTIONAPP_NAME": "order-workflow-abc123",
    "AZURE_LOCATION": "centralus",
    "AZURE_TENANT_ID": TENANT,
    "DASHBOARD_URL": "https://dashboard.durabletask.io/",
    "SCHEDULER_ENDPOINT": "https://order-workflow.centralus.durabletask.io",
    "TASK_HUB_NAME": "default",
}
DEPLOY_CLIENT = "c11e0000-0000-4000-8000-000000000000"
NO_ENVIRONMENT = "no default environment: run `azd env new` to make one"


def parse(argv: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the command and its parameters."""
    words = 2 if argv[:1] == ["env"] else 1
    command = " ".join(argv[:words])
    if command not in ("env get-value", "env set", "provision"):
        raise ToolNotSimulated(f"azd {' '.join(argv)}")
    parser = Parser(prog=f"azd {command}")
    for name in {"env get-value": ["name"], "env set": ["name", "value"]}.get(command, []):
        parser.add_argument(name)
    parser.add_argument("--no-prompt", action="store_true")
    return f"azd {command}", vars(parser.parse_args(argv[words:]))


def run(call: ToolCall) -> str:
    """Perform the command and return what is printed."""
    values = call.state.data["azd"]
    if values is None:
        raise CallFailed(NO_ENVIRONMENT)
    if call.command == "azd env set":
        values[call["name"]] = call["value"]
        return ""
    if call.command == "azd env get-value":
        if call["name"] not in values:
            raise CallFailed(f"key '{call['name']}' not found in the environment values")
        return f"{values[call['name']]}\n"
    if not call.state.data["logged_in"]:
        raise CallFailed("not logged in, run `azd auth login` to login")
    values |= OUTPUTS
    values["DEPLOY_CLIENT_ID"] = DEPLOY_CLIENT if values.get("DEPLOY_REPOSITORY") else ""
    return "SUCCESS: Your application was provisioned in Azure.\n"
