"""Defects of a project's settings, with what `scripts/doctor` and the rules of the tests report."""

from typing import NamedTuple

from defects import seed

HOST, LOCAL, COMPOSE = "src/host.json", "src/local.settings.json", "compose.yaml"
EXAMPLE = "src/local.settings.example.json"
BASH, POWERSHELL = "scripts/configure-identity.sh", "scripts/configure-identity.ps1"
NAMES, BICEP, PARAMETERS = "scripts/settings.env", "infra/main.bicep", "infra/main.parameters.json"

WITH_BICEP = {"provisioning": "bicep"}
SYSTEM = {"identity": "system-assigned"}
PREMIUM = {"hosting_plan": "premium"}
DEDICATED = {"hosting_plan": "app-service"}
CONNECTION = "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"
KEY = "c2VjcmV0LWtleS1vZi1hbi1hY2NvdW50"


class SettingsDefect(NamedTuple):
    """A replaced text in a file of a project, and the one finding that it causes.

    Args:
        answers: what differs from the defaults.
        file: where the text is.
        old: text of the file.
        new: text in its place.
        finding: the id and the file that are reported.
        fix: part of the way out.
    """

    answers: dict[str, str]
    file: str
    old: str
    new: str
    finding: str
    fix: str

    def seed(self, text: str) -> str:
        """Return the text of the file with the defect."""
        return seed(text, self.old, self.new)


DEFECTS = {
    "a missing comma": SettingsDefect(
        {}, HOST, '"2.0",', '"2.0"', f"DOC001 {HOST}", "correct its braces, quotes and commas"
    ),
    "a quote that does not end": SettingsDefect(
        {}, LOCAL, 'true",', "true,", f"DOC001 {LOCAL}", "correct its braces"
    ),
    "a brace that does not end": SettingsDefect(
        WITH_BICEP, PARAMETERS, '${AZURE_ENV_NAME}" }', 'x"', f"DOC001 {PARAMETERS}", "correct"
    ),
    "no local value for a placeholder": SettingsDefect(
        {}, LOCAL, '"TASKHUB_NAME"', '"TASK_HUB"', f"DOC002 {LOCAL}", "add it to Values"
    ),
    "an empty value for a placeholder": SettingsDefect(
        {}, LOCAL, 'NAME": "default"', 'NAME": ""', f"DOC002 {LOCAL}", "add it to Values"
    ),
    "no value for a placeholder from bash": SettingsDefect(
        {}, BASH, '"TASKHUB_NAME=', '"TASK_HUB=', f"DOC002 {BASH}", "add it to the app settings"
    ),
    "no value for a placeholder from PowerShell": SettingsDefect(
        {}, POWERSHELL, '"TASKHUB_NAME=', '"TASK_HUB=', f"DOC002 {POWERSHELL}", "add it to the app"
    ),
    "no value for a placeholder from Bicep": SettingsDefect(
        WITH_BICEP, BICEP, " TASKHUB_NAME:", " // TASKHUB_NAME:", f"DOC002 {BICEP}", "add it to the"
    ),
    "a task hub without percent signs": SettingsDefect(
        {}, HOST, "%TASKHUB_NAME%", "TASKHUB_NAME", f"DOC003 {HOST}", 'use "%TASKHUB_NAME%"'
    ),
    "a fixed task hub": SettingsDefect(
        {}, HOST, "%TASKHUB_NAME%", "default", f"DOC003 {HOST}", 'use "%TASKHUB_NAME%"'
    ),
    "no task hub": SettingsDefect(
        {}, HOST, '"hubName": "%TASKHUB_NAME%",', "", f"DOC003 {HOST}", 'use "%TASKHUB_NAME%"'
    ),
    "another task hub locally": SettingsDefect(
        {}, LOCAL, '"default"', '"orders"', f"DOC003 {LOCAL}", "use default, or change DTS_TASK_"
    ),
    "another task hub in the emulator": SettingsDefect(
        {}, COMPOSE, '"default"', '"orders,parcels"', f"DOC003 {LOCAL}", "use orders,parcels, or"
    ),
    "another storage provider": SettingsDefect(
        {}, HOST, '"azureManaged"', '"AzureStorage"', f"DOC004 {HOST}", 'use "azureManaged"'
    ),
    "a connection string in place of its name": SettingsDefect(
        {},
        HOST,
        f'"{CONNECTION}"',
        '"Endpoint=http://localhost:8080;Authentication=None"',
        f"DOC004 {HOST}",
        f'use "{CONNECTION}"',
    ),
    "the four settings of older guides": SettingsDefect(
        {}, LOCAL, f'"{CONNECTION}"', f'"{CONNECTION}__endpoint"', f"DOC004 {LOCAL}", "add it to"
    ),
    "no connection string from bash": SettingsDefect(
        {}, BASH, CONNECTION, f"{CONNECTION}__endpoint", f"DOC004 {BASH}", "add it to the app"
    ),
    "no connection string from PowerShell": SettingsDefect(
        {}, POWERSHELL, CONNECTION, f"{CONNECTION}_", f"DOC004 {POWERSHELL}", "add it to the app"
    ),
    "no connection string from Bicep": SettingsDefect(
        WITH_BICEP, BICEP, CONNECTION, "CONNECTION_STRING", f"DOC004 {BICEP}", "add it to the app"
    ),
    "another port locally": SettingsDefect(
        {}, LOCAL, ":8080", ":8081", f"DOC005 {LOCAL}", "use Endpoint=http://localhost:8080;Auth"
    ),
    "another port of the emulator": SettingsDefect(
        {}, COMPOSE, ":8080:", ":9080:", f"DOC005 {LOCAL}", "use Endpoint=http://localhost:9080;"
    ),
    "a managed identity for the emulator": SettingsDefect(
        {}, LOCAL, "=None", "=ManagedIdentity", f"DOC005 {LOCAL}", "use Endpoint=http://localhost:8"
    ),
    "a managed identity on this computer": SettingsDefect(
        {},
        LOCAL,
        "http://localhost:8080;Authentication=None",
        "https://orders-a1.centralus.durabletask.io;Authentication=ManagedIdentity",
        f"DOC005 {LOCAL}",
        "use Authentication=DefaultAzure",
    ),
    "storage in Azure": SettingsDefect(
        {},
        LOCAL,
        "UseDevelopmentStorage=true",
        "AccountName=orders",
        f"DOC006 {LOCAL}",
        "use UseDevelopmentStorage=true",
    ),
    "another port of storage": SettingsDefect(
        {}, COMPOSE, ":10001:", ":11001:", f"DOC006 {COMPOSE}", "publish 10001:10001"
    ),
    "the worker of another language": SettingsDefect(
        {}, LOCAL, '"python"', '"node"', f"DOC007 {LOCAL}", "use python"
    ),
    "the worker of .NET in the process": SettingsDefect(
        {"language": "csharp"},
        LOCAL,
        '"dotnet-isolated"',
        '"dotnet"',
        f"DOC007 {LOCAL}",
        "use dotnet-isolated",
    ),
    "the runtime of another language": SettingsDefect(
        {},
        "scripts/provision.sh",
        "--runtime python",
        "--runtime node",
        "DOC007 scripts/provision.sh",
        "use python",
    ),
    "the runtime of another language in Bicep": SettingsDefect(
        WITH_BICEP | {"language": "typescript"},
        BICEP,
        "name: 'node'",
        "name: 'python'",
        f"DOC007 {BICEP}",
        "use node",
    ),
    "the worker of another language in Bicep": SettingsDefect(
        WITH_BICEP | PREMIUM,
        BICEP,
        "RUNTIME: 'python'",
        "RUNTIME: 'node'",
        f"DOC007 {BICEP}",
        "use python",
    ),
    "a number": SettingsDefect(
        {}, LOCAL, '"Values": {', '"Values": { "LIMIT": 5,', f"DOC008 {LOCAL}", "put its value in q"
    ),
    "an object": SettingsDefect(
        {}, LOCAL, '"Values": {', '"Values": { "A": { "B": "C" },', f"DOC008 {LOCAL}", "put its"
    ),
    "a key in the local settings": SettingsDefect(
        {},
        LOCAL,
        '"Values": {',
        f'"Values": {{ "Other": "AccountName=a;AccountKey={KEY}",',
        f"DOC009 {LOCAL}",
        "use an identity",
    ),
    "a key in the example": SettingsDefect(
        {},
        EXAMPLE,
        '"Values": {',
        f'"Values": {{ "Bus": "Endpoint=a;SharedAccessKey={KEY}",',
        f"DOC009 {EXAMPLE}",
        "use an identity",
    ),
    "a function key": SettingsDefect(
        {},
        LOCAL,
        '"Values": {',
        f'"Values": {{ "Partner": "https://orders.example/api/orders?code={KEY}",',
        f"DOC009 {LOCAL}",
        "use an identity",
    ),
    "a key in the names": SettingsDefect(
        {},
        NAMES,
        "APP_NAME=",
        f"APP_NAME=https://orders.example/?sig={KEY}",
        f"DOC009 {NAMES}",
        "use an identity",
    ),
    "no extension bundle": SettingsDefect(
        {}, HOST, '"extensionBundle"', '"extensionBundles"', f"DOC010 {HOST}", "[4.36.0, 5.0.0)"
    ),
    "an extension bundle without the provider": SettingsDefect(
        {"language": "javascript"}, HOST, "4.36.0", "4.29.0", f"DOC010 {HOST}", "[4.36.0, 5.0.0)"
    ),
    "the preview of the extension bundle": SettingsDefect(
        {"language": "typescript"}, HOST, 'Bundle"', 'Bundle.Preview"', f"DOC010 {HOST}", "4.36.0"
    ),
    "an extension bundle in C#": SettingsDefect(
        {"language": "csharp"},
        HOST,
        '"2.0",',
        '"2.0", "extensionBundle": {},',
        f"DOC010 {HOST}",
        "remove it",
    ),
    "no ClientID from bash": SettingsDefect(
        {}, BASH, "ManagedIdentity;ClientID=$client", "ManagedIdentity", f"DOC011 {BASH}", "add it"
    ),
    "no ClientID from PowerShell": SettingsDefect(
        {},
        POWERSHELL,
        "ManagedIdentity;ClientID=$client",
        "ManagedIdentity",
        f"DOC011 {POWERSHELL}",
        "add it",
    ),
    "no ClientID from Bicep": SettingsDefect(
        WITH_BICEP, BICEP, ";ClientID=${identity.properties.clientId}", "", f"DOC011 {BICEP}", "add"
    ),
    "a ClientID of no identity from bash": SettingsDefect(
        SYSTEM,
        BASH,
        "=ManagedIdentity",
        "=ManagedIdentity;ClientID=$client",
        f"DOC011 {BASH}",
        "remove it",
    ),
    "a ClientID of no identity from PowerShell": SettingsDefect(
        SYSTEM,
        POWERSHELL,
        "=ManagedIdentity",
        "=ManagedIdentity;ClientID=$client",
        f"DOC011 {POWERSHELL}",
        "remove it",
    ),
    "a ClientID of no identity from Bicep": SettingsDefect(
        SYSTEM | WITH_BICEP,
        BICEP,
        "=ManagedIdentity",
        "=ManagedIdentity;ClientID=${app.id}",
        f"DOC011 {BICEP}",
        "remove it",
    ),
    "a setting that Flex Consumption refuses, from bash": SettingsDefect(
        {},
        BASH,
        '    "TASKHUB_NAME',
        '    "WEBSITE_RUN_FROM_PACKAGE=1" \\\n    "TASKHUB_NAME',
        f"DOC012 {BASH}",
        "remove it",
    ),
    "a setting that Flex Consumption refuses, from PowerShell": SettingsDefect(
        {},
        POWERSHELL,
        '    "TASKHUB_NAME',
        "    'TZ=Europe/Berlin' `\n    \"TASKHUB_NAME",
        f"DOC012 {POWERSHELL}",
        "remove it",
    ),
    "a setting that Flex Consumption refuses, from Bicep": SettingsDefect(
        WITH_BICEP,
        BICEP,
        "      TASKHUB_NAME:",
        "      FUNCTIONS_WORKER_RUNTIME: 'python'\n      TASKHUB_NAME:",
        f"DOC012 {BICEP}",
        "remove",
    ),
    "a property that Flex Consumption refuses": SettingsDefect(
        WITH_BICEP,
        BICEP,
        "siteConfig: {",
        "siteConfig: { ftpsState: 'Disabled',",
        f"DOC012 {BICEP}",
        "remove it",
    ),
    "a build on Elastic Premium": SettingsDefect(
        PREMIUM,
        BASH,
        "WEBSITE_RUN_FROM_PACKAGE=1",
        "ENABLE_ORYX_BUILD=true",
        f"DOC012 {BASH}",
        "remove it",
    ),
    "a content share on App Service": SettingsDefect(
        WITH_BICEP | DEDICATED,
        BICEP,
        "WEBSITE_RUN_FROM_PACKAGE: '1'",
        "WEBSITE_CONTENTSHARE: 'a'",
        f"DOC012 {BICEP}",
        "remove it",
    ),
    "a version without a dot": SettingsDefect(
        {}, HOST, '"1.0"', '"10"', f"DOC013 {HOST}", 'such as "2.0"'
    ),
    "an unknown match strategy": SettingsDefect(
        {}, HOST, "CurrentOrOlder", "CurrentOrNewer", f"DOC013 {HOST}", "CurrentOrOlder"
    ),
    "an unknown failure strategy": SettingsDefect(
        {}, HOST, '"Reject"', '"Rejected"', f"DOC013 {HOST}", "Reject or Fail"
    ),
}
