"""Every place that writes a version agrees with the table, and no version is out of support."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from versions import PLACES, disagreements, support_warnings, unknown_versions

from tally import tell
from template import PROJECT_FOLDER, TEMPLATE, Template, tracked_files

VERSIONS = TEMPLATE.context["_versions"]
RUNTIMES = {name: facts for name, facts in VERSIONS.items() if isinstance(facts, dict)}


def test_every_place_agrees_with_the_table() -> None:
    assert list(disagreements(TEMPLATE, VERSIONS)) == []


def test_no_document_mentions_another_version() -> None:
    assert list(unknown_versions(TEMPLATE, VERSIONS)) == []


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_azure_runs_a_version_that_people_develop_with(runtime: str) -> None:
    facts = RUNTIMES[runtime]
    assert facts["azure"] in facts["development"]
    assert list(facts["end_of_support"]) == facts["development"]


def test_no_version_is_out_of_support(request: pytest.FixtureRequest) -> None:
    """A version that ends within six months is named at the end of the test run."""
    ended = []
    for has_ended, sentence in support_warnings(VERSIONS, date.today()):
        tell(request.config, f"versions: {sentence}")
        if has_ended:
            ended.append(sentence)
    assert ended == []


def test_support_ends_with_a_warning() -> None:
    table = {"python": {"end_of_support": {"3.13": "2029-10-31"}}, "azd": "1.25.0"}
    sentence = "python 3.13 is supported until 2029-10-31"
    assert list(support_warnings(table, date(2029, 4, 1))) == []
    assert list(support_warnings(table, date(2029, 6, 1))) == [(False, sentence)]
    assert list(support_warnings(table, date(2029, 10, 31))) == [(False, sentence)]
    assert list(support_warnings(table, date(2029, 11, 1))) == [(True, sentence)]


REPEATED = [name for name in VERSIONS if f"{{{name}" in PLACES]


def test_every_version_is_repeated_somewhere() -> None:
    assert set(VERSIONS) == set(REPEATED)


@pytest.mark.parametrize("name", REPEATED)
def test_a_change_of_the_table_alone_is_a_disagreement(name: str) -> None:
    facts = VERSIONS[name]
    other = facts | {"azure": "99"} if isinstance(facts, dict) else "99"
    found = list(disagreements(TEMPLATE, VERSIONS | {name: other}))
    assert found
    assert all("99" in sentence for sentence in found)


SEEDED = [
    ("_overlays/python/scripts/package.py", 'VERSION = "3.13"', 'VERSION = "3.12"'),
    ("_overlays/python/.github/workflows/ci.yml", '"3.13"', '"3.12"'),
    ("_overlays/csharp/global.json", "10.0.100", "9.0.100"),
    ("_overlays/typescript/src/package.json", '">=22"', '">=20"'),
    ("compose.yaml", "azurite:3.", "azurite:2."),
]


@pytest.mark.parametrize(("file", "old", "new"), SEEDED, ids=[file for file, _, _ in SEEDED])
def test_a_seeded_version_is_found(tmp_path: Path, file: str, old: str, new: str) -> None:
    template = _copy(tmp_path)
    path = template.project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")

    (found,) = disagreements(template, VERSIONS)
    assert found.startswith(f"{PROJECT_FOLDER}/{file}: ")


def test_a_version_in_a_new_place_is_found(tmp_path: Path) -> None:
    template = _copy(tmp_path)
    with (template.project / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("You need Python 3.9 and Node.js 16.\n")

    assert [found.rpartition(": ")[2] for found in unknown_versions(template, VERSIONS)] == [
        "Python 3.9 is not in the table of versions",
        "Node.js 16 is not in the table of versions",
    ]


def _copy(folder: Path) -> Template:
    """Return a copy of what git tracks, in a repository of its own."""
    copy = folder / "template"
    for name in tracked_files(TEMPLATE.root):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TEMPLATE.root / name, copy / name)
    for command in (["git", "init", "-q"], ["git", "add", "-A"]):
        subprocess.run(command, cwd=copy, check=True)
    return Template(copy)
