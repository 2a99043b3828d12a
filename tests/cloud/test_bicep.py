"""Bicep describes what the scripts create step by step."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery
from bicep_compiler import BicepCompiler
from tally import tell
from template import TEMPLATE

from .support import plan_rules
from .support.bicep import REPOSITORY, State, described, with_fixed_names
from .support.operator import (
    ALL,
    SAMPLE,
    Operator,
    Tally,
    name_of,
    require_azure,
)

pytestmark = pytest.mark.slow

LANGUAGES = [
    {"language": language, "hosting_plan": plan}
    for number, language in enumerate(TEMPLATE.choices["language"][1:])
    for turn, plan in enumerate(("flex-consumption", "app-service"))
    if ALL or turn == number % 2
]

# What is compared of each type of resource: everything that somebody has decided.
FACTS = {
    "basicPublishingCredentialsPolicies": ["properties.allow"],
    "blobServices": [],
    "components": ["kind", "properties.workspaceResourceId", "properties.DisableLocalAuth"],
    "config": [
        "properties.alwaysOn",
        "properties.ftpsState",
        "properties.functionsRuntimeScaleMonitoringEnabled",
        "properties.minTlsVersion",
    ],
    "containers": [],
    "fileServices": [],
    "federatedIdentityCredentials": [
        "properties.audiences",
        "properties.issuer",
        "properties.subject",
    ],
    "resourceGroups": [],
    "schedulers": ["location", "properties.ipAllowlist", "properties.sku"],
    "serverfarms": [
        "location",
        "sku.name",
        "sku.tier",
        "properties.maximumElasticWorkerCount",
        "properties.reserved",
    ],
    "sites": [
        "kind",
        "location",
        "identity.type",
        "identity.names",
        "runtime",
        "properties.functionAppConfig.deployment",
        "properties.functionAppConfig.scaleAndConcurrency.instanceMemoryMB",
        "properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount",
        "properties.httpsOnly",
        "properties.serverFarmId",
    ],
    "shares": [],
    "storageAccounts": [
        "kind",
        "location",
        "sku.name",
        "properties.allowBlobPublicAccess",
        "properties.allowSharedKeyAccess",
        "properties.minimumTlsVersion",
        "properties.supportsHttpsTrafficOnly",
    ],
    "taskHubs": [],
    "userAssignedIdentities": ["location"],
    "workspaces": ["location", "properties.retentionInDays", "properties.sku"],
}
# What Azure takes where nobody has decided.
DEFAULTS = {
    "properties.alwaysOn": False,
    "properties.functionsRuntimeScaleMonitoringEnabled": False,
    "properties.maximumElasticWorkerCount": 1,
}
# Where the two differ -> why. Each must occur in a combination.
DIFFERENCES = {
    "resourceGroups": "azd makes the group; a Bicep file with the scope of a group cannot",
    "fileServices": "Azure CLI lets Azure make the content share",
    "shares": "Azure CLI lets Azure make the content share",
    "role Storage Blob Data Contributor": "Azure CLI grants it, too, for the package container",
    "setting MACHINEKEY_DecryptionKey": "Azure CLI writes it; nothing in a function app reads it",
    "setting WEBSITES_ENABLE_APP_SERVICE_STORAGE": "Azure CLI writes it; it is for containers",
    "setting WEBSITE_CONTENTAZUREFILECONNECTIONSTRING": "the same parts in another order",
    "setting WEBSITE_CONTENTSHARE": "a name that Azure CLI makes up",
}


def scripted(project: Path, folder: Path, deploy_auth: str) -> State:
    """Return the end state of the scripts of a project."""
    operator = Operator(project, "bash", folder, Tally(), ("az", "gh"))
    calls = operator.succeed("provision").calls
    if deploy_auth == "oidc":
        operator.succeed("configure-github", GITHUB_REPOSITORY=REPOSITORY)
    state = operator.azure.end_state()
    state["settings"] = next(iter(state["settings"].values()))
    state["sent"] = plan_rules.sent_by_calls(calls)
    return with_fixed_names(state)


def facts(state: State) -> dict[str, Any]:
    """Return all that is compared: `<type> <path> of <id>`, `role …` and `setting …` -> value.

    What the hosting plan refuses is not: nobody sends it, and Azure shows a default for it.
    """
    flex = any(each.get("sku", {}).get("name") == "FC1" for each in state["resources"].values())
    found: dict[str, Any] = {}
    for place, resource in _resources(state).items():
        kind = resource["type"].rsplit("/", 1)[-1]
        found[f"{kind} of {place}"] = "exists"
        for path in FACTS[kind]:
            if flex and plan_rules.refuses("flex-consumption", path.removeprefix("properties.")):
                continue
            found[f"{kind} {path} of {place}"] = _at(resource, path)
    for principal, role, scope in state["roles"]:
        found[f"role {role} of {principal} at {scope}"] = "granted"
    for name, value in state["settings"].items():
        found[f"setting {name} of the app"] = _connection(value)
    return found


def _resources(state: State) -> dict[str, dict[str, Any]]:
    """Return the resources, with `siteConfig` and the runtime in the form of the fake service."""
    resources = dict(state["resources"])
    for place, resource in state["resources"].items():
        if not resource["type"].endswith("/sites"):
            continue
        properties, identity = resource["properties"], resource["identity"]
        assigned = identity.get("userAssignedIdentities") or ()
        identity["names"] = [identifier.rsplit("/", 1)[-1] for identifier in assigned]
        web = properties.get("siteConfig") or resources[f"{place}/config/web"]["properties"]
        flex = (properties.get("functionAppConfig") or {}).get("runtime")
        name, version = flex.values() if flex else web["linuxFxVersion"].lower().split("|")
        resource["runtime"] = [name, version]
        settings = {"type": "Microsoft.Web/sites/config", "properties": web}
        resources[f"{place}/config/web"] = settings
    return resources


def _at(resource: dict[str, Any], path: str) -> Any:
    value: Any = resource
    for name in path.split("."):
        folded = {key.lower(): each for key, each in (value or {}).items()}
        value = folded.get(name.lower())
    return DEFAULTS.get(path) if value is None else value


def _connection(value: str) -> str:
    """Return a setting; the connection string of Application Insights by its name only."""
    start = "InstrumentationKey=<instrumentation key of "
    if value.startswith(start):
        return f"<connection string of {value.removeprefix(start).split('>')[0]}>"
    return value


def differences(script: State, bicep: State) -> dict[str, tuple[Any, Any]]:
    """Return what differs -> (value of the scripts, value of Bicep)."""
    ours, theirs = facts(script), facts(bicep)
    return {
        fact: (ours.get(fact), theirs.get(fact))
        for fact in sorted(ours.keys() | theirs.keys())
        if ours.get(fact) != theirs.get(fact)
    }


def broken_rules(hosting_plan: str, script: State, bicep: State) -> list[str]:
    """Return what one of the two sends or leaves out against the rules of the plan."""
    sent = plan_rules.sent_by_state(bicep)
    return [
        *plan_rules.forbidden(hosting_plan, script["sent"]),
        *plan_rules.forbidden(hosting_plan, sent),
        *plan_rules.missing(hosting_plan, plan_rules.sent_by_state(script)),
        *plan_rules.missing(hosting_plan, sent),
    ]


def unexplained(found: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    return {
        fact: values for fact, values in found.items() if fact.split(" of ")[0] not in DIFFERENCES
    }


# What is wrong -> old text of the Bicep file, new text, the fact that differs.
MISTAKES = {
    "the GUID of another role": (
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        "role Storage Blob Data Owner",
    ),
    "a role for the whole scheduler": (
        "scope: scheduler::taskHub",
        "scope: scheduler",
        "role Durable Task Data Contributor",
    ),
    "a role of the wrong identity": (
        "principalId: identity.properties.principalId",
        "principalId: deployIdentity!.properties.principalId",
        "role Monitoring Metrics Publisher|role Durable Task Data Contributor",
    ),
    "no client id": (
        "Authentication=ManagedIdentity;ClientID=${identity.properties.clientId}",
        "Authentication=ManagedIdentity",
        "setting DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
    ),
    "the principal as client id": (
        "clientId: identity.properties.clientId",
        "clientId: identity.properties.principalId",
        "setting AzureWebJobsStorage__clientId",
    ),
    "shared keys": (
        "allowSharedKeyAccess: false",
        "allowSharedKeyAccess: true",
        "storageAccounts properties.allowSharedKeyAccess",
    ),
    "a password for deployments": (
        "name: 'scm'\n    properties: { allow: false }",
        "name: 'scm'\n    properties: { allow: true }",
        "basicPublishingCredentialsPolicies properties.allow",
    ),
    "another environment may deploy": (
        ":environment:production",
        ":environment:staging",
        "federatedIdentityCredentials properties.subject",
    ),
    "another allow-list": ("0.0.0.0/0", "10.0.0.0/8", "schedulers properties.ipAllowlist"),
    "HTTP without TLS": ("httpsOnly: true", "httpsOnly: false", "sites properties.httpsOnly"),
    "a task hub of another name": (
        "TASKHUB_NAME: scheduler::taskHub.name",
        "TASKHUB_NAME: scheduler.name",
        "setting TASKHUB_NAME",
    ),
    "an older runtime": ("version: '3.13'", "version: '3.12'", "sites runtime"),
}


@pytest.fixture(scope="module")
def usual(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory) -> State:
    """Return what the scripts of the default project create."""
    require_azure("bash")
    return scripted(bakery.bake().path, tmp_path_factory.mktemp("usual"), "oidc")


@pytest.mark.parametrize(("old", "new", "fact"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_planted_mistake_is_a_difference(
    bakery: Bakery,
    compiler: BicepCompiler,
    usual: State,
    tmp_path: Path,
    old: str,
    new: str,
    fact: str,
) -> None:
    infra = tmp_path / "planted"
    shutil.copytree(bakery.bake(provisioning="bicep").path / "infra", infra)
    text = (infra / "main.bicep").read_text(encoding="utf-8")
    assert old in text
    (infra / "main.bicep").write_text(text.replace(old, new, 1), encoding="utf-8")
    found = unexplained(differences(usual, described(compiler, infra, tmp_path / "infra", "oidc")))

    assert found
    assert {name.split(" of ")[0] for name in found} & set(fact.split("|")), found


VARIANTS = [*SAMPLE, *LANGUAGES]


@pytest.fixture(scope="module")
def compare(
    bakery: Bakery, compiler: BicepCompiler, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, tuple[Any, Any]]]:
    """Return a function that returns how Bicep and the scripts differ in a variant, by its name."""
    require_azure("bash")
    variants = {name_of(variant): variant for variant in VARIANTS}

    @cache
    def differences_of(name: str) -> dict[str, tuple[Any, Any]]:
        folder, variant = tmp_path_factory.mktemp("compared"), variants[name]
        deploy_auth = variant.get("deploy_auth", "oidc")
        infra = bakery.bake(provisioning="bicep", **variant).path / "infra"
        scripts = bakery.bake(provisioning="azure-cli", **variant).path
        bicep = described(compiler, infra, folder / "infra", deploy_auth)
        script = scripted(scripts, folder / "azure", deploy_auth)
        assert broken_rules(variant["hosting_plan"], script, bicep) == []
        return differences(script, bicep)

    return differences_of


@pytest.mark.parametrize("variant", [name_of(variant) for variant in VARIANTS])
def test_bicep_equals_the_scripts(compare: Callable, variant: str) -> None:
    assert unexplained(compare(variant)) == {}


def test_every_difference_occurs(compare: Callable, request: pytest.FixtureRequest) -> None:
    """A difference that has gone must leave the list."""
    found = {fact.split(" of ")[0] for variant in VARIANTS for fact in compare(name_of(variant))}
    tell(request.config, f"bicep: {len(VARIANTS)} variants compared")
    assert DIFFERENCES.keys() == found
