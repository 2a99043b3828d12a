"""Each variant has exactly its files, they are whole, and every choice makes a difference."""

import json
import tomllib
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from bakery import Bakery, Project
from template import TEMPLATE

VARIANTS = TEMPLATE.variants()


NEAR = TEMPLATE.near_variants()


@pytest.fixture(
    params=[
        pytest.param(variant, marks=() if variant in NEAR else pytest.mark.slow)
        for variant in VARIANTS
    ],
    ids=lambda variant: "-".join(variant.values()),
)
def variant(request: pytest.FixtureRequest) -> dict[str, str]:
    return request.param


@pytest.fixture
def project(bakery: Bakery, variant: dict[str, str]) -> Project:
    return bakery.bake(**variant)


def test_the_files_are_exactly_those_of_the_choices(
    project: Project, variant: dict[str, str]
) -> None:
    assert project.files == TEMPLATE.expected_files(variant)


PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
    ".csproj": ElementTree.fromstring,
    ".props": ElementTree.fromstring,
    ".slnx": ElementTree.fromstring,
}


def test_every_file_is_whole(project: Project) -> None:
    for file in project.files:
        text = (project.path / file).read_bytes().decode("utf-8")
        assert text.endswith("\n"), file
        assert not text.endswith("\n\n"), file
        assert "\r" not in text, file
        assert "{%" not in text, file
        assert "cookiecutter" not in text.replace("cookiecutter-durable-functions", ""), file
        suffix = "." + file.rpartition(".")[2]
        if suffix in PARSERS:
            PARSERS[suffix](text)


def test_lines_do_not_end_in_spaces(project: Project) -> None:
    for file in project.files - {"LICENSE"}:
        for number, line in enumerate(project.read(file).splitlines(), start=1):
            assert line == line.rstrip(), f"{file}:{number}"


def test_the_local_settings_are_a_copy_of_the_example(project: Project) -> None:
    assert project.read("src/local.settings.json") == project.read(
        "src/local.settings.example.json"
    )


def test_settings_agree(project: Project) -> None:
    durable = project.json("src/host.json")["extensions"]["durableTask"]
    values = project.json("src/local.settings.example.json")["Values"]
    hubs = yaml.safe_load(project.read("compose.yaml"))["services"]["scheduler"]["environment"]

    assert durable["storageProvider"]["connectionStringName"] in values
    assert durable["hubName"] == "%TASKHUB_NAME%"
    assert values["TASKHUB_NAME"] == hubs["DTS_TASK_HUB_NAMES"]
    assert all(isinstance(value, str) for value in values.values())


def test_extensions_come_in_a_bundle_or_in_packages(
    project: Project, variant: dict[str, str]
) -> None:
    has_bundle = "extensionBundle" in project.json("src/host.json")
    assert has_bundle == (variant["language"] != "csharp")


def test_no_file_holds_a_key(project: Project) -> None:
    for file in project.files:
        for secret in ("AccountKey=", "SharedAccessKey=", "InstrumentationKey=", "PRIVATE KEY"):
            assert secret not in project.read(file), file


def test_every_overlay_is_used_by_a_variant() -> None:
    used = {name for variant in VARIANTS for name in TEMPLATE.applicable(variant)}
    assert used == set(TEMPLATE.overlays)


@pytest.mark.parametrize(
    ("question", "choices"), TEMPLATE.choices.items(), ids=TEMPLATE.choices.keys()
)
def test_every_choice_makes_a_difference(bakery: Bakery, question: str, choices: list[str]) -> None:
    digests = [bakery.bake(**{question: choice}).digests() for choice in choices]
    for index, content in enumerate(digests):
        assert content not in digests[:index], choices[index]
    if len(choices) == 1:
        assert any(choices[0] in name.split("+") for name in TEMPLATE.overlays)


OTHER_ANSWERS = {
    "project_name": "Parcel Desk",
    "project_slug": "parcel-desk",
    "description": "Parcels, from the door to the door",
    "azure_location": "swedencentral",
    "task_hub_name": "parcels",
    "author_name": "Parcel Desk Ltd",
}


@pytest.mark.parametrize("question", sorted(OTHER_ANSWERS))
def test_every_answer_makes_a_difference(bakery: Bakery, question: str) -> None:
    other = OTHER_ANSWERS[question]
    project = bakery.bake(**{question: other})

    assert project.digests() != bakery.bake().digests()
    assert any(other in project.read(file) for file in project.files)


def test_every_question_is_covered() -> None:
    assert OTHER_ANSWERS.keys() | TEMPLATE.choices.keys() == TEMPLATE.questions.keys()
