"""The rules of the hosting plans find each seeded defect, in Bicep and in the scripts.

`test_bicep.py` applies the rules to every combination, where it compares Bicep with the scripts.
"""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bakery import Bakery
from bicep_compiler import BicepCompiler

from .support.bicep import described
from .support.operator import ALL, SHELLS, Tally, require_azure
from .support.plan_rules import ANY, RULES, Sent, forbidden, missing, sent_by_calls, sent_by_state
from .support.stages import Stages

FORBIDDEN = [
    (plan, part, name, value)
    for plan, rules in RULES.items()
    for part, names in rules["forbids"].items()
    for name, value in names.items()
]
NEEDED = [
    (plan, part, name)
    for plan, rules in RULES.items()
    for part, names in rules["needs"].items()
    for name in names
]


def clean(plan: str) -> Sent:
    """Return just what a plan needs."""
    needs = copy.deepcopy(RULES[plan]["needs"])
    allowed: Sent = {"siteConfig": {"minTlsVersion": "1.2", "http20Enabled": True}}
    return {part: needs.get(part, {}) | allowed.get(part, {}) for part in [*needs, *allowed]}


@pytest.mark.parametrize("plan", RULES)
def test_what_a_plan_needs_breaks_no_rule(plan: str) -> None:
    assert (forbidden(plan, clean(plan)), missing(plan, clean(plan))) == ([], [])


def test_flex_consumption_accepts_that_always_on_is_disabled() -> None:
    """Microsoft's samples send it."""
    assert forbidden("flex-consumption", {"siteConfig": {"alwaysOn": False}}) == []


@pytest.mark.parametrize(("plan", "part", "name", "value"), FORBIDDEN)
@pytest.mark.parametrize("spell", [str, str.lower], ids=["as documented", "in lower case"])
def test_what_is_forbidden_is_found(
    plan: str, part: str, name: str, value: object, spell: Callable[[str], str]
) -> None:
    sent = clean(plan)
    sent.setdefault(part, {})[spell(name)] = False if value == ANY else value
    assert forbidden(plan, sent) == [f"{plan} forbids {part} {name}"]


@pytest.mark.parametrize(("plan", "part", "name"), NEEDED)
def test_what_is_missing_is_found(plan: str, part: str, name: str) -> None:
    sent = clean(plan)
    del sent[part][name]
    assert missing(plan, sent) == [f"{plan} needs {part} {name}"]


FLEX, PREMIUM, APP_SERVICE = "flex-consumption", "premium", "app-service"
SITE_CHILD = "resource publishWithPassword"
WEB_CONFIG = """resource web 'config' = {
    name: 'web'
    properties: { ftpsState: 'Disabled' }
  }

  """
# What is wrong -> hosting plan, old text of the Bicep file, new text, the rule.
IN_BICEP = {
    "FTP on Flex Consumption": (
        FLEX,
        "siteConfig: { minTlsVersion: '1.2' }",
        "siteConfig: { ftpsState: 'Disabled', minTlsVersion: '1.2' }",
        "forbids siteConfig ftpsState",
    ),
    "FTP in a resource of its own": (
        FLEX,
        SITE_CHILD,
        WEB_CONFIG + SITE_CHILD,
        "forbids siteConfig ftpsState",
    ),
    "a setting in the site": (
        FLEX,
        "siteConfig: { minTlsVersion: '1.2' }",
        "siteConfig: { appSettings: [{ name: 'FUNCTIONS_EXTENSION_VERSION', value: '~4' }] }",
        "forbids appSettings FUNCTIONS_EXTENSION_VERSION",
    ),
    "a package setting on Flex Consumption": (
        FLEX,
        "TASKHUB_NAME: scheduler",
        "WEBSITE_RUN_FROM_PACKAGE: '1'\n      TASKHUB_NAME: scheduler",
        "forbids appSettings WEBSITE_RUN_FROM_PACKAGE",
    ),
    "the runtime twice": (
        FLEX,
        "siteConfig: { minTlsVersion: '1.2' }",
        "siteConfig: { linuxFxVersion: 'PYTHON|3.13' }",
        "forbids siteConfig linuxFxVersion",
    ),
    "burst on App Service": (
        APP_SERVICE,
        "{ reserved: true }",
        "{ maximumElasticWorkerCount: 20, reserved: true }",
        "forbids plan maximumElasticWorkerCount",
    ),
    "an app that sleeps": (
        APP_SERVICE,
        "alwaysOn: true",
        "alwaysOn: false",
        "needs siteConfig alwaysOn",
    ),
    "no package on App Service": (
        APP_SERVICE,
        "WEBSITE_RUN_FROM_PACKAGE: '1'",
        "",
        "needs appSettings WEBSITE_RUN_FROM_PACKAGE",
    ),
    "no package on Elastic Premium": (
        PREMIUM,
        "WEBSITE_RUN_FROM_PACKAGE: '1'",
        "",
        "needs appSettings WEBSITE_RUN_FROM_PACKAGE",
    ),
    "always on where instances are always warm": (
        PREMIUM,
        "functionsRuntimeScaleMonitoringEnabled: true",
        "functionsRuntimeScaleMonitoringEnabled: true\n      alwaysOn: true",
        "forbids siteConfig alwaysOn",
    ),
    "a plan for Windows": (PREMIUM, ", reserved: true", "", "needs plan reserved"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("plan", "old", "new", "rule"), IN_BICEP.values(), ids=IN_BICEP)
def test_a_seeded_defect_of_the_bicep_file_is_found(
    bakery: Bakery,
    compiler: BicepCompiler,
    tmp_path: Path,
    plan: str,
    old: str,
    new: str,
    rule: str,
) -> None:
    infra = tmp_path / "seeded"
    shutil.copytree(bakery.bake(provisioning="bicep", hosting_plan=plan).path / "infra", infra)
    path = infra / "main.bicep"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    sent = sent_by_state(described(compiler, infra, tmp_path / "infra", "oidc"))
    assert [*forbidden(plan, sent), *missing(plan, sent)] == [f"{plan} {rule}"]


# What is wrong -> hosting plan, arguments of `az functionapp config`, the rule.
IN_SCRIPTS = {
    "FTP on Flex Consumption": (
        FLEX,
        "set --ftps-state Disabled",
        "forbids siteConfig ftpsState",
    ),
    "a setting that Flex Consumption forbids": (
        FLEX,
        "appsettings set --settings WEBSITE_NODE_DEFAULT_VERSION=~22",
        "forbids appSettings WEBSITE_NODE_DEFAULT_VERSION",
    ),
    "a content share on App Service": (
        APP_SERVICE,
        "appsettings set --settings WEBSITE_CONTENTSHARE=orders",
        "forbids appSettings WEBSITE_CONTENTSHARE",
    ),
    "always on where instances are always warm": (
        PREMIUM,
        "set --always-on true",
        "forbids siteConfig alwaysOn",
    ),
}
LAST_LINE = {
    "bash": "az functionapp config {arguments}"
    ' --resource-group "$RESOURCE_GROUP" --name "$APP_NAME"',
    "powershell": "az functionapp config {arguments} --resource-group $Settings.RESOURCE_GROUP"
    " --name $Settings.APP_NAME",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("plan", "arguments", "rule", "shell"),
    [
        pytest.param(*defect, shell, id=f"{shell}-{name}")
        for number, (name, defect) in enumerate(IN_SCRIPTS.items())
        for turn, shell in enumerate(SHELLS)
        if ALL or turn == number % 2
    ],
)
def test_a_seeded_defect_of_the_script_is_found(
    stages: Stages, tmp_path: Path, plan: str, arguments: str, rule: str, shell: str
) -> None:
    require_azure(shell)
    combination = {"hosting_plan": plan}
    person = stages.operator("provisioned", shell, tmp_path, Tally(), combination=combination)
    script = person.project / f"scripts/provision.{SHELLS[shell][1]}"
    text = script.read_text(encoding="utf-8").removesuffix("exit 0\n")
    script.write_text(f"{text}{LAST_LINE[shell].format(arguments=arguments)}\n", encoding="utf-8")
    calls = person.run("provision").calls
    assert forbidden(plan, sent_by_calls(calls)) == [f"{plan} {rule}"]
