"""Operators with few rights: what works, and which right a message names.

A message is of use if the role that it asks for, at the scope that it names, is what was missing:
the tests grant just that, and run the script again.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery
from fakes.azure_resource_manager.state import SUBSCRIPTION, USER_NAME

from .support.checks import failure, same
from .support.operator import GROUP, SHELLS, Operator, copy_state, require_azure, tallied

tally = tallied("rights")
ROOT = f"/subscriptions/{SUBSCRIPTION}"
HERE = f"{ROOT}/resourceGroups/{GROUP}"
ADMINISTRATOR = "Role Based Access Control Administrator"
PROVIDERS = [
    *("Microsoft.DurableTask", "Microsoft.Insights", "Microsoft.ManagedIdentity"),
    *("Microsoft.OperationalInsights", "Microsoft.Storage", "Microsoft.Web"),
]


def user(*roles: tuple[str, str], guest: bool = False) -> dict[str, Any]:
    """Return an account that has these roles."""
    return {
        "name": USER_NAME,
        "type": "user",
        "guest": guest,
        "roles": [list(each) for each in roles],
    }


@pytest.fixture
def people(bakery: Bakery, tmp_path: Path, tally: Any) -> Callable[..., list[Operator]]:
    """Return a function that makes one operator for each shell, in a group that exists."""
    require_azure()

    def begin(account: dict[str, Any], group: bool = True, **changes: Any) -> list[Operator]:
        found = []
        for shell in SHELLS:
            person = Operator(bakery.bake().path, shell, tmp_path / shell, tally)
            if group:
                made = person.azure.az(
                    "group", "create", "--name", GROUP, "--location", "westeurope"
                )
                assert made.exit == 0, made.stderr
            person.azure.change(user=account, **{"unregistered_providers": []} | changes)
            found.append(person)
        return found

    return begin


def run(people: list[Operator], script: str = "provision") -> str:
    """Return the sentence with which a script ends in both shells."""
    return failure([person.run(script) for person in people])


def test_the_owner_of_one_group(people: Callable) -> None:
    """The group was created by somebody else, in another region; all providers are registered."""
    for person in people(user(("Owner", HERE))):
        result = person.succeed("provision")
        assert not {"provider register", "group create"} & {*result.commands}
        assert person.azure.resources()[GROUP]["location"] == "westeurope"


def test_a_new_subscription(people: Callable) -> None:
    """Nothing is registered: the owner of the subscription need not know."""
    for person in people(user(("Owner", ROOT)), group=False, unregistered_providers=PROVIDERS):
        result = person.succeed("provision")
        first = result.commands.index("group create")
        assert result.commands[:first].count("provider register") == len(PROVIDERS)
        assert person.azure.read()["unregistered_providers"] == []
        again = person.succeed("provision")
        assert "provider register" not in again.commands


def test_a_provider_that_is_not_registered(people: Callable) -> None:
    """The owner of one group cannot register it: that takes a right on the subscription."""
    operators = people(user(("Owner", HERE)), unregistered_providers=["Microsoft.Web"])
    said = run(operators)
    assert said == (
        "Your account may not do this: it lacks the right Microsoft.Web/register/action on"
        f" {ROOT}. Ask an Owner or Contributor of the subscription to run 'az provider register"
        " --namespace Microsoft.Web', then run this again."
    )
    for person in operators:
        assert [*person.azure.resources()] == [GROUP], "something was created before"


def test_a_group_that_does_not_exist(people: Callable) -> None:
    said = run(people(user(("Owner", HERE)), group=False))
    assert said == ""


def test_a_contributor_of_one_group(people: Callable) -> None:
    """Everything is created; the roles are missing, and who may assign them is named."""
    operators = people(user(("Contributor", HERE)))
    said = run(operators)
    assert said.startswith(
        "Your account may not do this: it lacks the right"
        f" Microsoft.Authorization/roleAssignments/write on {HERE}/providers/Microsoft.Storage/"
    )
    assert said.endswith(
        f"Ask for the role {ADMINISTRATOR} there or on the resource group, then run this again."
    )
    for person in operators:
        person.azure.change(user=user(("Contributor", HERE), (ADMINISTRATOR, HERE)))
        person.succeed("provision")
        assert len(person.azure.roles()) >= 4
        # Who has no such right can go on with what others have assigned.
        person.azure.change(user=user(("Contributor", HERE)))
        person.succeed("provision")


def test_a_reader(people: Callable) -> None:
    operators = people(user(("Reader", HERE)))
    assert run(operators) == (
        "Your account may not do this: it lacks the right Microsoft.Storage/storageAccounts/write on"
        f" {HERE}/providers/Microsoft.Storage/storageAccounts/{account_of(operators[0])}."
        " Ask for the role Contributor there or on the resource group, then run this again."
    )
    for person in operators:
        assert [*person.azure.resources()] == [GROUP]


def account_of(person: Operator) -> str:
    """Return the name of the storage account, which `provision` prints before it is there."""
    output = person.run("provision").stdout
    return output.split("storage ", 1)[1].split("\n")[0]


def test_a_guest_who_may_not_read_the_directory(people: Callable) -> None:
    result = same([person.run("provision") for person in people(user(("Owner", ROOT), guest=True))])
    assert (result.exit, result.stderr) == (
        0,
        "Azure does not tell who is signed in, so nobody was given access to the dashboard: assign"
        " the role Durable Task Data Contributor on the task hub to the people who need it.\n",
    )


@pytest.fixture(scope="module")
def provisioned(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory, tally: Any) -> Operator:
    require_azure("bash")
    operator = Operator(bakery.bake().path, "bash", tmp_path_factory.mktemp("provisioned"), tally)
    operator.succeed("provision")
    return operator


@pytest.mark.parametrize(
    ("script", "role", "right", "scope", "wanted"),
    [
        (
            "configure-identity",
            "Reader",
            "roleAssignments/write",
            "storageAccounts/",
            ADMINISTRATOR,
        ),
        ("deploy", "Reader", "Microsoft.Web/sites/", "/sites/order-workflow-", "Contributor"),
        ("teardown", "Reader", "taskHubs/delete", "/taskHubs/default.", "Contributor"),
        ("configure-github", "Reader", "userAssignedIdentities/write", "-deploy.", "Contributor"),
        (
            "configure-github",
            "Contributor",
            "roleAssignments/write",
            "/sites/order-",
            ADMINISTRATOR,
        ),
    ],
)
def test_each_script_names_the_right_that_is_missing(
    provisioned: Operator,
    tmp_path: Path,
    tally: Any,
    script: str,
    role: str,
    right: str,
    scope: str,
    wanted: str,
) -> None:
    require_azure()
    results = []
    for shell in SHELLS:
        person = Operator(provisioned.project, shell, tmp_path / shell, tally)
        copy_state(provisioned, person)
        changes = {"assignments": {}} if script == "configure-identity" else {}
        person.azure.change(user=user((role, HERE)), **changes)
        results.append(person.run(script, CONFIRM=GROUP, GITHUB_REPOSITORY="contoso/orders"))
    said = failure(results)
    assert said.startswith("Your account may not do this: it lacks the right Microsoft.")
    missing, remedy = said.split(" Ask for the role ")
    assert right in missing
    assert scope in missing
    assert remedy.startswith(f"{wanted} there or on the resource group")
