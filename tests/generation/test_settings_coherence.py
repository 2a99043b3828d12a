"""The settings of each variant agree: the app, the emulators and what provisioning writes."""

import re

import pytest
from settings_rules import RULES, violations

from bakery import Baked, Bakery
from cloud.support.plan_rules import ANY
from cloud.support.plan_rules import RULES as PLANS
from settings_defects import DEFECTS, SettingsDefect
from template import TEMPLATE


def test_settings_agree(baked: Baked) -> None:
    for variant, project in baked:
        assert violations(variant, project.read) == [], variant


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS.keys())
def test_a_seeded_defect_is_found(bakery: Bakery, defect: SettingsDefect) -> None:
    variant = TEMPLATE.defaults | defect.answers
    project = bakery.bake(**variant)

    def read(file: str) -> str:
        text = project.read(file)
        return defect.seed(text) if file == defect.file else text

    assert violations(variant, read) == [defect.finding]


def test_a_missing_file_is_found(bakery: Bakery) -> None:
    project = bakery.bake(**TEMPLATE.defaults)

    def read(file: str) -> str:
        return project.read(file.replace("compose", "missing"))

    assert violations(TEMPLATE.defaults, read) == ["DOC001 compose.yaml"]


def test_each_rule_has_a_seeded_defect() -> None:
    assert {defect.finding.split()[0] for defect in DEFECTS.values()} == RULES.keys()


# The script of the project ------------------------------------------------------------------------


def test_what_plans_refuse_is_that_of_the_tests(bakery: Bakery) -> None:
    """Names that are refused whatever their value: a value cannot be read reliably from text."""
    lines = bakery.bake().read("scripts/hosting-plans.txt").splitlines()
    listed = [tuple(line.split()) for line in lines if not line.startswith("#")]
    assert listed == [
        (plan, name)
        for plan in TEMPLATE.choices["hosting_plan"]
        for part in ("appSettings", "siteConfig")
        for name, value in PLANS[plan]["forbids"].get(part, {}).items()
        if value == ANY
    ]


def test_the_ids_are_those_of_the_document(bakery: Bakery) -> None:
    project = bakery.bake()
    table = re.findall(r"^\| (DOC\d{3}) \|", project.read("docs/settings.md"), re.MULTILINE)
    assert table == list(RULES)
    for script in ("scripts/doctor.sh", "scripts/doctor.ps1"):
        text = project.read(script)
        assert set(re.findall(r"\bDOC\d+", text)) == set(table), script
        assert re.findall(r"(?m)^# (DOC\d+)$", text) == table, script
