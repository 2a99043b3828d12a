"""The stand-in for Azure Functions Core Tools: `func azure functionapp publish`.

Rules: azure-functions-core-tools 4, `PublishFunctionAppAction`: it finds the app by name in the
current subscription and refuses an app without an `AzureWebJobsStorage*` setting.
"""

import json
from typing import Any

from .call import Call
from .commands import Parser
from .errors import CallFailed, NotSimulated

PUBLISH = "azure functionapp publish"
LANGUAGES = ("--csharp", "--dotnet-isolated", "--javascript", "--node", "--python", "--typescript")


def parse(argv: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the command and its parameters."""
    if argv in (["--version"], ["-v"]):
        return "func --version", {}
    if " ".join(argv[:3]) != PUBLISH:
        raise NotSimulated(f"func {' '.join(argv)}")
    parser = Parser(prog="func", add_help=False)
    parser.add_argument("name")
    parser.add_argument("--build", "-b", choices=["local", "remote"])
    for option in (*LANGUAGES, "--no-build", "--nozip", "--force", "--show-keys"):
        parser.add_argument(option, action="store_true")
    return f"func {PUBLISH}", vars(parser.parse_args(argv[3:]))


def run(call: Call) -> str:
    """Publish the project in the current folder and return what is printed."""
    from .handlers.deployments import deploy
    from .handlers.plans import SITE

    if not call.parameters:
        return "4.15.1\n"
    if not call.subscription.data["logged_in"]:
        raise CallFailed("Unable to connect to Azure. Make sure you have the `az` CLI installed.")
    apps = [app for app in call.subscription.all(SITE) if app["name"] == call["name"]]
    if not apps:
        raise CallFailed(f'Can\'t find app with name "{call["name"]}"')
    settings = call.subscription.settings_of(apps[0])
    if not any(name.startswith("AzureWebJobsStorage") for name in settings):
        raise CallFailed("'AzureWebJobsStorage' app setting is not present in the function app.")
    try:
        with open("host.json", encoding="utf-8") as file:
            host = json.load(file)
    except FileNotFoundError as error:
        message = "Unable to find project root. Expecting to find one of host.json in project root."
        raise CallFailed(message) from error
    deploy(call, apps[0], host, by="func", remote_build=call["build"] == "remote")
    return "Getting site publishing info...\nDeployment completed successfully.\n"
