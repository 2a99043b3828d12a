"""The settings of each variant agree: the app, the emulators and what provisioning writes."""

import pytest
from settings_rules import RULES, violations

from bakery import Baked, Bakery
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
