"""Names that one service forgives and another compares exactly."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from .support.operator import GROUP, SLUG, Operator, tallied
from .support.stages import Stages

tally = tallied("names")
EXACT = "Contoso/Orders"
TYPED = {"GITHUB_REPOSITORY": "contoso/orders"}


def subject_of(person: Operator) -> str:
    """Return the subject that the deploy identity trusts."""
    resources = person.azure.resources()
    (trust,) = [each for key, each in resources.items() if "/federatedIdentityCredentials/" in key]
    return trust["properties"]["subject"]


def test_github_spells_the_repository(
    stages: Stages, tmp_path: Path, tally: Any, shell: str
) -> None:
    """Microsoft Entra refuses `repo:contoso/orders` for Contoso/Orders (AADSTS700213)."""
    person = stages.operator("provisioned", shell, tmp_path, tally, tools=("az", "gh"))
    github = person.azure.read()["github"]
    person.azure.change(github=github | {"repository": EXACT, "subject_prefix": ""})
    person.succeed("configure-github", **TYPED)
    assert subject_of(person) == f"repo:{EXACT}:environment:production"


def with_origin(person: Operator, address: str) -> None:
    """Give the checkout a remote."""
    for command in (["init", "--quiet"], ["remote", "add", "origin", address]):
        subprocess.run(["git", *command], cwd=person.project, check=True)


@pytest.mark.parametrize(
    "address",
    [f"https://github.com/{EXACT}.git", f"git@github.com:{EXACT}", f"https://github.com/{EXACT}"],
)
def test_without_gh_two_spellings_stop_the_script(
    stages: Stages, tmp_path: Path, tally: Any, shell: str, address: str
) -> None:
    person = stages.operator("provisioned", shell, tmp_path, tally)
    with_origin(person, address)
    before = person.azure.end_state()
    result = person.run("configure-github", **TYPED)
    assert result.exit == 1
    assert result.stderr.startswith(
        f"GITHUB_REPOSITORY=contoso/orders, but the remote 'origin' is {EXACT}: Microsoft Entra"
    )
    assert person.azure.end_state() == before

    # Who knows the exact subject is not stopped.
    person.succeed("configure-github", **TYPED, GITHUB_SUBJECT_PREFIX="repo:Contoso@1/Orders@2")
    assert subject_of(person) == "repo:Contoso@1/Orders@2:environment:production"


def test_without_gh_the_spelling_is_asked_for(
    stages: Stages, tmp_path: Path, tally: Any, shell: str
) -> None:
    person = stages.operator("provisioned", shell, tmp_path, tally)
    with_origin(person, f"https://github.com/{EXACT}.git")
    result = person.succeed("configure-github", GITHUB_REPOSITORY=EXACT)
    assert f"compare {EXACT} with the top of its page on GitHub, including upper" in result.stdout
    assert subject_of(person) == f"repo:{EXACT}:environment:production"


def test_azure_forgives_other_capitals(
    stages: Stages, tmp_path: Path, tally: Any, shell: str
) -> None:
    """No second app with another suffix; the host gets the name that the task hub has."""
    person = stages.operator("provisioned", shell, tmp_path, tally)
    before = person.azure.end_state()
    person.succeed("provision", RESOURCE_GROUP=GROUP.upper(), TASK_HUB_NAME="DEFAULT")
    state = person.azure.end_state()
    assert state["resources"].keys() == before["resources"].keys()
    assert person.azure.settings(person.app)["TASKHUB_NAME"] == "default"
    assert SLUG in person.app
