"""The stand-in understands command lines and prints results as Azure CLI 2.91 does."""

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from .commands import load_table, parse
from .conftest import Azure
from .errors import NotSimulated, UsageError
from .output import render
from .shorthand import parse_value

TABLE = load_table()
CREATE = "durabletask scheduler create -g rg -n dts"


@pytest.mark.parametrize("command", TABLE["commands"])
def test_each_command_of_the_table_has_a_parser(command: str) -> None:
    required = [
        f"{facts['o'][0]}={facts.get('c', ['1'])[0]}" if facts["o"] else "a=b"
        for facts in TABLE["commands"][command]["a"].values()
        if (facts.get("r") or facts.get("rid")) and facts.get("n") != 0
    ]
    parameters = parse(command, required, TABLE)
    assert parameters["output"] == "json"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("group creat -n rg", "'creat' is misspelled or not recognized by the system."),
        ("functionap show", "'functionap' is misspelled or not recognized by the system."),
        ("group", "the following arguments are required: _subcommand"),
        ("group create -n rg", "the following arguments are required: --location/-l"),
        ("group show -n rg --colour red", "unrecognized arguments: --colour red"),
        ("group show -n", "argument --name/--resource-group/-g/-n: expected one argument"),
        (
            "group show -n rg -o xml",
            "az group show: 'xml' is not a valid value for '--output'. Allowed values: json, "
            "jsonc, yaml, yamlc, table, tsv, none.",
        ),
        (
            f"{CREATE} --sku dedicated",
            "ambiguous option: --sku could match --sku-capacity, --sku-name",
        ),
        (f"{CREATE} --sku-capacity 1,", "argument --sku-capacity: invalid int value: '1,'"),
        (f"{CREATE} --ip-allow-list 0.0.0.0/0", "unrecognized arguments: --ip-allow-list"),
        (f"{CREATE} --ip-allowlist", "argument --ip-allowlist: expected at least one argument"),
        ("appservice plan create -g rg -n p --sku EP1", "az appservice plan create: 'EP1' is not"),
        ("functionapp create -g rg -n a -s st --functions-version 3", "az functionapp create: '3'"),
        ("functionapp create -g rg -n a -s st --virtual-network-subnet-id x", "unrecognized"),
        ("storage account create -g rg -n st --default-to-oauth-authentication", "unrecognized"),
        ("durabletask namespace create -g rg -n x", "'namespace' is misspelled or not recognized"),
        ("durabletask scheduler --resource-group rg -n x", "the following arguments are required"),
        ("group show -n rg --query 'a['", "argument --query: invalid jmespath_type value: 'a['"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(group: Azure, line: str, message: str) -> None:
    exit_code, error = group.refused(line)
    assert exit_code == UsageError.exit_code
    assert error.startswith(message)


def test_a_misspelled_word_gets_a_suggestion(azure: Azure) -> None:
    assert azure("group creat").error.splitlines()[1] == "Did you mean 'create' ?"


@pytest.mark.parametrize("extension", ["durabletask", "application-insights"])
def test_a_command_of_an_extension_is_unknown_without_it(azure: Azure, extension: str) -> None:
    azure.subscription.data["extensions"].pop(extension)
    line = {
        "durabletask": "durabletask scheduler list",
        "application-insights": "monitor app-insights component show -g rg",
    }[extension]
    exit_code, error = azure.refused(line)
    assert exit_code == UsageError.exit_code
    assert "is misspelled or not recognized by the system." in error
    azure.ok(f"extension add --name {extension} --upgrade --only-show-errors")
    assert azure(line).exit_code != UsageError.exit_code


@pytest.mark.parametrize(
    "line", ["keyvault create -g rg", "webapp log tail -g rg -n x", "functionapp list-runtimes"]
)
def test_a_real_command_without_behaviour_fails_loudly(group: Azure, line: str) -> None:
    exit_code, error = group.refused(line)
    assert exit_code == NotSimulated.exit_code
    assert error.startswith(f"az {line.split(' -g')[0]} is real")


def test_options_may_be_shortened_to_a_unique_prefix(azure: Azure) -> None:
    assert azure.ok("group create --resource rg --loc centralus --out tsv --query name") == "rg"


def test_options_and_values_may_be_joined(azure: Azure) -> None:
    azure.ok("group create --name=rg --location=centralus")
    assert azure.ok("group show -nrg --query name -otsv") == "rg"


def test_choices_take_the_spelling_of_the_table(azure: Azure) -> None:
    parameters = parse(
        CREATE[: CREATE.index(" -g")], ["-g", "a", "-n", "b", "--sku-name", "dedicated"], TABLE
    )
    assert parameters["sku_name"] == "Dedicated"


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        ("0.0.0.0/0", ["0.0.0.0/0"]),
        ("0.0.0.0/0 10.0.0.0/8", ["0.0.0.0/0", "10.0.0.0/8"]),
        ("0.0.0.0/0 --ip-allowlist 10.0.0.0/8", ["0.0.0.0/0", "10.0.0.0/8"]),
        ("""'["0.0.0.0/0"]'""", ["0.0.0.0/0"]),
        ("[0.0.0.0/0]", ["0.0.0.0/0"]),
        ("'[10.0.0.1, 10.0.0.2]'", ["10.0.0.1", "10.0.0.2"]),
        ("[]", []),
    ],
)
def test_lists_have_four_forms(group: Azure, values: str, allowed: list[str]) -> None:
    group.ok(f"{CREATE} --sku-name Consumption --ip-allowlist {values}")
    line = "durabletask scheduler show -g rg -n dts --query properties.ipAllowlist"
    assert json.loads(group.ok(line)) == allowed


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("a=b c=d", {"a": "b", "c": "d"}),
        ("'{a:b,c:d}'", {"a": "b", "c": "d"}),
        ("a=b=c", {"a": "b=c"}),
    ],
)
def test_dictionaries_have_two_forms(group: Azure, tags: str, expected: dict[str, str]) -> None:
    line = f"identity create -g rg -n id-x --tags {tags} --query tags"
    assert json.loads(group.ok(line)) == expected


@pytest.mark.parametrize("text", ["[a", "{a}", "[a]b", "{a:b", "[,]"])
def test_broken_shorthand_is_refused(group: Azure, text: str) -> None:
    exit_code, error = group.refused(f"{CREATE} --sku-name Consumption --ip-allowlist '{text}'")
    assert (exit_code, error.split(":")[0]) == (1, "Failed to parse '--ip-allowlist' argument")


def nested(leaves: st.SearchStrategy) -> st.SearchStrategy:
    """Return a strategy for lists and dictionaries of all depths."""
    keys = st.text("xyz", min_size=1)
    return st.recursive(leaves, lambda each: st.lists(each) | st.dictionaries(keys, each))


@given(nested(st.text("abc", min_size=1)))
def test_shorthand_reads_what_it_means(value: object) -> None:
    def written(part: object) -> str:
        if isinstance(part, dict):
            return "{" + ", ".join(f"{key}: {written(each)}" for key, each in part.items()) + "}"
        return "[" + ",".join(map(written, part)) + "]" if isinstance(part, list) else str(part)

    assert parse_value(written(value)) == value


def test_names_may_come_from_ids(group: Azure) -> None:
    group.ok(f"{CREATE} --sku-name Consumption --ip-allowlist 0.0.0.0/0")
    hub = group.ok("durabletask taskhub create -g rg -s dts -n hub --query id -o tsv")
    assert group.ok(f"durabletask taskhub show --ids {hub} --query name -o tsv") == "hub"
    names = group.ok(f"durabletask taskhub show --ids {hub} {hub} --query '[].name' -o tsv")
    assert names.split() == ["hub", "hub"]
    assert group.refused("durabletask taskhub show -g rg -s dts") == (
        1,
        "(--name | --ids) are required",
    )
    assert group.refused("durabletask taskhub show --ids hub") == (1, "invalid resource ID: hub")


def test_settings_keep_equals_signs_and_semicolons(ready: Azure) -> None:
    ready.ok("functionapp plan create -g rg -n p --sku B1 --is-linux")
    ready.ok("functionapp create -g rg -n app -p p -s stshop --runtime python")
    settings = """'A=x=1;y=2' '{"B": "c"}'"""
    ready.ok(f"functionapp config appsettings set -g rg -n app --settings {settings}")
    listed = json.loads(ready.ok("functionapp config appsettings list -g rg -n app"))
    found = {each["name"]: each["value"] for each in listed}
    assert (found["A"], found["B"]) == ("x=1;y=2", "c")


def test_nothing_is_printed_for_an_empty_query(group: Azure) -> None:
    outcome = group("group show -n rg --query propertes.id -o tsv")
    assert (outcome.exit_code, outcome.output) == (0, "")
    assert [finding["kind"] for finding in outcome.call.findings] == ["empty-query"]


def test_an_empty_list_is_an_answer(group: Azure) -> None:
    assert group.findings("role assignment list --all --query '[0].id' -o tsv") == []


@pytest.mark.parametrize("query", ["name", "properties.provisioningState", "name.x", "tags.a"])
def test_simple_queries_are_those_of_jmespath(group: Azure, query: str) -> None:
    simple = group.ok(f"group show -n rg --query {query}")
    assert group.ok(f"group show -n rg --query '({query})'") == simple


def test_missing_values_in_a_row_are_printed_as_none(group: Azure) -> None:
    assert group.ok("group show -n rg --query '[name, nothing]' -o tsv") == "rg\nNone"
    assert group.ok("group show -n rg --query '[[name, nothing]]' -o tsv") == "rg\tNone"


RESULT = {"b": [{"x": None, "y": "a: b"}, {}], "a": True, "c": {"d": [1, "no"]}, "e": ""}


@pytest.mark.parametrize("form", ["yaml", "yamlc"])
def test_yaml_reads_as_the_result(form: str) -> None:
    assert yaml.safe_load(render(RESULT, form)) == RESULT


PRINTABLE = st.text(st.characters(exclude_categories=["C"]))


@given(nested(st.none() | st.booleans() | st.integers() | PRINTABLE))
def test_json_and_yaml_read_as_any_result(value: object) -> None:
    if value is not None:
        assert json.loads(render(value, "json")) == value
        assert yaml.safe_load(render(value, "yaml")) == value


@pytest.mark.parametrize(
    ("result", "form", "text"),
    [
        ({"b": 1, "a": True, "c": [1, 2]}, "tsv", "True\t1\t2\n"),
        (["x", "y"], "tsv", "x\ny\n"),
        (True, "tsv", "true\n"),
        ([], "tsv", ""),
        ("", "tsv", "\n"),
        ([{"name": "x", "id": 1, "deep": {}}], "table", "Name\n------\nx\n"),
        ([], "table", "\n"),
        (["x"], "table", "Result\n--------\nx\n"),
        ([["x", 1]], "table", "Column1    Column2\n---------  ---------\nx          1\n"),
        ({"b": 1, "a": None}, "json", '{\n  "a": null,\n  "b": 1\n}\n'),
        (False, "json", "false\n"),
        ({"a": 1}, "none", ""),
        (None, "json", ""),
    ],
)
def test_each_format(result: object, form: str, text: str) -> None:
    assert render(result, form) == text


def test_the_version_is_printed(azure: Azure) -> None:
    assert azure.ok("version --query '\"azure-cli\"' -o tsv") == "2.91.0"
    assert yaml.safe_load(azure.ok("--version"))["azure-cli"] == "2.91.0"


def test_only_show_errors_hides_warnings(azure: Azure) -> None:
    warned = azure("extension add --name durabletask")
    assert re.match("Extension 'durabletask' .* is already installed.", warned.call.warnings[0])
    assert warned.call["only_show_errors"] is False
