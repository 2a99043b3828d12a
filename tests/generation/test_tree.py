"""Each variant has exactly its files, they are whole, and every choice makes a difference."""

import json
import tomllib
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from bakery import Baked, Bakery, Contents, distinct_files
from template import TEMPLATE


@pytest.fixture(scope="module")
def contents(baked: Baked) -> Contents:
    """Return one path for each distinct content that a file has in these projects."""
    return distinct_files(project for _, project in baked)


def test_the_files_are_exactly_those_of_the_choices(baked: Baked) -> None:
    for variant, project in baked:
        assert project.files == TEMPLATE.expected_files(variant), variant


PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
    ".csproj": ElementTree.fromstring,
    ".props": ElementTree.fromstring,
    ".slnx": ElementTree.fromstring,
}


def test_every_file_is_whole(contents: Contents) -> None:
    for (file, _), path in contents.items():
        text = path.read_bytes().decode("utf-8")
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert "\r" not in text, path
        assert "{%" not in text, path
        assert "cookiecutter" not in text.replace("cookiecutter-durable-functions", ""), path
        if (suffix := "." + file.rpartition(".")[2]) in PARSERS:
            PARSERS[suffix](text)


def test_lines_do_not_end_in_spaces(contents: Contents) -> None:
    for (file, _), path in contents.items():
        lines = path.read_text(encoding="utf-8").splitlines() if file != "LICENSE" else []
        for number, line in enumerate(lines, start=1):
            assert line == line.rstrip(), f"{path}:{number}"


def test_the_readme_is_short(baked: Baked) -> None:
    for variant, project in baked:
        assert len(project.read("README.md").splitlines()) <= 130, variant


PLANS = {
    "flex-consumption": "Flex Consumption ends all executions at each site update",
    "premium": "Elastic Premium ends all executions and restarts the app",
    "app-service": "App Service ends all executions and restarts the app",
}


def test_the_documents_say_what_a_deployment_does_on_the_chosen_plan(baked: Baked) -> None:
    for variant, project in baked:
        text = project.read("docs/deploy.md")
        named = [plan for plan, sentence in PLANS.items() if sentence in text]
        assert named == [variant["hosting_plan"]]
        assert ("--drain" in text) == (variant["provisioning"] == "azure-cli")
        secret = "AZURE_FUNCTIONAPP_DURABLE_KEY" in text
        assert secret == (variant["deploy_auth"] == "publish-profile")


def test_the_local_settings_are_a_copy_of_the_example(baked: Baked) -> None:
    for variant, project in baked:
        example = project.read("src/local.settings.example.json")
        assert project.read("src/local.settings.json") == example, variant


def test_no_file_holds_a_key(contents: Contents) -> None:
    for path in contents.values():
        # Bicep lets Azure put the key of Elastic Premium in; the file holds none.
        text = path.read_text(encoding="utf-8").replace("AccountKey=${storage.listKeys()", "")
        for secret in ("AccountKey=", "SharedAccessKey=", "InstrumentationKey=", "PRIVATE KEY"):
            assert secret not in text, path


def test_every_overlay_is_used_by_a_variant() -> None:
    used = {overlay for variant in TEMPLATE.variants() for overlay in TEMPLATE.applicable(variant)}
    assert used == set(TEMPLATE.overlays.values())


@pytest.mark.parametrize(
    ("question", "choices"), TEMPLATE.choices.items(), ids=TEMPLATE.choices.keys()
)
def test_every_choice_makes_a_difference(bakery: Bakery, question: str, choices: list[str]) -> None:
    digests = [bakery.bake(**{question: choice}).digests() for choice in choices]
    for index, content in enumerate(digests):
        assert content not in digests[:index], choices[index]
    if len(choices) == 1:
        assert any(choices[0] in overlay.choices for overlay in TEMPLATE.overlays.values())


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
