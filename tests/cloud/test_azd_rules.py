"""What azd makes of the files of a project: what it asks, what it sets, what it writes.

azd is not here: the rules are those of its source (Azure/azure-dev, August 2026), named at each.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from bakery import Bakery, Project
from bicep_compiler import BicepCompiler
from template import TEMPLATE

from .support import bicep_state
from .support.bicep import LOCATION, parameters
from .support.operator import GROUP

# The regions of Microsoft's quickstarts: Azure-Samples/durable-functions-quickstart-*-azd,
# infra/main.bicep, in August 2026.
QUICKSTARTS = {
    *("australiaeast", "centralus", "eastasia", "eastus2", "northcentralus", "northeurope"),
    *("southeastasia", "swedencentral", "uksouth", "westus2"),
}
ENVIRONMENT = {"AZURE_ENV_NAME": "test"}  # what azd knows of a new environment
VARIABLE = re.compile(r"\$\{(\w+)(?:=([^}]*))?\}")


def given_by_azd(project: Project, template: Any, variables: dict[str, str]) -> dict[str, Any]:
    """Return the parameters that azd sets (bicep_provider.go, `loadParameters`).

    A text for an array is JSON once the variables are replaced. A parameter whose variable is not
    set is left out.
    """
    given = {}
    for name, each in project.json("infra/main.parameters.json")["parameters"].items():
        unset = [found for found in VARIABLE.findall(each["value"]) if found[0] not in variables]
        text = VARIABLE.sub(lambda found: variables.get(found[1], found[2] or ""), each["value"])
        if text or not unset:
            is_array = template["parameters"][name]["type"] == "array"
            given[name] = json.loads(text) if is_array else text
    return given


def asked_by_azd(project: Project, template: Any, variables: dict[str, str]) -> set[str]:
    """Return the parameters that azd asks for: not given, and without a default."""
    given = given_by_azd(project, template, variables)
    return {
        name
        for name, parameter in template["parameters"].items()
        if name not in given and "defaultValue" not in parameter
    }


@pytest.mark.slow
@pytest.mark.parametrize("answer", [LOCATION, "westus2", "westeurope", "aregionofthefuture3"])
def test_azd_offers_the_known_regions_and_the_answer(
    bakery: Bakery, compiler: BicepCompiler, answer: str
) -> None:
    """`location` of the type location filters by `allowedValues` (prompt.go)."""
    project = bakery.bake(provisioning="bicep", azure_location=answer)
    template = compiler.template(project.path / "infra/main.bicep")
    location = template["parameters"]["location"]
    assert location["allowedValues"] == sorted({*QUICKSTARTS, answer})
    assert location["metadata"]["azd"] == {"type": "location", "default": answer}
    assert asked_by_azd(project, template, ENVIRONMENT) == {"location"}
    assert asked_by_azd(project, template, ENVIRONMENT | {"AZURE_LOCATION": answer}) == set()


def test_the_refusal_of_a_region_names_the_same_regions() -> None:
    known = ", ".join(TEMPLATE.context["_scheduler_regions"])
    assert f"is known to be in {known}." in TEMPLATE.context["_rules"]["azure_location"]["message"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ["0.0.0.0/0"]),
        ({"SCHEDULER_IP_ALLOWLIST": '["203.0.113.0/24"]'}, ["203.0.113.0/24"]),
        ({"SCHEDULER_IP_ALLOWLIST": '["10.0.0.1", "10.1.0.0/16"]'}, ["10.0.0.1", "10.1.0.0/16"]),
    ],
    ids=["the default", "one range", "two"],
)
def test_the_allowlist_comes_from_the_environment(
    bakery: Bakery,
    compiler: BicepCompiler,
    tmp_path: Path,
    variables: dict[str, str],
    expected: list[str],
) -> None:
    project = bakery.bake(provisioning="bicep")
    bicep = project.path / "infra/main.bicep"
    given = given_by_azd(project, compiler.template(bicep), ENVIRONMENT | variables)
    (tmp_path / "main.bicep").write_bytes(bicep.read_bytes())
    file = parameters(tmp_path, "oidc")
    if "ipAllowlist" in given:
        lines = "\n".join(f"  '{address}'" for address in given["ipAllowlist"])
        text = file.read_text(encoding="utf-8")
        file.write_text(f"{text}param ipAllowlist = [\n{lines}\n]\n", encoding="utf-8")
    state = bicep_state.end_state(compiler.snapshot(file, GROUP, LOCATION))
    (scheduler,) = [
        each for each in state["resources"].values() if each["type"].endswith("/schedulers")
    ]
    assert scheduler["properties"]["ipAllowlist"] == expected


def test_the_guide_sets_the_allowlist_as_azd_reads_it(bakery: Bakery) -> None:
    project = bakery.bake(provisioning="bicep")
    (name, value) = re.findall(r"^azd env set (\w+) '(.*)'$", project.read("docs/deploy.md"), re.M)[
        0
    ]
    parameter = project.json("infra/main.parameters.json")["parameters"]["ipAllowlist"]
    assert parameter["value"] == f"${{{name}}}"
    assert all(re.fullmatch(r"[\d.]+/\d+", each) for each in json.loads(value))


def test_every_document_names_the_oldest_azd_that_works(bakery: Bakery) -> None:
    """Before 1.25.0 `azd down` deletes a foreign group without a warning (azure-dev#7998)."""
    project = bakery.bake(provisioning="bicep")
    assert yaml.safe_load(project.read("azure.yaml"))["requiredVersions"]["azd"] == ">= 1.25.0"
    readme = project.read("README.md")
    assert re.findall(r"\[Azure Developer CLI\]\S+ (\S+) or newer", readme) == ["1.25.0"]


def test_azd_is_told_the_template_and_its_version(bakery: Bakery) -> None:
    text = (TEMPLATE.root / "pyproject.toml").read_text(encoding="utf-8")
    template = tomllib.loads(text)["project"]
    metadata = yaml.safe_load(bakery.bake(provisioning="bicep").read("azure.yaml"))["metadata"]
    assert metadata == {"template": f"{template['name']}@{template['version']}"}


def test_azd_does_not_change_the_project_file(bakery: Bakery) -> None:
    """`dotnet user-secrets init`, which azd runs, writes an id where it finds no such element."""
    project = bakery.bake(provisioning="bicep", language="csharp")
    (identifier,) = ElementTree.fromstring(project.read("src/Orders.csproj")).iter("UserSecretsId")
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", identifier.text or "")


@pytest.mark.slow
def test_no_output_is_named_like_an_app_setting(bakery: Bakery, compiler: BicepCompiler) -> None:
    """azd writes the outputs as user secrets of a C# project, and the local host reads those.

    azd: framework_service_dotnet.go, `setUserSecretsFromOutputs`; Core Tools: Startup.cs.
    """
    for plan in TEMPLATE.choices["hosting_plan"]:
        project = bakery.bake(provisioning="bicep", language="csharp", hosting_plan=plan)
        template = compiler.template(project.path / "infra/main.bicep")
        local = project.json("src/local.settings.example.json")["Values"]
        (settings,) = [
            each["properties"]
            for each in template["resources"].values()
            if each["type"] == "Microsoft.Web/sites/config"
        ]
        names = {name.upper() for name in [*settings, *local]}
        assert names.isdisjoint(name.upper() for name in template["outputs"])
