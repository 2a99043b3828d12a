"""Few rights, a new subscription, somebody else's names: what each script says, in both shells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.azure_resource_manager.state import SUBSCRIPTION, USER_NAME

from .support.checks import failure, same
from .support.operator import GROUP, SHELLS, Operator, tallied
from .support.stages import Stages

tally = tallied("rights")

SCOPE = f"/subscriptions/{SUBSCRIPTION}"
OF_THE_GROUP = f"{SCOPE}/resourceGroups/{GROUP}"
WRITTEN = f"{SCOPE}/resourcegroups/{GROUP}"  # as `az group create` writes it
NEEDED = (
    *("Microsoft.DurableTask", "Microsoft.Insights", "Microsoft.ManagedIdentity"),
    *("Microsoft.OperationalInsights", "Microsoft.Storage", "Microsoft.Web"),
)
WITHOUT_USER = "The signed-in user cannot be read, so nobody was given access to the dashboard"


def user(role: str, scope: str = OF_THE_GROUP, **changes: Any) -> dict[str, Any]:
    """Return somebody who has one role."""
    usual = {"name": USER_NAME, "type": "user", "guest": False, "roles": [[role, scope]]}
    return usual | changes


@pytest.fixture
def people(stages: Stages, tmp_path: Path, tally: Any) -> Callable[..., list[Operator]]:
    """Return a function that makes one operator for each shell."""

    def begin(stage: str, **changes: Any) -> list[Operator]:
        return [
            stages.operator(stage, shell, tmp_path / shell, tally, **changes) for shell in SHELLS
        ]

    return begin


def with_group(person: Operator) -> Operator:
    """Let somebody else have created the resource group."""
    owner = person.azure.read()["user"]
    person.azure.change(user=user("Owner", SCOPE), unregistered_providers=[])
    assert person.azure.az("group", "create", "-n", GROUP, "-l", "centralus").exit == 0
    person.azure.change(user=owner)
    return person


def test_the_owner_of_one_group_can_do_all(people: Callable) -> None:
    for person in map(with_group, people("new", user=user("Owner"))):
        person.succeed("provision")
        assert person.azure.az("group", "list", "--query", "[].name").exit == 0


@pytest.mark.parametrize(
    ("role", "stage", "script", "right", "remedy"),
    [
        (
            "Contributor",
            "new",
            "provision",
            "Microsoft.Authorization/roleAssignments/write",
            "Role",
        ),
        ("Reader", "new", "provision", "Microsoft.Storage/storageAccounts/write", "Contributor"),
        ("Reader", "provisioned", "provision", "Microsoft.Storage/storageAccounts/write", "Contr"),
        (
            "Reader",
            "provisioned",
            "configure-identity",
            "Microsoft.Web/sites/config/",
            "Contributor",
        ),
        ("Reader", "provisioned", "teardown", "/delete", "Contributor"),
    ],
)
def test_a_missing_right_is_named_with_its_scope(
    people: Callable, role: str, stage: str, script: str, right: str, remedy: str
) -> None:
    persons = people(stage, user=user(role))
    if stage == "new":
        persons = [with_group(person) for person in persons]
    said = failure([person.run(script, CONFIRM=GROUP) for person in persons])
    assert said.startswith("Your account may not do this: it lacks the right ")
    assert right in said
    assert f"/resourceGroups/{GROUP}" in said
    assert f"Ask for the role {remedy}" in said
    assert said.endswith("then run this again.")


def test_the_run_after_a_missing_role_completes(
    people: Callable, stages: Stages, tmp_path: Path, tally: Any
) -> None:
    """The Azure CLI removes the identity of the app when it cannot grant the role."""
    expected = stages.operator("provisioned", "bash", tmp_path / "usual", tally).azure.end_state()
    for person in map(with_group, people("new", user=user("Contributor"))):
        assert person.run("provision").exit == 1
        person.azure.change(user=user("Owner", SCOPE))
        person.succeed("provision")
        state = person.azure.end_state()
        # The Azure CLI grants this one when it creates an app; Storage Blob Data Owner includes it.
        roles = [each for each in expected["roles"] if each[1] != "Storage Blob Data Contributor"]
        assert state["roles"] == roles
        assert state["settings"] == expected["settings"]
        site = state["resources"][f"{GROUP}/sites/{person.app}"]
        assert site["identity"]["type"] == "UserAssigned"


def test_a_guest_provisions_without_the_dashboard(people: Callable) -> None:
    """A guest may not read objects of the directory."""
    persons = people("created", user=user("Owner", SCOPE, guest=True))
    result = same([person.run("configure-identity") for person in persons])
    assert result.exit == 0
    assert result.stderr.startswith(WITHOUT_USER)
    for person in persons:
        assert not [role for role in person.azure.roles() if role[0].startswith("User")]


def test_who_may_not_assign_roles_goes_on_with_those_of_others(people: Callable) -> None:
    """`role assignment create` is refused even when the role is assigned already."""
    for person in people("provisioned", user=user("Contributor")):
        person.succeed("configure-identity")


def test_a_group_that_nobody_has_created(people: Callable) -> None:
    said = failure(
        [
            person.run("provision")
            for person in people("new", user=user("Reader", SCOPE), unregistered_providers=[])
        ]
    )
    assert said == (
        "Your account may not do this: it lacks the right"
        f" Microsoft.Resources/subscriptions/resourceGroups/write on {WRITTEN}. Ask an Owner or"
        f" Contributor of the subscription to create the resource group {GROUP} and to give you the"
        " role Owner on it, then run this again."
    )


@pytest.mark.parametrize(
    ("role", "script", "right", "remedy"),
    [
        ("Reader", "deploy", "Microsoft.Web/sites/", "Contributor"),
        ("Reader", "configure-github", "userAssignedIdentities/write", "Contributor"),
        ("Contributor", "configure-github", "roleAssignments/write", "Role Based Access Control"),
    ],
)
def test_the_other_scripts_name_the_right_as_well(
    people: Callable, role: str, script: str, right: str, remedy: str
) -> None:
    persons = people("provisioned", user=user(role))
    results = [person.run(script, GITHUB_REPOSITORY="contoso/orders") for person in persons]
    assert [result.exit for result in results] == [1, 1]
    # The names of role assignments are made up, so messages of Azure differ.
    first, second = (result.stderr.splitlines()[-1] for result in results)
    assert first == second
    assert first.startswith("Your account may not do this: it lacks the right Microsoft.")
    missing, asked = first.split(" Ask for the role ")
    assert right in missing
    assert f"/resourceGroups/{GROUP}" in missing
    assert asked.startswith(remedy)


# A new subscription -----------------------------------------------------------------------------


def test_a_new_subscription_is_registered_first(people: Callable) -> None:
    for person in people("new", unregistered_providers=list(NEEDED)):
        result = person.succeed("provision")
        assert person.azure.read()["unregistered_providers"] == []
        commands = result.commands
        registered = len(commands) - 1 - commands[::-1].index("provider register")
        assert registered < commands.index("group create")
        assert result.count("provider register") == len(NEEDED)
        assert person.run("provision").count("provider register") == 0


def test_who_may_not_register_learns_who_may(people: Callable) -> None:
    persons = [with_group(person) for person in people("new", user=user("Owner"))]
    for person in persons:
        person.azure.change(unregistered_providers=["Microsoft.Web"])
    said = failure([person.run("provision") for person in persons])
    assert f"lacks the right Microsoft.Web/register/action on {SCOPE}" in said
    assert "az provider register --namespace Microsoft.Web" in said


# Names of others --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Microsoft.Storage/storageAccounts", "Microsoft.Web/sites"])
def test_a_name_that_somebody_else_has(people: Callable, kind: str) -> None:
    taken = {"Microsoft.Storage/storageAccounts": [], "Microsoft.Web/sites": []}
    persons = people("new", taken=taken | {kind: ["mine"]})
    variable = "APP_NAME" if kind.endswith("sites") else "STORAGE_ACCOUNT"
    said = failure([person.run("provision", **{variable: "mine"}) for person in persons])
    assert said.startswith("The name is taken: set APP_NAME or STORAGE_ACCOUNT in scripts/settings")
